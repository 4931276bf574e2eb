"""The exact outcome of every move, on the terminal: ``etude solve tictactoe``."""

from typing import Annotated, Any, Final

import tyro
from rich import box
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from etude.envs.mnk.rules import SIDE_NAMES, STONES, MNKRules, Position
from etude.envs.mnk.solver import SearchLimit, Solver, plies_to_end, solver_for
from etude.output import Outcome

SECONDS_FOR_DISTANCES: Final = 5.0
BEST: Final = "*"
VERBS: Final = {1: "wins", 0: "draws", -1: "loses"}
STYLES: Final = {1: "bold green", 0: "yellow", -1: "red"}
STONE_STYLES: Final = ("bold cyan", "bold magenta")


def solve(
    board: Annotated[str, tyro.conf.Positional] = "tictactoe",
    *,
    position: str | None = None,
) -> Outcome:
    """Show the exact outcome of every move in a position.

    Args:
        board: tictactoe, connect_four, or "m,n,k" with ",gravity" or ",misere" behind it.
        position: rows of X, O and "." with "/" between them, such as "X.O/.X./..O"; the empty board
            if left out.

    Returns:
        The board, the position, its value, and what comes of each move.

    Raises:
        ValueError: an unknown or too large board, or a position that no game can reach.
    """
    rules = MNKRules.from_name(board)
    start = Position() if position is None else rules.parse(position)
    with Console(stderr=True).status(f"Solving {rules.name} (Ctrl-C stops)"):
        answer = analyse(rules, start)
        if position is None:
            answer["facts"] = board_facts(rules)
    Console(highlight=False).print(render(rules, start, answer))
    return answer


def analyse(rules: MNKRules, position: Position) -> dict[str, Any]:
    """What the solver knows of a position, as plain values.

    ``plies`` is None for draws. Where the search for distances takes longer than
    ``SECONDS_FOR_DISTANCES``, ``distances`` is false and all ``plies`` are None.
    """
    solver = solver_for(rules)
    scores, exact = _action_scores(solver, position)
    outcome = rules.outcome(position)
    moves = {
        action: {
            "value": _sign(score),
            "plies": plies_to_end(rules, position, score) if exact else None,
        }
        for action, score in scores.items()
    }
    best = max(scores.values(), default=0)
    value = _sign(best) if scores else solver.value(position)
    return {
        "board": rules.name,
        "position": rules.format(position),
        "to_move": SIDE_NAMES[position.to_move] if outcome is None else None,
        "outcome": outcome,
        "value": value,
        "plies": plies_to_end(rules, position, best) if exact else None,
        "distances": exact,
        "moves": moves,
        "best": [action for action, move in moves.items() if move["value"] == value],
    }


def board_facts(rules: MNKRules) -> dict[str, int]:
    """How many positions and games a board has, if it is small enough to count them all."""
    from etude.envs.mnk.retrograde import MAX_TABLE_CELLS

    if rules.num_cells > MAX_TABLE_CELLS:
        return {}
    from etude.envs.mnk.state_space import state_space

    space = state_space(rules)
    games = space.num_games
    return {
        "positions": len(space),
        "positions_up_to_symmetry": space.num_up_to_symmetry,
        "games": games.total,
        "games_first_wins": games.first_wins,
        "games_second_wins": games.second_wins,
        "games_drawn": games.draws,
    }


def render(rules: MNKRules, position: Position, answer: dict[str, Any]) -> Group:
    """The board with the outcome of each move in its cell, and the moves in order, best first."""
    parts: list[Any] = [_headline(rules, answer), _board(rules, position, answer)]
    if answer["moves"]:
        parts.append(_ranking(rules, answer))
    if answer["moves"] and not answer["distances"]:
        parts.append(
            Text("How long it takes is left out: the search for it would take too long.", "dim")
        )
    if answer.get("facts"):
        parts.append(_facts(answer["facts"]))
    return Group(*parts)


def phrase(value: int, plies: int | None) -> str:
    """An outcome in words.

    >>> phrase(1, 3), phrase(0, None), phrase(-1, 1)
    ('wins in 3 plies', 'draws', 'loses in 1 ply')
    """
    if plies is None:
        return VERBS[value]
    return f"{VERBS[value]} in {plies} {'ply' if plies == 1 else 'plies'}"


def _action_scores(solver: Solver, position: Position) -> tuple[dict[int, int], bool]:
    """Scores if they can be had in time, else values; and whether they are scores."""
    try:
        return solver.action_scores(position, seconds=SECONDS_FOR_DISTANCES), True
    except SearchLimit:
        return solver.action_values(position), False


def _sign(score: int) -> int:
    return (score > 0) - (score < 0)


def _headline(rules: MNKRules, answer: dict[str, Any]) -> Text:
    if answer["outcome"] is not None:
        ends = {1: f"{STONES[0]} has won", 0: "drawn", -1: f"{STONES[1]} has won"}
        return Text(f"{rules.name}: {ends[answer['outcome']]}", "bold")
    mover = STONES[SIDE_NAMES.index(answer["to_move"])]
    text = Text(f"{rules.name}: {mover} is to move and ", "bold")
    return text.append(phrase(answer["value"], answer["plies"]), STYLES[answer["value"]])


def _board(rules: MNKRules, position: Position, answer: dict[str, Any]) -> Table:
    grid = Table(box=box.SQUARE, show_lines=True, show_header=rules.gravity, padding=(0, 1))
    for column in range(rules.n):
        grid.add_column(str(column), justify="center", min_width=5)
    cells: dict[int, Text] = {}
    for action, move in answer["moves"].items():
        cell = rules.cell_of(position.occupied, action)
        cells[cell] = _cell(action, move, action in answer["best"])
    for row in range(rules.m):
        indices = range(row * rules.n, (row + 1) * rules.n)
        grid.add_row(*(cells.get(cell) or _stone(position, cell) for cell in indices))
    return grid


def _cell(action: int, move: dict[str, Any], best: bool) -> Text:
    """Two lines: the action, marked if best, and what comes of it: "win 3", "draw", "loss 4"."""
    label = {1: "win", 0: "draw", -1: "loss"}[move["value"]]
    distance = f" {move['plies']}" if move["plies"] is not None else ""
    style = STYLES[move["value"]]
    return Text(f"{action}{BEST if best else ''}\n", "dim", justify="center").append(
        label + distance, f"{style} reverse" if best else style
    )


def _stone(position: Position, cell: int) -> Text:
    for stones, sign, style in zip(position, STONES, STONE_STYLES, strict=True):
        if stones >> cell & 1:
            return Text(sign, style)
    return Text("")


def _ranking(rules: MNKRules, answer: dict[str, Any]) -> Table:
    """One line for each outcome, the best first, with the actions that lead to it."""
    groups: dict[tuple[int, int | None], list[int]] = {}
    for action, move in answer["moves"].items():
        groups.setdefault((move["value"], move["plies"]), []).append(action)
    table = Table(box=None, show_header=False, padding=(0, 1))
    for value, plies in sorted(groups, key=lambda group: (-group[0], group[0] * (group[1] or 0))):
        mark = BEST if value == answer["value"] else ""
        actions = ", ".join(map(str, groups[value, plies]))
        unit = "column" if rules.gravity else "cell"
        table.add_row(mark, Text(phrase(value, plies), STYLES[value]), f"{unit} {actions}")
    return table


def _facts(facts: dict[str, int]) -> Text:
    return Text(
        f"{facts['positions']:,} positions, {facts['positions_up_to_symmetry']:,} up to symmetry; "
        f"{facts['games']:,} games: {facts['games_first_wins']:,} won by {STONES[0]}, "
        f"{facts['games_second_wins']:,} by {STONES[1]}, {facts['games_drawn']:,} drawn"
    )
