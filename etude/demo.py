"""A tour that a newcomer can watch: what is known exactly, and a match to look at."""

from pathlib import Path
from typing import Final

from rich.console import Console

from etude.envs.mnk.render import BoardPainter
from etude.envs.mnk.rules import MNKRules, Position
from etude.envs.mnk.solver import solver_for
from etude.recording import record
from etude.watch import watch

OPENING: Final = "XO./.../..."
NEXT_STEPS: Final = (
    "etude play",
    'etude solve --position "X.O/.X./..O"',
    "etude watch minimax minimax --board connect_four --record connect_four.mp4",
    "etude --help",
)


def demo(*, out: Path = Path("runs/demo"), seed: int = 0) -> None:
    """Show in a minute what the suite is about; the pictures stay in a folder.

    Args:
        out: the folder, made if it does not exist.
        seed: of the match.

    Raises:
        OSError: the folder cannot be written.
    """
    console = Console(highlight=False)
    out.mkdir(parents=True, exist_ok=True)
    rules = MNKRules()
    with console.status("compiling the solver, once on every machine"):
        _show_facts(console, rules)
        _show_grades(console, rules)
    console.print("\n[bold]A match[/], perfect against random, with the exact value of every move:")
    watch("minimax", "uniform", games=2, seed=seed, show_values=True, record=out / "match.gif")
    _draw_values(rules, out / "values.png")
    console.print(f"A picture of exact values: {out / 'values.png'}")
    console.print("\n[bold]What to try next[/]")
    for command in NEXT_STEPS:
        console.print(f"  {command}", soft_wrap=True)


def _show_facts(console: Console, rules: MNKRules) -> None:
    from etude.envs.mnk.state_space import state_space

    space = state_space(rules)
    games = space.num_games
    value = solver_for(rules).value(Position())
    console.print("[bold]Tic-tac-toe, completely[/]")
    console.print(
        f"  {len(space):,} positions, {space.num_up_to_symmetry} up to symmetry; {games.total:,} "
        f"games: X wins {games.first_wins:,}, O wins {games.second_wins:,}, {games.draws:,} draws"
    )
    console.print(f"  with best play: {('a draw', 'X wins', 'O wins')[value]}")


def _show_grades(console: Console, rules: MNKRules) -> None:
    from etude.envs.mnk.best_response import exploitability, match
    from etude.envs.mnk.state_space import state_space
    from etude.envs.mnk.tabular_policy import minimax_policy, uniform_policy

    space = state_space(rules)
    uniform, minimax = uniform_policy(space), minimax_policy(space)
    console.print("\n[bold]Policies, graded without playing a game[/]")
    for name, policy in (("random", uniform), ("perfect", minimax)):
        console.print(f"  exploitability of {name} play: {exploitability(space, policy):.6f}")
    win, draw, loss = match(space, minimax, uniform)
    console.print(
        f"  perfect X against random O: wins {win:.4%}, draws {draw:.4%}, loses {loss:.4%}"
    )


def _draw_values(rules: MNKRules, path: Path) -> None:
    position = rules.parse(OPENING)
    values = solver_for(rules).action_values(position)
    frame = BoardPainter(rules).frame(position, values=values, caption="X to move: exact values")
    record(path, [frame], fps=1, ends=frozenset())
