"""Projection: which w does a generator need to show a given picture?

T. Karras et al., "Analyzing and improving the image quality of StyleGAN", CVPR 2020, appendix D:
from the average w, Adam descends the distance between the image and the picture. At first w is
moved by noise, less and less, so that it finds its way over small hills. One w for all layers is
the paper's; one for each (R. Abdal, Y. Qin and P. Wonka, "Image2StyleGAN", ICCV 2019) comes nearer
to any picture, and less to what the generator has learned.

Departures: it begins at the best of many random w; the distance is that of pixels at all scales,
and of an encoder's features if there is one; noise images stay as they are.
"""

import math
from dataclasses import dataclass
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from etude.generative.feature_extractors import in_colour
from etude.generative.gan.adversarial import uniform_latents
from etude.generative.gan.stylegan import StyleGANGenerator
from etude.generative.metrics import FeatureExtractor, content_distance

NUM_STARTS: Final = 512  # random w that the best is chosen of
STARTS_AT_ONCE: Final = 16
NOISE: Final = 0.05  # of w at first, relative to its deviation, as in the paper's code
NOISY_SHARE: Final = 0.75  # of the steps, appendix D
RISING_SHARE: Final = 0.05  # of the steps, in which the learning rate rises
FALLING_SHARE: Final = 0.25  # in which it falls
ENCODER_SIZE: Final = 64  # pixels a side, at least, that an encoder looks at
Image = Float[Tensor, "1 c h w"]


@dataclass(frozen=True, kw_only=True)
class ProjectionSettings:
    """How to look for w.

    Raises:
        ValueError: a number out of its range.
    """

    steps: int = 300
    """Of Adam; the paper takes 1000."""
    learning_rate: float = 0.1
    """The highest, relative to the deviation of w; the paper's."""
    each_layer: bool = False
    """A w for each layer instead of one for all."""
    feature_weight: float = 0.1
    """How much an encoder's features count beside pixels."""
    seed: int = 0
    """Of the random w and the noise."""

    def __post_init__(self) -> None:
        for name, least in (("steps", 1), ("seed", 0), ("feature_weight", 0.0)):
            if not least <= getattr(self, name) < math.inf:
                raise ValueError(
                    f"{name} is at least {least}, got {getattr(self, name)}; leave it out if "
                    "unsure."
                )
        if not 0.0 < self.learning_rate <= 10.0:
            raise ValueError(
                f"learning_rate lies in (0, 10], got {self.learning_rate}; for example 0.1."
            )


class Projection:
    """A search for w; ``step`` makes one of its ``settings.steps``.

    Args:
        generator: frozen, in use.
        picture: in [-1, 1], of the generator's size and channels.
        settings: how.
        extract: an encoder whose features count, too.

    Raises:
        ValueError: a picture of another size.
    """

    def __init__(
        self,
        generator: StyleGANGenerator,
        picture: Image,
        settings: ProjectionSettings,
        extract: FeatureExtractor | None = None,
    ) -> None:
        if tuple(picture.shape) != (1, *generator.shape):
            raise ValueError(
                f"a picture to project has the generator's shape, {(1, *generator.shape)}, got "
                f"{tuple(picture.shape)}; scale and convert it."
            )
        self._generator, self._picture, self._settings = generator, picture, settings
        self._extract, self._num_steps = extract, 0
        self._torch_rng = torch.Generator().manual_seed(settings.seed)
        start, self._deviation = self._start()
        num_w = generator.num_w if settings.each_layer else 1
        self._offsets = torch.zeros(1, num_w, start.shape[-1], device=start.device)
        self._offsets.requires_grad_()
        self._begin = start
        self._optimizer = torch.optim.Adam([self._offsets], settings.learning_rate)

    @property
    def w(self) -> Float[Tensor, "1 num_w w_dim"]:
        """Found so far, of each layer."""
        w = self._begin + self._deviation * self._offsets.detach()
        return w.expand(-1, self._generator.num_w, -1)

    @property
    @torch.no_grad()
    def image(self) -> Image:
        """What the generator makes of it, in [-1, 1]."""
        return self._generator.synthesise(self.w)

    @property
    def signal_to_noise(self) -> float:
        """PSNR of the image in decibels; infinite for a copy."""
        error = (self.image - self._picture).square().mean().item()
        return 10.0 * math.log10(4.0 / error) if error > 0.0 else math.inf

    def step(self) -> float:
        """Follow the gradient once; the distance before, see ``distance``."""
        settings = self._settings
        share = self._num_steps / settings.steps
        self._optimizer.param_groups[0]["lr"] = settings.learning_rate * _rate(share)
        noise = torch.randn(self._offsets.shape, generator=self._torch_rng).to(self._offsets)
        strength = NOISE * max(1.0 - share / NOISY_SHARE, 0.0) ** 2
        offsets = self._offsets + strength * noise
        w = (self._begin + self._deviation * offsets).expand(-1, self._generator.num_w, -1)
        found = self.distance(self._generator.synthesise(w))
        self._optimizer.zero_grad()
        torch.autograd.backward(found)
        self._optimizer.step()
        self._num_steps += 1
        return found.item()

    def distance(self, image: Image) -> Float[Tensor, ""]:
        """Of pixels, and of features with their weight; 0 for a copy."""
        total = pyramid_distances(image, self._picture)[0]
        if self._extract is None or self._settings.feature_weight == 0.0:
            return total
        seen = (_for_encoder(one) for one in (image, self._picture))
        return total + self._settings.feature_weight * content_distance(self._extract, *seen)

    @torch.no_grad()
    def _start(self) -> tuple[Float[Tensor, "1 1 w_dim"], float]:
        """The best of many w, and how far from their mean they are (the root mean square)."""
        generator = self._generator
        device = self._picture.device
        z = uniform_latents(NUM_STARTS, generator.latent_dim, self._torch_rng, device)
        random = generator.mapping(z)
        tried = torch.cat([generator.w_average[None], random])
        distances = [
            pyramid_distances(
                generator.synthesise(w[:, None].expand(-1, generator.num_w, -1)), self._picture
            )
            for w in torch.split(tried, STARTS_AT_ONCE)
        ]
        best = tried[int(torch.cat(distances).argmin())]
        deviation = (random - random.mean(dim=0)).square().mean().sqrt().item()
        return best[None, None], deviation


def pyramid_distances(images: Float[Tensor, "n c h w"], picture: Image) -> Float[Tensor, " n"]:
    """Mean squared differences, the mean over halved sizes down to one pixel; 0 for a copy."""
    terms = [(images - picture).square().mean(dim=(1, 2, 3))]
    while min(images.shape[2:]) > 1:
        images, picture = F.avg_pool2d(images, 2), F.avg_pool2d(picture, 2)
        terms.append((images - picture).square().mean(dim=(1, 2, 3)))
    return torch.stack(terms).mean(dim=0)


def _rate(share: float) -> float:
    """The learning rate after a share of the steps: a rise, and half a cosine at the end."""
    rise = min((share + 1e-3) / RISING_SHARE, 1.0)
    fall = min((1.0 - share) / FALLING_SHARE, 1.0)
    return rise * (0.5 - 0.5 * math.cos(math.pi * fall))


def _for_encoder(image: Image) -> Float[Tensor, "1 3 _ _"]:
    """RGB in about [0, 1], large enough for features."""
    size = max(*image.shape[2:], ENCODER_SIZE)
    scaled = F.interpolate(image, (size, size), mode="bilinear", align_corners=False)
    return in_colour(scaled / 2.0 + 0.5)
