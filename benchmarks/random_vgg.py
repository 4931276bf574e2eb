"""VGG-19 with random weights that can be painted with, where ImageNet's are not here.

Speed does not depend on what the weights are, but descent does: with random ones the features of
deep layers vanish beside their means. So each channel is moved and scaled to mean 0 and deviation 1
before ReLU, layer after layer, on a photograph (D. Mishkin and J. Matas, "All you need is a good
init", ICLR 2016, with the mean as well).
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from etude.generative.style.protocol import freeze
from etude.generative.style.vgg import LAYERS, VGG19, ConvolutionReLU


def random_vgg19(layers: Sequence[str], photo: Float[Tensor, "1 3 h w"], seed: int = 0) -> VGG19:
    """The encoder, whose features of the photo are normalised.

    Args:
        layers: the names of the features to return.
        photo: RGB in [0, 1].
        seed: of the weights.
    """
    encoder = VGG19(layers, None)
    torch_rng = torch.Generator().manual_seed(seed)
    features = (photo - encoder.mean) / encoder.std
    for layer, convolution in encoder.convolutions.items():
        assert isinstance(convolution, ConvolutionReLU)
        if layer.endswith("_1") and layer != LAYERS[0]:
            features = encoder.pool(features)
        weight = torch.randn(convolution.weight.shape, generator=torch_rng)
        out = F.conv2d(features, weight, padding=1)
        deviation, mean = torch.std_mean(out, dim=(0, 2, 3), correction=0)
        convolution.weight.data = weight / deviation[:, None, None, None]
        convolution.bias = torch.nn.Parameter(-mean / deviation)
        features = F.relu(F.conv2d(features, convolution.weight, convolution.bias, padding=1))
        features = features.detach()
    freeze(encoder)
    return encoder
