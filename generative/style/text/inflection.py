"""The few inflections that the grammar needs: -ing, plurals, a or an."""

import re
from typing import Final

_DOUBLED: Final = """
begin cancel label travel submit defer refer unplug forget admit commit permit transfer prefer occur
kidnap model signal regret format upset
"""
_DOUBLING: Final = frozenset(_DOUBLED.split())
"""Verbs of several syllables whose last letter is doubled before -ing, as in British English."""
_SHORT: Final = re.compile(r"(qu|[^aeiou])*[aeiou][^aeiouwxy]")
"""Verbs of one syllable and one vowel letter, of which all double it."""
_IRREGULAR_ING: Final = {
    "be": "being",
    "lie": "lying",
    "panic": "panicking",
    "whinge": "whingeing",
    "die": "dying",
    "tie": "tying",
}
_IRREGULAR_PLURALS: Final = {
    "child": "children",
    "gentleman": "gentlemen",
    "knife": "knives",
    "loaf": "loaves",
    "man": "men",
    "person": "people",
    "shelf": "shelves",
    "bookshelf": "bookshelves",
    "curriculum vitae": "curricula vitae",
    "woman": "women",
    "leaf": "leaves",
}
_LIKE_A_CONSONANT: Final = re.compile(r"(uni|use|usu|euro|one\b|ewe|uk\b)", re.IGNORECASE)
_LIKE_A_VOWEL: Final = re.compile(r"(hour|hono|honest|heir|x-ray|mri\b)", re.IGNORECASE)
_ARTICLE: Final = re.compile(r"\b([Aa])n? (?=([\w'-]+))")


def ing(phrase: str) -> str:
    """The -ing form of a verb phrase, whose first word is the verb.

    >>> ing("sit down"), ing("close {o}"), ing("lie down"), ing("quit"), ing("double-check it")
    ('sitting down', 'closing {o}', 'lying down', 'quitting', 'double-checking it')
    """
    verb, _, rest = phrase.partition(" ")
    if verb in _IRREGULAR_ING:
        form = _IRREGULAR_ING[verb]
    elif verb in _DOUBLING or _SHORT.fullmatch(verb):
        form = f"{verb}{verb[-1]}ing"
    elif verb.endswith("e") and not verb.endswith(("ee", "ye", "oe")):
        form = f"{verb[:-1]}ing"
    else:
        form = f"{verb}ing"
    return f"{form} {rest}".rstrip()


def plural(noun: str) -> str:
    """The plural of a noun or a compound, whose last word is the noun.

    >>> plural("letter"), plural("key"), plural("battery"), plural("seat belt"), plural("lunch box")
    ('letters', 'keys', 'batteries', 'seat belts', 'lunch boxes')
    """
    before, space, head = noun.rpartition(" ")
    if noun in _IRREGULAR_PLURALS:
        return _IRREGULAR_PLURALS[noun]
    if head in _IRREGULAR_PLURALS:
        form = _IRREGULAR_PLURALS[head]
    elif re.search(r"(s|x|z|ch|sh|tato|mato)$", head):
        form = f"{head}es"
    elif re.search(r"[^aeiou]y$", head):
        form = f"{head[:-1]}ies"
    else:
        form = f"{head}s"
    return f"{before}{space}{form}"


def with_articles(text: str) -> str:
    """A text in which each "a" or "an" fits the word after it.

    >>> with_articles("a hour, an union and a old unopened a4 folder")
    'an hour, a union and an old unopened a4 folder'
    """
    return _ARTICLE.sub(lambda found: f"{found[1]}{_n_before(found[2])} ", text)


def _n_before(word: str) -> str:
    if _LIKE_A_VOWEL.match(word):
        return "n"
    return "n" if word[0].lower() in "aeiou" and not _LIKE_A_CONSONANT.match(word) else ""
