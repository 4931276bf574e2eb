"""NumPy's default bit generator, one stream a row, for compiled loops.

``next_uniform`` gives the numbers of ``np.random.Generator(np.random.PCG64(seed)).random()``, bit
for bit: a batch of boards draws exactly what the same number of single environments draw.

Reference: M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good
Algorithms for Random Number Generation", HMC-CS-2014-0905, 2014; the variant is PCG XSL-RR 128/64.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
from jaxtyping import UInt64

from etude.envs.mnk.compiled import high_product, inlined

MULTIPLIER: Final = 0x2360ED051FC65DA44385DF649FCCF645
MULTIPLIER_HIGH: Final = np.uint64(MULTIPLIER >> 64)
MULTIPLIER_LOW: Final = np.uint64(MULTIPLIER & (1 << 64) - 1)
STATE_HIGH: Final = 0
STATE_LOW: Final = 1
INCREMENT_HIGH: Final = 2
INCREMENT_LOW: Final = 3


def stream_words(generator: np.random.Generator) -> UInt64[np.ndarray, " 4"]:
    """The state of a generator over PCG64 as a row of ``streams``."""
    state = generator.bit_generator.state["state"]
    numbers = (state["state"] >> 64, state["state"], state["inc"] >> 64, state["inc"])
    return np.array([number & (1 << 64) - 1 for number in numbers], np.uint64)


def seed_streams(
    streams: UInt64[np.ndarray, "envs 4"], indices: Iterable[int], seeds: Iterable[int | None]
) -> None:
    """Set the rows ``indices`` to what ``gymnasium.Env.reset(seed=...)`` makes of each seed."""
    for i, seed in zip(indices, seeds, strict=True):
        streams[i] = stream_words(np.random.Generator(np.random.PCG64(seed)))


@inlined
def next_uniform(streams: UInt64[np.ndarray, "envs 4"], i: int) -> float:
    """The next number of stream ``i``, uniform in [0, 1) with 53 bits."""
    high, low = streams[i, STATE_HIGH], streams[i, STATE_LOW]
    new_low = low * MULTIPLIER_LOW + streams[i, INCREMENT_LOW]
    carry = np.uint64(1) if new_low < streams[i, INCREMENT_LOW] else np.uint64(0)
    new_high = high_product(low, MULTIPLIER_LOW) + high * MULTIPLIER_LOW + low * MULTIPLIER_HIGH
    new_high += streams[i, INCREMENT_HIGH] + carry
    streams[i, STATE_HIGH], streams[i, STATE_LOW] = new_high, new_low
    mixed = new_high ^ new_low
    turn = new_high >> np.uint64(58)
    output = (mixed >> turn) | (mixed << ((np.uint64(64) - turn) & np.uint64(63)))
    return float(output >> np.uint64(11)) * (1.0 / 9007199254740992.0)
