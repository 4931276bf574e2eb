"""What is to be seen of a painting, as a picture and in a window. Draws, decides nothing.

One picture serves ``rgb_array``, ``human``, and recordings: the painting large, what it is made of,
what is wanted, the weights, and how the quality went. It is designed once for wide and once for
tall sizes.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from etude.envs.canvas import Canvas, Place, best_design
from etude.envs.palette import MUTED, PAPER, WIN
from etude.envs.pygame_window import Frame, PictureWindow, frame_of, import_pygame
from etude.envs.shapes import Point
from etude.envs.style_weights.batch import Scene
from etude.envs.style_weights.panels import (
    Curve,
    draw_picture,
    draw_preference,
    draw_qualities,
    draw_weights,
)

if TYPE_CHECKING:
    import pygame

DESIGNS: Final[Mapping[Point, Mapping[str, Place]]] = {
    (960, 540): {
        "painting": (24, 20, 440, 462),
        "preference": (24, 490, 440, 34),
        "content": (496, 20, 190, 212),
        "style": (746, 20, 190, 212),
        "weights": (496, 244, 440, 156),
        "qualities": (496, 410, 440, 120),
    },
    (540, 960): {
        "painting": (24, 20, 320, 342),
        "content": (366, 20, 150, 166),
        "style": (366, 196, 150, 166),
        "preference": (24, 378, 492, 36),
        "weights": (24, 432, 492, 240),
        "qualities": (24, 692, 492, 244),
    },
}
"""The places of the parts in each design, by its width and height."""


class Studio:
    """Pictures of paintings, at one size.

    Args:
        size: width and height in pixels.

    Raises:
        ValueError: a size below 1.
    """

    def __init__(self, size: tuple[int, int] = (960, 540)) -> None:
        if min(size) < 1:
            raise ValueError(f"a picture has at least one pixel, got {size[0]} x {size[1]}.")
        design = best_design(tuple(DESIGNS), size)
        self.size = size
        self._places = DESIGNS[design]
        self._canvas = Canvas(import_pygame().Surface(size, 0, 32), design)

    def frame(self, scene: Scene, reference: Curve | None = None) -> Frame:
        """``draw`` as a new array, which is the caller's."""
        return frame_of(self.draw(scene, reference))

    def draw(self, scene: Scene, reference: Curve | None = None) -> "pygame.Surface":
        """The picture of a painting, which the next call overwrites.

        Args:
            scene: what is to be seen.
            reference: how the quality went for another, to be shown beside it.
        """
        canvas, places = self._canvas, self._places
        canvas.surface.fill(PAPER)
        num_done = len(scene.qualities) - 1
        caption = f"Painting, step {num_done} of {scene.num_steps}"
        draw_picture(canvas, scene.image, places["painting"], caption)
        draw_picture(canvas, scene.content, places["content"], "Content")
        draw_picture(canvas, scene.style, places["style"], "Style")
        draw_preference(canvas, scene.preference, places["preference"])
        draw_weights(canvas, scene.weights, places["weights"])
        curves = [Curve("", scene.qualities, WIN), *([reference] if reference else [])]
        draw_qualities(canvas, curves, scene.num_steps, places["qualities"])
        return canvas.surface


def reference_curve(name: str, qualities: tuple[float, ...]) -> Curve:
    """Whom to compare with, in a colour that keeps back."""
    return Curve(name, qualities, MUTED)


class StudioWindow(PictureWindow):
    """A window that shows paintings: ``render_mode="human"``.

    Args:
        size: width and height of the window in pixels.
        title: what stands above it.

    Raises:
        NoDisplayError: there is no screen.
    """

    def __init__(self, size: tuple[int, int] = (960, 540), title: str = "Etude") -> None:
        self._studio = Studio(size)
        super().__init__(size, title)

    def show(self, scene: Scene, fps: float = 4, reference: Curve | None = None) -> None:
        """Draw a painting and wait until ``1 / fps`` seconds have passed since the last one."""
        self.show_picture(self._studio.draw(scene, reference), fps)
