"""The tutorial: marimo notebooks as pages, with what their cells put out when the site is built."""

import ast
import io
import runpy
import textwrap
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from matplotlib.figure import Figure
from places import DOCS

FOLDER: Final = DOCS / "tutorial"
DOTS_PER_INCH: Final = 110


class Cell(NamedTuple):
    """A cell of a notebook: its code, and its text if it is text alone."""

    code: str
    text: str | None
    is_hidden: bool


def pages() -> dict[str, str | bytes]:
    """A page for each notebook, and the pictures in it."""
    made: dict[str, str | bytes] = {}
    for path in files():
        made |= _page(path, path.read_text(encoding="utf-8"))
    return made


def navigation() -> list[Any]:
    """The notebooks in their order."""
    return [f"tutorial/{path.stem}.md" for path in files()]


def files() -> list[Path]:
    """The notebooks, whose names begin with their number."""
    return sorted(FOLDER.glob("[0-9]*.py"))


@cache  # `mkdocs serve` builds the site again whenever any page is changed
def _page(path: Path, source: str) -> dict[str, str | bytes]:
    """Run a notebook and write down what it says, does and shows."""
    app = runpy.run_path(str(path), run_name="notebook")["app"]
    setup, *cells = cells_of(source)
    outputs, _ = app.run()  # of all cells but the setup
    made: dict[str, str | bytes] = {}
    text = []
    title, *others = zip(cells, outputs, strict=True)
    for cell, output in (title, (setup, None), *others):  # a page begins with its title
        if cell.text is not None:
            text.append(cell.text)
            continue
        if not cell.is_hidden:
            text.append(f"```python\n{cell.code}\n```")
        if isinstance(output, Figure):
            uri = f"tutorial/{path.stem}-{len(made) + 1}.png"
            made[uri] = _png(output)
            text.append(f"![What the cell shows]({Path(uri).name})")
        elif output is not None:
            text.append(f'<div class="output">{output.text.strip()}</div>')
    text.append(
        f"---\nThis page was made by running [{path.name}]({path.name}). Download it, and "
        f"`marimo edit {path.name}` opens it in the browser, where every number can be changed."
    )
    return made | {f"tutorial/{path.stem}.md": "\n\n".join(text)}


def cells_of(source: str) -> list[Cell]:
    """The cells of a notebook in the order of its file, the setup first."""
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.With):
            found.append(Cell(_code(source, node.body), None, is_hidden=False))
        elif isinstance(node, ast.FunctionDef):
            body = [line for line in node.body if not isinstance(line, ast.Return)]
            is_hidden = "hide_code" in ast.dump(node.decorator_list[0])
            found.append(Cell(_code(source, body), _text_of(body), is_hidden))
    return found


def _code(source: str, body: list[ast.stmt]) -> str:
    lines = source.splitlines()[body[0].lineno - 1 : body[-1].end_lineno]
    return textwrap.dedent("\n".join(lines))


def _text_of(body: list[ast.stmt]) -> str | None:
    """What a cell says that consists of ``mo.md`` with a constant."""
    match body:
        case [ast.Expr(ast.Call(ast.Attribute(attr="md"), [ast.Constant(str(text))]))]:
            return textwrap.dedent(text).strip()
    return None


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=DOTS_PER_INCH, bbox_inches="tight")
    return file.getvalue()
