"""Pages: valid, escaped, complete in one file."""

import base64
import re
from html.parser import HTMLParser
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest

from etude.benchmarks.page import Commands, Paragraph, Picture, Section, page, write_page
from etude.benchmarks.tables import Table

VOID = {"meta", "img", "br", "hr", "link", "input"}
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
TABLE = Table(
    caption="Scores <of> two",
    heading=("method", "score (limit 1)", "board"),
    rows=(("td & co", "0.9 (0.8 to 1)", "3,3,3 small"), ("<b>dqn</b>", "-0.5", "")),
    best=0,
    note='A "note"',
)


class Outline(HTMLParser):
    """Checks that elements nest, and keeps what they are."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(content)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def sections() -> list[Section]:
    picture = Picture(source=PNG, alt='one "pixel"', caption="A pixel")
    return [
        Section("First & foremost", [Paragraph("1 < 2"), TABLE]),
        Section("Then", [picture, Commands(["etude bench tictactoe", "etude report > x"])]),
    ]


def test_elements_nest_and_all_that_is_said_is_there() -> None:
    outline = Outline(page("Title <1>", "Lead & all", sections()))
    for text in (
        "Title <1>",
        "Lead & all",
        "1 < 2",
        "td & co",
        "<b>dqn</b>",
        'A "note"',
        "A pixel",
    ):
        assert text in outline.texts
    assert "etude bench tictactoe\netude report > x" in outline.texts
    assert outline.all("img")[0]["alt"] == 'one "pixel"'
    assert outline.all("html")[0]["lang"] == "en"
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in outline.all(
        "meta"
    )


def test_contents_lead_to_the_sections() -> None:
    outline = Outline(page("T", "L", sections()))
    targets = [(attributes["href"] or "").removeprefix("#") for attributes in outline.all("a")]
    assert targets == [attributes["id"] for attributes in outline.all("h2")]
    assert len(set(targets)) == 2
    assert not Outline(page("T", "L", sections()[:1])).all("nav")


def test_nothing_is_asked_of_the_network_and_nothing_runs() -> None:
    content = page("T", "L", sections())
    outline = Outline(content)
    for _, attributes in outline.elements:
        for name in ("src", "href", "poster", "data"):
            assert (attributes.get(name) or "#").startswith(("data:", "#"))
        assert not any(name.startswith("on") for name in attributes)
    assert not outline.all("script")
    assert not re.search(r"@import|url\(|https?:", content)


def test_columns_of_numbers_are_to_the_right_and_ranges_below() -> None:
    outline = Outline(page("T", "L", sections()))
    cells = outline.all("td")
    assert [cell.get("class") for cell in cells] == ["number", None, "number", None]
    assert [attributes.get("scope") for attributes in outline.all("th")] == ["col"] * 3 + [
        "row"
    ] * 2
    assert [row.get("class") for row in outline.all("tr")] == [None, "best", None]
    assert "(0.8 to 1)" in outline.texts
    assert "(limit 1)" in outline.texts


def test_pictures_and_films_are_inside_the_file(tmp_path: Path) -> None:
    frames = np.zeros((3, 32, 32, 3), np.uint8)
    frames[1] = 255
    files = [tmp_path / name for name in ("a.gif", "a.mp4", "a.jpg", "a.png")]
    for path in files:
        moves = path.suffix in (".gif", ".mp4")
        iio.imwrite(path, frames if moves else frames[1])
    blocks = [Picture(source=path, alt=path.name) for path in files]
    path = tmp_path / "page.html"
    write_page(path, "T", "L", [Section("Pictures", blocks)])
    outline = Outline(path.read_text(encoding="utf-8"))
    sources = [element["src"] or "" for element in outline.all("img") + outline.all("video")]
    kinds = ["image/gif", "image/jpeg", "image/png", "video/mp4"]
    assert [source.partition(";")[0] for source in sources] == [f"data:{kind}" for kind in kinds]
    assert outline.all("video")[0]["aria-label"] == "a.mp4"
    content = base64.b64decode(sources[0].partition(",")[2])
    assert content == files[0].read_bytes()


def test_what_is_no_picture_leaves_the_old_page(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")
    with pytest.raises(ValueError, match=r"image/png.*convert it first"):
        write_page(path, "T", "L", [Section("S", [Picture(source=b"no picture", alt="")])])
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ValueError, match="existing folder"):
        write_page(tmp_path / "none" / "page.html", "T", "L", [])
