"""SRResNet's training step as tidy public code writes it, to measure against.

https://github.com/Lornatang/SRGAN-PyTorch and others: sequential modules, batch normalisation,
images channel by channel, mean squared error, Adam. What costs more
than such code has to pay is left out: there is no average of the weights, no clipping, and the
patches are the same.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from etude.generative.data import Images
from etude.generative.gan.sr_patches import draw_patches
from etude.generative.gan.srgan import SRResNet
from etude.generative.gan.srgan_settings import UpscalerSettings


class PlainBlock(nn.Module):
    """A residual block, (n, 64, h, w) to the same."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.PReLU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, features: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """See the class."""
        added: Tensor = torch.add(self.layers(features), features)
        return added


class PlainSRResNet(nn.Module):
    """The paper's network for four times, (n, 3, h, w) to (n, 3, 4h, 4w).

    Args:
        width: channels.
        num_blocks: residual blocks.
    """

    def __init__(self, width: int = 64, num_blocks: int = 16) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(3, width, 9, padding=4), nn.PReLU())
        self.trunk = nn.Sequential(*(PlainBlock(width) for _ in range(num_blocks)))
        self.second = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        )
        stages: list[nn.Module] = []
        for _ in range(2):
            stages += [nn.Conv2d(width, 4 * width, 3, padding=1), nn.PixelShuffle(2), nn.PReLU()]
        self.upsampling = nn.Sequential(*stages)
        self.third = nn.Conv2d(width, 3, 9, padding=4)

    def forward(self, small: Float[Tensor, "n 3 h w"]) -> Float[Tensor, "n 3 large_h large_w"]:
        """See the class."""
        first = self.first(small)
        features = torch.add(first, self.second(self.trunk(first)))
        large: Tensor = self.third(self.upsampling(features))
        return large


class PlainLesson:
    """Training on pixels; ``update`` makes one step.

    Args:
        network: of ours, whose size is taken.
        pictures: see ``draw_patches``.
        settings: of the batches and the learning rate.
    """

    def __init__(self, network: SRResNet, pictures: Images, settings: UpscalerSettings) -> None:
        self.network = PlainSRResNet(network.width, network.num_blocks)
        self._pictures, self._settings = pictures, settings
        self._optimizer = torch.optim.Adam(self.network.parameters(), settings.rate("srresnet"))
        self._torch_rng = torch.Generator().manual_seed(settings.seed)

    def update(self) -> None:
        """Make a step."""
        settings = self._settings
        patches = draw_patches(
            self._pictures, settings.batch_size, settings.patch_size, 4, self._torch_rng
        )
        self._optimizer.zero_grad()
        loss = F.mse_loss(self.network(patches.small.contiguous()), patches.large.contiguous())
        torch.autograd.backward(loss)
        self._optimizer.step()
