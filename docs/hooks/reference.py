"""The reference: a page for each module, which mkdocstrings fills from its docstrings."""

import tomllib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from places import ROOT, folder_of, modules, name_of, summary_of

_links: Final = TemporaryDirectory(prefix="etude-")  # removed when the process ends


def source_tree() -> Path:
    """A folder of links in which the packages lie as they are imported.

    mkdocstrings reads files without importing them, so it does not follow the editable install.
    """
    tree = Path(_links.name)
    package = tree / "etude"
    package.mkdir(exist_ok=True)
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    folders = settings["tool"]["setuptools"]["package-dir"]
    targets = {path.name: path for path in (ROOT / "etude").iterdir()}
    targets |= {
        name.partition(".")[2]: ROOT / folder
        for name, folder in folders.items()
        if name.count(".") == 1
    }
    for name, target in targets.items():
        link = package / name
        if not link.is_symlink():
            link.symlink_to(target)
    return tree


def pages() -> dict[str, str]:
    """A page for each module, and one that lists them."""
    made = {uri_of(path): f"# `{name_of(path)}`\n\n::: {name_of(path)}\n" for path in modules()}
    return made | {"reference/index.md": "\n".join(_overview())}


def navigation() -> list[Any]:
    """The modules, package by package."""
    entries = []
    for _, paths in groupby(modules(), folder_of):
        packages = groupby(list(paths), lambda path: path.parent)
        for package, members in packages:
            title = package.relative_to(ROOT).as_posix()
            entries.append({title: [{_title(path): uri_of(path)} for path in members]})
    return entries


def uri_of(path: Path) -> str:
    """The page of a module."""
    relative = path.relative_to(ROOT).with_suffix("")
    name = "index" if relative.name == "__init__" else relative.name
    return f"reference/{relative.parent.as_posix()}/{name}.md"


def _title(path: Path) -> str:
    return path.parent.name if path.stem == "__init__" else path.stem


def _overview() -> Iterator[str]:
    yield "# Reference\n"
    yield "Every module, with what its docstring says. Dependencies point one way:\n"
    yield "`etude/foundations <- generative <- envs <- agents <- benchmarks <- etude`.\n"
    for package, members in groupby(modules(), lambda path: path.parent):
        yield f"\n## {package.relative_to(ROOT).as_posix()}\n"
        yield "| module | what it is |\n| --- | --- |"
        for path in members:
            link = uri_of(path).removeprefix("reference/")
            yield f"| [`{name_of(path)}`]({link}) | {summary_of(path)} |"
