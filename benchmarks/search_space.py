"""What is searched: a range or some choices for each setting, as `NAME=LOW:HIGH` or `NAME=A,B,C`.

A setting whose default is a whole number gets whole numbers. `NAME=LOW:HIGH:log` draws the
logarithm evenly, which is right for whatever acts as a factor: step sizes, weights, widths.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from etude.foundations.names import check_name

LOG: Final = "log"
TIMES: Final = "x"  # between the widths of layers: 64x64
FORMS: Final = "NAME=LOW:HIGH, NAME=LOW:HIGH:log or NAME=A,B,C"


@dataclass(frozen=True)
class Range:
    """Numbers from ``low`` to ``high``.

    Args:
        low: the least.
        high: the greatest.
        is_log: whether their logarithm is drawn evenly.
        is_whole: whether they are whole.
    """

    low: float
    high: float
    is_log: bool = False
    is_whole: bool = False

    @property
    def ends(self) -> tuple[Any, Any]:
        """The least and the greatest value."""
        return self.low, self.high

    def value(self, drawn: Any) -> Any:
        """The value of a setting that a drawn number stands for."""
        return drawn

    def drawn(self, value: Any) -> Any:
        """What stands for a value, or None if it is not among these."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return value if is_number and self.low <= value <= self.high else None


@dataclass(frozen=True)
class Choice:
    """Some values, each as its word.

    Args:
        values: by their words.
    """

    values: Mapping[str, Any]

    @property
    def ends(self) -> tuple[Any, ...]:
        """All values."""
        return tuple(self.values.values())

    def value(self, drawn: Any) -> Any:
        """See ``Range``."""
        return self.values[drawn]

    def drawn(self, value: Any) -> Any:
        """See ``Range``."""
        return next((word for word, other in self.values.items() if other == value), None)


Space = dict[str, Range | Choice]


def read_space(texts: Sequence[str], defaults: Mapping[str, Any], whose: str) -> Space:
    """The space that the command line describes.

    Args:
        texts: one for each setting.
        defaults: of all settings that there are.
        whose: settings they are, for messages.

    Raises:
        ValueError: an unknown setting, one that is named twice, or no range and no choices.

    >>> read_space(["step_size=0.01:1:log", "backup=max,lambda"],
    ...            {"step_size": 0.1, "backup": "max"}, "td")["step_size"]
    Range(low=0.01, high=1.0, is_log=True, is_whole=False)
    """
    space: Space = {}
    for text in texts:
        name, equals, values = text.partition("=")
        if not equals:
            raise ValueError(f"a setting to search is {FORMS}, got {text!r}.")
        check_name(f"a setting of {whose}", name, defaults)
        if name in space:
            raise ValueError(f"a setting is searched once, got {name} twice; join its values.")
        space[name] = _read_values(name, values, defaults[name])
    return space


def _read_values(name: str, text: str, default: Any) -> Range | Choice:
    if ":" in text:
        return _read_range(name, text, default)
    words = [word for word in text.split(",") if word]
    if len(words) < 2:
        raise ValueError(f"{name} is searched among two values or more, got {text!r}; {FORMS}.")
    return Choice({word: _read_word(name, word, default) for word in words})


def _read_range(name: str, text: str, default: Any) -> Range:
    low, high, *how = text.split(":")
    if how not in ([], [LOG]):
        raise ValueError(f"a range is LOW:HIGH or LOW:HIGH:{LOG}, got {name}={text}.")
    if isinstance(default, bool) or not isinstance(default, int | float):
        raise ValueError(f"{name} has no range, its default is {default!r}; give choices: A,B.")
    is_whole = isinstance(default, int)
    try:
        ends = [(int if is_whole else float)(end) for end in (low, high)]
    except ValueError:
        kind = "whole numbers" if is_whole else "numbers"
        raise ValueError(f"the ends of a range of {name} are {kind}, got {text!r}.") from None
    if not (all(map(math.isfinite, ends)) and ends[0] < ends[1]):
        raise ValueError(f"a range goes from less to more, got {name}={text}.")
    if how and ends[0] <= 0:
        raise ValueError(f"a logarithm needs numbers above 0, got {name}={text}; leave out :log.")
    return Range(ends[0], ends[1], is_log=bool(how), is_whole=is_whole)


def _read_word(name: str, word: str, default: Any) -> Any:
    """A word as a value of the type of the default."""
    try:
        if isinstance(default, bool):
            return {"true": True, "false": False}[word.lower()]
        if isinstance(default, tuple):
            return tuple(int(width) for width in word.split(TIMES))
        return word if default is None else type(default)(word)
    except (KeyError, ValueError):
        shown = TIMES.join(map(str, default)) if isinstance(default, tuple) else default
        raise ValueError(f"a value of {name} is like {shown}, got {word!r}.") from None
