"""Training the decoder of AdaIN, which paints any style: the losses are those of ``adain``.

X. Huang and S. Belongie, "Arbitrary style transfer in real-time with adaptive instance
normalization", ICCV 2017, sec. 5: the encoder is frozen, and every batch has other styles.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import torch
from jaxtyping import Float
from torch import Tensor

from etude.generative.checkpoints import Stateful, TorchRandomState
from etude.generative.data import Images, random_crops
from etude.generative.style.adain import AdaINNetwork, adain_losses, mirrored_decoder
from etude.generative.style.pretrained import paint_any, save_adain
from etude.generative.style.protocol import Encoder
from etude.generative.style.transfer_training import TrainingSettings, descent, draw_contents

DECODER_RATE: Final = 0.1  # without normalisation layers, longer steps end in dead units
NUM_PAINTED: Final = 12  # styles that are looked at while it trains
Image = Float[Tensor, "1 3 h w"]
AnyImage = Float[Tensor, "1 3 _ _"]

ADAIN_LAYERS: Final[Mapping[str, tuple[str, ...]]] = {
    "vgg19": ("relu1_1", "relu2_1", "relu3_1", "relu4_1"),  # Huang and Belongie 2017, sec. 6
    "efficientnet-lite0": ("stem", "b1e", "b2d", "b4d", "b5e", "b3e"),
    "tiny": ("conv1", "conv2"),
}
"""By encoder: where moments are compared; the last is what the decoder sees."""


class AdaINLesson:
    """A decoder that learns to paint; ``update`` makes one step.

    Args:
        encoder: with the layers of ``ADAIN_LAYERS``.
        styles: images to learn from, of any sizes.
        photos: the contents, of any sizes.
        settings: how, with ``DECODER_RATE`` times the learning rate; width and number of blocks do
            not apply.
    """

    def __init__(
        self,
        encoder: Encoder,
        styles: Sequence[AnyImage],
        photos: Images,
        settings: TrainingSettings,
    ) -> None:
        self._encoder, self._styles, self._photos = encoder, styles, photos
        self._settings = settings
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            self._decoder = mirrored_decoder(encoder).to(memory_format=torch.channels_last)
        shorter = replace(settings, learning_rate=DECODER_RATE * settings.learning_rate)
        self._descent = descent(self._decoder, self._decoder.parameters(), shorter)
        self._torch_rng = torch.Generator().manual_seed(settings.seed)

    @property
    def parts(self) -> dict[str, Stateful]:
        """What a checkpoint holds."""
        return self._descent.parts | {"torch_rng": TorchRandomState(self._torch_rng)}

    @property
    def average(self) -> AdaINNetwork:
        """The network to use and to keep."""
        return AdaINNetwork(self._encoder, self._descent.average.module)

    def paint(self, photo: Image) -> list[Image]:
        """A photo in some of the styles, at most ``NUM_PAINTED`` of them."""
        styles = self._styles[:: -(-len(self._styles) // NUM_PAINTED)]
        return [paint_any(self.average, photo, [style]) for style in styles]

    def save(self, path: Path, examples: Sequence[AnyImage], notes: Mapping[str, Any]) -> None:
        """See ``save_adain``; nothing depends on the examples."""
        save_adain(path, self.average, notes)

    def update(self) -> dict[str, Tensor]:
        """Make a step; the terms of the loss before their weights, and the gradient's norm."""
        settings = self._settings
        contents = draw_contents(self._photos, settings, self._torch_rng)
        styles = random_crops(
            self._styles, settings.batch_size, settings.crop_size, self._torch_rng
        )
        terms = adain_losses(self._encoder, self._decoder, contents, styles)
        total = (
            terms.content
            + settings.style_weight * terms.style
            + settings.variation_weight * terms.variation
        )
        norm = self._descent.step(total)
        return {"total": total, **terms._asdict(), "gradient": norm}
