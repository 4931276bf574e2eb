"""Pictures of points in the plane: the samples of a generator over the density they should have."""

from typing import Any, Final

import numpy as np
import torch
from jaxtyping import Float, UInt8
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle
from torch import Tensor

from etude.benchmarks.plots import COLOURS, LOOK
from etude.generative.gan.toy import Distribution, GaussianMixture

INCHES: Final = 4.8
DOTS_PER_INCH: Final = 100
DENSITY_CELLS: Final = 400  # along a side
FIELD_CELLS: Final = 96
NUM_SHADES: Final = 11  # few, so that an animation is small
DEVIATIONS: Final = (1.0, 2.0, 3.0)  # circles around a mode
CLOSE_SHARE: Final = 0.6  # of the width goes to the modes on top of each other
DOTS: Final[dict[str, Any]] = {
    "linestyle": "",
    "marker": "o",
    "color": "#222222",
    "markeredgewidth": 0,
}
LEVELS: Final = (0.05, 0.5)  # of the highest density, where there are no modes
FIELD_COLOURS: Final = LinearSegmentedColormap.from_list(
    "field", [COLOURS[0], "#FFFFFF", COLOURS[1]], N=NUM_SHADES
)

Frame = UInt8[np.ndarray, "height width 3"]


class CloudPainter:
    """Draws clouds over one distribution; most of the picture is made only once.

    Circles around a mode have a radius of 1, 2 and 3 sigma, and a second picture has all modes on
    top of each other, to show their width; other densities have contours. A field, such as the
    logits of a discriminator, is orange where it is high and blue where it is low.

    Args:
        distribution: the truth.
    """

    @rc_context(LOOK | {"axes.grid": False})
    def __init__(self, distribution: Distribution) -> None:
        self._modes = modes_of(distribution)
        width = INCHES if self._modes is None else (1.0 + CLOSE_SHARE) * INCHES
        figure = Figure(figsize=(width, INCHES), dpi=DOTS_PER_INCH)
        self._canvas: Any = FigureCanvasAgg(figure)  # matplotlib types none of its methods
        left, right, bottom, top = self._extent = distribution.extent
        if self._modes is None:
            self._axes = figure.add_subplot()
        else:
            self._axes, close = figure.subplots(1, 2, width_ratios=(1.0, CLOSE_SHARE))
            self._close_points = _draw_close(close)
        self._axes.set(xlim=(left, right), ylim=(bottom, top), xticks=[], yticks=[], aspect="equal")
        self._axes.set_title(" ", fontsize=11)
        self._field = self._axes.imshow(
            np.zeros((FIELD_CELLS, FIELD_CELLS)),
            extent=self._extent,
            origin="lower",
            cmap=FIELD_COLOURS,
            vmin=-1.0,
            vmax=1.0,
            alpha=0.45,
            interpolation="bilinear",
            interpolation_stage="data",
        )
        self._draw_truth(distribution)
        (self._points,) = self._axes.plot([], [], markersize=1.6, **DOTS)
        self.frame(distribution.mean[None], " ")
        figure.set_layout_engine("none")  # it was found; again would take half of each picture

    def frame(
        self,
        points: Float[Tensor, "n 2"],
        title: str,
        field: Float[Tensor, "rows columns"] | None = None,
    ) -> Frame:
        """A picture.

        Args:
            points: samples; 2,000 to 5,000 look well.
            title: what stands above them.
            field: values at ``field_points``; white if left out.
        """
        values = torch.zeros(FIELD_CELLS, FIELD_CELLS) if field is None else centred(field)
        self._field.set_data(values.numpy())
        self._points.set_data(*points.T.numpy())
        self._axes.set_title(title, fontsize=11)
        if self._modes is not None:
            means = self._modes.means.float()
            nearest = means[torch.cdist(points, means).argmin(dim=1)]
            self._close_points.set_data(*((points - nearest) / self._modes.sigma).T.numpy())
        self._canvas.draw()
        return np.asarray(self._canvas.buffer_rgba())[..., :3].copy()

    @property
    def field_points(self) -> Float[Tensor, "m 2"]:
        """Where a field is to be known, row by row from the bottom."""
        return lattice(self._extent, FIELD_CELLS)

    def _draw_truth(self, distribution: Distribution) -> None:
        if self._modes is not None:
            for x, y in self._modes.means.tolist():
                _draw_circles(self._axes, x, y, self._modes.sigma)
            return
        density = distribution.log_density(lattice(self._extent, DENSITY_CELLS)).exp()
        self._axes.contour(
            density.reshape(DENSITY_CELLS, DENSITY_CELLS).numpy(),
            levels=[level * density.max().item() for level in LEVELS],
            extent=self._extent,
            colors=COLOURS[2],
            linewidths=0.8,
        )


def modes_of(distribution: Distribution) -> GaussianMixture | None:
    """The distribution, if it consists of modes."""
    if isinstance(distribution, GaussianMixture) and distribution.separated:
        return distribution
    return None


def _draw_close(axes: Axes) -> Line2D:
    """Prepare a picture of all modes on top of each other, in deviations; returns its points."""
    reach = max(DEVIATIONS) + 1.0
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), xticks=[], yticks=[], aspect="equal")
    axes.set_title("all modes, 1, 2 and 3 sigma", fontsize=9, loc="center", fontweight="normal")
    axes.set_frame_on(False)
    _draw_circles(axes, 0.0, 0.0, 1.0)
    (points,) = axes.plot([], [], markersize=1.3, **DOTS)
    return points


def _draw_circles(axes: Axes, x: float, y: float, sigma: float) -> None:
    for radius in DEVIATIONS:
        circle = Circle((x, y), radius * sigma, fill=False, edgecolor=COLOURS[2], linewidth=0.7)
        axes.add_patch(circle)


def lattice(extent: tuple[float, float, float, float], num_cells: int) -> Float[Tensor, "m 2"]:
    """The centres of square cells, row by row from the bottom.

    Args:
        extent: left, right, bottom and top.
        num_cells: along a side.
    """
    left, right, bottom, top = extent
    places = (torch.arange(num_cells) + 0.5) / num_cells
    y, x = torch.meshgrid(
        bottom + (top - bottom) * places, left + (right - left) * places, indexing="ij"
    )
    return torch.stack((x.flatten(), y.flatten()), dim=1)


def centred(field: Float[Tensor, "rows columns"]) -> Float[Tensor, "rows columns"]:
    """The field about its median, in units in which nine tenths of it lie in [-1, 1]."""
    around = field - field.median()
    return (around / around.abs().quantile(0.9).clamp_min(1e-12)).clamp(-1.0, 1.0)
