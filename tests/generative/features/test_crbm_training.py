"""Training convolutional RBMs: what falls, what is asked for, and going on where it ended."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from etude.generative.checkpoints import load_checkpoint, save_checkpoint
from etude.generative.features.crbm import CRBM, CRBMArchitecture
from etude.generative.features.crbm_training import CRBMLesson, CRBMSettings


def bars(n: int, torch_rng: torch.Generator) -> Tensor:
    """Images of 8 x 8 with a bar, upright or lying, at a random place."""
    images = torch.zeros(n, 1, 8, 8)
    places = torch.randint(8, (n,), generator=torch_rng)
    images[torch.arange(n), 0, places] = 1.0
    is_upright = torch.rand(n, generator=torch_rng) < 0.5
    return torch.where(is_upright[:, None, None, None], images.mT, images)


def lesson(**settings: float) -> CRBMLesson:
    architecture = CRBMArchitecture(filters=4, filter_size=3, visible="binary")
    machine = CRBM(architecture, torch.Generator().manual_seed(0))
    chosen = CRBMSettings(
        **{"steps": 150, "learning_rate": 4.0, "final_rate": 1.0, "weight_decay": 0.0}  # type: ignore[arg-type]
        | {"sparsity": 0.1, "sparsity_rate": 0.2, **settings}
    )
    return CRBMLesson(machine, bars, chosen, seed=0)


def test_data_become_likelier_than_noise_and_units_as_rare_as_asked_for() -> None:
    taught = lesson()
    torch_rng = torch.Generator().manual_seed(9)
    data = bars(64, torch_rng)
    noise = data.flatten(1)[:, torch.randperm(64, generator=torch_rng)].reshape(data.shape)

    def gap() -> float:
        return float((taught.machine.free_energy(noise) - taught.machine.free_energy(data)).mean())

    before = gap()
    losses = [taught.update() for _ in range(150)]
    assert gap() > before + 4.0  # nats an image; 7.8 were measured
    assert float(losses[-1]["error"]) < 0.5 * float(losses[0]["error"])
    activation = taught.machine.hidden(data).detection.mean(dim=(0, 2, 3))
    assert (activation - 0.1).abs().max() < 0.03


def test_a_lesson_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    whole, first, second = lesson(), lesson(), lesson()
    for _ in range(6):
        whole.update()
    for _ in range(4):
        first.update()
    save_checkpoint(tmp_path / "checkpoint.pt", 4, first.parts)
    assert load_checkpoint(tmp_path / "checkpoint.pt", second.parts) == 4
    for _ in range(2):
        second.update()
    for name, value in whole.machine.state_dict().items():
        assert value.equal(second.machine.state_dict()[name])


def test_more_gibbs_steps_are_other_samples() -> None:
    one, three = lesson(), lesson(gibbs_steps=3)
    one.update()
    three.update()
    assert not one.machine.weight.equal(three.machine.weight)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"steps": 0}, "steps is at least 1, got 0"),
        ({"gibbs_steps": 0}, "gibbs_steps is at least 1"),
        ({"momentum": 1.0}, r"momentum lies in \[0, 1\)"),
        ({"weight_decay": -1.0}, "weight_decay is at least 0"),
    ],
)
def test_mistakes(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CRBMSettings(**settings)  # type: ignore[arg-type]
