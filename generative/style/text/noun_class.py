"""How the nouns of the grammar are written down.

An entry is ``informal/formal``, or one word that both registers share; bars separate synonyms.
``*`` marks plurals that have no singular here, ``~`` what has no plural, and ``!`` words that are
held out of training. A noun may stand in several classes, always spelled alike.
"""

from dataclasses import dataclass
from typing import Final

THING: Final = "big/large new old other small|little/small red blue green black spare broken"
PAPER: Final = (
    "new old other final first right/correct wrong/incorrect missing long short updated attached "
    "enclosed second third"
)
EDIBLE: Final = "fresh hot/hot cold other big/large"
PLAIN: Final = ""


@dataclass(frozen=True, kw_only=True)
class NounClass:
    """Nouns that the same verbs take.

    Attributes:
        nouns: entries, separated by commas.
        determiners: which ones they stand with.
        adjectives: which ones may come before them.
        places: whether "on my desk" may come after them.
    """

    nouns: str
    determiners: str = "the my this that"
    adjectives: str = PLAIN
    places: bool = False
