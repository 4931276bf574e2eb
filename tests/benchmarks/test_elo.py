"""Elo ratings: closed forms, and what must hold of any tournament."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from etude.benchmarks.elo import elo_ratings, expected_score

POINTS = st.integers(2, 6).flatmap(
    lambda n: st_numpy.arrays(np.float64, (n, n), elements=st.integers(0, 40).map(float))
)


@pytest.mark.parametrize("score", [0.5, 0.55, 0.75, 0.99, 0.01])
def test_two_players_differ_by_the_logarithm_of_their_odds(score: float) -> None:
    points = 30 * np.array([[0.0, score], [1 - score, 0.0]])
    first, second = elo_ratings(points, virtual_draws=0.0)
    assert first - second == pytest.approx(400 * math.log10(score / (1 - score)))
    assert first + second == pytest.approx(0.0, abs=1e-6)
    assert expected_score(first - second) == pytest.approx(score)


def test_one_virtual_draw_keeps_a_clean_score_finite() -> None:
    points = np.array([[0.0, 40.0], [0.0, 0.0]])
    first, second = elo_ratings(points)
    assert first - second == pytest.approx(400 * math.log10(40.5 / 0.5))
    with pytest.raises(ValueError, match="add virtual draws"):
        elo_ratings(points, virtual_draws=0.0)


def test_consistent_scores_give_back_the_ratings_they_came_from() -> None:
    ratings = np.array([300.0, 120.0, -20.0, -400.0])
    points = np.array([[100 * expected_score(a - b) for b in ratings] for a in ratings])
    assert elo_ratings(points, virtual_draws=0.0) == pytest.approx(ratings)
    assert elo_ratings(points, virtual_draws=0.0, anchor=2) == pytest.approx(ratings + 20.0)


def test_a_cycle_is_a_tie() -> None:
    rock_paper_scissors = np.array([[0.0, 9.0, 0.0], [0.0, 0.0, 9.0], [9.0, 0.0, 0.0]])
    assert elo_ratings(rock_paper_scissors, virtual_draws=0.0) == pytest.approx(
        np.zeros(3), abs=1e-6
    )


@given(POINTS, st.data())
def test_the_order_of_the_players_does_not_matter(points: np.ndarray, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(points))))
    shuffled = elo_ratings(points[np.ix_(order, order)])
    assert shuffled == pytest.approx(elo_ratings(points)[order], abs=1e-5)


@given(POINTS, st.data())
def test_a_point_more_lowers_ones_rating_beside_nobody(
    points: np.ndarray, data: st.DataObject
) -> None:
    winner, loser = data.draw(st.permutations(range(len(points))))[:2]
    before = elo_ratings(points, anchor=winner)
    points = points.copy()
    points[winner, loser] += 0.5  # a draw becomes a win
    points[loser, winner] = max(points[loser, winner] - 0.5, 0.0)
    after = elo_ratings(points, anchor=winner)
    assert (after <= before + 1e-5).all()
    assert after[loser] < before[loser]


@given(POINTS)
def test_everyone_has_scored_what_is_expected_of_them(points: np.ndarray) -> None:
    """The likelihood is greatest where, virtual draws included, each total is its expectation."""
    np.fill_diagonal(points, 0.0)
    ratings = elo_ratings(points)
    others = 1.0 - np.eye(len(points))
    games = points + points.T + others
    expected = games * others / (1 + 10 ** ((ratings[None, :] - ratings[:, None]) / 400))
    totals = (points + others / 2).sum(axis=1)
    assert expected.sum(axis=1) == pytest.approx(totals, abs=1e-6)


@pytest.mark.parametrize("points", [[[0.0]], [[0.0, -2.0], [1.0, 0.0]]])
def test_impossible_tables_are_refused(points: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="at least two players"):
        elo_ratings(np.array(points))
