"""The option `--tracker`: what a command trains or measures is handed to a tracker."""

from collections.abc import Callable
from typing import Any, Final

from etude.added_option import Call, with_option
from etude.benchmarks.audience import listening
from etude.tracked_results import TrackedResults
from etude.tracking import KINDS, TrackerName, choosing

DEFAULT: Final[TrackerName] = "tensorboard"
OPTION_HELP: Final = (
    "where numbers and pictures go besides the run's own files: tensorboard's event files in its "
    "folder; csv; data bases in runs/ of mlflow or trackio; wandb, offline; or none."
)


def with_tracker(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command that takes ``--tracker`` besides its own options."""
    return with_option(command, "tracker", TrackerName, DEFAULT, OPTION_HELP, _track)


def _track(name: TrackerName, call: Call) -> Any:
    with choosing(name):
        if name not in KINDS:
            return call()
        results = TrackedResults()
        try:
            with listening(results):
                return call()
        finally:
            results.finish()
