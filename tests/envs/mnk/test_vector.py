"""The vector environment plays exactly the games of single environments."""

import pickle
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.envs.mnk.env import MNKEnv
from etude.envs.mnk.opponents import EpsilonMinimax, Pool
from etude.envs.mnk.rules import Position
from etude.envs.mnk.vector import MNKVectorEnv


def prefer_low(observation: Any, action_mask: np.ndarray) -> np.ndarray:
    """A stochastic policy: twice the weight for the lowest legal action."""
    weights = action_mask.astype(float)
    weights[np.flatnonzero(action_mask)[0]] += 1.0
    return weights / weights.sum()


class LastLegal:
    """An agent with the interface of Stable-Baselines3: the highest legal action."""

    def predict(
        self,
        observation: Any,
        state: Any = None,
        deterministic: bool = False,
        action_masks: Any = None,
    ) -> tuple[np.ndarray, None]:
        num_actions = action_masks.shape[-1]
        return num_actions - 1 - np.argmax(action_masks[..., ::-1], axis=-1), None


BOARDS = [
    {"m": 3, "n": 3, "k": 3},
    {"m": 3, "n": 3, "k": 3, "misere": True},
    {"m": 2, "n": 4, "k": 2},
    {"m": 1, "n": 3, "k": 1},  # the opponent's first move ends the game
    {"m": 3, "n": 4, "k": 3, "gravity": True},
    {"m": 5, "n": 5, "k": 4},
    {"m": 6, "n": 7, "k": 4, "gravity": True},
    {"m": 9, "n": 9, "k": 5},  # two words a board
]
OPPONENTS = [
    "uniform",
    "minimax",
    "epsilon_minimax:0.4",
    "self",
    prefer_low,
    LastLegal(),
    Pool(["uniform", "epsilon_minimax:0.2", "minimax"], [1.0, 2.0, 0.0]),
    Pool([prefer_low, "uniform", LastLegal()]),
]


def is_solvable(board: dict[str, Any]) -> bool:
    return board["m"] * board["n"] <= 12


def needs_solver(opponent: Any) -> bool:
    members = opponent.opponents if isinstance(opponent, Pool) else [opponent]
    return any(isinstance(member, str) and "minimax" in member for member in members)


class Singles:
    """N single environments behind the interface of a vector environment."""

    def __init__(self, num_envs: int, mode: AutoresetMode, **kwargs: Any) -> None:
        self.envs = [MNKEnv(**kwargs) for _ in range(num_envs)]
        self.mode = mode
        self.ended = [False] * num_envs

    def reset(self, seed: int) -> list[Any]:
        return [env.reset(seed=seed + i) for i, env in enumerate(self.envs)]

    def step(self, actions: np.ndarray) -> list[Any]:
        """A tuple a board: observation, mask, reward, terminated, final observation, final info."""
        rows = []
        for i, env in enumerate(self.envs):
            if self.ended[i]:
                observation, info = env.reset()
                self.ended[i] = False
                rows.append((observation, info["action_mask"], 0.0, False, None, {}))
                continue
            observation, reward, terminated, _, info = env.step(actions[i])
            final, final_info = observation, info
            if terminated and self.mode == AutoresetMode.SAME_STEP:
                observation, info = env.reset()
            self.ended[i] = terminated and self.mode == AutoresetMode.NEXT_STEP
            rows.append((observation, info["action_mask"], reward, terminated, final, final_info))
        return rows


def row(observations: Any, i: int) -> Any:
    if isinstance(observations, dict):
        return {key: value[i] for key, value in observations.items()}
    return observations[i]


def assert_same(left: Any, right: Any) -> None:
    if isinstance(left, dict):
        assert left.keys() == right.keys()
        for key in left:
            np.testing.assert_array_equal(left[key], right[key])
    else:
        np.testing.assert_array_equal(left, right)


@settings(max_examples=60, deadline=None)
@given(
    board=st.sampled_from(BOARDS),
    opponent=st.sampled_from(OPPONENTS),
    mode=st.sampled_from([AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP]),
    side=st.sampled_from(["first", "second", "random"]),
    observation=st.sampled_from(["flat", "planes", "signed", "dict"]),
    illegal_move=st.sampled_from(["lose", "ignore"]),
    seed=st.integers(0, 2**31 - 1),
)
def test_a_seed_gives_the_games_of_single_environments(
    board: dict[str, Any],
    opponent: Any,
    mode: AutoresetMode,
    side: str,
    observation: str,
    illegal_move: str,
    seed: int,
) -> None:
    if needs_solver(opponent) and not is_solvable(board):
        opponent = "uniform"
    if isinstance(opponent, LastLegal) or (
        isinstance(opponent, Pool) and LastLegal in map(type, opponent.opponents)
    ):
        observation = "flat"
    kwargs = {
        **board,
        "opponent": opponent,
        "agent_side": side,
        "observation": observation,
        "illegal_move": illegal_move,
        "win_reward": 2.0,
        "draw_reward": 0.5,
    }
    num_envs = 5
    vector = MNKVectorEnv(num_envs, autoreset_mode=mode, **kwargs)
    singles = Singles(num_envs, mode, **kwargs)
    observations, infos = vector.reset(seed=seed)
    for i, (expected, info) in enumerate(singles.reset(seed)):
        assert_same(row(observations, i), expected)
        assert_same(infos["action_mask"][i], info["action_mask"])
    rng = np.random.default_rng(seed)
    for _ in range(25):
        actions = rng.integers(vector.single_action_space.n, size=num_envs)
        observations, rewards, terminated, truncated, infos = vector.step(actions)
        assert not truncated.any()
        for i, expected in enumerate(singles.step(actions)):
            assert_same(row(observations, i), expected[0])
            assert_same(infos["action_mask"][i], expected[1])
            assert (rewards[i], terminated[i]) == expected[2:4]
            if terminated[i]:
                ends = infos["final_info"] if mode == AutoresetMode.SAME_STEP else infos
                assert ends["_outcome"][i]
                assert ends["outcome"][i] == expected[5]["outcome"]
                assert ends["illegal_action"][i] == expected[5]["illegal_action"]
                if mode == AutoresetMode.SAME_STEP:
                    assert infos["_final_obs"][i]
                    assert_same(row(infos["final_obs"], i), expected[4])
                    assert_same(ends["action_mask"][i], expected[5]["action_mask"])


def test_disabled_autoreset_waits_for_a_reset_mask() -> None:
    vector = gym.make_vec(
        "etude/TicTacToe-v0",
        num_envs=4,
        vectorization_mode="vector_entry_point",
        autoreset_mode="Disabled",
        agent_side="first",
    )
    vector.reset(seed=1)
    terminated = np.zeros(4, bool)
    rng = np.random.default_rng(0)
    while not terminated.any():
        _, _, terminated, _, infos = vector.step(rng.integers(9, size=4))
    assert (infos["_outcome"] == terminated).all()
    with pytest.raises(ResetNeeded, match="reset_mask"):
        vector.step(np.zeros(4, int))
    before = vector.unwrapped.positions()
    vector.reset(options={"reset_mask": terminated})
    after = vector.unwrapped.positions()
    for i in range(4):
        assert after[i] == (Position() if terminated[i] else before[i])
    vector.step(np.full(4, 8))


def test_games_start_from_a_given_position() -> None:
    vector = MNKVectorEnv(3, opponent="minimax")
    options = {"position": "XX./OO./...", "agent_side": "second"}
    vector.reset(seed=0, options=options)
    for position in vector.positions():  # X to move is the minimax opponent, with a win on cell 2
        assert position.first == 0b111
    _, rewards, terminated, _, _ = vector.step(np.array([5, 5, 5]))
    assert terminated.all()
    assert (rewards == -1.0).all()


def test_every_call_returns_fresh_arrays() -> None:
    vector = MNKVectorEnv(2, agent_side="first")
    first, infos = vector.reset(seed=0)
    kept, kept_mask = first.copy(), infos["action_mask"].copy()
    vector.step(np.array([0, 1]))
    np.testing.assert_array_equal(first, kept)
    np.testing.assert_array_equal(infos["action_mask"], kept_mask)


def test_a_pickled_copy_plays_on_alike() -> None:
    vector = MNKVectorEnv(3, opponent="epsilon_minimax")
    vector.reset(seed=5)
    copy = pickle.loads(pickle.dumps(vector))
    for action in (4, 0, 8, 2):
        left, right = vector.step(np.full(3, action)), copy.step(np.full(3, action))
        np.testing.assert_array_equal(left[0], right[0])
        np.testing.assert_array_equal(left[1], right[1])


def test_opponent_law_is_uniform_over_the_optimal_moves() -> None:
    """After a corner opening only the centre holds the draw; after the centre, only corners."""
    vector = MNKVectorEnv(4000, opponent="minimax", agent_side="first")
    vector.reset(seed=0)
    vector.step(np.full(4000, 4))
    answers = np.bincount([p.second.bit_length() - 1 for p in vector.positions()], minlength=9)
    assert set(np.flatnonzero(answers)) == {0, 2, 6, 8}
    assert abs(answers[[0, 2, 6, 8]] / 4000 - 0.25).max() < 5 * np.sqrt(0.25 * 0.75 / 4000)


@pytest.mark.parametrize(
    ("actions", "error", "message"),
    [
        (np.zeros(3, int), ValueError, "one action for each of the 2 boards"),
        (np.zeros(2), TypeError, "integers"),
        (np.array([0, 9]), ValueError, "got 9"),
        (np.array([-1, 0]), ValueError, "got -1"),
    ],
)
def test_wrong_actions_change_nothing(actions: Any, error: type, message: str) -> None:
    vector = MNKVectorEnv(2, agent_side="first")
    vector.reset(seed=0)
    with pytest.raises(error, match=message):
        vector.step(actions)
    assert vector.positions() == [Position(), Position()]


def test_illegal_moves_raise_on_request_and_change_nothing() -> None:
    vector = MNKVectorEnv(2, agent_side="first", illegal_move="raise")
    vector.reset(seed=0)
    vector.step(np.array([0, 4]))
    before = vector.positions()
    with pytest.raises(ValueError, match="taken"):
        vector.step(np.array([vector.rules.legal_actions(before[0])[0], 4]))
    assert vector.positions() == before


def test_a_policy_that_is_none_leaves_every_board_as_it_was() -> None:
    def no_policy(observation: np.ndarray, mask: np.ndarray) -> Any:
        return 4 if mask[4] else np.full(9, 0.5)

    vector = MNKVectorEnv(2, opponent=no_policy, agent_side="first")
    vector.reset(seed=0)
    vector.step(np.array([0, 1]))
    before = vector.positions()
    with pytest.raises(ValueError, match="sum to 1"):
        vector.step(np.array([2, 3]))
    assert vector.positions() == before


def test_wrong_arguments_say_what_would_be_right() -> None:
    with pytest.raises(ValueError, match="num_envs must be at least 1, got 0"):
        MNKVectorEnv(0)
    with pytest.raises(ValueError, match="did you mean 'SameStep'"):
        MNKVectorEnv(2, autoreset_mode="SamStep")
    with pytest.raises(ValueError, match="did you mean 'uniform'"):
        MNKVectorEnv(2, opponent="unifrom")
    vector = MNKVectorEnv(2)
    with pytest.raises(ResetNeeded):
        vector.step(np.zeros(2, int))
    with pytest.raises(ValueError, match="got 3"):
        vector.reset(seed=[1, 2, 3])
    with pytest.raises(ValueError, match="reset_mask is a bool array"):
        vector.reset(options={"reset_mask": np.ones(2)})


def test_render_returns_a_frame_a_board() -> None:
    vector = MNKVectorEnv(2, render_mode="rgb_array", render_size=(96, 96))
    vector.reset(seed=0)
    frames = vector.render()
    assert frames is not None
    assert [frame.shape for frame in frames] == [(96, 96, 3)] * 2
    vector.close()


def test_weighted_pools_draw_in_proportion() -> None:
    pool = Pool([EpsilonMinimax(1.0), EpsilonMinimax(0.5)], [1, 3])
    vector = MNKVectorEnv(4000, opponent=pool)
    vector.reset(seed=0)
    share = (vector._boards.opponents == 1).mean()
    assert abs(share - 0.75) < 5 * np.sqrt(0.75 * 0.25 / 4000)
