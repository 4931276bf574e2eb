"""Examples in docstrings as blocks of code: to Markdown alone, `>>>` begins a quotation."""

import re
from typing import Any, Final

import griffe

EXAMPLE: Final = re.compile(r"^>>> .*(?:\n.+)*", re.MULTILINE)


class Doctests(griffe.Extension):
    """Puts fences around examples before docstrings are read."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Called for every module, class, function and attribute."""
        if obj.docstring is not None:
            obj.docstring.value = fenced(obj.docstring.value)


def fenced(docstring: str) -> str:
    """The docstring with its examples in fences; an example ends at an empty line."""
    return EXAMPLE.sub(lambda found: f"```pycon\n{found[0]}\n```", docstring)
