"""Who is meant by a name: opponents, files of agents, presets."""

import sys
from pathlib import Path

import numpy as np
import pytest

from etude.agents.presets import PRESETS, find_preset
from etude.agents.storage import save_arrays
from etude.cli import main
from etude.envs.mnk.opponents import AgentOpponent, EpsilonMinimax
from etude.envs.mnk.rules import MNKRules
from etude.players import board_for, check_agent, is_agent, player, short_name, trained_on

TICTACTOE = MNKRules()


@pytest.fixture
def wide(tmp_path: Path) -> str:
    """The file of an agent on 3 x 4 that has learned nothing."""
    path = tmp_path / "wide.npz"
    find_preset("book").make(MNKRules(3, 4, 3), 0).save(path)
    return str(path)


def test_names_of_agents(wide: str) -> None:
    for name in [*PRESETS, wide, "missing.npz"]:
        assert is_agent(name)
        check_agent(name)
    for name in ("minimax", "uniform", "epsilon_minimax:0.2", EpsilonMinimax(0.0)):
        assert not is_agent(name)


def test_a_preset_is_trained_from_the_seed() -> None:
    values = []
    for seed in (1, 1, 2):
        opponent = player("perfect", TICTACTOE, seed)
        assert isinstance(opponent, AgentOpponent)
        assert trained_on(opponent) == TICTACTOE
        values.append(sorted(opponent.agent.table.visits().items()))  # type: ignore[attr-defined]
    assert values[0] == values[1] != values[2]


def test_the_board_is_that_of_the_first_file_unless_it_is_named(wide: str) -> None:
    assert board_for(None, "minimax", wide) == MNKRules(3, 4, 3)
    assert board_for("4,4,4", wide) == MNKRules(4, 4, 4)
    assert board_for(None, "perfect") == TICTACTOE
    with pytest.raises(ValueError, match="of 3,4,3 for tictactoe; leave the board out"):
        player(wide, TICTACTOE)


def test_what_players_are_called(wide: str) -> None:
    assert short_name(wide) == "wide"
    assert short_name("epsilon_minimax:0.1") == "epsilon_minimax:0.1"
    assert short_name(EpsilonMinimax(0.1)) == "EpsilonMinimax"


def test_a_missing_library_is_named_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "dqn.npz"
    save_arrays(path, "baseline", 1, {}, {"weights": np.zeros(1)})
    monkeypatch.setitem(sys.modules, "stable_baselines3", None)
    monkeypatch.delitem(sys.modules, "etude.agents.baselines", raising=False)
    with pytest.raises(SystemExit) as stop:
        main(["grade", str(path)])
    assert stop.value.code == 2
    complaint = capsys.readouterr().err
    assert "dqn.npz cannot be loaded" in complaint
    assert "pip install 'etude[baselines]'" in complaint
