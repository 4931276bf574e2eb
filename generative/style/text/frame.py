"""What a sentence does with its verb or its thing: a speech act, said in several ways.

A line is one way to say it, in the notation of ``phrases``; one that comes twice is drawn twice as
often. ``{act}`` is the verb phrase, ``{acting}`` its -ing form, ``{tail}`` a clause or a reason at
the end (a line without it is not used if there is one), ``{o}`` a thing, ``{is}`` "is" or "are"
with it.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Agent = Literal["you", "I", "we", "they"]


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A speech act.

    Attributes:
        informal: its ways, a line each.
        formal: the same.
        weight: how often it is drawn.
        agent: who does what the verb says; None for frames of things.
        classes: of the things, for frames of things.
        adjuncts: which ones may come: t(ime), p(lace), c(lause), r(eason), s(omeone it is for).
        also: other frames whose sentences are no worse a rendering of this one.
        marks: which remark verbs must have ("bad"), or must not ("-fine").
    """

    informal: str
    formal: str
    weight: float = 1.0
    agent: Agent | None = None
    classes: str = ""
    adjuncts: str = ""
    also: tuple[str, ...] = ()
    marks: str = ""

    @cached_property
    def has_only_base_forms(self) -> bool:
        """Whether each register has a way that leaves the verb as it is."""
        return all(
            any("{act}" in line for line in ways.splitlines())
            for ways in (self.informal, self.formal)
        )
