"""How good an image or a clip is, in numbers from any encoder.

Give these an encoder that the method did not optimise: a method reaches low distances under its own
one by any means. All are 0 for a perfect result, but for the similarity, which is 1. Distances are
means over the layers of the features, which say what is measured: those for content lie deeper.
"""

from collections.abc import Collection, Mapping
from typing import Final, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from etude.generative.style.losses import content_loss, style_loss
from etude.generative.style.statistics import mean_gram
from etude.generative.warping import warp

Features = Mapping[str, Tensor]
Scalar = Float[Tensor, ""]
LUMA: Final = (65.481, 128.553, 24.966)  # of red, green and blue
LUMA_OFFSET: Final = 16.0
LUMA_PEAK: Final = 255.0  # what the papers take, though white has 235
SHAVED_PIXELS: Final = 4


@runtime_checkable
class FeatureExtractor(Protocol):
    """RGB images in [0, 1] to features, by the name of the layer; every ``Encoder`` is one."""

    def __call__(self, images: Float[Tensor, "n 3 h w"]) -> dict[str, Float[Tensor, "n _c _h _w"]]:
        """The features."""
        ...


def structural_similarity(
    images: Float[Tensor, "n 3 h w"], references: Float[Tensor, "n 3 h w"]
) -> Scalar:
    """SSIM of images in [0, 1], at most 1: the mean over windows of 11 pixels, channels and images.

    Z. Wang, A. C. Bovik, H. R. Sheikh and E. P. Simoncelli, "Image quality assessment: from error
    visibility to structural similarity", IEEE Transactions on Image Processing 13(4), 2004.

    Raises:
        ValueError: images smaller than a window.
    """
    if min(images.shape[2:]) < 11:
        h, w = images.shape[2:]
        raise ValueError(
            f"the similarity needs sides of at least 11 pixels, got {h} x {w}; enlarge both images."
        )
    return _similarity(images, references, 1.0)


def _similarity(
    images: Float[Tensor, "n c h w"], references: Float[Tensor, "n c h w"], peak: float
) -> Scalar:
    # a second to import, which whoever compares features need not wait
    from torchmetrics.functional.image import structural_similarity_index_measure

    similarity = structural_similarity_index_measure(images, references, data_range=peak)
    assert isinstance(similarity, Tensor)  # a pair if the full map were asked for
    return similarity


def luma(images: Float[Tensor, "n 3 h w"]) -> Float[Tensor, "n 1 h w"]:
    """ITU-R BT.601's Y of RGB in [0, 1]: 16 is black and 235 white, as MATLAB's rgb2ycbcr gives.

    >>> luma(torch.ones(1, 3, 1, 1)).item()
    235.0
    """
    weights = images.new_tensor(LUMA).view(1, 3, 1, 1)
    return LUMA_OFFSET + (weights * images).sum(dim=1, keepdim=True)


def luma_peak_signal_to_noise_ratio(
    images: Float[Tensor, "n 3 h w"],
    references: Float[Tensor, "n 3 h w"],
    border: int = SHAVED_PIXELS,
) -> Scalar:
    """PSNR in decibels on Y, without the borders, the mean over the images; infinite for a copy.

    10 log10(255^2 / mean((Y - Y')^2)), of values that are not rounded, as in super-resolution: C.
    Ledig et al., "Photo-realistic single image super-resolution using a generative adversarial
    network", CVPR 2017, sec. 3.1. Papers round images to 8 bits first; so does who saves them.

    Args:
        images: RGB in [0, 1].
        references: what should be on them.
        border: pixels cut off at each side; 4 for a scale of 4.

    Raises:
        ValueError: a border below 0, or one that leaves nothing.
    """
    from torchmetrics.functional.image import peak_signal_noise_ratio

    ratio = peak_signal_noise_ratio(
        _shaved(luma(images), border, 1),
        _shaved(luma(references), border, 1),
        data_range=LUMA_PEAK,
        reduction="elementwise_mean",
        dim=(1, 2, 3),
    )
    assert isinstance(ratio, Tensor)
    return ratio


def luma_structural_similarity(
    images: Float[Tensor, "n 3 h w"],
    references: Float[Tensor, "n 3 h w"],
    border: int = SHAVED_PIXELS,
) -> Scalar:
    """SSIM on Y, without the borders; see ``structural_similarity`` and the ratio above.

    Args:
        images: RGB in [0, 1].
        references: what should be on them.
        border: pixels cut off at each side; 4 for a scale of 4.

    Raises:
        ValueError: a border below 0, or one that leaves less than a window of 11 pixels.
    """
    ours, theirs = (_shaved(luma(those), border, 11) for those in (images, references))
    return _similarity(ours, theirs, LUMA_PEAK)


def content_distance(
    extract: FeatureExtractor,
    images: Float[Tensor, "n 3 h w"],
    contents: Float[Tensor, "n 3 h w"],
    layers: Collection[str] | None = None,
) -> Scalar:
    """mean((F - P)^2) / var(P), the mean over the layers; about 2 for unrelated images.

    Args:
        extract: an encoder.
        images: RGB in [0, 1].
        contents: what should be on them.
        layers: those that count; all that the encoder returns if left out.
    """
    return content_distance_of(extract(images), extract(contents), layers)


def content_distance_of(
    features: Features, targets: Features, layers: Collection[str] | None = None
) -> Scalar:
    """See ``content_distance``; of features, so that none has to be computed twice."""
    terms = [content_loss(features[layer], targets[layer]) for layer in layers or targets]
    return torch.stack(terms).mean()


def style_distance(
    extract: FeatureExtractor,
    images: Float[Tensor, "n 3 h w"],
    styles: Float[Tensor, "n 3 style_h style_w"],
    layers: Collection[str] | None = None,
) -> Scalar:
    """mean((G - A)^2) / mean(A^2) of Gram matrices, the mean over the layers; sizes may differ.

    Args:
        extract: an encoder.
        images: RGB in [0, 1].
        styles: what they should look like.
        layers: those that count; all that the encoder returns if left out.
    """
    return style_distance_of(extract(images), extract(styles), layers)


def style_distance_of(
    features: Features, targets: Features, layers: Collection[str] | None = None
) -> Scalar:
    """See ``style_distance``; of features."""
    terms = [
        style_loss(mean_gram(features[layer]), mean_gram(targets[layer]))
        for layer in layers or targets
    ]
    return torch.stack(terms).mean()


def frechet_distance(
    mean: Float[Tensor, " c"],
    covariance: Float[Tensor, "c c"],
    other_mean: Float[Tensor, " c"],
    other_covariance: Float[Tensor, "c c"],
) -> Scalar:
    """|m - m'|^2 + tr(S + S' - 2 (S S')^(1/2)), between two Gaussians.

    D. C. Dowson and B. V. Landau, "The Frechet distance between multivariate normal distributions",
    Journal of Multivariate Analysis 12(3), 1982. The root's trace is the sum of the roots of the
    eigenvalues of S^(1/2) S' S^(1/2), which is symmetric.
    """
    values, vectors = torch.linalg.eigh(covariance)
    root = (vectors * values.clamp_min(0.0).sqrt()) @ vectors.T
    product: Tensor = torch.linalg.eigvalsh(root @ other_covariance @ root)
    trace = covariance.trace() + other_covariance.trace()
    distance = (mean - other_mean).square().sum() + trace
    return (distance - 2.0 * product.clamp_min(0.0).sqrt().sum()).clamp_min(0.0)


def frechet_style_distance(
    extract: FeatureExtractor,
    images: Float[Tensor, "n 3 h w"],
    styles: Float[Tensor, "m 3 style_h style_w"],
    layers: Collection[str] | None = None,
) -> Scalar:
    """The Frechet distance of features over all positions, relative to the styles' mean square.

    Each position of each image is a sample, as in the single image distance of T. R. Shaham, T.
    Dekel and T. Michaeli, "SinGAN", ICCV 2019. Departures: any encoder, the mean over its layers,
    and each divided by E|f|^2 of the styles, so that layers compare.

    Args:
        extract: an encoder.
        images: RGB in [0, 1].
        styles: what they should look like.
        layers: those that count; all that the encoder returns if left out.
    """
    return frechet_style_distance_of(extract(images), extract(styles), layers)


def frechet_style_distance_of(
    features: Features, targets: Features, layers: Collection[str] | None = None
) -> Scalar:
    """See ``frechet_style_distance``; of features."""
    terms = []
    for layer in layers or targets:
        mean, covariance = _moments(targets[layer])
        scale = (mean.square().sum() + covariance.trace()).clamp_min(1e-12)
        terms.append(frechet_distance(*_moments(features[layer]), mean, covariance) / scale)
    return torch.stack(terms).mean().to(features[next(iter(layers or targets))].dtype)


def warping_error(
    current: Float[Tensor, "n c h w"],
    previous: Float[Tensor, "n c h w"],
    flow: Float[Tensor, "n 2 h w"],
    visible: Float[Tensor, "n 1 h w"],
) -> Scalar:
    """The flicker of a clip: mean squared change along the motion, where it can be followed.

    W.-S. Lai et al., "Learning blind video temporal consistency", ECCV 2018, eq. 9. It cannot see
    what just came into view: score those pixels by ``style_distance``.

    Args:
        current: frames in [0, 1].
        previous: the frames before them.
        flow: from each pixel of a current frame to where it was, in pixels: right, then down.
        visible: 1 where it was in view, 0 where it was not.
    """
    change = (current - warp(previous, flow)).square() * visible
    return change.sum() / (visible.sum() * current.shape[1]).clamp_min(1.0)


def _shaved(
    images: Float[Tensor, "n c h w"], border: int, least: int
) -> Float[Tensor, "n c _h _w"]:
    """Without the border; what is left has sides of at least so many pixels."""
    h, w = images.shape[2:]
    if border < 0 or min(h, w) < 2 * border + least:
        raise ValueError(
            f"a border of 0 pixels or more leaves sides of at least {least}, got {border} of "
            f"{h} x {w}; cut off less."
        )
    return images[..., border : h - border, border : w - border]


def _moments(
    features: Float[Tensor, "n c h w"],
) -> tuple[Float[Tensor, " c"], Float[Tensor, "c c"]]:
    """Mean and covariance over all positions of all images, in float64."""
    samples = features.double().transpose(0, 1).flatten(1)  # (c, n*h*w)
    return samples.mean(dim=1), samples.cov(correction=0).reshape(2 * (len(samples),))
