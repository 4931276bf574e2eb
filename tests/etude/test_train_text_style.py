"""Training a network that restyles on the command line: what it leaves, resumption, mistakes."""

import json
import signal
from pathlib import Path

import pytest
import torch

from etude.cli import main
from etude.generative.checkpoints import load_weights
from etude.generative.records import Progress
from etude.generative.style.text.restyler import open_restyler
from etude.train_text_style import Previews, read_pairs

SHORT = ("--num-pairs", "40", "--batch-size", "8", "--width", "16", "--num-layers", "1")


def train(*arguments: str | Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("etude.train_text_style.NUM_GRADED", 4)  # untrained, none is right
        main(["train", "text-style", *SHORT, *map(str, arguments)])


def error_of(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    with pytest.raises(SystemExit) as stopped:
        train(*arguments)
    assert stopped.value.code == 2
    error: str = capsys.readouterr().err
    assert error.startswith("etude: ")
    assert error.count("\n") == 1
    return error


@pytest.mark.parametrize("corpus", ["parallel", "non-parallel"])
def test_a_run_leaves_a_network_previews_and_losses(
    corpus: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train("--corpus", corpus, "--steps", "6", "--seed", "3", "--save-every", "3", "--out", tmp_path)
    restyler = open_restyler(tmp_path / "restyler.safetensors")
    assert restyler.notes["corpus"] == corpus
    assert restyler.notes["settings"]["seed"] == 3
    assert restyler.network.sizes.width == 16
    preview = (tmp_path / "preview.txt").read_text(encoding="utf-8")
    assert preview.startswith("step 6\nCome and sit. -> ")
    head, *records = map(json.loads, (tmp_path / "steps.jsonl").read_text().splitlines())
    assert head["corpus"] == corpus
    assert [record["step"] for record in records] == list(range(1, 7))
    assert ("back" in records[-1]["losses"]) == (corpus == "non-parallel")
    printed = capsys.readouterr().out
    for split in ("constructions", "verbs", "nouns"):
        assert split in printed


def test_a_stopped_run_goes_on_to_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C comes between two checkpoints."""
    record = Previews.record

    def interrupted(self: Previews, progress: Progress) -> None:
        record(self, progress)
        if progress.step == 5:
            signal.raise_signal(signal.SIGINT)

    options = ("--steps", "9", "--save-every", "2", "--out")
    monkeypatch.setattr(Previews, "record", interrupted)
    with pytest.raises(SystemExit) as stopped:
        train(*options, tmp_path / "a")
    monkeypatch.undo()
    assert stopped.value.code == 130
    assert "the same command goes on" in capsys.readouterr().out
    assert not (tmp_path / "a" / "restyler.safetensors").exists()
    train(*options, tmp_path / "a")
    train(*options, tmp_path / "b")
    ours, theirs = (load_weights(tmp_path / it / "restyler.safetensors")[0] for it in "ab")
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_what_came_of_it_for_scripts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train("--steps", "2", "--out", tmp_path, "--json")
    outcome = json.loads(capsys.readouterr().out)
    assert outcome["network"] == str(tmp_path / "restyler.safetensors")
    assert outcome["run"]["settings"]["steps"] == 2
    assert set(outcome["admissible"]) == {"constructions", "verbs", "nouns"}
    assert outcome["admissible"]["nouns"] == {"informal": 0.0, "formal": 0.0}


def test_own_pairs_are_learned_from(tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("# mine\nGimme the zork!\tPlease pass me the zork.\n\n", encoding="utf-8")
    assert [tuple(pair) for pair in read_pairs(pairs)] == [
        ("Gimme the zork!", "Please pass me the zork.")
    ]
    out = tmp_path / "run"
    train("--pairs", pairs, "--steps", "2", "--out", out)
    restyler = open_restyler(out / "restyler.safetensors")
    assert "gimme" in restyler.vocabulary
    assert restyler.vocabulary.is_only_copied("zork")  # as it is on both sides
    assert not restyler.vocabulary.is_only_copied("gimme")


def test_what_users_do_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train("--steps", "1", "--out", tmp_path / "run")
    capsys.readouterr()
    assert "steps differ" in error_of(capsys, "--steps", "2", "--out", tmp_path / "run")
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("one column\n", encoding="utf-8")
    assert "in line 1" in error_of(capsys, "--pairs", pairs)
    pairs.write_text("\n", encoding="utf-8")
    assert "got none" in error_of(capsys, "--pairs", pairs)
    pairs.write_text("Sit!\tPlease sit.\n", encoding="utf-8")
    without = ("--pairs", pairs, "--corpus", "non-parallel", "--out", tmp_path / "other")
    assert "drop one" in error_of(capsys, *without)
    assert not (tmp_path / "other").exists()
    assert "at least 1, got 0" in error_of(capsys, "--steps", "0")
