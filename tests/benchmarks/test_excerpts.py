"""Tables of the record in other files: chosen, complained of, and up to date in the README."""

from pathlib import Path

import pytest

from etude.benchmarks.excerpts import RECORD, filled, tables

ROOT = Path(__file__).parents[2]
TEXT = """
<!-- begin: results of games -->

**first**

| a |
| --- |
| 1 |

**second**

| a |
| --- |
| 2 |

Measured on a machine; revision 1.

<!-- end: results of games -->
"""


def test_tables_are_chosen_by_their_titles() -> None:
    assert tables(TEXT, "games", ["second"]) == (
        "**second**\n\n| a |\n| --- |\n| 2 |\n\n*Measured on a machine; revision 1.*"
    )
    assert "| 1 |" in tables(TEXT, "games")


def test_a_file_gets_what_it_asks_for_and_no_more_the_next_time() -> None:
    asking = "before\n<!-- begin: excerpt of games: first -->\nold\n<!-- end: excerpt -->\nafter\n"
    once = filled(asking, TEXT)
    assert "| 1 |" in once
    assert "old" not in once
    assert once.startswith("before\n")
    assert once.endswith("\nafter\n")
    assert filled(once, TEXT) == once


def test_what_is_not_recorded_is_said() -> None:
    with pytest.raises(ValueError, match="got 'painting'"):
        tables(TEXT, "painting")
    with pytest.raises(ValueError, match="a task is one of first; second, got third"):
        tables(TEXT, "games", ["third"])


def test_the_readme_shows_what_is_recorded() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    record = (ROOT / RECORD).read_text(encoding="utf-8")
    assert filled(readme, record) == readme
    assert "Measured on" in readme
