"""Where the domain ends: lines that are no requests in English, and why.

A restyler has learned requests. Whatever else it is given it should leave alone, and say so; the
rules here are few and can be stated, and when in doubt they let a line pass.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from etude.generative.style.text import lexicon_adjuncts, lexicon_reasons, statements
from etude.generative.style.text.frames import FRAMES
from etude.generative.style.text.idioms import IDIOMS
from etude.generative.style.text.lexicon import VERB_TABLE, nouns
from etude.generative.style.text.lexicon_nouns import NOUN_CLASSES
from etude.generative.style.text.register_classifier import load_classifier, words_in

MOST_CHARACTERS: Final = 300
LEAST_ENGLISH: Final = 0.4
"""The share of words that have to be the grammar's or common ones."""
MOST_FOREIGN_LETTERS: Final = 0.3
SURE_OF_NO_REQUEST: Final = 0.97
"""Of the classifier, whose doubts are a request's benefit."""

_COMMON: Final = """
a about above across after again against ago all almost alone along already also although always
am among an and another any anybody anyone anything anywhere are around as ask at away back be
because become been before behind being below best better between big both but by call came can
cannot come could day did do does doing done down during each early else enough even ever every
everybody everyone everything few find first for from get give go going gone good got great had
half has have having he help her here hers him his home hour house how i if in into is it its just
keep kind know last late later least leave left less let like little long look lot made make man
many may maybe me mean might mine minute moment more most much must my name near need never new
next nice no nobody none nor not nothing now of off often old on once one only onto or other our
out over own part past people place put quite rather ready really right said same say see seen she
should since small so some somebody someone something soon sorry still such sure take tell than
thank that the their them then there these they thing think this those though through time to
today together tomorrow too try two under until up us use very wait want was way we week well went
were what when where whether which while who whole whose why will with without work would year yes
yet you your yours
"""
COMMON: Final = frozenset(_COMMON.split())
_FOREIGN: Final = """
der das und ich nicht bitte sie ist ein eine den dem auf für mit wir du mir mich kannst könnten le
les des est vous je tu il elle une pour dans pas avec s'il plaît que qui sur où el los las por
para una con como más está puede pueden usted favor y mi qué dónde il lo gli che per non sono puoi
può mi della dove per favore um uma você não por obrigado pode het een niet van je alsjeblieft
kunt mij op og jeg ikke vær så snill och jag inte är kan du proszę nie jest się czy na mogę lütfen
bir ve bu
"""
FOREIGN: Final = frozenset(_FOREIGN.split()) - COMMON
"""Frequent words of German, French, Spanish, Italian, Portuguese, Dutch, Norwegian, Swedish, Polish
and Turkish."""
_LETTER: Final = re.compile(r"[^\W\d_]")
_SPELLED: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def check_request(line: str) -> str | None:
    """Why a line is left alone: the rule and what was received; None if it is a request.

    >>> check_request("Could you shut the window?")
    >>> check_request("   ")
    'a request has words, got an empty line'
    """
    if not line.strip():
        return "a request has words, got an empty line"
    if len(line) > MOST_CHARACTERS:
        return f"a request has at most {MOST_CHARACTERS} characters, got {len(line)}; split it"
    letters = _LETTER.findall(line)
    if not letters:
        return "a request has letters, got none"
    num_foreign = sum(letter > "\u024f" for letter in letters)
    if num_foreign > MOST_FOREIGN_LETTERS * len(letters):
        return "requests are in English, got another script"
    words = [word for text in words_in(line) for word in _SPELLED.findall(text)]
    if not _is_english(words):
        return "requests are in English, got hardly an English word"
    if 1.0 - load_classifier().is_request(line) > SURE_OF_NO_REQUEST:
        return "it seems to request nothing"
    return None


def _is_english(words: list[str]) -> bool:
    """Whether enough words are known, and more are English than of a language beside it."""
    known = sum(word in COMMON or word in known_words() for word in words)
    foreign = sum(word in FOREIGN for word in words)
    return known >= max(1.0, LEAST_ENGLISH * len(words)) and known > 2 * foreign


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    """All words that the grammar can say, in small letters."""
    text = " ".join(_texts())
    plain = re.sub(r"\{\w+\}", " ", text.lower())
    return frozenset(_SPELLED.findall(plain))


def _texts() -> Iterator[str]:
    for frame in FRAMES.values():
        yield frame.informal
        yield frame.formal
    for verb in VERB_TABLE.values():
        yield from verb.informal
        yield from verb.formal
    for name in NOUN_CLASSES:
        for noun in nouns(name):
            yield from noun.informal
            yield from noun.formal
    yield IDIOMS
    for module in (lexicon_adjuncts, lexicon_reasons, statements):
        yield from (value for value in vars(module).values() if isinstance(value, str))
    yield from statements.WORDS.values()
