"""Workers that are killed: the job is tried again a bounded number of times, the others are not."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing import Pipe
from pathlib import Path

import pytest

from etude.benchmarks.workers import MAX_TRIES, Died, Done, Failed, News, Processes, Share, answer

JOBS = '''
import os
import signal
import time
from pathlib import Path


def kill_worker(folder, times, report):
    """Kills its process so many times, then answers how often it was tried."""
    tries = len(list(Path(folder).glob("try*")))
    (Path(folder) / f"try{tries}").touch()
    if tries < times:
        os.kill(os.getpid(), signal.SIGKILL)
    return tries + 1


def square(number, report):
    report(0.5)
    return number**2


def wait(report):
    report(0.5)
    time.sleep(60)


def fail(report):
    raise ArithmeticError("no such number")


def answer_what_cannot_be_sent(report):
    return lambda: None
'''


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """A module that processes can import."""
    name = f"jobs_{os.getpid()}"
    (tmp_path / f"{name}.py").write_text(JOBS)
    monkeypatch.syspath_prepend(str(tmp_path))
    return __import__(name)


@pytest.fixture
def processes() -> Iterator[Processes]:
    workers = Processes(2)
    yield workers
    workers.close()


def follow(workers: Processes, num_jobs: int) -> list[News]:
    found: list[News] = []
    while sum(isinstance(news, Done | Failed) for news in found) < num_jobs:
        found += workers.news()
    return found


def test_jobs_are_done_and_say_how_far_they_are(jobs: object, processes: Processes) -> None:
    square: Callable[..., int] = jobs.square  # type: ignore[attr-defined]
    for number in (0, 1):
        processes.start(number, partial(square, number + 3))
    found = follow(processes, 2)
    processes.start(2, partial(square, 5))
    found += follow(processes, 1)
    assert {(news.number, news.value) for news in found if isinstance(news, Done)} == {
        (0, 9),
        (1, 16),
        (2, 25),
    }
    assert Share(0, 0.5) in found


def test_a_job_whose_process_is_killed_is_tried_again_and_the_others_are_not(
    jobs: object, processes: Processes, tmp_path: Path
) -> None:
    kill, square = jobs.kill_worker, jobs.square  # type: ignore[attr-defined]
    processes.start(0, partial(kill, str(tmp_path), 1))
    processes.start(1, partial(square, 3))
    found = follow(processes, 2)
    assert [news for news in found if not isinstance(news, Share | Done)] == [Died(0, "by SIGKILL")]
    assert Done(0, 2) in found
    assert found.count(Done(1, 9)) == 1


def test_a_job_that_always_kills_its_process_is_given_up(
    jobs: object, processes: Processes, tmp_path: Path
) -> None:
    kill = jobs.kill_worker  # type: ignore[attr-defined]
    processes.start(7, partial(kill, str(tmp_path), MAX_TRIES))
    assert follow(processes, 1) == [
        Died(7, "by SIGKILL"),
        Died(7, "by SIGKILL"),
        Failed(7, "its worker died 3 times, the last time by SIGKILL"),
    ]


def test_errors_are_told_and_are_not_tried_again(jobs: object, processes: Processes) -> None:
    processes.start(0, jobs.fail)  # type: ignore[attr-defined]
    processes.start(1, jobs.answer_what_cannot_be_sent)  # type: ignore[attr-defined]
    first, second = sorted(follow(processes, 2), key=lambda news: news.number)
    assert first == Failed(0, "ArithmeticError('no such number')")
    assert isinstance(second, Failed)
    assert "local object" in second.reason


def test_closing_ends_jobs_that_are_under_way(jobs: object) -> None:
    workers = Processes(1)
    workers.start(0, jobs.wait)  # type: ignore[attr-defined]
    while Share(0, 0.5) not in workers.news():
        pass
    workers.close()
    assert workers.news() == []


def test_an_answer_that_nobody_waits_for_is_no_error() -> None:
    here, there = Pipe()
    here.close()
    answer(there, 3, lambda report: report(0.5))
    with pytest.raises(OSError, match="closed"):
        here.recv()
