"""How step sizes and exploration change while an agent learns.

A schedule gives one number for each game, counted from 0 since the agent was made, so that learning
in several calls is the same as in one. ``PerVisit`` alone looks at the position too: with step size
1/N at the N-th visit, a value is the plain average of its targets, which is what makes tabular
learning converge in a noisy world (H. Robbins and S. Monro, "A stochastic approximation method",
Annals of Mathematical Statistics 22, 1951); a constant step size follows a changing world, and
never settles in a noisy one.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Protocol, TypeVar, runtime_checkable

import numpy as np
from jaxtyping import Float64, Int64

from etude.foundations.names import check_name

T = TypeVar("T")


@runtime_checkable
class Schedule(Protocol):
    """One number a game."""

    def over(self, games: Int64[np.ndarray, " games"]) -> Float64[np.ndarray, " games"]:
        """The numbers of the games with these indices."""
        ...


@dataclass(frozen=True)
class Constant:
    """Always the same.

    Args:
        value: in [0, 1].

    Raises:
        ValueError: the value lies outside.

    >>> Constant(0.1).over(np.arange(3)).tolist()
    [0.1, 0.1, 0.1]
    """

    value: float

    def __post_init__(self) -> None:
        check_fraction("value", self.value)

    def over(self, games: Int64[np.ndarray, " games"]) -> Float64[np.ndarray, " games"]:
        """See ``Schedule``."""
        return np.full(len(games), float(self.value))


@dataclass(frozen=True)
class PerVisit:
    """1/N at the N-th visit of a position, but at least ``minimum``; a step size.

    Args:
        minimum: in [0, 1]; above 0 the values keep following a changing world.

    Raises:
        ValueError: the minimum lies outside.
    """

    minimum: float = 0.0

    def __post_init__(self) -> None:
        check_fraction("minimum", self.minimum)

    def over(self, games: Int64[np.ndarray, " games"]) -> Float64[np.ndarray, " games"]:
        """The least step size of each game."""
        return np.full(len(games), float(self.minimum))


@dataclass(frozen=True)
class Linear:
    """From ``start`` to ``end`` in a straight line over ``num_games``, ``end`` from then on.

    Args:
        start: in [0, 1].
        end: in [0, 1].
        num_games: at least 1.

    Raises:
        ValueError: a number lies outside.

    >>> Linear(1.0, 0.5, num_games=2).over(np.arange(4)).tolist()
    [1.0, 0.75, 0.5, 0.5]
    """

    start: float
    end: float
    num_games: int

    def __post_init__(self) -> None:
        _check_decay(self.start, self.end, self.num_games)

    def over(self, games: Int64[np.ndarray, " games"]) -> Float64[np.ndarray, " games"]:
        """See ``Schedule``."""
        return self.start + (self.end - self.start) * np.minimum(games / self.num_games, 1.0)


@dataclass(frozen=True)
class Exponential:
    """From ``start`` to ``end`` by equal factors over ``num_games``, ``end`` from then on.

    Args:
        start: in (0, 1].
        end: in (0, 1].
        num_games: at least 1.

    Raises:
        ValueError: a number lies outside.

    >>> Exponential(1.0, 0.25, num_games=2).over(np.arange(4)).tolist()
    [1.0, 0.5, 0.25, 0.25]
    """

    start: float
    end: float
    num_games: int

    def __post_init__(self) -> None:
        _check_decay(self.start, self.end, self.num_games)
        if min(self.start, self.end) == 0.0:
            raise ValueError(
                f"an exponential decay stays above 0, got start={self.start}, end={self.end}; "
                "choose a small number or Linear."
            )

    def over(self, games: Int64[np.ndarray, " games"]) -> Float64[np.ndarray, " games"]:
        """See ``Schedule``."""
        factor = self.end / self.start
        return self.start * factor ** np.minimum(games / self.num_games, 1.0)


SCHEDULES: Final[dict[str, type[Any]]] = {
    "constant": Constant,
    "per_visit": PerVisit,
    "linear": Linear,
    "exponential": Exponential,
}


def make_schedule(schedule: Any) -> Schedule:
    """The schedule that a number (a constant) or a schedule stands for.

    Raises:
        TypeError: neither.
    """
    if isinstance(schedule, int | float) and not isinstance(schedule, bool):
        return Constant(float(schedule))
    if isinstance(schedule, Schedule):
        return schedule
    kinds = ", ".join(kind.__name__ for kind in SCHEDULES.values())
    raise TypeError(
        f"a schedule is a number or one of {kinds}, got {schedule!r}; for example "
        "Linear(0.5, 0.01, num_games=10_000)."
    )


def make_exploration(schedule: Any) -> Schedule:
    """``make_schedule`` for the share of exploratory moves.

    Raises:
        TypeError: neither a number nor a schedule.
        ValueError: a schedule that looks at the position, of which a game has many.
    """
    if isinstance(schedule, PerVisit):
        raise ValueError(
            f"exploration is the same for all positions of a game, got {schedule!r}; choose a "
            "number or another schedule."
        )
    return make_schedule(schedule)


def check_fraction(name: str, value: float) -> None:
    """Raise a ValueError unless a setting lies between 0 and 1."""
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{name} lies between 0 and 1, got {value!r}; for example 0.1.")


def check_result(name: str, value: float) -> None:
    """Raise a ValueError unless a setting is a value of positions, between 0 and 1."""
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{name} lies between 0 (a loss) and 1 (a win), got {value!r}; or 0.5.")


def to_json(schedule: Schedule) -> dict[str, Any]:
    """A schedule of this module as what JSON can hold.

    Raises:
        TypeError: it is of another kind.
    """
    for name, kind in SCHEDULES.items():
        if isinstance(schedule, kind):
            return {"schedule": name, **asdict(schedule)}
    raise TypeError(
        f"a schedule that can be saved is one of {', '.join(SCHEDULES)}, got {schedule!r}."
    )


def from_json(content: Any) -> Schedule:
    """The schedule that ``to_json`` wrote.

    Raises:
        ValueError: an unknown kind, or wrong numbers.
        TypeError: missing or unknown fields.
    """
    arguments = dict(content)
    name = arguments.pop("schedule", None)
    check_name("a schedule", name, SCHEDULES)
    schedule: Schedule = SCHEDULES[name](**arguments)
    return schedule


def settings_to_json(settings: Any) -> dict[str, Any]:
    """The fields of a dataclass of settings, schedules among them, as what JSON can hold.

    Raises:
        TypeError: a schedule of another module.
    """
    content = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return {
        name: to_json(value) if isinstance(value, Schedule) else value
        for name, value in content.items()
    }


def settings_from_json(kind: type[T], content: Mapping[str, Any]) -> T:
    """The settings of a ``kind`` that ``settings_to_json`` wrote.

    Raises:
        ValueError: fields that are missing, unknown or out of their range.
        TypeError: a schedule with missing or unknown fields.
    """
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    if set(content) != set(names):
        raise ValueError(
            f"{kind.__name__} has the fields {', '.join(names)}, got {', '.join(content)}; they "
            "are of another version, so train and save the agent again."
        )
    return kind(
        **{
            name: from_json(value) if isinstance(value, Mapping) else value
            for name, value in content.items()
        }
    )


def _check_decay(start: float, end: float, num_games: int) -> None:
    check_fraction("start", start)
    check_fraction("end", end)
    if num_games < 1:
        raise ValueError(f"a decay takes at least 1 game, got {num_games}; or use Constant.")
