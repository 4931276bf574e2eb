"""Elo ratings from all games of a tournament at once, by maximum likelihood.

The model is that of Bradley and Terry ("Rank analysis of incomplete block designs", Biometrika 39,
1952) on the scale of A. E. Elo ("The Rating of Chessplayers, Past and Present", 1978): a player
rated d above another expects 1 / (1 + 10^(-d/400)) points a game. Ratings are such that each player
has scored as many points in all as the model expects of them. A draw counts as half a win and half
a loss (D. R. Hunter, "MM algorithms for generalized Bradley-Terry models", Annals of Statistics 32,
2004, has the model and when its ratings are finite). They are found by Newton's method.

Prior: a virtual draw between each two players. Without one a player who has won every game
would have no finite rating.
"""

from typing import Final

import numpy as np
from jaxtyping import Float64

POINTS_OF_A_DECADE: Final = 400.0  # the difference at which the odds are 10 to 1
TOLERANCE: Final = 1e-7  # of the last step, in natural logarithms of odds


def expected_score(difference: float) -> float:
    """Expected points a game of a player who is rated so much higher.

    >>> expected_score(0.0), round(expected_score(400.0), 4)
    (0.5, 0.9091)
    """
    return float(1.0 / (1.0 + 10.0 ** (-difference / POINTS_OF_A_DECADE)))


def elo_ratings(
    points: Float64[np.ndarray, "players players"],
    *,
    virtual_draws: float = 1.0,
    anchor: int | None = None,
) -> Float64[np.ndarray, " players"]:
    """The ratings of players from the points that each took from each.

    Args:
        points: of the row's player against the column's: 1 a win, 1/2 a draw. The games of two
            players are the sum of both entries; the diagonal does not count.
        virtual_draws: added between each two players.
        anchor: the player who is rated 0; by default the mean is 0.

    Raises:
        ValueError: fewer than two players, negative points, or, without virtual draws, players
            who took every point from others, directly or by way of third players.

    >>> elo_ratings(np.array([[0.0, 10.0], [1.0, 0.0]]), virtual_draws=0.0, anchor=1)
    array([400.,   0.])
    """
    points = points + virtual_draws / 2
    np.fill_diagonal(points, 0.0)
    _check(points)
    games, totals = points + points.T, points.sum(axis=1)
    log_odds = np.zeros(len(points))
    step_size = np.inf
    while step_size > TOLERANCE:
        step = newton_step(games, totals, log_odds)
        step_size = np.ptp(step)
        log_odds += step / max(1.0, step_size)  # further away the curvature is another
    ratings: Float64[np.ndarray, " players"] = log_odds * POINTS_OF_A_DECADE / np.log(10.0)
    return ratings if anchor is None else ratings - ratings[anchor]


def newton_step(
    games: Float64[np.ndarray, "players players"],
    totals: Float64[np.ndarray, " players"],
    log_odds: Float64[np.ndarray, " players"],
) -> Float64[np.ndarray, " players"]:
    """The Newton step of the log-likelihood, with sum 0.

    With p = sigmoid(x_i - x_j) the gradient is sum_j of points minus games p, and the negative
    Hessian the Laplacian of the weights games p (1 - p). It does not see a shift of all ratings, to
    which adding a constant matrix gives a curvature.
    """
    expected = 1.0 / (1.0 + np.exp(log_odds[None, :] - log_odds[:, None]))
    weights = games * expected * (1.0 - expected)
    laplacian = np.diag(weights.sum(axis=1)) - weights
    gradient = totals - (games * expected).sum(axis=1)
    step: Float64[np.ndarray, " players"] = np.linalg.solve(laplacian + weights.mean(), gradient)
    return step


def _check(points: Float64[np.ndarray, "players players"]) -> None:
    if len(points) < 2 or not (points >= 0).all():
        raise ValueError(
            f"ratings compare at least two players by points that are not negative, got "
            f"{points.tolist()}."
        )
    scored = np.eye(len(points)) + (points > 0)
    if not np.linalg.matrix_power(np.minimum(scored, 1.0), len(points)).all():
        raise ValueError(
            "ratings are finite only if no group of players took every point from the others, got "
            "such a group; add virtual draws."
        )
