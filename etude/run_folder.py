"""A folder of a training run: which run it belongs to."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from etude.foundations.files import replacing
from etude.foundations.notes import read_note


def claim(folder: Path, run: Mapping[str, Any]) -> None:
    """Note in a folder what run it belongs to, or check that it is this one.

    Raises:
        ValueError: it belongs to another run, or its note is damaged.
    """
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / "run.json"
    if not note.exists():
        with replacing(note) as partial:
            partial.write_text(json.dumps(run, indent=2) + "\n")
        return
    ours, others = (_flat(noted) for noted in (run, read_note(note)))
    differing = [name for name in ours | others if ours.get(name) != others.get(name)]
    if differing:
        raise ValueError(
            f"a folder holds one run, got {str(folder)!r}, whose {', '.join(differing)} differ; "
            "name another with --out, or delete it."
        )


def _flat(run: Mapping[str, Any]) -> dict[str, Any]:
    """A note on a run with its settings beside the rest."""
    rest = {name: value for name, value in run.items() if name != "settings"}
    settings = run.get("settings", {})
    return rest | (dict(settings) if isinstance(settings, Mapping) else {"settings": settings})
