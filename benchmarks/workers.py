"""Processes that do jobs, one at a time each; one that dies takes nothing with it but its own job.

The standard library's pool of processes breaks as a whole when one of them is killed, and cannot
say whose job it was. Here every process has a pipe of its own: when its end is reached before an
answer came, the process has died, another is started in its place, and the job is tried again.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from typing import Any, Final, Protocol

POLL_SECONDS: Final = 0.2
MAX_TRIES: Final = 3  # of a job whose worker dies: it may be the job that kills it
Report = Callable[[float], None]
Job = Callable[[Report], Any]


@dataclass(frozen=True)
class Share:
    """So much of a job is done, in [0, 1]."""

    number: int
    share: float


@dataclass(frozen=True)
class Died:
    """The worker that had a job has died, and the job is tried again."""

    number: int
    how: str


@dataclass(frozen=True)
class Done:
    """A job has ended well."""

    number: int
    value: Any


@dataclass(frozen=True)
class Failed:
    """A job has ended with an error, or killed its workers."""

    number: int
    reason: str


News = Share | Died | Done | Failed


class Workers(Protocol):
    """Who does jobs: processes here, or on a cluster; see ``ray_workers``.

    Attributes:
        size: how many jobs at a time.
    """

    size: int

    def start(self, number: int, job: Job) -> None:
        """Begin a job, while fewer than ``size`` are under way; its number is in its news."""
        ...

    def news(self) -> Sequence[News]:
        """What has happened since the last call, after a short wait if nothing has."""
        ...

    def close(self) -> None:
        """End the jobs that are under way, and the workers."""
        ...


class Processes:
    """Workers that are processes of this machine, started when they are first needed.

    Args:
        size: how many.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._idle: list[_Process] = []
        self._busy: dict[Connection, _Process] = {}

    def start(self, number: int, job: Job) -> None:
        """See ``Workers``."""
        process = self._idle.pop() if self._idle else _Process()
        self._give(process, number, job, tries=1)

    def news(self) -> list[News]:
        """See ``Workers``."""
        found: list[News] = []
        for end in wait(list(self._busy), POLL_SECONDS):
            assert isinstance(end, Connection)
            process = self._busy[end]
            try:
                news = end.recv()
            except (EOFError, ConnectionResetError):
                news = self._after_death(process)
            if isinstance(news, Done | Failed) and end in self._busy:
                self._idle.append(self._busy.pop(end))
            found.append(news)
        return found

    def close(self) -> None:
        """See ``Workers``."""
        for process in (*self._idle, *self._busy.values()):
            process.end()
        self._idle, self._busy = [], {}

    def _give(self, process: "_Process", number: int, job: Job, tries: int) -> None:
        """Hand over a job; a process that was killed while it was idle is replaced."""
        try:
            process.take(number, job, tries)
        except (BrokenPipeError, ConnectionResetError):
            process.end()
            process = _Process()
            process.take(number, job, tries)
        self._busy[process.connection] = process

    def _after_death(self, dead: "_Process") -> Died | Failed:
        """Try its job again, unless it has had its tries."""
        del self._busy[dead.connection]
        how = dead.end()
        if dead.tries < MAX_TRIES:
            self._give(_Process(), dead.number, dead.job, dead.tries + 1)
            return Died(dead.number, how)
        return Failed(dead.number, f"its worker died {MAX_TRIES} times, the last time {how}")


class _Process:
    """A process, its pipe, and the job that it has."""

    number: int
    job: Job
    tries: int

    def __init__(self) -> None:
        context = get_context("spawn")  # PyTorch and numba have threads, which a fork would break
        self.connection, its_end = context.Pipe()
        self._process = context.Process(target=_serve, args=(its_end,), daemon=False)
        self._process.start()
        its_end.close()  # or its death would not end the pipe

    def take(self, number: int, job: Job, tries: int) -> None:
        self.number, self.job, self.tries = number, job, tries
        self.connection.send((number, job))

    def end(self) -> str:
        """End it, and say how it has ended."""
        self._process.terminate()
        self._process.join()
        code = self._process.exitcode or 0
        self._process.close()
        self.connection.close()
        return f"by {signal.Signals(-code).name}" if code < 0 else f"with exit status {code}"


def _serve(connection: Connection) -> None:
    """Do jobs until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process tells when to stop
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ["OMP_NUM_THREADS"] = "1"  # of PyTorch, not imported yet: what is parallel are jobs
    while True:
        try:
            number, job = connection.recv()
        except (EOFError, ConnectionResetError):
            return
        answer(connection, number, job)


def answer(connection: Connection, number: int, job: Job) -> None:
    """Do a job, and tell how it gets on and what came of it, if anybody still listens."""
    last = 0.0

    def report(share: float) -> None:
        nonlocal last
        if time.monotonic() > last + POLL_SECONDS:
            last = time.monotonic()
            _tell(connection, Share(number, share))

    try:
        _tell(connection, Done(number, job(report)))
    except Exception as error:  # of the job, or of an answer that does not go through a pipe
        _tell(connection, Failed(number, repr(error)))


def _tell(connection: Connection, news: News) -> None:
    with suppress(BrokenPipeError):  # whoever asked has ended
        connection.send(news)


def _end_with_parent() -> None:
    """A worker whose main process was killed would work on for nobody."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
