"""Jobs on a cluster through Ray: a local one of processes, or one that runs already.

Ray places a job wherever a core is free, and does it again where the process or the whole machine
that had it died (P. Moritz et al., "Ray: a distributed framework for emerging AI applications",
OSDI 2018). Results come back to the one process that writes them down. Every machine of a cluster
needs the same Etude installed; no file has to be shared.
"""

import logging
import os
import socket
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import urlsplit

from etude.benchmarks.workers import MAX_TRIES, POLL_SECONDS, Done, Failed, Job, News

LOCAL: Final = "local"
AUTO: Final = "auto"
REACH_SECONDS: Final = 10.0
OBJECT_STORE_BYTES: Final = 100_000_000  # jobs and their results are a few kilobytes each
NUM_STARTS: Final = 3
PACKAGE: Final = "etude[sweep]"


class RayWorkers:
    """Workers of a cluster; one connection a process.

    Args:
        address: "local" starts a cluster of processes here, which ends with the workers; "auto" is
            the one that was started on this machine with `ray start`; "ray://HOST:10001" or
            "HOST:6379" is one elsewhere.
        size: how many jobs at a time; as many as the cluster has cores if None.

    Raises:
        ImportError: Ray is not installed.
        ConnectionError: no cluster answers there.
    """

    def __init__(self, address: str, size: int | None = None) -> None:
        self._ray = connect(address, size)
        # What Ray retries is the death of a worker, not an error of the job.
        self._remote = self._ray.remote(num_cpus=1, max_retries=MAX_TRIES - 1)(_do)
        self.size = size or max(int(self._ray.cluster_resources().get("CPU", 1)), 1)
        self._numbers: dict[Any, int] = {}  # of the jobs that are under way, by their promise

    def start(self, number: int, job: Job) -> None:
        """See ``Workers``."""
        self._numbers[self._remote.remote(job)] = number

    def news(self) -> list[News]:
        """See ``Workers``; how much of a job is done does not cross the network."""
        if not self._numbers:
            return []
        ready, _ = self._ray.wait(list(self._numbers), timeout=POLL_SECONDS)
        return [self._outcome(promise, self._numbers.pop(promise)) for promise in ready]

    def close(self) -> None:
        """See ``Workers``."""
        for promise in self._numbers:
            self._ray.cancel(promise, force=True)
        self._ray.shutdown()

    def _outcome(self, promise: Any, number: int) -> News:
        try:
            return Done(number, self._ray.get(promise))
        except self._ray.exceptions.RayTaskError as error:
            return Failed(number, repr(error.cause))
        except self._ray.exceptions.RayError as error:
            why = str(error).partition("\n")[0]
            return Failed(number, f"its worker died {MAX_TRIES} times, the last time so: {why}")


def connect(address: str, size: int | None) -> Any:
    """The module of Ray, connected; see ``RayWorkers``."""
    if find_spec("ray") is None:
        raise ImportError(
            f"--ray needs Ray, which is not installed; run `pip install '{PACKAGE}'`."
        )
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would send statistics
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # and warns of the change
    os.environ.setdefault("RAY_DEDUP_LOGS_SKIP_REGEX", ".")  # it would print on stdout
    import ray

    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address == LOCAL:
        _start_local(ray, size, options)
        return ray
    try:
        _reach(address)
        ray.init(address=address, **options)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        why = str(error).partition("\n")[0]
        raise ConnectionError(
            f"a cluster is {LOCAL}, auto, ray://HOST:10001 or HOST:6379, got {address!r}, which "
            f"does not answer ({why}); start one with `ray start --head`, or take --ray {LOCAL}."
        ) from error
    return ray


def _reach(address: str) -> None:
    """Check that somebody listens where a name and a port are given: Ray would try for minutes.

    Raises:
        OSError: nobody does.
        ValueError: no port.
    """
    if address != AUTO:
        parts = urlsplit(address if "://" in address else f"ray://{address}")
        if parts.hostname is None or parts.port is None:
            raise ValueError("a host and a port are missing")
        socket.create_connection((parts.hostname, parts.port), REACH_SECONDS).close()


def _start_local(ray: Any, size: int | None, options: dict[str, Any]) -> None:
    """Start a cluster of processes here.

    Ray gives its own processes 15 seconds to import themselves, which takes longer on a machine
    that is busy, and less once their files are in memory.
    """
    for num_left in reversed(range(NUM_STARTS)):
        try:
            ray.init(
                num_cpus=size,
                include_dashboard=False,
                object_store_memory=OBJECT_STORE_BYTES,
                **options,
            )
            return
        except Exception as error:  # what it raises is no more precise
            ray.shutdown()
            if not num_left:
                raise ConnectionError(
                    f"a local cluster of Ray did not start ({str(error).partition(chr(10))[0]}); "
                    "leave --ray out to run on processes, or wait until the machine is idle."
                ) from error


def _do(job: Job) -> Any:
    """Done by a worker."""
    return job(lambda share: None)
