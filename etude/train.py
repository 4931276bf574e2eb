"""Training an agent on the command line, with its exact grade while it learns."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import gymnasium as gym
import numpy as np
import tyro
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import etude
from etude.agents.evaluation import grade
from etude.agents.ntuple import NTupleAgent
from etude.agents.ntuple_network import NTupleConfig
from etude.agents.presets import OPTIMA, Preset, find_preset
from etude.envs.mnk.game_graph import MAX_KEPT_CELLS
from etude.envs.mnk.rules import MNKRules
from etude.envs.mnk.state_space import state_space
from etude.envs.names import check_name
from etude.grade import show
from etude.players import AGENT_SUFFIX

PRESETS: Final[dict[str, tuple[str, ...]]] = {
    "td": ("perfect", "book", "book-decayed", "max-backup", "beat-random", "win-most"),
    "mc": ("monte-carlo",),
    "dyna": ("dyna",),
    "ntuple": (),
}
NTUPLE_GAMES: Final = 100_000
TICTACTOE: Final = MNKRules()
NUM_LOOKS: Final = 50  # how often the grade is looked at while learning


@dataclass
class Lesson:
    """What is to be done: an agent, and how it learns a number of games."""

    agent: Any
    learn: Callable[[int], object]
    num_games: int
    preset: Preset | None


def train(
    method: Annotated[Literal["td", "mc", "dyna", "ntuple"], tyro.conf.Positional],
    *,
    env: str = "etude/TicTacToe-v0",
    preset: str | None = None,
    games: int | None = None,
    seed: int = 0,
    save: Path | None = None,
) -> None:
    """Train an agent, show how it gets on, and keep it in a file.

    Ctrl-C ends the training; what was learned until then is graded and saved all the same.

    Args:
        method: "td": temporal differences; "mc": statistics over many games; "dyna": learns how the
            opponent answers, and plans with it; "ntuple": an n-tuple network for larger boards.
        env: the id of an environment, or a board such as "4,4,4".
        preset: for "td": perfect (default), book, book-decayed, max-backup, beat-random, win-most.
        games: how many games; as many as the preset needs on 3 x 3 if left out.
        seed: of all random numbers.
        save: where to keep the agent, a name that ends in .npz.

    Raises:
        ValueError: an unknown environment or preset, or a file name without .npz.
    """
    if save is not None and (save.suffix != AGENT_SUFFIX or not save.parent.is_dir()):
        raise ValueError(
            f"an agent is kept in a file that ends in {AGENT_SUFFIX}, in a folder that exists, got "
            f"{str(save)!r}; for example {save.stem or 'agent'}{AGENT_SUFFIX}."
        )
    lesson = make_lesson(method, rules_of(env), preset, games, seed)
    console = Console(highlight=False)
    start = time.perf_counter()
    played = follow(lesson, Console(stderr=True))
    seconds = time.perf_counter() - start
    console.print(f"{played:,} games in {seconds:.2f} s ({played / seconds:,.0f} games/s)")
    if save is not None:
        lesson.agent.save(save)
        console.print(f"saved: {save}")
    if _is_graded(lesson):
        show(method, grade(lesson.agent, state_space(lesson.agent.rules)))
    if lesson.preset is not None and lesson.agent.rules == TICTACTOE:
        optimum = lesson.preset.optimum
        console.print(f"aimed at: {optimum}, which is {OPTIMA[optimum]:.6f}")


def make_lesson(
    method: str, rules: MNKRules, preset: str | None, games: int | None, seed: int
) -> Lesson:
    """The agent of a method, and how it learns.

    Raises:
        ValueError: a preset that the method does not have, or fewer games than 1.
    """
    check_name("a method", method, PRESETS)
    if games is not None and games < 1:
        raise ValueError(f"games is how many games to learn from, at least 1, got {games}.")
    if not PRESETS[method]:
        if preset is not None:
            raise ValueError(f"{method} has no presets, got {preset!r}; leave it out.")
        num_games = games or NTUPLE_GAMES
        config = NTupleConfig(decay_games=num_games)
        network = NTupleAgent(rules, config, np.random.default_rng(seed))
        return Lesson(network, network.learn, num_games, None)
    name = preset or PRESETS[method][0]
    check_name(f"a preset of {method}", name, PRESETS[method])
    chosen = find_preset(name)
    agent = chosen.make(rules, seed)
    is_fast = chosen.has_fast_path and rules.num_cells <= MAX_KEPT_CELLS

    def learn(num_games: int) -> None:
        agent.learn(num_games, chosen.opponent, fast=is_fast)

    return Lesson(agent, learn, games or chosen.num_games, chosen)


def follow(lesson: Lesson, console: Console) -> int:
    """Learn with a progress bar; return the games played, fewer than wanted after Ctrl-C."""
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("games"),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    played, step = 0, max(lesson.num_games // NUM_LOOKS, 1)
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=lesson.num_games)
        try:
            while played < lesson.num_games:
                num_games = min(step, lesson.num_games - played)
                lesson.learn(num_games)
                played += num_games
                progress.update(bar, completed=played, description=_grade_now(lesson))
        except KeyboardInterrupt:
            console.print(f"interrupted after {played:,} games")
    return played


def rules_of(env: str) -> MNKRules:
    """The board of an environment's id, or of a board's name.

    Raises:
        ValueError: neither.
    """
    if "/" not in env:
        return MNKRules.from_name(env)
    gym.register_envs(etude)
    check_name("an environment", env, [name for name in gym.registry if name.startswith("etude/")])
    return MNKRules(**gym.spec(env).kwargs)


def _grade_now(lesson: Lesson) -> str:
    """The exploitability at the moment, where it takes milliseconds."""
    if not _is_graded(lesson):
        return ""
    return f"exploitability {lesson.agent.exploitability():.3f}"


def _is_graded(lesson: Lesson) -> bool:
    return lesson.preset is not None and lesson.agent.rules.num_cells <= MAX_KEPT_CELLS
