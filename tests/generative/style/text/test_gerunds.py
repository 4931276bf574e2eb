"""-ing forms come apart and together again, or are left whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etude.generative.style.text.gerunds import verb_of
from etude.generative.style.text.inflection import ing
from etude.generative.style.text.lexicon import VERB_TABLE


@pytest.mark.parametrize(
    ("form", "verb"),
    [
        ("feeding", "feed"),
        ("parking", "park"),
        ("touching", "touch"),
        ("poking", "poke"),
        ("leaving", "leave"),
        ("juggling", "juggle"),
        ("bouncing", None),
        ("dancing", "dance"),
        ("planning", "plan"),
        ("trying", "try"),
        ("boxing", "box"),
        ("opening", None),  # or "opene"?
        ("hanging", None),  # "change" is one, too
        ("lying", None),  # or "ly"?
        ("thing", None),
        ("string", None),
        ("during", None),
        ("evening", None),
        ("something", None),
        ("ding-dong", None),
        ("feed", None),
    ],
)
def test_verbs_of_unknown_forms(form: str, verb: str | None) -> None:
    assert verb_of(form, []) == verb


@pytest.mark.parametrize(
    ("form", "verb"),
    [("opening", "open"), ("hanging", "hang"), ("changing", "change"), ("lying", "lie")],
)
def test_known_verbs_make_it_sure(form: str, verb: str) -> None:
    assert verb_of(form, ["open", "hang", "change", "lie"]) == verb


@given(st.text(alphabet="abcdefghilmnoprstuvwxyz", min_size=1, max_size=6))
def test_whatever_comes_apart_comes_together_as_it_was(stem: str) -> None:
    form = f"{stem}ing"
    verb = verb_of(form, [stem, f"{stem}e"])
    assert verb is None or ing(verb) == form


def test_the_verbs_of_the_grammar_come_back() -> None:
    verbs = {name.split()[0] for name in VERB_TABLE}
    assert len(verbs) > 100
    assert [verb for verb in verbs if len(verb) > 2 and verb_of(ing(verb), verbs) != verb] == []
