"""Kinds of files: agents, networks, pictures, clips, and what commands keep of their work."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import torch
from optuna.trial import FrozenTrial
from PIL import Image
from torch import Tensor, nn

from etude.agents.baseline_settings import PPOConfig
from etude.agents.dyna import DynaAgent
from etude.agents.monte_carlo import MonteCarloAgent
from etude.agents.ntuple import NTupleAgent
from etude.agents.ntuple_network import NTupleConfig
from etude.agents.td_value import TDValueAgent
from etude.agents.tuner import Layer, TunerAgent
from etude.benchmarks import results
from etude.benchmarks.labels import load_labels, save_labels
from etude.benchmarks.results import Result
from etude.benchmarks.search_space import read_space
from etude.benchmarks.sweep import Plan, Sweep, distributions, opened, trials_of
from etude.benchmarks.sweep_report import best_table, draw, outcome
from etude.benchmarks.sweep_subjects import find_subject
from etude.envs.mnk.opening_book import read_book, save_book
from etude.envs.mnk.rules import MNKRules
from etude.generative.checkpoints import (
    NumpyRandomState,
    TorchRandomState,
    load_checkpoint,
    load_metadata,
    save_checkpoint,
)
from etude.generative.clips import frame_times, open_clip, read_frames
from etude.generative.feature_extractors import InceptionFeatures
from etude.generative.features.cdbn import CDBN
from etude.generative.features.cdbn_file import TrainedCDBN, open_cdbn, save_cdbn
from etude.generative.features.crbm import CRBMArchitecture
from etude.generative.frame_folder import FrameFolder, is_finished
from etude.generative.gan.cifar10 import CIFAR10, CLASSES, FILES, RECORD
from etude.generative.gan.generator_file import TrainedGenerator, open_generator, save_generator
from etude.generative.gan.image_folder import ImageFolder
from etude.generative.gan.mlp import MLPGenerator
from etude.generative.gan.published_srresnet import open_any_upscaler
from etude.generative.gan.shipped import GENERATORS
from etude.generative.gan.srgan import SRResNet
from etude.generative.gan.stackgan_file import open_stackgan
from etude.generative.gan.super_resolution import Upscaler, save_upscaler
from etude.generative.images import load_image, save_image
from etude.generative.images import load_metadata as image_metadata
from etude.generative.records import JsonLines, Progress, read_records
from etude.generative.style.feedforward import TransferNetwork
from etude.generative.style.pretrained import ANY_STYLE, open_network, save_network
from etude.generative.style.protocol import read_weights
from etude.generative.style.vgg import VGG19
from etude.players import load_agent
from etude.run_folder import claim
from tests.hardening.kind import Kind

RULES: Final = MNKRules(3, 3, 3)
GAMES: Final = 30


def _copied(source: Path) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(source.read_bytes())


def _ntuple(path: Path) -> None:
    config = NTupleConfig(num_tuples=3, tuple_length=3)
    NTupleAgent(RULES, config, np.random.default_rng(0)).learn(GAMES).save(path)


def _tuner(path: Path) -> None:
    shapes = ((4, 3), (2, 4))
    layers = [Layer(np.ones(shape, np.float32), np.ones(shape[0], np.float32)) for shape in shapes]
    TunerAgent("sac", layers).save(path)


def _baseline(path: Path) -> None:
    from etude.agents.baselines import BaselineAgent, _make_policy

    config = PPOConfig(net_arch=(4,))
    BaselineAgent("ppo", RULES, config, _make_policy("ppo", RULES, config)).save(path)


def _labels(path: Path) -> None:
    from etude.agents.solver_grades import labelled_positions

    positions = labelled_positions(RULES, 3, np.random.default_rng(0), (4, 6))
    save_labels(path, RULES, list(positions))


def _book(path: Path) -> None:
    save_book(path, 1, np.array([0, 1, -1, 0], np.int8))  # up to the mirror image


def _results(path: Path) -> None:
    for seed in range(3):
        config = {"games": 3}
        results.append(
            path,
            Result(
                suite="throughput",
                task="tictactoe",
                method="etude",
                seed=seed,
                metrics={"plies_per_second": 1e6},
                seconds=1.0,
                config=config,
            ),
        )


def _steps(path: Path) -> None:
    lines = JsonLines(path, {"seed": 0})
    lines.begin(0)
    for step in range(1, 5):
        lines.record(Progress(step, 0.5, {"loss": 1.0 / step}))


RUN: Final = {"method": "gan", "settings": {"steps": 100, "batch_size": 8}}


def _run(path: Path) -> None:
    claim(path.parent, RUN)


def _read_run(path: Path) -> None:
    path.rename(path.with_name("run.json"))
    claim(path.parent, RUN)


def _sweep(path: Path) -> tuple[Plan, list[FrozenTrial]]:
    """What a search of two trials comes to in the folder of its study."""
    subject = find_subject("td", None, None, 64, None)
    space = read_space(["step_size=0.01:1:log"], subject.defaults, "td")
    plan = Plan(subject=subject, space=space, num_trials=2)
    with opened(path.parent, plan) as study:
        Sweep(plan, study, path.parent / "results.jsonl", lambda line: None)
        while len(trials_of(study)) < plan.num_trials:
            trial = study.ask(distributions(space))
            trial.report(0.5, 8)
            study.tell(trial, 0.5)
        return plan, trials_of(study)


def _read_study(path: Path) -> None:
    plan, trials = _sweep(path)
    best_table(plan, trials)
    outcome(plan, trials, path.parent)
    draw(path.with_name("sweep.png"), plan, trials)


class Run:
    """What a checkpoint holds, in small."""

    def __init__(self) -> None:
        self.network = nn.Linear(3, 2)
        self.optimiser = torch.optim.Adam(self.network.parameters())
        self.network(torch.ones(1, 3)).sum().backward()
        self.optimiser.step()
        self.parts = {
            "network": self.network,
            "optimiser": self.optimiser,
            "torch_rng": TorchRandomState(torch.Generator()),
            "rng": NumpyRandomState(np.random.default_rng(0)),
        }


def _generator(path: Path) -> None:
    arguments = {"latent_dim": 2, "shape": [2], "width": 4}
    save_generator(
        path,
        TrainedGenerator(
            architecture="mlp",
            arguments=arguments,
            network=MLPGenerator(**arguments),
            latent_dim=2,
            data="grid25",
            mean=(0.0, 0.0),
        ),
    )


def _upscaler(path: Path) -> None:
    save_upscaler(path, Upscaler(network=SRResNet(2, 4, 1), model="srresnet", notes={}))


def _belief(path: Path) -> None:
    lower = CRBMArchitecture(filters=3, filter_size=4, pooling=3, sigma=0.3)
    upper = CRBMArchitecture(channels=3, filters=2, filter_size=2, visible="binary")
    save_cdbn(path, TrainedCDBN(stacks={"faces": CDBN([lower, upper])}, notes={"seed": 0}))


def _transfer(path: Path) -> None:
    save_network(path, TransferNetwork(["waves", "cubism"], 4, 1), [], {"seed": 0})


def _vgg(path: Path) -> None:
    encoder = VGG19(["relu1_1"], weights=None)
    convolution = encoder.convolutions["relu1_1"]
    state = {f"features.0.{name}": value for name, value in convolution.state_dict().items()}
    torch.save(state, path)


def _inception(path: Path) -> None:
    """A few of its weights, as a whole one has 100 megabytes."""
    state = {"Conv2d_1a_3x3.conv.weight": torch.zeros(32, 3, 3, 3), "fc.bias": torch.zeros(1_000)}
    torch.save(state, path)


def _old_torch(path: Path) -> None:
    torch.save({"a": torch.arange(6.0)}, path, _use_new_zipfile_serialization=False)


def _published(path: Path) -> None:
    torch.save({"state_dict": {"conv1.0.weight": torch.zeros(4, 3, 9, 9)}}, path)


def picture(size: int = 24) -> Tensor:
    """Something to look at, (1, 3, size, size)."""
    return torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0))


def _picture(path: Path) -> None:
    save_image(path, picture(), {"seed": 0})


def _deep_picture(path: Path) -> None:
    import cv2

    pixels = (picture()[0].permute(1, 2, 0).numpy() * 65_535).astype(np.uint16)
    path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())


def _pillow(path: Path) -> None:
    Image.effect_noise((24, 24), 50.0).save(path, save_all=True)


def _read_picture(path: Path) -> None:
    load_image(path)
    load_image(path, 8)
    image_metadata(path)


def _clip(path: Path) -> None:
    import imageio.v3 as iio

    frames = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), np.uint8)
    if path.suffix == ".gif":
        iio.imwrite(path, frames)
    else:
        iio.imwrite(path, frames, plugin="pyav", codec="libx264", fps=10)


def _read_clip(path: Path) -> None:
    clip = open_clip(path)
    assert clip.height > 0
    for _ in read_frames(path, 16):
        pass
    for _ in frame_times(path):
        pass


JOB: Final = {"style": "waves", "size": 24}


def _frame(path: Path) -> None:
    folder = FrameFolder(path.parent / "out.mp4", JOB)
    folder.append(picture())
    (folder.path / "000000.png").rename(path)


def _read_frame(path: Path) -> None:
    folder = FrameFolder(path.parent / "out.mp4", JOB)
    path.rename(folder.path / "000000.png")
    kept = FrameFolder(path.parent / "out.mp4", JOB)[0]
    assert kept.shape[:2] == (1, 3)


def _job(path: Path) -> None:
    folder = FrameFolder(path.parent / "out.mp4", JOB)
    (folder.path / "job.json").rename(path)


def _read_job(path: Path) -> None:
    folder = FrameFolder(path.parent / "out.mp4", JOB).path
    path.rename(folder / "job.json")
    FrameFolder(path.parent / "out.mp4", JOB)


def _result(path: Path) -> None:
    path.with_name("out").mkdir()
    folder = FrameFolder(path.with_name("out"), JOB)
    folder.note_result(path.with_name("out"))
    (folder.path / "result.json").rename(path)


def _read_result(path: Path) -> None:
    out = path.with_name("out")
    out.mkdir()
    path.rename(FrameFolder(out, JOB).path / "result.json")
    assert is_finished(out, JOB) == (not list(path.parent.glob(".out.frames/*")))


def _cifar(path: Path) -> None:
    records = np.random.default_rng(0).integers(0, 256, (4, RECORD), np.uint8)
    records[:, 0] %= len(CLASSES)
    path.write_bytes(records.tobytes())


def _read_cifar(path: Path) -> None:
    for name in FILES:
        (path.parent / name).write_bytes(path.read_bytes())
    CIFAR10(path.parent)


def _read_image_folder(path: Path) -> None:
    _picture(path.with_name("b.png"))
    ImageFolder(path.parent, 16, channels=3, crop=True)


KINDS: Final[Mapping[str, Kind]] = {
    "td agent": Kind(
        "td.npz", lambda path: TDValueAgent(RULES, seed=0).learn(GAMES).save(path), load_agent
    ),
    "mc agent": Kind(
        "mc.npz", lambda path: MonteCarloAgent(RULES, seed=0).learn(GAMES).save(path), load_agent
    ),
    "dyna agent": Kind(
        "dyna.npz",
        lambda path: DynaAgent(RULES, seed=0).learn(GAMES, "uniform").save(path),
        load_agent,
    ),
    "n-tuple agent": Kind("ntuple.npz", _ntuple, load_agent),
    "baseline agent": Kind("ppo.npz", _baseline, load_agent),
    "tuner": Kind("tuner.npz", _tuner, TunerAgent.load),
    "labels": Kind("labels.npz", _labels, load_labels),
    "opening book": Kind("book.npz", _book, read_book),
    "results": Kind("results.jsonl", _results, results.read),
    "steps": Kind("steps.jsonl", _steps, read_records),
    "run note": Kind("run.json", _run, _read_run),
    "checkpoint": Kind(
        "checkpoint.pt",
        lambda path: save_checkpoint(path, 7, Run().parts),
        lambda path: load_checkpoint(path, Run().parts),
    ),
    "generator": Kind("generator.safetensors", _generator, open_generator),
    "stylegan": Kind(
        "stylegan.safetensors", _copied(GENERATORS["stylegan-digits"]), open_generator
    ),
    "stackgan": Kind("stackgan.safetensors", _copied(GENERATORS["stackgan-scenes"]), open_stackgan),
    "upscaler": Kind("upscaler.safetensors", _upscaler, open_any_upscaler),
    "style network": Kind("network.safetensors", _transfer, open_network),
    "adain": Kind("adain.safetensors", _copied(ANY_STYLE), open_network),
    "metadata": Kind("generator.safetensors", _generator, load_metadata),
    "vgg weights": Kind("vgg19.pth", _vgg, lambda path: VGG19(["relu1_1"], weights=path)),
    "old torch file": Kind("old.pth", _old_torch, read_weights),
    "published upscaler": Kind("srresnet.pth", _published, open_any_upscaler, True),
    "inception weights": Kind("inception.pth", _inception, InceptionFeatures, True),
    "belief network": Kind("cdbn.safetensors", _belief, open_cdbn),
    "study": Kind("study.db", _sweep, _read_study),
    "png": Kind("a.png", _picture, _read_picture),
    "png of 16 bits": Kind("a.png", _deep_picture, _read_picture),
    "jpeg": Kind("a.jpg", _picture, _read_picture),
    "webp": Kind("a.webp", _picture, _read_picture),
    "tiff": Kind("a.tiff", _picture, _read_picture),
    "gif": Kind("a.gif", _pillow, _read_picture),
    "mp4": Kind("a.mp4", _clip, _read_clip),
    "animated gif": Kind("a.gif", _clip, _read_clip),
    "kept frame": Kind("frame.png", _frame, _read_frame),
    "job note": Kind("note.json", _job, _read_job),
    "note on a result": Kind("result.json", _result, _read_result),
    "cifar-10": Kind("all.bin", _cifar, _read_cifar),
    "image folder": Kind("a.png", _picture, _read_image_folder),
}
