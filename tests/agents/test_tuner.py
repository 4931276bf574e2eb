"""TunerAgent: a small network worked out by hand, its files, and what it refuses."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from etude.agents.protocol import Agent
from etude.agents.storage import load_arrays, save_arrays
from etude.agents.tuner import KIND, MAX_LAYERS, Layer, TunerAgent


def array(values: Any) -> np.ndarray:
    return np.asarray(values, np.float32)


def by_hand(**kwargs: Any) -> TunerAgent:
    """h = f(x1 - x2, 2 x2 - 1); actions = g(h1 + 0.5 h2, -h1)."""
    layers = [
        Layer(array([[1, -1], [0, 2]]), array([0, -1])),
        Layer(array([[1, 0.5], [-1, 0]]), array([0, 0])),
    ]
    return TunerAgent("sac", layers, **kwargs)


def random_agent(*widths: int, **kwargs: Any) -> TunerAgent:
    rng = np.random.default_rng(0)
    layers = [
        Layer(array(rng.normal(size=(after, before))), array(rng.normal(size=after)))
        for before, after in pairwise(widths)
    ]
    return TunerAgent("ppo", layers, **kwargs)


@pytest.mark.parametrize(
    ("activation", "squash", "expected"),
    [
        ("relu", "clip", [0.25 + 0.5 * 0.5, -0.25]),
        ("relu", "tanh", [np.tanh(0.5), np.tanh(-0.25)]),
        ("tanh", "clip", [np.tanh(0.25) + 0.5 * np.tanh(0.5), -np.tanh(0.25)]),
    ],
)
def test_actions_are_those_of_the_network(
    activation: str, squash: str, expected: list[float]
) -> None:
    agent = by_hand(activation=activation, squash=squash)
    actions, state = agent.predict([1.0, 0.75])
    assert state is None
    assert actions.dtype == np.float32
    assert actions == pytest.approx(expected)


def test_actions_are_kept_within_bounds() -> None:
    for squash, least in (("clip", 1.0), ("tanh", 0.999)):
        actions, _ = by_hand(squash=squash).predict([9.0, 2.0])
        assert least <= actions[0] <= 1.0
        assert -1.0 <= actions[1] <= -least
    negative, _ = by_hand(activation="relu", squash="clip").predict([-1.0, 0.0])
    assert not negative.any()


def test_one_layer_is_enough() -> None:
    agent = TunerAgent("sac", [Layer(array([[2.0, 0.0]]), array([0.5]))], squash="clip")
    assert agent.predict([0.1, 5.0])[0] == pytest.approx([0.7])


@given(arrays(np.float32, (4, 5), elements=st.floats(-10, 10, width=32)))
def test_a_batch_is_as_good_as_one_at_a_time(observations: np.ndarray) -> None:
    agent = random_agent(5, 7, 6, 3)
    actions, _ = agent.predict(observations)
    assert actions.shape == (4, 3)
    assert (np.abs(actions) <= 1.0).all()
    singles = [agent.predict(observation)[0] for observation in observations]
    np.testing.assert_allclose(actions, singles, atol=1e-5)
    np.testing.assert_allclose(agent.predict(observations[None])[0][0], actions, atol=1e-5)


def test_it_is_an_agent_that_does_not_gamble() -> None:
    agent = by_hand()
    assert isinstance(agent, Agent)
    observation = array([0.5, 0.25])
    kept = observation.copy()
    one, state = agent.predict(observation, "state", np.array([True]), deterministic=False)
    assert state == "state"
    np.testing.assert_array_equal(one, agent.predict(observation)[0])
    np.testing.assert_array_equal(observation, kept)


def test_it_says_what_it_takes_and_gives() -> None:
    agent = random_agent(5, 7, 3)
    assert (agent.num_features, agent.num_weights) == (5, 3)


@pytest.mark.parametrize("observation", [np.zeros(4), np.zeros((5, 6)), np.zeros(0), 1.0])
def test_observations_of_another_length_are_refused(observation: Any) -> None:
    with pytest.raises(ValueError, match=r"of 5 numbers, got shape .*; it tunes the environment"):
        random_agent(5, 3).predict(observation)


# --- files


def test_a_saved_agent_is_the_same(tmp_path: Path) -> None:
    agent = random_agent(5, 7, 3, activation="tanh", squash="clip", num_timesteps=99, seed=4)
    path = tmp_path / "agent.npz"
    agent.save(path)
    again = TunerAgent.load(path)
    names = ("method", "activation", "squash", "num_timesteps", "seed")
    assert [getattr(again, name) for name in names] == ["ppo", "tanh", "clip", 99, 4]
    observations = array(np.random.default_rng(1).normal(size=(6, 5)))
    np.testing.assert_array_equal(agent.predict(observations)[0], again.predict(observations)[0])
    assert [file.name for file in tmp_path.iterdir()] == ["agent.npz"]


def edited(path: Path, **changes: Any) -> None:
    """Save an agent with some settings or arrays ("weight_0") changed; None leaves one out."""
    random_agent(5, 7, 3).save(path)
    settings, arrays_ = load_arrays(path, KIND)
    for name, value in changes.items():
        key = name.replace("_", " ")
        table, key = (arrays_, key) if key in arrays_ else (settings, name)
        if value is None:
            del table[key]
        else:
            table[key] = value
    save_arrays(path, KIND, 1, settings, arrays_)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"num_layers": 3}, "'weight 2'"),
        ({"num_layers": 0}, "1 to 8 layers, got 0"),
        ({"num_layers": float("inf")}, "infinity"),
        ({"num_layers": None}, "'num_layers'"),
        ({"seed": "four"}, "'four'"),
        ({"activation": "rellu"}, "did you mean 'relu'"),
        ({"squash": ["tanh"]}, "a squash is one of"),
        ({"bias_1": None}, "'bias 1'"),
        ({"weight_1": np.zeros((3, 6), np.float32)}, "got 7 numbers for 6"),
        ({"bias_0": np.zeros(6, np.float32)}, r"got shapes \(7, 5\) and \(6,\)"),
        ({"weight_0": np.zeros(7, np.float32)}, r"got shapes \(7,\) and \(7,\)"),
        ({"bias_0": np.full(7, np.nan, np.float32)}, "numbers, got NaN or inf"),
        ({"weight_0": np.zeros((7, 5), np.int32)}, "float32, got int32"),
        ({"weight_0": np.full((7, 5), "1")}, "float32, got <U1"),
    ],
)
def test_a_file_whose_parts_do_not_fit(
    changes: dict[str, Any], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "agent.npz"
    edited(path, **changes)
    with pytest.raises(ValueError, match=rf"got agent.npz: .*{message}.*; train and save"):
        TunerAgent.load(path)


def test_files_that_are_none_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "agent.npz"
    with pytest.raises(FileNotFoundError, match=r"agent\.npz.*no such file"):
        TunerAgent.load(path)
    random_agent(5, 3).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="damaged or from another program"):
        TunerAgent.load(path)
    np.savez(path, weights=np.zeros(3))
    with pytest.raises(ValueError, match="damaged or from another program"):
        TunerAgent.load(path)
    save_arrays(path, "ntuple", 1, {}, {})
    with pytest.raises(ValueError, match="of kind 'tuner', got 'ntuple'"):
        TunerAgent.load(path)
    save_arrays(path, KIND, 7, {}, {})
    with pytest.raises(ValueError, match="got 7; update etude"):
        TunerAgent.load(path)


# --- arguments


@pytest.mark.parametrize(
    ("widths", "arguments", "message"),
    [
        ((5, 3), {"activation": "rellu"}, "did you mean 'relu'"),
        ((5, 3), {"squash": "tan"}, "did you mean 'tanh'"),
        ((5,), {}, f"1 to {MAX_LAYERS} layers, got 0"),
        ((2,) * (MAX_LAYERS + 2), {}, f"1 to {MAX_LAYERS} layers, got {MAX_LAYERS + 1}"),
    ],
)
def test_networks_that_will_not_do(
    widths: tuple[int, ...], arguments: dict[str, str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        random_agent(*widths, **arguments)
