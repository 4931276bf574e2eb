"""Files that are written: by two processes at once, by one that is killed, on a full disk."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from etude.foundations.files import replacing
from etude.foundations.json_lines import append_object, whole_lines

WRITER = """
import sys
from pathlib import Path
from etude.foundations.json_lines import append_object
path, name, count, length = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
for number in range(count):
    append_object(path, {"writer": name, "number": number, "text": name * length})
"""
WITH_LITTLE_ROOM = """
import resource, signal, sys
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writing fails then, as on a full disk
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
path = Path(sys.argv[1])
"""


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def test_two_processes_write_to_one_file(tmp_path: Path) -> None:
    path, count = tmp_path / "results.jsonl", 3_000
    writers = [start(WRITER, path, name, count, 300) for name in "ab"]
    while any(writer.poll() is None for writer in writers):  # a reader sees whole lines only
        if path.exists():
            assert all(json.loads(line) for line in whole_lines(path))
    assert [writer.communicate()[1] for writer in writers] == ["", ""]
    found = [json.loads(line) for line in whole_lines(path)]
    for name in "ab":
        numbers = [line["number"] for line in found if line["writer"] == name]
        assert numbers == list(range(count))  # none lost, none twice, in their order
    assert len(found) == 2 * count
    assert {line["text"] for line in found} == {"a" * 300, "b" * 300}


def test_killed_writers_leave_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    for _ in range(3):
        writer = start(WRITER, path, "a", 10**9, 100_000)
        size = path.stat().st_size if path.exists() else 0
        while not path.exists() or path.stat().st_size < size + 1_000_000:
            assert writer.poll() is None
        writer.kill()
        assert writer.wait() == -signal.SIGKILL
        writer.communicate()
        append_object(path, {"writer": "b"})
    lines = path.read_text().splitlines()
    writers = [json.loads(line)["writer"] for line in lines]  # also those in the middle are whole
    assert writers.count("b") == 3
    assert writers[-1] == "b"


@pytest.mark.parametrize("remnant", ['{"a": 1, "b', '{"a"', "{", '{"a": {"b": 2}'])
def test_a_remnant_is_left_out_and_removed(tmp_path: Path, remnant: str) -> None:
    path = tmp_path / "results.jsonl"
    path.write_text('{"a": 0}\n' + remnant)
    assert whole_lines(path) == ['{"a": 0}']
    append_object(path, {"a": 1})
    assert path.read_text() == '{"a": 0}\n{"a": 1}\n'


def test_a_remnant_longer_than_a_block_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_text('{"a": 0}\n{"a": "' + "b" * 200_000)
    append_object(path, {"a": 1})
    assert whole_lines(path) == ['{"a": 0}', '{"a": 1}']


def test_a_whole_line_without_an_end_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_text('{"a": 0}')
    assert whole_lines(path) == ['{"a": 0}']
    append_object(path, {"a": 1})
    assert path.read_text() == '{"a": 0}\n{"a": 1}\n'


def test_on_a_full_disk_a_line_is_not_written_at_all(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    append_object(path, {"a": "b" * 500})
    before = path.read_bytes()
    code = (
        WITH_LITTLE_ROOM
        + """
from etude.foundations.json_lines import append_object
try:
    append_object(path, {"a": "c" * 10_000})
except OSError:
    sys.exit(7)
"""
    )
    writer = start(code, path, 1_000)
    assert (writer.wait(), writer.communicate()[1]) == (7, "")
    assert path.read_bytes() == before


def test_on_a_full_disk_a_file_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "agent.npz"
    path.write_bytes(b"the good one")
    code = (
        WITH_LITTLE_ROOM
        + """
from etude.foundations.files import replacing
try:
    with replacing(path) as partial:
        partial.write_bytes(bytes(10_000))
except OSError:
    sys.exit(7)
"""
    )
    writer = start(code, path, 1_000)
    assert (writer.wait(), writer.communicate()[1]) == (7, "")
    assert path.read_bytes() == b"the good one"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_left_of_a_file_is_removed_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    code = """
import os, signal, sys
from pathlib import Path
from etude.foundations.files import replacing
with replacing(Path(sys.argv[1])) as partial:
    partial.write_bytes(b"half")
    if len(sys.argv) > 2: os.kill(os.getpid(), signal.SIGKILL)
"""
    start(code, path, "killed").communicate()
    (remnant,) = tmp_path.iterdir()
    start(code, path).communicate()
    assert remnant.exists()  # it is young: another machine may be writing it
    os.utime(remnant, (0, 0))
    start(code, path).communicate()
    assert list(tmp_path.iterdir()) == [path]


def test_what_another_process_is_writing_is_left_alone(tmp_path: Path) -> None:
    others = tmp_path / f".checkpoint.{os.getppid()}.partial.pt"
    others.write_bytes(b"half")
    os.utime(others, (0, 0))
    with replacing(tmp_path / "checkpoint.pt") as partial:
        partial.write_bytes(b"whole")
    assert others.exists()
