"""A tour that a newcomer can watch: what is known exactly, an agent that learns, and a match."""

from pathlib import Path
from typing import Final

from rich.console import Console

from etude.agents.tabular_agent import TabularAgent
from etude.envs.mnk.render import BoardPainter
from etude.envs.mnk.rules import MNKRules, Position
from etude.envs.mnk.solver import solver_for
from etude.recording import record
from etude.watch import watch

OPENING: Final = "XO./.../..."
NUM_LOOKS: Final = 6
NEXT_STEPS: Final = (
    "etude play --opponent runs/demo/td.npz",
    "etude train td --preset book --save book.npz",
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
    agent = out / "td.npz"
    _show_learning(console, rules, seed, out)
    console.print("\n[bold]A match[/]: the agent against random play, with its values:")
    watch(str(agent), "uniform", games=2, seed=seed, show_values=True, record=out / "match.gif")
    console.print(
        f"Pictures of its values before and after: {out / 'before.png'}, {out / 'after.png'}"
    )
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


def _show_learning(console: Console, rules: MNKRules, seed: int, out: Path) -> None:
    from etude.agents.evaluation import grade
    from etude.agents.presets import find_preset
    from etude.envs.mnk.state_space import state_space
    from etude.grade import show

    preset = find_preset("perfect")
    agent = preset.make(rules, seed)
    console.print("\n[bold]TD learning[/]: an agent that starts with V = 0.5 everywhere")
    _draw_values(agent, out / "before.png", "before the first game")
    with console.status("compiling the learner, once on every machine"):
        for _ in range(NUM_LOOKS):
            agent.learn(preset.num_games // NUM_LOOKS, preset.opponent, fast=True)
            console.print(
                f"  after {agent.num_games} games: exploitability {agent.exploitability():.3f}"
            )
    _draw_values(agent, out / "after.png", f"after {agent.num_games} games")
    agent.save(out / "td.npz")
    show("the agent", grade(agent, state_space(rules)))


def _draw_values(agent: TabularAgent, path: Path, caption: str) -> None:
    position = agent.rules.parse(OPENING)
    values = agent.action_values(position)
    frame = BoardPainter(agent.rules).frame(position, values=values, caption=caption)
    record(path, [frame], fps=1, ends=frozenset())
