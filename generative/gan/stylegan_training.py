"""What the generator of StyleGAN2 pays besides: path lengths that differ.

T. Karras et al., "Analyzing and improving the image quality of StyleGAN", CVPR 2020, sec. 3.2: a
step of a fixed length in w should move the image by a fixed length, wherever it starts and
whichever way it goes. So the generator pays for the spread of the lengths of J^T y, J the Jacobian
of the image by w, y a random image.

Our recipes for small images leave this price and style mixing out, as the authors' later code does
for CIFAR-10 (T. Karras et al., "Training generative adversarial networks with limited data",
NeurIPS 2020); and they take relativistic losses with both zero-centred penalties instead of the
paper's non-saturating loss with R1, which the settings can ask for.
"""

import math
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

from etude.generative.checkpoints import State
from etude.generative.gan.adversarial import uniform_latents
from etude.generative.gan.stylegan import StyleGANGenerator

PATH_LENGTH_EVERY_STEPS: Final = 8  # sec. 3.1
PATH_LENGTH_SHARE: Final = 0.5  # of a batch, as in the paper's code
LENGTH_MEMORY: Final = 0.99  # of the average length, as in the paper's code


class PathLength:
    """E (|J^T y| - a)^2, a the average of |J^T y| so far (eq. 4); a ``Regulariser``.

    0 if all directions of w move the image equally far. The length is that of the layers' mean
    square, so it does not grow with their number.

    Args:
        generator: who pays.
        num_samples: looked at each time.
        weight: of the price; 2 in the paper.
        torch_rng: of noise, styles and random images; a lesson's own.
        every_steps: how often it is paid.

    Attributes:
        average: a.
    """

    name = "path_length"

    def __init__(
        self,
        generator: StyleGANGenerator,
        num_samples: int,
        weight: float,
        torch_rng: torch.Generator,
        every_steps: int = PATH_LENGTH_EVERY_STEPS,
    ) -> None:
        self.every_steps, self.average = every_steps, 0.0
        self._generator, self._num_samples = generator, num_samples
        self._weight, self._torch_rng = weight, torch_rng

    def __call__(self) -> Float[Tensor, ""]:
        """The price, with its weight, as it is paid every few steps."""
        lengths = self.lengths()
        mean = lengths.detach().mean().item()
        self.average = mean + LENGTH_MEMORY * (self.average - mean)
        price = (lengths - self.average).square().mean()
        return self._weight * self.every_steps * price

    def lengths(self) -> Float[Tensor, " n"]:
        """|J^T y| of new samples; y is normal, over the root of the number of its pixels."""
        device = next(self._generator.parameters()).device
        latent_dim = self._generator.latent_dim
        z = uniform_latents(self._num_samples, latent_dim, self._torch_rng, device)
        w = self._generator.styles(z)
        images = self._generator.synthesise(w, self._torch_rng)
        directions = torch.randn(images.shape, generator=self._torch_rng).to(device)
        moved = (images * directions).sum() / math.sqrt(images.shape[-1] * images.shape[-2])
        gradients = torch.autograd.grad(moved, w, create_graph=True)[0]
        return gradients.square().sum(dim=2).mean(dim=1).sqrt()

    def state_dict(self) -> State:
        """See ``Stateful``."""
        return {"average": self.average}

    def load_state_dict(self, state_dict: State) -> None:
        """See ``Stateful``."""
        self.average = state_dict["average"]
