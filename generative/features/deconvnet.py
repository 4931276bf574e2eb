"""What an activation has seen: signals sent back from a layer to the pixels.

M. D. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks", ECCV 2014, sec.
2.1: all activations of a layer but one are set to zero, and the one goes down again: through the
places that a maximum came from ("switches"), a rectifier, and the transposed filters. All of it is
a product with the Jacobian of the network from the left, but for one thing: where backpropagation
lets a signal through that met a positive input, the deconvnet lets one through that is positive
itself. So one pass has three rules (J. T. Springenberg et al., "Striving for simplicity: the all
convolutional net", ICLR 2015 workshop, fig. 1):

    saliency    s [x > 0]             K. Simonyan et al., ICLR 2014 workshop
    deconvnet   s [s > 0]             Zeiler and Fergus
    guided      s [x > 0] [s > 0]     Springenberg et al.

for a signal s that comes to a rectifier whose input was x. Switches are all that a deconvnet knows
of the image. A network that has none, because it reduces by strides, has one projection for a unit,
whatever it looks at, so ``rule_of`` takes the guided rule for it, as Springenberg et al. do.

Departures, which networks later than the paper's need: a depthwise convolution goes back by its own
transposed one; batch normalisation by its scale, like a filter (it is folded into the filters
here); the mean of a pooling is spread evenly; where a block's input is added to its output, the
signal goes both ways; ReLU6 lets a signal through above 6, too, but for the gradient: otherwise
the strongest activations, which are those to look at, would have no projection; the [x > 0] of
softplus is its derivative. What the encoder does to its input is undone like a
filter, so a projection has the scale of the pixels, not of the normalised ones.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any, Final, Literal, NamedTuple, get_args

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.overrides import TorchFunctionMode

from etude.foundations.names import check_name
from etude.generative.style.protocol import Encoder, check_layers

Rule = Literal["deconvnet", "guided", "saliency"]

Gate = Callable[[Tensor], Tensor]


class Gates(NamedTuple):
    """What a rectifier lets through on the way back, as a function of its input.

    Args:
        derivative: its own.
        evidence: what stands for [x > 0].
    """

    derivative: Gate
    evidence: Gate


def _positive(x: Tensor) -> Tensor:
    return (x > 0).to(x)


GATES: Final[dict[Callable[..., Tensor], Gates]] = {
    F.relu: Gates(_positive, _positive),
    torch.relu: Gates(_positive, _positive),
    F.relu6: Gates(lambda x: ((x > 0) & (x < 6.0)).to(x), _positive),
    F.softplus: Gates(torch.sigmoid, torch.sigmoid),
}


def rule_of(encoder: Encoder) -> Rule:
    """The rule that shows what an image has to do with an activation of this encoder."""
    modules = encoder.modules() if isinstance(encoder, nn.Module) else ()
    return "deconvnet" if any(isinstance(one, nn.MaxPool2d) for one in modules) else "guided"


def project(
    encoder: Encoder,
    images: Float[Tensor, "n 3 h w"],
    layer: str,
    units: Int[Tensor, " n"],
    rule: Rule = "deconvnet",
    places: Float[Tensor, "n 2"] | None = None,
) -> Float[Tensor, "n 3 h w"]:
    """Send one activation of a unit in each image back to the pixels.

    Args:
        encoder: a frozen one.
        images: RGB in [0, 1].
        layer: one of the encoder's.
        units: a channel for each image.
        rule: how rectifiers let the signal through.
        places: row and column of a pixel in each image; the activation is the strongest of the 3 x
            3 around the one over this pixel. The strongest of the whole image if left out.

    Returns:
        The projections, 0 where the activation has not seen anything, of any scale and sign; all 0
        where the unit was silent.

    Raises:
        ValueError: an unknown layer or rule, or a channel that the layer does not have.
    """
    check_layers([layer], encoder.layers, encoder.name)
    check_name("a rule of rectifiers", rule, get_args(Rule))
    seen = images.detach().requires_grad_(True)
    with torch.enable_grad(), rectifiers(encoder, rule):
        features = encoder(seen)[layer]
        check_units(units, features.shape[1], layer)
        maps = features[torch.arange(len(units)), units]  # (n, h2, w2)
        candidates = maps.detach()
        if places is not None:
            candidates = candidates * _neighbourhoods(places, images.shape[-2:], maps.shape[-2:])
        strongest = candidates.flatten(1).argmax(dim=1, keepdim=True)
        activations = maps.flatten(1).gather(1, strongest)
        (projections,) = torch.autograd.grad(activations, seen, activations.detach())
    return projections


def project_shifted(
    encoder: Encoder,
    images: Float[Tensor, "n 3 h w"],
    layer: str,
    units: Int[Tensor, " n"],
    rule: Rule = "deconvnet",
    places: Float[Tensor, "n 2"] | None = None,
    *,
    shifts: int = 2,
) -> Float[Tensor, "n 3 h w"]:
    """The mean of projections of shifted images, shifted back.

    A convolution with a stride looks at every other position only, and its transposed one leaves
    the others empty or weaker: a grid lies over the projection. It moves with the image, so the
    mean over shifts by 0 and 1 pixels, down and to the right, wipes out what is due to one stride
    of 2, and shifts by 0 to 3 what is due to two.

    Args:
        encoder: as in ``project``, which explains what is not named here.
        images: RGB in [0, 1].
        layer: one of the encoder's.
        units: a channel for each image.
        rule: how rectifiers let the signal through.
        places: of the activations.
        shifts: how many in each direction, so that their square is the number of passes; the image
            as it is if 1.

    Raises:
        ValueError: see ``project``, or no shift.
    """
    if shifts < 1:
        raise ValueError(f"shifts is at least 1, got {shifts}; 2 are smooth.")
    if shifts == 1:
        return project(encoder, images, layer, units, rule, places)
    check_layers([layer], encoder.layers, encoder.name)
    height, width = images.shape[-2:]
    with torch.no_grad():
        stride = -(-height // encoder(images[:1])[layer].shape[-2])
    around = -(-(shifts - 1) // stride) * stride  # so that as many strides fit as before, and more
    total = torch.zeros_like(images)
    for top, left in product(range(shifts), repeat=2):
        shifted = F.pad(images, (left, around - left, top, around - top), mode="replicate")
        moved = None if places is None else places + torch.tensor([top, left])
        back = project(encoder, shifted, layer, units, rule, moved)
        total += back[..., top : top + height, left : left + width]
    return total / shifts**2


def check_units(units: Int[Tensor, " n"], num_channels: int, layer: str) -> None:
    """Check the numbers of channels.

    Raises:
        ValueError: one is out of range.
    """
    wrong = units[(units < 0) | (units >= num_channels)]
    if len(wrong):
        raise ValueError(
            f"a unit of {layer} is a channel from 0 to {num_channels - 1}, got {int(wrong[0])}; "
            "name another."
        )


class Rectifiers(TorchFunctionMode):
    """Takes the place of PyTorch's rectifiers while it is entered, see ``rectifiers``."""

    def __init__(self, rule: Rule) -> None:
        super().__init__()
        self._rule = rule
        self._seen: list[tuple[Tensor, Tensor]] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Called by PyTorch in the place of each of its functions."""
        if func not in GATES:
            return func(*args, **(kwargs or {}))
        out = _Rectifier.apply(args[0], func, self._rule)
        self._seen.append((args[0], out))
        return out

    def before(self, features: Tensor) -> Tensor:
        """What these features were before they were rectified; as they are if they never were."""
        return next((x for x, out in self._seen if out is features), features)


@contextmanager
def rectifiers(encoder: Encoder, rule: Rule) -> Iterator[Rectifiers]:
    """Within, all rectifiers of an encoder follow a rule on the way back.

    Frozen encoders rectify within their convolutions, and those that learn do it by themselves; so
    for this time the weights are treated as if they learned.
    """
    modules = encoder.parameters() if isinstance(encoder, nn.Module) else ()
    frozen = [weights for weights in modules if not weights.requires_grad]
    for weights in frozen:
        weights.requires_grad_(True)
    try:
        with Rectifiers(rule) as mode:
            yield mode
    finally:
        for weights in frozen:
            weights.requires_grad_(False)


class _Rectifier(torch.autograd.Function):
    """A rectifier, and a rule for its signal."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, rectify: Callable[..., Tensor], rule: Rule) -> Tensor:
        ctx.gates, ctx.rule = GATES[rectify], rule
        ctx.save_for_backward(x)
        return rectify(x)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, signal: Tensor) -> tuple[Tensor, None, None]:
        (x,) = ctx.saved_tensors
        if ctx.rule == "saliency":
            signal = signal * ctx.gates.derivative(x)
        if ctx.rule in ("deconvnet", "guided"):
            signal = signal.clamp_min(0.0)
        if ctx.rule == "guided":
            signal = signal * ctx.gates.evidence(x)
        return signal, None, None


def _neighbourhoods(
    places: Float[Tensor, "n 2"], image_size: torch.Size, map_size: torch.Size
) -> Float[Tensor, "n h2 w2"]:
    """1 at the 3 x 3 positions around each place, 0 elsewhere."""
    near = []
    for axis in range(2):
        length = map_size[axis]
        centre = (places[:, axis] * (length / image_size[axis])).floor().clamp(0, length - 1)
        near.append((torch.arange(length) - centre[:, None]).abs() <= 1)  # (n, length)
    return (near[0][:, :, None] & near[1][:, None, :]).to(places)
