"""The pages that nobody writes: made from docstrings, recorded results and notebooks.

MkDocs calls these functions while it builds the site (mkdocs.yml names this file). What is written
by hand lies in docs/ as Markdown; the rest comes from the modules beside this one, so that the site
cannot say something else than the code, the results and the notebooks do.
"""

from itertools import chain
from typing import Any

import commands
import copies
import environments
import includes
import mathematics
import notebooks
import reference
import sections
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

SECTIONS = {  # of the navigation in mkdocs.yml, by their first page: where the other ones come from
    "tutorial/index.md": notebooks.navigation,
    "environments/index.md": environments.navigation,
    "algorithms/index.md": sections.of("algorithms"),
    "how-to/index.md": sections.of("how-to"),
    "models/index.md": copies.model_navigation,
    "reference/index.md": reference.navigation,
}
MAKERS = (reference, environments, copies, commands, notebooks)


@event_priority(100)  # before mkdocstrings reads its own settings
def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Hang the generated pages into the navigation, and tell mkdocstrings where modules are."""
    config.nav = [_filled(entry) for entry in config.nav or []]
    handlers: Any = config.plugins["mkdocstrings"].config.handlers
    handlers["python"]["paths"] = [str(reference.source_tree())]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages and pictures."""
    for uri, content in chain.from_iterable(maker.pages().items() for maker in MAKERS):
        files.append(File.generated(config, uri, content=content))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Put recorded results, departures and known faults in the places that ask for them."""
    uri = page.file.src_uri
    try:
        return includes.filled(copies.inward(markdown, uri), uri)
    except ValueError as error:
        raise PluginError(str(error)) from error  # which MkDocs tells in a line


def on_page_content(html: str, page: Page, **_: Any) -> str:
    """Turn formulas into MathML, which browsers draw by themselves."""
    try:
        return mathematics.in_mathml(html)
    except ValueError as error:
        raise PluginError(f"{page.file.src_uri}: {error}") from error


def _filled(entry: Any) -> Any:
    """An entry of the navigation, with the other pages of its section behind the first one."""
    if not isinstance(entry, dict):
        return entry
    ((title, first),) = entry.items()
    if not isinstance(first, str) or first not in SECTIONS:
        return entry
    return {title: [first, *SECTIONS[first]()]}
