"""The order of the pages of a section: that of the links on its first page, heading by heading.

So a page is named once, where a reader looks for it, and not a second time in mkdocs.yml.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from places import DOCS

HEADING: Final = re.compile(r"^## (?P<title>.+?)(?: *\{.*\})?$")
LINK: Final = re.compile(r"\]\((?P<target>[a-z0-9-]+\.md)(?:#[^)]*)?\)")


def navigation(section: str) -> list[Any]:
    """The pages of a folder of docs/ as its index.md lists them, the unlisted ones last."""
    folder = DOCS / section
    listed = listed_in((folder / "index.md").read_text(encoding="utf-8"))
    seen = {"index.md", *(target for _, target in listed)}
    entries: list[Any] = []
    groups: dict[str, list[str]] = {}
    for heading, target in listed:
        uri = f"{section}/{target}"
        if not heading:
            entries.append(uri)
            continue
        if heading not in groups:
            entries.append({heading: groups.setdefault(heading, [])})
        groups[heading].append(uri)
    unlisted = sorted(path.name for path in folder.glob("*.md") if path.name not in seen)
    return [*entries, *(f"{section}/{name}" for name in unlisted)]


def listed_in(markdown: str) -> list[tuple[str, str]]:
    r"""The pages that a first page links to, each once, with the heading above the link.

    >>> listed_in("[a](a.md) ## no heading\n## Players\n[b](b.md), [a](a.md#more)")
    [('', 'a.md'), ('Players', 'b.md')]
    """
    heading, found = "", {}
    for line in markdown.splitlines():
        if title := HEADING.match(line):
            heading = title["title"]
        for link in LINK.finditer(line):
            found.setdefault(link["target"], heading)
    return [(heading, target) for target, heading in found.items()]


def of(section: str) -> Callable[[], list[Any]]:
    """The function that lists a section, for the table of sections in site.py."""
    return partial(navigation, section)
