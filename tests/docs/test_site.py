"""The site as a whole: it builds without a warning, is complete, and loads nothing from elsewhere.

The build runs the notebooks of the tutorial, whose cells assert what their text claims. Links and
anchors that lead nowhere are warnings.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import gymnasium as gym
import pytest
from gymnasium.envs.registration import registry

import etude
from etude.commands import COMMANDS

gym.register_envs(etude)

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PLACEHOLDER = re.compile(r"^[A-Z0-9_]+_(?:PICTURE|TABLE)$|^# x$", re.MULTILINE)
FROM_ELSEWHERE = re.compile(
    r"<(?:img|iframe|source|script)[^>]*\ssrc=\"(?:https?:)?//"
    r"|<link[^>]*rel=\"(?:stylesheet|preconnect|preload)\"[^>]*href=\"(?:https?:)?//"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built with warnings as errors."""
    folder = tmp_path_factory.mktemp("site")
    mkdocs = str(Path(sys.executable).parent / "mkdocs")
    done = subprocess.run(
        [mkdocs, "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return folder


@pytest.mark.slow
def test_the_site_is_complete(site: Path) -> None:
    for spec in registry.values():
        if spec.namespace == "etude":
            slug = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", spec.name).lower()
            page = (site / "environments" / f"{slug}.html").read_text(encoding="utf-8")
            assert spec.id in page
            assert 'id="observation-space"' in page
    for path in [*DOCS.glob("algorithms/*.md"), *DOCS.glob("how-to/*.md"), *DOCS.glob("models/*")]:
        assert (site / path.relative_to(DOCS)).with_suffix(".html").exists(), path
    for path in DOCS.glob("tutorial/[0-9]*.py"):
        page = (site / "tutorial" / f"{path.stem}.html").read_text(encoding="utf-8")
        assert 'class="output"' in page
    commands = (site / "commands.html").read_text(encoding="utf-8")
    for name in COMMANDS:
        assert f'id="etude-{name.replace(" ", "-")}"' in commands


@pytest.mark.slow
def test_pages_load_nothing_from_elsewhere_and_have_no_formula_left(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 200
    num_formulas = 0
    for path in pages:
        page = path.read_text(encoding="utf-8")
        assert FROM_ELSEWHERE.search(page) is None, path
        assert "arithmatex" not in page, path
        num_formulas += page.count("<math ")
    assert num_formulas > 100


def test_every_written_page_is_listed_and_finished() -> None:
    for section in ("algorithms", "how-to"):
        listed = (DOCS / section / "index.md").read_text(encoding="utf-8")
        for path in (DOCS / section).glob("*.md"):
            text = path.read_text(encoding="utf-8")
            assert path.name == "index.md" or f"({path.name}" in listed, f"{path}: not in index.md"
            assert PLACEHOLDER.search(text) is None, f"{path}: {PLACEHOLDER.search(text)}"
