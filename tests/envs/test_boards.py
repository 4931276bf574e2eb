"""What may stand for a board."""

import pytest

from etude.envs.boards import rules_of
from etude.envs.mnk.rules import MNKRules
from etude.envs.registration import BOARDS


def test_ids_and_names_are_boards() -> None:
    connect_four = MNKRules(6, 7, 4, gravity=True)
    for board in (connect_four, "connect_four", "6,7,4,gravity", "etude/ConnectFour-v0"):
        assert rules_of(board) == connect_four
    assert rules_of("etude:etude/TicTacToe-v0") == rules_of("tictactoe") == MNKRules()
    assert all(isinstance(rules_of(env_id), MNKRules) for env_id in BOARDS)


@pytest.mark.parametrize(
    ("board", "nearest"),
    [("etude/TicTacTow-v0", "etude/TicTacToe-v0"), ("connect_for", "connect_four")],
)
def test_the_nearest_is_named(board: str, nearest: str) -> None:
    with pytest.raises(ValueError, match=f"did you mean '{nearest}'"):
        rules_of(board)
