"""What surrounds learning: budgets, blocks, progress, Ctrl-C, and games inside environments."""

import inspect
import signal
import threading
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.wrappers import FlattenObservation, RecordEpisodeStatistics, TimeLimit
from hypothesis import given, settings
from hypothesis import strategies as st

import etude
from etude.agents.dyna import DynaAgent
from etude.agents.games import EnvGames, Game, make_partner, play_game
from etude.agents.learning import Budget
from etude.agents.monte_carlo import MonteCarloAgent
from etude.agents.ntuple import NTupleAgent
from etude.agents.ntuple_network import NTupleConfig
from etude.agents.presets import PRESETS
from etude.agents.protocol import Learner
from etude.agents.td_value import BACKUPS, TDSettings, TDValueAgent
from etude.envs.mnk.game_graph import Node, game_graph
from etude.envs.mnk.observation import flat_planes
from etude.envs.mnk.opponents import make_opponent
from etude.envs.mnk.rules import FIRST, SECOND, MNKRules, Position
from etude.foundations.interrupts import HeldInterrupt

gym.register_envs(etude)

RULES = MNKRules(3, 3, 3)
DROP = MNKRules(3, 4, 3, gravity=True)
SMALL = NTupleConfig(num_tuples=5, tuple_length=4)


def make_ntuple(rules: MNKRules = RULES, seed: int = 0) -> NTupleAgent:
    return NTupleAgent(rules, SMALL, np.random.default_rng(seed))


AGENTS: dict[str, Callable[[], Any]] = {
    "td": lambda: TDValueAgent(RULES, seed=0),
    "mc": lambda: MonteCarloAgent(RULES, seed=0),
    "dyna": lambda: DynaAgent(RULES, seed=0),
    "ntuple": make_ntuple,
}


def make_env(rules: MNKRules = RULES, **settings: Any) -> gym.Env[Any, Any]:
    board = {"m": rules.m, "n": rules.n, "k": rules.k, "gravity": rules.gravity}
    return gym.make("etude/MNK-v0", **board, **settings)


# Budgets


@pytest.mark.parametrize("name", AGENTS)
def test_all_learn_by_one_signature(name: str) -> None:
    agent = AGENTS[name]()
    assert isinstance(agent, Learner)
    expected = inspect.signature(Learner.learn).parameters
    learns = inspect.signature(type(agent).learn).parameters
    assert {key: learns[key].default for key in expected} == {
        key: parameter.default for key, parameter in expected.items()
    }


@pytest.mark.parametrize("name", AGENTS)
@pytest.mark.parametrize("opponent", ["self", "uniform"])
def test_learning_ends_with_the_game_that_reaches_the_timesteps(name: str, opponent: str) -> None:
    counts: list[tuple[int, int]] = []
    agent = AGENTS[name]()
    agent.learn(
        opponent=opponent,
        total_timesteps=100,
        progress=lambda agent: counts.append((agent.num_games, agent.num_timesteps)),
    )
    longest = 9 if opponent == "self" else 5
    assert 100 <= agent.num_timesteps < 100 + longest
    assert counts[-1] == (agent.num_games, agent.num_timesteps)
    assert all(timesteps < 100 for _, timesteps in counts[:-1])
    # one game less is too few: the same agent that plays all games but the last
    shorter = AGENTS[name]().learn(agent.num_games - 1, opponent)
    assert shorter.num_timesteps < 100


@pytest.mark.parametrize("name", [name for name in PRESETS if PRESETS[name].has_fast_path])
def test_the_compiled_path_counts_the_same_decisions(name: str) -> None:
    preset = PRESETS[name]
    pure, fast = (preset.make(RULES, 3) for _ in range(2))
    for total in (20, 60):
        pure.learn(total, preset.opponent)
        fast.learn(total, preset.opponent, fast=True)
        assert pure.num_timesteps == fast.num_timesteps >= pure.num_games * 2
    pure.learn(opponent=preset.opponent, total_timesteps=150)
    fast.learn(opponent=preset.opponent, total_timesteps=150, fast=True)
    assert (pure.num_games, pure.num_timesteps) == (fast.num_games, fast.num_timesteps)


def test_timesteps_are_moves_of_the_learner() -> None:
    """Without symmetry each entry of the table is a position, and each visit of it a decision."""
    agent = TDValueAgent(RULES, TDSettings(symmetric=False), seed=0).learn(30, "uniform")
    assert agent.num_timesteps == sum(agent.table.visits().values())
    both = TDValueAgent(RULES, TDSettings(symmetric=False), seed=0).learn(30)
    stones = [position.num_stones for position in both.table.visits()]
    assert both.num_timesteps == sum(both.table.visits().values())
    assert {1, 2, 3, 4, 5} <= set(stones)


@pytest.mark.parametrize("name", AGENTS)
@pytest.mark.parametrize(
    ("budget", "message"),
    [
        ({}, "either total_games or total_timesteps, got None and None"),
        ({"total_games": 1, "total_timesteps": 1}, "got 1 and 1; give one"),
        ({"total_games": 0}, "at least 1 game, got 0"),
        ({"total_timesteps": 0}, "at least 1 timestep, got 0"),
    ],
)
def test_a_budget_is_one_number(name: str, budget: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        AGENTS[name]().learn(**budget)


@given(left=st.integers(1, 10_000))
def test_a_safe_number_of_games_cannot_use_up_the_budget_before_its_last_game(left: int) -> None:
    num_games = Budget(total_timesteps=left).safe_games(left, RULES)
    assert 1 <= num_games <= left
    assert (num_games - 1) * RULES.num_cells < left


@pytest.mark.parametrize("name", AGENTS)
def test_timesteps_are_kept_in_the_file(name: str, tmp_path: Any) -> None:
    agent = AGENTS[name]().learn(10)
    agent.save(tmp_path / "agent.npz")
    assert type(agent).load(tmp_path / "agent.npz").num_timesteps == agent.num_timesteps > 50


# Ctrl-C


@pytest.mark.parametrize("name", AGENTS)
def test_ctrl_c_leaves_whole_games(name: str) -> None:
    """Ctrl-C comes in the middle of a game, at the opponent's turn."""
    agent, num_moves = AGENTS[name](), 0

    def interrupts(observation: Any, mask: Any) -> int:
        nonlocal num_moves
        num_moves += 1
        if num_moves == 50:
            signal.raise_signal(signal.SIGINT)
        return int(np.flatnonzero(mask)[0])

    with pytest.raises(KeyboardInterrupt):
        agent.learn(10**6, interrupts)
    stopped_at = agent.num_games
    assert 10 < stopped_at < 10**4
    again = AGENTS[name]().learn(stopped_at, lambda _, mask: int(np.flatnonzero(mask)[0]))
    assert (again.num_games, again.num_timesteps) == (stopped_at, agent.num_timesteps)
    position = RULES.parse("X../.O./...")
    assert again.action_values(position) == agent.action_values(position)
    assert agent.learn(5).num_games == stopped_at + 5
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def press_ctrl_c_twice(reached: list[str]) -> None:
    with HeldInterrupt() as interrupt:
        signal.raise_signal(signal.SIGINT)
        assert interrupt.requested
        reached.append("after the first")
        signal.raise_signal(signal.SIGINT)
        reached.append("after the second")


def test_a_second_ctrl_c_is_not_held_back() -> None:
    reached: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        press_ctrl_c_twice(reached)
    assert reached == ["after the first"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_who_handles_ctrl_c_goes_on_doing_so() -> None:
    seen: list[int] = []
    previous = signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
    try:
        with HeldInterrupt() as interrupt:
            signal.raise_signal(signal.SIGINT)
            assert not interrupt.requested
    finally:
        signal.signal(signal.SIGINT, previous)
    assert seen == [signal.SIGINT]


def test_agents_learn_in_threads() -> None:
    agent = TDValueAgent(RULES, seed=0)
    thread = threading.Thread(target=agent.learn, args=(10,))
    thread.start()
    thread.join()
    assert agent.num_games == 10


# Environments


@pytest.mark.parametrize("name", AGENTS)
@pytest.mark.parametrize("rules", [RULES, DROP], ids=lambda rules: rules.name)
def test_an_environment_of_self_play_is_self_play(name: str, rules: MNKRules) -> None:
    makers: dict[str, Callable[[], Any]] = {
        "td": lambda: TDValueAgent(rules),
        "mc": lambda: MonteCarloAgent(rules),
        "dyna": lambda: DynaAgent(rules),
        "ntuple": lambda: make_ntuple(rules),
    }
    inside, outside = makers[name](), makers[name]()
    first, second = np.random.default_rng(5), np.random.default_rng(5)
    second.integers(1 << 31)  # the environment's seed
    inside.learn(80, env=make_env(rules, opponent="self"), rng=first)
    outside.learn(80, rng=second)
    assert first.random() == second.random()
    assert inside.num_timesteps == outside.num_timesteps
    position = rules.play(rules.play(Position(), 0), 1)
    assert inside.action_values(position) == outside.action_values(position)


def random_choice(seed: int) -> Callable[[Node], tuple[Node, bool]]:
    rng = np.random.default_rng(seed)
    return lambda node: (node.play(int(rng.choice(node.legal))), False)


@given(
    seed=st.integers(0, 2**31),
    rules=st.sampled_from([RULES, DROP]),
    opponent=st.sampled_from(["uniform", "minimax", "self"]),
    side=st.sampled_from(["first", "second", "random"]),
)
@settings(max_examples=60, deadline=None)
def test_games_in_an_environment_are_those_that_were_played(
    seed: int, rules: MNKRules, opponent: str, side: str
) -> None:
    """Two games; what is read off the observations is what the environment knows."""
    env = make_env(rules, opponent=opponent, agent_side=side)
    games = EnvGames(rules, env, np.random.default_rng(seed))
    for _ in range(2):
        game = games.play(random_choice(seed))
        position = Position()
        for ply, node in enumerate(game.afterstates):
            assert node.position in [
                rules.play(position, action) for action in rules.legal_actions(position)
            ]
            position = node.position
            is_learners = game.learner in (None, ply % 2)
            assert game.greedy[ply] is not is_learners or opponent == "self"
        assert position == env.unwrapped.position  # type: ignore[attr-defined]
        assert rules.outcome(position) is not None
        if opponent == "self":
            assert game.learner is None
        elif side != "random":
            assert game.learner == (FIRST if side == "first" else SECOND)


def test_an_environment_is_seeded_once() -> None:
    games = [TDValueAgent(RULES, seed=1).learn(60, env=make_env()) for _ in range(2)]
    assert games[0].table.values() == games[1].table.values()
    learned_sides = {position.num_stones % 2 for position in games[0].table.visits()}
    assert learned_sides == {0, 1}  # the sides differ from game to game


def test_wrapped_environments_are_played_in() -> None:
    env = FlattenObservation(RecordEpisodeStatistics(make_env(observation="planes")))
    agent = TDValueAgent(RULES, seed=1).learn(40, env=env)
    plain = TDValueAgent(RULES, seed=1).learn(40, env=make_env())
    assert agent.table.values() == plain.table.values()


def test_learning_in_an_environment_pays() -> None:
    settings_against_random = TDSettings(backup="max", step_size=0.1, exploration=0.3)
    agent = TDValueAgent(RULES, settings_against_random, seed=0)
    agent.learn(total_timesteps=6_000, env=gym.make("etude/TicTacToe-v0"))
    pool = np.random.default_rng(0)
    results = [play_result(agent, make_opponent("uniform"), pool) for _ in range(300)]
    assert np.mean(results) > 0.75  # random play has 0


def play_result(agent: TDValueAgent, opponent: Any, rng: np.random.Generator) -> int:
    def choose(node: Node) -> tuple[Node, bool]:
        action, _ = agent.predict(flat_planes(RULES, node.position, node.to_move))
        return node.play(int(action)), True

    game = play_game(game_graph(RULES), opponent, choose, rng)
    outcome = game.afterstates[-1].outcome
    assert outcome is not None
    return outcome if game.learner == FIRST else -outcome


@pytest.mark.parametrize("name", AGENTS)
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"env": DROP, "opponent": "uniform"}, "got env and opponent='uniform'"),
        ({"env": DROP}, "its own board, tictactoe, got .* rules 3,4,3,gravity"),
        ({"env": RULES, "observation": "signed"}, "flat observations of 18 features"),
        ({"env": RULES, "observation": "dict"}, "flat observations of 18 features"),
    ],
)
def test_environments_that_do_not_fit(name: str, options: dict[str, Any], message: str) -> None:
    options = dict(options)
    env = make_env(options.pop("env"), observation=options.pop("observation", "flat"))
    with pytest.raises(ValueError, match=message):
        AGENTS[name]().learn(1, env=env, **options)


def test_the_compiled_path_plays_its_own_games() -> None:
    with pytest.raises(ValueError, match="fast=True and env"):
        TDValueAgent(RULES).learn(1, env=make_env(), fast=True)


def test_a_batch_is_no_environment() -> None:
    with pytest.raises(TypeError, match="single environment"):
        make_partner(RULES, "self", gym.make_vec("etude/TicTacToe-v0"), np.random.default_rng())  # type: ignore[arg-type]


def test_games_that_are_cut_short_are_refused() -> None:
    agent = TDValueAgent(RULES, seed=0)
    with pytest.raises(ValueError, match=r"ends when the game .* truncated=True"):
        agent.learn(1, env=TimeLimit(make_env(), 2))
    assert agent.num_games == agent.num_timesteps == 0


class StartsLater(gym.Wrapper[Any, Any, Any, Any]):
    def reset(self, **_: Any) -> Any:
        return self.env.reset(options={"position": "XO./.../..."})


def test_games_begin_at_the_beginning() -> None:
    with pytest.raises(ValueError, match=r"begins with an empty board .* got XO"):
        TDValueAgent(RULES).learn(1, env=StartsLater(make_env(agent_side="first")))


class ShowsNothing(gym.ObservationWrapper[Any, Any, Any]):
    def observation(self, observation: Any) -> Any:
        return observation * 0


def test_observations_of_another_game_are_noticed() -> None:
    with pytest.raises(ValueError, match="shows the learner's move and the answer"):
        TDValueAgent(RULES).learn(1, env=ShowsNothing(make_env(agent_side="first")))


@pytest.mark.parametrize("backup", BACKUPS)
def test_only_the_own_side_is_learned_from_in_an_environment(backup: str) -> None:
    agent = TDValueAgent(RULES, TDSettings(backup=backup, symmetric=False), seed=0)
    agent.learn(30, env=make_env(agent_side="second"))
    assert {position.num_stones % 2 for position in agent.table.visits()} == {0}


def test_a_game_knows_whose_moves_are_learned_from() -> None:
    node = game_graph(RULES).root
    assert list(Game([node] * 5, [True] * 5, None).learning_plies()) == [0, 1, 2, 3, 4]
    assert list(Game([node] * 5, [True] * 5, SECOND).learning_plies()) == [1, 3]
