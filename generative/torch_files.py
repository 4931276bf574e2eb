"""Files of torch.save, of whatever origin: no code in them is run, and they cannot fill the memory.

Torch's own loader for tensors and plain values refuses everything else that a pickle may name. What
it does not look at is how much a zip unpacks to: torch.save never compresses, so a file that is
compressed is not one of its own.
"""

import zipfile
from pathlib import Path
from typing import Any

import torch


def read_torch(path: Path) -> Any:
    """What a file holds: tensors, numbers, texts, and tables and lists of them.

    Raises:
        OSError: it cannot be read, such as where there is none.
        ValueError: it is no complete file of torch.save's, or would have to be trusted; the message
            is a reason without the name of the file and without a full stop.
    """
    with path.open("rb") as file:
        _check_plain(file)
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # parsers of foreign bytes fail in every way there is
        raise ValueError(_reason(error)) from error


def _check_plain(file: Any) -> None:
    """Check that a zip archive has nothing compressed in it."""
    try:
        if not zipfile.is_zipfile(file):  # the format of before torch 1.6
            return
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except Exception as error:  # parsers of foreign bytes fail in every way there is
        raise ValueError(_reason(error)) from error
    for member in members:
        is_stored = member.compress_type == zipfile.ZIP_STORED
        if not is_stored or member.file_size != member.compress_size:
            raise ValueError(f"torch.save compresses nothing, but {member.filename!r} in it is")


def _reason(error: Exception) -> str:
    """The first sentence of a message; the others advise to trust the file."""
    line = str(error).partition("\n")[0].partition(". ")[0].strip().rstrip(".")
    return f"{line or type(error).__name__:.200}"
