"""Training, grading and playing of saved agents, as a user meets them on the command line."""

import json
from pathlib import Path

import pytest

from etude.cli import main
from etude.envs.mnk.rules import FIRST, MNKRules
from etude.players import KINDS, agent_of, player
from etude.session import Session


@pytest.fixture(scope="module")
def perfect(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an agent that plays tic-tac-toe perfectly."""
    path = tmp_path_factory.mktemp("agents") / "perfect.npz"
    main(["train", "td", "--seed", "3", "--save", str(path)])
    return path


def test_the_default_agent_is_graded_perfect(
    perfect: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["grade", str(perfect), "--json"])
    grade = json.loads(capsys.readouterr().out)
    assert grade["exploitability"] == 0.0
    assert grade["optimal_share"] > 0.99  # it never gets into the positions that it misjudges
    wins = [side["win"] for side in grade["against"]["uniform"].values()]
    losses = [side["loss"] for side in grade["against"]["uniform"].values()]
    assert sum(wins) / 2 == pytest.approx((191 / 192 + 866 / 945) / 2)  # the best without a loss
    assert losses == [0.0, 0.0]


def test_a_grade_fits_one_screen(perfect: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["grade", str(perfect)])
    shown = capsys.readouterr().out
    assert "exploitability 0 (NashConv 0): perfect play" in shown
    assert len(shown.splitlines()) <= 24


def test_a_network_is_graded_exactly_on_a_small_board(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "network.npz"
    main(["train", "ntuple", "--env", "3,3,3", "--games", "3000", "--save", str(path)])
    capsys.readouterr()
    main(["grade", str(path), "--json"])
    grade = json.loads(capsys.readouterr().out)
    assert (
        grade["against"]["uniform"]["first"]["win"] > 0.9
    )  # measured: .979; random play wins .585
    assert grade["illegal_share"] == 0.0


def test_agents_are_watched_and_played_against(
    perfect: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = tmp_path / "game.gif"
    arguments = ["--games", "2", "--seed", "0", "--show-values", "--record", str(record)]
    main(["watch", str(perfect), "minimax", *arguments])
    assert "0 won, 2 drawn, 0 lost of 2" in capsys.readouterr().out
    assert record.exists()
    session = Session(MNKRules(), str(perfect), side=FIRST, seed=0)
    assert session.opponent_label == "perfect"
    session.play(0)
    turn = session.opponents_turn()
    assert turn.answer().action == 4
    assert session.accept(turn, turn.answer())
    hint = session.persons_turn().hint()
    assert hint.values is not None
    assert set(hint.values) == set(session.rules.legal_actions(session.position))
    assert "agent" in hint.text
    session.next_board()  # an agent that does not know the next board gives way
    assert session.opponent_label == "perfect"
    assert agent_of(session.opponent) is None


def test_every_kind_can_be_found() -> None:
    from importlib import import_module

    for kind, address in KINDS.items():
        module, _, name = address.partition(":")
        agent = getattr(import_module(module), name)
        assert getattr(agent, "kind", kind) == kind


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["grade", "missing.npz"], "no such file"),
        (["watch", "missing.npz", "uniform"], "no such file"),
    ],
)
def test_mistakes_get_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_a_file_that_is_no_agent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "agent.npz"
    path.write_bytes(b"\x80\x04\x95 no agent")
    with pytest.raises(SystemExit) as stop:
        main(["grade", str(path)])
    assert stop.value.code == 2
    complaint = capsys.readouterr().err
    assert "agent.npz" in complaint
    assert "unsafe" not in complaint
    assert "pickle" not in complaint


def test_an_agent_of_another_board(perfect: Path) -> None:
    with pytest.raises(ValueError, match="of tictactoe for 4,4,4"):
        player(str(perfect), MNKRules(4, 4, 4))
