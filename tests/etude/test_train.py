"""`etude train`: every method, its options, what it shows, and Ctrl-C."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from rich.console import Console

from etude.agents.baselines import METHODS as BASELINE_METHODS
from etude.agents.baselines import observations_of
from etude.agents.learning import Budget
from etude.agents.presets import PRESETS
from etude.agents.td_value import TDValueAgent
from etude.agents.tuner_settings import TUNING_METHODS
from etude.cli import main
from etude.envs.mnk.rules import MNKRules
from etude.envs.mnk.state_space import state_space
from etude.lessons import BASELINES, METHODS, TABLE_PRESETS, Lesson, Wishes, make_lesson
from etude.live import LiveBar
from etude.players import load_agent
from etude.tracking import UNTRACKED
from etude.train import Method, follow

TICTACTOE = MNKRules()


@pytest.mark.parametrize("method", ["td", "mc", "dyna"])
def test_tables_learn_from_games_or_decisions(
    method: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "agent.npz"
    preset = ["--preset", "book"] if method == "td" else []
    main(["train", method, *preset, "--games", "200", "--save", str(path)])
    assert "200 games in" in capsys.readouterr().out
    agent = load_agent(path)
    assert (agent.num_games, agent.rules) == (200, TICTACTOE)
    main(["train", method, *preset, "--timesteps", "200", "--save", str(path)])
    agent = load_agent(path)
    assert 200 <= agent.num_timesteps < 209
    assert f"{agent.num_timesteps} decisions in" in capsys.readouterr().out


@pytest.mark.parametrize("method", ["dqn_masked", "ppo"])
@pytest.mark.parametrize("env", ["etude/TicTacToe-v0", "3,4,3,gravity"])
def test_networks_of_other_libraries_learn(
    method: str, env: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "agent.npz"
    main(["train", method, "--env", env, "--timesteps", "1100", "--save", str(path)])
    shown = capsys.readouterr().out
    agent = load_agent(path)
    assert agent.method == method
    assert agent.num_timesteps >= 1100
    assert f"{agent.num_timesteps:,} decisions in" in shown
    assert "exploitability" in shown
    assert f"`etude play --agent {path}`" in shown
    assert f"`etude grade {path}`" in shown


def test_boards_too_large_for_an_exact_grade(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "network.npz"
    environment = ["--env", "etude/ConnectFour-v0"]
    main(["train", "ntuple", *environment, "--games", "50", "--save", str(path)])
    assert load_agent(path).rules == MNKRules.from_name("connect_four")
    main(["train", "a2c_masked", *environment, "--timesteps", "100", "--save", str(path)])
    assert load_agent(path).rules == MNKRules.from_name("connect_four")
    assert "exploitability" not in capsys.readouterr().out


def test_the_opponent_can_be_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    teacher, pupil = tmp_path / "teacher.npz", tmp_path / "pupil.npz"
    main(["train", "td", "--preset", "book", "--games", "20", "--save", str(teacher)])
    assert "aimed at: exploitability 0" in capsys.readouterr().out
    options = ["--preset", "book", "--games", "50", "--save", str(pupil)]
    main(["train", "td", *options, "--opponent", str(teacher)])
    assert "aimed at" not in capsys.readouterr().out
    agent = load_agent(pupil)
    assert agent.num_timesteps <= 5 * agent.num_games  # it plays one side
    main(["train", "ntuple", "--games", "20", "--opponent", "minimax", "--save", str(pupil)])
    assert load_agent(pupil).num_timesteps <= 5 * 20


def test_the_same_seed_gives_the_same_agent(tmp_path: Path) -> None:
    space = state_space(TICTACTOE)
    rows = np.flatnonzero(space.ongoing)
    for options in (["td", "--preset", "book", "--games", "300"], ["a2c", "--timesteps", "200"]):
        moves = []
        for name in ("one.npz", "two.npz"):
            main(["train", *options, "--save", str(tmp_path / name)])
            agent = load_agent(tmp_path / name)
            moves.append(agent.predict(observations_of(space, rows))[0].tolist())
        assert moves[0] == moves[1]


def test_what_can_be_trained_is_what_there_is() -> None:
    assert set(BASELINES) == set(BASELINE_METHODS)
    assert set(get_args(Method)) == {*METHODS, *TUNING_METHODS}
    named = [preset for presets in TABLE_PRESETS.values() for preset in presets]
    assert sorted(named) == sorted(PRESETS)


class Interrupted:
    """Learning that is interrupted after its third block."""

    def __init__(self, num_blocks: int) -> None:
        self.agent = TDValueAgent(TICTACTOE, seed=0)
        self.num_blocks = num_blocks

    def __call__(self, watch: Any) -> None:
        for _ in range(self.num_blocks):
            self.agent.learn(20)
            watch(self.agent)
        raise KeyboardInterrupt


def test_ctrl_c_keeps_what_was_learned(capsys: pytest.CaptureFixture[str]) -> None:
    interrupted = Interrupted(3)
    lesson = Lesson(interrupted, Budget(1000))
    assert follow(lesson, TICTACTOE, Console(), UNTRACKED) == (interrupted.agent, 60)
    shown = capsys.readouterr().out
    assert "interrupted" in shown
    assert "60 games in" in shown
    with pytest.raises(KeyboardInterrupt):
        follow(Lesson(Interrupted(0), Budget(1000)), TICTACTOE, Console(), UNTRACKED)


STOP_SOON = """
import os, signal, sys
from etude import live
from etude.cli import main

show = live.LiveBar.__call__

def show_and_stop(bar, agent):
    show(bar, agent)
    if agent.num_timesteps > 100:
        os.kill(os.getpid(), signal.SIGINT)

live.LiveBar.__call__ = show_and_stop
main(["train", *sys.argv[1:], "--timesteps", "10000000"])
"""


@pytest.mark.parametrize("options", [["td", "--preset", "book"], ["a2c"]], ids=["td", "a2c"])
def test_ctrl_c_in_a_terminal(options: list[str], tmp_path: Path) -> None:
    path = tmp_path / "agent.npz"
    command = [sys.executable, "-c", STOP_SOON, *options, "--save", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "interrupted" in done.stdout
    assert "exploitability" in done.stdout
    assert 100 < load_agent(path).num_timesteps < 10**6


def test_looks_take_a_small_share_of_the_time() -> None:
    """The first is for free; it took 50 ms, so the next one may come a second later."""
    looks: list[Any] = []

    def look(agent: Any) -> float:
        looks.append(agent)
        time.sleep(0.05)
        return 0.5

    agent = TDValueAgent(TICTACTOE, seed=0).learn(1)
    with LiveBar(Budget(100), look, Console(quiet=True), UNTRACKED) as bar:
        for _ in range(10):
            bar(agent)
        assert looks == [agent]
        assert bar.agent is agent
        assert bar.done == 1


def test_networks_use_one_thread() -> None:
    code = (
        "import torch; torch.set_num_threads(2)\n"
        "from etude.envs.mnk.rules import MNKRules; from etude.lessons import make_lesson, Wishes\n"
        "make_lesson('dqn', MNKRules(), Wishes()); print(torch.get_num_threads())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"


def test_a_missing_library_is_named_with_the_way_out() -> None:
    code = (
        "import sys; sys.modules['stable_baselines3'] = None\n"
        "from etude.cli import main; main(['train', 'dqn'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert "pip install 'etude[baselines]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_lesson_without_wishes_is_the_methods_own() -> None:
    assert make_lesson("td", TICTACTOE, Wishes()).budget == Budget(PRESETS["perfect"].num_games)
    assert make_lesson("ppo", TICTACTOE, Wishes()).budget == Budget(total_timesteps=50_000)
    assert make_lesson("ntuple", TICTACTOE, Wishes(timesteps=7)).budget == Budget(None, 7)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["td", "--preset", "bok"], "did you mean 'book'"),
        (["ntuple", "--preset", "book"], "no presets"),
        (["ppo", "--preset", "book"], "no presets"),
        (["td", "--games", "0"], "at least 1 game, got 0"),
        (["td", "--games", "5", "--timesteps", "5"], "give one of them"),
        (["dqn", "--games", "100"], "got 100 games; give --timesteps"),
        (["dqn", "--timesteps", "0"], "at least 1 timestep, got 0"),
        (["dqn", "--opponent", "self"], "learns against an opponent, got 'self'"),
        (["td", "--opponent", "uniform"], "learns by self-play"),
        (["mc", "--opponent", "minimix"], "did you mean 'minimax'"),
        (["mc", "--opponent", "missing.npz"], "no such file"),
        (["td", "--save", "agent.zip"], "ends in .npz"),
        (["td", "--save", "no/such/folder/agent.npz"], "a folder that exists"),
        (["td", "--env", "etude/TicTacTow-v0"], "did you mean 'etude/TicTacToe-v0'"),
        (["td", "--env", "tictactow"], "did you mean 'tictactoe'"),
    ],
)
def test_mistakes_get_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["train", *arguments])
    assert stop.value.code == 2
    assert message in capsys.readouterr().err
