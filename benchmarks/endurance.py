"""Whether the batched environment can play for ever: its memory after very many plies.

Every ply is one that the caller chose and saw: random legal moves, the observations, masks and
final observations of all games, resets included.
"""

import gc
import time
from pathlib import Path
from typing import Final, NamedTuple

from etude.benchmarks.throughput import etude_batch
from etude.envs.mnk.rules import MNKRules

NUM_ENVS: Final = 1_024
WARM_UP_SHARE: Final = 0.05  # of the plies, after which all that is ever allocated is there
NUM_LOOKS: Final = 20
PAGE: Final = 4_096
MEBIBYTE: Final = 1 << 20


class Endurance(NamedTuple):
    """What a long run took.

    Args:
        plies: how many were played.
        growth: bytes of resident memory that the process had more at the end than after the first
            twentieth of the plies; negative if it had less.
        largest: the same, of the look at which it was largest.
        seconds: of the processor.
    """

    plies: int
    growth: int
    largest: int
    seconds: float


def play_long(num_plies: int, rules: MNKRules) -> Endurance:
    """Play, and look at the memory now and then.

    Args:
        num_plies: at least.
        rules: the board.
    """
    chunk = etude_batch(NUM_ENVS, rules)
    start, plies, sizes = time.process_time(), 0, []
    next_look = WARM_UP_SHARE * num_plies
    while plies < num_plies:
        plies += chunk()
        if plies >= next_look:
            sizes.append(resident())
            next_look += (1.0 - WARM_UP_SHARE) * num_plies / NUM_LOOKS
    sizes.append(resident())
    seconds = time.process_time() - start
    return Endurance(plies, sizes[-1] - sizes[0], max(sizes) - sizes[0], seconds)


def resident() -> int:
    """Bytes of the process that are in memory, as Linux counts them."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
