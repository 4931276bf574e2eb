"""The -ing forms of verbs, known or not, as a verb and an ending: "feeding" is "feed" and "+ing".

A network that has learned "refrain from {verb} +ing" can say it with any verb. Where the spelling
does not tell which verb a form comes from ("opening", "hanging"), it is left whole.
"""

import re
from collections.abc import Container
from typing import Final

from etude.generative.style.text.inflection import ing

ENDING: Final = "+ing"
_NO_VERBS: Final = frozenset(
    ("during", "morning", "evening", "ceiling", "wedding", "pudding", "earring", "darling")
)
_WHOLE: Final = re.compile(
    r"[^aeiou]*(?:ee|oo|ea|oa|ai|ou|ie|oi)(?:[^aeiouvszcg]|ch)"  # feed, touch
    r"|[^aeiou]*[aeiou](?:ck|sh|[tn]ch|[rlns]k|n[dt]|st|l[dt]|r[tmn]|mp|ss|ll|ff|w[nl]|x)"  # park
    r"|[a-z]{2,}y"  # try
)
"""Stems that are verbs."""
_DOUBLED: Final = re.compile(r"[^aeiou]*[aeiou]([bdgmnprt])\1")  # plann, of plan
_LACKING_E: Final = re.compile(
    r"[^aeiou]*[aeiou][^aeiouwxy]|[a-z]+v|[^aeiou]*[aeiou][nr]c|[^aeiou]*[aeiou][a-z]?[bcdfgkptz]l"
)
"""Stems of verbs that end in e: mak, leav, danc, handl."""


def verb_of(word: str, known: Container[str]) -> str | None:
    """The verb that a word in small letters is the -ing form of, or None if that is not sure.

    Args:
        word: any.
        known: verbs among other words; of one of these the form is sure.

    >>> verb_of("feeding", []), verb_of("making", []), verb_of("stapling", ["staple"])
    ('feed', 'make', 'staple')
    >>> verb_of("opening", []), verb_of("thing", []), verb_of("pinning", [])
    (None, None, 'pin')
    """
    if not word.endswith("ing") or len(word) < 5 or not word.isalpha() or word in _NO_VERBS:
        return None
    stem = word[:-3]
    candidates = [stem, f"{stem}e", stem[:-1], f"{stem[:-1]}ie"]
    sure = [verb for verb in candidates if verb in known and ing(verb) == word]
    if sure:
        return sure[0]
    if _WHOLE.fullmatch(stem):
        guess = stem
    elif _DOUBLED.fullmatch(stem):
        guess = stem[:-1]
    elif _LACKING_E.fullmatch(stem):
        guess = f"{stem}e"
    else:
        return None
    return guess if ing(guess) == word else None
