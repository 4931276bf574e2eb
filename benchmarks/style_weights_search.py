"""The search for weights to compare with: the best constant ones, for all paintings and for each.

CMA-ES (N. Hansen and A. Ostermeier, "Completely derandomized self-adaptation in evolution
strategies", Evolutionary Computation 9(2), 2001) moves a Gaussian towards the better half of what
it draws. The return is exact, so that a painting is made once for each proposal.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from cmaes import CMA
from jaxtyping import Float32, Float64, Int64

from etude.agents.tuner_evaluation import batch_returns
from etude.benchmarks.results import Result
from etude.envs.style_weights.baselines import Baseline, Policy, centred, linear_schedule
from etude.envs.style_weights.observation import MAX_LOG_WEIGHT
from etude.envs.style_weights.settings import StyleWeightsSettings
from etude.foundations.files import replacing

SUITE: Final = "style_weights"
TASK: Final = "search for weights"
TRAIN_PAINTINGS: Final = 40
POPULATION: Final = 12
POPULATION_EACH: Final = 8
GENERATIONS: Final = 12
SPREAD: Final = 1.5  # of the first proposals, in log weights
NARROW: Final = 0.5  # where they surround what was found already
BATCH: Final = 64
SEED: Final = 0

Proposals = Float64[np.ndarray, "proposals numbers"]
Found = dict[str, Float32[np.ndarray, "rows weights"]]


def search(path: Path) -> Iterator[Result | str]:
    """Search, write what was found to a file, and say what it took.

    Args:
        path: an npz: "static" (1, weights), "schedule" (2, weights), "oracle test" and "oracle
            test_ood" (instances, weights).
    """
    num_weights = StyleWeightsSettings().num_weights
    found: Found = {}
    searches: dict[str, Callable[[], tuple[np.ndarray, list[tuple[float, float]]]]] = {
        "static": lambda: search_shared(np.zeros(num_weights), _constant),
        "schedule": lambda: search_shared(np.tile(found["static"][0], 2), _schedule, NARROW),
        "oracle test": lambda: search_each("test", found["static"][0]),
        "oracle test_ood": lambda: search_each("test_ood", found["static"][0]),
    }
    for name, run in searches.items():
        start = time.perf_counter()
        numbers, curve = run()
        found[name] = centred(numbers.reshape(-1, num_weights).astype(np.float32))
        steps, value = curve[-1]
        yield Result(
            suite=SUITE,
            task=TASK,
            method=name,
            seed=SEED,
            metrics={"return": value, "paintings": steps},
            curve=curve,
            seconds=time.perf_counter() - start,
            config={"generations": GENERATIONS},
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as partial, partial.open("wb") as file:
        np.savez_compressed(file, **dict[str, Any](found))
    yield f"wrote {path}"


def search_shared(
    mean: Float64[np.ndarray, " numbers"],
    policy_of: Callable[[np.ndarray], Policy],
    spread: float = SPREAD,
) -> tuple[Float64[np.ndarray, " numbers"], list[tuple[float, float]]]:
    """The numbers whose policy does best on average over ``train``, and the way there.

    Args:
        mean: of the first proposals.
        policy_of: target log weights, from a row of numbers for each painting.
        spread: of the first proposals.

    Returns:
        The numbers, and points (paintings made, mean return of the best proposal so far).
    """
    optimiser = _optimiser(mean, POPULATION, SEED, spread)
    paintings = np.arange(TRAIN_PAINTINGS)
    best, best_return, curve = mean, -np.inf, []
    for generation in range(1, GENERATIONS + 1):
        proposals = np.stack([optimiser.ask() for _ in range(POPULATION)])
        rows = np.tile(proposals, (len(paintings), 1))
        returns = _returns("train", np.repeat(paintings, POPULATION), rows, policy_of)
        means = returns.reshape(len(paintings), POPULATION).mean(axis=0)
        _tell(optimiser, proposals, means)
        if means.max() > best_return:
            best, best_return = proposals[means.argmax()], float(means.max())
        curve.append((float(generation * len(rows)), best_return))
    return best, curve


def search_each(
    split: str, mean: Float32[np.ndarray, " weights"]
) -> tuple[Float64[np.ndarray, "paintings weights"], list[tuple[float, float]]]:
    """The constant log weights that do best on each painting of a split, and the way there."""
    paintings = np.arange(len(StyleWeightsSettings(split).all_instances))
    optimisers = [_optimiser(mean, POPULATION_EACH, SEED + int(i), SPREAD) for i in paintings]
    best, best_returns = np.tile(mean, (len(paintings), 1)), np.full(len(paintings), -np.inf)
    curve = []
    for generation in range(1, GENERATIONS + 1):
        proposals = np.stack(
            [[optimiser.ask() for _ in range(POPULATION_EACH)] for optimiser in optimisers]
        )
        rows = proposals.reshape(len(paintings) * POPULATION_EACH, -1)
        returns = _returns(split, np.repeat(paintings, POPULATION_EACH), rows, _constant)
        table = returns.reshape(len(paintings), POPULATION_EACH)
        for i, optimiser in enumerate(optimisers):
            _tell(optimiser, proposals[i], table[i])
            if table[i].max() > best_returns[i]:
                best[i], best_returns[i] = proposals[i, table[i].argmax()], table[i].max()
        curve.append((float(generation * len(rows)), float(best_returns.mean())))
    return best, curve


def _optimiser(mean: np.ndarray, population: int, seed: int, spread: float) -> CMA:
    limits = np.tile([-MAX_LOG_WEIGHT, MAX_LOG_WEIGHT], (len(mean), 1))
    inside = np.clip(mean, -MAX_LOG_WEIGHT, MAX_LOG_WEIGHT).astype(np.float64)
    return CMA(inside, spread, bounds=limits, population_size=population, seed=seed)


def _tell(optimiser: CMA, proposals: Proposals, returns: np.ndarray) -> None:
    """CMA-ES minimises."""
    optimiser.tell([(x, -float(r)) for x, r in zip(proposals, returns, strict=True)])


def _returns(
    split: str,
    paintings: Int64[np.ndarray, " n"],
    rows: Float64[np.ndarray, "n numbers"],
    policy_of: Callable[[np.ndarray], Policy],
) -> Float32[np.ndarray, " n"]:
    cuts = range(BATCH, len(paintings), BATCH)
    batches = zip(np.split(paintings, cuts), np.split(rows, cuts), strict=True)
    return np.concatenate(
        [
            batch_returns(Baseline(policy_of(part.astype(np.float32))), split, numbers, {})
            for numbers, part in batches
        ]
    )


def _constant(rows: Float32[np.ndarray, "n weights"]) -> Policy:
    return lambda observations: rows


def _schedule(rows: Float32[np.ndarray, "n numbers"]) -> Policy:
    """The first half of the numbers is where the weights begin, the second where they end."""
    return linear_schedule(*np.split(rows, 2, axis=1))
