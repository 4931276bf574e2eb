"""A match between two players, scene by scene. Draws nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from etude.envs.mnk.opponents import AgentOpponent, needs_solver
from etude.envs.mnk.rules import FIRST, STONES, MNKRules, Position
from etude.players import agent_of, player, short_name
from etude.turn import PATIENCE_SECONDS, Turn, forfeit_sentence, is_solvable


@dataclass(frozen=True)
class Scene:
    """One moment of a match.

    Args:
        position: the stones.
        last_cell: where the last one lies, if any.
        values: of the legal actions, if asked for and known.
        caption: who plays whom, and what has come of it.
    """

    position: Position
    last_cell: int | None
    values: Mapping[int, float] | None
    caption: str

    @property
    def overlays(self) -> dict[str, Any]:
        """The scene as ``BoardPainter.draw`` takes it."""
        return {"last_cell": self.last_cell, "values": self.values, "caption": self.caption}


class Match:
    """Games between two players who swap sides after every game.

    An agent that plays an illegal move forfeits the game.

    Args:
        rules: the board.
        names: of the two players, as ``player`` takes them; the first begins the first game.
        num_games: how many games.
        seed: of the players' choices, and of the training of presets.
        show_values: whether the scenes carry values.
        labels: what the captions call the sides.

    Raises:
        ValueError: an unknown player, fewer games than 1, or a board too large for what is asked.
    """

    def __init__(
        self,
        rules: MNKRules,
        names: tuple[Any, Any],
        num_games: int = 1,
        seed: int | None = None,
        show_values: bool = False,
        labels: Sequence[str] = STONES,
    ) -> None:
        if num_games < 1:
            raise ValueError(f"a match has at least one game, got {num_games}; see --games.")
        self.rules = rules
        self.names = tuple(map(short_name, names))
        self.num_games = num_games
        self.show_values = show_values
        self.labels = labels
        self.players = tuple(player(name, rules, seed) for name in names)
        self.results: Counter[int] = Counter()
        self.forfeits: Counter[int] = Counter()
        self.endings: list[str] = []  # the captions of the games that are over
        self.num_inexact = 0
        self._rng = np.random.default_rng(seed)
        self._check_solvable()

    def play(self, game: int) -> Iterator[Scene]:
        """The scenes of one game, which is counted in ``results`` at its end."""
        order = (0, 1) if game % 2 == 0 else (1, 0)
        title = " \u2013 ".join(
            f"{self.names[i]} ({label})" for i, label in zip(order, self.labels, strict=True)
        )
        position, last_cell, ending = Position(), None, ""
        while (outcome := self.rules.outcome(position)) is None:
            who = order[position.to_move]
            yield Scene(position, last_cell, self._values(position, who), title)
            answer = self._turn(position, who, float(self._rng.random())).answer()
            if answer.forfeits:
                self.forfeits[who] += 1
                outcome = -1 if position.to_move == FIRST else 1
                ending = forfeit_sentence(self.names[who], self.rules, answer.action)
                break
            self.num_inexact += not answer.exact
            last_cell = self.rules.cell_of(position.occupied, answer.action)
            position = self.rules.play(position, answer.action)
        self.results[outcome if order[0] == 0 else -outcome] += 1
        self.endings.append(f"{title}: {ending or self._ending(outcome)}")
        yield Scene(position, last_cell, None, self.endings[-1])

    def _ending(self, outcome: int) -> str:
        first, second = self.labels
        return {1: f"{first} wins", 0: "draw", -1: f"{second} wins"}[outcome]

    def summary(self) -> list[str]:
        """The result of the match, and what one should know of it: sentences."""
        wins, draws, losses = (self.results[outcome] for outcome in (1, 0, -1))
        lines = [
            f"{self.names[0]} against {self.names[1]} on {self.rules.name}: "
            f"{wins} won, {draws} drawn, {losses} lost of {wins + draws + losses}"
        ]
        for who, number in sorted(self.forfeits.items()):
            lines.append(f"{self.names[who]} lost {number} by an illegal move")
        if self.num_inexact:
            lines.append(
                f"{self.num_inexact} moves went by rule of thumb: solving them exactly takes more "
                f"than {PATIENCE_SECONDS:.0f} s each"
            )
        if self.show_values:
            whose = "exact ones are shown" if is_solvable(self.rules) else "none are shown"
            lines += [
                f"{name} tells no values: {whose} at its moves"
                for name, player in dict(zip(self.names, self.players, strict=True)).items()
                if isinstance(player, AgentOpponent) and agent_of(player) is None
            ]
        return lines

    def as_dict(self) -> dict[str, Any]:
        """The result of the match, as plain values."""
        wins, draws, losses = (self.results[outcome] for outcome in (1, 0, -1))
        return {
            "board": self.rules.name,
            "players": list(self.names),
            "first_named": {"wins": wins, "draws": draws, "losses": losses},
            "games": list(self.endings),
        }

    def _turn(self, position: Position, who: int, u: float = 0.0) -> Turn:
        return Turn(self.rules, position, self.players[who], u)

    def _values(self, position: Position, who: int) -> Mapping[int, float] | None:
        return self._turn(position, who).hint().values if self.show_values else None

    def _check_solvable(self) -> None:
        needed = [
            name
            for name, player in zip(self.names, self.players, strict=True)
            if needs_solver(player)
        ]
        if not any(map(agent_of, self.players)):
            needed += ["--show-values"] * self.show_values
        if needed and not is_solvable(self.rules):
            raise ValueError(
                f"{needed[0]} needs a board that can be solved exactly, got {self.rules.name}; "
                f"choose a smaller board, or leave it to 'uniform' players."
            )
