"""Files that are whole, but claim what cannot be: a layer of a terabyte, a board of text."""

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from safetensors.torch import save

from etude.agents.storage import HEADER, save_arrays
from etude.foundations.arrays import read_arrays
from etude.generative.checkpoints import load_weights

CLAIMS: Final = (10**9, 10**30, -1, 0, 5, 1e308, float("nan"), "text", "", None, [], {}, [7], True)
NUM_CLAIMS: Final = 25  # of each kind of file

Kind = Any  # of conftest.py


def places(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where there is something in a JSON value, tables and lists themselves included."""
    if path:
        yield path
    children: Any = ()
    if isinstance(content, dict):
        children = content.items()
    elif isinstance(content, list):
        children = enumerate(content)
    for key, value in children:
        yield from places(value, (*path, key))


def changed(content: Any, rng: random.Random) -> Any:
    """A copy with another claim in one place, or without it."""
    content = copy.deepcopy(content)
    *way, last = rng.choice(list(places(content)))
    inner = content
    for key in way:
        inner = inner[key]
    claim = rng.choice((*CLAIMS, "nothing"))
    if claim == "nothing":
        del inner[last]
    else:
        inner[last] = claim
    return content


def damaged_metadata(path: Path, rng: random.Random) -> bytes:
    """Safetensors with the same weights under other metadata."""
    state, metadata = load_weights(path)
    name = rng.choice(sorted(set(metadata) - {"format", "notes"}))
    try:
        value = json.dumps(changed([json.loads(metadata[name])], rng)[0])
    except (ValueError, IndexError):  # a bare word, or nothing is left
        value = str(rng.choice(CLAIMS))
    return bytes(save(state, metadata | {name: value}))


def damaged_settings(path: Path, rng: random.Random) -> None:
    """An agent with the same arrays under other settings."""
    arrays = read_arrays(path)
    header = json.loads(arrays.pop(HEADER).tobytes())
    save_arrays(path, header["kind"], header["version"], changed(header["settings"], rng), arrays)


@pytest.mark.filterwarnings("ignore")  # torch's, of layers without weights
def test_wrong_claims(described: Kind, tmp_path: Path, limits: Any) -> None:
    rng = random.Random(described.name)
    good = tmp_path / "good" / described.name
    good.parent.mkdir()
    described.make(good)
    for _ in range(NUM_CLAIMS):
        path = tmp_path / described.name
        if path.suffix == ".npz":
            path.write_bytes(good.read_bytes())
            damaged_settings(path, rng)
        else:
            path.write_bytes(damaged_metadata(good, rng))
        refusal = None
        try:
            with limits():
                described.read(path)
        except (ValueError, OSError) as error:
            refusal = error
        if refusal is not None:
            assert 0 < len(str(refusal)) < 3_000
