"""Pages that live elsewhere in the repository: the benchmarks, the changelog, how to take part.

Their links point at files of the repository, so they are turned towards the pages of the site.
"""

import os.path
import re
from pathlib import Path, PurePosixPath
from typing import Any, Final

import reference
from places import DOCS, PACKAGES, ROOT

COPIES: Final = {
    "benchmarks/README.md": "benchmarks.md",
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "RELEASING.md": "project/releasing.md",
    "THIRD_PARTY_NOTICES.md": "project/notices.md",
}
"""Files of the repository, and the pages they become."""

LINK: Final = re.compile(r"(?P<label>\]\()(?P<target>[^)#\s:]+)(?P<rest>#[^)\s]*)?\)")


def pages() -> dict[str, str]:
    """The copies, and the list of the models."""
    found = {
        uri: turned((ROOT / source).read_text(encoding="utf-8"), source, uri)
        for source, uri in COPIES.items()
    }
    return found | {"models/index.md": _overview()}


def turned(markdown: str, source: str, uri: str) -> str:
    """Markdown of a file, whose links lead to the same things from its page.

    Raises:
        ValueError: a link leads to something that the site does not show.
    """

    def turn(link: re.Match[str]) -> str:
        target = os.path.normpath(PurePosixPath(source).parent / link["target"])
        there = os.path.relpath(_uri_of(target, source), PurePosixPath(uri).parent)
        return f"{link['label']}{there}{link['rest'] or ''})"

    return LINK.sub(turn, markdown)


def inward(markdown: str, uri: str) -> str:
    """A page of docs/, whose links to files of the repository lead to their copies on the site."""

    def turn(link: re.Match[str]) -> str:
        target = os.path.normpath(PurePosixPath("docs", uri).parent / link["target"])
        if target not in COPIES:
            return link[0]
        there = os.path.relpath(COPIES[target], PurePosixPath(uri).parent)
        return f"{link['label']}{there}{link['rest'] or ''})"

    return LINK.sub(turn, markdown)


def _uri_of(target: str, source: str) -> str:
    path = ROOT / target
    if target in COPIES:
        return COPIES[target]
    if path.is_file() and path.is_relative_to(DOCS):
        return path.relative_to(DOCS).as_posix()
    if path.is_file() and path.suffix == ".py" and target.split("/")[0] in PACKAGES:
        return reference.uri_of(path)
    raise ValueError(f"{source} links to {target}, which is no page of the site.")


def model_navigation() -> list[Any]:
    """The cards of the models."""
    return [{path.stem: f"models/{path.name}"} for path in cards()]


def cards() -> list[Path]:
    """The files of the cards."""
    return sorted((DOCS / "models").glob("*.md"))


def _overview() -> str:
    rows = [f"| [{path.stem}]({path.name}) | {_first_sentence(path)} |" for path in cards()]
    return "\n".join(
        [
            "# Models that come along\n",
            "Small networks lie in the package, so that nothing has to be downloaded or trained "
            "first. Each has a card: what it learned from, for how long, what it reaches, and its "
            "known faults.\n",
            "| model | what it does |\n| --- | --- |",
            *rows,
        ]
    )


def _first_sentence(path: Path) -> str:
    paragraph = path.read_text(encoding="utf-8").split("\n\n")[1]
    sentence = re.split(r"(?<=[a-z)])[.:]", " ".join(paragraph.split()), maxsplit=1)[0]
    return f"{sentence}."
