"""What a run did, step by step, in a file that grows by a line at a time."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from etude.foundations.files import replacing
from etude.foundations.json_lines import append_object, whole_lines


@dataclass(frozen=True)
class Progress:
    """One step of a run.

    Args:
        step: updates made so far, from 1.
        seconds: what this update took.
        losses: their values, by name.
    """

    step: int
    seconds: float
    losses: dict[str, float]


@runtime_checkable
class Recorder(Protocol):
    """Where the steps of a run go: a file, a progress bar, a list."""

    def begin(self, step: int) -> None:
        """The run goes on after this step; what was recorded beyond it will be done again."""
        ...

    def record(self, progress: Progress) -> None:
        """A step was made."""
        ...


class JsonLines:
    """A recorder that writes a line of JSON for the run, then one for each step.

    Args:
        path: the file, in a folder that exists.
        header: what the run is: settings, seed, versions, machine.
        every_steps: how often; where steps take milliseconds, a line for each would slow them.
    """

    def __init__(self, path: Path, header: Mapping[str, Any], every_steps: int = 1) -> None:
        self.path = path
        self.header = dict(header)
        self.every_steps = every_steps

    def begin(self, step: int) -> None:
        """Keep the records up to ``step``; write the header of this session first."""
        kept = [record for record in read_records(self.path) if record.step <= step]
        lines = [self.header, *map(asdict, kept)]
        with replacing(self.path) as partial:
            partial.write_text("".join(json.dumps(line) + "\n" for line in lines))

    def record(self, progress: Progress) -> None:
        """Append a line, if it is time."""
        if progress.step % self.every_steps:
            return
        append_object(self.path, asdict(progress))


def read_records(path: Path) -> list[Progress]:
    """The steps in a file of ``JsonLines``, none if there is no file.

    A last line that was cut off is left out.

    Raises:
        ValueError: another line is no record.
    """
    lines = whole_lines(path)[1:] if path.exists() else []
    records = []
    for number, line in enumerate(lines, start=2):
        try:
            record = Progress(**json.loads(line))
            _check_record(record)
        except (ValueError, TypeError, RecursionError) as error:
            raise ValueError(
                f"line {number} of {str(path)!r} is no record: {line[:60]}; remove it."
            ) from error
        records.append(record)
    return records


def _check_record(record: Progress) -> None:
    """Check what JSON can hold in place of the right types."""
    numbers = (record.step, record.seconds, *dict(record.losses).values())
    if type(record.step) is not int or not all(isinstance(x, int | float) for x in numbers):
        raise TypeError("they are numbers")
