"""Belief networks on the command line: training, resumption, sheets, and mistakes."""

import json
from pathlib import Path

import pytest
import torch
import tyro

from etude.features_cdbn import cdbn
from etude.generative.checkpoints import load_weights
from etude.generative.data import style_image
from etude.generative.features.cdbn_file import open_cdbn
from etude.generative.images import load_image, save_image
from etude.generative.images import load_metadata as note_of
from etude.train_cdbn import train_cdbn

pytest.importorskip("skimage")  # carries the faces
SHORT = ("--steps-share", "0.002")


def train(*arguments: str) -> None:
    tyro.cli(train_cdbn, args=arguments)


def show(*arguments: str) -> None:
    tyro.cli(cdbn, args=arguments)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a drawn picture."""
    folder = tmp_path_factory.mktemp("photos")
    save_image(folder / "photo.png", style_image("cubism", 96), {})
    return folder


@pytest.fixture(scope="module")
def trained(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a short run."""
    folder = tmp_path_factory.mktemp("cdbn") / "run"
    train(*SHORT, "--photos", str(photos), "--out", str(folder))
    return folder


def test_a_run_leaves_networks_filters_and_losses(trained: Path) -> None:
    networks = open_cdbn(trained / "cdbn.safetensors")
    assert [len(stack.machines) for stack in networks.stacks.values()] == [2, 3]
    edges = [stack.machines[0].weight for stack in networks.stacks.values()]
    assert edges[0].equal(edges[1])
    lines = (trained / "edges" / "steps.jsonl").read_text().splitlines()
    assert set(json.loads(lines[1])["losses"]) == {"error", "activation"}
    for name in ("photos-1", "photos-2", "faces-1", "faces-2", "faces-3"):
        assert load_image(trained / f"{name}.png").shape[1] == 3


def test_a_run_goes_on_where_it_ended(trained: Path, photos: Path, tmp_path: Path) -> None:
    """Without the last layers, and half of the first, all is made again to the same bits."""
    folder = tmp_path / "run"
    arguments = (*SHORT, "--photos", str(photos), "--out", str(folder))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("etude.train_cdbn.train_in_folder", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train(*arguments)
    assert (folder / "edges" / "checkpoint.pt").exists()
    train(*arguments)
    found, expected = (load_weights(f / "cdbn.safetensors")[0] for f in (folder, trained))
    assert all(found[name].equal(weights) for name, weights in expected.items())


def interrupted(lesson: object, num_steps: int, *arguments: object) -> None:
    """A training that is stopped at its second step."""
    from etude.training_run import train_in_folder

    assert num_steps > 2
    train_in_folder(lesson, 2, *arguments)  # type: ignore[arg-type]
    raise KeyboardInterrupt


def test_a_sheet_of_filters_and_completed_faces(tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    show("-o", str(out), "--sweeps", "1", "--burn-in", "0")
    assert min(load_image(out).shape[2:]) > 500
    assert note_of(out)["photo"] is None


@pytest.mark.parametrize("stack", ["photos", "faces"])
def test_what_layers_make_of_a_photo(photos: Path, tmp_path: Path, stack: str) -> None:
    out = tmp_path / "sheet.png"
    torch.manual_seed(0)
    arguments = ("--stack", stack, "--sweeps", "1", "--burn-in", "0", "--hide", "left")
    show(str(photos / "photo.png"), *arguments, "-o", str(out))
    assert note_of(out)["stack"] == stack


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--stack", "faces"), "a stack looks at a photo"),
        (("--sweeps", "0"), "sweeps is at least 1"),
        (("PHOTO", "--stack", "edges"), "a stack is one of photos, faces, got 'edges'"),
        (("-o", "sheet.txt"), "sheet.txt"),
    ],
)
def test_mistakes(photos: Path, arguments: tuple[str, ...], message: str) -> None:
    named = [str(photos / "photo.png") if word == "PHOTO" else word for word in arguments]
    with pytest.raises(ValueError, match=message):
        show(*named)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--steps-share", "0"), "a share of the steps is above 0, got 0"),
        (("--seed", "-1"), "seed is at least 0, got -1"),
    ],
)
def test_mistakes_of_a_training(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        train(*arguments)
