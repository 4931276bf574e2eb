"""All speech acts of the grammar, by name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from etude.generative.style.text.frame import Frame
from etude.generative.style.text.frames_asking import ASKING
from etude.generative.style.text.frames_others import OTHERS
from etude.generative.style.text.frames_things import THINGS

FRAMES: Final[Mapping[str, Frame]] = MappingProxyType({**ASKING, **OTHERS, **THINGS})
