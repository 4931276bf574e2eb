"""Painting the frames of a clip by optimising their pixels.

M. Ruder, A. Dosovitskiy and T. Brox, "Artistic style transfer for videos", GCPR 2016: a frame
begins with the last painting, moved along the optical flow (sec. 4.1), and descends on

    content_weight * content + style_weight * style + variation_weight * variation
        + temporal_weight * mean over visible pixels of (image - moved painting)^2

Departures: what comes into view begins as content in the colours of the painting, since in so few
evaluations plain content stays content; one size is enough, because the strokes are there already.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

import torch
from jaxtyping import Float
from torch import Tensor

from etude.generative.images import resize
from etude.generative.style.colours import luminance, with_colours_of
from etude.generative.style.descent import minimise
from etude.generative.style.gatys import (
    GatysSettings,
    check_styles,
    in_colours,
    stylize,
    weighted_sum,
)
from etude.generative.style.losses import (
    LayerWeights,
    Objective,
    Style,
    StyleTarget,
    style_targets,
)
from etude.generative.style.painting import OnStep, Step
from etude.generative.style.protocol import Encoder, check_layers
from etude.generative.style.video import Carried, Image, Mask, Painted, VideoSettings

Colour = Float[Tensor, "1 3 1 1"]
MINIMUM_DEVIATION: Final = 1e-3  # of colours: flat areas are not blown up


class GatysPainter:
    """A painter of frames, see ``FramePainter``.

    Args:
        styles: at least one; masks are stretched over every frame.
        encoder: looks at the images; it returns at least the ``layers``.
        layers: see ``encoders.LAYER_WEIGHTS``.
        settings: of the first frame of a scene, and the weights of all; the size is the frames'.
            With ``colours="match"`` the styles are matched to each frame.
        video_settings: of the frames that follow.
        on_step: called after each evaluation with its numbers and the image; it may be set later.

    Raises:
        ValueError: no style, a weight that is not more than 0, an empty mask, values outside
            [0, 1], or a layer that the encoder does not return.
    """

    def __init__(
        self,
        styles: Sequence[Style],
        encoder: Encoder,
        layers: LayerWeights,
        settings: GatysSettings | None = None,
        video_settings: VideoSettings | None = None,
        on_step: OnStep | None = None,
    ) -> None:
        check_styles(styles)
        check_layers(layers.layers, encoder.layers, encoder.name)
        self.on_step = on_step
        self._styles = list(styles)
        self._encoder = encoder
        self._layers = layers
        self._settings = settings or GatysSettings()
        self._video_settings = video_settings or VideoSettings()
        self._targets: list[StyleTarget] | None = None
        self.identity: Mapping[str, Any] = {
            "method": "gatys",
            "encoder": encoder.name,
            "layers": {"content": dict(layers.content), "style": dict(layers.style)},
            "settings": asdict(self._settings),
            "styles": [_fingerprint(style) for style in styles],
        }

    def begin(self, content: Image) -> Painted:
        """Paint the first frame of a scene like a picture, from coarse to fine."""
        evaluations = self._video_settings.scene_factor * self._settings.evaluations
        size = max(content.shape[-2:])
        settings = replace(self._settings, size=size, evaluations=evaluations)
        result = stylize(
            content, self._styles, self._encoder, self._layers, settings, on_step=self.on_step
        )
        loss = result.history[-1].total if result.history else None
        return Painted(result.image, loss, result.stopped)

    def follow(self, content: Image, carried: Carried) -> Painted:
        """Paint a frame on what is there of earlier ones."""
        original = content
        if self._settings.colours == "luminance":
            content = luminance(content)
            carried = carried._replace(painting=luminance(carried.painting))
        objective = Objective(self._encoder, self._layers, content, self._targets_for(original))
        loss = _TemporalLoss(objective, carried, self._settings, self._video_settings, self.on_step)
        evaluations = self._video_settings.frame_evaluations
        descent = minimise(loss, fill(carried, content), evaluations, self._settings.method)
        image = descent.image.clamp(0.0, 1.0)
        if self._settings.colours == "luminance":
            image = with_colours_of(image, original)
        return Painted(image, loss.last, descent.stopped)

    def _targets_for(self, content: Image) -> list[StyleTarget]:
        """The Gram matrices to reach, computed once unless the styles take the frame's colours."""
        colours = self._settings.colours
        if self._targets is None or colours != "style":
            size = round(self._settings.style_scale * max(content.shape[-2:]))
            _, coloured = in_colours(content, self._styles, colours)
            scaled = [style._replace(image=resize(style.image, size)) for style in coloured]
            self._targets = style_targets(self._encoder, scaled, self._layers.style)
        return self._targets


def fill(carried: Carried, content: Image) -> Image:
    """What is painted already, and elsewhere content in the mean and deviation of its colours.

    Both moments are those of the visible pixels, of the painting and of the content; where none is
    visible the content stays.
    """
    if not carried.visible.any():
        return content
    mean, deviation = _moments(content, carried.visible)
    wanted_mean, wanted_deviation = _moments(carried.painting, carried.visible)
    scale = wanted_deviation / deviation.clamp_min(MINIMUM_DEVIATION)
    new = ((content - mean) * scale + wanted_mean).clamp(0.0, 1.0)
    return torch.where(carried.visible > 0.0, carried.painting, new)


def temporal_loss(image: Image, carried: Carried) -> Float[Tensor, ""]:
    """The mean over visible pixels of (image - painting)^2 (eq. 7; there over all pixels).

    0 if nothing is visible.
    """
    change = (image - carried.painting).square() * carried.visible
    return change.sum() / (3.0 * carried.visible.sum()).clamp_min(1.0)


class _TemporalLoss:
    """The loss of one frame, which reports every evaluation."""

    def __init__(
        self,
        objective: Objective,
        carried: Carried,
        settings: GatysSettings,
        video_settings: VideoSettings,
        on_step: OnStep | None,
    ) -> None:
        self._objective = objective
        self._carried = carried
        self._settings = settings
        self._video_settings = video_settings
        self._on_step = on_step
        self._num_evaluations = 0
        self.last: float | None = None

    def __call__(self, image: Tensor) -> Tensor:
        """The weighted sum of the terms."""
        terms, weight = self._objective(image), self._video_settings.temporal_weight
        total = weighted_sum(terms, self._settings) + weight * temporal_loss(image, self._carried)
        numbers = [number.item() for number in (total, *terms)]
        self.last = numbers[0]
        if self._on_step is not None:
            evaluations = self._video_settings.frame_evaluations
            size = max(image.shape[-2:])
            step = Step(size, self._num_evaluations, evaluations, *numbers)
            self._on_step(step, image.detach())
        self._num_evaluations += 1
        return total


def _moments(image: Image, mask: Mask) -> tuple[Colour, Colour]:
    """Mean and deviation of each colour where the mask is 1."""
    count = mask.sum()
    mean = (image * mask).sum((2, 3), keepdim=True) / count
    variance = ((image - mean).square() * mask).sum((2, 3), keepdim=True) / count
    return mean, variance.sqrt()


def _fingerprint(style: Style) -> str:
    """The same for the same pixels, weight and mask."""
    digest = hashlib.sha256(repr((style.weight, style.image.shape)).encode())
    for tensor in (style.image, style.mask):
        if tensor is not None:
            digest.update(tensor.cpu().numpy().tobytes())
    return digest.hexdigest()
