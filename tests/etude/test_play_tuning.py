"""Tuning beside an agent: the sliders, the rounds, and the window by synthetic events."""

import math
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.envs.pygame_window import NoDisplayError
from etude.envs.registration import STYLE_WEIGHTS
from etude.envs.style_weights.env import StyleWeightsEnv
from etude.envs.style_weights.instances import Instance
from etude.envs.style_weights.observation import MAX_LOG_WEIGHT
from etude.motifs import Motifs
from etude.play import play
from etude.tuners import tuner
from etude.tuning_panel import BUTTONS
from etude.tuning_session import Round, Sliders, TuningSession
from etude.tuning_window import KEY_STEP, OUTCOMES, WHEEL_STEP, TuningWindow

NUM_STEPS = 2
NUM_WEIGHTS = 4


def small_env(motifs: Motifs | None = None) -> StyleWeightsEnv:
    """Two instances of 16 pixels a side, painted and judged by the tiny network."""
    rng = torch.Generator().manual_seed(0)
    instances = [
        Instance(*torch.rand(2, 1, 3, 16, 16, generator=rng), preference, f"photo {i}", "waves")
        for i, preference in enumerate((0.25, 1.0))
    ]
    return StyleWeightsEnv(instances, encoder="tiny", judge="inner", num_steps=NUM_STEPS)


def new_session(rival: str = "default") -> TuningSession:
    envs = (small_env(), small_env())
    return TuningSession(envs, tuner(rival, envs[0].settings, 0), rival, [0, 1])


@pytest.fixture
def open_window(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., TuningWindow]]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    windows = []

    def make(rival: str = "default", size: tuple[int, int] = (960, 600)) -> TuningWindow:
        windows.append(TuningWindow(new_session(rival), size))
        wait(windows[-1])
        return windows[-1]

    yield make
    for window in windows:
        window.close()
        window.close()


def wait(window: TuningWindow, seconds: float = 60) -> None:
    """Until nothing is being painted."""
    end = time.monotonic() + seconds
    while window.is_busy:
        assert time.monotonic() < end, "the window did not get there"
        window.step()


def round_of(window: TuningWindow) -> Round:
    assert window.round is not None
    return window.round


def post(window: TuningWindow, kind: str, **details: object) -> None:
    import pygame

    pygame.event.post(pygame.event.Event(getattr(pygame, kind), **details))
    window.step()


def press(window: TuningWindow, *keys: str) -> None:
    import pygame

    for key in keys:
        post(window, "KEYDOWN", key=pygame.key.key_code(key))


def click(window: TuningWindow, pixel: tuple[int, int]) -> None:
    post(window, "MOUSEBUTTONDOWN", button=1, pos=pixel)
    post(window, "MOUSEBUTTONUP", button=1, pos=pixel)


def move_mouse(window: TuningWindow, pixel: tuple[int, int]) -> None:
    post(window, "MOUSEMOTION", pos=pixel, rel=(0, 0), buttons=(0, 0, 0))


def pixels(window: TuningWindow) -> bytes:
    import pygame

    window.draw()
    return pygame.image.tobytes(pygame.display.get_surface(), "RGB")


def test_raising_a_slider_lowers_the_others() -> None:
    sliders = Sliders(small_env().settings)
    sliders.move_to(1, 3.0)
    np.testing.assert_allclose(sliders.targets, [-1.0, 3.0, -1.0, -1.0])
    sliders.move_by(0, 2.0)
    assert sliders.targets[0] == pytest.approx(1.0)
    assert sliders.targets.sum() == pytest.approx(0.0, abs=1e-5)
    sliders.reset()
    assert not sliders.targets.any()


log_weights = st.lists(
    st.floats(-MAX_LOG_WEIGHT, MAX_LOG_WEIGHT, width=32), min_size=NUM_WEIGHTS, max_size=NUM_WEIGHTS
)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, NUM_WEIGHTS - 1), st.floats(-20, 20), log_weights)
def test_actions_are_steps_towards_the_targets(
    number: int, target: float, start: list[float]
) -> None:
    env = small_env()
    sliders = Sliders(env.settings)
    sliders.move_to(number, target)
    assert np.abs(sliders.targets).max() <= MAX_LOG_WEIGHT
    env.reset(options={"instance": 0})
    now = env.batch.log_weights[0].numpy().copy()
    reached = sliders.reached(now)
    action = sliders.action(now)
    assert env.action_space.contains(action)
    env.step(action)
    np.testing.assert_allclose(env.batch.log_weights[0].numpy(), reached, atol=1e-5)
    np.testing.assert_allclose(env.batch.weights[0].numpy(), sliders.shares(reached), atol=1e-5)
    assert env.action_space.contains(sliders.action(np.float32(start)))


def test_the_targets_are_reached() -> None:
    sliders = Sliders(small_env().settings)
    sliders.move_to(2, 4.0)
    now = np.zeros(NUM_WEIGHTS, np.float32)
    for _ in range(20):
        now = sliders.reached(now)
    np.testing.assert_allclose(now, sliders.targets, atol=1e-3)


def test_a_round_is_the_same_painting_for_both() -> None:
    session = new_session()
    now = session.new_round()
    assert (now.num_done, now.outcome, now.is_over) == (0, None, False)
    assert now.motif == "photo 0 in the style of waves"
    while not now.is_over:
        now = session.paint(np.zeros(NUM_WEIGHTS, np.float32))
    assert now.num_done == NUM_STEPS
    assert now.person.qualities == now.rival.qualities, "both leave the weights alone"
    assert now.outcome == 0
    assert (session.score.wins, session.score.draws, session.score.losses) == (0, 1, 0)
    with pytest.raises(ValueError, match="call new_round"):
        session.paint(np.ones(NUM_WEIGHTS, np.float32))
    assert session.new_round().motif == "photo 1 in the style of waves"
    assert session.new_round().motif == "photo 0 in the style of waves"


def test_whoever_painted_better_wins() -> None:
    outcomes = []
    for rival, person in (("random", "default"), ("default", "random")):
        session = new_session(rival)
        policy = tuner(person, session.settings, seed=0)
        now = session.new_round()
        while not now.is_over:
            action, _ = policy.predict(
                np.zeros(session.settings.observation_space.shape, np.float32)
            )
            now = session.paint(action)
        better = now.person.qualities[-1] > now.rival.qualities[-1]
        assert now.outcome == (1 if better else -1)
        assert session.score.wins - session.score.losses == now.outcome
        outcomes.append(now.outcome)
    assert sum(outcomes) == 0, "the same paintings with sides swapped"


@pytest.mark.parametrize(
    ("person", "rival", "outcome"),
    [
        (1.0, 0.9, 1),
        (0.9, 1.0, -1),
        (1.0, 1.001, 0),
        (math.nan, -9.0, -1),
        (-9.0, math.nan, 1),
        (math.nan, math.nan, 0),
    ],
)
def test_outcomes(person: float, rival: float, outcome: int) -> None:
    now = new_session().new_round()
    scenes = (now.person._replace(qualities=(0.0, q)) for q in (person, rival))
    assert Round(*scenes, now.log_weights, now.motif, is_over=True).outcome == outcome
    assert now.outcome is None


def test_a_painting_that_fails_ends_for_its_painter_only(monkeypatch: pytest.MonkeyPatch) -> None:
    session = new_session()
    session.new_round()
    session._person.batch.images.fill_(math.nan)
    now = session.paint(np.zeros(NUM_WEIGHTS, np.float32))
    assert not now.is_over
    now = session.paint(np.zeros(NUM_WEIGHTS, np.float32))
    assert (now.num_done, len(now.rival.qualities) - 1) == (1, NUM_STEPS)
    assert now.outcome == -1


def test_a_round_by_mouse(open_window: Callable[..., TuningWindow]) -> None:
    import pygame

    window = open_window()
    painter = window.painter
    start, end = painter.slider_pixel(0, 0.0), painter.slider_pixel(0, 3.0)
    post(window, "MOUSEBUTTONDOWN", button=1, pos=start)
    move_mouse(window, (end[0], end[1] + 200))
    assert window.sliders.targets[0] == pytest.approx(3.0, abs=0.05), "the drag goes on beside it"
    post(window, "MOUSEBUTTONUP", button=1, pos=end)
    move_mouse(window, start)
    assert window.sliders.targets[0] == pytest.approx(3.0, abs=0.05), "until it is let go"
    for step in range(1, NUM_STEPS + 1):
        click(window, painter.button_pixel("paint"))
        wait(window)
        assert round_of(window).num_done == step
    assert round_of(window).log_weights[0] > 1.0
    assert round_of(window).outcome is not None
    assert window._status() == OUTCOMES[round_of(window).outcome or 0]
    own, rivals = (
        scene.qualities[-1] for scene in (round_of(window).person, round_of(window).rival)
    )
    assert window._notice() == f"Your quality: {own:.2f}. Default: {rivals:.2f}."
    assert "photo 0 in the style of waves" in pygame.display.get_caption()[0]
    click(window, painter.button_pixel("paint"))
    assert not window.is_busy, "there is nothing left to paint"
    click(window, painter.button_pixel("new"))
    wait(window)
    assert round_of(window).num_done == 0
    assert not window.sliders.targets.any()


def test_keyboard(open_window: Callable[..., TuningWindow]) -> None:
    window = open_window()
    press(window, "down", "right", "right")
    assert window.sliders.selected == 1
    assert window.sliders.targets[1] == pytest.approx(2 * KEY_STEP)
    press(window, "up", "up", "left")
    assert window.sliders.selected == NUM_WEIGHTS - 1
    assert window.sliders.targets[-1] < 0
    press(window, "space")
    wait(window)
    assert round_of(window).num_done == 1
    press(window, "d")
    assert not window.sliders.targets.any()
    press(window, "n")
    wait(window)
    assert round_of(window).num_done == 0
    assert round_of(window).motif == "photo 1 in the style of waves"
    press(window, "escape")
    assert not window.is_running


def test_the_wheel_moves_the_slider_under_the_mouse(
    open_window: Callable[..., TuningWindow],
) -> None:
    window = open_window()
    move_mouse(window, window.painter.slider_pixel(2, 4.0))
    post(window, "MOUSEWHEEL", x=0, y=2)
    assert window.sliders.selected == 2
    assert window.sliders.targets[2] == pytest.approx(2 * WHEEL_STEP)
    move_mouse(window, (0, 0))
    post(window, "MOUSEWHEEL", x=0, y=-2)
    assert window.sliders.targets[2] == pytest.approx(2 * WHEEL_STEP)


def test_the_window_answers_while_it_paints(
    open_window: Callable[..., TuningWindow], monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    paint = window.session.paint

    def slowly(action: np.ndarray) -> Round:
        time.sleep(0.3)
        return paint(action)

    monkeypatch.setattr(window.session, "paint", slowly)
    press(window, "space", "space", "n", "right")
    assert window.is_busy
    assert window.sliders.targets[0] == pytest.approx(KEY_STEP)
    wait(window)
    assert round_of(window).num_done == 1, "one step, and no new picture meanwhile"


def test_an_error_while_painting_reaches_the_caller(
    open_window: Callable[..., TuningWindow], monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()

    def fail(action: np.ndarray) -> Round:
        raise RuntimeError("out of paint")

    monkeypatch.setattr(window.session, "paint", fail)
    window.press("paint")
    with pytest.raises(RuntimeError, match="out of paint"):
        wait(window)


def test_what_points_out_is_drawn(open_window: Callable[..., TuningWindow]) -> None:
    window = open_window()
    plain = pixels(window)
    move_mouse(window, window.painter.button_pixel("quit"))
    hovered = pixels(window)
    assert hovered != plain
    window.sliders.select(1)
    selected = pixels(window)
    assert selected != hovered
    window.sliders.move_to(1, 2.0)
    assert pixels(window) != selected


@pytest.mark.parametrize("size", [(960, 600), (600, 960), (480, 300), (1500, 700), (90, 130)])
def test_any_size_of_window(
    open_window: Callable[..., TuningWindow], size: tuple[int, int]
) -> None:
    window = open_window(size=size)
    pixels(window)
    painter = window.painter
    for name in BUTTONS:
        assert painter.button_at(painter.button_pixel(name)) == name
    for number in range(NUM_WEIGHTS):
        for target in (-4.0, 0.0, 5.0):
            at = painter.slider_pixel(number, target)
            assert painter.slider_at(at) == number
            tolerance = 30 * MAX_LOG_WEIGHT / size[0]
            assert painter.target_at(at) == pytest.approx(target, abs=tolerance)
    assert painter.button_at((0, 0)) is painter.slider_at((0, 0)) is None


def test_resizing_moves_the_sliders(open_window: Callable[..., TuningWindow]) -> None:
    import pygame

    window = open_window()
    before = window.painter.slider_pixel(3, 1.0)
    pygame.display.set_mode((600, 960), pygame.RESIZABLE)
    window.step()
    after = window.painter.slider_pixel(3, 1.0)
    assert after != before
    click(window, after)
    assert window.sliders.targets[3] == pytest.approx(1.0, abs=0.05)


def test_a_window_runs_until_it_is_closed(open_window: Callable[..., TuningWindow]) -> None:
    import pygame

    window = open_window()
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    window.run()
    assert not pygame.display.get_init()


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[TuningWindow]]:
    """The windows that ``play`` opens, which nobody uses."""
    windows: list[TuningWindow] = []
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr("etude.play.has_display", lambda: True)
    monkeypatch.setattr("etude.play_tuning.open_env", small_env)
    monkeypatch.setattr(TuningWindow, "run", lambda window: windows.append(window))
    yield windows
    for window in windows:
        window.close()


def test_play_opens_the_window_that_was_asked_for(shown: list[TuningWindow]) -> None:
    import pygame

    play(STYLE_WEIGHTS, agent="random", seed=0, motifs=Motifs(instance=1), size=(700, 500))
    (window,) = shown
    wait(window)
    assert pygame.display.get_surface().get_size() == (700, 500)
    assert window.session.title == "random"
    assert round_of(window).motif == "photo 1 in the style of waves"


@pytest.mark.parametrize(
    ("board", "options", "message"),
    [
        (STYLE_WEIGHTS, {"opponent": "minimax"}, "--opponent means nothing on etude/StyleWeights"),
        (STYLE_WEIGHTS, {"side": "second"}, "--side means nothing"),
        (STYLE_WEIGHTS, {"show_values": True}, "--show-values means nothing"),
        (STYLE_WEIGHTS, {"agent": "defualt"}, "did you mean 'default'"),
        (
            "tictactoe",
            {"motifs": Motifs(instances="train")},
            "--instances means nothing on a board",
        ),
    ],
)
def test_what_cannot_be_played(
    shown: list[TuningWindow], board: str, options: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        play(board, **options)  # type: ignore[arg-type]


def test_without_a_screen_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    with pytest.raises(NoDisplayError, match=r"`etude watch etude/StyleWeights-v0 --record out"):
        play(STYLE_WEIGHTS)
