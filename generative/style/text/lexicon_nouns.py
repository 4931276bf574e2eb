"""All nouns of the grammar by class, and the names of people."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from etude.generative.style.text.lexicon_everyday import EVERYDAY
from etude.generative.style.text.lexicon_matters import MATTERS
from etude.generative.style.text.lexicon_objects import OBJECTS
from etude.generative.style.text.noun_class import NounClass

NOUN_CLASSES: Final[Mapping[str, NounClass]] = MappingProxyType({**OBJECTS, **MATTERS, **EVERYDAY})

HELD_OUT_NAMES: Final = ("Zofia", "Kofi", "Ingrid", "Mr Okafor", "Dr Lindqvist", "Mrs Petrov")
_FIRST_NAMES: Final = """
Tom Anna Ben Lucy Sam Maria Jack Emma Paul Priya Omar Chloe David Sarah Mike Julia Alex Kate Leo
Nina Daniel Sophie Peter Grace Hugo Amy
"""
_TITLED_NAMES: Final = """
Mr Smith, Mrs Jones, Ms Patel, Dr Brown, Mr Lee, Mrs Taylor, Dr Khan, Miss Green, Mr Garcia,
Ms White, Professor Hall
"""
NAMES: Final = (
    *_FIRST_NAMES.split(),
    *(name.strip() for name in _TITLED_NAMES.split(",")),
)
"""Of people in training."""
