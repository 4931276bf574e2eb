"""An agent that is not finished, kept beside the file it will be: what a kill must not lose.

The agents that are kept are those whose files hold all that learning depends on, their random
numbers included; networks of Stable-Baselines3 have a checkpoint instead, which their training
writes itself. The same command goes on from there, and ends in the same agent, bit by bit, as one
that was never stopped.
"""

import json
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from etude.foundations.files import replacing
from etude.foundations.notes import read_note

KEEP_SECONDS: Final = 1.0  # from one save to the next, at least
KEEP_PAUSES: Final = 30.0  # how much longer learning goes on than the last save took
AGENT: Final = "agent.npz"
CHECKPOINT: Final = "checkpoint.pt"
NOTE: Final = "run.json"


class Unfinished:
    """A hidden folder with the agent as it was a moment ago, and what it is learning.

    Args:
        out: the file that the agent will be; nothing is kept if None.
        run: all that the agent depends on, as JSON holds it. What was kept of another run is
            deleted, as the file itself would be replaced.
        tracked: the folder where numbers of a new run go.
        has_checkpoint: whether the training writes ``checkpoint`` itself, instead of the agent.

    Attributes:
        tracked: that folder, or that of the run which goes on.
        checkpoint: where the training keeps itself, if it does.

    Raises:
        ValueError: the note of what was kept is damaged.
        OSError: the folder cannot be made.
    """

    def __init__(
        self,
        out: Path | None,
        run: Mapping[str, Any],
        tracked: Path,
        has_checkpoint: bool = False,
    ) -> None:
        self._folder = None if out is None else out.with_name(f".{out.name}.unfinished")
        self.checkpoint = self._folder / CHECKPOINT if self._folder and has_checkpoint else None
        self._pause, self._last = KEEP_SECONDS, time.monotonic()
        self._is_interrupted = False
        self.tracked = tracked
        if self._folder is None:
            return
        note = self._folder / NOTE
        kept = read_note(note) if note.exists() else {}
        begun = self.checkpoint or self._folder / AGENT
        if kept.get("run") == json.loads(json.dumps(run)) and begun.exists():
            self.tracked = Path(kept["tracked"])
            return
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        with replacing(note) as partial:
            partial.write_text(json.dumps({"run": run, "tracked": str(tracked)}, indent=2) + "\n")

    def take_up(self, fresh: Any) -> Any:
        """The agent as it was kept; the fresh one, of the same class, if none was.

        Raises:
            ValueError: the file is damaged.
        """
        if self._folder is None or not (self._folder / AGENT).exists():
            return fresh
        load: Callable[[Path], Any] = type(fresh).load
        return load(self._folder / AGENT)

    def keep(self, agent: Any) -> None:
        """Write the agent, if it is time.

        Raises:
            OSError: it cannot be written; the file of before stays.
        """
        if self._folder is None or self.checkpoint is not None:
            return
        if time.monotonic() < self._last + self._pause:
            return
        start = time.monotonic()
        agent.save(self._folder / AGENT)
        self._last = time.monotonic()
        self._pause = max(KEEP_PAUSES * (self._last - start), KEEP_SECONDS)

    def interrupt(self, agent: Any) -> None:
        """Ctrl-C came: write the agent, with which the same command goes on, or its checkpoint.

        Raises:
            OSError: it cannot be written; the file of before stays.
        """
        if self._folder is not None and self.checkpoint is None:
            agent.save(self._folder / AGENT)
        self._is_interrupted = True

    def finish(self) -> None:
        """The agent is in its own file: what was kept is deleted, unless Ctrl-C came."""
        if self._folder is not None and not self._is_interrupted:
            shutil.rmtree(self._folder)
