"""Meanings at random: a frame, a verb or a thing that it takes, and what is added to them."""

import re
from dataclasses import replace
from functools import cache
from random import Random
from typing import Final

from etude.generative.style.text import lexicon_adjuncts as added
from etude.generative.style.text import lexicon_reasons as reasons
from etude.generative.style.text.frame import Agent, Frame
from etude.generative.style.text.frames import FRAMES
from etude.generative.style.text.grammar import Act, AdjunctKind, Meaning, Thing
from etude.generative.style.text.held_out import Split, drawn_from
from etude.generative.style.text.idioms import IDIOMS
from etude.generative.style.text.lexicon import (
    FOLLOWERS,
    VERB_TABLE,
    Noun,
    Number,
    Verb,
    lines_of,
    nouns,
)
from etude.generative.style.text.lexicon_nouns import HELD_OUT_NAMES, NAMES, NOUN_CLASSES
from etude.generative.style.text.noun_class import PAPER

IDIOM_SHARE: Final = 0.05
HANDLED: Final = frozenset({"opening", "container", "furniture", "device"})
"""Classes of objects that are moved carefully, gently or fast."""
_BEFORE: Final = """
enter, return, go to, open, close, lock, switch off, put on, take off, fill in, read, pay, bring,
leave thing, get off, get in, come with, hang up, park, sign
"""
BEFORE: Final = frozenset(name.strip() for name in _BEFORE.split(","))
"""Verbs after which one sits down, waits or calls somebody."""
FORBIDDING: Final = [FRAMES[name] for name in ("prohibition", "ban", "stop")]
QUIET: Final = frozenset({"be quiet", "calm down", "turn down", "shout", "chat", "run"})
ROOM: Final = frozenset({"opening", "level", "appliance", "clothes"})
"""Classes of objects that have to do with how a room is."""
_NO_PRONOUN: Final = """
clause meal request drink fact learned care_people people bookable expert goods
"""
NO_PRONOUN: Final = frozenset(_NO_PRONOUN.split())
"""Classes that are not spoken of as "it"."""
SEEN: Final[dict[Agent, re.Pattern[str]]] = {
    "you": re.compile(r"(?!)"),
    "I": re.compile(r"\b(me|my|I|us|we)\b"),
    "we": re.compile(r"\b(me|my|I|us|you|your)\b"),
    "they": re.compile(r"\b(you|your|me|I|us)\b"),
}
"""What would speak of the one who acts as of somebody else, by who acts."""
SWAPPED: Final[dict[Agent, dict[str, str]]] = {
    "you": {},
    "I": {"my": "your", "your": "my"},
    "we": {"my": "our", "your": "our"},
    "they": {"my": "the", "your": "the"},
}
"""Whose a thing is, by who acts."""
PLURALS: Final = {
    "a": ("some", "a few", "two"),
    "the": ("the", "the", "the two", "the three", "all the", "those", "these"),
    "this": ("these",),
    "that": ("those",),
    "another": ("two", "three", "some more"),
    "any": ("any",),
}
MASS: Final = {"a": ("some", "the"), "another": ("some more",), "those": ("that",)}
PLAIN_PLURAL: Final = {
    "a": ("some", "the"),
    "this": ("these",),
    "that": ("those",),
    "another": ("some more",),
}


def draw_meaning(split: Split, rng: Random) -> Meaning:
    """One meaning of a split."""
    while True:
        meaning = _try_meaning(split, rng)
        if meaning is not None:
            return meaning


def _try_meaning(split: Split, rng: Random) -> Meaning | None:
    """A meaning, or None if it has no word that the split asks for."""
    if split == "train" and rng.random() < IDIOM_SHARE:
        idiom = rng.choice(lines_of(IDIOMS))
        return Meaning(frame="idiom", adjuncts=(("idiom", idiom),))
    name = rng.choices(*_frames_of(split))[0]
    frame = FRAMES[name]
    new = split == "nouns"
    if frame.agent is None:
        thing = _draw_thing(frame.classes.split(), None, rng, new) if frame.classes else None
        return _complete(name, None, _draw_adjuncts(frame, None, rng), rng, thing=thing)
    act = _draw_act(VERB_TABLE[rng.choice(drawn_from(name, split))], frame.agent, rng, new)
    second = None
    if "2" in frame.adjuncts and split in ("train", "constructions") and rng.random() < 0.15:
        second = _draw_second(act, name, frame.agent, rng)
    who = _draw_person("they", rng, new) if frame.agent == "they" else ""
    adjuncts = _draw_adjuncts(frame, act, rng)
    if second is not None:
        adjuncts = {kind: entry for kind, entry in adjuncts.items() if kind in ("clause", "reason")}
    meaning = _complete(name, act, adjuncts, rng, second=second, who=who, new=new)
    return None if new and not has_new_noun(meaning) else meaning


def has_new_noun(meaning: Meaning) -> bool:
    """Whether a noun or a name in it is held out of training."""
    things = [meaning.thing, *(a.thing for a in (meaning.act, meaning.second) if a is not None)]
    if any(thing is not None and thing.noun is not None and thing.noun.is_new for thing in things):
        return True
    texts = [meaning.who, *(entry for _, entry in meaning.adjuncts)]
    texts += [act.person for act in (meaning.act, meaning.second) if act is not None]
    texts += [thing.determiner for thing in things if thing is not None]
    return any(name in text for text in texts for name in HELD_OUT_NAMES)


@cache
def _frames_of(split: Split) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """The frames that a split has something for, and their weights."""
    names = []
    for name, frame in FRAMES.items():
        has_verbs = frame.agent is not None and bool(drawn_from(name, split))
        has_things = split == "train" or (split == "nouns" and bool(_new_nouns(frame.classes)))
        if has_verbs or (frame.agent is None and has_things):
            names.append(name)
    return tuple(names), tuple(FRAMES[name].weight for name in names)


def _new_nouns(classes: str) -> list[Noun]:
    return [noun for name in classes.split() for noun in nouns(name) if noun.is_new]


def _complete(
    frame: str,
    act: Act | None,
    adjuncts: dict[AdjunctKind, str],
    rng: Random,
    *,
    second: Act | None = None,
    thing: Thing | None = None,
    who: str = "",
    new: bool = False,
) -> Meaning:
    """A meaning with an addressee and a closing, now and then."""
    luck = rng.random()
    if luck < 0.07:
        name = rng.choice(HELD_OUT_NAMES if new else NAMES)
        informal = f"{name},|Hey {name},|Hi {name},|~Oi {name},"
        adjuncts["addressee"] = f"{informal}/{name},|Dear {name},|~Excuse me, {name},"
    elif luck < 0.10:
        adjuncts["addressee"] = rng.choice(lines_of(added.GROUPS))
    if frame not in ("thanks for", "apology", "wish", "refusal", "offer") and rng.random() < 0.06:
        adjuncts["closing"] = "thanks/thank you"
    return Meaning(
        frame=frame,
        act=act,
        second=second,
        thing=thing,
        who=who,
        adjuncts=tuple(sorted(adjuncts.items())),
    )


def _draw_act(verb: Verb, agent: Agent, rng: Random, new: bool) -> Act:
    thing = _draw_thing(verb.classes, verb, rng, new, agent) if verb.classes else None
    person = _draw_person(agent, rng, new and rng.random() < 0.3) if verb.has_slot("to") else ""
    goal = ""
    if verb.has_slot("origin"):
        goal = rng.choice(lines_of(added.STARTS))
    elif verb.has_slot("dest"):
        table = added.DESTINATIONS if verb.classes else added.PARKING
        goal = _draw_entry(table, agent, rng)
    elif verb.has_slot("goal"):
        goal = _draw_entry(added.GOALS, agent, rng)
    return Act(verb=verb.name, thing=thing, person=person, goal=goal)


def _draw_second(first: Act, frame: str, agent: Agent, rng: Random) -> Act | None:
    """What may be done after that, with the same thing; None if there is nothing."""
    allowed = drawn_from(frame, "train")
    followers = [VERB_TABLE[name] for name in FOLLOWERS.get(first.verb, ()) if name in allowed]
    followers = [verb for verb in followers if not verb.classes or _may_take(verb, first.thing)]
    if not followers or first.goal:
        if first.verb not in BEFORE:
            return None
        followers = [VERB_TABLE[name] for name in allowed if "then" in VERB_TABLE[name].marks]
    verb = rng.choice(followers)
    if verb.name == first.verb:
        return None
    act = _draw_act(verb, agent, rng, False)
    if not verb.classes or first.thing is None or "then" in verb.marks:
        return act
    pronoun = "them" if first.thing.number == "plural" else "it"
    return replace(act, thing=Thing(noun=None, determiner=pronoun))


def _may_take(verb: Verb, thing: Thing | None) -> bool:
    """Whether a thing may be the object of a verb, spoken of as "it"."""
    if thing is None or thing.noun is None or not verb.takes_pronouns:
        return False
    return any(thing.noun in nouns(name) for name in verb.classes)


def _draw_person(agent: Agent, rng: Random, new: bool = False) -> str:
    """Somebody other than the one who acts, most often the one who speaks or is spoken to."""
    luck = rng.random()
    if new:
        return rng.choice(HELD_OUT_NAMES)
    if luck < 0.55 and agent == "you":
        return "me" if luck < 0.45 else "us"
    if luck < 0.5 and agent == "I":
        return "you"
    if luck < 0.7:
        return rng.choice(("him", "her", "them")) if agent != "they" else rng.choice(NAMES)
    if luck < 0.87:
        return rng.choice(NAMES)
    return _people_entry(rng.choice([noun for noun in nouns("people") if not noun.is_new]))


def _people_entry(noun: Noun) -> str:
    informal, formal = (
        "|".join(f"the {form}" for form in side) for side in (noun.informal, noun.formal)
    )
    return f"{informal}/{formal}"


def _draw_thing(
    classes: list[str] | tuple[str, ...],
    verb: Verb | None,
    rng: Random,
    new: bool,
    agent: Agent = "you",
) -> Thing:
    class_name = rng.choice(classes)
    table = NOUN_CLASSES[class_name]
    may_be_pronoun = verb is not None and verb.takes_pronouns and class_name not in NO_PRONOUN
    if may_be_pronoun and not new and rng.random() < 0.12:
        pronoun = rng.choice(("it", "it", "that", "this", "them"))
        return Thing(noun=None, determiner=pronoun)
    choices = [noun for noun in nouns(class_name) if noun.is_new == new]
    noun = rng.choice(choices or [noun for noun in nouns(class_name) if not noun.is_new])
    determiner = rng.choice(table.determiners.split())
    if verb is None or "me" not in verb.marks:
        determiner = SWAPPED[agent].get(determiner, determiner)
    if "my" in table.determiners and determiner == "the" and rng.random() < 0.12:
        determiner = rng.choice(("his", "her", "their", f"{rng.choice(NAMES)}'s"))
    determiner, number = _inflect(determiner, noun, rng, "big" in table.adjectives or table.places)
    adjective = place = ""
    if table.adjectives and rng.random() < 0.2:
        adjective = rng.choice(_adjectives(table.adjectives, number))
    can_have_place = table.places and determiner.startswith("the") and not adjective
    if can_have_place and (verb is None or not verb.has_slot("dest")) and rng.random() < 0.22:
        origins = table.adjectives == PAPER
        place = _draw_entry(added.ORIGINS if origins else added.MODIFIERS, agent, rng)
    return Thing(noun=noun, determiner=determiner, number=number, adjective=adjective, place=place)


def _adjectives(table: str, number: Number) -> list[str]:
    """Those that fit: "other" wants a thing that can be counted."""
    return [word for word in table.split() if number != "mass" or word not in ("other", "spare")]


def _inflect(determiner: str, noun: Noun, rng: Random, may_count: bool) -> tuple[str, Number]:
    """A determiner that fits the number of a noun, which may become a plural."""
    if noun.number == "plural":
        return rng.choice(PLAIN_PLURAL.get(determiner, (determiner,))), "plural"
    if noun.number == "mass":
        return rng.choice(MASS.get(determiner, (determiner,))), "mass"
    if may_count and rng.random() < 0.15:
        return rng.choice(PLURALS.get(determiner, (determiner,))), "plural"
    return {"some": "a", "any": "a", "those": "that", "none": "none"}.get(
        determiner, determiner
    ), "singular"


def _draw_adjuncts(frame: Frame, act: Act | None, rng: Random) -> dict[AdjunctKind, str]:
    """When, where, why: mostly none or one, sometimes more."""
    agent = frame.agent or "you"
    marks = VERB_TABLE[act.verb].marks if act else frozenset()
    drawn: dict[AdjunctKind, str] = {}
    if "T" in frame.adjuncts or ("t" in frame.adjuncts and rng.random() < 0.25):
        time = _draw_time(frame, marks, agent, rng)
        if time:
            drawn["time"] = time
    if act is not None:
        drawn |= _draw_manner(frame, act, agent, rng)
    if "c" in frame.adjuncts and rng.random() < (0.1 if "time" in drawn else 0.22):
        tables = {"you": added.CLAUSES, "I": added.OWN_CLAUSES, "we": added.SHARED_CLAUSES}
        drawn["clause"] = _draw_entry(tables.get(agent, added.CLAUSES), agent, rng)
    if "r" in frame.adjuncts and rng.random() < (0.06 if drawn else 0.2):
        if rng.random() < 0.25 and agent == "you" and frame not in FORBIDDING:
            drawn["purpose"] = rng.choice(lines_of(reasons.PURPOSES))
        else:
            drawn["reason"] = rng.choice(lines_of(_reasons(frame, act)))
    return drawn


def _draw_manner(frame: Frame, act: Act, agent: Agent, rng: Random) -> dict[AdjunctKind, str]:
    """Where something is done, or else how, or for whom."""
    verb = VERB_TABLE[act.verb]
    if not act.thing:
        table = added.BAN_PLACES if "bad" in verb.marks else added.PLACES
        has_place = "p" in frame.adjuncts and "at" in verb.marks and rng.random() < 0.3
        return {"place": _draw_entry(table, agent, rng)} if has_place else {}
    if "s" not in frame.adjuncts or act.person or rng.random() > 0.07:
        return {}
    if HANDLED & set(verb.classes):
        return {"manner": rng.choice(lines_of(added.MANNERS))}
    if verb.marks & {"you", "now"}:
        return {}
    person = _draw_person(agent, rng)
    return {"for": f"for {person}".replace("/", "/for ").replace("|", "|for ")}


def _reasons(frame: Frame, act: Act | None) -> str:
    """The table of those that fit."""
    if frame in FORBIDDING:
        return reasons.BAN_REASONS
    if act is not None and act.verb in QUIET:
        return reasons.NOISE_REASONS
    if act is not None and ROOM & set(VERB_TABLE[act.verb].classes):
        return reasons.ROOM_REASONS
    return reasons.REASONS


def _draw_time(frame: Frame, marks: frozenset[str], agent: Agent, rng: Random) -> str:
    """One that fits how long the verb takes; "" if none does."""
    if "bad" in marks:
        return _draw_entry(added.BAN_TIMES, agent, rng)
    if "long" in marks and rng.random() < 0.6:
        return _draw_entry(added.SPANS, agent, rng)
    if "now" in marks:
        return rng.choice(lines_of(added.TIMES)[:2]) if rng.random() < 0.5 else ""
    if "T" in frame.adjuncts:
        return rng.choice(lines_of(added.TIMES)[2:])
    return _draw_entry(added.TIMES, agent, rng)


def _draw_entry(table: str, agent: Agent, rng: Random) -> str:
    return rng.choice(_entries(table, agent))


@cache
def _entries(table: str, agent: Agent) -> tuple[str, ...]:
    return tuple(entry for entry in lines_of(table) if not SEEN[agent].search(entry))
