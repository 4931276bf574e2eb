"""Networks in files, blends in words, and painting at any size."""

import json
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import Tensor

from etude.generative.checkpoints import load_weights, save_weights
from etude.generative.data import style_image
from etude.generative.style import pretrained
from etude.generative.style.adain import AdaINNetwork, mirrored_decoder
from etude.generative.style.feedforward import TransferNetwork
from etude.generative.style.pretrained import (
    open_network,
    open_styles,
    paint_any,
    paint_fast,
    parse_blend,
    save_adain,
    save_network,
)
from etude.generative.style.tiny_encoder import TinyEncoder


def small_network(scale: float = 0.3) -> TransferNetwork:
    network = TransferNetwork(["waves", "mosaic"], 4, 1)
    torch_rng = torch.Generator().manual_seed(0)
    for parameter in network.parameters():
        parameter.data.normal_(0.0, scale, generator=torch_rng)
    return network.requires_grad_(False)


def photo(size: int = 24) -> Tensor:
    return style_image("marbling", size)


def test_a_network_survives_in_a_file(tmp_path: Path) -> None:
    path, network = tmp_path / "network.safetensors", small_network()
    save_network(path, network, [photo()], {"seed": 3})
    state, metadata = load_weights(path)
    assert {value.dtype for value in state.values()} == {torch.float16}
    assert json.loads(metadata["notes"]) == {"seed": 3}
    opened = open_styles(path)
    assert opened.styles == ("waves", "mosaic")
    assert not any(parameter.requires_grad for parameter in opened.parameters())
    for style in opened.styles:
        change = paint_fast(opened, photo(), {style: 1.0}) - paint_fast(
            network, photo(), {style: 1.0}
        )
        assert change.abs().max() <= 1.0 / 255.0
    assert (
        path.stat().st_mode & 0o044 == (path.parent / "network.safetensors").stat().st_mode & 0o044
    )


def test_a_network_that_needs_them_keeps_all_bits(tmp_path: Path) -> None:
    path, network = tmp_path / "network.safetensors", small_network()
    network.head.weight.mul_(1e6)  # beyond what 16 bits hold
    save_network(path, network, [photo()], {})
    assert all(
        torch.equal(value, network.state_dict()[key])
        for key, value in load_weights(path)[0].items()
    )


def test_adain_in_a_file_finds_its_encoder(tmp_path: Path) -> None:
    path, encoder = tmp_path / "adain.safetensors", TinyEncoder()
    network = AdaINNetwork(encoder, mirrored_decoder(encoder).requires_grad_(False))
    save_adain(path, network, {})
    opened = open_network(path)
    assert isinstance(opened, AdaINNetwork)
    assert opened.encoder.layers == encoder.layers
    style = style_image("waves", 20)
    expected = paint_any(network, photo(17), [style])
    assert expected.shape == (1, 3, 17, 17)
    torch.testing.assert_close(paint_any(opened, photo(17), [style]), expected)
    with pytest.raises(ValueError, match="which paints any; give it a picture as the style"):
        open_styles(path)


def test_files_that_are_no_networks_are_named(tmp_path: Path) -> None:
    path = tmp_path / "network.safetensors"
    save_weights(path, torch.nn.Linear(2, 2), {"format": "other"})
    with pytest.raises(ValueError, match=r"etude-transfer-network-1, .*got 'other' in .*network"):
        open_network(path)
    save_file({"a": torch.zeros(1)}, path)
    with pytest.raises(ValueError, match="got None in"):
        open_network(path)
    path.write_bytes(b"\x80\x04nonsense")
    with pytest.raises(ValueError, match="weights are a complete safetensors file"):
        open_network(path)
    metadata = {"format": pretrained.TRANSFER_FORMAT, "styles": '["a"]', "width": "4"}
    for broken in (metadata, metadata | {"num_blocks": "1"}):
        save_weights(path, torch.nn.Linear(2, 2), broken)
        with pytest.raises(ValueError, match="the metadata of a network fit its weights"):
            open_network(path)
    with pytest.raises(FileNotFoundError):
        open_network(tmp_path / "none.safetensors")


def test_the_shipped_network_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "network.safetensors"
    save_network(path, small_network(), [photo()], {})
    monkeypatch.setattr(pretrained, "SHIPPED", path)
    assert open_styles().styles == ("waves", "mosaic")


@given(
    st.dictionaries(
        st.text("abc-", min_size=1, max_size=5), st.floats(0.0, 100.0), min_size=1, max_size=4
    )
)
def test_a_blend_in_words_reads_back(shares: dict[str, float]) -> None:
    text = " , ".join(f"{name}:{share!r}" for name, share in shares.items())
    assert parse_blend(text) == shares


@pytest.mark.parametrize(
    "text", ["", "waves,", ":0.5", "waves:", "waves:x", "waves:-1", "waves:nan", "a:1,a:2", "a:inf"]
)
def test_a_malformed_blend_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="a blend has styles with shares of at least 0, each"):
        parse_blend(text)


@pytest.mark.parametrize("size", [(1, 1), (3, 40), (17, 18)])
def test_any_size_is_painted(size: tuple[int, int]) -> None:
    image = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(0))
    painted = paint_fast(small_network(), image, {"waves": 1.0, "mosaic": 2.0})
    assert painted.shape == image.shape
    assert painted.is_contiguous()
    assert 0.0 <= painted.min() <= painted.max() <= 1.0
    with pytest.raises(ValueError, match="got 'wave'; did you mean 'waves'"):
        paint_fast(small_network(), image, {"wave": 1.0})


def test_a_large_image_is_painted_at_fewer_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[tuple[int, ...]] = []
    monkeypatch.setattr(pretrained, "MAX_PIXELS", 400)
    network = small_network()
    network.register_forward_pre_hook(lambda _, inputs: sizes.append(tuple(inputs[0].shape[2:])))
    large = torch.rand(1, 3, 40, 90, generator=torch.Generator().manual_seed(0))
    assert paint_fast(network, large, {"waves": 1.0}).shape == large.shape
    assert sizes == [(13, 30)]
