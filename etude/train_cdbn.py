"""Training convolutional deep belief networks on the command line: ``etude train cdbn``."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import torch
from rich.console import Console

from etude import __version__
from etude.cdbn_pictures import filter_sheet
from etude.generative.features.cdbn_data import whitened_faces, whitened_photos
from etude.generative.features.cdbn_file import TrainedCDBN, save_cdbn
from etude.generative.features.cdbn_training import CDBNSettings, LayerPlan, train_stacks
from etude.generative.features.crbm_training import CRBMLesson
from etude.generative.images import save_image
from etude.output import Outcome
from etude.run_folder import claim
from etude.training_run import train_in_folder

FILE: Final = "cdbn.safetensors"


def train_cdbn(
    *,
    photos: Path | None = None,
    steps_share: float = 1.0,
    seed: int = 0,
    out: Path = Path("runs/cdbn"),
) -> Outcome:
    """Train convolutional deep belief networks: edges and contours of photos, faces and parts.

    Ctrl-C ends the training and keeps everything; the same command goes on where it ended, and
    comes to the same networks as if it had not. The folder has `cdbn.safetensors`, which `etude
    features cdbn --model` takes, the filters of each layer as a picture (`faces-2.png`, and so on),
    and for each layer `steps.jsonl`: how well it makes again what it has seen, and the share of its
    units that are on.

    Args:
        photos: a folder of pictures for the first two layers; those that packages carry if left
            out.
        steps_share: of the best known number of steps of every layer.
        seed: of the filters, the squares that are cut out of pictures, and the samples.
        out: a folder for everything that is made.

    Returns:
        The file of the networks.

    Raises:
        ValueError: another run in the folder, no photos, or a number out of its range.
        ImportError: the faces come with scikit-image, which is not installed.
        FloatingPointError: the training diverged; the last checkpoint is kept.
        OSError: the folder cannot be written.
    """
    settings = CDBNSettings(seed=seed).scaled(steps_share)
    images = whitened_photos(photos)
    faces = list(torch.split(whitened_faces(), 1))
    run = {
        "made_by": f"etude train cdbn {__version__}",
        "photos": None if photos is None else str(photos),
        "settings": asdict(settings),
    }
    claim(out, run)
    torch.set_num_threads(1)  # networks this small lose more by sharing the work than they gain
    console = Console(highlight=False)
    stacks = train_stacks(settings, images, faces, _Trainer(out, run, console))
    trained = TrainedCDBN(stacks=stacks, notes=run)
    for stack, layers in stacks.items():
        for layer in range(len(layers.machines)):
            path = out / f"{stack}-{layer + 1}.png"
            save_image(path, filter_sheet(layers, layer), {"made_by": run["made_by"]})
    save_cdbn(out / FILE, trained)
    console.print(f"networks: {out / FILE}", soft_wrap=True)
    return {"networks": out / FILE}


class _Trainer:
    """Trains each layer in a folder of its own."""

    def __init__(self, out: Path, run: Mapping[str, Any], console: Console) -> None:
        self._out, self._run, self._console = out, run, console

    def __call__(self, name: str, lesson: CRBMLesson, plan: LayerPlan) -> None:
        folder = self._out / name
        folder.mkdir(exist_ok=True)
        self._console.print(f"{name}: {plan.settings.steps:,} steps")
        train_in_folder(lesson, plan.settings.steps, folder, self._run)
