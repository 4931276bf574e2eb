"""What all stops of the demo share: where it is told, and where its files lie."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.padding import Padding

from etude.benchmarks.page import Paragraph


@dataclass(frozen=True)
class Tour:
    """Where the tour takes place.

    Attributes:
        console: where it is told.
        out: the folder of its files.
        seed: of everything that is random.
    """

    console: Console
    out: Path
    seed: int

    def say(self, text: str) -> Paragraph:
        """Tell something, and keep it for the page."""
        self.note(text)
        return Paragraph(text)

    def note(self, text: str) -> None:
        """Tell something that a page need not say."""
        self.console.print(Padding.indent(text, 2))
