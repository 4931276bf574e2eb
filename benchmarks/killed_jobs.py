"""The jobs that are killed: one of each kind of work that takes long."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from etude.benchmarks import results
from etude.benchmarks.kills import Job
from etude.foundations.arrays import read_arrays
from etude.foundations.json_lines import whole_lines

Metrics = dict[str, Any]
TIMES: Final = ("cpu_seconds", "seconds")  # metrics that are not the same twice


def table_job(num_games: int) -> Job:
    """A value agent that learns tic-tac-toe."""
    options = ("--preset", "book", "--games", str(num_games), "--seed", "1")
    return _agent_job("train td", ("td", *options))


def ntuple_job(num_games: int) -> Job:
    """An n-tuple network that learns Connect Four."""
    options = ("--env", "connect_four", "--games", str(num_games), "--seed", "1")
    return _agent_job("train ntuple", ("ntuple", *options))


def baseline_job(num_timesteps: int) -> Job:
    """A network of Stable-Baselines3 that learns tic-tac-toe, with a replay buffer."""
    options = ("--timesteps", str(num_timesteps), "--seed", "1")
    return _agent_job("train dqn_masked", ("dqn_masked", *options))


def _agent_job(name: str, options: tuple[str, ...]) -> Job:
    def progress(folder: Path) -> int:
        from etude.generative.checkpoints import checkpoint_step

        unfinished = folder / ".agent.npz.unfinished"
        agents, checkpoint = (folder, unfinished), unfinished / "checkpoint.pt"
        paths = [path for it in agents if (path := it / "agent.npz").exists()]
        found = [_num_learned(path) for path in paths]
        if checkpoint.exists():
            found.append(checkpoint_step(checkpoint))
        return max(found, default=0)

    def outcome(folder: Path) -> Any:
        arrays = read_arrays(folder / "agent.npz")
        return {name: array.tobytes() for name, array in arrays.items()}

    command = ("train", *options, "--save", "agent.npz", "--tracker", "none")
    return Job(name=name, command=command, progress=progress, outcome=outcome)


def _num_learned(path: Path) -> int:
    """Games of an agent, or decisions of a network."""
    settings = json.loads(read_arrays(path)["header"].tobytes())["settings"]
    return int(settings.get("num_games", settings.get("num_timesteps", 0)))


def generator_job(num_steps: int) -> Job:
    """A generator that learns a grid of points, with TensorBoard's files beside it."""
    options = ("--data", "grid25", "--steps", str(num_steps))
    return _network_job("train gan", ("gan", *options), "generator.safetensors")


def _network_job(name: str, options: tuple[str, ...], file: str) -> Job:
    def progress(folder: Path) -> int:
        from etude.generative.checkpoints import checkpoint_step

        checkpoint = folder / "run" / "checkpoint.pt"
        return checkpoint_step(checkpoint) if checkpoint.exists() else 0

    def outcome(folder: Path) -> Any:
        from etude.generative.checkpoints import load_weights

        steps = [json.loads(line) for line in whole_lines(folder / "run" / "steps.jsonl")[1:]]
        check_once([step["step"] for step in steps], "a step")
        losses = [(step["step"], step["losses"]) for step in steps]
        weights, _ = load_weights(folder / "run" / file)
        arrays = {name: weight.numpy().tobytes() for name, weight in weights.items()}
        return losses, arrays, tensorboard_steps(folder / "run")

    command = ("train", *options, "--out", "run", "--tracker", "tensorboard")
    return Job(name=name, command=command, progress=progress, outcome=outcome)


def tensorboard_steps(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """The points of each loss as TensorBoard shows them.

    Raises:
        ValueError: a step is shown twice.
    """
    # the package has no types
    from tensorboard.backend.event_processing import (  # type: ignore[import-untyped]
        event_accumulator,
    )

    events = event_accumulator.EventAccumulator(str(folder))
    events.Reload()
    shown = {}
    for name in events.Tags()["scalars"]:
        points = [(event.step, event.value) for event in events.Scalars(name)]
        check_once([step for step, _ in points], f"a point of {name}")
        if name not in TIMES:
            shown[name] = points
    return shown


def painting_job(evaluations: int, size: int) -> Job:
    """A painting by descent on its pixels."""
    options = ("--size", str(size), "--evaluations", str(evaluations), "--style", "waves")
    command = ("stylize", "photo.png", *options, "-o", "out.png")

    def progress(folder: Path) -> int:
        from etude.generative.checkpoints import checkpoint_step

        kept = folder / ".out.png.unfinished"
        done = evaluations * 10 if (folder / "out.png").exists() else 0
        return checkpoint_step(kept) if kept.exists() else done

    return Job(
        name="stylize a photo",
        command=command,
        progress=progress,
        outcome=lambda folder: _pixels(folder / "out.png"),
        prepare=lambda folder: _photo(folder / "photo.png", seed=0),
    )


def clip_job(num_frames: int, size: int) -> Job:
    """A clip that is painted frame by frame, to an animation: x264 makes no film twice."""
    command = ("stylize", "clip", "--fast", "--style", "waves", "-o", "out.gif")

    def progress(folder: Path) -> int:
        if (folder / "out.gif").exists():
            return num_frames
        return len(list((folder / ".out.gif.frames").glob("[0-9]*.png")))

    def prepare(folder: Path) -> None:
        (folder / "clip").mkdir()
        for number in range(num_frames):
            _photo(folder / "clip" / f"{number}.png", seed=0, shift=number)

    return Job(
        name="stylize a clip",
        command=(*command, "--size", str(size)),
        progress=progress,
        outcome=lambda folder: (folder / "out.gif").read_bytes(),
        prepare=prepare,
    )


def bench_job(seeds: int) -> Job:
    """A comparison of learners, in processes of its own."""
    methods = ("perfect", "book", "max-backup")
    options = ("--methods", *methods, "--seeds", str(seeds), "--workers", "1", "--out", "bench")
    command = ("bench", "tictactoe", *options, "--tracker", "none")
    return Job(
        name="bench tictactoe",
        command=command,
        progress=lambda folder: _num_lines(folder / "bench" / "results.jsonl"),
        outcome=lambda folder: measured(folder / "bench" / "results.jsonl"),
    )


def sweep_job(num_trials: int) -> Job:
    """A search for good settings, a trial of which is two runs."""
    options = ("--trials", str(num_trials), "--seeds", "2", "--budget", "2000", "--workers", "1")
    command = ("sweep", "td", *options, "--set", "step_size=0.01:1:log", "--out", "sweep")
    return Job(
        name="sweep",
        command=(*command, "--tracker", "none"),
        progress=lambda folder: _num_lines(folder / "sweep" / "results.jsonl"),
        outcome=lambda folder: measured(folder / "sweep" / "results.jsonl"),
    )


def measured(path: Path) -> dict[str, tuple[Metrics, Any]]:
    """What a file of results says of each run, but for times.

    Raises:
        ValueError: a run is there twice.
    """
    lines = results.read(path)
    names = [
        json.dumps([line[key] for key in ("suite", "task", "method", "seed", "config")])
        for line in lines
    ]
    check_once(names, "a run")
    return {
        name: (
            {metric: value for metric, value in line["metrics"].items() if metric not in TIMES},
            line["curve"],
        )
        for name, line in sorted(zip(names, lines, strict=True))
    }


def check_once(found: list[Any], what: str) -> None:
    """Check that nothing is counted twice.

    Raises:
        ValueError: something is.
    """
    if len(set(found)) < len(found):
        twice = next(one for one in found if found.count(one) > 1)
        raise ValueError(f"{what} counts once, got {twice} {found.count(twice)} times.")


def _num_lines(path: Path) -> int:
    return len(whole_lines(path)) if path.exists() else 0


def _photo(path: Path, seed: int, shift: int = 0) -> None:
    """Soft spots, which move to the right with ``shift``."""
    from PIL import Image

    coarse = np.random.default_rng(seed).integers(0, 256, (8, 12, 3), np.uint8)
    spots = Image.fromarray(coarse).resize((192, 128), Image.Resampling.BICUBIC)
    Image.fromarray(np.roll(np.asarray(spots), 2 * shift, axis=1)).save(path)


def _pixels(path: Path) -> bytes:
    from PIL import Image

    with Image.open(path) as picture:
        pixels: bytes = picture.tobytes()
    return pixels


JobName = Literal["td", "ntuple", "baseline", "gan", "painting", "clip", "bench", "sweep"]
JOBS: Final[dict[JobName, Callable[[], Job]]] = {
    "td": lambda: table_job(2_000_000),
    "ntuple": lambda: ntuple_job(40_000),
    "baseline": lambda: baseline_job(50_000),
    "gan": lambda: generator_job(8_000),
    "painting": lambda: painting_job(100, 160),
    "clip": lambda: clip_job(60, 192),
    "bench": lambda: bench_job(8),
    "sweep": lambda: sweep_job(250),
}
"""As long as 20 kills need: some 20 to 50 seconds of a core each."""
