"""LPIPS: how different two images look, from a network that was tuned to people's judgements.

R. Zhang, P. Isola, A. A. Efros, E. Shechtman and O. Wang, "The unreasonable effectiveness of deep
features as a perceptual metric", CVPR 2018, through torchmetrics, which carries the tuned weights.
Those of AlexNet below them are torchvision's; nothing is downloaded here: they have to be in its
cache already.
"""

from pathlib import Path
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor
from torchmetrics.image import LearnedPerceptualImagePatchSimilarity

ALEXNET_FILE: Final = "alexnet-owt-7be5be79.pth"  # torchvision's AlexNet_Weights.IMAGENET1K_V1
MINIMUM_SIDE: Final = 63  # pixels; below, AlexNet's last pooling has nothing to look at


def alexnet_weights() -> Path:
    """Where torchvision keeps AlexNet's weights once they are downloaded."""
    return Path(torch.hub.get_dir()) / "checkpoints" / ALEXNET_FILE


class PerceptualDistance:
    """LPIPS with AlexNet, version 0.1; a callable that loads the network once.

    Raises:
        FileNotFoundError: AlexNet's weights are not in torchvision's cache.
    """

    def __init__(self) -> None:
        if not alexnet_weights().is_file():
            raise FileNotFoundError(
                f"LPIPS needs AlexNet's weights, got no {alexnet_weights()}; let torchvision fetch "
                "them: torchvision.models.AlexNet_Weights.DEFAULT.get_state_dict()."
            )
        self._metric = LearnedPerceptualImagePatchSimilarity(net_type="alex", normalize=True)

    def __call__(
        self, images: Float[Tensor, "n 3 h w"], references: Float[Tensor, "n 3 h w"]
    ) -> Float[Tensor, ""]:
        """The distance (eq. 1), the mean over the images; 0 for equal ones, seldom above 1.

        Args:
            images: RGB in [0, 1].
            references: what they are compared with.

        Raises:
            ValueError: a side below 63 pixels.
        """
        if min(images.shape[-2:]) < MINIMUM_SIDE:
            h, w = images.shape[-2:]
            raise ValueError(
                f"LPIPS needs sides of at least {MINIMUM_SIDE} pixels, got {w} x {h}; enlarge both."
            )
        distance: Tensor = self._metric(images, references)
        return distance
