"""A tour for newcomers: exact facts, an agent that learns, its peers, a match, and a painting.

What is shown on the terminal is kept on a page with the pictures, to be shown to others.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console

from etude import recording
from etude.agents.evaluation import Grade, grade
from etude.agents.presets import find_preset
from etude.agents.tabular_agent import TabularAgent
from etude.benchmarks import results
from etude.benchmarks.page import Block, Commands, Picture, Section, write_page
from etude.benchmarks.pictures import pictures
from etude.benchmarks.runner import run_all
from etude.benchmarks.studies import AGAINST_RANDOM, DRAWS, SCORE, WINS, learning_table
from etude.benchmarks.study import TIME
from etude.benchmarks.tables import Table, percent
from etude.benchmarks.tictactoe import against_random_run, baseline_run, has_baselines, task_of
from etude.demo_features import show_features
from etude.demo_gan import show_generator
from etude.demo_style import show_painting
from etude.envs.mnk.best_response import exploitability
from etude.envs.mnk.best_response import match as exact_match
from etude.envs.mnk.render import BoardPainter
from etude.envs.mnk.rules import MNKRules, Position
from etude.envs.mnk.solver import solver_for
from etude.envs.mnk.sprites import SIDE_LABELS, look_of
from etude.envs.mnk.state_space import state_space
from etude.envs.mnk.tabular_policy import minimax_policy, uniform_policy
from etude.envs.pygame_window import Frame
from etude.match import Match
from etude.tour import Tour
from etude.watch import film

RULES: Final = MNKRules(3, 3, 3)
SHARP_POSITION: Final = "XO./.../..."
VALUES_GAMES: Final = 20_000
NUM_LOOKS: Final = 6
GAMES_PER_LOOK: Final = 100
DECISIONS: Final = 50_000
NUM_SEEDS: Final = 3
BASELINES: Final = ("dqn_masked", "maskable_ppo")
TITLE: Final = "Etude: small worlds with known answers"
LEAD: Final = (
    "Tic-tac-toe is small enough to know everything about it. So an agent that learns it gets a "
    "grade instead of an impression: how much a perfect opponent could win from it, and how far it "
    "is from the best that anybody can do. A painting has no exact value, but a network that did "
    "not help to paint it can say how much of the photo and of the style is in it. And points that "
    "a generator makes of noise are graded by the density that they should have."
)
NEXT_STEPS: Final = (
    "etude train td --preset book --save book.npz",
    'etude solve --position "X.O/.X./..O"',
    "etude watch minimax minimax --board connect_four --record connect_four.mp4",
    "etude bench tictactoe --quick",
    "etude stylize photo.jpg --style waves -o painting.png",
    "etude features deconv -o layers.png",
    "etude train gan --data ring8 --window",
    "etude --help",
)


def demo(*, out: Path = Path("runs/demo"), seed: int = 0) -> None:
    """Show in a few minutes what the suite is about; a page with the pictures stays in a folder.

    Args:
        out: the folder, made if it does not exist.
        seed: of the learners and of the match.

    Raises:
        OSError: the folder cannot be written.
    """
    tour = Tour(Console(highlight=False), out, seed)
    out.mkdir(parents=True, exist_ok=True)
    sections = []
    for number, (title, stop) in enumerate(STOPS.items(), start=1):
        tour.console.print(f"\n[bold]{number}/{len(STOPS)}  {title}[/]")
        sections.append(Section(title, stop(tour)))
    page, next_steps = out / "report.html", (f"etude play --agent {out / 'td.npz'}", *NEXT_STEPS)
    write_page(page, TITLE, LEAD, [*sections, Section("What to try next", [Commands(next_steps)])])
    tour.console.print(f"\n[bold]All of it on one page:[/] {page}")
    tour.console.print("\n[bold]What to try next[/]")
    for command in next_steps:
        tour.console.print(f"  {command}", soft_wrap=True)


def show_facts(tour: Tour) -> list[Block]:
    """The whole game in numbers, and policies graded without playing."""
    with tour.console.status("compiling the solver, once on every machine"):
        space = state_space(RULES)
        value = solver_for(RULES).value(Position())
    games, uniform, minimax = space.num_games, uniform_policy(space), minimax_policy(space)
    win, draw, loss = exact_match(space, minimax, uniform)
    return [
        tour.say(
            f"{len(space):,} positions, {space.num_up_to_symmetry} up to symmetry; {games.total:,} "
            f"games, of which X wins {games.first_wins:,}, O {games.second_wins:,}, and "
            f"{games.draws:,} are drawn. With best play: {('a draw', 'X wins', 'O wins')[value]}."
        ),
        tour.say(
            "Exploitability says what a best response wins per game, the mean of both seats: "
            f"{exploitability(space, uniform):.6f} from random play, "
            f"{exploitability(space, minimax):.0f} from perfect play."
        ),
        tour.say(
            f"Perfect X against random O wins {win:.4%}, draws {draw:.4%} and loses {loss:.4%}: "
            "computed over all games, not sampled."
        ),
    ]


def show_values(tour: Tour) -> list[Block]:
    """What temporal differences make of the empty board."""
    agent = find_preset("book").make(RULES, tour.seed)
    words = tour.say(
        "The agent of Sutton and Barto's book knows nothing: V = 0.5 everywhere. It plays against "
        "random moves, and after each of its moves makes the earlier value a bit more like the "
        "later one: V(S) <- V(S) + 0.1 [V(S') - V(S)]."
    )
    before = heat_map(agent, Position(), "before the first game")
    with tour.console.status("compiling the learner, once on every machine"):
        agent.learn(VALUES_GAMES, "uniform", fast=True)
    after = heat_map(agent, Position(), f"after {VALUES_GAMES:,} games")
    path = tour.out / "values.png"
    recording.record(path, [np.hstack([before, after])], fps=1, ends=frozenset())
    tour.note(f"Its values before and after: {path}")
    best = max(agent.action_values(Position()).values())
    return [
        words,
        tour.say(
            f"After {VALUES_GAMES:,} games it expects {best:+.2f} of its best first move (+1 is a "
            "win)."
        ),
        Picture(
            source=path,
            alt="The empty board with the value of each move, before and after learning.",
            caption="What the agent expects of each first move, from -1 (loss) to +1 (win).",
        ),
    ]


def show_perfection(tour: Tour) -> list[Block]:
    """Self-play until nobody can beat the agent, and its grade."""
    preset = find_preset("perfect")
    agent = preset.make(RULES, tour.seed)
    words = tour.say(
        "Against itself, always going where it was least often, an agent needs a few hundred games "
        "to become unbeatable, and to know which of its perfect moves weak opponents fail against."
    )
    before = heat_map(agent, RULES.parse(SHARP_POSITION), "before the first game")
    rows = []
    with tour.console.status("compiling the learner, once on every machine"):
        for _ in range(NUM_LOOKS):
            agent.learn(GAMES_PER_LOOK, preset.opponent, fast=True)
            rows.append((str(agent.num_games), f"{agent.exploitability():.1f}"))
            tour.note(f"after {rows[-1][0]} games: exploitability {rows[-1][1]}")
    after = heat_map(agent, RULES.parse(SHARP_POSITION), f"after {agent.num_games} games")
    agent.save(tour.out / "td.npz")
    path = tour.out / "perfect.png"
    recording.record(path, [np.hstack([before, after])], fps=1, ends=frozenset())
    tour.note(f"Its values before and after: {path}")
    table = grade_table(grade(agent, state_space(RULES)))
    table.print()
    return [
        words,
        Table(
            caption="Learning by self-play", heading=("games", "exploitability"), rows=tuple(rows)
        ),
        Picture(
            source=path,
            alt="The values of the moves after X in the corner and O beside it.",
            caption="X to move: before learning all moves look alike, afterwards those that win "
            "stand out.",
        ),
        table,
    ]


def show_comparison(tour: Tour) -> list[Block]:
    """The table beside neural networks, with the same opponent and as many decisions."""
    if not has_baselines():
        return [
            tour.say("Stable-Baselines3 is not installed: run `pip install 'etude[baselines]'`.")
        ]
    words = tour.say(
        f"Three learners meet random play for {DECISIONS:,} decisions, {NUM_SEEDS} seeds each: the "
        "book's table, and two networks of Stable-Baselines3 that are told the legal moves."
    )
    seeds = range(tour.seed, tour.seed + NUM_SEEDS)
    runs = [against_random_run("book-python", seed, DECISIONS) for seed in seeds]
    runs += [baseline_run(name, seed, DECISIONS) for name in BASELINES for seed in seeds]
    path = tour.out / "results.jsonl"
    if num_done := run_all(runs, path):
        tour.note(f"{num_done} of {len(runs)} runs were done before: {path}")
    task = task_of(DECISIONS)
    lines = [line for line in results.read(path) if line["task"] == task and line["seed"] in seeds]
    study = replace(AGAINST_RANDOM, columns=(SCORE, WINS, DRAWS, TIME))
    table = learning_table(study, task, lines)
    table.print()
    return [words, table, *pictures(study, task, lines).values()]


def show_match(tour: Tour) -> list[Block]:
    """The agent against random play, on film."""
    names = (str(tour.out / "td.npz"), "uniform")
    labels = SIDE_LABELS[look_of(RULES)]
    match = Match(RULES, names, 2, tour.seed, show_values=True, labels=labels)
    frames, ends = film(match)
    paths = [tour.out / f"match{ending}" for ending in (".mp4", ".gif")]
    for path in paths:
        recording.record(path, frames, fps=2, ends=ends)
        tour.note(f"On film: {path}")
    return [
        tour.say("The agent plays X, then O, with its values over the board."),
        *map(tour.say, match.summary()),
        Picture(
            source=paths[1],
            alt="Two games of tic-tac-toe.",
            caption="What the agent expects of each move, and what it plays.",
        ),
    ]


STOPS: Final[dict[str, Callable[[Tour], list[Block]]]] = {
    "Tic-tac-toe, completely": show_facts,
    "Temporal differences": show_values,
    "Perfect play": show_perfection,
    "Beside Stable-Baselines3": show_comparison,
    "A match": show_match,
    "A photo becomes a painting": show_painting,
    "What the network has learned": show_features,
    "Noise becomes a grid": show_generator,
}


def heat_map(agent: TabularAgent, position: Position, caption: str) -> Frame:
    """The agent's values over a position."""
    values = agent.action_values(position)
    return BoardPainter(RULES).frame(position, values=values, caption=caption)


def grade_table(result: Grade) -> Table:
    """Results of the agent in both seats, exactly."""
    return Table(
        caption=f"The exact grade: exploitability {result.exploitability:g}, "
        f"best moves in {percent(result.optimal_share)} of all positions",
        heading=("against", "side", "wins", "draws", "losses"),
        rows=tuple(
            (opponent, side, *(f"{100 * share:.4f} %" for share in shares))
            for opponent, sides in result.against.items()
            for side, shares in sides.items()
        ),
    )
