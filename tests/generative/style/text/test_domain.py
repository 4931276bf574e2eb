"""Lines that are no requests in English are told from those that are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etude.generative.style.text.domain import MOST_CHARACTERS, check_request


@pytest.mark.parametrize(
    "line",
    [
        "Come and sit",
        "Please take a seat.",
        "Could you shut the window?",
        "COME AND SIT",
        "pass the salt",
        "Would you be so kind as to forward the Zorblax report to Ms Okonkwo-Lindqvist?",
    ],
)
def test_requests(line: str) -> None:
    assert check_request(line) is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "got an empty line"),
        (" \t ", "got an empty line"),
        ("come and sit " * 800, f"at most {MOST_CHARACTERS} characters, got 10400; split it"),
        ("\U0001f600\U0001f389\U0001f600", "got none"),
        ("12 : 34 -- !!", "got none"),
        ("Pourriez-vous fermer la fenêtre, s'il vous plaît ?", "got hardly an English word"),
        ("Könnten Sie bitte das Fenster schließen?", "got hardly an English word"),
        ("Пожалуйста, садитесь", "got another script"),
        ("请坐", "got another script"),
        ("It was raining all day yesterday.", "it seems to request nothing"),
    ],
)
def test_what_is_no_request_says_why(line: str, reason: str) -> None:
    found = check_request(line)
    assert found is not None
    assert reason in found


@given(st.text())
def test_whatever_is_typed_gets_an_answer(line: str) -> None:
    found = check_request(line)
    assert found is None or (found and "\n" not in found)
