"""The grade of a painting or of a painted clip: ``etude grade photo.jpg waves painting.png``."""

from dataclasses import asdict
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from etude.comparison import Comparison, compare_clips, compare_pictures
from etude.generative.clips import is_clip
from etude.grade_tables import UNKNOWN
from etude.output import Outcome

SMALL: Final = 0.005
ROWS: Final = {  # name in a comparison: what it is called, and its best value
    "transfer": ("transfer distance", 0),
    "content_kept": ("content kept", 1),
    "style_reached": ("style reached", 1),
    "content": ("content distance", 0),
    "style": ("style distance", 0),
    "frechet_style": ("Frechet style distance", 0),
    "similarity": ("SSIM with the photo", 1),
    "lpips": ("LPIPS to the photo", 0),
    "warping_error": ("warping error", 0),
}


def grade_picture(content: Path, style: str, result: Path, *, size: int | None = None) -> Outcome:
    """Grade a painting and print it.

    Args:
        content: the photo, or a clip.
        style: a file of a picture, or a name such as waves.
        result: the painting, or a painted clip.
        size: the longer side in pixels at which all are looked at; the painting's, at most 512, if
            left out.

    Returns:
        The measures of the painting, the photo and the style image.

    Raises:
        ValueError: a file that is no picture or clip, a painting of another shape than the photo, a
            picture beside a clip, or an unknown style.
    """
    if is_clip(content) != is_clip(result):
        raise ValueError(
            f"a grade compares two pictures or two clips, got {content.name} and {result.name}; "
            "name the file that was painted and what came of it."
        )
    compare = compare_clips if is_clip(content) else compare_pictures
    comparison = compare(content, style, result, size)
    print_comparison(Console(highlight=False), result.name, comparison)
    names = {"content": content.name, "style": Path(style).name, "result": result.name}
    return names | asdict(comparison)


def print_comparison(console: Console, name: str, comparison: Comparison) -> None:
    """A painting between the photo and the style image."""
    console.print(
        f"[bold]{escape(name)}[/], judged by {comparison.judge} at {comparison.width} x "
        f"{comparison.height}"
    )
    if comparison.frames is not None:
        num_frames, num_graded = comparison.frames
        console.print(f"  {num_frames} frames; the grades are means over {num_graded} of them")
    table = Table("", "best", "painting", "photo", "style image")
    for measure, (title, best) in ROWS.items():
        numbers = [column.get(measure) for column in comparison.measures.values()]
        if any(number is not None for number in numbers):
            cells = [_number(number) for number in numbers]
            emphasis = "bold" if measure == "transfer" else None
            table.add_row(title, str(best), *cells, style=emphasis)
    console.print(table)
    for reason in comparison.missing.values():
        console.print(f"  {escape(reason)}", style="dim", soft_wrap=True)


def _number(value: float | None) -> str:
    """With four decimals, or two digits if it is smaller than these can tell."""
    if value is None:
        return UNKNOWN
    return f"{value:.2g}" if 0.0 < abs(value) < SMALL else f"{value:.4f}"
