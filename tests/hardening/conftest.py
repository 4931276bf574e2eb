"""Every kind of file in turn, and limits to what reading one may take."""

import resource
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

import pytest
import torch

from tests.hardening import kinds, text_kinds
from tests.hardening.kind import Kind

LIMIT_SECONDS: Final = 20
MEMORY_BYTES: Final = 4 << 30  # beside what there is already
KINDS: Final[Mapping[str, Kind]] = {**kinds.KINDS, **text_kinds.KINDS}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest tests/hardening --fuzz 2000` takes hours."""
    parser.addoption("--fuzz", type=int, default=24, help="damaged files of each kind")


@contextmanager
def limited() -> Iterator[None]:
    """Neither time nor memory without end."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"read for {LIMIT_SECONDS} seconds")

    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, LIMIT_SECONDS)  # the processor's, on a busy machine, too
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_BYTES, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
        signal.setitimer(signal.ITIMER_PROF, 0.0)


@pytest.fixture
def limits() -> Callable[[], AbstractContextManager[None]]:
    """Within it there is neither time nor memory without end."""
    return limited


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each kind of file in turn."""
    return KINDS[request.param]


@pytest.fixture(params=[name for name, kind in KINDS.items() if kind.has_settings])
def described(request: pytest.FixtureRequest) -> Kind:
    """Each kind of file that says how to build what it holds."""
    return KINDS[request.param]


@pytest.fixture
def good(kind: Kind, tmp_path: Path) -> bytes:
    """What a good file of the kind holds."""
    path = tmp_path / "good" / kind.name
    path.parent.mkdir()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        kind.make(path)
    return path.read_bytes()
