"""A local Ray cluster: the same results as on processes, and a worker that is killed."""

import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from etude.benchmarks import ray_workers, results
from etude.benchmarks.ray_workers import RayWorkers, connect
from etude.benchmarks.runner import Finished, run_all
from etude.benchmarks.tictactoe import self_play_run
from etude.benchmarks.workers import Done, Failed, News

# Of a start that took too long, on a busy machine, and was tried again.
pytestmark = pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
JOBS = '''
import os
import signal
from pathlib import Path


def kill_worker(folder, times, report):
    """Kills its process so many times, then answers how often it was tried."""
    tries = len(list(Path(folder).glob("try*")))
    (Path(folder) / f"try{tries}").touch()
    if tries < times:
        os.kill(os.getpid(), signal.SIGKILL)
    return tries + 1


def fail(report):
    raise ArithmeticError("no such number")
'''


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A module that workers of a cluster started from here can import."""
    folder, name = tmp_path_factory.mktemp("jobs"), f"ray_jobs_{os.getpid()}"
    (folder / f"{name}.py").write_text(JOBS)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        patch.setenv("PYTHONPATH", str(folder))
        yield __import__(name)


@pytest.fixture(scope="module")
def cluster(jobs: Any) -> Iterator[RayWorkers]:
    workers = RayWorkers("local", 2)
    yield workers
    workers.close()


def follow(workers: RayWorkers, num_jobs: int) -> dict[int, News]:
    found: dict[int, News] = {}
    while len(found) < num_jobs:
        found |= {news.number: news for news in workers.news()}
    return found


@pytest.mark.slow  # the cluster alone takes some seconds to start
def test_a_worker_that_is_killed_is_replaced_and_its_job_is_done(
    jobs: Any, cluster: RayWorkers, tmp_path: Path
) -> None:
    for number, times in ((0, 1), (1, 99)):
        (tmp_path / str(number)).mkdir()
        cluster.start(number, partial(jobs.kill_worker, str(tmp_path / str(number)), times))
    cluster.start(2, jobs.fail)
    found = follow(cluster, 3)
    assert found[0] == Done(0, 2)
    hopeless = found[1]
    assert isinstance(hopeless, Failed)
    assert "its worker died 3 times" in hopeless.reason
    assert len(list((tmp_path / "1").iterdir())) == 3
    assert found[2] == Failed(2, "ArithmeticError('no such number')")


@pytest.mark.slow
def test_a_cluster_leaves_the_same_results_as_processes(
    cluster: RayWorkers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_workers, "connect", lambda address, size: cluster._ray)
    monkeypatch.setattr(RayWorkers, "close", lambda self: None)  # the cluster is shared
    runs = [self_play_run("perfect", seed) for seed in (0, 1)]
    path = tmp_path / "results.jsonl"
    assert run_all(runs, path, ray="local") == 0
    assert run_all(runs, path, ray="local") == 2
    here = runs[0].execute(runs[0], lambda share: None)
    line = Finished(path).line(runs[0])
    assert line is not None
    timed = {"cpu_seconds"}
    assert {k: v for k, v in line["metrics"].items() if k not in timed} == {
        k: v for k, v in here.metrics.items() if k not in timed
    }
    assert sorted(line["seed"] for line in results.read(path)) == [0, 1]


def test_ray_that_is_missing_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_workers, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install 'etude\[sweep\]'"):
        connect("local", None)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("auto", "nobody there"),
        ("ray://127.0.0.1:9", "Connection refused"),
        ("127.0.0.1:9", "Connection refused"),
        ("somewhere", "a host and a port are missing"),
    ],
)
def test_a_cluster_that_does_not_answer_is_a_line(
    address: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ray:
        def init(self, **options: Any) -> None:
            raise ConnectionError("nobody there\nfor a long time")

    monkeypatch.setattr(ray_workers, "find_spec", lambda name: name)
    monkeypatch.setitem(sys.modules, "ray", Ray())
    with pytest.raises(ConnectionError, match=rf"got '{address}', which does not .*{why}.*; start"):
        connect(address, None)


def test_a_local_cluster_is_started_again_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ray:
        starts = 0

        def init(self, **options: Any) -> None:
            self.starts += 1
            assert options["include_dashboard"] is False
            if self.starts < 3:
                raise Exception("The current node timed out during startup.")

        def shutdown(self) -> None:
            """Nothing was started."""

    ray = Ray()
    monkeypatch.setattr(ray_workers, "find_spec", lambda name: name)
    monkeypatch.setitem(sys.modules, "ray", ray)
    assert connect("local", 2) is ray
    assert ray.starts == 3
    ray.starts = -9
    with pytest.raises(ConnectionError, match=r"did not start .*timed out during startup"):
        connect("local", 2)
