"""Tables of text: Markdown, and terminals wide and narrow."""

import pytest

from etude.benchmarks.tables import Table, decimals, duration, number, percent, spread

TABLE = Table(
    caption="Scores",
    heading=("method", "score", "time"),
    rows=(("td", "0.9587 (0.9578 to 0.9589)", "358 ms (331 to 377)"), ("dqn", "0.9", "")),
    best=0,
    note="A note.",
)


def test_markdown_has_caption_best_row_and_note() -> None:
    assert TABLE.markdown().splitlines() == [
        "**Scores**",
        "",
        "| method | score | time |",
        "| --- | --- | --- |",
        "| **td** | **0.9587 (0.9578 to 0.9589)** | **358 ms (331 to 377)** |",
        "| dqn | 0.9 |  |",
        "",
        "A note.",
    ]


@pytest.mark.parametrize(("columns", "shows_ranges"), [(120, True), (40, False), (24, False)])
def test_narrow_terminals_show_no_ranges_and_say_so(
    columns: int,
    shows_ranges: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    TABLE.print()
    text = capsys.readouterr().out
    assert "0.9587" in text
    assert ("0.9578" in text) == shows_ranges
    assert ("Ranges are shown on" in " ".join(text.split())) != shows_ranges
    assert max(map(len, text.splitlines())) <= columns


def test_tables_are_rectangles_with_a_best_row_of_their_own() -> None:
    with pytest.raises(ValueError, match="each of the 2 columns"):
        Table(caption="", heading=("a", "b"), rows=(("1",),))
    with pytest.raises(ValueError, match="one of 0 to 0, got 1"):
        Table(caption="", heading=("a",), rows=(("1",),), best=1)


def test_numbers_read_well() -> None:
    assert [number(x) for x in (0.0, 0.001234, 999.0, 1000.0, 2.5e6)] == [
        "0",
        "0.00123",
        "999",
        "1 k",
        "2.5 M",
    ]
    assert [decimals(x) for x in (0.95983, -1.0, 0.5)] == ["0.9598", "-1", "0.5000"]
    assert [percent(x) for x in (1.0, 0.07, 0.9996, 0.12345)] == [
        "100 %",
        "7 %",
        "100.0 %",
        "12.3 %",
    ]
    assert [duration(x) for x in (0.5, 119.0, 120.0, 7200.0)] == ["500 ms", "119 s", "2 min", "2 h"]
    assert [spread(x) for x in ([], [3.0], [3.0, 1.0, 2.0])] == ["", "3", "2 (1 to 3)"]
