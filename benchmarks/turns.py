"""What a step of training costs, of several contenders that take turns.

Within a round each makes its steps, so that the load of the machine falls on all alike.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from etude.benchmarks.one_thread import one_thread
from etude.benchmarks.results import Result

Measure = Callable[[int], float]
"""CPU seconds of so many steps."""


def timed(step: Callable[[], object]) -> Measure:
    """CPU seconds of a step that is made again and again."""

    def measure(num_steps: int) -> float:
        begun = time.process_time()
        for _ in range(num_steps):
            step()
        return time.process_time() - begun

    return measure


def costs(
    suite: str,
    task: str,
    contenders: Mapping[str, Measure],
    *,
    rounds: int,
    steps: int,
    warm_up: int,
    config: Mapping[str, Any],
) -> Iterator[Result]:
    """Steps a CPU second on one thread.

    Args:
        suite: of the results.
        task: of the results.
        contenders: by method; the others are compared with the first.
        rounds: how often, the seeds of the results.
        steps: of each in a round.
        warm_up: steps before the first.
        config: of the results, beside the number of steps.
    """
    with one_thread():
        for measure in contenders.values():
            measure(warm_up)
        for number in range(rounds):
            for method, measure in contenders.items():
                seconds = measure(steps)
                yield Result(
                    suite=suite,
                    task=task,
                    method=method,
                    seed=number,
                    metrics={"steps_per_cpu_second": steps / seconds},
                    seconds=seconds,
                    config={"steps": steps, **config},
                )
