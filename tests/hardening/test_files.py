"""Every file that is read, damaged: the answer is an error of a line, and no code is run."""

import base64
import io
import json
import os
import pickle
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import torch

NUM_DAMAGES: Final = 24  # of each kind of file; `pytest tests/hardening --fuzz 2000` does more
REFUSALS: Final = (ValueError, OSError)  # which the command line turns into a line

Kind = Any  # of conftest.py


class Canary:
    """Unpickled, it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.mkdir, (str(self.path),)  # type: ignore[return-value]


def cut(content: bytes, rng: random.Random) -> bytes:
    """A file that ends too early."""
    return content[: rng.randrange(len(content))]


def flipped(content: bytes, rng: random.Random) -> bytes:
    """A few bits changed, half of the times where formats keep their headers."""
    changed = bytearray(content)
    for _ in range(rng.choice((1, 3, 20))):
        place = rng.randrange(len(changed))
        near = rng.randrange(min(len(changed), 600))
        place = rng.choice((place, place, near, len(changed) - 1 - near))
        changed[place] ^= 1 << rng.randrange(8)
    return bytes(changed)


def overwritten(content: bytes, rng: random.Random) -> bytes:
    """A run of bytes that say much: of ones, of zeros, of the largest numbers."""
    start = rng.randrange(len(content))
    run = rng.choice((b"\0", b"\xff", b"\x7f\xff\xff\xff", b"9", b"["))
    run *= rng.choice((1, 4, 64))
    return content[:start] + run + content[start + len(run) :]


def shuffled(content: bytes, rng: random.Random) -> bytes:
    """A part twice, or left out."""
    first, second = sorted(rng.randrange(len(content)) for _ in range(2))
    return content[:second] + content[first:] if rng.random() < 0.5 else content[:first]


DAMAGES: Final = (cut, flipped, flipped, overwritten, shuffled)


def refuse_or_read(kind: Kind, content: bytes, folder: Path, limits: Any) -> Exception | None:
    """Read a file; returns with what it was refused, if it was."""
    folder.mkdir()
    path = folder / kind.name
    path.write_bytes(content)
    refusal = None
    try:
        with limits():
            kind.read(path)
    except REFUSALS as error:
        refusal = error
    if refusal is not None:
        assert 0 < len(str(refusal)) < 3_000, "an error says what is wrong"
    return refusal


@pytest.mark.filterwarnings("ignore")  # some decoders warn of what they pass over
def test_a_good_file_is_read(kind: Kind, good: bytes, tmp_path: Path, limits: Any) -> None:
    error = refuse_or_read(kind, good, tmp_path / "read", limits)
    assert (error is None) != kind.is_refused, error


@pytest.mark.filterwarnings("ignore")
def test_damaged_files(
    kind: Kind, good: bytes, tmp_path: Path, limits: Any, request: pytest.FixtureRequest
) -> None:
    count = request.config.getoption("--fuzz", NUM_DAMAGES)
    for number, damaged in enumerate(damages(kind, good, count)):
        refuse_or_read(kind, damaged, tmp_path / str(number), limits)


def damages(kind: Kind, good: bytes, count: int) -> Iterator[bytes]:
    """Damaged copies of a file, always the same."""
    rng = random.Random(kind.name)
    return (rng.choice(DAMAGES)(good, rng) for _ in range(count))


def foreign(canary: Path) -> Iterator[tuple[str, bytes]]:
    """Files of other programs, some of which run code when they are trusted."""
    pickled = pickle.dumps(Canary(canary))
    yield "nothing", b""
    yield "a byte", b"\0"
    yield "text", b"this is not what you are looking for\n"
    yield "no text", bytes(range(256)) * 8
    yield "json of another kind", b'[1, "two", {"three": null}]'
    yield "a number", b"1e999\n"
    yield "brackets", b"[" * 100_000
    yield "braces", b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    yield "a pickle", pickled
    yield "a pickle of protocol 0", pickle.dumps(Canary(canary), 0)
    buffer = io.BytesIO()
    np.save(buffer, np.array([Canary(canary)], dtype=object), allow_pickle=True)
    yield "an array of objects", buffer.getvalue()
    buffer = io.BytesIO()
    np.savez(buffer, header=np.array([Canary(canary)], dtype=object), weights=np.zeros(3))
    yield "an npz of objects", buffer.getvalue()
    buffer = io.BytesIO()
    torch.save({"format": Canary(canary), "state_dict": Canary(canary)}, buffer)
    yield "a file of torch", buffer.getvalue()
    buffer = io.BytesIO()
    torch.save(Canary(canary), buffer, _use_new_zipfile_serialization=False)
    yield "an old file of torch", buffer.getvalue()
    yield (
        "a zip of pickles",
        zipped(
            dict.fromkeys(("header.npy", "header", "data.pkl", "archive/data.pkl", "data"), pickled)
        ),
    )
    serialized = {":type:": "f", ":serialized:": base64.b64encode(pickled).decode()}
    data = json.dumps({"policy_class": serialized, "lr_schedule": serialized}).encode()
    yield (
        "a model of SB3",
        zipped({"data": data, "policy.pth": pickled, "pytorch_variables.pth": b""}),
    )
    yield "a zip of nothing", zipped({})
    yield "safetensors of nothing", struct.pack("<Q", 2) + b"{}"
    yield "safetensors with a long header", struct.pack("<Q", 1 << 62) + b"{}"
    yield "a huge array", huge_array()
    yield "a bomb", bomb()


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def huge_array() -> bytes:
    """An npz whose header is an array that claims a terabyte."""
    header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (1099511627776,), }"
    header = header.ljust(117) + b"\n"
    return zipped({"header.npy": b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header})


def bomb() -> bytes:
    """A zip with a gigabyte of zeros in each of its members, which is less than a megabyte."""
    compressor = zipfile.zlib.compressobj(9, zipfile.zlib.DEFLATED, -15)  # type: ignore[attr-defined]
    block = bytes(1 << 24)
    packed = b"".join([*(compressor.compress(block) for _ in range(6)), compressor.flush()])
    return zipped({"header.npy": packed})


@pytest.mark.filterwarnings("ignore")
def test_foreign_files_run_nothing(kind: Kind, tmp_path: Path, limits: Any) -> None:
    canary = tmp_path / "canary"
    for name, content in foreign(canary):
        error = refuse_or_read(kind, content, tmp_path / name, limits)
        assert not canary.exists(), f"{name} ran code"
        allowed = kind.name.endswith((".jsonl", ".json")) or "safetensors of nothing" in name
        allowed |= kind.name == "study.db" and len(content) < 2  # one that has yet to begin
        assert error is not None or allowed, f"{name} passed for {kind.name}"


def test_the_canary_sings(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Canary(tmp_path / "canary")))
    assert (tmp_path / "canary").exists()
