"""Lightning's run of the game against our own, on one device and on two."""

import importlib.util
import multiprocessing
import os
import socket
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from torch import Tensor, nn

from etude.generative.gan import lightning_module
from etude.generative.gan.dcgan import DCGANDiscriminator, DCGANGenerator
from etude.generative.gan.gan_training import AdversarialLesson
from etude.generative.gan.lightning_module import LightningGAN, check_shares
from etude.generative.gan.settings import GANSettings
from etude.generative.gan.source import Rows, Source

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning"),  # Lightning's own, of torch
    pytest.mark.filterwarnings("ignore:.*the model state AFTER optimization"),  # as we want it
    pytest.mark.filterwarnings("ignore:.*callbacks used to create the checkpoint"),
]

POINTS = Rows(torch.randn(500, 2, generator=torch.Generator().manual_seed(5)))
IMAGES = Rows(torch.rand(40, 1, 16, 16, generator=torch.Generator().manual_seed(6)) - 0.5)
STEPS = 6


def settings(**changes: Any) -> GANSettings:
    small = {"steps": STEPS, "batch_size": 8, "final_batch_size": 16, "average_decay": 0.9}
    return GANSettings(**(small | changes))


def players(source: Source) -> tuple[nn.Module, nn.Module]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        if source is POINTS:
            generator = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(), nn.Linear(16, 2))
            layers = nn.Linear(2, 16), nn.LeakyReLU(), nn.Linear(16, 1), nn.Flatten(0)
            return generator, nn.Sequential(*layers)
        return DCGANGenerator(2, 16, 1, width=4), DCGANDiscriminator(16, 1, width=4)


def trainer(folder: Path, **options: Any) -> Trainer:
    quiet = {
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "enable_checkpointing": False,
        "logger": False,
    }
    return Trainer(max_epochs=1, accelerator="cpu", default_root_dir=folder, **(quiet | options))


def ours(source: Source, how: GANSettings, num_steps: int = STEPS) -> AdversarialLesson:
    lesson = AdversarialLesson(*players(source), source, how)
    for _ in range(num_steps):
        lesson.update()
    return lesson


def weights(lesson: AdversarialLesson) -> dict[str, Tensor]:
    """Of the players and of the average."""
    return {
        f"{part}.{name}": value.clone()
        for part, module in lesson.parts.items()
        if isinstance(module, nn.Module)
        for name, value in module.state_dict().items()
    }


def assert_same(first: dict[str, Tensor], second: dict[str, Tensor]) -> None:
    assert first.keys() == second.keys()
    different = [name for name in first if not torch.equal(first[name], second[name])]
    assert not different


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        (POINTS, {}),
        (POINTS, {"objective": "wasserstein", "discriminator_steps": 2, "num_parts": 2}),
        (IMAGES, {"penalty_every_steps": 4}),
    ],
)
def test_weights_are_those_of_our_loop_to_the_last_bit(
    tmp_path: Path, source: Source, changes: dict[str, Any]
) -> None:
    how = settings(**changes)
    module = LightningGAN(*players(source), source, how)
    run = trainer(tmp_path)
    run.fit(module)
    assert_same(weights(module.lesson), weights(ours(source, how)))
    assert run.global_step == STEPS * (how.discriminator_steps + 1)


def test_a_run_that_was_stopped_ends_in_the_same_weights(tmp_path: Path) -> None:
    how = settings()
    saving = ModelCheckpoint(tmp_path, every_n_train_steps=8, save_top_k=-1)
    whole = LightningGAN(*players(POINTS), POINTS, how)
    trainer(tmp_path, enable_checkpointing=True, callbacks=[saving]).fit(whole)
    (file,) = tmp_path.glob("*step=8.ckpt")
    resumed = LightningGAN(*players(POINTS), POINTS, how)
    run = trainer(tmp_path)
    run.fit(resumed, ckpt_path=file, weights_only=True)
    assert run.global_step == 2 * STEPS
    assert_same(weights(resumed.lesson), weights(whole.lesson))
    assert_same(weights(resumed.lesson), weights(ours(POINTS, how)))


def test_bfloat16_is_that_of_our_loop(tmp_path: Path) -> None:
    module = LightningGAN(*players(POINTS), POINTS, settings())
    trainer(tmp_path, precision="bf16-mixed").fit(module)
    rounded = weights(ours(POINTS, settings(precision="bfloat16")))
    exact = weights(ours(POINTS, settings()))
    for name, value in weights(module.lesson).items():
        # Lightning casts a weight at each use, our loop once, so gradients add up in other places
        torch.testing.assert_close(value, rounded[name], rtol=1e-3, atol=1e-4, msg=name)
    first = "generator.0.weight"
    assert (rounded[first] - exact[first]).abs().max() > 1e-3


class Logged(Callback):
    """Keeps what is logged."""

    def __init__(self) -> None:
        self.losses: dict[str, float] = {}

    def on_train_end(self, trainer: Trainer, pl_module: Any) -> None:
        self.losses = {name: value.item() for name, value in trainer.logged_metrics.items()}


def test_losses_are_logged(tmp_path: Path) -> None:
    module, logged = LightningGAN(*players(POINTS), POINTS, settings()), Logged()
    trainer(tmp_path, log_every_n_steps=STEPS, callbacks=[logged]).fit(module)
    lesson = ours(POINTS, settings(), STEPS - 1)
    expected = {name: value.item() for name, value in lesson.update().items()}
    assert logged.losses == pytest.approx(expected)


def test_losses_that_are_not_finite_stop_the_run(tmp_path: Path) -> None:
    broken = Rows(torch.full((20, 2), torch.nan))
    module = LightningGAN(*players(POINTS), broken, settings())
    with pytest.raises(FloatingPointError, match=r"got discriminator=nan, .* at step 1; go on"):
        trainer(tmp_path).fit(module)


def test_what_does_not_fit(tmp_path: Path) -> None:
    module = LightningGAN(*players(POINTS), POINTS, settings())
    with pytest.raises(ValueError, match="32-true or bf16-mixed, got 64-true; change"):
        trainer(tmp_path, precision="64-true").fit(module)
    with pytest.raises(ValueError, match="got 2 devices, 1 parts on each and 9 samples; choose"):
        check_shares(settings(batch_size=9), 2)


def test_without_the_package_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "lightning.pytorch", None)
    spec = importlib.util.spec_from_file_location("again", lightning_module.__file__)
    assert spec is not None
    assert spec.loader is not None
    with pytest.raises(ImportError, match="needs the package lightning; run `pip install"):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


SHARED_RUNS = (
    (POINTS, {"num_parts": 2}),
    (POINTS, {"objective": "wasserstein", "discriminator_steps": 2}),
    (IMAGES, {"penalty_every_steps": 2}),
)


def run_on_one_of_two(rank: int, port: int, folder: Path) -> None:
    """What each of two processes does."""
    torch.set_num_threads(1)
    os.environ |= {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "WORLD_SIZE": "2",
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "TORCHELASTIC_RUN_ID": "test",  # Lightning starts no processes of its own
    }
    for i, (source, changes) in enumerate(SHARED_RUNS):
        module = LightningGAN(*players(source), source, settings(**changes))
        run = trainer(folder, devices=2, strategy="ddp_find_unused_parameters_true")
        run.fit(module)
        assert run.world_size == 2
        torch.save(weights(module.lesson), folder / f"{i}-rank{rank}.pt")


@pytest.fixture(scope="module")
def on_two_devices(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """The weights on both of two processes after each of ``SHARED_RUNS``."""
    folder = tmp_path_factory.mktemp("devices")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    forked = multiprocessing.get_context("fork")  # other ways import everything once more
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # about threads, which wait
        processes = [
            forked.Process(target=run_on_one_of_two, args=(rank, port, folder)) for rank in range(2)
        ]
        for process in processes:
            process.start()
    for process in processes:
        process.join(timeout=100)
        process.kill()
    assert [process.exitcode for process in processes] == [0, 0]
    return [
        [torch.load(folder / f"{i}-rank{rank}.pt", weights_only=True) for rank in range(2)]
        for i in range(len(SHARED_RUNS))
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")
@pytest.mark.parametrize("i", range(len(SHARED_RUNS)))
def test_two_devices_make_the_steps_of_one(on_two_devices: list[Any], i: int) -> None:
    first, second = on_two_devices[i]
    assert_same(first, second)
    source, changes = SHARED_RUNS[i]
    # a batch in parts draws its noise part by part, as the devices do one after the other
    how = settings(**(changes | {"num_parts": 2 * changes.get("num_parts", 1)}))
    joined, start = weights(ours(source, how)), weights(ours(source, how, 0))
    for name, value in joined.items():
        torch.testing.assert_close(first[name], value, rtol=1e-3, atol=1e-5, msg=name)
        if name.endswith("weight"):
            assert (value - start[name]).abs().max() > 1e-3
