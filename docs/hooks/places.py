"""Where things are in the repository, and how Markdown files link to each other."""

import ast
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
DOCS: Final = ROOT / "docs"
PACKAGES: Final = ("agents", "envs", "generative")
"""The folders of modules that are written to be imported; the others bring them together."""


def modules() -> list[Path]:
    """The files of all modules that can be imported, folder by folder, a package's own first."""
    found = [
        path
        for folder in PACKAGES
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.name != "__main__.py"
    ]
    return sorted(
        found,
        key=lambda path: (
            PACKAGES.index(folder_of(path)),
            path.parent,
            path.name != "__init__.py",
            path.name,
        ),
    )


def folder_of(path: Path) -> str:
    """The folder of ``PACKAGES`` that a module lies in."""
    return path.relative_to(ROOT).parts[0]


def name_of(path: Path) -> str:
    """The full name under which a module is imported."""
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    if parts[0] != "etude":
        parts.insert(0, "etude")
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def docstring_of(path: Path) -> str:
    """The docstring of a module."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    if docstring is None:
        raise ValueError(f"{path} has no docstring.")
    return docstring


def summary_of(path: Path) -> str:
    """The first line of a module's docstring."""
    return docstring_of(path).partition("\n")[0]
