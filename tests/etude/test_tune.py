"""`etude stylize --tune`: the environment paints, an agent steers, and a judge compares."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch

from etude.agents.storage import save_arrays
from etude.agents.tuner import Layer, TunerAgent
from etude.cli import main
from etude.envs.style_weights.env import StyleWeightsEnv
from etude.envs.style_weights.instances import Instance
from etude.envs.style_weights.settings import StyleWeightsSettings
from etude.generative.images import load_image, load_metadata, save_image
from etude.generative.style.colours import RGB_TO_YIQ
from etude.generative.style.encoders import EncoderChoice
from etude.generative.style.gatys import GatysSettings
from etude.tune import Judgement, OnStep, easel, judgement_table, paint
from etude.tuners import tuner


def random_agent(encoder: str = "tiny", bias: float = 0.0) -> TunerAgent:
    """An agent that has learned nothing: random weights from features to weights."""
    settings = StyleWeightsSettings(encoder=encoder)
    (num_features,) = settings.observation_space.shape
    matrix = np.random.default_rng(0).normal(size=(settings.num_weights, num_features))
    row = np.full(settings.num_weights, bias)
    return TunerAgent("sac", [Layer(matrix.astype(np.float32), row.astype(np.float32))])


def instance(height: int = 24, width: int = 32, preference: float = 0.25) -> Instance:
    torch_rng = torch.Generator().manual_seed(1)
    content = torch.rand(1, 3, height, width, generator=torch_rng)
    return Instance(content, torch.rand(1, 3, 40, 40, generator=torch_rng), preference)


def small_env(preference: float = 0.25) -> StyleWeightsEnv:
    return StyleWeightsEnv([instance(preference=preference)], iterations=1, encoder="tiny")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    one = instance(48, 64)
    save_image(folder / "photo.png", one.content, {})
    save_image(folder / "painting.png", one.style, {})
    save_image(folder / "thin.png", one.content[..., :2, :], {})
    save_image(folder / "flat.png", torch.full((1, 3, 40, 40), 0.5), {})
    random_agent().save(folder / "tiny.npz")
    random_agent("efficientnet-lite0").save(folder / "wide.npz")
    save_arrays(folder / "td.npz", "td", 1, {}, {"values": np.zeros(3)})
    (folder / "broken.npz").write_bytes(b"PK")
    return folder


def command(folder: Path, *options: str, style: str = "painting.png") -> list[str]:
    return [
        *("stylize", str(folder / "photo.png"), "--style", str(folder / style)),
        *("-o", str(folder / "out.png"), "--encoder", "tiny", "--size", "32"),
        *("--evaluations", "5", *(option.format(folder) for option in options)),
    ]


def _press_at(step_of_press: int) -> Callable[..., AbstractContextManager[OnStep]]:
    """A bar at whose given step somebody presses Ctrl-C."""

    def press(step: int, judgement: Judgement) -> None:
        if step == step_of_press:
            raise KeyboardInterrupt

    return lambda title, num_steps: nullcontext(press)


def test_a_painting_beside_that_of_the_default_weights(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("etude.tuners.SHIPPED", folder / "tiny.npz")
    main(command(folder, "--tune", "agent", "--preference", "0.25"))
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("│")]
    shown = {row.split("│")[1].strip(): row.split("│")[2:6] for row in rows}
    assert list(shown) == ["the photo", "agent", "default weights"]
    note = load_metadata(folder / "out.png")
    assert note["preference"] == 0.25
    assert note["evaluations"] == 12
    assert note["stopped"] == ""
    assert note["tuned_by"] == "agent"
    assert "method" not in note["settings"]  # L-BFGS had no part in it
    for name, cell in zip(Judgement._fields, shown["agent"], strict=True):
        assert float(cell) == pytest.approx(note["judgement"][name], abs=6e-4)
    assert float(shown["agent"][0]) != float(shown["default weights"][0])


def test_the_picture_is_what_the_environment_paints(folder: Path) -> None:
    main(command(folder, "--tune", "{}/tiny.npz", "--preference", "0.75"))
    content = load_image(folder / "photo.png", 32)
    style = load_image(folder / "painting.png", 32)
    env = StyleWeightsEnv([Instance(content, style, 0.75)], iterations=1, encoder="tiny")
    observation, _ = env.reset()
    agent = TunerAgent.load(folder / "tiny.npz")
    for _ in range(12):
        observation, _, _, is_over, _ = env.step(agent.predict(observation)[0])
    assert is_over
    painted = load_image(folder / "out.png")
    assert painted.shape == (1, 3, 24, 32)
    assert (painted - env.image).abs().max() <= 0.5 / 255.0 + 1e-6


def test_the_colours_of_the_photo_stay(folder: Path) -> None:
    main(command(folder, "--tune", "default", "--colours", "luminance"))
    painted, photo = load_image(folder / "out.png"), load_image(folder / "photo.png", 32)
    inside = ((painted > 0.02) & (painted < 0.98)).all(1, keepdim=True)
    hues = torch.einsum("dc,nchw->ndhw", torch.tensor(RGB_TO_YIQ[1:]), painted - photo)
    assert inside.float().mean() > 0.1
    assert hues.masked_select(inside).abs().max() < 0.01
    assert (painted - photo).abs().max() > 0.02


@pytest.mark.parametrize(("step", "num_done"), [(3, 3), (12, 12)])
def test_ctrl_c_saves_what_there_is(
    step: int,
    num_done: int,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("etude.tune.tuning_bar", _press_at(step))
    main(command(folder, "--tune", "{}/tiny.npz"))
    shown = capsys.readouterr().out
    assert f"{num_done} iterations in {num_done} steps; interrupted, this is" in shown
    assert "default weights" not in shown
    note = load_metadata(folder / "out.png")
    assert (note["stopped"], note["evaluations"]) == ("interrupted", num_done)


def test_an_overflow_ends_the_painting_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    env = small_env()
    step, num_calls = env.step, 0

    def overflow(action: np.ndarray) -> tuple[object, float, bool, bool, dict[str, object]]:
        nonlocal num_calls
        num_calls += 1
        if num_calls == 3:
            env.batch.images = torch.full_like(env.batch.images, torch.nan)
        return step(action)

    monkeypatch.setattr(env, "step", overflow)
    painting = paint(env, tuner("default", env.settings), lambda *_: None)
    assert painting.stopped == "the loss was no longer finite"
    assert len(painting.judgements) == 3
    assert painting.image.isfinite().all()


def test_judgements_begin_with_the_photo_and_follow_the_environment() -> None:
    env, seen = small_env(), []
    painting = paint(env, random_agent(), lambda *step: seen.append(step))
    _, info = env.reset(options={"instance": 0})
    assert painting.judgements[0] == Judgement.of(info)
    assert painting.judgements[0].content < painting.judgements[-1].content
    assert seen == list(enumerate(painting.judgements[1:], start=1))
    assert len(seen) == 12


def test_as_many_iterations_as_without_an_agent() -> None:
    settings = GatysSettings(size=256, evaluations=50)  # 50 at 128, 50 at 256
    env = easel(instance(256, 192), EncoderChoice(encoder="tiny"), settings)
    assert env.settings.num_steps == 12
    assert env.settings.iterations == 9


def test_the_style_takes_the_size_of_the_photo_times_its_scale() -> None:
    settings = GatysSettings(size=32, style_scale=0.5)
    env = easel(instance(24, 32), EncoderChoice(encoder="tiny"), settings)
    assert env.settings.all_instances[0].style.shape == (1, 3, 16, 16)


def test_the_painter_is_the_network_that_agents_learn_with(folder: Path) -> None:
    env = easel(instance(), EncoderChoice(), GatysSettings(size=32))
    assert tuner(str(folder / "wide.npz"), env.settings).method == "sac"


def test_a_baseline_tunes_and_the_default_stands_for_itself(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(command(folder, "--tune", "default"))
    shown = capsys.readouterr().out
    assert shown.count("default weights") == 1
    env = small_env(preference=0.5)
    main(command(folder, "--tune", "greedy"))
    assert "greedy" in capsys.readouterr().out
    first = env.reset(options={"instance": 0})[1]
    begun = paint(env, tuner("greedy", env.settings), lambda *_: None).judgements[0]
    assert begun == Judgement.of(first)  # the photo, whatever the weights


def test_a_table_of_judgements() -> None:
    table = judgement_table({"agent": Judgement(1.0, -0.5, -2.25, -3.0)})
    cells = [list(column.cells) for column in table.columns]
    assert cells == [["agent"], ["1.000"], ["-0.500"], ["-2.250"], ["-3.000"]]


@pytest.mark.parametrize(
    ("style", "options", "message"),
    [
        ("painting.png", ["--tune", "agnet"], "got 'agnet'; did you mean 'agent'?"),
        ("painting.png", ["--tune", "{}/td.npz"], "of kind 'tuner', got 'td'"),
        ("painting.png", ["--tune", "{}/no.npz"], "no such file"),
        ("painting.png", ["--tune", "{}/broken.npz"], "damaged"),
        ("painting.png", ["--tune", "{}/wide.npz"], "got one that sees"),
        ("painting.png", ["--tune", "{}/tiny.npz", "--preference", "1.5"], "0 (style) to 1"),
        ("painting.png", ["--tune", "{}/tiny.npz", "--preference", "nan"], "got nan"),
        ("painting.png", ["--preference", "0.7"], "add --tune agent"),
        ("painting.png", ["--tune", "{}/tiny.npz", "--style-weight", "9"], "leave --style-weight"),
        ("painting.png", ["--tune", "{}/tiny.npz", "--memory-limit", "1e-6"], "a memory_limit of"),
        ("painting.png", ["--tune", "{}/tiny.npz", "--fast"], "leave --tune out, or --fast"),
        ("painting.png", ["--tune", "{}/tiny.npz", "--preview-every", "2"], "got --preview-every"),
        ("painting.png", ["--tune", "{}/tiny.npz", "--masks", "a.png"], "got --masks"),
        ("painting.png", ["--tune", "{}/tiny.npz", "--encoder", "vgg19"], "leave --encoder"),
        ("thin.png", ["--tune", "{}/tiny.npz"], "at least 16 pixels a side"),
        ("flat.png", ["--tune", "{}/tiny.npz"], "of one colour"),
    ],
)
def test_mistakes_get_one_line(
    style: str,
    options: list[str],
    message: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (folder / "out.png").unlink(missing_ok=True)
    with pytest.raises(SystemExit) as stop:
        main(command(folder, *options, style=style))
    assert stop.value.code == 2
    complaint = capsys.readouterr().err
    assert message in complaint
    assert complaint.count("\n") == 1
    assert not (folder / "out.png").exists()


@pytest.mark.parametrize(
    ("content", "styles", "out", "message"),
    [
        ("frames", ["waves"], "none.gif", "got a clip"),
        ("photo.png", ["waves", "mosaic"], "none.png", "got 2 styles"),
    ],
)
def test_one_photo_in_one_style(
    content: str,
    styles: list[str],
    out: str,
    message: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (folder / "frames").mkdir(exist_ok=True)
    save_image(folder / "frames" / "0.png", load_image(folder / "photo.png"), {})
    where = ["-o", str(folder / out), "--tune", str(folder / "tiny.npz")]
    with pytest.raises(SystemExit):
        main(["stylize", str(folder / content), "--style", *styles, *where])
    assert message in capsys.readouterr().err
