"""The trained models that come along, by name; docs/models says what each has learned, and how."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from etude.foundations.names import check_name

FOLDER: Final = Path(__file__).with_name("models")
GENERATORS: Final[Mapping[str, Path]] = MappingProxyType(
    {
        name: FOLDER / f"{name.replace('-', '_')}.safetensors"
        for name in ("biggan-digits", "stylegan-digits", "stylegan-faces", "stackgan-scenes")
    }
)


def find_generator(name: str) -> Path:
    """The file of a generator.

    Args:
        name: one of ``GENERATORS``, or a file, which comes first.

    Raises:
        ValueError: neither.
    """
    path = Path(name)
    if path.exists():
        return path
    if path.suffix:
        raise ValueError(
            f"a generator is a file that exists, or one of {', '.join(GENERATORS)}, got {name!r}; "
            "train one with `etude train gan`."
        )
    check_name("a generator that is no file", name, GENERATORS)
    return GENERATORS[name]
