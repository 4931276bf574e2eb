"""How close an enlarged photo is to the original, in the figures of the papers and to the eye.

PSNR and SSIM reward what is right on average and blurred; the perceptual distance, under a network
that no method here was trained with, rewards what looks like the original. C. Ledig et al., CVPR
2017, sec. 3.1 and 3.3, have people for the latter.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from etude.generative.data import available_photos, pictures_in
from etude.generative.gan.super_resolution import cropped, downscale, rounded
from etude.generative.images import load_image
from etude.generative.metrics import (
    content_distance,
    luma_peak_signal_to_noise_ratio,
    luma_structural_similarity,
)
from etude.generative.style.encoders import Judge

Image = Float[Tensor, "1 3 h w"]


class HeldOutPhoto(NamedTuple):
    """A photo that no network here was trained on, and the small one that it is made from.

    Args:
        small: what is enlarged.
        original: what it should become.
    """

    small: Float[Tensor, "1 3 small_h small_w"]
    original: Image

    @property
    def scale(self) -> int:
        """How many times larger the original is."""
        return self.original.shape[2] // self.small.shape[2]


@dataclass(frozen=True, kw_only=True)
class UpscaleGrade:
    """How close an enlarged photo is to the original.

    Args:
        psnr: in decibels, on Y, without a border as wide as the scale.
        ssim: likewise, at most 1.
        distance: of the features of a network that is held out; 0 for the original.
    """

    psnr: float
    ssim: float
    distance: float


@torch.no_grad()
def grade(large: Image, original: Image, scale: int, judge: Judge) -> UpscaleGrade:
    """Grade an enlarged photo as a file of 8 bits would hold it.

    Args:
        large: RGB in [0, 1].
        original: likewise.
        scale: how many times it was enlarged.
        judge: see ``held_out_encoder``.

    Raises:
        ValueError: images too small for a window of 11 pixels inside the border.
    """
    seen = rounded(large)
    layers = judge.layers.layers
    return UpscaleGrade(
        psnr=luma_peak_signal_to_noise_ratio(seen, original, scale).item(),
        ssim=luma_structural_similarity(seen, original, scale).item(),
        distance=content_distance(judge.encoder, seen, original, layers).item(),
    )


def held_out_photos(scale: int, folder: Path | None = None) -> dict[str, HeldOutPhoto]:
    """Photos to be graded on, by name.

    Args:
        scale: how many times smaller those are that are enlarged.
        folder: of pictures that no network has seen; photographs that packages carry and that no
            network here was trained on if left out.

    Raises:
        ValueError: no such folder, no pictures in it, a picture smaller than the scale, or no
            packages with photographs.
    """
    files = available_photos("held_out")
    if folder is not None:
        files = {str(file.relative_to(folder)): file for file in pictures_in(folder)}
    if not files:
        raise ValueError(
            "grading needs photos that training has not seen, got none; run `pip install "
            "'etude[photos]'`, or name a folder."
        )
    photos = {}
    for name, file in files.items():
        original = cropped(load_image(file), scale)
        photos[name] = HeldOutPhoto(downscale(original, scale), original)
    return photos
