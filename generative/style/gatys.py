"""Painting a picture by optimising its pixels: the content of one image in the style of others.

L. A. Gatys, A. S. Ecker and M. Bethge, "Image style transfer using convolutional neural networks",
CVPR 2016: starting from the content, descend on

    content_weight * content + style_weight * style + variation_weight * variation

Departures: from coarse to fine, because long strokes take shape where the network sees all of them
(L. A. Gatys et al., "Controlling perceptual factors in neural style transfer", CVPR 2017, sec. 6);
terms are normalised, see ``losses``; the image is clamped to [0, 1] at the end of each size.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor

from etude.foundations.names import check_name
from etude.generative.images import resize, resize_to
from etude.generative.style.colours import (
    luminance,
    match_colours,
    match_luminance,
    with_colours_of,
)
from etude.generative.style.descent import LBFGS_HISTORY, ImageDescent, Loss, Method
from etude.generative.style.losses import (
    LayerWeights,
    LossTerms,
    Objective,
    Style,
    style_targets,
)
from etude.generative.style.painting import (
    Checkpoint,
    Level,
    OnStep,
    Painting,
    Request,
    Step,
)
from etude.generative.style.protocol import Encoder, check_layers
from etude.generative.style.tiled_objective import TiledObjective
from etude.generative.style.tiles import tiling_within

Image = Float[Tensor, "1 3 h w"]
Colours = Literal["style", "match", "luminance"]
Start = Literal["content", "noise", "style"]
MINIMUM_SIDE: Final = 16  # below this nothing is left to look at in the deeper layers
COARSEST_SIZE: Final = 128
THOROUGH_SIZE: Final = 512  # above, the strokes are there and only become sharper
LEAST_EVALUATIONS: Final = 10
LEAST_HISTORY: Final = 3  # steps, without which L-BFGS is of no use
FEATURES_SHARE: Final = 0.75  # of the memory; the rest is the optimiser's
GIGABYTE: Final = 1e9


@dataclass(frozen=True, kw_only=True)
class GatysSettings:
    """How to paint.

    Raises:
        ValueError: a number out of its range, or an unknown name.
    """

    size: int = 512
    """Longer side of the result in pixels."""
    evaluations: int = 50
    """How often the loss is evaluated at each size, from 128 pixels to 512; half as often at each
    double size above, at least 10 times. 25 keeps more of the photo, 120 less."""
    content_weight: float = 1.0
    """How much the content counts."""
    style_weight: float = 50.0
    """How much the style counts; 10 is gentle, 200 is bold."""
    variation_weight: float = 10.0
    """How much smoothness counts; 1 leaves grain, 100 is hazy."""
    style_scale: float = 1.0
    """Longer side of the style images, in longer sides of the result: 0.5 for finer strokes."""
    start: Start = "content"
    """The image to begin with."""
    colours: Colours = "style"
    """"style": those of the style; "match": the style gets the content's first; "luminance": only
    brightness is painted, the content keeps its colours."""
    method: Method = "lbfgs"
    """The optimiser."""
    seed: int = 0
    """Of the noise to begin with."""
    memory_limit: float = 4.0
    """Gigabytes for the features and the optimiser; images that need more are looked at in tiles,
    which takes longer."""

    def __post_init__(self) -> None:
        for name in ("content_weight", "style_weight", "variation_weight"):
            if not 0.0 <= getattr(self, name) < math.inf:
                raise ValueError(
                    f"{name} is at least 0, got {getattr(self, name)}; 0 leaves the term out."
                )
        _check_positive("style_scale", self.style_scale)
        _check_positive("evaluations", self.evaluations)
        _check_positive("memory_limit", self.memory_limit)
        if self.size < MINIMUM_SIDE:
            raise ValueError(
                f"size is at least {MINIMUM_SIDE} pixels, got {self.size}; for example 512."
            )
        check_name("a start", self.start, get_args(Start))
        check_name("a treatment of colours", self.colours, get_args(Colours))
        check_name("a method", self.method, get_args(Method))


@dataclass(frozen=True)
class StyleResult:
    """A painting.

    Args:
        image: RGB in [0, 1], the longer side as long as asked for.
        history: all evaluations in order.
        stopped: why it ended early ("interrupted", "the loss was no longer finite"); else "".
    """

    image: Image
    history: tuple[Step, ...]
    stopped: str = ""


def stylize(
    content: Image,
    styles: Sequence[Style],
    encoder: Encoder,
    layers: LayerWeights,
    settings: GatysSettings | None = None,
    on_step: OnStep | None = None,
    start_image: Image | None = None,
    checkpoint: Path | None = None,
) -> StyleResult:
    """Paint the content in the styles.

    Ctrl-C and numbers that overflow end the work; the best image until then is the result.

    Args:
        content: RGB in [0, 1].
        styles: at least one.
        encoder: looks at the images; it returns at least the ``layers``.
        layers: see ``encoders.LAYER_WEIGHTS``.
        settings: how.
        on_step: called after each evaluation with its numbers and the image at that size; with
            ``colours="luminance"`` it is still grey.
        start_image: a painting of the content to begin with instead, such as a trained network's;
            only the full size is painted then, see ``schedule``.
        checkpoint: a file in which the painting is kept. If it is there, the same call goes on from
            it, and ends in the same picture. Who calls deletes it once the picture is safe.

    Raises:
        ValueError: no style, a weight that is not more than 0, an empty mask, values outside
            [0, 1], a picture that is too narrow, a layer that the encoder does not return, too
            little memory, or a checkpoint that is broken or of another painting.
    """
    settings = settings or GatysSettings()
    check_styles(styles)
    check_layers(layers.layers, encoder.layers, encoder.name)
    content = resize(check_image("content", content), settings.size)
    height, width = content.shape[-2:]
    plan = schedule(settings, height, width, start_image is not None)
    _check_side("content", content, min(plan))
    for style in styles:
        _check_side("style", style.image, round(settings.style_scale * min(plan)))
    painted, coloured = in_colours(content, styles, settings.colours)
    first = _first_image(painted, coloured, settings, start_image)

    def open_level(size: int, evaluations: int, image: Image) -> Level:
        objective = _objective_at(size, painted, coloured, encoder, layers, settings)
        start = resize_to(image, *objective.content_size)
        remembered = _history_size(start.numel(), settings.memory_limit)

        def terms(image: Tensor) -> tuple[Tensor, ...]:
            parts = objective(image)
            return weighted_sum(parts, settings), *parts

        def descent(loss: Loss) -> ImageDescent:
            return ImageDescent(loss, start, settings.method, remembered)

        return Level(size, evaluations, terms, descent)

    painting = Painting(first, plan, open_level, on_step)
    file = Checkpoint(checkpoint, _request(content, styles, encoder, settings, first), painting)
    file.load()
    stopped = painting.run(file.save)
    if not stopped:
        file.save()
    image = resize_to(painting.best, height, width)
    if settings.colours == "luminance":
        image = with_colours_of(image, content)
    return StyleResult(image, tuple(painting.history), stopped)


def schedule(
    settings: GatysSettings, height: int, width: int, is_started: bool = False
) -> dict[int, int]:
    """How often the loss is evaluated at each longer side, from coarse to fine.

    Each size is half of the next, the first about 128 pixels. Sizes at which the shorter side would
    be too short to look at are left out. With an image to begin with, the strokes are there
    already: only the full size is painted, in half of the evaluations.

    Args:
        settings: how to paint.
        height: of the content, in any unit.
        width: of the content, in the same unit.
        is_started: whether there is a painting to begin with.

    >>> schedule(GatysSettings(size=512), 768, 1024), schedule(GatysSettings(size=600), 60, 600)
    ({128: 50, 256: 50, 512: 50}, {300: 50, 600: 43})
    """

    def evaluations(size: int, share: float = 1.0) -> int:
        wanted = round(settings.evaluations * min(1.0, THOROUGH_SIZE / size) * share)
        return max(wanted, min(settings.evaluations, LEAST_EVALUATIONS))

    if is_started:
        return {settings.size: evaluations(settings.size, 0.5)}
    num_halvings = max(round(math.log2(settings.size / COARSEST_SIZE)), 0)
    sizes = [round(settings.size / 2**i) for i in range(num_halvings, -1, -1)]
    aspect = min(height, width) / max(height, width)
    sizes = [size for size in sizes if size * aspect >= MINIMUM_SIDE] or [settings.size]
    return {size: evaluations(size) for size in sizes}


def check_styles(styles: Sequence[Style]) -> None:
    """Check what style images, weights and masks can get wrong.

    Raises:
        ValueError: no style, a weight that is not more than 0, an empty mask, or values outside
            [0, 1].
    """
    if not styles:
        raise ValueError("painting needs at least one style, got none; give an image.")
    for style in styles:
        check_image("style", style.image)
        _check_positive("the weight of a style", style.weight)
        if style.mask is not None and not style.mask.any():
            raise ValueError("a mask is above 0 somewhere, got an empty one; leave out its style.")


def check_image(what: str, image: Image) -> Image:
    """The image, if its values are what they should be.

    Raises:
        ValueError: values outside [0, 1], or no numbers.
    """
    low, high = image.min().item(), image.max().item()
    if not (low >= 0.0 and high <= 1.0):  # false for values that are no numbers, too
        raise ValueError(
            f"values of the {what} image lie in [0, 1], got {low} to {high}; divide by 255 perhaps."
        )
    return image


def weighted_sum(terms: LossTerms, settings: GatysSettings) -> Tensor:
    """What is minimised."""
    return (
        settings.content_weight * terms.content
        + settings.style_weight * terms.style
        + settings.variation_weight * terms.variation
    )


def in_colours(
    content: Image, styles: Sequence[Style], colours: Colours
) -> tuple[Image, Sequence[Style]]:
    """Content and styles with the colours that they are painted in, see ``GatysSettings``."""
    if colours == "match":
        matched = [one._replace(image=match_colours(one.image, content)) for one in styles]
        return content, matched
    if colours == "luminance":
        grey = [one._replace(image=match_luminance(one.image, content)) for one in styles]
        return luminance(content), grey
    return content, styles


def _request(
    content: Image,
    styles: Sequence[Style],
    encoder: Encoder,
    settings: GatysSettings,
    first: Image,
) -> Request:
    """What a checkpoint belongs to."""
    asked = asdict(settings) | {
        "encoder": encoder.name,
        "style weights": [style.weight for style in styles],
    }
    masks = [style.mask for style in styles if style.mask is not None]
    return Request(asked, [content, first, *(style.image for style in styles), *masks])


def _objective_at(
    size: int,
    content: Image,
    styles: Sequence[Style],
    encoder: Encoder,
    layers: LayerWeights,
    settings: GatysSettings,
) -> Objective | TiledObjective:
    style_size = round(settings.style_scale * size)
    scaled = [style._replace(image=resize(style.image, style_size)) for style in styles]
    content = resize(content, size)
    most = max(image.shape[-2] * image.shape[-1] for image in (content, *(s.image for s in scaled)))
    limit = FEATURES_SHARE * settings.memory_limit * GIGABYTE
    tiling = tiling_within(encoder, most, limit)
    targets = style_targets(encoder, scaled, layers.style, tiling)
    if tiling is None:
        return Objective(encoder, layers, content, targets)
    return TiledObjective(encoder, layers, content, targets, tiling)


def _history_size(num_values: int, memory_limit: float) -> int:
    """How many steps the optimiser may remember.

    Raises:
        ValueError: too few to be of use.
    """
    bytes_each = 2 * 4 * num_values  # a step and a change of the gradient, in float32
    fits = int((1.0 - FEATURES_SHARE) * memory_limit * GIGABYTE / bytes_each)
    if fits < LEAST_HISTORY:
        needed = LEAST_HISTORY * bytes_each / ((1.0 - FEATURES_SHARE) * GIGABYTE)
        raise ValueError(
            f"memory_limit is at least {needed:.2f} GB for an image of {num_values // 3:,} pixels, "
            f"got {memory_limit}; raise it or choose a smaller size."
        )
    return min(fits, LBFGS_HISTORY)


def _first_image(
    content: Image, styles: Sequence[Style], settings: GatysSettings, start_image: Image | None
) -> Image:
    if start_image is not None:
        image = resize_to(check_image("start", start_image), *content.shape[-2:])
        return luminance(image) if settings.colours == "luminance" else image
    if settings.start == "content":
        return content
    if settings.start == "style":
        return resize_to(styles[0].image, *content.shape[-2:])
    torch_rng = torch.Generator().manual_seed(settings.seed)
    return torch.rand(content.shape, generator=torch_rng).to(content)


def _check_side(what: str, image: Image, size: int) -> None:
    """Check that enough is left of an image at the coarsest size."""
    shorter = size * min(image.shape[-2:]) / max(image.shape[-2:])
    if shorter < MINIMUM_SIDE:
        height, width = image.shape[-2:]
        raise ValueError(
            f"the shorter side of the {what} has at least {MINIMUM_SIDE} pixels where the longer "
            f"has {size}, got {width} x {height}; crop it or choose a larger size."
        )


def _check_positive(name: str, value: float) -> None:
    if not 0.0 < value < math.inf:
        raise ValueError(f"{name} is more than 0, got {value}; for example 1.")
