"""Training a network that enlarges: on pixels, then on features and against a discriminator.

C. Ledig et al., "Photo-realistic single image super-resolution using a generative adversarial
network", CVPR 2017, sec. 2.2 and 3.2: SRResNet minimises the error of pixels; SRGAN goes on from
it with a perceptual loss (eq. 3), features of a network that knows photos plus a thousandth of the
adversarial loss. Departures:

- The mean absolute error of pixels instead of the squared one, with which PSNR is higher, too (B.
  Lim et al., CVPRW 2017, sec. 3.3).
- The features may be any encoder's, each layer relative to the variance of what it should be;
  those of VGG-19 are the paper's, scaled as there.
- A share of the pixels' error stays in SRGAN's loss, against colours and halos that features do
  not see (X. Wang et al., "ESRGAN", ECCVW 2018, eq. 3).
- The discriminator compares the two pictures of each region ("relativistic", see ``objectives``).
- Steps that shrink, and an average of the weights, which is what is kept.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from etude.generative.annealing import AnnealedAdam
from etude.generative.checkpoints import Stateful, TorchRandomState
from etude.generative.data import Images
from etude.generative.gan.adversarial import frozen
from etude.generative.gan.objectives import OBJECTIVES
from etude.generative.gan.sr_patches import Patches, draw_patches
from etude.generative.gan.srgan import PAPER_CROP, PAPER_WIDTH, SRDiscriminator, SRResNet
from etude.generative.gan.srgan_settings import UpscalerSettings
from etude.generative.gan.super_resolution import Model
from etude.generative.style.protocol import Encoder

FEATURE_LAYERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "vgg19": ("relu5_4",),  # sec. 2.2.1, the last before pooling
        "efficientnet-lite0": ("stem", "b1e", "b3e", "b5e"),
        "tiny": ("conv1", "conv2"),
    }
)
VGG_SCALE: Final = 1.0 / 12.75  # of VGG-19's features, sec. 3.2
SMALLEST_VARIANCE: Final = 1e-6  # of features where a batch is flat
MAX_GRADIENT_NORM: Final = 1.0
Scalar = Float[Tensor, ""]


class FeatureLoss:
    """How far the features of images are from what they should be; 0 for equal images.

    The mean over the layers of mean((F - P)^2) / var(P); of VGG-19 of mean((F - P)^2) / 12.75^2,
    eq. 5 of the paper.

    Args:
        encoder: of the features; its layers count.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def __call__(
        self, images: Float[Tensor, "n 3 h w"], originals: Float[Tensor, "n 3 h w"]
    ) -> Scalar:
        """Of RGB images in [0, 1]; gradients are those of the first."""
        with torch.no_grad():
            targets = self._encoder(originals)
        features = self._encoder(images)
        terms = [
            F.mse_loss(features[layer], target) * self._scale(target)
            for layer, target in targets.items()
        ]
        return torch.stack(terms).mean()

    def _scale(self, target: Tensor) -> Tensor:
        if self._encoder.name == "vgg19":
            return target.new_tensor(VGG_SCALE**2)
        return target.var().clamp_min(SMALLEST_VARIANCE).reciprocal()


@runtime_checkable
class UpscalerLesson(Protocol):
    """A network that learns to enlarge."""

    @property
    def parts(self) -> dict[str, Stateful]:
        """What a checkpoint holds."""
        ...

    @property
    def average(self) -> SRResNet:
        """The network to use and to keep."""
        ...

    def update(self) -> dict[str, Tensor]:
        """Make a step and return its losses."""
        ...


class PixelLesson:
    """A network that learns from pixels: SRResNet; ``update`` makes one step.

    Args:
        network: what is trained.
        pictures: see ``draw_patches``.
        settings: how.
    """

    def __init__(self, network: SRResNet, pictures: Images, settings: UpscalerSettings) -> None:
        self._network, self._settings = network, settings
        self._patches = _PatchSource(network, pictures, settings)
        self._descent = _descent(network, settings, "srresnet")

    @property
    def parts(self) -> dict[str, Stateful]:
        """What a checkpoint holds."""
        return self._descent.parts | self._patches.parts

    @property
    def average(self) -> SRResNet:
        """The network to use and to keep."""
        return _averaged(self._descent)

    def update(self) -> dict[str, Tensor]:
        """Make a step; the error of the pixels, and the gradient's norm."""
        patches = self._patches.draw()
        loss = F.l1_loss(self._network(patches.small), patches.large)
        return {"pixels": loss.detach(), "gradient": self._descent.step(loss)}


class SRGANLesson:
    """A network that learns from features and a discriminator; ``update`` makes a step of both.

    Args:
        network: trained on pixels.
        encoder: see ``FeatureLoss``; on the network's device.
        pictures: see ``draw_patches``.
        settings: how.

    Raises:
        ValueError: patches that the paper's discriminator cannot judge.
    """

    def __init__(
        self, network: SRResNet, encoder: Encoder, pictures: Images, settings: UpscalerSettings
    ) -> None:
        if settings.paper and settings.patch_size * network.scale != PAPER_CROP:
            raise ValueError(
                f"the paper's discriminator judges {PAPER_CROP} x {PAPER_CROP} pixels, which are "
                f"patches of {PAPER_CROP // network.scale}, got {settings.patch_size}."
            )
        self._network, self._settings = network, settings
        self._feature_loss = FeatureLoss(encoder)
        self._patches = _PatchSource(network, pictures, settings)
        self._descent = _descent(network, settings, "srgan")
        self._objective = OBJECTIVES[settings.objective]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            width = PAPER_WIDTH if settings.paper else settings.discriminator_width
            discriminator = SRDiscriminator(width, paper=settings.paper)
        self._discriminator = discriminator.to(next(network.parameters()).device)
        num_steps, rate = settings.num_steps("srgan"), settings.rate("srgan")
        self._optimizer = torch.optim.Adam(self._discriminator.parameters(), rate, (0.5, 0.99))
        self._schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self._optimizer, num_steps)

    @property
    def parts(self) -> dict[str, Stateful]:
        """What a checkpoint holds."""
        return {
            **self._descent.parts,
            **self._patches.parts,
            "discriminator": self._discriminator,
            "discriminator_optimizer": self._optimizer,
            "discriminator_schedule": self._schedule,
        }

    @property
    def average(self) -> SRResNet:
        """The network to use and to keep."""
        return _averaged(self._descent)

    def update(self) -> dict[str, Tensor]:
        """Make a step of the discriminator and one of the network; the terms before weights."""
        settings, patches = self._settings, self._patches.draw()
        made = self._network(patches.small)
        judged = self._teach_discriminator(made.detach(), patches.large)
        pixels = F.l1_loss(made, patches.large)
        features = self._feature_loss(made, patches.large)
        adversarial = self._adversarial_loss(made, patches.large)
        total = (
            settings.pixel_weight * pixels
            + settings.feature_weight * features
            + settings.adversarial_weight * adversarial
        )
        norm = self._descent.step(total)
        losses = {"pixels": pixels, "features": features, "adversarial": adversarial}
        return {name: loss.detach() for name, loss in losses.items()} | {
            "discriminator": judged,
            "gradient": norm,
        }

    def _teach_discriminator(self, made: Tensor, large: Tensor) -> Tensor:
        self._optimizer.zero_grad()
        real_logits, fake_logits = self._discriminator(torch.cat([large, made])).chunk(2)
        loss = self._objective.discriminator(real_logits, fake_logits)
        torch.autograd.backward(loss)
        self._optimizer.step()
        self._schedule.step()
        return loss.detach()

    def _adversarial_loss(self, made: Tensor, large: Tensor) -> Tensor:
        """What the discriminator says of the network's pictures; its weights get no gradient."""
        with frozen(self._discriminator):
            fake_logits = self._discriminator(made)
            real_logits = fake_logits
            if self._objective.is_relativistic:
                with torch.no_grad():
                    real_logits = self._discriminator(large)
        return self._objective.generator(real_logits, fake_logits)


def new_network(scale: int, settings: UpscalerSettings) -> SRResNet:
    """A network with seeded weights.

    Raises:
        ValueError: an unknown scale.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        if settings.paper:
            return SRResNet.paper(scale)
        return SRResNet(scale, settings.width, settings.num_blocks)


class _PatchSource:
    """Patches on the network's device, and their random numbers as a part of the run."""

    def __init__(self, network: SRResNet, pictures: Images, settings: UpscalerSettings) -> None:
        self._pictures, self._settings, self._scale = pictures, settings, network.scale
        self._device = next(network.parameters()).device
        self._torch_rng = torch.Generator().manual_seed(settings.seed)

    @property
    def parts(self) -> dict[str, Stateful]:
        return {"torch_rng": TorchRandomState(self._torch_rng)}

    def draw(self) -> Patches:
        settings = self._settings
        small, large = draw_patches(
            self._pictures, settings.batch_size, settings.patch_size, self._scale, self._torch_rng
        )
        return Patches(small.to(self._device), large.to(self._device))


def _descent(network: SRResNet, settings: UpscalerSettings, model: Model) -> AnnealedAdam:
    return AnnealedAdam(
        network,
        network.parameters(),
        num_steps=settings.num_steps(model),
        learning_rate=settings.rate(model),
        max_gradient_norm=MAX_GRADIENT_NORM,
        average_decay=settings.average_decay,
    )


def _averaged(descent: AnnealedAdam) -> SRResNet:
    network: nn.Module = descent.average.module
    assert isinstance(network, SRResNet)
    return network
