"""MNKEnv: Gymnasium's contracts, the rules of a step, and its errors."""

import copy
import pickle
import subprocess
import sys
import warnings
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env
from hypothesis import given
from hypothesis import strategies as st
from stable_baselines3 import A2C
from stable_baselines3.common.env_checker import check_env as sb3_check_env

import etude
from etude.envs.mnk.env import MNKEnv
from etude.envs.mnk.observation import OBSERVATIONS
from etude.envs.mnk.opponents import Pool
from etude.envs.mnk.rules import MNKRules
from etude.envs.mnk.solver import solver_for
from etude.envs.mnk.state_space import state_space
from etude.envs.mnk.tabular_policy import TabularOpponent, minimax_policy, tabulate
from etude.envs.registration import BOARDS

gym.register_envs(etude)

KINDS = [
    (env_id, kind)
    for env_id in BOARDS
    for kind in OBSERVATIONS
    if (env_id, kind) != ("etude/ConnectFour-v0", "index")  # 3**42 boards do not fit an int64
]


@pytest.mark.parametrize("opponent", ["uniform", "self"])
@pytest.mark.parametrize(("env_id", "kind"), KINDS)
def test_gymnasium_checks_every_id_and_observation(env_id: str, kind: str, opponent: str) -> None:
    env = gym.make(env_id, observation=kind, opponent=opponent, disable_env_checker=True)
    check_env(env.unwrapped)
    env.close()


@pytest.mark.parametrize(("env_id", "kind"), KINDS)
def test_sb3_checks_every_id_and_observation(env_id: str, kind: str) -> None:
    env = gym.make(env_id, observation=kind)
    with warnings.catch_warnings():
        if kind == "planes":  # SB3 prefers pictures or vectors
            warnings.filterwarnings("ignore", "It seems that your observation")
            warnings.filterwarnings("ignore", "The minimal resolution for an image")
        sb3_check_env(env.unwrapped)
    env.close()


def test_sb3_trains_by_id() -> None:
    model = A2C("MlpPolicy", "etude:etude/TicTacToe-v0", seed=0, device="cpu")
    model.learn(100)
    assert model.num_timesteps == 100


def test_index_observations_need_a_board_that_fits() -> None:
    with pytest.raises(ValueError, match="at most 39 cells, got 42"):
        gym.make("etude/ConnectFour-v0", observation="index")


def test_ids_work_with_prefix_in_a_spawned_process() -> None:
    code = (
        "import gymnasium as gym\n"
        "from gymnasium.vector import AsyncVectorEnv\n"
        "if __name__ == '__main__':\n"
        "    make = lambda: gym.make('etude:etude/TicTacToe-v0')\n"
        "    env = AsyncVectorEnv([make] * 2, context='spawn')\n"
        "    print(env.reset(seed=0)[0].shape)\n"
        "    env.close()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(2, 18)"


@pytest.mark.parametrize("order", ["import etude, gymnasium", "import gymnasium, etude"])
def test_ids_are_registered_whichever_is_imported_first(order: str) -> None:
    code = (
        f"{order}\ngymnasium.register_envs(etude)\nprint(gymnasium.spec('etude/MNK-v0').to_json())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "etude.envs.mnk.env:MNKEnv" in done.stdout


def test_a_known_game_against_a_scripted_opponent() -> None:
    script = iter([0, 8])
    env = MNKEnv(opponent=lambda observation, mask: next(script), agent_side="first")
    observation, info = env.reset(seed=0)
    assert not observation.any()
    assert info["action_mask"].tolist() == [1] * 9
    observation, reward, terminated, truncated, info = env.step(4)
    assert (reward, terminated, truncated) == (0.0, False, False)
    assert np.flatnonzero(observation).tolist() == [4, 9 + 0]
    assert np.flatnonzero(info["action_mask"]).tolist() == [1, 2, 3, 5, 6, 7, 8]
    env.step(3)
    observation, reward, terminated, truncated, info = env.step(5)
    assert (reward, terminated, truncated) == (1.0, True, False)
    assert info["outcome"] == 1
    assert info["illegal_action"] is False
    assert not info["action_mask"].any()
    assert env.legal_actions() == []
    with pytest.raises(ResetNeeded, match="call reset"):
        env.step(1)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("flat", [0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]),
        ("signed", [-1, 1, -1, 0, 0, 0, 0, 0, 0]),
        ("index", 2 * 1 + 1 * 3 + 2 * 9),
    ],
)
def test_observations_show_the_board_from_the_learners_side(kind: str, expected: Any) -> None:
    env = MNKEnv(observation=kind, agent_side="second", opponent=_lowest)
    env.reset()
    observation, *_ = env.step(1)
    np.testing.assert_array_equal(observation, expected)


@pytest.mark.parametrize("kind", OBSERVATIONS)
def test_observations_lie_in_their_space_and_agree(kind: str) -> None:
    env, reference = (
        MNKEnv(4, 5, 3, observation=form, illegal_move="ignore") for form in (kind, "flat")
    )
    rng = np.random.default_rng(1)
    observation, _ = env.reset(seed=7)
    flat, info = reference.reset(seed=7)
    for _ in range(30):
        assert env.observation_space.contains(observation)
        own, other = flat.reshape(2, -1)
        powers = 3 ** np.arange(20)
        expected = {
            "flat": flat,
            "planes": flat.reshape(2, 4, 5),
            "signed": own - other,
            "index": int(own @ powers + 2 * (other @ powers)),
            "dict": {"observation": flat, "action_mask": info["action_mask"]},
        }[kind]
        if isinstance(expected, dict):
            np.testing.assert_array_equal(observation["observation"], flat)
            np.testing.assert_array_equal(observation["action_mask"], info["action_mask"])
        else:
            np.testing.assert_array_equal(observation, expected)
        action = int(rng.integers(20))
        observation, _, terminated, _, _ = env.step(action)
        flat, _, _, _, info = reference.step(action)
        if terminated:
            observation, _ = env.reset()
            flat, info = reference.reset()


def test_the_opponent_sees_the_board_from_its_side() -> None:
    seen = []

    def watch(observation: np.ndarray, mask: np.ndarray) -> int:
        seen.append((observation, mask))
        return int(np.flatnonzero(mask)[0])

    env = MNKEnv(opponent=watch, agent_side="first")
    env.reset()
    env.step(4)
    observation, mask = seen[0]
    assert np.flatnonzero(observation).tolist() == [9 + 4]
    assert np.flatnonzero(mask).tolist() == [0, 1, 2, 3, 5, 6, 7, 8]


def test_self_play_turns_the_board_and_rewards_the_mover() -> None:
    env = MNKEnv(opponent="self")
    env.reset()
    views = [env.step(action)[0] for action in (0, 3)]
    assert np.flatnonzero(views[0]).tolist() == [9]
    assert np.flatnonzero(views[1]).tolist() == [0, 9 + 3]
    env.step(1)
    env.step(4)
    _, reward, terminated, _, info = env.step(2)
    assert (reward, terminated, info["outcome"]) == (1.0, True, 1)


@pytest.mark.parametrize(("side", "taken"), [("first", 4), ("second", 0)])
def test_an_illegal_move_loses(side: str, taken: int) -> None:
    env = MNKEnv(agent_side=side, loss_reward=-3.0, opponent=_lowest)
    env.reset()
    env.step(4)
    _, reward, terminated, _, info = env.step(taken)
    assert (reward, terminated, info["outcome"], info["illegal_action"]) == (-3.0, True, -1, True)


def test_an_illegal_move_is_ignored_on_request() -> None:
    env = MNKEnv(illegal_move="ignore", agent_side="first", opponent=_lowest)
    env.reset()
    before = env.step(4)[0]
    after, reward, terminated, _, _ = env.step(4)
    np.testing.assert_array_equal(before, after)
    assert (reward, terminated) == (0.0, False)


def test_an_illegal_move_raises_on_request() -> None:
    env = MNKEnv(illegal_move="raise", agent_side="first", opponent=_lowest)
    env.reset()
    env.step(4)
    with pytest.raises(ValueError, match="that cell is taken; legal in"):
        env.step(4)
    env.step(8)


def _lowest(observation: np.ndarray, mask: np.ndarray) -> int:
    return int(np.flatnonzero(mask)[0])


@pytest.mark.parametrize("action", [9, -1, 100])
def test_actions_outside_the_space_are_errors(action: int) -> None:
    env = MNKEnv(agent_side="first")
    env.reset()
    with pytest.raises(ValueError, match=f"from 0 to 8, got {action}"):
        env.step(action)
    env.step(np.int64(0))


@pytest.mark.parametrize("action", [1.0, "4", None, np.array([1.5])])
def test_actions_that_are_no_integers_are_errors(action: Any) -> None:
    env = MNKEnv()
    env.reset()
    with pytest.raises(TypeError, match="an action is an integer"):
        env.step(action)


def test_step_before_reset() -> None:
    with pytest.raises(ResetNeeded, match="call reset"):
        MNKEnv().step(0)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"opponent": "minmax"}, "did you mean 'minimax'"),
        ({"opponent": "epsilon_minimax:1.5"}, "between 0 and 1"),
        ({"opponent": "epsilon_minimax:x"}, "between 0 and 1"),
        ({"opponent": "uniform:0.5"}, "did you mean 'uniform'"),
        ({"observation": "plane"}, "did you mean 'planes'"),
        ({"agent_side": "white"}, "first, second, random"),
        ({"illegal_move": "loose"}, "did you mean 'lose'"),
        ({"render_mode": "rgb_aray"}, "did you mean 'rgb_array'"),
        ({"k": 5}, "no line could ever win"),
        ({"m": 15, "n": 15, "k": 5, "exact_info": True}, "choose a smaller board"),
        ({"m": 15, "n": 15, "k": 5, "opponent": "minimax"}, "choose a smaller board"),
    ],
)
def test_wrong_arguments_name_the_nearest(kwargs: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MNKEnv(**kwargs)


def test_an_opponent_that_is_none() -> None:
    with pytest.raises(TypeError, match=r"an opponent is one of .* got int"):
        MNKEnv(opponent=3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"positon": "X../.../..."}, "did you mean 'position'"),
        ({"position": "XX./.../..."}, "got 2 X and 0 O"),
        ({"position": "XXX/OO./..."}, "not over"),
        ({"agent_side": "both"}, "first, second"),
    ],
)
def test_wrong_reset_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MNKEnv().reset(options=options)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (np.full(9, 0.2), "sum to 1"),
        (np.full(9, 1 / 9), "no weight to illegal moves, got \\[4\\]"),
        (np.array([1.5, -0.5, 0, 0, 0, 0, 0, 0, 0]), "not negative"),
        (np.full(9, np.nan), "not negative"),
        (np.ones(3) / 3, "9 probabilities, got float64 of shape \\(3,\\)"),
        (4, "that cell is taken"),
        (12, "numbered 0 to 8"),
        ("x", "integer action or 9 probabilities"),
    ],
)
def test_a_policy_that_is_none_leaves_the_game_as_it_was(answer: Any, message: str) -> None:
    answers = [answer, 0]
    env = MNKEnv(opponent=lambda observation, mask: answers.pop(0), agent_side="first")
    env.reset()
    with pytest.raises(ValueError, match=message):
        env.step(4)
    assert env.position.num_stones == 0
    observation, *_ = env.step(4)
    assert np.flatnonzero(observation).tolist() == [4, 9]


def test_a_tabular_policy_is_an_opponent() -> None:
    space = state_space(MNKRules())
    opponent = TabularOpponent(space, minimax_policy(space))
    env = MNKEnv(opponent=opponent, agent_side="first")
    env.reset(seed=0)
    env.step(4)
    assert env.position.second in (1 << 0, 1 << 2, 1 << 6, 1 << 8)  # only corners hold the draw
    np.testing.assert_array_equal(tabulate(space, opponent), minimax_policy(space))


def test_exact_info_is_the_solvers_answer() -> None:
    env = MNKEnv(exact_info=True, opponent="minimax", agent_side="first")
    _, info = env.reset(seed=0, options={"position": "XX./OO./..."})
    assert info["value"] == 1.0
    assert np.flatnonzero(info["optimal_actions"]).tolist() == [2]
    _, reward, _, _, info = env.step(2)
    assert info["value"] == reward == 1.0
    assert not info["optimal_actions"].any()


@given(st.integers(0, 2**32 - 1))
def test_minimax_never_loses(seed: int) -> None:
    env = MNKEnv(opponent="minimax")
    env.reset(seed=seed)
    rng = np.random.default_rng(seed)
    terminated = False
    while not terminated:
        _, reward, terminated, _, _ = env.step(int(rng.choice(env.legal_actions())))
    assert reward <= 0.0


def test_a_pool_draws_its_members() -> None:
    def corner(observation: np.ndarray, mask: np.ndarray) -> int:
        return 0

    def centre(observation: np.ndarray, mask: np.ndarray) -> int:
        return 4

    env = MNKEnv(opponent=Pool([corner, centre], [1, 3]), agent_side="second")
    env.reset(seed=0)
    openings = [int(np.flatnonzero(env.reset()[0])[0]) - 9 for _ in range(400)]
    assert set(openings) == {0, 4}
    assert abs(openings.count(4) / 400 - 0.75) < 0.11  # five standard deviations


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([],), "at least one"),
        ((["uniform"], [1, 2]), "as many weights"),
        ((["uniform"], [0]), "not all 0"),
    ],
)
def test_wrong_pools(arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Pool(*arguments)


def test_sides_are_drawn_evenly_and_fixed_on_request() -> None:
    env = MNKEnv()
    env.reset(seed=0)
    starts = [not env.reset()[0].any() for _ in range(1000)]
    assert abs(np.mean(starts) - 0.5) < 5 * 0.5 / np.sqrt(1000)
    second = MNKEnv(agent_side="second")
    assert all(second.reset(seed=seed)[0].sum() == 1 for seed in range(20))


@pytest.mark.parametrize("include_random", [False, True])
def test_set_state_goes_on_from_get_state(include_random: bool) -> None:
    env = MNKEnv(agent_side="first")
    env.reset(seed=0)
    env.step(4)
    state = env.get_state(include_random=include_random)
    action = env.legal_actions()[0]
    replies = set()
    for _ in range(30):
        env.set_state(state)
        observation, *_ = env.step(action)
        replies.add(tuple(np.flatnonzero(observation)))
    assert (len(replies) == 1) == include_random
    env.set_state(state)
    assert env.position == state.position
    with pytest.raises(ValueError, match="X moves first"):
        env.set_state(
            type(state)(**{**vars(state), "position": env.position._replace(second=0b11)})
        )


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_copies_play_on_alike_and_apart(clone: Any) -> None:
    env = MNKEnv(6, 7, 4, gravity=True)
    env.reset(seed=11)
    env.step(3)
    twin = clone(env)
    for action in (2, 2, 4):
        left, right = env.step(action), twin.step(action)
        np.testing.assert_array_equal(left[0], right[0])
        assert left[1:4] == right[1:4]
    assert env.np_random is not twin.np_random


@pytest.mark.parametrize("env_id", BOARDS)
def test_every_render_mode(env_id: str) -> None:
    for mode, kind in (("rgb_array", np.ndarray), ("ansi", str), ("human", type(None))):
        env = gym.make(env_id, render_mode=mode)
        env.reset(seed=0)
        env.step(0)
        frame = env.render()
        assert isinstance(frame, kind)
        if mode == "rgb_array":
            assert frame.shape == (480, 480, 3)
            assert frame.dtype == np.uint8
        env.close()
        env.close()


def test_record_video(tmp_path: Any) -> None:
    env = gym.make("etude/TicTacToe-v0", render_mode="rgb_array", render_size=(96, 96))
    env = gym.wrappers.RecordVideo(
        env, str(tmp_path / "videos"), episode_trigger=lambda episode: True
    )
    env.reset(seed=0)
    terminated = False
    while not terminated:
        action = env.action_space.sample(env.unwrapped.action_masks().astype(np.int8))
        _, _, terminated, _, _ = env.step(action)
    env.close()
    assert [path.suffix for path in (tmp_path / "videos").iterdir()] == [".mp4"]


def test_epsilon_minimax_errs_as_often_as_it_says() -> None:
    """In X.O/.X./... O must block on 8: it does with probability 1 - epsilon + epsilon / 6."""
    env = MNKEnv(opponent="epsilon_minimax:0.5", agent_side="first")
    env.reset(seed=0)
    blocked = 0
    for _ in range(2000):
        env.reset(options={"position": "X.O/.../...", "agent_side": "first"})
        env.step(4)
        blocked += env.position.second >> 8 & 1
    probability = 0.5 + 0.5 / 6
    spread = np.sqrt(probability * (1 - probability) / 2000)
    assert abs(blocked / 2000 - probability) < 5 * spread
    assert solver_for(env.rules).optimal_actions(env.rules.parse("X.O/.X./...")) == [8]
