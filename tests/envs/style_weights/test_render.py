"""Pictures of paintings: sizes, what is visible, odd scenes, and windows without a screen."""

import math
from typing import Any

import numpy as np
import pytest
import torch

from etude.envs.palette import CORAL, GOLD, TEAL, WIN
from etude.envs.pygame_window import Frame, NoDisplayError
from etude.envs.style_weights.batch import Scene
from etude.envs.style_weights.env import StyleWeightsEnv
from etude.envs.style_weights.instances import Instance
from etude.envs.style_weights.panels import axis_ticks
from etude.envs.style_weights.render import DESIGNS, Studio, StudioWindow, reference_curve

EVEN = {"content": 0.25, "style conv1": 0.25, "style conv2": 0.25, "variation": 0.25}


def scene(**changes: Any) -> Scene:
    """A painting half-way through its episode."""
    rng = torch.Generator().manual_seed(0)
    content, style, image = torch.rand(3, 1, 3, 16, 16, generator=rng)
    fields = {
        "content": content,
        "style": style,
        "image": image,
        "preference": 0.7,
        "weights": EVEN,
        "qualities": (-1.0, 0.25, 0.5),
        "num_steps": 4,
    }
    return Scene(**(fields | changes))  # type: ignore[arg-type]


def share_of(frame: Frame, colour: tuple[int, int, int]) -> int:
    """How many pixels have exactly a colour."""
    return int((frame == np.array(colour)).all(axis=2).sum())


def part(frame: Frame, name: str) -> Frame:
    left, top, width, height = (round(x) for x in DESIGNS[(960, 540)][name])
    return frame[top : top + height, left : left + width]


@pytest.mark.parametrize("size", [(960, 540), (540, 960), (320, 240), (33, 21), (1, 1)])
def test_frames_have_the_size_asked_for(size: tuple[int, int]) -> None:
    frame = Studio(size).frame(scene())
    assert frame.shape == (size[1], size[0], 3)
    assert frame.dtype == np.uint8
    assert frame.flags.owndata
    assert frame.flags.writeable


def test_a_size_below_a_pixel_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one pixel, got 0 x 10"):
        Studio((0, 10))


def test_same_scene_same_pixels() -> None:
    studio = Studio((480, 270))
    frame = studio.frame(scene())
    studio.frame(scene(preference=0.0, qualities=(math.nan,)))
    np.testing.assert_array_equal(studio.frame(scene()), frame)
    np.testing.assert_array_equal(Studio((480, 270)).frame(scene()), frame)


@pytest.mark.parametrize("name", ["content", "style", "image"])
def test_the_pictures_are_shown_as_they_are(name: str) -> None:
    flat = torch.tensor([1.0, 0.0, 1.0]).view(1, 3, 1, 1).expand(1, 3, 16, 16)
    frame = Studio().frame(scene(**{name: flat}))
    place = {"image": "painting"}.get(name, name)
    assert share_of(frame, (255, 0, 255)) == share_of(part(frame, place), (255, 0, 255)) > 20_000


def test_preferences_share_the_bar() -> None:
    teal, coral = [], []
    for preference in (0.0, 0.25, 0.75, 1.0):
        bar = part(Studio().frame(scene(preference=preference)), "preference")
        teal.append(share_of(bar, TEAL))
        coral.append(share_of(bar, CORAL))
    assert teal[0] == coral[-1] == 0
    assert coral[0] == teal[-1] > 3000
    assert teal[2] == pytest.approx(3 * teal[1], rel=0.02)
    assert coral[1] == pytest.approx(3 * coral[2], rel=0.02)


def test_ten_times_the_weight_is_a_quarter_of_the_axis_more() -> None:
    areas = []
    for share in (1e-4, 1e-3, 1e-2, 1e-1, 1.0):
        weights = {"content": share, "style conv1": 1e-9, "style conv2": 1e-9, "variation": 1e-9}
        bars = part(Studio().frame(scene(weights=weights)), "weights")
        areas.append(share_of(bars, TEAL))
        assert share_of(bars, CORAL) == share_of(bars, GOLD) == 0
    assert areas[0] == 0
    np.testing.assert_allclose(np.diff(areas), areas[-1] / 4, rtol=0.1)


def test_the_curve_rises_with_the_quality() -> None:
    rows = []
    for last in (-0.5, 0.5):
        curve = part(Studio().frame(scene(qualities=(-1.0, 1.0, last))), "qualities")
        at = np.argwhere((curve == np.array(WIN)).all(axis=2))
        rows.append(at[at[:, 1] == at[:, 1].max()][:, 0].mean())
    assert rows[0] > rows[1]


def test_a_reference_is_drawn_beside_it() -> None:
    studio = Studio()
    plain = studio.frame(scene())
    both = studio.frame(scene(), reference_curve("default weights", (-1.0, 0.0, 0.1, 0.2, 0.3)))
    assert (part(plain, "qualities") != part(both, "qualities")).any()
    np.testing.assert_array_equal(part(plain, "weights"), part(both, "weights"))


@pytest.mark.parametrize(
    "changes",
    [
        {"qualities": (math.nan,)},
        {"qualities": (1.0, math.nan, 2.0)},
        {"qualities": (math.inf, -math.inf)},
        {"qualities": (0.5,) * 5},
        {"qualities": (1e6, -1e6)},
        {"num_steps": 1, "qualities": (0.0, 0.0)},
        {"weights": dict.fromkeys(EVEN, math.nan)},
        {"weights": {"content": 1.0, "style conv1": 0.0, "variation": 0.0}},
        {"weights": {f"style a.very.long.name.of.a.layer.{i}": 0.05 for i in range(20)}},
        {"image": torch.full((1, 3, 16, 16), math.nan)},
        {"image": torch.rand(1, 3, 7, 300), "style": torch.rand(1, 3, 40, 5)},
    ],
)
@pytest.mark.parametrize("size", [(960, 540), (60, 90)])
def test_odd_scenes_are_drawn(changes: dict[str, Any], size: tuple[int, int]) -> None:
    reference = reference_curve("another", (math.nan, 0.5))
    assert Studio(size).frame(scene(**changes), reference).std() > 0


@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 0.0), (-3.0, 2.0), (0.1, 0.11), (-1e6, 1e6), (7.0, 7.9)]
)
def test_ticks_surround_the_range(low: float, high: float) -> None:
    ticks = axis_ticks(low, high)
    assert ticks[0] <= low <= high <= ticks[-1]
    assert 3 <= len(ticks) <= 8
    np.testing.assert_allclose(np.diff(ticks), ticks[1] - ticks[0])


def test_a_window_shows_the_same_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    import pygame

    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    window = StudioWindow((480, 270), "title")
    window.show(scene(), fps=1000)
    pixels = pygame.surfarray.array3d(pygame.display.get_surface()).transpose(1, 0, 2)
    np.testing.assert_array_equal(pixels, Studio((480, 270)).frame(scene()))
    assert not window.quit_requested
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    window.show(scene(), fps=1000)
    assert window.quit_requested
    window.close()
    window.close()
    assert not pygame.display.get_init()


def test_a_picture_needs_no_display() -> None:
    import pygame

    pygame.display.quit()
    Studio((120, 90)).frame(scene())
    assert not pygame.display.get_init()
    assert pygame.mixer.get_init() is None


def test_a_window_without_a_screen_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    import pygame

    pygame.display.quit()
    monkeypatch.setenv("SDL_VIDEODRIVER", "x11")
    monkeypatch.setenv("DISPLAY", ":314159")
    with pytest.raises(NoDisplayError, match="record a file instead"):
        StudioWindow()


def test_the_environment_renders_what_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    import pygame

    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    rng = torch.Generator().manual_seed(0)
    instances = [Instance(*torch.rand(2, 1, 3, 16, 16, generator=rng), 0.3)]
    frames = []
    for mode in ("rgb_array", "human"):
        env = StyleWeightsEnv(
            instances,
            encoder="tiny",
            judge="inner",
            render_mode=mode,
            render_size=(480, 270),
        )
        env.metadata = {**env.metadata, "render_fps": 1000}
        env.reset(seed=0)
        env.step(np.ones(env.action_space.shape, np.float32))
        frame = env.render()
        if mode == "human":
            frame = pygame.surfarray.array3d(pygame.display.get_surface()).transpose(1, 0, 2)
        frames.append(frame)
        expected = Studio((480, 270)).frame(env.scene())
        np.testing.assert_array_equal(frames[-1], expected)
        env.close()
    np.testing.assert_array_equal(*frames)
