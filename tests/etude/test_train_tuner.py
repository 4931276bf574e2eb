"""`etude train` and `etude grade` where a style transfer is tuned."""

import json
from pathlib import Path

import numpy as np
import pytest

from etude.agents.tuner import SHIPPED, TunerAgent
from etude.agents.tuner_evaluation import returns_of
from etude.cli import main
from etude.envs.style_weights.instances import split_instances
from etude.players import is_tuner, load_agent
from etude.train_tuner import is_style_weights

pytest.importorskip("stable_baselines3")

FEW = 8  # paintings


@pytest.fixture
def few_paintings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grade looks at the first of each split, instead of at 64."""
    monkeypatch.setattr(
        "etude.envs.style_weights.settings.split_instances",
        lambda split, size: split_instances(split, size)[:FEW],
    )


@pytest.mark.usefixtures("few_paintings")
def test_an_agent_learns_is_graded_and_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "tuner.npz"
    env = ["--env", "etude/StyleWeights-v0"]
    main(["train", "sac", *env, "--timesteps", "64", "--save", str(path)])
    out = capsys.readouterr().out
    assert "64 steps in" in out
    assert "best static weights of each" in out
    assert f"--tune {path}" in out
    assert TunerAgent.load(path).num_timesteps == 64
    main(["grade", str(path), "--json"])
    grade = json.loads(capsys.readouterr().out)
    returns = returns_of(TunerAgent.load(path), "test")
    assert len(returns) == FEW
    assert grade["returns"]["test"]["tuner"] == pytest.approx(float(returns.mean()))
    assert set(grade["returns"]) == {"test", "test_ood"}


def test_the_agent_that_comes_along_is_above_static_weights_and_every_rule() -> None:
    from etude.envs.style_weights.baselines import make_baseline
    from etude.envs.style_weights.settings import StyleWeightsSettings

    agent, numbers = TunerAgent.load(SHIPPED), np.arange(24)
    settings = StyleWeightsSettings("test_ood")
    returns = returns_of(agent, "test_ood", numbers).mean()
    for name in ("static", "tilted", "greedy", "schedule"):
        baseline = make_baseline(name, settings)
        assert returns > returns_of(baseline, "test_ood", numbers).mean()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["td", "--env", "etude/StyleWeights-v0"], "one of sac, ppo, td3, got 'td'"),
        (["sac"], "add `--env etude/StyleWeights-v0`"),
        (["sac", "--env", "etude/StyleWeights-v0", "--games", "5"], "has no games, got 5"),
        (["sac", "--env", "etude/StyleWeights-v0", "--opponent", "uniform"], "has no opponent"),
        (["sac", "--env", "etude/StyleWeights-v0", "--timesteps", "0"], "at least 1 timestep"),
    ],
)
def test_wrong_options_get_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["train", *arguments])
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_it_does_not_sit_down_at_a_board() -> None:
    assert is_tuner(str(SHIPPED))
    with pytest.raises(ValueError, match="etude watch etude/StyleWeights-v0 --agent"):
        load_agent(SHIPPED)


def test_the_environment_is_known_with_and_without_its_package() -> None:
    assert is_style_weights("etude/StyleWeights-v0")
    assert is_style_weights("etude:etude/StyleWeights-v0")
    assert not is_style_weights("etude/TicTacToe-v0")
