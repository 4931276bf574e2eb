"""The demo tells the golden facts, and leaves pictures, films, results and a page."""

from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest
from rich.console import Console

from etude import demo as tour
from etude import demo_features, demo_gan, demo_style
from etude.benchmarks.results import read
from etude.generative.features.top_activations import Sending
from etude.tour import Tour


def test_demo(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tour, "DECISIONS", 2_000)
    monkeypatch.setattr(tour, "NUM_SEEDS", 1)
    monkeypatch.setattr(demo_style, "SIZE", 48)
    monkeypatch.setattr(demo_style, "EVALUATIONS", 20)
    monkeypatch.setattr(demo_gan, "STEPS", 60)
    monkeypatch.setattr(demo_features, "LAYERS", ("b1e",))
    monkeypatch.setattr(demo_features, "SENDING", Sending(window=64, shifts=1))
    out = tmp_path / "new" / "folder"
    tour.demo(out=out)
    shown = " ".join(capsys.readouterr().out.split())
    for fact in ("5,478 positions", "765 up to symmetry", "255,168", "a draw", "0.959830"):
        assert fact in shown
    assert "after 600 games: exploitability 0.0" in shown
    assert "etude play --agent" in shown
    for name in ("values.png", "perfect.png"):
        before, after = (half.copy() for half in halves(iio.imread(out / name)))
        assert before.shape == after.shape
        assert (before != after).any()
    assert len(iio.imread(out / "match.gif")) > 8
    assert len(iio.imread(out / "match.mp4", plugin="pyav")) > 8
    assert {line["method"] for line in read(out / "results.jsonl")} == {
        "book-python",
        "dqn_masked",
        "maskable_ppo",
    }
    page = (out / "report.html").read_text(encoding="utf-8")
    # two heat maps, three plots, a match, a painting with its photo, its loss, what units have
    # seen, a film of points
    assert page.count("data:image/") == 10
    assert min(iio.imread(out / "features.png").shape[:2]) > 200
    assert len(iio.imread(out / "grid.gif", index=None)) == 31
    assert "The grade of the generator" in page
    assert "etude play --agent" in page
    assert "20 evaluations in" in shown
    assert "content kept" in page
    assert iio.imread(out / "painting.png").shape == (48, 41, 3)


def test_ctrl_c_while_painting_ends_the_tour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def press(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo_style.PaintingBar, "__call__", press)
    monkeypatch.setattr(demo_style, "SIZE", 48)
    with pytest.raises(KeyboardInterrupt):
        demo_style.show_painting(Tour(Console(), tmp_path, 0))


def halves(picture: np.ndarray) -> list[np.ndarray]:
    return np.split(picture, 2, axis=1)
