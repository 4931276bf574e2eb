"""An agent whose training is killed goes on where it was kept, and ends as if it had not been."""

from pathlib import Path
from typing import Any

import pytest

from etude import unfinished
from etude.cli import main
from etude.envs.mnk.rules import MNKRules
from etude.foundations.arrays import read_arrays
from etude.lessons import RESUMABLE, Wishes, make_lesson
from etude.live import LiveBar
from etude.unfinished import Unfinished

RULES = MNKRules()
PRESETS = {"td": ("perfect", "book", "beat-random"), "mc": (None,), "dyna": (None,)}
CASES = [(method, preset) for method in RESUMABLE for preset in PRESETS.get(method, (None,))]


class Killed(BaseException):
    """In place of SIGKILL, which a test would not survive."""


@pytest.mark.parametrize("budget", ["games", "timesteps"])
@pytest.mark.parametrize(("method", "preset"), CASES)
def test_a_killed_training_ends_in_the_same_agent(
    method: str,
    preset: str | None,
    budget: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unfinished, "KEEP_SECONDS", 0.0)
    monkeypatch.setattr(unfinished, "KEEP_PAUSES", 0.0)
    total = 300 if budget == "games" else 1_500
    wishes = Wishes(preset=preset, seed=3, **{budget: total})
    whole = []
    make_lesson(method, RULES, wishes).learn(whole.append)
    whole[-1].save(tmp_path / "whole.npz")

    done = []
    for left in (3, 1, 2, 2):

        def watch(agent: Any, looks: list[Any], left: int, kept: Unfinished) -> None:
            looks.append(agent)
            kept.keep(agent)
            if len(looks) == left:
                raise Killed

        kept = Unfinished(tmp_path / "agent.npz", {"seed": 3}, tmp_path)
        lesson = make_lesson(method, RULES, wishes, kept.take_up)
        done.append(lesson.num_before)
        looks: list[Any] = []
        try:
            lesson.learn(lambda agent: watch(agent, looks, left, kept))  # noqa: B023 - at once
        except Killed:
            continue
        break
    kept = Unfinished(tmp_path / "agent.npz", {"seed": 3}, tmp_path)
    lesson = make_lesson(method, RULES, wishes, kept.take_up)
    last: list[Any] = []
    lesson.learn(last.append)
    last[-1].save(tmp_path / "agent.npz")
    assert done[0] == 0
    assert done[1] > 0
    assert sorted(done) == done
    ours, theirs = (read_arrays(tmp_path / name) for name in ("agent.npz", "whole.npz"))
    assert {name: array.tobytes() for name, array in ours.items()} == {
        name: array.tobytes() for name, array in theirs.items()
    }


def test_what_was_kept_of_another_run_is_replaced(tmp_path: Path) -> None:
    first = Unfinished(tmp_path / "agent.npz", {"seed": 0}, tmp_path / "first")
    agents: list[Any] = []
    make_lesson("td", RULES, Wishes(games=20), first.take_up).learn(agents.append)
    first.interrupt(agents[-1])
    same = Unfinished(tmp_path / "agent.npz", {"seed": 0}, tmp_path / "second")
    assert same.tracked == tmp_path / "first"
    assert make_lesson("td", RULES, Wishes(games=30), same.take_up).num_before == 20
    other = Unfinished(tmp_path / "agent.npz", {"seed": 1}, tmp_path / "second")
    assert other.tracked == tmp_path / "second"
    assert make_lesson("td", RULES, Wishes(games=30), other.take_up).num_before == 0


def test_a_damaged_note_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / ".agent.npz.unfinished"
    folder.mkdir()
    (folder / "run.json").write_text("[1, 2")
    with pytest.raises(ValueError, match="delete the folder to start anew"):
        Unfinished(tmp_path / "agent.npz", {}, tmp_path)


def test_the_command_line_goes_on_and_cleans_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    command = ["train", "td", "--preset", "book", "--games", "500", "--save", "agent.npz"]
    main([*command, "--tracker", "none"])
    whole = (tmp_path / "agent.npz").read_bytes()
    (tmp_path / "agent.npz").unlink()

    def killed(kept: Unfinished, agent: Any) -> None:
        kept.interrupt(agent)
        if agent.num_games > 20:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Unfinished, "keep", killed)
        with pytest.raises(Killed):
            main([*command, "--tracker", "none"])
    assert (tmp_path / ".agent.npz.unfinished" / "agent.npz").exists()
    assert not (tmp_path / "agent.npz").exists()
    main([*command, "--tracker", "none"])
    assert (tmp_path / "agent.npz").read_bytes() == whole
    assert not (tmp_path / ".agent.npz.unfinished").exists()
    assert "500 games in" in capsys.readouterr().out


def test_networks_go_on_from_their_checkpoint_and_clean_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    options = ["--timesteps", "400", "--save", "agent.npz", "--tracker", "none", "--json"]
    main(["train", "a2c", *options])
    whole = (tmp_path / "agent.npz").read_bytes()
    (tmp_path / "agent.npz").unlink()

    def killed(bar: LiveBar, agent: Any) -> None:
        bar.agent = agent
        if agent.num_timesteps > 200:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(LiveBar, "__call__", killed)
        with pytest.raises(Killed):
            main(["train", "a2c", *options])
    folder = tmp_path / ".agent.npz.unfinished"
    assert {path.name for path in folder.iterdir()} == {"run.json", "checkpoint.pt"}
    assert not (tmp_path / "agent.npz").exists()
    checkpoint = folder / "checkpoint.pt"
    kept = checkpoint.read_bytes()
    checkpoint.write_bytes(kept[:-100])
    with pytest.raises(SystemExit):
        main(["train", "a2c", *options])
    assert "is no complete checkpoint; delete it to start anew" in capsys.readouterr().err
    checkpoint.write_bytes(kept)
    main(["train", "a2c", *options])
    assert (tmp_path / "agent.npz").read_bytes() == whole
    assert not folder.exists()
