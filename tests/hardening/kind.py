"""What is known of a kind of file that the suite reads."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from etude.players import load_agent


class Kind(NamedTuple):
    """A kind of file.

    Attributes:
        name: of the file.
        make: writes a good one.
        read: all that the suite does with one of a user's.
        is_refused: whether it is damaged already.
    """

    name: str
    make: Callable[[Path], object]
    read: Callable[[Path], object]
    is_refused: bool = False

    @property
    def has_settings(self) -> bool:
        """Whether it says how to build what it holds."""
        is_agent = self.read is load_agent or self.name == "tuner.npz"
        return is_agent or self.name.endswith(".safetensors")
