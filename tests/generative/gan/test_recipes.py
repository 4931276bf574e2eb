"""Recipes, tasks and sources: every name has data, networks and settings that fit."""

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
import torch

from etude.generative.gan.recipes import recipe
from etude.generative.gan.settings import GANSettings, ObjectiveName
from etude.generative.gan.source import Rows
from etude.generative.gan.task import NAMES, make_lesson, open_task, trained_generator
from etude.generative.gan.toy import TOY


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("preset", ["best", "fast"])
def test_every_name_can_be_learned(name: str, preset: str) -> None:
    settings = recipe(name, "relativistic", "best" if preset == "best" else "fast")
    task = open_task(name)
    lesson = make_lesson(task, settings, torch.device("cpu"))
    assert all(loss.isfinite() for loss in lesson.update().values())
    samples = trained_generator(task, lesson, settings, {}).sample(3, torch.Generator())
    assert samples.shape == (3, *task.source.shape)


@pytest.mark.parametrize("objective", get_args(ObjectiveName))
def test_every_objective_makes_a_step(objective: ObjectiveName) -> None:
    settings = replace(recipe("grid25", objective, "fast"), batch_size=32)
    lesson = make_lesson(open_task("grid25"), settings, torch.device("cpu"))
    assert all(loss.isfinite() for loss in lesson.update().values())


def test_networks_that_do_not_go_with_the_data_are_refused() -> None:
    settings = recipe("grid25", architecture="dcgan")
    with pytest.raises(ValueError, match="got dcgan for the points of grid25"):
        make_lesson(open_task("grid25"), settings, torch.device("cpu"))


@pytest.mark.parametrize("changes", [{"batch_size": 2}, {"batch_size": 32, "num_parts": 16}])
def test_groups_of_a_discriminator_are_never_mixed(changes: dict[str, int]) -> None:
    settings = replace(recipe("digits", architecture="stylegan"), **changes)
    with pytest.raises(ValueError, match="judges samples in groups of 4, got parts of 2"):
        make_lesson(open_task("digits"), settings, torch.device("cpu"))


def test_classes_are_needed_and_games_alone_know_them(tmp_path: Path) -> None:
    settings = recipe("digits", architecture="biggan")
    with pytest.raises(ValueError, match="got stacked-digits, which has none"):
        make_lesson(open_task("stacked-digits"), settings, torch.device("cpu"))
    with pytest.raises(ValueError, match="a distance to the data knows no classes"):
        make_lesson(open_task("digits"), replace(settings, objective="mmd"), torch.device("cpu"))


def test_known_architectures_come_first_and_others_begin_with_their_settings() -> None:
    assert recipe("grid25").architecture == "mlp"
    assert recipe("pictures").architecture == "dcgan"
    other = recipe("pictures", architecture="mlp")
    assert other == replace(recipe("pictures"), architecture="mlp")


def test_making_networks_leaves_the_global_random_numbers_alone() -> None:
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    make_lesson(open_task("moons"), GANSettings(), torch.device("cpu"))
    assert torch.rand(2).equal(expected)


def test_points_are_standardised_and_can_be_brought_back() -> None:
    task = open_task("grid25")
    drawn = task.source.draw(50_000, torch.Generator().manual_seed(0))
    assert drawn.mean(dim=0).abs().max() < 0.02
    assert drawn.square().mean().item() == pytest.approx(1.0, abs=0.01)
    points = torch.tensor(task.mean) + task.scale * drawn
    assert TOY["grid25"].log_density(points).mean().item() == pytest.approx(
        -TOY["grid25"].entropy, abs=0.03
    )


def test_rows_need_a_row_and_a_task_a_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one sample, got none"):
        Rows(torch.zeros(0, 2))
    with pytest.raises(ValueError, match="did you mean 'ring8'"):
        open_task("ring9")


@pytest.mark.parametrize(
    ("name", "value"),
    [("steps", 0), ("gamma", 0.0), ("momentum", 1.0), ("penalty_share", 1.5), ("seed", -1)],
)
def test_settings_out_of_range_are_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        replace(GANSettings(), **{name: value})


def test_objectives_and_penalties_have_names() -> None:
    with pytest.raises(ValueError, match="did you mean 'hinge'"):
        replace(GANSettings(), objective="hing")
    with pytest.raises(ValueError, match="a penalty is one of"):
        replace(GANSettings(), penalty="two-centred")
    with pytest.raises(ValueError, match="which has none; leave it out"):
        GANSettings(objective="mmd", penalty="none")
