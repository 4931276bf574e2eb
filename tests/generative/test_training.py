"""Training runs: exact resume, averages, records, interrupts and broken files."""

import math
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from etude.generative.checkpoints import (
    NumpyRandomState,
    Stateful,
    TorchRandomState,
    load_checkpoint,
    load_weights,
    save_checkpoint,
    save_weights,
)
from etude.generative.records import JsonLines, Progress, read_records
from etude.generative.training import moving_average, seed_everything, train


class Run:
    """A regression with Adam, an average and both kinds of random numbers."""

    def __init__(self, num_features: int = 3) -> None:
        self.network = nn.Linear(num_features, 1)
        nn.init.zeros_(self.network.weight)
        nn.init.zeros_(self.network.bias)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=0.05)
        self.average = moving_average(self.network, 0.9)
        self.torch_rng = torch.Generator().manual_seed(1)
        self.rng = np.random.default_rng(2)
        self.parts: dict[str, Stateful] = {
            "network": self.network,
            "optimizer": self.optimizer,
            "average": self.average,
            "torch_rng": TorchRandomState(self.torch_rng),
            "rng": NumpyRandomState(self.rng),
        }

    def update(self) -> dict[str, Tensor]:
        inputs = torch.randn(8, self.network.in_features, generator=self.torch_rng)
        targets = inputs.sum(dim=1, keepdim=True) + float(self.rng.normal())
        loss = (self.network(inputs) - targets).square().mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.average.update_parameters(self.network)
        return {"error": loss}


class Steps:
    """A recorder in memory."""

    def __init__(self, on_step: Callable[[int], None] = lambda step: None) -> None:
        self.records: list[Progress] = []
        self.begun: list[int] = []
        self.on_step = on_step

    def begin(self, step: int) -> None:
        self.begun.append(step)

    def record(self, progress: Progress) -> None:
        self.records.append(progress)
        self.on_step(progress.step)


def losses(steps: Steps) -> list[float]:
    return [record.losses["error"] for record in steps.records]


def test_a_run_that_was_stopped_ends_in_the_same_numbers(tmp_path: Path) -> None:
    whole, whole_steps = Run(), Steps()
    train(whole.update, whole.parts, 20, whole_steps)
    checkpoint, steps = tmp_path / "run.pt", Steps()
    for num_steps in (7, 20):
        part = Run()
        train(part.update, part.parts, num_steps, steps, checkpoint=checkpoint)
    assert losses(steps) == losses(whole_steps)
    assert steps.begun == [0, 7]
    assert [record.step for record in steps.records] == list(range(1, 21))
    for key, value in whole.average.state_dict().items():
        assert torch.equal(value, part.average.state_dict()[key])


def test_work_since_the_last_checkpoint_is_done_again(tmp_path: Path) -> None:
    checkpoint, whole = tmp_path / "run.pt", Steps()
    first = Run()
    train(first.update, first.parts, 12, whole)

    def crash(step: int) -> None:
        if step == 9:
            raise OSError("no power")

    second, third, steps = Run(), Run(), Steps()
    with pytest.raises(OSError, match="no power"):
        train(
            second.update, second.parts, 12, Steps(crash), checkpoint=checkpoint, save_every_steps=4
        )
    train(third.update, third.parts, 12, steps, checkpoint=checkpoint)
    assert steps.begun == [8]
    assert losses(steps) == losses(whole)[8:]


def test_ctrl_c_ends_after_the_update_and_keeps_it(tmp_path: Path) -> None:
    checkpoint, run = tmp_path / "run.pt", Run()

    def interrupt(step: int) -> None:
        if step == 3:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(run.update, run.parts, 9, Steps(interrupt), checkpoint=checkpoint)
    assert load_checkpoint(checkpoint, Run().parts) == 3
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_ctrl_c_ends_at_once() -> None:
    run = Run()

    def interrupt_twice(step: int) -> None:
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
            signal.getsignal(signal.SIGINT)  # a bytecode later the signal has been seen

    with pytest.raises(KeyboardInterrupt):
        train(run.update, run.parts, 9, Steps(interrupt_twice))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_losses_that_are_not_finite_leave_the_checkpoint_alone(tmp_path: Path) -> None:
    checkpoint, run = tmp_path / "run.pt", Run()
    train(run.update, run.parts, 2, Steps(), checkpoint=checkpoint)
    before = checkpoint.read_bytes()
    with pytest.raises(FloatingPointError, match=r"got a=1, b=nan at step 3; .* smaller learning"):
        train(
            lambda: {"a": torch.tensor(1.0), "b": torch.tensor(math.nan)},
            run.parts,
            9,
            Steps(),
            checkpoint=checkpoint,
        )
    assert checkpoint.read_bytes() == before


def test_the_average_follows_the_closed_form() -> None:
    network = nn.Linear(1, 1, bias=False)
    average = moving_average(network, 0.5)
    for weight in (4.0, 2.0, 8.0):
        network.weight.data.fill_(weight)
        average.update_parameters(network)
    assert average.module.weight.item() == 0.5 * (0.5 * 4.0 + 0.5 * 2.0) + 0.5 * 8.0
    assert not average.module.weight.requires_grad
    assert network.weight.requires_grad
    with pytest.raises(ValueError, match=r"lies in \[0, 1\), got 1.0"):
        moving_average(network, 1.0)


def test_a_seed_repeats_all_global_numbers() -> None:
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()  # noqa: NPY002
    try:
        draws = []
        for seed in (5, 5, 6):
            seed_everything(seed)
            draws.append((random.random(), np.random.random(), torch.rand(1).item()))  # noqa: NPY002
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002
        torch.set_rng_state(states[2])
    assert draws[0] == draws[1]
    assert all(a != b for a, b in zip(draws[0], draws[2], strict=True))
    with pytest.raises(ValueError, match="a seed lies between 0 and 4294967295, got -1"):
        seed_everything(-1)


class Executed:
    """What a hostile file would run."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return os.mkdir, ("executed",)


def test_a_hostile_checkpoint_is_not_executed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save(Executed(), tmp_path / "run.pt")
    with pytest.raises(ValueError, match="is no complete checkpoint"):
        load_checkpoint(tmp_path / "run.pt", Run().parts)
    assert not (tmp_path / "executed").exists()


def test_checkpoints_of_other_runs_are_named(tmp_path: Path) -> None:
    path, run = tmp_path / "run.pt", Run()
    save_checkpoint(path, 1, run.parts)
    with pytest.raises(ValueError, match="this run has the parts network, got network, optimizer"):
        load_checkpoint(path, {"network": run.network})
    with pytest.raises(ValueError, match="of a run with other settings"):
        load_checkpoint(path, Run(num_features=5).parts)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ValueError, match="is no complete checkpoint; delete it to start anew"):
        load_checkpoint(path, run.parts)
    torch.save({"weights": torch.zeros(1)}, path)
    with pytest.raises(ValueError, match="a checkpoint has the format 'etude-checkpoint-1'"):
        load_checkpoint(path, run.parts)
    with pytest.raises(FileNotFoundError):
        load_checkpoint(tmp_path / "none.pt", run.parts)


def test_weights_survive_with_their_metadata(tmp_path: Path) -> None:
    path, network = tmp_path / "weights.safetensors", Run().network
    nn.init.normal_(network.weight)
    save_weights(path, network, {"styles": "waves"})
    state, metadata = load_weights(path)
    assert metadata == {"styles": "waves"}
    assert torch.equal(state["weight"], network.weight)
    assert list(tmp_path.iterdir()) == [path]
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(ValueError, match=r"complete safetensors file, got .*; save them again"):
        load_weights(path)
    with pytest.raises(FileNotFoundError):
        load_weights(tmp_path / "none.safetensors")


def test_the_record_of_a_run_has_each_step_once(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    recorder = JsonLines(path, {"seed": 1})
    recorder.begin(0)
    for step in (1, 2, 3):
        recorder.record(Progress(step, 0.5, {"error": 1.0 / step}))
    with path.open("a") as file:
        file.write('{"step": 4, "sec')
    recorder.begin(2)
    recorder.record(Progress(3, 0.25, {"error": 0.0}))
    assert [(record.step, record.seconds) for record in read_records(path)] == [
        (1, 0.5),
        (2, 0.5),
        (3, 0.25),
    ]
    assert path.read_text().splitlines()[0] == '{"seed": 1}'
    path.write_text('{"seed": 1}\nnothing\n{}\n')
    with pytest.raises(ValueError, match=r"line 2 of .*run.jsonl' is no record: nothing"):
        read_records(path)
    assert read_records(tmp_path / "none.jsonl") == []
