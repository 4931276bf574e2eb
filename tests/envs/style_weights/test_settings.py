"""Arguments, options and actions that will not do, and what is said about them."""

from typing import Any

import numpy as np
import pytest
import torch

from etude.envs.style_weights.env import StyleWeightsEnv
from etude.envs.style_weights.instances import Instance
from etude.envs.style_weights.observation import MAX_LOG_WEIGHT
from etude.envs.style_weights.settings import (
    VIEWS,
    StyleWeightsSettings,
    read_actions,
    read_options,
)
from etude.envs.style_weights.vector import StyleWeightsVectorEnv


@pytest.mark.parametrize("make", [StyleWeightsEnv, StyleWeightsVectorEnv])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"judge": "iner"},
            "a judge is one of held_out, inner, got 'iner'; did you mean 'inner'",
        ),
        ({"encoder": "vgg19"}, "an encoder is one of efficientnet-lite0, tiny, got 'vgg19'"),
        ({"render_mode": "rgb"}, "render_mode is one of .*rgb_array, got 'rgb'"),
        ({"num_steps": 0}, "num_steps is a whole number of at least 1, got 0"),
        ({"iterations": 2.5}, "iterations is a whole number of at least 1, got 2.5"),
        ({"size": 15}, "size is a whole number of at least 16, got 15"),
        ({"step_size": -0.1}, "step_size is a number of at least 0, got -0.1"),
        ({"smoothness": float("nan")}, "smoothness is a number of at least 0, got nan"),
        ({"nan_penalty": float("inf")}, "nan_penalty is a number of at least 0, got inf"),
    ],
)
def test_arguments_are_checked_before_anything_is_read(
    make: Any, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        make(**arguments)


def test_instances_of_ones_own_are_checked(instances: list[Instance]) -> None:
    one = instances[0]
    wrong: list[tuple[Any, type, str]] = [
        ([], ValueError, "at least one instance to paint, got an empty list"),
        (7, TypeError, r"a split's name \(train, test, test_ood\).*got int"),
        (one, TypeError, "a list of Instance, got Instance"),
        ([one, "two"], TypeError, "a list of Instance, got list"),
        ([one._replace(preference=1.5)], ValueError, "0 .* to 1 .*, got 1.5 for c0"),
        ([one._replace(preference=float("nan"))], ValueError, "got nan for c0"),
        ([one._replace(style=one.style[..., :9])], ValueError, "got 9 x 18 of s0; take a larger"),
        ([one._replace(content=one.content * 0 + 0.5)], ValueError, "c0, which is of one colour"),
        (
            [one, one._replace(content=torch.rand(1, 3, 16, 16))],
            ValueError,
            r"contents of one size.*\(16, 16\).*\(16, 20\).*scale them",
        ),
    ]
    for given, error, message in wrong:
        with pytest.raises(error, match=message):
            StyleWeightsSettings(given)
    assert StyleWeightsSettings(tuple(instances)).all_instances == tuple(instances)


def test_all_names_are_of_weights_that_there_are(instances: list[Instance]) -> None:
    for encoder in ("efficientnet-lite0", "tiny"):
        settings = StyleWeightsSettings(instances, encoder=encoder)
        shape = (settings.num_weights,)
        assert settings.num_weights == len(VIEWS[encoder][1]) + 2
        assert settings.action_space.shape == settings.default_log_weights.shape == shape
        assert len(set(settings.weight_names)) == settings.num_weights


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"instanse": 1},
            ValueError,
            "option of reset is one of instance, .*did you mean 'instance",
        ),
        ({"instance": 5}, ValueError, "a number from 0 to 4, got 5; see `instance_table`"),
        ({"instance": -1}, ValueError, "a number from 0 to 4, got -1"),
        ({"instance": 1.0}, TypeError, "a whole number, got 1.0"),
        ({"instance": "1"}, TypeError, "a whole number, got '1'"),
        ({"instance": True}, TypeError, "a whole number, got True"),
        ({"instance": [1, 2]}, ValueError, r"one for each of 3 paintings, got \[1, 2\]"),
        (
            {"log_weights": [0.0, 1.0]},
            ValueError,
            r"4 numbers, .*each of 3 paintings, got .*\(2,\)",
        ),
        ({"log_weights": np.zeros((2, 4))}, ValueError, r"each of 3 paintings, got shape \(2, 4\)"),
        ({"log_weights": [0, 0, 0, 9]}, ValueError, r"between -5.0 and 5.0, got \[0, 0, 0, 9\]"),
        ({"log_weights": [0, 0, 0, np.nan]}, ValueError, "between -5.0 and 5.0, got .*nan"),
    ],
)
def test_options_that_will_not_do(
    options: dict[str, Any], error: type, message: str, instances: list[Instance]
) -> None:
    settings = StyleWeightsSettings(instances, encoder="tiny")
    with pytest.raises(error, match=message):
        read_options(options, settings, 3)


def test_options_hold_for_all_or_for_each(instances: list[Instance]) -> None:
    settings = StyleWeightsSettings(instances, encoder="tiny")
    assert read_options(None, settings, 3) == read_options({}, settings, 3) == (None, None)
    wish = read_options({"instance": 2, "log_weights": [1, 2, 3, MAX_LOG_WEIGHT]}, settings, 3)
    assert wish.instance is not None
    assert wish.instance.tolist() == [2, 2, 2]
    assert wish.log_weights is not None
    assert wish.log_weights.tolist() == 3 * [[1.0, 2.0, 3.0, 5.0]]
    rows = np.arange(12).reshape(3, 4) / 12
    wish = read_options({"instance": np.array([0, 4, 1]), "log_weights": rows}, settings, 3)
    assert wish.instance is not None
    assert wish.instance.tolist() == [0, 4, 1]
    np.testing.assert_allclose(wish.log_weights, rows, rtol=1e-6)


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ([0.0, 0.0, np.nan], "numbers from -1 to 1, got .*nan.*learning rate"),
        ([0.0, 0.0], r"shape \(3,\), one number for each weight, got \(2,\)"),
        ([[0.0, 0.0, 0.0]], r"shape \(3,\), one number for each weight, got \(1, 3\)"),
        (0.0, r"got \(\)"),
    ],
)
def test_actions_that_will_not_do(action: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_actions(action, (3,))


def test_actions_are_clipped() -> None:
    actions = read_actions([-np.inf, 1e300, 0.25], (3,))
    assert actions.dtype == np.float32
    assert actions.tolist() == [-1.0, 1.0, 0.25]
