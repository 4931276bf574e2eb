"""What else a sentence may mean.

To "swap the bulb" is to replace or to change it, and "Fancy eating out?" asks one of us or both. A
sentence with several meanings has the translations of all of them: as long as nothing but the
sentence is given, none of them is wrong.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import compress

from etude.generative.style.text.content import verb_item, which_kept
from etude.generative.style.text.corpus import is_admissible
from etude.generative.style.text.frames import FRAMES
from etude.generative.style.text.grammar import Act, Meaning, Thing
from etude.generative.style.text.held_out import verbs_of
from etude.generative.style.text.lexicon import REGISTERS, VERB_TABLE, Register, nouns


def reading(meaning: Meaning, source: str, register: Register, output: str) -> Meaning | None:
    """What a source and an output both mean.

    Args:
        meaning: that the source was drawn from, and is tried first. The others that are tried
            have another verb, another frame or both.
        source: in the other register.
        register: of the output.
        output: what became of the source.

    Returns:
        None if they have no meaning of the grammar in common, of those that are tried.
    """
    if is_admissible(meaning, register, output):
        return meaning
    other = next(it for it in REGISTERS if it != register)
    for each in _other_meanings(meaning, source, other):
        if is_admissible(each, register, output):
            return each
    return None


@lru_cache(maxsize=32_768)
def _other_meanings(meaning: Meaning, source: str, register: Register) -> tuple[Meaning, ...]:
    """Those that a source has besides one."""
    frames = [it for it in _in_other_frames(meaning) if is_admissible(it, register, source)]
    verbs = list(compress(VERB_TABLE, which_kept(map(verb_item, VERB_TABLE), source)))
    others = [it for each in (meaning, *frames) for it in _with_other_verbs(each, verbs)]
    return (*frames, *(it for it in others if is_admissible(it, register, source)))


def _in_other_frames(meaning: Meaning) -> Iterator[Meaning]:
    for name, frame in FRAMES.items():
        if name == meaning.frame or (frame.agent == "they") != bool(meaning.who):
            continue
        moved = replace(meaning, frame=name)
        if frame.agent is not None:
            if meaning.act is not None and _stands_in(meaning.act, name):
                yield moved
        elif meaning.second is None:
            thing = meaning.thing if meaning.act is None else meaning.act.thing
            if _is_in(thing, frame.classes.split()):
                yield replace(moved, act=None, thing=thing)


def _with_other_verbs(meaning: Meaning, verbs: Iterable[str]) -> Iterator[Meaning]:
    for act in _with_verbs(meaning.act, meaning.frame, verbs):
        yield replace(meaning, act=act)
    for act in _with_verbs(meaning.second, meaning.frame, verbs):
        yield replace(meaning, second=act)


def _with_verbs(act: Act | None, frame: str, verbs: Iterable[str]) -> Iterator[Act]:
    if act is not None:
        for other in (replace(act, verb=name) for name in verbs if name != act.verb):
            if _fits(other) and _stands_in(other, frame):
                yield other


def _stands_in(act: Act, frame: str) -> bool:
    """Whether a frame takes its verb, one of training or one held out."""
    return any(act.verb in verbs_of(frame, new=new) for new in (False, True))


def _fits(act: Act) -> bool:
    """Whether its verb takes what the act is done to, and nothing else."""
    verb = VERB_TABLE[act.verb]
    has_goal = any(map(verb.has_slot, ("dest", "goal", "origin")))
    if bool(act.person) != verb.has_slot("to") or bool(act.goal) != has_goal:
        return False
    return _is_in(act.thing, verb.classes) if act.thing else not verb.classes


def _is_in(thing: Thing | None, classes: Iterable[str]) -> bool:
    """Whether a thing is of one of some classes of nouns; a pronoun may be of any."""
    if thing is None:
        return False
    return thing.noun is None or any(thing.noun in nouns(name) for name in classes)
