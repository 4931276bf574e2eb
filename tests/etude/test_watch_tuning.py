"""Tuners on show: who they are, what is painted, texts, and recordings that can be read again."""

from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np
import pytest
import torch

from etude import recording, tuners
from etude.agents.td_value import TDValueAgent
from etude.agents.tuner import Layer, TunerAgent
from etude.envs.mnk.rules import MNKRules
from etude.envs.registration import STYLE_WEIGHTS
from etude.envs.style_weights.baselines import BASELINES
from etude.envs.style_weights.env import StyleWeightsEnv
from etude.envs.style_weights.instances import Instance
from etude.envs.style_weights.render import Studio, reference_curve
from etude.motifs import Motifs
from etude.tuners import begin, instance_order, open_env, tuner, tuner_title
from etude.watch import watch
from etude.watch_tuning import Show, paint

NUM_STEPS = 3


def small_env(motifs: Motifs | None = None) -> StyleWeightsEnv:
    """Three instances of 16 pixels a side, painted and judged by the tiny network."""
    rng = torch.Generator().manual_seed(0)
    instances = [
        Instance(*torch.rand(2, 1, 3, 16, 16, generator=rng), preference, f"photo {i}", "waves")
        for i, preference in enumerate((0.0, 0.7, 1.0))
    ]
    return StyleWeightsEnv(instances, encoder="tiny", judge="inner", num_steps=NUM_STEPS)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is painted is small."""
    monkeypatch.setattr("etude.watch_tuning.open_env", small_env)


@pytest.fixture
def headless(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")


def random_agent(num_features: int | None = None) -> TunerAgent:
    """An agent for ``small_env`` that has learned nothing."""
    settings = small_env().settings
    rng = np.random.default_rng(0)
    (inputs,), outputs = settings.observation_space.shape, settings.num_weights
    weight = rng.normal(size=(outputs, num_features or inputs)).astype(np.float32)
    return TunerAgent("sac", [Layer(weight, np.zeros(outputs, np.float32))])


def test_an_agent_comes_from_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env, agent = small_env(), random_agent()
    agent.save(tmp_path / "sac.npz")
    monkeypatch.setattr(tuners, "SHIPPED", tmp_path / "sac.npz")
    observation, _ = env.reset(seed=0)
    expected, _ = agent.predict(observation)
    for name in (str(tmp_path / "sac.npz"), "agent"):
        action, _ = tuner(name, env.settings).predict(observation)
        np.testing.assert_array_equal(action, expected)


@pytest.mark.parametrize("name", ["default", "random", "preference", "greedy"])
def test_baselines_can_be_named(name: str) -> None:
    assert name in BASELINES
    settings = StyleWeightsEnv().settings
    shape = settings.observation_space.shape
    action, _ = tuner(name, settings, seed=3).predict(np.zeros(shape, np.float32))
    assert action.shape == settings.action_space.shape


def test_default_weights_stay_as_they_are() -> None:
    env = small_env()
    observation, _ = env.reset(seed=0)
    action, _ = tuner("default", env.settings).predict(observation)
    assert not action.any()


def test_a_random_tuner_follows_its_seed() -> None:
    env = small_env()
    observation, _ = env.reset(seed=0)
    first, same, other = (
        tuner("random", env.settings, seed).predict(observation)[0] for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()


def test_who_cannot_tune(tmp_path: Path) -> None:
    settings = small_env().settings
    with pytest.raises(ValueError, match=r"ends in \.npz, or is one of agent, .*mean 'default'"):
        tuner("defualt", settings)
    with pytest.raises(FileNotFoundError, match=r"got .*missing\.npz"):
        tuner(str(tmp_path / "missing.npz"), settings)
    random_agent(num_features=5).save(tmp_path / "other.npz")
    with pytest.raises(ValueError, match=r"that sees 5 .* `etude train sac --env"):
        tuner(str(tmp_path / "other.npz"), settings)
    TDValueAgent(MNKRules()).save(tmp_path / "td.npz")
    with pytest.raises(ValueError, match=r"kind 'tuner', got 'td'"):
        tuner(str(tmp_path / "td.npz"), settings)


def test_titles() -> None:
    assert [tuner_title(name) for name in ("default", "a/sac.npz", "greedy")] == [
        "default weights",
        "sac",
        "greedy",
    ]


def test_instances_come_in_a_seeded_order() -> None:
    settings = small_env().settings
    orders = [instance_order(Motifs(), settings, seed) for seed in (0, 0, 1, 2, 3)]
    assert orders[0] == orders[1]
    assert len({tuple(order) for order in orders}) > 1
    assert all(sorted(order) == [0, 1, 2] for order in orders)
    assert instance_order(Motifs(instance=1), settings, 0) == [1, 2, 0]
    with pytest.raises(ValueError, match="from 0 to 2, got 3"):
        instance_order(Motifs(instance=3), settings, 0)


def test_a_policy_may_choose_where_to_begin() -> None:
    class Firm:
        def start(self, observations: Any) -> Any:
            return np.tile(np.float32([1.0, 0.0, 0.0, -1.0]), (len(observations), 1))

        def predict(self, observation: Any) -> Any:
            return np.zeros(4, np.float32), None

    env = small_env()
    _, info = begin(env, Firm(), 2)
    assert info["instance"] == 2
    assert env.batch.log_weights[0].tolist() == [1.0, 0.0, 0.0, -1.0]
    views = list(paint(env, Firm(), 2))
    assert len(views) == NUM_STEPS + 1
    assert len({tuple(view.scene.weights.values()) for view in views}) == 1


def test_views_follow_the_episode() -> None:
    env = small_env()
    views = list(paint(env, tuner("random", env.settings, 0), 1))
    assert [len(view.scene.qualities) for view in views] == [1, 2, 3, 4]
    assert views[-1].quality == views[-1].scene.qualities[-1] == env.quality_history[-1]
    assert views[0].scene.preference == pytest.approx(0.7)
    np.testing.assert_array_equal(views[0].scene.image, views[0].scene.content)
    assert (views[-1].scene.image != views[0].scene.image).any()
    content, style, variation = views[-1].objectives
    formula = -(0.7 * content + 0.3 * style + env.settings.smoothness * variation)
    assert views[-1].quality == pytest.approx(formula, abs=1e-5)


def test_a_show_sums_up_against_default_weights() -> None:
    show = Show(small_env(), "random", [0, 1], seed=0)
    for number in show.numbers:
        reference = show.reference(number)
        *_, last = show.views(number, reference)
    assert len(show.gains) == 2
    assert show.gains[-1] == last.quality - reference.quality
    expected = f"random against default weights: {np.mean(show.gains):+.3f} in quality"
    assert show.summary().startswith(expected)
    assert show.headline(0) == "instance 0: photo 0 in the style of waves, content 0 %, style 100 %"
    same = Show(small_env(), "default", [2])
    list(same.views(2, same.reference(2)))
    assert same.gains == [0.0]


def test_without_a_screen_the_steps_are_printed(
    small: None, headless: None, capsys: pytest.CaptureFixture[str]
) -> None:
    watch(STYLE_WEIGHTS, agent="random", games=2, seed=0)
    lines = capsys.readouterr().out.splitlines()
    steps = [line for line in lines if line.startswith("step ")]
    assert len(steps) == 2 * (NUM_STEPS + 1)
    assert all("style conv1" in line for line in steps)
    assert sum("default weights" in line and "│" in line for line in lines) == 2
    assert lines[-1].startswith("random against default weights: ")


def test_a_recording_holds_every_step(
    small: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "show.gif"
    motifs = Motifs(instance=1)
    watch(STYLE_WEIGHTS, agent="default", motifs=motifs, games=2, record=path, fps=4)
    frames = iio.imread(path)
    assert frames.shape == (2 * (NUM_STEPS + 1), 540, 960, 3)
    assert iio.immeta(path, index=NUM_STEPS)["duration"] == 1000 * recording.HOLD_SECONDS
    printed = capsys.readouterr().out
    assert "instance 1: " in printed
    assert "instance 2: " in printed
    assert f"wrote {path}" in printed


def test_a_picture_is_the_end(small: None, tmp_path: Path) -> None:
    path = tmp_path / "end.png"
    watch(STYLE_WEIGHTS, agent="default", motifs=Motifs(instance=2), record=path)
    env = small_env()
    *_, last = paint(env, tuner("default", env.settings), 2)
    curve = reference_curve("default weights", last.scene.qualities)
    np.testing.assert_array_equal(iio.imread(path), Studio((960, 540)).frame(last.scene, curve))


def test_a_window_shows_the_painting(
    small: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import pygame

    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr("etude.watch_tuning.has_display", lambda: True)
    monkeypatch.setattr(recording, "HOLD_SECONDS", 0.1)
    watch(STYLE_WEIGHTS, agent="random", seed=0, fps=1000)
    assert "better on" in capsys.readouterr().out
    assert not pygame.display.get_init()


def test_closing_the_window_ends_the_show(
    small: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr("etude.watch_tuning.has_display", lambda: True)

    def close_at_once(window: Any, *_: Any) -> None:
        window.quit_requested = True

    monkeypatch.setattr("etude.watch_tuning.StudioWindow.show", close_at_once)
    watch(STYLE_WEIGHTS, agent="random", fps=1000)
    assert capsys.readouterr().out == ""


def test_own_pictures_are_opened() -> None:
    assert open_env(Motifs(instances="train")).settings.instances == "train"
    with pytest.raises(ValueError, match="did you mean 'test'"):
        open_env(Motifs(instances="tst"))


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        ((STYLE_WEIGHTS,), {"board": "gomoku"}, "--board means nothing on etude/StyleWeights-v0"),
        ((STYLE_WEIGHTS,), {"show_values": True}, "--show-values means nothing"),
        ((STYLE_WEIGHTS,), {"agent": "default", "games": 0}, "at least one painting, got 0"),
        ((STYLE_WEIGHTS,), {"fps": 0}, "above 0, got 0"),
        ((STYLE_WEIGHTS,), {"record": Path("a.avi")}, r"\.mp4, \.gif, \.png, got 'a\.avi'"),
        (("minimax", "uniform"), {"agent": "default"}, "--agent means nothing on a board"),
        (("minimax", "uniform"), {"motifs": Motifs(instance=3)}, "--instance means nothing"),
        (("minimax",), {}, r"two players, got 1 \(minimax\); .*`etude watch minimax uniform`"),
        ((), {}, r"two players, got 0 \(nobody\)"),
        (("etude/StyleWeight-v0",), {}, "did you mean 'etude/StyleWeights-v0'"),
        ((STYLE_WEIGHTS, "minimax"), {}, "a player is a file"),
    ],
)
def test_what_cannot_be_watched_is_said_at_once(
    small: None, names: tuple[str, ...], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        watch(*names, **options)
