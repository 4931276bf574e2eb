"""Agents in files: NumPy arrays with a header in JSON, in one ``.npz``.

A file from elsewhere is never unpickled and never trusted. The header is an array of bytes that
says what kind of agent the file holds, which version of its format, its settings, and of each array
the type, the shape and a checksum. The zip format around it has a checksum of its own; the
two together notice a cut, a flipped bit and an array that was exchanged. A file appears under its
name only when it is complete: it is written beside it and then renamed.
"""

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from etude.foundations.arrays import read_arrays
from etude.foundations.files import replacing

FORMAT: Final = "etude-agent"
HEADER: Final = "header"
MAX_HEADER_BYTES: Final = 1 << 20

Arrays = dict[str, np.ndarray]
Settings = dict[str, Any]  # what JSON can say: numbers, texts, lists and tables of them


def save_arrays(
    path: Path | str,
    kind: str,
    version: int,
    settings: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
) -> None:
    """Write an agent to ``path``, which replaces an older file when it is complete.

    Args:
        path: the file; its name is taken as it is.
        kind: what sort of agent this is; ``load_arrays`` asks for it.
        version: of the kind's format, from 1.
        settings: what JSON can hold.
        arrays: numbers only, no objects; none may be called "header".

    Raises:
        ValueError: an array of objects, one called "header", or a folder that does not exist.
    """
    for name, array in arrays.items():
        if name == HEADER or array.dtype.hasobject:
            raise ValueError(
                f"an array to save holds numbers and is not called {HEADER!r}, got {name!r} of "
                f"{array.dtype}; rename or convert it."
            )
    header = {
        "format": FORMAT,
        "kind": kind,
        "version": version,
        "settings": dict(settings),
        "arrays": {name: _describe(array) for name, array in arrays.items()},
    }
    content: dict[str, Any] = {HEADER: np.frombuffer(json.dumps(header).encode(), np.uint8)}
    with replacing(Path(path)) as partial, partial.open("wb") as file:
        np.savez_compressed(file, **(content | dict(arrays)))


def load_arrays(path: Path | str, kind: str, newest_version: int = 1) -> tuple[Settings, Arrays]:
    """Read what ``save_arrays`` wrote.

    Args:
        path: the file.
        kind: the sort of agent that is expected.
        newest_version: the newest version of the format that the caller understands.

    Returns:
        The settings and the arrays.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: truncated, damaged, foreign, of another kind, or of a newer version.
    """
    path = Path(path)
    header, arrays = _read(path)
    if header["kind"] != kind:
        raise ValueError(
            f"{path.name} should hold an agent of kind {kind!r}, got {header['kind']!r}; load it "
            "with the class that saved it."
        )
    if not 1 <= header["version"] <= newest_version:
        raise ValueError(
            f"{path.name} should be of version 1 to {newest_version} of the format {kind!r}, got "
            f"{header['version']}; update etude, or save the agent again with this version."
        )
    return header["settings"], arrays


def kind_of(path: Path | str) -> str:
    """The kind of agent in a file, to choose the class that loads it.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is truncated, damaged or foreign.
    """
    return str(_read(Path(path))[0]["kind"])


def _read(path: Path) -> tuple[dict[str, Any], Arrays]:
    """Header and arrays of a file, checked against each other."""
    if not path.is_file():
        raise FileNotFoundError(f"an agent is loaded from a file, got {str(path)!r}: no such file.")
    try:
        arrays = read_arrays(path)
        header = _header(arrays.pop(HEADER, None))
        if set(arrays) != set(header["arrays"]):
            raise ValueError(f"its arrays are {', '.join(sorted(arrays)) or 'missing'}")
        damaged = [name for name in arrays if _describe(arrays[name]) != header["arrays"][name]]
        if damaged:
            raise ValueError(f"its arrays {', '.join(damaged)} are damaged")
    except (ValueError, RecursionError) as error:  # the latter of brackets within brackets
        raise ValueError(
            f"an agent's file is an npz that save() wrote, got {path.name}: {error}; it is damaged "
            "or from another program, so take a copy, or train and save the agent again."
        ) from error
    return header, arrays


def _header(content: np.ndarray | None) -> dict[str, Any]:
    if content is None or content.dtype != np.uint8 or content.size > MAX_HEADER_BYTES:
        raise ValueError("its header is not one of ours")
    header = json.loads(content.tobytes())
    _check_header(header)
    checked: dict[str, Any] = header
    return checked


def _check_header(header: Any) -> None:
    """Raise a ValueError unless the header has the fields that ``save_arrays`` writes."""
    types = {"kind": str, "version": int, "settings": dict, "arrays": dict}
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise ValueError(f"its header does not say {FORMAT!r}")
    for name, expected in types.items():
        if not isinstance(header.get(name), expected):
            raise ValueError(f"its header has no {name!r}")


def _describe(array: np.ndarray) -> dict[str, Any]:
    """Type, shape and checksum of an array, as the header states them."""
    content = np.ascontiguousarray(array).tobytes()
    return {"dtype": array.dtype.str, "shape": list(array.shape), "crc32": zlib.crc32(content)}
