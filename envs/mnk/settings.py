"""What the single environment and the vector one share: their settings, and how input is read."""

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from gymnasium import spaces

from etude.envs.mnk.observation import observation_space
from etude.envs.mnk.opponents import Opponent, Pool, make_opponent, needs_solver
from etude.envs.mnk.rules import SIDE_NAMES, MNKRules, Position
from etude.envs.mnk.solver import solver_for
from etude.foundations.names import check_name

SELF_PLAY: Final = "self"
RANDOM_SIDE: Final = "random"
AGENT_SIDES: Final = (*SIDE_NAMES, RANDOM_SIDE)
ILLEGAL_MOVES: Final = ("lose", "ignore", "raise")
RESET_OPTIONS: Final = ("position", "agent_side")


@dataclass(frozen=True)
class MNKSettings:
    """The arguments of ``MNKEnv``, which explains them, checked.

    Raises:
        ValueError: an unknown name (the message has the nearest), an impossible board, an
            observation that does not fit it, or minimax moves or ``exact_info`` on a board that is
            too large to solve.
        TypeError: an opponent that is none.
    """

    m: int = 3
    n: int = 3
    k: int = 3
    gravity: bool = False
    misere: bool = False
    opponent: Any = "uniform"
    agent_side: str = RANDOM_SIDE
    observation: str = "flat"
    illegal_move: str = "lose"
    win_reward: float = 1.0
    draw_reward: float = 0.0
    loss_reward: float = -1.0
    exact_info: bool = False

    def __post_init__(self) -> None:
        check_name("agent_side", self.agent_side, AGENT_SIDES)
        check_name("illegal_move", self.illegal_move, ILLEGAL_MOVES)
        _ = self.rules, self.opponents, self.observation_space
        if self.exact_info or any(needs_solver(opponent) for opponent in self.opponents):
            solver_for(self.rules)

    @cached_property
    def rules(self) -> MNKRules:
        """The game."""
        return MNKRules(self.m, self.n, self.k, gravity=self.gravity, misere=self.misere)

    @cached_property
    def opponents(self) -> tuple[Opponent, ...]:
        """Those who may answer the learner: several in a pool, none in self-play."""
        if isinstance(self.opponent, str) and self.opponent == SELF_PLAY:
            return ()
        members = self.pool.opponents if self.pool else [self.opponent]
        return tuple(make_opponent(member, self.observation) for member in members)

    @property
    def pool(self) -> Pool | None:
        """The pool from which each game draws its opponent, if there is one."""
        return self.opponent if isinstance(self.opponent, Pool) else None

    @cached_property
    def side(self) -> int | None:
        """The learner's side; None to draw it anew each game."""
        return None if self.agent_side == RANDOM_SIDE else SIDE_NAMES.index(self.agent_side)

    @property
    def rewards(self) -> dict[int, float]:
        """The reward for each outcome: +1 won, 0 drawn, -1 lost."""
        return {
            1: float(self.win_reward),
            0: float(self.draw_reward),
            -1: float(self.loss_reward),
        }

    @property
    def observation_space(self) -> spaces.Space[Any]:
        """The space of one observation."""
        return observation_space(self.rules, self.observation)

    @property
    def action_space(self) -> spaces.Discrete:
        """The space of one action."""
        return spaces.Discrete(self.rules.num_actions)


def read_reset_options(
    rules: MNKRules, options: Mapping[str, Any]
) -> tuple[Position | None, int | None]:
    """The starting position and the learner's side in the options of a reset; None: not given.

    Raises:
        ValueError: an unknown option, a position that cannot arise, or one whose game is over.
    """
    for name in options:
        check_name("an option of reset", name, RESET_OPTIONS)
    side = None
    if "agent_side" in options:
        check_name("agent_side", options["agent_side"], SIDE_NAMES)
        side = SIDE_NAMES.index(options["agent_side"])
    position = options.get("position")
    if position is None:
        return None, side
    if isinstance(position, str):
        position = rules.parse(position)
    position = Position(*position)
    rules.validate(position)
    if rules.outcome(position) is not None:
        raise ValueError(
            f"a game starts from a position that is not over, got {rules.format(position)!r}; "
            "take back a stone."
        )
    return position, side


def as_action(rules: MNKRules, action: Any) -> int:
    """``action`` as a Python integer.

    Raises:
        TypeError: it is not an integer.
        ValueError: it lies outside the action space.
    """
    try:
        index = operator.index(action)
    except TypeError:
        raise TypeError(
            f"an action is an integer from 0 to {rules.num_actions - 1}, got {action!r}."
        ) from None
    if not 0 <= index < rules.num_actions:
        raise ValueError(
            f"an action is an integer from 0 to {rules.num_actions - 1}, got {index}; "
            "choose one where info['action_mask'] is 1."
        )
    return index
