"""The grammar of a search: what it reads, and what it says of the rest."""

import pytest

from etude.benchmarks.search_space import Choice, Range, read_space

DEFAULTS = {
    "step_size": 0.1,
    "batch_size": 64,
    "backup": "max",
    "symmetric": True,
    "net_arch": (64, 64),
    "penalty": None,
}


def test_values_have_the_type_of_the_default() -> None:
    texts = [
        "step_size=0.01:1:log",
        "batch_size=16:64",
        "backup=max,lambda",
        "symmetric=true,False",
        "net_arch=64x64,256",
    ]
    assert read_space(texts, DEFAULTS, "td") == {
        "step_size": Range(0.01, 1.0, is_log=True),
        "batch_size": Range(16, 64, is_whole=True),
        "backup": Choice({"max": "max", "lambda": "lambda"}),
        "symmetric": Choice({"true": True, "False": False}),
        "net_arch": Choice({"64x64": (64, 64), "256": (256,)}),
    }


def test_what_is_drawn_stands_for_a_value() -> None:
    widths = Choice({"64x64": (64, 64), "256": (256,)})
    assert widths.value("256") == (256,)
    assert widths.drawn((64, 64)) == "64x64"
    assert widths.drawn((8,)) is None
    steps = Range(0.01, 1.0)
    assert steps.drawn(0.1) == steps.value(0.1) == 0.1
    assert steps.drawn(2.0) is None
    assert steps.drawn(object()) is None  # a schedule


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("step_size", "a setting to search is NAME=LOW:HIGH"),
        ("stepsize=0:1", "did you mean 'step_size'"),
        ("step_size=1:0", "from less to more"),
        ("step_size=0:1:log", "above 0"),
        ("step_size=0:1:2", "LOW:HIGH:log"),
        ("step_size=a:b", "are numbers, got 'a:b'"),
        ("step_size=0:inf", "from less to more"),
        ("batch_size=1.5:3", "are whole numbers"),
        ("backup=1:2", "has no range"),
        ("symmetric=0:1", "has no range"),
        ("backup=max", "two values or more"),
        ("symmetric=true,perhaps", "is like True, got 'perhaps'"),
        ("net_arch=64x64,wide", "is like 64x64, got 'wide'"),
        ("step_size=0.1,x", "is like 0.1, got 'x'"),
    ],
)
def test_what_is_no_range(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_space([text], DEFAULTS, "td")


def test_a_setting_is_searched_once() -> None:
    with pytest.raises(ValueError, match="step_size twice"):
        read_space(["step_size=0:1", "step_size=0:2"], DEFAULTS, "td")
