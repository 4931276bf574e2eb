"""What surrounds learning: the budget, blocks of whole games, progress, and Ctrl-C."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

from rich.progress import Progress

from etude.envs.mnk.rules import MNKRules
from etude.foundations.interrupts import HeldInterrupt

BLOCK_SECONDS: Final = 0.1  # between two looks at progress and Ctrl-C, about
BLOCK_GROWTH: Final = 4

Report = bool | Callable[[Any], object]


class Counts(Protocol):
    """An agent that counts the games and the own decisions that it learned from."""

    rules: MNKRules
    num_games: int
    num_timesteps: int


@dataclass(frozen=True)
class Budget:
    """How much an agent is to learn.

    Args:
        total_games: how many games; or None.
        total_timesteps: how many decisions of the learner; or None. The game in which they are
            reached is played to its end, and is the last.

    Raises:
        ValueError: both, neither, or less than 1.

    >>> Budget(total_timesteps=100).total
    100
    """

    total_games: int | None = None
    total_timesteps: int | None = None

    def __post_init__(self) -> None:
        if (self.total_games is None) == (self.total_timesteps is None):
            raise ValueError(
                "an agent learns for either total_games or total_timesteps, got "
                f"{self.total_games} and {self.total_timesteps}; give one of them."
            )
        if self.total < 1:
            unit = "game" if self.total_timesteps is None else "timestep"
            raise ValueError(f"an agent learns from at least 1 {unit}, got {self.total}.")

    @property
    def total(self) -> int:
        """The games, or the timesteps."""
        total = self.total_games if self.total_timesteps is None else self.total_timesteps
        assert total is not None
        return total

    def count(self, agent: Any) -> int:
        """The games that an agent has learned from, or the timesteps."""
        return int(agent.num_games if self.total_timesteps is None else agent.num_timesteps)

    def left(self, agent: Any) -> "Budget | None":
        """What is left of it for an agent that has learned a part; None if nothing is.

        >>> from types import SimpleNamespace
        >>> Budget(100).left(SimpleNamespace(num_games=30))
        Budget(total_games=70, total_timesteps=None)
        """
        num_left = self.total - self.count(agent)
        if num_left < 1:
            return None
        return Budget(num_left) if self.total_timesteps is None else Budget(None, num_left)

    def safe_games(self, left: int, rules: MNKRules) -> int:
        """A number of games of which none but the last can use up what is ``left``."""
        if self.total_timesteps is None:
            return left
        return -(-left // rules.num_cells)  # no game has more decisions than cells


def learn_in_blocks(
    agent: Counts, budget: Budget, learn_block: Callable[[int], object], progress: Report
) -> None:
    """Learn until the budget is used up, or a block used nothing: there is no more to learn.

    Ctrl-C ends learning after a block, so that the agent has learned from whole games.

    Args:
        agent: whose counts ``learn_block`` advances.
        budget: how much it is to learn.
        learn_block: learns from a number of games.
        progress: whether to show a bar; or a function, called with the agent after each block.

    Raises:
        KeyboardInterrupt: at the end, if it came before.
    """
    count_before, size, used, used_before = budget.count(agent), 1, 0, -1
    with HeldInterrupt() as interrupt, reporting(progress, budget.total) as report:
        while used_before < used < budget.total and not interrupt.requested:
            start, used_before = time.perf_counter(), used
            learn_block(min(size, budget.safe_games(budget.total - used, agent.rules)))
            if time.perf_counter() - start < BLOCK_SECONDS / BLOCK_GROWTH:
                size *= BLOCK_GROWTH
            used = budget.count(agent) - count_before
            report(agent, used)


@contextmanager
def reporting(progress: Report, total: int) -> Iterator[Callable[[Any, int], object]]:
    """What to call now and then with the agent and what it has used of ``total``.

    Args:
        progress: whether to show a bar; or a function of the agent, to call instead.
        total: where the bar ends.
    """
    if callable(progress):
        yield lambda agent, used: progress(agent)
    else:
        with Progress(disable=not progress) as bar:
            task = bar.add_task("Learning", total=total)
            yield lambda agent, used: bar.update(task, completed=used)
