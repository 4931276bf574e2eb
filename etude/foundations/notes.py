"""Notes beside files: a JSON object that says to what a folder belongs."""

import json
from pathlib import Path
from typing import Any


def read_note(path: Path) -> dict[str, Any]:
    """What a note says.

    Raises:
        OSError: it cannot be read, such as where there is none.
        ValueError: it is no JSON object.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:  # the latter of brackets within brackets
        raise ValueError(
            f"a note is a JSON object, got {str(path)!r} ({error}); delete the folder to start "
            "anew."
        ) from error
    if not isinstance(content, dict):
        raise ValueError(
            f"a note is a JSON object, got a {type(content).__name__} in {str(path)!r}; delete the "
            "folder to start anew."
        )
    return content
