"""Which verbs stand in which frames, and which of these cells training never sees.

One cell in ten is held out, chosen by a checksum of its names, so that a longer grammar keeps them;
and the cell of the question that all this began with: come and sit.
"""

import zlib
from functools import cache, lru_cache
from typing import Final, Literal

from etude.generative.style.text.frames import FRAMES
from etude.generative.style.text.lexicon import VERB_TABLE, Verb

Split = Literal["train", "constructions", "verbs", "nouns"]

HELD_OUT_SHARE: Final = 10
"""One cell in so many."""
FIRST_CELL: Final = ("sit", "invitation")
"""Come and sit: please take a seat."""


@cache
def verbs_of(frame: str, *, new: bool = False) -> tuple[str, ...]:
    """The verbs that a frame takes: those of training, or those that are held out as words."""
    return tuple(
        name
        for name, verb in VERB_TABLE.items()
        if _suits(verb, frame) and ("new" in verb.marks) == new
    )


@cache
def is_held_out_cell(verb: str, frame: str) -> bool:
    """Whether training never sees a verb in a frame, though it sees both."""
    if VERB_TABLE[verb].marks & {"bad", "me", "new"} or verb not in verbs_of(frame):
        return False
    number = zlib.crc32(f"{verb}|{frame}".encode())
    return (verb, frame) == FIRST_CELL or number % HELD_OUT_SHARE == 0


@lru_cache(maxsize=1)
def held_out_cells() -> frozenset[tuple[str, str]]:
    """All held-out cells of verb and frame."""
    return frozenset(
        (verb, frame)
        for frame in FRAMES
        for verb in VERB_TABLE
        if FRAMES[frame].agent is not None and is_held_out_cell(verb, frame)
    )


@cache
def drawn_from(frame: str, split: Split) -> tuple[str, ...]:
    """The verbs of a frame in a split."""
    names = verbs_of(frame, new=split == "verbs")
    is_held_out = split == "constructions"
    return tuple(name for name in names if is_held_out_cell(name, frame) == is_held_out)


def _suits(verb: Verb, frame_name: str) -> bool:
    frame = FRAMES[frame_name]
    needed = {mark for mark in frame.marks.split() if mark[0] != "-"}
    banned = {mark[1:] for mark in frame.marks.split() if mark[0] == "-"}
    marks = verb.marks | {"object"} if verb.classes else verb.marks
    if verb.marks & banned or not marks >= needed:
        return False
    if "new" in verb.marks and not frame.has_only_base_forms:
        return False
    if "bad" in verb.marks:
        return frame_name in ("prohibition", "stop", "ban")
    if "me" in verb.marks:
        return frame.agent == "I"
    return frame.agent == "you" or not ("you" in verb.marks or verb.speaks_to_others)
