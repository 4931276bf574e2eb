"""The board that is meant: by rules, by a name, or by the id of an environment."""

from etude.envs.mnk.rules import MNKRules
from etude.envs.registration import BOARDS
from etude.foundations.names import check_name


def rules_of(board: MNKRules | str) -> MNKRules:
    """The rules that a board's name or an environment's id stands for.

    Raises:
        ValueError: neither is known; the message has the nearest.

    >>> rules_of("etude/ConnectFour-v0") == rules_of("connect_four")
    True
    """
    if isinstance(board, MNKRules):
        return board
    if "/" not in board:
        return MNKRules.from_name(board)
    env_id = board.removeprefix("etude:")
    check_name("an environment", env_id, BOARDS)
    return MNKRules(**BOARDS[env_id])
