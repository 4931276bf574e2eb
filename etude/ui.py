"""What runs have sent to a tracker, in the browser."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from etude.trackers import MLFLOW_FILE, RUNS, TRACKIO_FOLDER
from etude.tracking import KINDS


def ui(
    *,
    tracker: Literal["tensorboard", "mlflow", "trackio"] = "tensorboard",
    folder: Path = RUNS,
    port: int = 6006,
) -> None:
    """Show the runs that a tracker has in the browser, until Ctrl-C.

    The server is the tracker's own, on this machine alone.

    Args:
        tracker: which one; `wandb` has its pages elsewhere, and `csv` opens in a spreadsheet.
        folder: of the runs; those of mlflow and trackio are in one file for all.
        port: where the browser finds it.

    Raises:
        ValueError: no run there, or a port out of range.
        ImportError: the tracker is not installed.
    """
    if not 0 <= port <= 65_535:
        raise ValueError(f"a port lies between 0 and 65535, got {port}; for example 6006.")
    if find_spec(tracker) is None:
        raise ImportError(
            f"{tracker} is not installed; run `pip install '{KINDS[tracker].package}'`."
        )
    where = {"tensorboard": folder, "mlflow": MLFLOW_FILE, "trackio": TRACKIO_FOLDER}[tracker]
    if not where.exists():
        raise ValueError(
            f"runs are shown from where they were tracked, got {str(where)!r}, which does not "
            f"exist; train something with `--tracker {tracker}` first, or name its --folder."
        )
    command = server(tracker, where, port)
    os.environ.update(
        {
            "TRACKIO_DIR": str(TRACKIO_FOLDER.resolve()),
            "GRADIO_SERVER_PORT": str(port),
            "GRADIO_ANALYTICS_ENABLED": "False",
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # of what only model servers ask for
            "MLFLOW_DISABLE_TELEMETRY": "true",
        }
    )
    os.execv(command[0], command)  # the server takes this process over, and its signals


def server(tracker: str, where: Path, port: int) -> list[str]:
    """The command that serves a tracker's pages."""
    if tracker == "trackio":  # told the rest by its environment
        return [sys.executable, "-c", "from trackio.cli import main; main()", "show"]
    if tracker == "mlflow":
        base = f"sqlite:///{where.resolve()}"
        options = ["mlflow", "ui", "--workers", "1", "--backend-store-uri", base]
    else:
        options = ["tensorboard.main", "--logdir", str(where)]
    return [sys.executable, "-m", *options, "--port", str(port)]
