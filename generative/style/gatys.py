"""Painting a picture by optimising its pixels: the content of one image in the style of others.

L. A. Gatys, A. S. Ecker and M. Bethge, "Image style transfer using convolutional neural networks",
CVPR 2016: starting from the content, descend on

    content_weight * content + style_weight * style + variation_weight * variation

Departures: from coarse to fine, because long strokes take shape where the network sees all of them
(L. A. Gatys et al., "Controlling perceptual factors in neural style transfer", CVPR 2017, sec. 6);
terms are normalised, see ``losses``; the image is clamped to [0, 1] at the end of each size.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, get_args

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
from etude.generative.style.descent import Method, minimise
from etude.generative.style.losses import LayerWeights, Objective, Style, style_targets
from etude.generative.style.protocol import Encoder, check_layers

Image = Float[Tensor, "1 3 h w"]
Colours = Literal["style", "match", "luminance"]
Start = Literal["content", "noise", "style"]
MINIMUM_SIDE: Final = 16  # below this nothing is left to look at in the deeper layers
COARSEST_SIZE: Final = 128
LEAST_EVALUATIONS: Final = 10


@dataclass(frozen=True, kw_only=True)
class GatysSettings:
    """How to paint.

    Raises:
        ValueError: a number out of its range, or an unknown name.
    """

    size: int = 512
    """Longer side of the result in pixels."""
    evaluations: int = 120
    """How often the loss is evaluated at the coarsest size, about 128 pixels; half as often at each
    double size, at least 10 times."""
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

    def __post_init__(self) -> None:
        for name in ("content_weight", "style_weight", "variation_weight"):
            if not 0.0 <= getattr(self, name) < math.inf:
                raise ValueError(
                    f"{name} is at least 0, got {getattr(self, name)}; 0 leaves the term out."
                )
        _check_positive("style_scale", self.style_scale)
        _check_positive("evaluations", self.evaluations)
        if self.size < MINIMUM_SIDE:
            raise ValueError(
                f"size is at least {MINIMUM_SIDE} pixels, got {self.size}; for example 512."
            )
        check_name("a start", self.start, get_args(Start))
        check_name("a treatment of colours", self.colours, get_args(Colours))
        check_name("a method", self.method, get_args(Method))


class Step(NamedTuple):
    """One evaluation, for progress and for the history.

    Args:
        size: longer side of the image at the moment, in pixels.
        evaluation: number at this size, from 0.
        evaluations: how many there will be at this size at most.
        total: the weighted sum of the following.
        content: unweighted.
        style: unweighted.
        variation: unweighted.
    """

    size: int
    evaluation: int
    evaluations: int
    total: float
    content: float
    style: float
    variation: float


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


OnStep = Callable[[Step, Tensor], None]


def stylize(
    content: Image,
    styles: Sequence[Style],
    encoder: Encoder,
    layers: LayerWeights,
    settings: GatysSettings | None = None,
    on_step: OnStep | None = None,
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

    Raises:
        ValueError: no style, a weight that is not more than 0, an empty mask, values outside
            [0, 1], a picture that is too narrow, or a layer that the encoder does not return.
    """
    settings = settings or GatysSettings()
    check_styles(styles)
    check_layers(layers.layers, encoder.layers, encoder.name)
    content = resize(check_image("content", content), settings.size)
    plan = schedule(settings, *content.shape[-2:])
    _check_side("content", content, min(plan))
    for style in styles:
        _check_side("style", style.image, round(settings.style_scale * min(plan)))
    painted, styles = _in_colours(content, styles, settings.colours)
    image = _first_image(painted, styles, settings)
    history: list[Step] = []
    stopped = ""
    for size, evaluations in plan.items():
        objective = _objective_at(size, painted, styles, encoder, layers, settings.style_scale)
        level = _Level(objective, settings, size, evaluations, on_step)
        start = resize_to(image, *objective.content_size)
        descent = minimise(level.loss, start, evaluations, settings.method)
        image, stopped = descent.image.clamp(0.0, 1.0), descent.stopped
        history += level.steps
        if stopped:
            break
    image = resize_to(image, *content.shape[-2:])
    if settings.colours == "luminance":
        image = with_colours_of(image, content)
    return StyleResult(image, tuple(history), stopped)


def schedule(settings: GatysSettings, height: int, width: int) -> dict[int, int]:
    """How often the loss is evaluated at each longer side, from coarse to fine.

    Each size is half of the next, the first about 128 pixels. Sizes at which the shorter side would
    be too short to look at are left out.

    Args:
        settings: how to paint.
        height: of the content, in any unit.
        width: of the content, in the same unit.

    >>> schedule(GatysSettings(size=512), 768, 1024), schedule(GatysSettings(size=600), 60, 600)
    ({128: 120, 256: 60, 512: 30}, {300: 120, 600: 60})
    """
    num_halvings = max(round(math.log2(settings.size / COARSEST_SIZE)), 0)
    sizes = [round(settings.size / 2**i) for i in range(num_halvings, -1, -1)]
    aspect = min(height, width) / max(height, width)
    sizes = [size for size in sizes if size * aspect >= MINIMUM_SIDE] or [settings.size]
    return {size: max(settings.evaluations >> i, LEAST_EVALUATIONS) for i, size in enumerate(sizes)}


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


class _Level:
    """The loss at one size, which notes every evaluation."""

    def __init__(
        self,
        objective: Objective,
        settings: GatysSettings,
        size: int,
        evaluations: int,
        on_step: OnStep | None,
    ) -> None:
        self._objective = objective
        self._settings = settings
        self._size = size
        self._evaluations = evaluations
        self._on_step = on_step
        self.steps: list[Step] = []

    def loss(self, image: Tensor) -> Tensor:
        """The weighted sum of the terms."""
        terms, settings = self._objective(image), self._settings
        total = (
            settings.content_weight * terms.content
            + settings.style_weight * terms.style
            + settings.variation_weight * terms.variation
        )
        numbers = [number.item() for number in (total, *terms)]
        step = Step(self._size, len(self.steps), self._evaluations, *numbers)
        self.steps.append(step)
        if self._on_step is not None:
            self._on_step(step, image.detach())
        return total


def _objective_at(
    size: int,
    content: Image,
    styles: Sequence[Style],
    encoder: Encoder,
    layers: LayerWeights,
    style_scale: float,
) -> Objective:
    style_size = round(style_scale * size)
    scaled = [style._replace(image=resize(style.image, style_size)) for style in styles]
    targets = style_targets(encoder, scaled, layers.style)
    return Objective(encoder, layers, resize(content, size), targets)


def _in_colours(
    content: Image, styles: Sequence[Style], colours: Colours
) -> tuple[Image, Sequence[Style]]:
    """Content and styles with the colours that they are painted in."""
    if colours == "match":
        matched = [one._replace(image=match_colours(one.image, content)) for one in styles]
        return content, matched
    if colours == "luminance":
        grey = [one._replace(image=match_luminance(one.image, content)) for one in styles]
        return luminance(content), grey
    return content, styles


def _first_image(content: Image, styles: Sequence[Style], settings: GatysSettings) -> Image:
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
