"""Meanings become sentences, in both registers, as they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etude.generative.style.text.corpus import is_admissible, references
from etude.generative.style.text.grammar import Act, Meaning, Thing, finish, normalise
from etude.generative.style.text.lexicon import Noun, Register, nouns

SIT = Meaning(frame="invitation", act=Act(verb="sit"))
WINDOW = next(noun for noun in nouns("opening") if noun.informal == ("window",))


def _close(**details: object) -> Meaning:
    thing = Thing(noun=WINDOW, determiner="the")
    return Meaning(frame="command", act=Act(verb="close", thing=thing), **details)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("register", "sentence"),
    [
        ("informal", "Come and sit."),
        ("informal", "Come on, sit down!"),
        ("formal", "Please take a seat."),
        ("formal", "Please do come and be seated."),
    ],
)
def test_come_and_sit_is_please_take_a_seat(register: Register, sentence: str) -> None:
    other: Register = "formal" if register == "informal" else "informal"
    assert is_admissible(SIT, register, sentence)
    assert not is_admissible(SIT, other, sentence)
    assert normalise(sentence) in references(SIT, register)


@pytest.mark.parametrize(
    "sentence",
    [
        "Shut the window, it's freezing in here.",
        "It's cold in here, so shut the window!",
        "Shut the window cos it's cold in here",
        "Shut the window. It's freezing in here.",
        "Hey, can you shut the window, it's cold in here?",
    ],
)
def test_reasons_stand_where_people_put_them(sentence: str) -> None:
    cold = "it's cold in here|it's freezing in here/it is cold in here|it is rather cold in here"
    assert is_admissible(_close(adjuncts=(("reason", cold),)), "informal", sentence)


def test_what_is_not_said_is_not_admissible() -> None:
    assert not is_admissible(_close(), "informal", "Shut the door.")
    assert not is_admissible(_close(), "informal", "Shut the window tomorrow.")
    assert is_admissible(_close(adjuncts=(("time", "tomorrow"),)), "informal",
                         "Shut the window tomorrow.")  # fmt: skip


def test_case_end_marks_and_apostrophes_do_not_matter_but_articles_do() -> None:
    orange = Noun(("orange",), ("orange",), "singular", False)
    meaning = Meaning(frame="offer", thing=Thing(noun=orange, determiner="a"))
    assert is_admissible(meaning, "formal", "would you care for an orange")
    assert not is_admissible(meaning, "formal", "Would you care for a orange?")
    assert is_admissible(SIT, "informal", "c\u2019mon, come and sit !")


def test_plurals_agree() -> None:
    keys = next(noun for noun in nouns("findable") if noun.informal == ("keys",))
    meaning = Meaning(frame="where", thing=Thing(noun=keys, determiner="the", number="plural"))
    assert is_admissible(meaning, "informal", "Where are the keys?")
    assert not is_admissible(meaning, "informal", "Where is the keys?")
    assert not is_admissible(meaning, "informal", "Where's the keys?")


def test_cells_are_of_both_verbs() -> None:
    meaning = Meaning(frame="command", act=Act(verb="enter"), second=Act(verb="sit"))
    assert meaning.cells == {("enter", "command"), ("sit", "command")}


@given(st.text(alphabet="ab ,.!?'\u2019AB", max_size=20))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(alphabet="ab ,.!?", max_size=20))
def test_finishing_twice_changes_nothing(text: str) -> None:
    assert finish(finish(text)) == finish(text)
