"""Generators in files: what is read is what was written, and broken files are refused."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from etude.generative.checkpoints import load_weights, save_weights
from etude.generative.gan.dcgan import DCGANGenerator
from etude.generative.gan.generator_file import (
    TrainedGenerator,
    open_generator,
    save_generator,
)
from etude.generative.gan.mlp import MLPGenerator

MLP = {"latent_dim": 2, "shape": [2], "width": 8, "depth": 2}
DCGAN = {"latent_dim": 4, "size": 16, "channels": 1, "width": 8}


def points() -> TrainedGenerator:
    return TrainedGenerator(
        architecture="mlp",
        arguments=MLP,
        network=MLPGenerator(latent_dim=2, shape=[2], width=8, depth=2),
        latent_dim=2,
        data="ring8",
        mean=(3.0, -1.0),
        scale=2.5,
        notes={"settings": {"seed": 4}},
    )


def images() -> TrainedGenerator:
    network = DCGANGenerator(latent_dim=4, size=16, channels=1, width=8)
    return TrainedGenerator(
        architecture="dcgan", arguments=DCGAN, network=network, latent_dim=4, data="pictures"
    )


@pytest.mark.parametrize("make", [points, images])
def test_a_file_gives_the_same_samples(make: type[TrainedGenerator], tmp_path: Path) -> None:
    trained = make()
    path = tmp_path / "generator.safetensors"
    save_generator(path, trained)
    found = open_generator(path)
    samples = trained.sample(5, torch.Generator().manual_seed(1))
    assert found.sample(5, torch.Generator().manual_seed(1)).equal(samples)
    assert (found.data, found.scale, found.mean) == (trained.data, trained.scale, trained.mean)
    assert found.notes == trained.notes


def test_samples_are_scaled_and_moved_to_the_data() -> None:
    trained = points()
    z = torch.zeros(3, 2)
    plain = replace(trained, mean=(0.0,), scale=1.0)(z)
    assert trained(z).allclose(torch.tensor([3.0, -1.0]) + 2.5 * plain)


def test_chunks_do_not_show() -> None:
    trained = points()
    z = torch.rand(5_000, 2, generator=torch.Generator().manual_seed(0))
    assert trained(z)[4_500:].allclose(trained(z[4_500:]), atol=1e-6)


def test_other_versions_and_architectures_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "generator.safetensors"
    save_generator(path, points())
    _, metadata = load_weights(path)
    network = points().network
    save_weights(path, network, metadata | {"format": "etude-generator-0"})
    with pytest.raises(ValueError, match="has the format 'etude-generator-1', got"):
        open_generator(path)
    save_weights(path, network, metadata | {"architecture": "mpl"})
    with pytest.raises(ValueError, match="did you mean 'mlp'"):
        open_generator(path)
    save_weights(path, network, metadata | {"arguments": '{"latent_dim": 3, "shape": [2]}'})
    with pytest.raises(ValueError, match="metadata of a generator fit its weights"):
        open_generator(path)
    save_weights(path, network, {"format": "etude-generator-1", "architecture": "mlp"})
    with pytest.raises(ValueError, match="metadata of a generator fit its weights"):
        open_generator(path)


def test_no_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 sample, got n=0"):
        points().sample(0, torch.Generator())
