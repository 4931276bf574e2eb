"""The search for good settings of Stable-Baselines3's methods: one change at a time.

Each setting is trained on tic-tac-toe against random play with seeds that the comparison itself
does not use, and graded exactly. The winners are the defaults in ``agents.baseline_settings``.
"""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from etude.agents.baselines import METHODS
from etude.benchmarks.report import report
from etude.benchmarks.runner import Run, run_all
from etude.benchmarks.training import train_sb3
from etude.foundations.names import check_name

SUITE: Final = "tuning"
FIRST_SEED: Final = 100
DECISIONS: Final = 50_000
CHANGES: Final[dict[str, dict[str, tuple[Any, ...]]]] = {
    "dqn_masked": {
        "net_arch": ((64, 64), (256, 256)),
        "learning_rate": (5e-4, 1e-3, 2e-3),
        "batch_size": (64, 128, 256),
        "gradient_steps": (1, 2, 4),
        "target_update_interval": (100, 500),
        "exploration_final_eps": (0.1, 0.2, 0.4),
        "exploration_fraction": (0.5, 0.9),
    },
    "a2c_masked": {
        "num_envs": (8, 16),
        "learning_rate": (1e-3, 2e-3, 4e-3),
        "n_steps": (5, 10),
        "gae_lambda": (0.9, 1.0),
        "ent_coef": (0.01, 0.05, 0.1),
        "vf_coef": (0.5, 1.0),
    },
    "maskable_ppo": {
        "num_envs": (32, 64),
        "net_arch": ((64, 64), (128, 128)),
        "learning_rate": (1e-3, 2e-3, 3e-3),
        "n_steps": (16, 32, 64),
        "batch_size": (64, 128, 256),
        "n_epochs": (5, 10, 20),
        "gae_lambda": (0.8, 0.95, 1.0),
        "ent_coef": (0.0, 0.01, 0.03),
    },
}


def tuning(
    *,
    seeds: int = 3,
    methods: tuple[str, ...] = tuple(CHANGES),
    decisions: int = DECISIONS,
    out: Path = Path("runs/bench"),
    workers: int | None = None,
    ray: str | None = None,
) -> None:
    """Try other settings of Stable-Baselines3's methods, each changed alone.

    About half an hour on two cores; runs that are in the folder already are not run again.

    Args:
        seeds: of each setting, from 100 on.
        methods: some of dqn_masked, a2c_masked and maskable_ppo.
        decisions: the budget of each run.
        out: folder of `results.jsonl`.
        workers: runs at a time; one a core if left out.
        ray: run on a cluster of Ray instead: local, auto, or ray://HOST:10001.

    Raises:
        ValueError: an unknown method, or no seed or decision.
        RuntimeError: some runs failed; the others are in the folder.
    """
    for name in methods:
        check_name("a method", name, CHANGES)
    for option, number in (("seeds", seeds), ("decisions", decisions)):
        if number < 1:
            raise ValueError(f"--{option} is at least 1, got {number}.")
    runs = [run for method in methods for run in plan(method, seeds, decisions)]
    run_all(runs, out / "results.jsonl", workers, ray)
    report(out / "results.jsonl")


def plan(method: str, num_seeds: int, decisions: int) -> Iterator[Run]:
    """The default settings of a method and each change of them."""
    default = asdict(METHODS[method].config)
    changes = {
        f"{name} {_text(value)}": {name: value}
        for name, values in CHANGES[method].items()
        for value in values
        if value != default[name]
    }
    for setting, change in {"default": {}, **changes}.items():
        for seed in range(FIRST_SEED, FIRST_SEED + num_seeds):
            yield Run(
                suite=SUITE,
                task=f"{method}, {decisions:,} decisions",
                method=setting,
                seed=seed,
                config={
                    "method": method,
                    "opponent": "uniform",
                    "decisions": decisions,
                    "settings": default | change,
                },
                execute=train_sb3,
            )


def _text(value: Any) -> str:
    return " x ".join(map(str, value)) if isinstance(value, tuple) else str(value)
