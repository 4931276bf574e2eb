"""Trained networks in files: the shipped one, and those of `etude train style`.

A file is safetensors, so reading it executes nothing. Its metadata says what is needed to build the
network, and how it was trained.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, Final, cast, get_args

import torch
from jaxtyping import Float
from torch import Tensor

from etude.foundations.names import check_name
from etude.generative.built_networks import build_network
from etude.generative.checkpoints import load_weights, save_weights
from etude.generative.images import resize_to
from etude.generative.style.adain import AdaINNetwork, mirrored_decoder
from etude.generative.style.encoders import EncoderChoice, Name, open_encoder
from etude.generative.style.feedforward import TransferNetwork, blend_weights

Image = Float[Tensor, "1 3 h w"]
AnyImage = Float[Tensor, "1 3 _ _"]
Painter = Callable[[Tensor], Tensor]

SHIPPED: Final = Path(__file__).with_name("styles.safetensors")
ANY_STYLE: Final = Path(__file__).with_name("any_style.safetensors")  # comes along, too
TRANSFER_FORMAT: Final = "etude-transfer-network-1"
ADAIN_FORMAT: Final = "etude-adain-decoder-1"
FORMATS: Final = (TRANSFER_FORMAT, ADAIN_FORMAT)
ONE_GREY: Final = 1.0 / 255.0  # a step of an 8-bit image
MAX_PIXELS: Final = 8_000_000  # painted at once, in about 1 GB


def save_network(
    path: Path, network: TransferNetwork, examples: Sequence[AnyImage], notes: Mapping[str, Any]
) -> None:
    """Write a network, with 16 bits a weight if no example looks different then.

    Args:
        path: the file.
        network: what is kept.
        examples: photos; painted in each style, no value may move by more than 1/255.
        notes: how the network was trained, what JSON can hold.

    Raises:
        ValueError: the folder does not exist.
    """
    halved = deepcopy(network).half()
    rounded = deepcopy(halved).float()
    changes = [
        paint_fast(network, example, {style: 1.0}) - paint_fast(rounded, example, {style: 1.0})
        for example in examples
        for style in network.styles
    ]
    is_same = all(change.abs().max() <= ONE_GREY for change in changes)
    metadata = {
        "format": TRANSFER_FORMAT,
        "styles": json.dumps(network.styles),
        "width": str(network.width),
        "num_blocks": str(network.num_blocks),
        "notes": json.dumps(dict(notes)),
    }
    save_weights(path, halved if is_same else network, metadata)


def save_adain(path: Path, network: AdaINNetwork, notes: Mapping[str, Any]) -> None:
    """Write the decoder of a network, and which layers of which encoder it goes with.

    Raises:
        ValueError: the folder does not exist.
    """
    metadata = {
        "format": ADAIN_FORMAT,
        "encoder": network.encoder.name,
        "layers": json.dumps(network.encoder.layers),
        "notes": json.dumps(dict(notes)),
    }
    save_weights(path, network.decoder, metadata)


def open_network(path: Path | None = None) -> TransferNetwork | AdaINNetwork:
    """A trained network, ready to paint: with styles of its own, or for any style (AdaIN).

    Args:
        path: a file that `etude train style` wrote; the shipped network if left out.

    Raises:
        ValueError: the file is no network of this kind, or the encoder it needs is not here.
        FileNotFoundError: there is no such file.
    """
    path = SHIPPED if path is None else path
    state, metadata = load_weights(path)
    if metadata.get("format") not in FORMATS:
        raise ValueError(
            f"a network that paints has one of the formats {', '.join(FORMATS)}, got "
            f"{metadata.get('format')!r} in {str(path)!r}; train one with `etude train style`."
        )
    build = _build_transfer if metadata["format"] == TRANSFER_FORMAT else _build_adain
    try:
        return build(state, metadata)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"the metadata of a network fit its weights, got {str(path)!r} ({error}); save it "
            "again."
        ) from error


def open_styles(path: Path | None = None) -> TransferNetwork:
    """A trained network with styles of its own, see ``open_network``.

    Raises:
        ValueError: also if the network is for any style.
        FileNotFoundError: there is no such file.
    """
    network = open_network(path)
    if not isinstance(network, TransferNetwork):
        raise ValueError(
            f"a network with styles of its own is needed, got {str(path)!r}, which paints any; "
            "give it a picture as the style."
        )
    return network


def parse_blend(text: str) -> dict[str, float]:
    """Styles and their shares as written on the command line; a share left out is 1.

    Raises:
        ValueError: a part that is no name or name:share, a share that is no number of at least 0,
            or a style that comes twice.

    >>> parse_blend("stained-glass:0.6,waves:0.4")
    {'stained-glass': 0.6, 'waves': 0.4}
    >>> parse_blend("waves")
    {'waves': 1.0}
    """
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, colon, share = (piece.strip() for piece in part.partition(":"))
        value = _number(share) if colon else 1.0
        if not name or not 0.0 <= value < math.inf or name in shares:
            raise ValueError(
                f"a blend has styles with shares of at least 0, each style once, got {part!r} in "
                f"{text!r}; for example waves:0.4,mosaic:0.6."
            )
        shares[name] = value
    return shares


def paint_fast(network: TransferNetwork, image: Image, shares: Mapping[str, float]) -> Image:
    """Paint an image in one pass.

    An image of more than ``MAX_PIXELS`` is painted at that many and enlarged: the network
    normalises over whole images, so one that was painted in tiles would show them.

    Args:
        network: see ``open_styles``.
        image: RGB in [0, 1], of any size.
        shares: of the styles, see ``blend_weights``.

    Raises:
        ValueError: see ``blend_weights``.
    """
    weights = blend_weights(network.styles, shares)
    return _paint(lambda reduced: network(reduced, weights), image)


def paint_any(
    network: AdaINNetwork,
    image: Image,
    styles: Sequence[AnyImage],
    shares: Sequence[float] = (1.0,),
) -> Image:
    """Paint an image in the styles of others in one pass; large ones as ``paint_fast`` does.

    Args:
        network: see ``open_network``.
        image: RGB in [0, 1], of any size.
        styles: RGB in [0, 1], of any sizes.
        shares: of the styles, see ``adain.transfer``.

    Raises:
        ValueError: see ``adain.transfer``.
    """
    return _paint(lambda reduced: network(reduced, styles, shares), image)


def _paint(paint: Painter, image: Image) -> Image:
    h, w = image.shape[2:]
    scale = min(math.sqrt(MAX_PIXELS / (h * w)), 1.0)
    reduced = resize_to(image, max(int(h * scale), 1), max(int(w * scale), 1))
    with torch.no_grad():
        painted = paint(reduced.contiguous(memory_format=torch.channels_last))
    return resize_to(painted, h, w).contiguous()


def _build_transfer(state: dict[str, Tensor], metadata: Mapping[str, str]) -> TransferNetwork:
    sizes = {name: int(metadata[name]) for name in ("width", "num_blocks")}
    arguments = {"styles": json.loads(metadata["styles"]), **sizes}
    network = build_network(TransferNetwork, arguments, state)  # also from 16 bits to 32
    return network.to(memory_format=torch.channels_last).eval().requires_grad_(False)


def _build_adain(state: dict[str, Tensor], metadata: Mapping[str, str]) -> AdaINNetwork:
    name = metadata["encoder"]
    check_name("an encoder", name, get_args(Name))
    choice = EncoderChoice(encoder=cast(Name, name))
    encoder = open_encoder(choice, json.loads(metadata["layers"])).encoder
    decoder = mirrored_decoder(encoder)
    decoder.load_state_dict(state)
    return AdaINNetwork(
        encoder, decoder.to(memory_format=torch.channels_last).requires_grad_(False)
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
