"""Arrays from an npz of whatever origin: nothing in it is unpickled, and it cannot fill the memory.

NumPy offers to unpickle arrays of objects, which runs whatever a file's author likes, and takes a
file that is no zip for a pickle. A zip of a few kilobytes can also unpack to more than a machine
has. Here all of these are refused, and whatever else is wrong with a file is a ValueError.
"""

import math
import zipfile
from pathlib import Path
from typing import Final

import numpy as np

MAX_BYTES: Final = 1 << 32  # unpacked; the largest table of ours has a quarter of it


def read_arrays(path: Path, max_bytes: int = MAX_BYTES) -> dict[str, np.ndarray]:
    """All arrays of an npz.

    Args:
        path: the file.
        max_bytes: how much it may unpack to.

    Raises:
        OSError: it cannot be read, such as where there is none.
        ValueError: it is no npz of numbers, damaged, or too large; the message is a reason without
            the name of the file and without a full stop, for the caller to put into its own.
    """
    with path.open("rb") as file:
        if not zipfile.is_zipfile(file):
            raise ValueError("it is no zip archive")
        try:
            return _unpacked(path, max_bytes)
        except Exception as error:  # parsers of foreign bytes fail in every way there is
            reason = str(error).partition("\n")[0].rstrip(".") or type(error).__name__
            raise ValueError(f"{reason:.200}") from error


def _unpacked(path: Path, max_bytes: int) -> dict[str, np.ndarray]:
    with zipfile.ZipFile(path) as archive:  # reads no more of a member than is stated here
        size = sum(member.file_size for member in archive.infolist())
        if size > max_bytes:
            raise ValueError(f"it unpacks to {size:,} bytes, where {max_bytes:,} are allowed")
        for name in archive.namelist():
            _check_claim(archive, name, max_bytes)
    with np.load(path, allow_pickle=False) as arrays:
        found = {name: arrays[name] for name in arrays.files}
    for name, array in found.items():
        if not isinstance(array, np.ndarray):  # NumPy hands out what is no array as bytes
            raise ValueError(f"{name!r} in it is no array")
    return found


def _check_claim(archive: zipfile.ZipFile, name: str, max_bytes: int) -> None:
    """Check an array, whose own header may claim more than the archive's does."""
    with archive.open(name) as member:
        if np.lib.format.read_magic(member) != (1, 0):
            return  # only names of fields outside Latin-1, or a thousand fields, make others
        shape, _, kind = np.lib.format.read_array_header_1_0(member)
    if math.prod(shape) * kind.itemsize > max_bytes:
        raise ValueError(f"{name!r} in it claims to be {shape} of {kind}")
