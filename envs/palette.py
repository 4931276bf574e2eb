"""The colours that all pictures of the suite share."""

from typing import Final

from etude.envs.shapes import Colour

PAPER: Final[Colour] = (244, 237, 224)
TILE: Final[Colour] = (255, 252, 246)
INK: Final[Colour] = (49, 46, 43)
MUTED: Final[Colour] = (117, 107, 95)
TEAL: Final[Colour] = (14, 97, 102)
CORAL: Final[Colour] = (222, 90, 58)
GOLD: Final[Colour] = (248, 196, 72)
HIGHLIGHT: Final[Colour] = (246, 200, 96)

LOSS: Final[Colour] = (200, 70, 52)
NEUTRAL: Final[Colour] = (233, 227, 216)
WIN: Final[Colour] = (41, 112, 178)
