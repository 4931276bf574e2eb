"""What stands beside the code: how to cite it, how to report something, one version everywhere."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

import etude

ROOT = Path(__file__).parents[2]


def test_the_citation_is_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {"cff-version", "message", "title", "authors", "version"} <= set(citation)
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == project["version"] == etude.__version__
    assert citation["license"] == project["license"]
    page = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert f"version = {{{etude.__version__}}}" in page


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
        if path.name != "config.yml"
    ],
    ids=lambda path: path.stem,
)
def test_issue_forms_have_what_they_need(path: Path) -> None:
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= set(form)
    ids = [field["id"] for field in form["body"]]
    assert len(ids) == len(set(ids)) > 0
    for field in form["body"]:
        assert field["type"] in ("textarea", "input")
        assert field["attributes"]["label"]


def test_what_contributors_are_told_to_make_exists() -> None:
    rules = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    for name in ("CONTRIBUTING.md", "RELEASING.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        asked = set(re.findall(r"`make ([a-z]+)`", text))
        assert asked
        assert asked <= rules
