"""Bars on the terminal that show how far something is, and go when it is done."""

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn


def transient_bar(
    console: Console, *counts: ProgressColumn, speed_seconds: float = 30.0
) -> Progress:
    """A bar, a text and the time left; nothing where the output is no terminal.

    Args:
        console: where to draw.
        counts: columns between the bar and the text.
        speed_seconds: the time left goes by the speed of the last so many.
    """
    return Progress(
        BarColumn(),
        *counts,
        TextColumn("{task.description}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
        speed_estimate_period=speed_seconds,
    )
