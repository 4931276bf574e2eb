"""The grade of a saved agent: exact where the board can be enumerated."""

from json import dumps
from pathlib import Path
from typing import Annotated, Any, Final

import tyro
from rich.console import Console
from rich.table import Table

from etude.agents.evaluation import Grade, Tabulated
from etude.agents.evaluation import grade as grade_exactly
from etude.envs.mnk.game_graph import MAX_KEPT_CELLS
from etude.envs.mnk.retrograde import MAX_TABLE_CELLS
from etude.envs.mnk.state_space import state_space
from etude.players import load_agent

DIGITS: Final = 6


def grade(agent: Annotated[Path, tyro.conf.Positional], *, json: bool = False) -> None:
    """Grade a saved agent.

    On boards of up to 16 cells nothing is sampled: results are expectations over all games, and
    exploitability counts every tied greedy move as playable.

    Args:
        agent: a file that `etude train --save` wrote.
        json: print one JSON object instead, for scripts.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it holds no agent, or one for a board that is too large to enumerate.
    """
    player = load_agent(agent)
    rules, has_table = player.rules, hasattr(player, "policy_table")
    most_cells = MAX_TABLE_CELLS if has_table else MAX_KEPT_CELLS
    if rules.num_cells > most_cells:
        raise ValueError(
            f"an exact grade of this agent needs a board of at most {most_cells} cells, got "
            f"{rules.name}; watch it play instead: "
            f"`etude watch {agent} minimax --board {rules.name}`."
        )
    with Console(stderr=True).status(f"grading on {rules.name}"):
        space = state_space(rules)
        result = grade_exactly(player if has_table else Tabulated(player, space), space)
    if json:
        print(dumps({"agent": str(agent), **result.as_dict()}))
    else:
        show(agent.name, result)


def show(name: str, result: Grade) -> None:
    """Print a grade for a person."""
    console = Console(highlight=False)
    verdict = "perfect play" if result.nash_conv == 0 else "a best response beats it"
    console.print(f"[bold]{name}[/] on {result.board}")
    console.print(f"  exploitability {_number(result.exploitability)}: {verdict}")
    console.print(f"  keeps the exact value in {result.optimal_share:.2%} of all positions")
    table = Table("against", "side", "wins", "draws", "losses")
    for opponent, sides in result.against.items():
        for side, shares in sides.items():
            table.add_row(opponent, side, *(f"{share:.4%}" for share in shares))
        means: Any = zip(*sides.values(), strict=True)
        row = [f"{sum(shares) / len(sides):.4%}" for shares in means]
        table.add_row(opponent, "both", *row, style="bold", end_section=True)
    console.print(table)


def _number(value: float) -> str:
    return f"{value:.{DIGITS}f}".rstrip("0").rstrip(".")
