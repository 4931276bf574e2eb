"""The benchmark of GANs: short runs, tables beside the papers, pictures of clouds, and the cost."""

from dataclasses import asdict, replace

import pytest
import torch

from etude.benchmarks.gan_cost import measure_cost
from etude.benchmarks.gan_literature import LITERATURE, reported_lines
from etude.benchmarks.gan_toy import plan, train_and_grade
from etude.benchmarks.point_cloud import CloudPainter, centred, lattice
from etude.benchmarks.studies import learning_table, study_of
from etude.generative.gan.settings import GANSettings
from etude.generative.gan.toy import TOY


def test_a_run_is_graded_and_told() -> None:
    (run,) = plan(("ring8",), "relativistic", "fast", 1)
    settings = GANSettings(**run.config)
    short = replace(run, config=asdict(replace(settings, steps=8, batch_size=32)))
    shares: list[float] = []
    result = train_and_grade(short, shares.append)
    assert shares == [0.25, 0.5, 0.75, 1.0]
    assert result.metrics["num_modes"] == 8
    assert 0.0 <= result.metrics["high_quality"] <= 1.0
    assert 0.0 < result.metrics["cpu_seconds"] <= result.seconds + 1.0
    assert [step for step, _ in result.curve] == [2, 4, 6, 8]


def test_the_table_has_the_papers_below() -> None:
    line = {
        "suite": "gan_toy",
        "task": "grid25",
        "method": "etude, relativistic",
        "seed": 0,
        "metrics": {"modes": 25.0, "high_quality": 0.97, "reverse_kl": 0.01, "width_ratio": 0.9},
    }
    study = study_of("gan_toy", "grid25")
    assert study is not None
    table = learning_table(study, "grid25", [line])
    assert len(table.rows) == 1 + len(LITERATURE["grid25"])
    assert table.best == 0
    ours, pacgan = table.rows[0], table.rows[-1]
    assert dict(zip(table.heading, ours, strict=True))["runs"] == "1"
    assert pacgan == ("PacGAN4 (PacGAN paper)", "24.8", "93.60 %", "0.0400", "", "")


def test_what_papers_say_of_stacks_is_a_kl_over_modes() -> None:
    last = reported_lines("stacked-digits")[-1]
    assert last["metrics"] == {"modes": 1000.0, "kl": 0.06}
    assert reported_lines("moons") == []


@pytest.mark.parametrize("name", TOY)
def test_clouds_are_painted_over_their_truth(name: str) -> None:
    painter = CloudPainter(TOY[name])
    points = TOY[name].sample(500, torch.Generator().manual_seed(0))
    field = painter.field_points.sum(dim=1).reshape(96, 96)
    plain, painted = painter.frame(points, "points"), painter.frame(points, "points", field)
    assert plain.shape == painted.shape
    assert plain.shape[0] == 480
    assert (plain != painted).any()
    assert (plain != painter.frame(points[:10], "points")).any()


def test_a_lattice_has_the_centres_of_its_cells() -> None:
    assert lattice((0.0, 2.0, 0.0, 4.0), 2).tolist() == [[0.5, 1], [1.5, 1], [0.5, 3], [1.5, 3]]


def test_a_field_is_centred_and_scaled() -> None:
    field = torch.linspace(5.0, 9.0, 101).reshape(1, 101)
    found = centred(field)
    assert found.median() == 0.0
    assert found.min() == -1.0
    assert found.max() == 1.0
    assert centred(torch.ones(3, 3)).abs().max() == 0.0


def test_all_contenders_are_measured() -> None:
    found = list(measure_cost(1, steps=4))
    assert [result.method for result in found if not isinstance(result, str)] == [
        "etude",
        "bare loop of the same networks",
        "etude, through Lightning",
    ]
