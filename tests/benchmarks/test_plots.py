"""Pictures of learners: what is drawn can be found among the pixels."""

import subprocess
import sys
from io import BytesIO

import imageio.v3 as iio
import matplotlib as mpl
import numpy as np
import pytest

from etude.benchmarks import plots
from etude.benchmarks.plots import Curve, line_styles

STEPS = np.array([0.0, 100.0, 300.0, 1000.0, 20000.0])
LOW = np.array([[0.0, 0.1, 0.2, 0.3, 0.4], [0.0, 0.2, 0.3, 0.3, 0.5]])
CURVES = [
    Curve(label="td", steps=STEPS, values=LOW + 0.4),
    Curve(label="dqn_masked", steps=STEPS, values=LOW),
]
SCORES = {"td": np.array([0.9, 0.95]), "dqn_masked": np.array([0.3, 0.7]), "a2c": np.array([0.0])}


def pixels(png: bytes) -> np.ndarray:
    assert png.startswith(b"\x89PNG")
    return iio.imread(BytesIO(png))[..., :3]


def rows_of(image: np.ndarray, color: str) -> np.ndarray:
    """The rows in which a colour occurs, as shares of the height, one for each such pixel."""
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)])
    return np.nonzero((image == rgb).all(axis=-1))[0] / len(image)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def draw_curves(**options: object) -> np.ndarray:
    labels = {"title": "A task", "step": "games", "metric": "score"}
    return pixels(plots.learning_curves(CURVES, rng(), **labels, **options))  # type: ignore[arg-type]


def test_better_curves_are_drawn_above_and_named_first() -> None:
    image = draw_curves()
    assert image.shape[1] == round(plots.WIDTH * plots.DOTS_PER_INCH)
    above, below = (rows_of(image, color) for color in plots.COLOURS[:2])
    assert len(above) > 500 < len(below)
    assert np.median(above) < np.median(below)
    assert not len(rows_of(image, plots.COLOURS[2]))


def test_the_limit_is_a_line_of_its_own() -> None:
    """A limit above all curves also makes room for itself."""
    assert (draw_curves(limit=0.99) != draw_curves()).any()
    image = draw_curves(limit=0.99)
    dark = (image.max(axis=-1) < 128).sum(axis=1)
    assert dark.max() > 0.4 * image.shape[1]
    assert dark.argmax() / len(image) < rows_of(image, plots.COLOURS[0]).min()
    assert (draw_curves().max(axis=-1) < 128).sum(axis=1).max() < 0.2 * image.shape[1]


def test_pictures_are_the_same_for_the_same_rng() -> None:
    assert (draw_curves() == draw_curves()).all()


def test_curves_need_not_begin_at_0_nor_agree_in_their_steps() -> None:
    curves = [CURVES[0], Curve(label="late", steps=STEPS[2:], values=LOW[:1, 2:])]
    png = plots.learning_curves(
        curves, rng(), title="", step="games", metric="NashConv", less_is_better=True
    )
    assert len(rows_of(pixels(png), plots.COLOURS[1])) > 100


def test_scores_are_sorted_from_the_top() -> None:
    image = pixels(plots.score_chart(SCORES, rng(), title="T", metric="score", limit=0.96))
    middles = [np.median(rows_of(image, plots.COLOURS[i])) for i in range(3)]
    assert middles == sorted(middles)


def test_profiles_of_better_methods_reach_further_right() -> None:
    png = plots.performance_profiles(SCORES, title="T", metric="score", limit=0.96)
    image = pixels(png).transpose(1, 0, 2)  # rows are columns now
    plot = image[:, : round(image.shape[1] * 0.75)]  # without the legend
    ends = [rows_of(plot, plots.COLOURS[i]).max() for i in range(2)]
    assert ends[0] > ends[1]


def test_variants_share_the_colour_of_their_method() -> None:
    styles = line_styles(["td", "dqn", "td, no symmetry", "dqn_masked", "tdx", "td-fast"])
    assert styles["td"].color == styles["td, no symmetry"].color == styles["td-fast"].color
    assert styles["dqn"].color == styles["dqn_masked"].color
    assert len({styles[name].color for name in ("td", "dqn", "tdx")}) == 3
    assert len(set(styles.values())) == 6


@pytest.mark.parametrize("label", ["method {}", "td-{}"])
def test_as_many_methods_as_styles_are_told_apart(label: str) -> None:
    labels = [label.format(i) for i in range(len(plots.COLOURS) * len(plots.DASHES))]
    assert len(set(line_styles([*labels, labels[0]]).values())) == len(labels)
    with pytest.raises(ValueError, match=f"at most {len(labels)}"):
        line_styles([*labels, "one more"])


def test_nothing_global_is_touched() -> None:
    before = dict(mpl.rcParams)
    draw_curves()
    assert dict(mpl.rcParams) == before
    code = "import sys, etude.benchmarks.plots; print('matplotlib.pyplot' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
