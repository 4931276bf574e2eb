"""How many plies of random legal play a CPU-second holds, beside the peers.

Every contender plays from the start to the end of games, resets included, and looks at the
observation and the mask of every position in which it moves. All of them run in turn, several times
over, so that the load of a busy machine falls on all alike: compare the ratios within a round
rather than the numbers.
"""

import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from typing import Any, Final, NamedTuple

import gymnasium as gym
import numpy as np
from jaxtyping import Bool, Float32, Float64, Int8, Int32, Int64
from numba import njit

from etude.benchmarks.results import Result
from etude.envs.mnk.env import MNKEnv
from etude.envs.mnk.game_graph import Node, game_graph
from etude.envs.mnk.rules import MNKRules
from etude.envs.mnk.vector import MNKVectorEnv

Chunk = Callable[[], int]  # plays some games and returns the number of plies
SINGLE_GAMES: Final = 200
BATCH_STEPS: Final = 50


class Contender(NamedTuple):
    """Somebody who plays a task: the package it needs, and what makes its chunk of play."""

    task: str
    method: str
    package: str
    make: Callable[[], Chunk]


def measure(rounds: int, seconds: float) -> Iterator[Result | str]:
    """Results as they come; a message for every contender whose package is missing.

    Args:
        rounds: how often each contender plays.
        seconds: of CPU time each time.
    """
    chunks: list[tuple[Contender, Chunk]] = []
    for contender in CONTENDERS:
        if find_spec(contender.package) is None:
            yield (
                f"skipped {contender.method} ({contender.task}): {contender.package} is not "
                "installed; run `pip install 'etude[peers]'`"
            )
            continue
        chunk = contender.make()
        chunk()  # compiles, fills caches
        chunks.append((contender, chunk))
    for number in range(rounds):
        for contender, chunk in chunks:
            wall = time.perf_counter()
            plies, cpu = play(chunk, seconds)
            yield Result(
                suite="throughput",
                task=contender.task,
                method=contender.method,
                seed=number,
                metrics={"plies_per_cpu_second": plies / cpu},
                seconds=time.perf_counter() - wall,
                config={"cpu_seconds": seconds},
            )


def play(chunk: Chunk, seconds: float) -> tuple[int, float]:
    """Plies played, and CPU-seconds of all threads that it took, at least ``seconds``."""
    plies, start = 0, time.process_time()
    while (cpu := time.process_time() - start) < seconds or not plies:
        plies += chunk()
    return plies, cpu


def etude_single(make: Callable[[], gym.Env[Any, Any]]) -> Chunk:
    """One environment with the uniform opponent."""
    env = make()
    unwrapped: Any = env.unwrapped
    env.reset(seed=0)
    uniform = random.Random(0).random

    def chunk() -> int:
        plies = 0
        for _ in range(SINGLE_GAMES):
            env.reset()
            terminated = False
            while not terminated:
                legal = unwrapped.legal_actions()
                _, _, terminated, _, _ = env.step(legal[int(uniform() * len(legal))])
            plies += unwrapped.position.num_stones
        return plies

    return chunk


def pettingzoo_single(version: str) -> Chunk:
    """PettingZoo's tic-tac-toe, as ``env`` with its wrappers or as ``raw_env``."""
    from pettingzoo.classic.tictactoe import tictactoe

    env = getattr(tictactoe, version)()
    uniform = random.Random(0).random

    def chunk() -> int:
        plies = 0
        for _ in range(SINGLE_GAMES // 10):
            env.reset()
            for _agent in env.agent_iter():
                observation, _, terminated, truncated, _ = env.last()
                if terminated or truncated:
                    env.step(None)
                else:
                    legal = np.flatnonzero(observation["action_mask"])
                    env.step(int(legal[int(uniform() * len(legal))]))
                    plies += 1
        return plies

    return chunk


def openspiel_single(rules: MNKRules, *, observes: bool) -> Chunk:
    """OpenSpiel's states, with observation tensor and mask or without."""
    import pyspiel

    name = "tic_tac_toe" if rules == MNKRules() else f"mnk(m={rules.n},n={rules.m},k={rules.k})"
    game = pyspiel.load_game(name)
    uniform = random.Random(0).random

    def chunk() -> int:
        plies = 0
        for _ in range(SINGLE_GAMES):
            state = game.new_initial_state()
            while not state.is_terminal():
                if observes:
                    state.observation_tensor()
                    state.legal_actions_mask()
                legal = state.legal_actions()
                state.apply_action(legal[int(uniform() * len(legal))])
                plies += 1
        return plies

    return chunk


def etude_batch(num_envs: int, rules: MNKRules) -> Chunk:
    """The vector environment with the uniform opponent, arrays in and out."""
    env = MNKVectorEnv(num_envs, rules.m, rules.n, rules.k, gravity=rules.gravity)
    rng = np.random.default_rng(0)
    actions = np.zeros(num_envs, np.int64)
    masks = env.reset(seed=0)[1]["action_mask"]

    def chunk() -> int:
        nonlocal masks
        before, plies = int(env.num_stones().sum()), 0
        for _ in range(BATCH_STEPS):
            choose_moves(masks, rng.random(num_envs), actions)
            _, _, terminated, _, infos = env.step(actions)
            masks = infos["action_mask"]
            if "final_obs" in infos:
                plies += count_stones(infos["final_obs"], terminated)
        return plies + int(env.num_stones().sum()) - before

    return chunk


def pgx_batch(num_envs: int) -> Chunk:
    """pgx, compiled for the CPU; actions come from NumPy, observations and rewards go there."""
    import jax
    import pgx
    from pgx.experimental import auto_reset

    env = pgx.make("tic_tac_toe")
    keys = jax.random.split(jax.random.PRNGKey(0), num_envs)
    step = jax.jit(jax.vmap(auto_reset(env.step, env.init)))
    state = jax.jit(jax.vmap(env.init))(keys)
    rng = np.random.default_rng(0)
    actions = np.zeros(num_envs, np.int64)

    def chunk() -> int:
        nonlocal state
        for _ in range(BATCH_STEPS):
            masks = np.asarray(state.legal_action_mask).view(np.int8)
            choose_moves(masks, rng.random(num_envs), actions)
            state = step(state, actions.astype(np.int32), keys)
            np.asarray(state.observation), np.asarray(state.rewards), np.asarray(state.terminated)
        return BATCH_STEPS * num_envs

    return chunk


def table_gathers(num_envs: int, *, observes: bool) -> Chunk:
    """What NumPy's indexing can do: states that follow each other through a table."""
    num_legal, successors, observations, masks = game_tables()
    rng = np.random.default_rng(0)
    states = np.zeros(num_envs, np.int32)
    width = successors.shape[1]
    flat = successors.ravel()
    is_over = num_legal == 0

    def chunk() -> int:
        nonlocal states
        for _ in range(BATCH_STEPS):
            choice = (rng.random(num_envs, dtype=np.float32) * num_legal[states]).astype(np.int32)
            states = flat[states * width + choice]
            states[is_over[states]] = 0
            if observes:
                observations[states], masks[states]
        return BATCH_STEPS * num_envs

    return chunk


def game_tables() -> tuple[
    Int32[np.ndarray, " states"],
    Int32[np.ndarray, "states moves"],
    Float32[np.ndarray, "states features"],
    Int8[np.ndarray, "states actions"],
]:
    """For every position of tic-tac-toe: how many moves, what follows each, and what is seen."""
    nodes: list[Node] = [game_graph(MNKRules()).root]
    rows = {nodes[0].position: 0}
    for node in nodes:
        for successor in map(node.play, node.legal):
            if successor.position not in rows:
                rows[successor.position] = len(nodes)
                nodes.append(successor)
    successors = np.zeros((len(nodes), 9), np.int32)
    for row, node in enumerate(nodes):
        after = [rows[node.play(action).position] for action in node.legal]
        successors[row, : len(after)] = after
    num_legal = np.array([len(node.legal) for node in nodes], np.int32)
    observations = np.stack([node.views[node.to_move] for node in nodes])
    return num_legal, successors, observations, np.stack([node.mask for node in nodes])


@njit(cache=True)
def choose_moves(
    masks: Int8[np.ndarray, "n actions"],
    uniforms: Float64[np.ndarray, " n"],
    actions: Int64[np.ndarray, " n"],
) -> None:
    """Write a uniformly random legal action of every row into ``actions``."""
    for i in range(masks.shape[0]):
        num_legal = 0
        for action in range(masks.shape[1]):
            num_legal += masks[i, action]
        number, seen, chosen = int(uniforms[i] * num_legal), 0, 0
        for action in range(masks.shape[1]):  # the first action with more than `number` before it
            seen += masks[i, action]
            chosen += seen <= number
        actions[i] = chosen


@njit(cache=True)
def count_stones(
    observations: Float32[np.ndarray, "n features"], chosen: Bool[np.ndarray, " n"]
) -> int:
    """The stones in the chosen rows of flat observations."""
    stones = 0.0
    for i in range(chosen.size):
        if chosen[i]:
            stones += observations[i].sum()
    return int(stones)


TICTACTOE: Final = MNKRules()
GOMOKU: Final = MNKRules.from_name("gomoku")
CONNECT_FOUR: Final = MNKRules.from_name("connect_four")
SINGLE: Final = "tic-tac-toe, one game at a time"
CONTENDERS: Final = [
    Contender(SINGLE, "Etude, MNKEnv", "etude", lambda: etude_single(MNKEnv)),
    Contender(
        SINGLE,
        "Etude, gym.make",
        "etude",
        lambda: etude_single(lambda: gym.make("etude:etude/TicTacToe-v0")),
    ),
    Contender(SINGLE, "PettingZoo, env()", "pettingzoo", lambda: pettingzoo_single("env")),
    Contender(SINGLE, "PettingZoo, raw_env()", "pettingzoo", lambda: pettingzoo_single("raw_env")),
    Contender(
        SINGLE,
        "OpenSpiel, state with observation and mask",
        "pyspiel",
        lambda: openspiel_single(TICTACTOE, observes=True),
    ),
    Contender(
        SINGLE,
        "OpenSpiel, state alone",
        "pyspiel",
        lambda: openspiel_single(TICTACTOE, observes=False),
    ),
    *(
        contender
        for n in (1024, 8192)
        for contender in (
            Contender(
                f"tic-tac-toe, {n} games at once",
                "Etude, MNKVectorEnv",
                "etude",
                partial(etude_batch, n, TICTACTOE),
            ),
            Contender(
                f"tic-tac-toe, {n} games at once",
                "pgx on the CPU, NumPy in and out",
                "pgx",
                partial(pgx_batch, n),
            ),
            Contender(
                f"tic-tac-toe, {n} games at once",
                "NumPy table gathers, observed",
                "etude",
                partial(table_gathers, n, observes=True),
            ),
            Contender(
                f"tic-tac-toe, {n} games at once",
                "NumPy table gathers, nothing observed",
                "etude",
                partial(table_gathers, n, observes=False),
            ),
        )
    ),
    Contender(
        "Connect Four, 1024 games at once",
        "Etude, MNKVectorEnv",
        "etude",
        lambda: etude_batch(1024, CONNECT_FOUR),
    ),
    Contender(
        "15,15,5, 1024 games at once",
        "Etude, MNKVectorEnv",
        "etude",
        lambda: etude_batch(1024, GOMOKU),
    ),
    Contender(
        "15,15,5, one game at a time",
        "Etude, MNKEnv",
        "etude",
        lambda: etude_single(lambda: MNKEnv(15, 15, 5)),
    ),
    Contender(
        "15,15,5, one game at a time",
        "OpenSpiel, state with observation and mask",
        "pyspiel",
        lambda: openspiel_single(GOMOKU, observes=True),
    ),
]
