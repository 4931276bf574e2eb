"""Training an agent that tunes a style transfer, on the command line."""

from dataclasses import asdict
from pathlib import Path
from typing import Final

from gymnasium.error import DependencyNotInstalled
from rich.console import Console

from etude.agents.learning import Budget
from etude.agents.tuner_settings import TUNING_METHODS
from etude.envs.registration import STYLE_WEIGHTS
from etude.foundations.names import check_name
from etude.grade_tuner import Grades, grade_table, tuner_grades
from etude.lessons import Wishes
from etude.live import LiveBar
from etude.tracking import new_folder, tracked_run
from etude.unfinished import Unfinished

TIMESTEPS: Final = 60_000


def is_style_weights(env: str) -> bool:
    """Whether the name is that of the environment in which a style transfer is tuned.

    >>> is_style_weights("etude:etude/StyleWeights-v0"), is_style_weights("4,4,4")
    (True, False)
    """
    return env.removeprefix("etude:") == STYLE_WEIGHTS


def learn_to_tune(method: str, wishes: Wishes, save: Path | None, console: Console) -> Grades:
    """Let an agent learn on the split ``train`` beside a bar, keep it, and show what it is worth.

    Args:
        method: one of ``TUNING_METHODS``.
        wishes: of which an opponent, a preset and games are for boards.
        save: where to keep the agent, and beside it the training while it is not finished.
        console: where to print.

    Returns:
        Its grades.

    Raises:
        ValueError: an unknown method, wishes for a board, or a damaged file of before.
        ImportError: Stable-Baselines3 is not installed.
        KeyboardInterrupt: Ctrl-C came before anything was learned.
    """
    check_name(f"a method for {STYLE_WEIGHTS}", method, TUNING_METHODS)
    _check_no_board(wishes)
    budget = wishes.budget() or Budget(total_timesteps=TIMESTEPS)
    try:
        import torch

        from etude.agents.sb3_run import steps_kept
        from etude.agents.tuner_training import train_tuner
    except (ImportError, DependencyNotInstalled) as error:
        raise ImportError(
            f"{method} is an agent of Stable-Baselines3, which is not installed; run `pip install "
            "'etude[baselines]'`."
        ) from error
    torch.set_num_threads(1)  # pictures this small lose more by sharing the work than they gain
    run = {"method": method, "environment": STYLE_WEIGHTS, **asdict(wishes)}
    folder = new_folder(f"{method}-StyleWeights-seed{wishes.seed}")
    unfinished = Unfinished(save, run, folder, has_checkpoint=True)
    kept = unfinished.checkpoint
    with (
        tracked_run(unfinished.tracked, run) as tracked,
        LiveBar(budget, None, Console(stderr=True), tracked, steps_kept(kept)) as bar,
    ):
        try:
            agent = train_tuner(
                method, budget.total, seed=wishes.seed, progress=bar, checkpoint=kept
            )
        except KeyboardInterrupt:
            if bar.agent is None:
                raise
            unfinished.interrupt(bar.agent)
            console.print("interrupted")
            agent = bar.agent
    if save is not None:
        agent.save(save)
    unfinished.finish()
    console.print(f"{bar.done:,} steps in {bar.seconds:.0f} s ({bar.rate:,.0f} steps/s)")
    grades = tuner_grades(method, agent)
    console.print(grade_table(grades))
    return grades


def next_steps(save: Path) -> list[str]:
    """What to do with a saved agent."""
    return [
        f"watch it: `etude watch {STYLE_WEIGHTS} --agent {save} --record out.mp4`",
        f"paint with it: `etude stylize photo.jpg --style painting.jpg -o out.png --tune {save}`",
    ]


def _check_no_board(wishes: Wishes) -> None:
    for option in ("opponent", "preset", "games"):
        value = getattr(wishes, option)
        if value is not None:
            raise ValueError(
                f"{STYLE_WEIGHTS} has no {option}, got {value!r}; leave --{option} out, and give "
                "--timesteps if you like."
            )
