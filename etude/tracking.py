"""Where the numbers and pictures of a run go, beside the files that it writes itself.

The default is TensorBoard's files in the folder of the run: no server, no account, no network, and
half a millisecond a number. `etude ui` shows them.
"""

import itertools
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from etude.benchmarks.results import machine, revision, versions
from etude.trackers import (
    RUNS,
    CSVTracker,
    MLflowTracker,
    NoTracker,
    TensorBoardTracker,
    Tracker,
    TrackioTracker,
    WandbTracker,
)

TrackerName = Literal["tensorboard", "csv", "mlflow", "trackio", "wandb", "none", "neptune"]


class Kind(NamedTuple):
    """A kind of tracker, and what `pip` has to install for it."""

    open: Callable[[Path, Mapping[str, Any]], Tracker]
    package: str


KINDS: Final[dict[str, Kind]] = {
    "tensorboard": Kind(TensorBoardTracker, "tensorboard"),
    "csv": Kind(CSVTracker, "etude[lightning]"),
    "mlflow": Kind(MLflowTracker, "etude[lightning,mlflow]"),
    "trackio": Kind(TrackioTracker, "etude[trackio]"),
    "wandb": Kind(WandbTracker, "etude[lightning,wandb]"),
}
_chosen: ContextVar[TrackerName] = ContextVar("tracker", default="none")


@contextmanager
def choosing(name: TrackerName) -> Iterator[None]:
    """Runs within are tracked by this tracker; outside, none is.

    Raises:
        ValueError: Neptune, which has closed.
    """
    if name == "neptune":
        raise ValueError(
            "a tracker is one that still runs, got neptune, whose service closed on 5 March 2026 "
            "with all its data; take tensorboard, or mlflow for a data base of runs."
        )
    token = _chosen.set(name)
    try:
        yield
    finally:
        _chosen.reset(token)


class Tracked:
    """A tracker that cannot disturb a run: when it fails, a line says so, and the run goes on.

    Args:
        name: of the tracker.
        tracker: itself.
    """

    def __init__(self, name: str, tracker: Tracker) -> None:
        self._name, self._tracker = name, tracker

    @property
    def works(self) -> bool:
        """Whether anything is kept."""
        return not isinstance(self._tracker, NoTracker)

    @property
    def num_points(self) -> int:
        """See ``Tracker``."""
        return self._tracker.num_points

    def begin(self, step: int) -> None:
        """See ``Tracker``."""
        self._try(lambda tracker: tracker.begin(step))

    def numbers(self, values: Mapping[str, float], step: int) -> None:
        """See ``Tracker``."""
        if step > self._tracker.last_step or not self._tracker.last_step:
            self._try(lambda tracker: tracker.numbers(values, step))

    def picture(self, name: str, path: Path, step: int) -> None:
        """See ``Tracker``."""
        self._try(lambda tracker: tracker.picture(name, path, step))

    def close(self) -> None:
        """See ``Tracker``."""
        self._try(lambda tracker: tracker.close())

    def _try(self, call: Callable[[Tracker], None]) -> None:
        try:
            call(self._tracker)
        except Exception as error:  # of a foreign client, a full disk, a network
            _say(f"{self._name} failed ({_line(error)}); the run goes on without it")
            self._tracker = NoTracker()


UNTRACKED: Final = Tracked("none", NoTracker())


def new_folder(name: str) -> Path:
    """A folder in runs/train for a run that has no other place; a number is added to its name.

    Args:
        name: of the run.
    """
    numbers = itertools.count(1)
    while (folder := RUNS / "train" / f"{name}-{next(numbers)}").exists():
        pass
    return folder


@contextmanager
def tracked_run(folder: Path, config: Mapping[str, Any]) -> Iterator[Tracked]:
    """The tracker that was chosen, told what the run is; closed at the end.

    Args:
        folder: of the run, which names it.
        config: what the run is: settings, seed.
    """
    tracked = _open(_chosen.get(), folder, described(config))
    try:
        yield tracked
    finally:
        tracked.close()


def described(config: Mapping[str, Any]) -> dict[str, str | float]:
    """A config without nesting, with the versions, the machine and the revision.

    >>> described({"settings": {"seed": 0, "sizes": (3, 4)}})["settings.sizes"]
    '(3, 4)'
    """
    about = {"versions": versions(), "machine": machine(), "revision": revision()}
    return dict(_flat("", {**config, **about}))


def _flat(prefix: str, config: Mapping[str, Any]) -> Iterator[tuple[str, str | float]]:
    for name, value in config.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{prefix}{name}.", value)
        else:
            yield f"{prefix}{name}", value if isinstance(value, int | float) else str(value)


def _open(name: str, folder: Path, config: Mapping[str, Any]) -> Tracked:
    if name not in KINDS:
        return Tracked(name, NoTracker())
    kind = KINDS[name]
    try:
        return Tracked(name, kind.open(folder, config))
    except ImportError:
        _say(
            f"{name} is not installed, so this run is not tracked; its record is in {folder} all "
            f"the same. `pip install '{kind.package}'` installs it"
        )
    except Exception as error:  # of a foreign client
        _say(f"{name} failed ({_line(error)}); the run goes on without it")
    return Tracked(name, NoTracker())


def _line(error: Exception) -> str:
    return (str(error) or type(error).__name__).partition("\n")[0]


def _say(message: str) -> None:
    print(f"etude: {message}", file=sys.stderr)
