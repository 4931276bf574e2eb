"""The m,n,k family for two agents, in PettingZoo's agent-environment cycle."""

from typing import TYPE_CHECKING, Any, ClassVar, Final

import gymnasium as gym
import numpy as np

from etude.envs.mnk.observation import observation_space, observe
from etude.envs.mnk.rules import FIRST, MNKRules, Position, bits
from etude.foundations.names import check_name

try:
    from pettingzoo import AECEnv
    from pettingzoo.utils.wrappers import OrderEnforcingWrapper
except ImportError as error:
    raise gym.error.DependencyNotInstalled(
        "MNKAECEnv is a PettingZoo environment, and PettingZoo is not installed; "
        "run `pip install 'etude[pettingzoo]'`."
    ) from error

if TYPE_CHECKING:
    from etude.envs.mnk.render import BoardPainter, BoardWindow

AGENTS: Final = ("player_0", "player_1")


def env(**kwargs: Any) -> OrderEnforcingWrapper:
    """An ``MNKAECEnv`` that checks the order of calls."""
    return OrderEnforcingWrapper(MNKAECEnv(**kwargs))


class MNKAECEnv(AECEnv):  # type: ignore[misc] # PettingZoo carries no types
    """Two agents, "player_0" and "player_1", move in turn.

    Each observes ``{"observation": flat planes, "action_mask": int8}``, its own stones first; the
    mask is zero for the player who is not to move. The winner gets +1 and the loser -1; an illegal
    move loses, and then the opponent gets 0, as in PettingZoo's own board games.

    Args:
        m: rows of the board.
        n: columns of the board.
        k: stones in a row that win.
        gravity: stones fall.
        misere: who completes a line loses.
        render_mode: None, "human", "rgb_array" or "ansi".
        render_size: width and height of the picture, in pixels.

    Raises:
        ValueError: an impossible board, or an unknown render mode.
    """

    metadata: ClassVar[dict[str, Any]] = {
        "name": "mnk_v0",
        "render_modes": ["human", "rgb_array", "ansi"],
        "is_parallelizable": False,
        "render_fps": 4,
    }

    position: Position
    agents: list[str]
    agent_selection: str
    rewards: dict[str, float]
    terminations: dict[str, bool]
    truncations: dict[str, bool]
    infos: dict[str, dict[str, Any]]
    _cumulative_rewards: dict[str, float]

    def __init__(
        self,
        m: int = 3,
        n: int = 3,
        k: int = 3,
        *,
        gravity: bool = False,
        misere: bool = False,
        render_mode: str | None = None,
        render_size: tuple[int, int] = (480, 480),
    ) -> None:
        super().__init__()
        if render_mode is not None:
            check_name("render_mode", render_mode, self.metadata["render_modes"])
        self.rules = MNKRules(m, n, k, gravity=gravity, misere=misere)
        self.render_mode = render_mode
        self.render_size = render_size
        self.possible_agents = list(AGENTS)
        space = observation_space(self.rules, "dict")
        self.observation_spaces = dict.fromkeys(AGENTS, space)
        self.action_spaces = {name: gym.spaces.Discrete(self.rules.num_actions) for name in AGENTS}
        self._painter: BoardPainter | None = None
        self._window: BoardWindow | None = None
        self._clear()

    def observation_space(self, agent: str) -> gym.spaces.Space[Any]:
        """The space of what an agent sees."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> gym.spaces.Discrete:
        """The space of an agent's actions."""
        return self.action_spaces[agent]

    def observe(self, agent: str) -> dict[str, Any]:
        """The board from the agent's side, and its legal actions."""
        side = AGENTS.index(agent)
        view: dict[str, Any] = observe(self.rules, "dict", self.position, side)
        if side != self.position.to_move:
            view["action_mask"] = np.zeros_like(view["action_mask"])
        return view

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """Clear the board. Nothing here is random: the seed changes nothing."""
        self._clear()
        if self.render_mode == "human":
            self.render()

    def step(self, action: int | None) -> None:
        """Play an action of ``agent_selection``; None once its game has ended."""
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(action)
            return
        self._cumulative_rewards[agent] = 0.0
        self.rewards = dict.fromkeys(self.agents, 0.0)
        if action in self.rules.legal_actions(self.position):
            self._previous, self.position = self.position, self.rules.play(self.position, action)
            outcome = self.rules.outcome(self.position)
            if outcome is not None:
                self._end(float(outcome), float(-outcome))
        else:
            loses = AGENTS.index(agent) == FIRST
            self._end(-1.0 if loses else 0.0, 0.0 if loses else -1.0)
        self.agent_selection = AGENTS[1 - AGENTS.index(agent)]
        self._accumulate_rewards()
        if self.render_mode == "human":
            self.render()

    def render(self) -> Any:
        """The board as the ``render_mode`` says: a window (None), an uint8 picture, or text."""
        from etude.envs.mnk.render import BoardPainter, BoardWindow, board_text

        if self.render_mode is None:
            gym.logger.warn("render() needs a render_mode, e.g. 'rgb_array'.")
            return None
        last_cell = next(bits(self.position.occupied ^ self._previous.occupied), None)
        if self.render_mode == "ansi":
            return board_text(self.rules, self.position, last_cell=last_cell)
        if self.render_mode == "rgb_array":
            self._painter = self._painter or BoardPainter(self.rules, self.render_size)
            return self._painter.frame(self.position, last_cell=last_cell)
        self._window = self._window or BoardWindow(self.rules, self.render_size, "Etude")
        self._window.show(self.position, fps=self.metadata["render_fps"], last_cell=last_cell)
        return None

    def close(self) -> None:
        """Close the window, if there is one; may be called twice."""
        if self._window is not None:
            self._window.close()
        self._window = self._painter = None

    def _clear(self) -> None:
        self.position = self._previous = Position()
        self.agents = list(AGENTS)
        self.agent_selection = AGENTS[FIRST]
        self.rewards = dict.fromkeys(AGENTS, 0.0)
        self._cumulative_rewards = dict.fromkeys(AGENTS, 0.0)
        self.terminations = dict.fromkeys(AGENTS, False)
        self.truncations = dict.fromkeys(AGENTS, False)
        self.infos = {name: {} for name in AGENTS}

    def _end(self, first_reward: float, second_reward: float) -> None:
        self.rewards = dict(zip(AGENTS, (first_reward, second_reward), strict=True))
        self.terminations = dict.fromkeys(AGENTS, True)
