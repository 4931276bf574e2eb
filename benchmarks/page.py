"""One HTML file that holds a whole report: text, tables, pictures and films, for any screen.

    write_page(
        Path("report.html"),
        "A match",
        "What a perfect player does to a random one.",
        [
            Section(
                "The game",
                [
                    Paragraph("X is perfect, O is random."),
                    Picture(Path("match.gif"), alt="X wins in the third row.", caption="One game"),
                    Commands(["etude watch minimax uniform"]),
                ],
            )
        ],
    )

Everything is inside the file, which asks nothing of the network and runs no scripts: it can be
mailed, kept and printed. All text is escaped.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

from etude.benchmarks.page_style import STYLE
from etude.benchmarks.tables import Table
from etude.foundations.files import replacing

SIGNATURES: Final = {  # media type: where its files say so, and how
    "image/png": (0, b"\x89PNG"),
    "image/gif": (0, b"GIF8"),
    "image/jpeg": (0, b"\xff\xd8\xff"),
    "video/mp4": (4, b"ftyp"),
}
ASIDE: Final = re.compile(r" (\([^()]*\))$")
NUMERIC: Final = re.compile(
    r"[-+±]?(\d+(,\d{3})*(\.\d+)?|∞)([ /%].*)?"
)  # 1,000; 0.5 (0.4 to 1); 2/5


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture, an animation or a film.

    Args:
        source: the content of a PNG, GIF, JPEG or MP4 file, or where it lies.
        alt: what is to be seen, for those who do not see it.
        caption: the line below.
    """

    source: bytes | Path
    alt: str
    caption: str = ""


@dataclass(frozen=True)
class Commands:
    """Lines to type into a shell."""

    lines: Sequence[str]


Block = Paragraph | Table | Picture | Commands


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    title: str
    blocks: Sequence[Block]


def write_page(path: Path, title: str, lead: str, sections: Sequence[Section]) -> None:
    """Write a page; a file that is there is replaced when the page is complete.

    Args:
        path: the HTML file, in a folder that exists.
        title: the heading of the page, and the name of its tab.
        lead: what the page is about, in a sentence or two.
        sections: from top to bottom; several get a table of contents.

    Raises:
        ValueError: the folder does not exist, or a picture is in none of the known formats.
        OSError: a picture cannot be read, or the page not be written.
    """
    content = page(title, lead, sections)
    with replacing(path) as partial:
        partial.write_text(content, encoding="utf-8")


def page(title: str, lead: str, sections: Sequence[Section]) -> str:
    """The HTML of a page, as ``write_page`` writes it."""
    parts = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        "</head>",
        "<body>",
        f'<header><h1>{escape(title)}</h1><p class="lead">{escape(lead)}</p></header>',
        _contents(sections) if len(sections) > 1 else "",
        "<main>",
        *(_section(number, section) for number, section in enumerate(sections, start=1)),
        "</main>",
        "</body>",
        "</html>",
    ]
    return "\n".join(filter(None, parts)) + "\n"


def _contents(sections: Sequence[Section]) -> str:
    items = "".join(
        f'<li><a href="#section-{number}">{escape(section.title)}</a></li>'
        for number, section in enumerate(sections, start=1)
    )
    return f'<nav aria-label="Contents"><ol>{items}</ol></nav>'


def _section(number: int, section: Section) -> str:
    blocks = "\n".join(map(_block, section.blocks))
    heading = f'<h2 id="section-{number}">{escape(section.title)}</h2>'
    return f'<section aria-labelledby="section-{number}">\n{heading}\n{blocks}\n</section>'


def _block(block: Block) -> str:
    match block:
        case Paragraph(text):
            return f"<p>{escape(text)}</p>"
        case Commands(lines):
            text = escape("\n".join(lines))
            return f'<pre tabindex="0"><code>{text}</code></pre>'
        case Picture():
            return _picture(block)
        case Table():
            return _table(block)


def _picture(picture: Picture) -> str:
    source = picture.source
    data = source.read_bytes() if isinstance(source, Path) else source
    kind = _media_type(data, source if isinstance(source, Path) else "bytes")
    address = f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"
    alt = escape(picture.alt)
    caption = f"<figcaption>{escape(picture.caption)}</figcaption>" if picture.caption else ""
    if kind.startswith("video/"):
        shown = (
            f'<video controls loop muted playsinline aria-label="{alt}" src="{address}"></video>'
        )
    else:
        shown = f'<img alt="{alt}" src="{address}">'
    return f"<figure>{shown}{caption}</figure>"


def _media_type(data: bytes, origin: Path | str) -> str:
    for kind, (start, signature) in SIGNATURES.items():
        if data[start:].startswith(signature):
            return kind
    raise ValueError(
        f"a picture of a page is one of {', '.join(SIGNATURES)}, got {origin} beginning with "
        f"{data[:8]!r}; convert it first."
    )


def _table(table: Table) -> str:
    """The table in a box of its own, which scrolls sideways where the screen is narrow."""
    numeric = [_is_numeric([row[i] for row in table.rows]) for i in range(len(table.heading))]
    numeric[0] = False  # what the rows are called
    heading = "".join(
        f'<th scope="col"{_number_class(is_number)}>{_cell(name)}</th>'
        for name, is_number in zip(table.heading, numeric, strict=True)
    )
    rows = "\n".join(
        _row(row, numeric, is_best=i == table.best) for i, row in enumerate(table.rows)
    )
    caption = escape(table.caption)
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    return (
        f'<figure class="table"><figcaption>{caption}</figcaption>\n'
        f'<div class="scroll" role="region" aria-label="{caption}" tabindex="0"><table>\n'
        f"<thead><tr>{heading}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table></div>{note}</figure>"
    )


def _row(cells: Sequence[str], numeric: Sequence[bool], *, is_best: bool) -> str:
    first = f'<th scope="row">{escape(cells[0])}</th>'
    others = "".join(
        f"<td{_number_class(is_number)}>{_cell(cell)}</td>"
        for cell, is_number in zip(cells[1:], numeric[1:], strict=True)
    )
    emphasis = ' class="best"' if is_best else ""
    return f"<tr{emphasis}>{first}{others}</tr>"


def _cell(text: str) -> str:
    """The text, with what stands in parentheses at its end on a line of its own."""
    return ASIDE.sub(lambda found: f' <span class="aside">{found[1]}</span>', escape(text))


def _is_numeric(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(NUMERIC.fullmatch(cell) for cell in filled)


def _number_class(is_number: bool) -> str:
    return ' class="number"' if is_number else ""
