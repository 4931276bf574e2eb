"""The trackers that a run can be handed to; each is imported when it is asked for.

TensorBoard's files are written by torch's own client, which is what Lightning's logger wraps, too:
importing Lightning takes 6 seconds, a painting or a thousand games. The others go through
Lightning's loggers; Trackio, which Lightning has no logger for, through its own.
"""

import hashlib
import json
import os
import threading
from collections.abc import Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, Final, Protocol

from etude.foundations.files import replacing

RUNS: Final = Path("runs")  # where data bases of all runs are
MLFLOW_FILE: Final = RUNS / "mlflow.db"
MLFLOW_PICTURES: Final = RUNS / "mlflow"
TRACKIO_FOLDER: Final = RUNS / "trackio"
PROJECT: Final = "etude"


class Tracker(Protocol):
    """Where numbers and pictures go.

    Attributes:
        num_points: how many times at most a run should send its numbers, by what one time takes.
        last_step: that it kept before this run went on, if it would count a step twice.
    """

    num_points: int
    last_step: int

    def begin(self, step: int) -> None:
        """The run begins, or goes on after a step; what was sent beyond it will come again."""
        ...

    def numbers(self, values: Mapping[str, float], step: int) -> None:
        """Numbers by name, as they are after a step."""
        ...

    def picture(self, name: str, path: Path, step: int) -> None:
        """A picture, as it is after a step."""
        ...

    def close(self) -> None:
        """The run has ended, or was left."""
        ...


class NoTracker:
    """Keeps nothing."""

    num_points, last_step = 1, 0

    def begin(self, step: int) -> None:
        """See ``Tracker``."""

    def numbers(self, values: Mapping[str, float], step: int) -> None:
        """See ``Tracker``."""

    def picture(self, name: str, path: Path, step: int) -> None:
        """See ``Tracker``."""

    def close(self) -> None:
        """See ``Tracker``."""


class TensorBoardTracker:
    """Event files in the folder of the run; half a millisecond a number.

    Args:
        folder: of the run.
        config: what the run is.
    """

    num_points, last_step = 1_000, 0

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._open: Any = SummaryWriter
        self._folder, self._config = folder, config

    def begin(self, step: int) -> None:
        """See ``Tracker``."""
        from torch.utils.tensorboard import summary

        self._excepthook, threading.excepthook = threading.excepthook, self._except
        self._writer = self._open(str(self._folder), purge_step=step + 1 if step else None)
        # Without a list of metrics, TensorBoard compares the runs by all numbers that they sent.
        types: Any = summary  # whose functions have no types
        _, session_start, self._session_end = types.hparams(dict(self._config), {})
        self._writer.file_writer.add_summary(session_start)
        rows = [f"| {name} | {value} |" for name, value in self._config.items()]
        self._writer.add_text("config", "\n".join(["| | |", "| --- | --- |", *rows]), step)

    def numbers(self, values: Mapping[str, float], step: int) -> None:
        """See ``Tracker``."""
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)

    def picture(self, name: str, path: Path, step: int) -> None:
        """See ``Tracker``."""
        self._writer.add_image(name, _pixels(path), step, dataformats="HWC")

    def close(self) -> None:
        """See ``Tracker``."""
        try:
            self._writer.file_writer.add_summary(self._session_end)
            self._writer.close()
        finally:
            threading.excepthook = self._excepthook

    def _except(self, failure: threading.ExceptHookArgs) -> None:
        """Its thread's errors are raised by the next call, too: a traceback beside is too much."""
        if not type(failure.thread).__module__.startswith("tensorboard."):
            self._excepthook(failure)


class CSVTracker:
    """Lightning's `metrics.csv` and `hparams.yaml`; another pair for each time a run goes on.

    Pictures are left out: they lie in the folder of the run.

    Args:
        folder: of the run.
        config: what the run is.
    """

    num_points, last_step = 1_000, 0

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        from lightning.pytorch.loggers import CSVLogger

        self._logger: Any = CSVLogger(folder, name="csv")
        self._config = config

    def begin(self, step: int) -> None:
        """See ``Tracker``."""
        self._logger.log_hyperparams(dict(self._config))

    def numbers(self, values: Mapping[str, float], step: int) -> None:
        """See ``Tracker``."""
        self._logger.log_metrics(dict(values), step)

    def picture(self, name: str, path: Path, step: int) -> None:
        """See ``Tracker``."""

    def close(self) -> None:
        """See ``Tracker``."""
        self._logger.save()


class MLflowTracker:
    """Runs of MLflow in a file of SQLite; 59 milliseconds each time that numbers are sent.

    Args:
        folder: of the run, which goes on under the same identity.
        config: what the run is.
    """

    num_points, last_step = 100, 0

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # it would send statistics
        import mlflow  # noqa: F401, Lightning's message of a missing one is long
        from lightning.pytorch.loggers import MLFlowLogger

        MLFLOW_FILE.parent.mkdir(parents=True, exist_ok=True)
        note = folder / "mlflow_run.json"
        self._logger: Any = MLFlowLogger(
            PROJECT,
            run_name=folder.name,
            tracking_uri=f"sqlite:///{MLFLOW_FILE.resolve()}",
            artifact_location=MLFLOW_PICTURES.resolve().as_uri(),
            run_id=json.loads(note.read_text()) if note.exists() else None,
        )
        self._note, self._config = note, config

    def begin(self, step: int) -> None:
        """See ``Tracker``."""
        if self._note.exists():
            self.last_step = self._find_last_step()
        else:
            self._logger.log_hyperparams(dict(self._config))
            with replacing(self._note) as partial:
                partial.write_text(json.dumps(self._logger.run_id) + "\n")

    def _find_last_step(self) -> int:
        client, run = self._logger.experiment, self._logger.run_id
        names = client.get_run(run).data.metrics
        return max((m.step for n in names for m in client.get_metric_history(run, n)), default=0)

    def numbers(self, values: Mapping[str, float], step: int) -> None:
        """See ``Tracker``."""
        self._logger.log_metrics(dict(values), step)

    def picture(self, name: str, path: Path, step: int) -> None:
        """See ``Tracker``."""
        self._logger.experiment.log_image(self._logger.run_id, _pixels(path), key=name, step=step)

    def close(self) -> None:
        """See ``Tracker``."""
        self._logger.finalize()


class WandbTracker:
    """Runs of Weights & Biases, offline; `wandb sync` sends them if you like.

    Args:
        folder: of the run, which goes on under the same identity.
        config: what the run is.
    """

    num_points, last_step = 1_000, 0

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        import wandb
        from lightning.pytorch.loggers import WandbLogger

        identity = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
        self._logger: Any = WandbLogger(
            folder.name,
            folder,
            project=PROJECT,
            id=identity,
            offline=True,
            resume="allow",
            settings=wandb.Settings(silent=True),
        )
        self._config = config

    def begin(self, step: int) -> None:
        """See ``Tracker``."""
        self._logger.log_hyperparams(dict(self._config))

    def numbers(self, values: Mapping[str, float], step: int) -> None:
        """See ``Tracker``."""
        self._logger.log_metrics(dict(values), step)

    def picture(self, name: str, path: Path, step: int) -> None:
        """See ``Tracker``."""
        self._logger.log_image(name, [str(path)], step)

    def close(self) -> None:
        """See ``Tracker``."""
        self._logger.experiment.finish()


class TrackioTracker:
    """Runs of Trackio in a local data base; a tenth of a millisecond each time.

    Args:
        folder: of the run, which goes on under the same name.
        config: what the run is.
    """

    num_points, last_step = 1_000, 0

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        os.environ.setdefault("TRACKIO_DIR", str(TRACKIO_FOLDER.resolve()))
        os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
        import trackio

        self._trackio: Any = trackio
        self._name, self._config = os.path.relpath(folder), config

    def begin(self, step: int) -> None:
        """See ``Tracker``."""
        with redirect_stdout(StringIO()):  # it prints advice that knows nothing of `etude ui`
            self._trackio.init(
                PROJECT,
                name=self._name,
                config=dict(self._config),
                resume="allow",
                embed=False,
                auto_log_gpu=False,
                auto_log_cpu=False,
            )
        kept = self._trackio.sqlite_storage.SQLiteStorage.get_logs(PROJECT, self._name)
        self.last_step = max((line.get("step", 0) for line in kept), default=0)

    def numbers(self, values: Mapping[str, float], step: int) -> None:
        """See ``Tracker``."""
        self._trackio.log(dict(values), step=step)

    def picture(self, name: str, path: Path, step: int) -> None:
        """See ``Tracker``."""
        self._trackio.log({name: self._trackio.Image(_pixels(path))}, step=step)

    def close(self) -> None:
        """See ``Tracker``."""
        with redirect_stdout(StringIO()):
            self._trackio.finish()


def _pixels(path: Path) -> Any:
    """Of a picture, (height, width, channels), uint8."""
    import imageio.v3 as iio

    return iio.imread(path)
