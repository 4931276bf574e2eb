"""The demo prints the golden facts and leaves its pictures."""

from pathlib import Path

import imageio.v3 as iio
import pytest

from etude.demo import demo


def test_demo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo(out=tmp_path / "new" / "folder")
    shown = capsys.readouterr().out
    for fact in (
        "5,478 positions",
        "765 up to symmetry",
        "255,168",
        "a draw",
        "0.959830",
        "0.0000",
    ):
        assert fact in shown
    before, after = (
        iio.imread(tmp_path / "new" / "folder" / f"{n}.png") for n in ("before", "after")
    )
    assert before.shape == after.shape
    assert (before != after).any()
    assert len(iio.imread(tmp_path / "new" / "folder" / "match.gif")) > 8
