"""Grades as tables on a screen."""

from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from etude.agents.evaluation import Grade
from etude.agents.optima import Gap
from etude.agents.sampled_grade import SampledGrade
from etude.agents.solver_grades import MatchResult, wilson_interval

DIGITS: Final = 6
UNKNOWN: Final = "\u2013"


def print_exact(console: Console, name: str, result: Grade) -> None:
    """An exact grade: two sentences and the results in both seats."""
    verdict = "perfect play" if result.nash_conv == 0 else "a best response beats it"
    console.print(f"[bold]{name}[/] on {result.board}, exactly")
    console.print(
        f"  exploitability {_number(result.exploitability)} "
        f"(NashConv {_number(result.nash_conv)}): {verdict}"
    )
    console.print(f"  keeps the exact value in {result.optimal_share:.2%} of all positions")
    has_forfeits = any(share for sides in result.illegal.values() for share in sides.values())
    if result.illegal_share > 0.0:
        console.print(f"  plays an illegal move in {result.illegal_share:.2%} of all positions")
    table = Table("against", "side", "wins", "draws", "losses", *["illegal"] * has_forfeits)
    for opponent, sides in result.against.items():
        rows = {
            side: (*shares, *[result.illegal[opponent][side]] * has_forfeits)
            for side, shares in sides.items()
        }
        for side, shares in rows.items():
            table.add_row(opponent, side, *(f"{share:.4%}" for share in shares))
        means: Any = zip(*rows.values(), strict=True)
        row = [f"{sum(shares) / len(sides):.4%}" for shares in means]
        table.add_row(opponent, "both", *row, style="bold", end_section=True)
    console.print(table)


def print_gaps(console: Console, gaps: Sequence[Gap]) -> None:
    """How far an agent is from each optimum."""
    table = Table("optimum, by a best response", "limit", "this agent", "gap")
    for gap in gaps:
        numbers = (gap.limit, gap.reached, gap.gap)
        table.add_row(gap.optimum, *map(_number, numbers))
    console.print(table)


def print_sampled(console: Console, name: str, result: SampledGrade) -> None:
    """A grade by matches and single moves, with 95 % intervals."""
    console.print(f"[bold]{name}[/] on {result.board}, sampled, with 95 % intervals")
    if result.accuracy is not None:
        accuracy = result.accuracy
        low, high = accuracy.interval
        fewest, most = accuracy.stones
        console.print(
            f"  keeps the exact value in {accuracy.share:.1%} [{low:.1%} to {high:.1%}] of "
            f"{accuracy.num_positions} positions with {fewest} to {most} stones; "
            f"random play in {accuracy.uniform_share:.1%}"
        )
    if result.unsolved:
        console.print(f"  no perfect play to compare with: {result.unsolved}")
    results = [match for sides in result.against.values() for match in sides.values()]
    has_forfeits = any(match.illegal for match in results)
    illegal = ["illegal"] * has_forfeits
    table = Table("against", "side", "games", "wins", "draws", "losses", *illegal)
    for opponent, sides in result.against.items():
        for side, match in sides.items():
            table.add_row(opponent, side, *_shares(match, has_forfeits))
        table.add_section()
    console.print(table)


def _shares(match: MatchResult, with_illegal: bool) -> list[str]:
    counts = [match.wins, match.draws, match.losses, *[match.illegal] * with_illegal]
    cells = [str(match.num_games)]
    for count in counts:
        low, high = (100 * end for end in wilson_interval(count, match.num_games))
        cells.append(f"{count / match.num_games:.0%} ({low:.0f} to {high:.0f})")
    return cells


def _number(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return f"{value:.{DIGITS}f}".rstrip("0").rstrip(".")
