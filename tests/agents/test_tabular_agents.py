"""What all agents with a table share: play, values, policies; and what the presets reach."""

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etude.agents.dyna import DynaAgent, DynaSettings
from etude.agents.features import Fold
from etude.agents.perfect_play import PerfectPlayAgent
from etude.agents.presets import MOST_POINTS, NEVER_LOSES, OPTIMA, PRESETS, find_preset
from etude.agents.protocol import ValueAgent
from etude.agents.tabular_agent import TabularAgent
from etude.agents.td_value import TDValueAgent
from etude.envs.mnk.best_response import Match, best_response_value, match
from etude.envs.mnk.observation import flat_planes
from etude.envs.mnk.opponents import AgentOpponent
from etude.envs.mnk.rules import FIRST, SECOND, MNKRules, Position
from etude.envs.mnk.state_space import state_space
from etude.envs.mnk.tabular_policy import check_playable, check_policy, uniform_policy

RULES = MNKRules(3, 3, 3)


def both_seats(agent: TabularAgent) -> Match:
    """The result against a random opponent, mean of both seats, seen by the agent."""
    space = state_space(agent.rules)
    policy, uniform = agent.policy_table(space), uniform_policy(space)
    first, second = match(space, policy, uniform), match(space, uniform, policy)
    return Match(
        (first.win + second.loss) / 2, (first.draw + second.draw) / 2, (first.loss + second.win) / 2
    )


@pytest.mark.parametrize("name", PRESETS)
def test_presets_make_value_agents(name: str) -> None:
    preset = find_preset(name)
    agent = preset.make(RULES, 0).learn(50, preset.opponent)
    assert isinstance(agent, ValueAgent)
    assert preset.optimum in OPTIMA
    if preset.has_fast_path:
        assert preset.make(RULES, 0).learn(50, preset.opponent, fast=True).num_games == 50
    else:
        with pytest.raises(ValueError, match="no compiled path"):
            agent.learn(1, fast=True)


def test_unknown_presets_are_named() -> None:
    with pytest.raises(ValueError, match="did you mean 'perfect'"):
        find_preset("perfct")


def test_named_optima_are_what_best_responses_reach() -> None:
    space = state_space(RULES)
    uniform = uniform_policy(space)
    seats = (FIRST, SECOND)

    def best(payoff: tuple[float, float, float], never_loses: bool = False) -> float:
        allowed = space.optimal if never_loses else None
        return sum(best_response_value(space, uniform, seat, payoff, allowed) for seat in seats) / 2

    assert OPTIMA[MOST_POINTS] == pytest.approx(best((1.0, 0.0, -1.0)))
    assert OPTIMA["most wins against random"] == pytest.approx(best((1.0, 0.0, 0.0)))
    assert OPTIMA[NEVER_LOSES] == pytest.approx(best((1.0, 0.0, 0.0), never_loses=True))


@pytest.mark.parametrize("fast", [True, False])
def test_perfect_preset_is_perfect_and_beats_random_as_often_as_that_allows(fast: bool) -> None:
    for seed in range(10 if fast else 2):
        agent = PRESETS["perfect"].train(RULES, seed, fast=fast)
        assert agent.exploitability() == 0.0
        win, _, loss = both_seats(agent)
        assert win == pytest.approx(OPTIMA[NEVER_LOSES], abs=1e-12)
        assert loss == 0.0


def test_max_backup_preset_reaches_exploitability_zero() -> None:
    for seed in range(5):
        assert PRESETS["max-backup"].train(RULES, seed, fast=True).exploitability() == 0.0


def test_presets_against_random_reach_their_optima() -> None:
    wins = both_seats(PRESETS["win-most"].train(RULES, 0, fast=True)).win
    assert wins == pytest.approx(OPTIMA["most wins against random"], abs=1e-3)
    win, _, loss = both_seats(PRESETS["beat-random"].train(RULES, 0, fast=True))
    assert win - loss == pytest.approx(OPTIMA[MOST_POINTS], abs=1e-3)


@pytest.mark.parametrize("symmetric", [True, False])
def test_fast_perfect_play_is_the_same(symmetric: bool) -> None:
    for rules in (RULES, MNKRules(3, 3, 3, gravity=True), MNKRules(3, 3, 3, misere=True)):
        pure, fast = (PerfectPlayAgent(rules, symmetric, seed=4) for _ in range(2))
        pure.learn(40).learn(40)
        fast.learn(40, fast=True).learn(40, fast=True)
        space = state_space(rules)
        for one, other in zip(
            pure.table.peek_arrays(space), fast.table.peek_arrays(space), strict=True
        ):
            np.testing.assert_array_equal(one, other)


def test_perfect_play_learns_by_self_play_alone() -> None:
    for fast in (True, False):
        with pytest.raises(ValueError, match="self-play"):
            PerfectPlayAgent(RULES).learn(1, "uniform", fast=fast)


def test_dyna_learns_how_the_opponent_answers_and_profits() -> None:
    agent = DynaAgent(RULES, DynaSettings(exploration=1.0), seed=0).learn(800, "uniform")
    corner = RULES.play(Position(), 0)
    frequencies = agent.answer_frequencies(corner)
    centre = Fold(RULES)(RULES.play(corner, 4))
    assert sum(frequencies.values()) == pytest.approx(1.0)
    assert frequencies[centre] == pytest.approx(1 / 8, abs=0.1)
    win, _, loss = both_seats(DynaAgent(RULES, seed=0).learn(1_500, "uniform"))
    assert win - loss > 0.8  # random play has 0; seeds 0 to 2 reached .839 to .906


def test_predict_is_the_same_single_and_batched() -> None:
    agent = PRESETS["perfect"].train(RULES, 0, fast=True)
    space = state_space(RULES)
    positions = [space.position(int(row)) for row in np.flatnonzero(space.ongoing)[::50]]
    flat = np.stack([flat_planes(RULES, position, position.to_move) for position in positions])
    actions, state = agent.predict(flat, state="passed through")
    assert state == "passed through"
    assert actions.shape == (len(positions),)
    assert [int(agent.predict(one)[0]) for one in flat] == actions.tolist()
    playable = agent.playable_table(space)
    for position, action in zip(positions, actions.tolist(), strict=True):
        best = agent.best_actions(position)
        assert action == best[0]
        np.testing.assert_array_equal(np.flatnonzero(playable[space.row(position)]), best)


def test_predict_keeps_to_the_mask_and_draws_among_equals() -> None:
    agent = TDValueAgent(RULES, seed=0)
    empty = np.zeros(18, np.float32)
    mask = np.zeros(9, np.bool_)
    mask[[2, 7]] = True
    drawn = {
        int(agent.predict(empty, deterministic=False, action_masks=mask)[0]) for _ in range(50)
    }
    assert drawn == {2, 7}
    assert agent.predict(empty, action_masks=mask)[0] == 2
    with pytest.raises(ValueError, match="flat observations of 18 features"):
        agent.predict(np.zeros(9, np.float32))


def test_values_are_between_minus_one_and_one_and_exact_at_the_end() -> None:
    agent = PRESETS["perfect"].train(RULES, 1, fast=True)
    assert agent.value(Position()) == 0.0
    fork = RULES.parse("XX./OO./...")
    assert agent.value(fork) == 1.0
    assert agent.action_values(fork)[2] == 1.0
    assert agent.action_values(fork)[8] == -1.0
    lost = RULES.parse("XXX/OO./...")
    assert agent.value(lost) == -1.0
    assert agent.action_values(lost) == {}
    assert TDValueAgent(RULES).action_values(Position()) == dict.fromkeys(range(9), 0.0)


def test_tables_are_policies() -> None:
    agent = TDValueAgent(RULES, seed=0).learn(100)
    space = state_space(RULES)
    check_playable(space, agent.playable_table())
    for side in (FIRST, SECOND):
        check_policy(space, agent.policy_table(), side)


def test_agents_play_in_both_evaluate_policy_functions() -> None:
    sb3 = pytest.importorskip("stable_baselines3.common.evaluation")
    contrib = pytest.importorskip("sb3_contrib.common.maskable.evaluation")
    monitor = pytest.importorskip("stable_baselines3.common.monitor")
    agent = PRESETS["perfect"].train(RULES, 0, fast=True)
    env = monitor.Monitor(gym.make("etude/TicTacToe-v0", opponent="minimax"))
    assert sb3.evaluate_policy(agent, env, n_eval_episodes=10) == (0.0, 0.0)
    assert contrib.evaluate_policy(agent, env, n_eval_episodes=10) == (0.0, 0.0)


def test_agents_are_opponents_for_each_other() -> None:
    perfect = PRESETS["perfect"].train(RULES, 0, fast=True)
    learner = TDValueAgent(RULES, seed=0).learn(50, perfect)
    assert learner.learn(50, AgentOpponent(perfect), fast=True).num_games == 100
    with pytest.raises(ValueError, match="at least 1 game"):
        learner.learn(0)


@given(row=st.integers(0, 5477), rules=st.sampled_from([RULES, MNKRules(3, 3, 3, gravity=True)]))
def test_images_of_a_position_have_one_key(row: int, rules: MNKRules) -> None:
    space = state_space(rules)
    position = space.position(row % len(space))
    fold = Fold(rules)
    assert {fold(rules.transform(position, s)) for s in rules.symmetries} == {fold(position)}
    assert fold(position) == rules.canonical(position)
    assert Fold(rules, symmetric=False)(position) == position


def test_folding_moves_boards_of_several_pieces() -> None:
    rules = MNKRules(6, 7, 4)
    position = Position(0b1011 << 20 | 1 << 41, 0b101 << 7)
    images = {Fold(rules)(rules.transform(position, s)) for s in rules.symmetries}
    assert images == {rules.canonical(position)}
