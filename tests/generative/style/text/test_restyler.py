"""The restyler that comes along: what it says, what it leaves alone, and its file."""

from pathlib import Path

import pytest
import torch

from etude.generative.checkpoints import save_weights
from etude.generative.style.text.content import content_of
from etude.generative.style.text.corpus import parallel
from etude.generative.style.text.delete_retrieve_generate import OTHER
from etude.generative.style.text.lexicon import REGISTERS, Register
from etude.generative.style.text.restyler import (
    LEAST_SCORE,
    LEAST_WAY_SCORE,
    SHIPPED,
    DecodingSettings,
    Restyled,
    Restyler,
    open_restyler,
    save_restyler,
)
from etude.generative.style.text.text_grade import content_share, match_share
from etude.generative.style.text.tokeniser import Vocabulary
from etude.generative.style.text.transformer import new_transformer
from etude.generative.style.text.transformer_layers import Architecture

TEST_SEED = 424_242
TINY = Architecture(width=8, num_heads=2, num_layers=1, hidden_width=8)


@pytest.fixture(scope="module")
def shipped() -> Restyler:
    return open_restyler()


@pytest.fixture
def tiny() -> Restyler:
    """Untrained, so it writes nonsense."""
    vocabulary = Vocabulary(("come", "and", "sit", "please", ".", "door"), 5)
    network = new_transformer(len(vocabulary), TINY, 0, vocabulary.num_writable).eval()
    network.requires_grad_(False)
    return Restyler(network, vocabulary, {"seed": 0})


def test_come_and_sit(shipped: Restyler) -> None:
    """The pair that all this began with; training never saw this verb as an invitation."""
    (formal,) = shipped.restyle(["Come and sit"], "formal")
    (informal,) = shipped.restyle(["Please take a seat."], "informal")
    assert formal.reason is informal.reason is None
    assert "seat" in formal.output or "seated" in formal.output
    assert formal.output != "Come and sit"
    assert "sit" in informal.output.lower() or "seat" in informal.output.lower()
    assert "please" not in informal.output.lower()


@pytest.mark.parametrize("register", REGISTERS)
def test_constructions_that_training_never_saw(shipped: Restyler, register: Register) -> None:
    pairs = parallel("constructions", 150, torch.Generator().manual_seed(TEST_SEED))
    sources = [getattr(pair, OTHER[register]) for pair in pairs]
    outputs = [it.output for it in shipped.write(sources, register)]
    meanings = [pair.meaning for pair in pairs]
    assert match_share(outputs, sources, meanings, register) >= 0.92
    assert content_share(outputs, [content_of(meaning) for meaning in meanings]) >= 0.96


def test_unlikely_draws_are_left_out(shipped: Restyler) -> None:
    sources = ["Come and sit", "Can you call me later?", "Open the window!", "Don't be late!"]
    drawing = DecodingSettings(sample=True, temperature=1.5, seed=1)
    drawn = shipped.restyle_ways(sources, "formal", 8, drawing)
    for source, ways, sure in zip(sources, drawn, shipped.restyle(sources, "formal"), strict=True):
        assert sure.reason is None, source
        assert all(way.reason is None for way in ways)
        assert all(way.score is not None and way.score >= LEAST_WAY_SCORE for way in ways)
    assert sum(map(len, drawn)) > len(sources)
    wild = DecodingSettings(sample=True, temperature=50.0, nucleus=1.0)
    assert shipped.restyle(sources, "formal", wild) == shipped.restyle(sources, "formal")


def test_words_that_it_does_not_know_are_copied(shipped: Restyler) -> None:
    source = "Hey, can you forward the Zorblax report to Kvasir?"
    (found,) = shipped.restyle([source], "formal")
    assert found.reason is None
    assert "Zorblax" in found.output
    assert "Kvasir" in found.output
    assert "zorblax" not in " ".join(shipped.vocabulary.words).lower()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "an empty line"),
        ("come and sit " * 800, "at most 300 characters"),
        ("\U0001f600\U0001f389", "got none"),
        ("Pourriez-vous fermer la fenêtre, s'il vous plaît ?", "in English"),
        ("It was raining all day yesterday.", "it seems to request nothing"),
        (" ".join(f"Blorp{i}" for i in range(20)) + " to the for", ""),
    ],
)
@pytest.mark.parametrize("register", REGISTERS)
def test_strange_lines_stay_as_they_are(
    shipped: Restyler, line: str, reason: str, register: Register
) -> None:
    (found,) = shipped.restyle([line], register)
    assert found.output == line
    assert found.reason is not None
    assert reason in found.reason


def test_lines_of_a_batch_do_not_touch(shipped: Restyler) -> None:
    lines = ["Come and sit", "", "Could you grab my coat?", "It was raining all day yesterday."]
    together = shipped.restyle(lines, "formal")
    assert [it.output for it in together] == [
        shipped.restyle([line], "formal")[0].output for line in lines
    ]
    assert [it.source for it in together] == lines


def test_several_ways_differ_and_a_beam_begins_with_the_best(shipped: Restyler) -> None:
    for settings in (DecodingSettings(beam=6), DecodingSettings(sample=True, temperature=1.5)):
        (ways,) = shipped.restyle_ways(["Come and sit"], "formal", 4, settings)
        outputs = [way.output for way in ways]
        assert len(set(outputs)) == len(outputs) >= 2
    again = shipped.restyle_ways(["Come and sit"], "formal", 4, settings)
    assert again == [ways]


def test_what_is_unlikely_or_lost_is_not_trusted(tiny: Restyler) -> None:
    unsure = tiny.trusted(Restyled(source="Sit", output="Please sit.", score=LEAST_SCORE - 0.1))
    assert (unsure.output, unsure.reason is None) == ("Sit", False)
    lost = tiny.trusted(Restyled(source="Sit, Bo", output="Please sit.", score=-0.01))
    assert lost.output == "Sit, Bo"
    assert lost.reason is not None
    assert "lose or repeat" in lost.reason
    assert "Bo" in lost.reason
    kept = Restyled(source="Sit, Bo", output="Please sit, Bo.", score=-0.01)
    assert tiny.trusted(kept).output == "Please sit, Bo."


def test_a_file_has_the_network_and_its_words(tiny: Restyler, tmp_path: Path) -> None:
    path = tmp_path / "restyler.safetensors"
    save_restyler(path, tiny)
    found = open_restyler(path)
    assert found.vocabulary == tiny.vocabulary
    assert found.notes == {"seed": 0}
    for ours, theirs in zip(found.network.parameters(), tiny.network.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4)  # 16 bits
    assert SHIPPED.stat().st_size < 4e6


def test_broken_files_and_others(tiny: Restyler, tmp_path: Path) -> None:
    broken, other, torn = (tmp_path / f"{name}.safetensors" for name in ("a", "b", "c"))
    save_restyler(broken, tiny)
    broken.write_bytes(broken.read_bytes()[:-100])
    with pytest.raises(ValueError, match="weights are a complete safetensors file"):
        open_restyler(broken)
    save_weights(other, tiny.network, {"format": "something"})
    with pytest.raises(ValueError, match="has the format 'etude-restyler-2', got 'something'"):
        open_restyler(other)
    fewer = {"format": "etude-restyler-2", "words": '["one"]', "sizes": "{}", "notes": "{}"}
    save_weights(torn, tiny.network, fewer)
    with pytest.raises(ValueError, match="fit its weights"):
        open_restyler(torn)
    with pytest.raises(FileNotFoundError):
        open_restyler(tmp_path / "none.safetensors")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"beam": 0}, "a beam keeps at least 1 beginning, got 0"),
        ({"beam": 2, "sample": True}, "searched for or drawn"),
        ({"temperature": -1.0}, "a temperature is above 0"),
        ({"nucleus": 0.0}, "a nucleus lies in"),
        ({"seed": -1}, "seed is at least 0"),
    ],
)
def test_impossible_decoding(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DecodingSettings(**settings)  # type: ignore[arg-type]


def test_more_ways_than_can_be_found() -> None:
    DecodingSettings(beam=3).check_ways(3)
    DecodingSettings(sample=True).check_ways(99)
    with pytest.raises(ValueError, match="got 1 for 2; say --beam 2 or --sample"):
        DecodingSettings().check_ways(2)
    with pytest.raises(ValueError, match="at least 1 way, got 0"):
        DecodingSettings().check_ways(0)
