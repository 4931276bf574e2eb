"""Exact grades of policies: published rationals, and properties of best responses."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.envs.mnk.best_response import (
    WIN_LOSS,
    best_response,
    best_response_value,
    exploitability,
    greedy_exploitability,
    greedy_nash_conv,
    match,
    nash_conv,
)
from etude.envs.mnk.opponents import EpsilonMinimax
from etude.envs.mnk.rules import FIRST, SECOND, MNKRules
from etude.envs.mnk.state_space import StateSpace, state_space
from etude.envs.mnk.tabular_policy import (
    check_policy,
    minimax_policy,
    tabulate,
    uniform_over,
    uniform_policy,
)

WINS = (1.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def space() -> StateSpace:
    return state_space(MNKRules(3, 3, 3))


def test_uniform_play_has_the_exploitability_that_open_spiel_finds(space: StateSpace) -> None:
    uniform = uniform_policy(space)
    assert exploitability(space, uniform) == pytest.approx(0.95982969576719, abs=1e-13)
    assert nash_conv(space, uniform) == pytest.approx(2 * 0.95982969576719, abs=1e-13)


@pytest.mark.parametrize(
    ("payoff", "only_optimal", "first", "second"),
    [
        (WIN_LOSS, False, Fraction(191, 192), Fraction(874, 945)),
        (WINS, False, Fraction(191, 192), Fraction(887, 945)),
        (WINS, True, Fraction(191, 192), Fraction(866, 945)),
        ((-1.0, 0.0, 0.0), True, -Fraction(161, 192), -Fraction(542, 945)),
    ],
    ids=["win minus loss", "wins", "wins without ever losing", "optimal with the worst ties"],
)
def test_best_responses_to_uniform_play_are_the_exact_rationals(
    space: StateSpace,
    payoff: tuple[float, float, float],
    only_optimal: bool,
    first: Fraction,
    second: Fraction,
) -> None:
    restrict_to = space.optimal if only_optimal else None
    uniform = uniform_policy(space)
    for side, expected in ((FIRST, first), (SECOND, second)):
        value = best_response_value(space, uniform, side, payoff, restrict_to)
        assert value == pytest.approx(float(expected), abs=1e-12)


@pytest.mark.parametrize(
    ("payoff", "least", "most"), [(WIN_LOSS, 4, 9), (WINS, 15, 58)], ids=["win minus loss", "wins"]
)
def test_ties_of_the_second_player_decide_how_often_they_lose(
    space: StateSpace, payoff: tuple[float, float, float], least: int, most: int
) -> None:
    uniform = uniform_policy(space)
    ties = best_response(space, uniform, SECOND, payoff).actions
    fewest = -best_response_value(space, uniform, SECOND, (0.0, 0.0, -1.0), ties)
    highest = best_response_value(space, uniform, SECOND, (0.0, 0.0, 1.0), ties)
    assert fewest * 945 == pytest.approx(least)
    assert highest * 945 == pytest.approx(most)


def test_matches_have_the_known_probabilities(space: StateSpace) -> None:
    uniform, minimax = uniform_policy(space), minimax_policy(space)
    assert match(space, uniform, uniform) == pytest.approx((0.5849, 0.1270, 0.2881), abs=5e-5)
    assert match(space, minimax, uniform) == pytest.approx((0.9678, 0.0322, 0.0), abs=5e-5)
    assert match(space, uniform, minimax) == pytest.approx((0.0, 0.2225, 0.7775), abs=5e-5)
    assert match(space, minimax, minimax) == pytest.approx((0.0, 1.0, 0.0), abs=1e-12)


def test_perfect_play_cannot_be_exploited(space: StateSpace) -> None:
    assert exploitability(space, minimax_policy(space)) == 0.0
    assert greedy_exploitability(space, space.optimal) == 0.0


def test_every_tied_move_counts_for_a_greedy_player(space: StateSpace) -> None:
    assert greedy_nash_conv(space, space.legal) == 2
    playable = space.optimal.copy()
    playable[0] = True
    assert greedy_nash_conv(space, playable) == 0  # every first move draws
    corner = space.row(space.rules.parse("X../.../..."))
    playable[corner, 1] = True  # the reply beside a corner loses
    assert greedy_nash_conv(space, playable) == 1
    assert 0.0 < nash_conv(space, uniform_over(playable)) < 1.0


def test_uniform_play_on_three_by_four_is_as_weak_as_another_program_says() -> None:
    space = state_space(MNKRules(3, 4, 3))
    assert exploitability(space, uniform_policy(space)) == pytest.approx(0.98984, abs=5e-6)


def random_policy(space: StateSpace, seed: int) -> np.ndarray:
    weights = np.random.default_rng(seed).random(space.legal.shape) ** 4 * space.legal
    sums = weights.sum(axis=1, keepdims=True)
    return weights / np.where(sums > 0, sums, 1.0)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["2,3,2", "3,3,3,gravity", "3,3,3,misere"]), st.integers(0, 2**32 - 1))
def test_best_responses_attain_their_value_and_nobody_does_better(name: str, seed: int) -> None:
    space = state_space(MNKRules.from_name(name))
    policy, rival = random_policy(space, seed), random_policy(space, seed + 1)
    for side in (FIRST, SECOND):
        response = best_response(space, policy, side)
        answer = uniform_over(response.actions)
        pair, rivals = ((answer, policy), (rival, policy))
        if side == SECOND:
            pair, rivals = pair[::-1], rivals[::-1]
        sign = 1 if side == FIRST else -1
        attained, other = match(space, *pair), match(space, *rivals)
        assert sign * (attained.win - attained.loss) == pytest.approx(response.value, abs=1e-9)
        assert sign * (other.win - other.loss) <= response.value + 1e-9


@settings(max_examples=10, deadline=None)
@given(st.floats(0.0, 1.0))
def test_tabulated_opponents_are_their_own_fast_tables(epsilon: float) -> None:
    space = state_space(MNKRules(3, 2, 2))
    table = tabulate(space, EpsilonMinimax(epsilon))
    assert np.allclose(table, minimax_policy(space, epsilon), atol=1e-12)


def test_invalid_policies_are_named_by_what_is_wrong(space: StateSpace) -> None:
    uniform = uniform_policy(space)
    with pytest.raises(ValueError, match=r"\(5478, 9\), got float64 \(5478, 8\)"):
        best_response(space, uniform[:, :8].copy(), FIRST)
    doubled, illegal = uniform.copy(), uniform.copy()
    doubled[0] *= 2.0
    with pytest.raises(ValueError, match=r"sum to 1, got others in 1 states, such as '\.\.\./"):
        check_policy(space, doubled, FIRST)
    illegal[1] = np.eye(9)[0]
    with pytest.raises(ValueError, match="no weight to illegal moves, got some in 1 states"):
        check_policy(space, illegal, SECOND)
    with pytest.raises(ValueError, match="a side is 0"):
        best_response(space, uniform, 2)


def test_rows_of_the_other_side_and_terminal_rows_are_not_checked(space: StateSpace) -> None:
    policy = uniform_policy(space)
    policy[space.to_move == SECOND] = 0.0
    assert best_response_value(space, policy, SECOND) == pytest.approx(874 / 945)


def test_masks_must_leave_a_move(space: StateSpace) -> None:
    nothing = np.zeros_like(space.legal)
    with pytest.raises(ValueError, match="the responder needs an allowed move"):
        best_response(space, uniform_policy(space), FIRST, restrict_to=nothing)
    with pytest.raises(ValueError, match="at least one move until the game ends, got none in 4520"):
        greedy_nash_conv(space, nothing)
    with pytest.raises(ValueError, match="only legal moves are playable"):
        greedy_nash_conv(space, np.ones_like(space.legal))
    with pytest.raises(ValueError, match="are a boolean mask of shape"):
        greedy_nash_conv(space, space.legal.astype(np.float64))
