"""What can be seen of an agent while it learns: its speed, its exploitability, the time left."""

import time
from collections.abc import Callable
from typing import Any, Final, Self

from rich.console import Console
from rich.progress import MofNCompleteColumn

from etude.agents.learning import Budget
from etude.bars import transient_bar
from etude.tracking import Tracked

LOOK_SHARE: Final = 0.05  # of the time, at most, goes into looks at the exploitability
SEND_SECONDS: Final = 1.0  # from one speed that a tracker is told to the next

Look = Callable[[Any], float]


class LiveBar:
    """A bar that follows an agent; a context manager, called with the agent now and then.

    Args:
        budget: how much the agent learns.
        look: its exploitability; None where that takes too long.
        console: where to draw.
        tracked: where the speed and the exploitability go, too.
        num_before: what was used of the budget when the agent was taken up.

    Attributes:
        agent: that of the last call, None before the first.
    """

    def __init__(
        self,
        budget: Budget,
        look: Look | None,
        console: Console,
        tracked: Tracked,
        num_before: int = 0,
    ) -> None:
        self.agent: Any = None
        self.unit = "games" if budget.total_timesteps is None else "decisions"
        self._budget = budget
        self._look = look
        self._tracked = tracked
        self._num_before = num_before
        self._exploitability = ""
        self._last_sent = -SEND_SECONDS
        self._look_seconds = 0.0  # of all looks together
        self._progress = transient_bar(console, MofNCompleteColumn())
        self._start = time.perf_counter()

    def __enter__(self) -> Self:
        self._progress.start()
        self._task = self._progress.add_task(self.unit, total=self._budget.total)
        self._start = time.perf_counter()
        self._tracked.begin(self._num_before)
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, agent: Any) -> None:
        """Show how the agent gets on."""
        self.agent = agent
        if self._look is not None and self._look_seconds <= LOOK_SHARE * self._elapsed:
            start = time.perf_counter()
            exploitability = self._look(agent)
            self._exploitability = f", exploitability {exploitability:.3f}"
            self._tracked.numbers({"exploitability": exploitability}, self.done)
            self._look_seconds += time.perf_counter() - start
        text = f"{self.unit}, {self.rate:,.0f} a second{self._exploitability}"
        self._progress.update(self._task, completed=self.done, description=text)
        if time.monotonic() > self._last_sent + SEND_SECONDS:
            self._last_sent = time.monotonic()
            self._tracked.numbers({f"{self.unit} a second": self.rate}, self.done)

    @property
    def done(self) -> int:
        """What the agent has used of its budget."""
        return 0 if self.agent is None else self._budget.count(self.agent)

    @property
    def seconds(self) -> float:
        """How long the agent has been learning, the looks at it left out."""
        return self._elapsed - self._look_seconds

    @property
    def rate(self) -> float:
        """Games, or decisions, a second."""
        return max(self.done - self._num_before, 0) / max(self.seconds, 1e-9)

    @property
    def _elapsed(self) -> float:
        return time.perf_counter() - self._start
