"""Pages that show code: it runs from top to bottom, and the commands they name exist."""

import re
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import gymnasium as gym
import pytest
from gymnasium.envs.registration import registry

import etude

gym.register_envs(etude)

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
PAGES = [ROOT / "docs" / "index.md", *sorted((ROOT / "docs" / "how-to").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_code_of_a_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__main__"}
    with patch.dict(registry):  # what a page registers is gone afterwards
        for code in BLOCK.findall(page.read_text(encoding="utf-8")):
            exec(compile(code, str(page), "exec"), names)


def test_the_first_page_shows_what_its_commands_print() -> None:
    page = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```sh\n(etude [^\n]*)\n```\n\n```text\n(.*?)```", page, re.M | re.S)
    assert shown
    for command, output in shown:
        done = subprocess.run(
            [f"{Path(sys.executable).parent}/{command}"],
            shell=True,
            capture_output=True,
            text=True,
            check=True,
        )
        assert [line.rstrip() for line in done.stdout.splitlines()] == output.splitlines()
