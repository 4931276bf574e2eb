"""Belief networks in files: whole, refused if something else, and the ones that come along."""

from pathlib import Path

import pytest
import torch

from etude.generative.checkpoints import load_weights, save_weights
from etude.generative.features.cdbn import CDBN
from etude.generative.features.cdbn_file import FORMAT, SHIPPED, TrainedCDBN, open_cdbn, save_cdbn
from etude.generative.features.crbm import CRBMArchitecture
from etude.generative.features.gabor import fit_gabors, orientation

MOST_BYTES = 1_000_000


@pytest.fixture
def trained() -> TrainedCDBN:
    """Two untrained stacks of unusual sizes."""
    lower = CRBMArchitecture(filters=3, filter_size=4, pooling=3, sigma=0.3)
    upper = CRBMArchitecture(channels=3, filters=2, filter_size=2, visible="binary")
    torch_rng = torch.Generator().manual_seed(0)
    stacks = {"photos": CDBN([lower], torch_rng), "faces": CDBN([lower, upper], torch_rng)}
    stacks["faces"].log_odds(1).fill_(-2.0)
    return TrainedCDBN(stacks=stacks, notes={"seed": 3})


def test_a_file_holds_everything(trained: TrainedCDBN, tmp_path: Path) -> None:
    path = tmp_path / "cdbn.safetensors"
    save_cdbn(path, trained)
    again = open_cdbn(path)
    assert again.notes == {"seed": 3}
    images = torch.randn(1, 1, 18, 18, generator=torch.Generator().manual_seed(1))
    for name, stack in trained.stacks.items():
        expected = stack.ascend(images)[-1].detection
        assert again.stack(name).ascend(images)[-1].detection.equal(expected)
    assert again.stack("faces").log_odds(1).tolist() == [-2.0] * 3


def test_other_files_are_refused(trained: TrainedCDBN, tmp_path: Path) -> None:
    path = tmp_path / "cdbn.safetensors"
    save_weights(path, trained.stacks["photos"], {"format": "something"})
    with pytest.raises(ValueError, match=f"has the format '{FORMAT}', got 'something'"):
        open_cdbn(path)
    save_cdbn(path, trained)
    metadata = load_weights(path)[1]
    save_weights(path, trained.stacks["photos"], metadata)
    with pytest.raises(ValueError, match="the metadata of a network fit its weights"):
        open_cdbn(path)
    with pytest.raises(ValueError, match="a stack is one of photos, faces, got 'face'"):
        trained.stack("face")


def test_the_edges_that_come_along_are_oriented_and_localised() -> None:
    """Most fit a Gabor function; noise with their spectra is the control of the benchmark."""
    filters = open_cdbn().stack("photos").machines[0].weight[:, 0]
    fits = fit_gabors(filters, num_steps=60)
    is_good = (fits.explained >= 0.7) & (orientation(fits.functions) >= 0.5)
    assert is_good.float().mean() >= 0.7


def test_what_comes_along_is_small() -> None:
    assert SHIPPED.stat().st_size < MOST_BYTES
    assert list(open_cdbn().stacks) == ["photos", "faces"]
