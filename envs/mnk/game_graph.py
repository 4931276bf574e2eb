"""Positions with all that an environment asks of them, computed once.

On small boards every position is built the first time that a game comes by and then kept, linked to
its successors: a step of tic-tac-toe becomes two look-ups. On larger boards, which have too many
positions to keep, a node is derived from its predecessor by one stone.
"""

import operator
from functools import cache
from typing import Any, Final

import numpy as np
from jaxtyping import Float32, Int8

from etude.envs.mnk.observation import flat_planes
from etude.envs.mnk.rules import FIRST, SECOND, MNKRules, Position

MAX_KEPT_CELLS: Final = 9  # 3 x 3 has 5,478 positions, about 6 MB; 3 x 4 has twenty times as many


class Node:
    """A position of a game.

    Attributes:
        position: the stones.
        occupied: the cells that are taken, as a bitboard.
        to_move: the player whose turn it is.
        outcome: how the game ended, seen by the first player; None while it goes on.
        legal: the legal actions, in ascending order.
        mask: the same as zeros and ones.
        views: the flat observation of the first and of the second player.
        successors: the kept nodes by legal action, as far as games came by.
    """

    __slots__ = (
        "graph",
        "legal",
        "mask",
        "occupied",
        "outcome",
        "position",
        "successors",
        "to_move",
        "views",
    )

    def __init__(
        self,
        graph: "GameGraph",
        position: Position,
        outcome: int | None,
        legal: list[int],
        mask: Int8[np.ndarray, " actions"],
        views: tuple[Float32[np.ndarray, " features"], Float32[np.ndarray, " features"]],
    ) -> None:
        self.graph = graph
        self.position = position
        self.occupied = position.occupied
        self.to_move = position.to_move
        self.outcome = outcome
        self.legal = legal
        self.mask = mask
        self.views = views
        self.successors: dict[int, Node] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return _node, (self.graph.rules, self.position)

    def play(self, action: int) -> "Node":
        """The node after a legal ``action``."""
        return self.successors.get(action) or self.graph.successor(self, action)


class GameGraph:
    """The positions of one game, linked by its moves; get it from ``game_graph``."""

    def __init__(self, rules: MNKRules) -> None:
        self.rules = rules
        self._keeps = rules.num_cells <= MAX_KEPT_CELLS
        self._kept: dict[Position, Node] = {}
        self._moves: dict[tuple[int, ...], Node] = {}
        self.root = self.node(Position())

    def __reduce__(self) -> tuple[Any, ...]:
        return game_graph, (self.rules,)

    def node(self, position: Position) -> Node:
        """The node of a position that ``MNKRules.validate`` accepts."""
        if position in self._kept:
            return self._kept[position]
        rules = self.rules
        views = flat_planes(rules, position, FIRST), flat_planes(rules, position, SECOND)
        node = Node(
            self,
            position,
            rules.outcome(position),
            rules.legal_actions(position),
            rules.legal_mask(position),
            views,
        )
        return self._keep(node)

    def successor(self, node: Node, action: int) -> Node:
        """The node after a legal ``action``, derived from ``node`` unless it is kept already."""
        rules, side = self.rules, node.to_move
        cell = rules.cell_of(node.occupied, operator.index(action))
        stones = node.position[side] | 1 << cell
        position = (
            Position(stones, node.position.second)
            if side == FIRST
            else Position(node.position.first, stones)
        )
        successor = self._kept.get(position)
        if successor is None:
            successor = self._keep(self._with_stone(node, position, action, cell))
        if self._keeps:
            node.successors[action] = successor
        return successor

    def _with_stone(self, node: Node, position: Position, action: int, cell: int) -> Node:
        rules, side = self.rules, node.to_move
        legal, mask = node.legal.copy(), node.mask.copy()
        if not rules.gravity or cell < rules.n:  # the top cell fills a column
            legal.remove(action)
            mask[action] = 0
        outcome = None if legal else 0
        if rules.completes_line(position[side], cell):
            outcome = 1 if (side == FIRST) != rules.misere else -1
            legal = []
            mask.fill(0)
        views = node.views[FIRST].copy(), node.views[SECOND].copy()
        views[side][cell] = views[1 - side][cell + rules.num_cells] = 1.0
        return Node(self, position, outcome, legal, mask, views)

    def _keep(self, node: Node) -> Node:
        """Keep a node of a small board, which shares its moves with all that have the same ones.

        Ten times as many nodes as sets of moves: sharing lets them stay in the processor's cache.
        """
        if self._keeps:
            like = self._moves.setdefault(tuple(node.legal), node)
            node.legal, node.mask = like.legal, like.mask
            self._kept[node.position] = node
        return node


@cache
def game_graph(rules: MNKRules) -> GameGraph:
    """The graph of the game ``rules``: one for all environments."""
    return GameGraph(rules)


def _node(rules: MNKRules, position: Position) -> Node:
    return game_graph(rules).node(position)
