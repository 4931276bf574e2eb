"""Training an agent on the command line, with its exact grade while it learns."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro
from rich.console import Console

from etude.agents.evaluation import Grade, tabular
from etude.agents.evaluation import grade as grade_exactly
from etude.agents.tabular_agent import TabularAgent
from etude.envs.boards import rules_of
from etude.envs.mnk.game_graph import MAX_KEPT_CELLS
from etude.envs.mnk.retrograde import MAX_TABLE_CELLS
from etude.envs.mnk.rules import MNKRules
from etude.envs.mnk.state_space import state_space
from etude.grade import MAX_ASKED_CELLS, as_dict, show
from etude.grade_tuner import mean_returns
from etude.lessons import RESUMABLE, Lesson, Wishes, make_lesson
from etude.live import LiveBar
from etude.output import Outcome
from etude.players import AGENT_SUFFIX
from etude.tracking import Tracked, new_folder, tracked_run
from etude.train_tuner import is_style_weights, learn_to_tune, next_steps
from etude.unfinished import Unfinished

Method = Literal[
    "td",
    "mc",
    "dyna",
    "ntuple",
    "dqn",
    "a2c",
    "ppo",
    "maskable_ppo",
    "dqn_masked",
    "a2c_masked",
    "ppo_masked",
    "sac",
    "td3",
]


def train(
    method: Annotated[Method, tyro.conf.Positional],
    *,
    env: str = "etude/TicTacToe-v0",
    opponent: str | None = None,
    preset: str | None = None,
    games: int | None = None,
    timesteps: int | None = None,
    seed: int = 0,
    save: Path | None = None,
) -> Outcome:
    """Train an agent, show how it gets on, and keep it in a file.

    Ctrl-C ends the training; what was learned until then is graded and saved all the same. With
    --save, the same command goes on where a training was left, even if it was killed, and comes to
    the same agent; the networks of Stable-Baselines3 are kept twenty times on their way.

    Args:
        method: "td": temporal differences; "mc": statistics over many games; "dyna": learns how the
            opponent answers, and plans with it; "ntuple": an n-tuple network for larger boards; the
            others are Stable-Baselines3's and sb3-contrib's, where "masked" networks read the legal
            moves off the board. On etude/StyleWeights-v0: "sac", "ppo" or "td3".
        env: the id of an environment, or a board such as "4,4,4".
        opponent: "self", "uniform", "minimax", "epsilon_minimax:0.1", or another agent by its file;
            the preset's, for "ntuple" self, for the networks uniform if left out.
        preset: for "td": perfect (default), book, book-decayed, max-backup, beat-random, win-most.
        games: how many games; as many as the preset needs on the board if left out.
        timesteps: how many decisions of the agent, instead of games; 50,000 for the networks of
            Stable-Baselines3 if left out, 60,000 on etude/StyleWeights-v0.
        seed: of all random numbers.
        save: where to keep the agent, a name that ends in .npz.

    Returns:
        How long it learned, where it is, and its grade where that is exact.

    Raises:
        ValueError: an unknown environment, opponent or preset, games where timesteps are asked for,
            or a file name without .npz.
        ImportError: the method needs libraries that are not installed.
    """
    if save is not None and (save.suffix != AGENT_SUFFIX or not save.parent.is_dir()):
        raise ValueError(
            f"an agent is kept in a file that ends in {AGENT_SUFFIX}, in a folder that exists, got "
            f"{str(save)!r}; for example {save.stem or 'agent'}{AGENT_SUFFIX}."
        )
    console = Console(highlight=False)
    wishes = Wishes(preset, opponent, games, timesteps, seed)
    if is_style_weights(env):
        returns = learn_to_tune(method, wishes, save, console)
        _print_next_steps(console, save, next_steps)
        return {"method": method, "saved": save, "returns": mean_returns(returns)}
    rules = rules_of(env)
    run = {"method": method, "board": rules.name, **asdict(wishes)}
    folder = new_folder(f"{method}-{rules.name}-seed{seed}")
    unfinished = Unfinished(save, run, folder, has_checkpoint=method not in RESUMABLE)
    lesson = make_lesson(method, rules, wishes, unfinished.take_up, unfinished.checkpoint)
    with tracked_run(unfinished.tracked, run) as tracked:
        agent, done = follow(lesson, rules, console, tracked, unfinished)
        outcome: dict[str, Any] = {"method": method, "board": rules.name, "saved": save}
        outcome["games" if lesson.budget.total_timesteps is None else "decisions"] = done
        if save is not None:
            agent.save(save)
        unfinished.finish()
        if _has_exact_grade(agent):
            grade = exact_grade(agent)
            show(method, grade)
            tracked.numbers(final_numbers(grade), done)
            outcome["grade"] = as_dict(grade)
    if lesson.optimum is not None:
        console.print(f"aimed at: {lesson.optimum}")
    _print_next_steps(console, save, next_steps_on_board)
    return outcome


def final_numbers(grade: Grade) -> dict[str, float]:
    """What a grade comes to."""
    return {"exploitability": grade.exploitability, "optimal share": grade.optimal_share}


def follow(
    lesson: Lesson,
    rules: MNKRules,
    console: Console,
    tracked: Tracked,
    unfinished: Unfinished | None = None,
) -> tuple[Any, int]:
    """Let an agent learn beside a bar, and print how fast it was.

    Args:
        lesson: what is to be done.
        rules: the board.
        console: where to print.
        tracked: where numbers go.
        unfinished: where the agent is kept meanwhile.

    Returns:
        The agent, and how many games or decisions it had.

    Raises:
        KeyboardInterrupt: Ctrl-C came before anything was learned.
    """
    look = _exploitability if rules.num_cells <= MAX_KEPT_CELLS else None
    unfinished = unfinished or Unfinished(None, {}, Path())
    with LiveBar(lesson.budget, look, Console(stderr=True), tracked, lesson.num_before) as bar:

        def watch(agent: Any) -> None:
            bar(agent)
            unfinished.keep(agent)

        try:
            lesson.learn(watch)
        except KeyboardInterrupt:
            if bar.agent is None:
                raise
            unfinished.interrupt(bar.agent)
            console.print("interrupted")
        seconds, rate = bar.seconds, bar.rate
    console.print(f"{bar.done:,} {bar.unit} in {seconds:.2f} s ({rate:,.0f} {bar.unit}/s)")
    return bar.agent, bar.done


def exact_grade(agent: Any) -> Grade:
    """The grade of an agent whose board is small enough.

    Raises:
        ValueError: the board is too large to be enumerated.
    """
    space = state_space(agent.rules)
    return grade_exactly(tabular(agent, space), space)


def _exploitability(agent: Any) -> float:
    if isinstance(agent, TabularAgent):  # by one pass where the grade takes ten
        return agent.exploitability()
    return exact_grade(agent).exploitability


def _has_exact_grade(agent: Any) -> bool:
    limit = MAX_TABLE_CELLS if isinstance(agent, TabularAgent) else MAX_ASKED_CELLS
    return bool(agent.rules.num_cells <= limit)


def next_steps_on_board(save: Path) -> list[str]:
    """What to do with a saved agent."""
    steps = (("play against it", "play --agent"), ("grade it again", "grade"))
    return [f"{use}: `etude {command} {save}`" for use, command in steps]


def _print_next_steps(
    console: Console, save: Path | None, next_steps: Callable[[Path], list[str]]
) -> None:
    if save is None:
        console.print(f"not saved; to keep an agent, add `--save agent{AGENT_SUFFIX}`")
        return
    console.print(f"saved: {save}", soft_wrap=True)
    for step in next_steps(save):
        console.print(step, soft_wrap=True)
