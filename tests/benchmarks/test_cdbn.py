"""The benchmark of belief networks: controls that are fair, and results that are complete."""

import torch

from etude.benchmarks.cdbn import (
    COMPLETION,
    LABELS_A_DIGIT,
    completions,
    correlation,
    energy_gap,
    labelled,
    measure_edges,
    scrambled,
)
from etude.benchmarks.studies import study_of
from etude.generative.features.cdbn import CDBN
from etude.generative.features.cdbn_data import FACE_SIZE, whitened_faces
from etude.generative.features.crbm import CRBM, CRBMArchitecture


def test_a_short_run_has_a_curve_and_a_grade_of_its_filters() -> None:
    energy, filters = measure_edges(0, share=4 / 1_500)
    assert [step for step, _ in energy.curve] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert energy.metrics["nats_per_pixel_after"] == energy.curve[-1][1]
    assert filters.metrics["filters"] == 24.0
    for result in (energy, filters):
        assert study_of(result.suite, result.task) is not None


def test_noise_has_the_spectrum_of_the_images() -> None:
    torch_rng = torch.Generator().manual_seed(0)
    images = torch.randn(2, 1, 9, 9, generator=torch_rng).cumsum(dim=-1)
    noise = scrambled(images, torch_rng)
    assert not torch.allclose(noise, images, atol=0.1)
    found, expected = (torch.fft.rfft2(part).abs() for part in (noise, images))
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3)


def test_the_gap_of_a_machine_without_filters_is_that_of_its_gaussian() -> None:
    machine = CRBM(CRBMArchitecture(filter_size=2, sigma=0.5))
    photos, noise = torch.full((3, 1, 3, 3), 1.0), torch.full((3, 1, 3, 3), 2.0)
    assert abs(energy_gap(machine, photos, noise) - (4.0 - 1.0) / (2 * 0.5**2)) < 1e-5


def test_labels_are_as_many_of_each_digit() -> None:
    labels = torch.arange(400) % 10
    chosen = labelled(labels, torch.Generator().manual_seed(0))
    assert labels[chosen].bincount().tolist() == [LABELS_A_DIGIT] * 10
    assert len(set(chosen.tolist())) == len(chosen)


def test_correlation_is_that_of_pixels() -> None:
    images = torch.randn(3, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    assert abs(correlation(2.0 * images + 1.0, images) - 1.0) < 1e-6
    assert abs(correlation(-images, images) + 1.0) < 1e-6
    assert correlation(torch.zeros(3, 1, 4, 4), images) == 0.0


def test_ways_to_complete_faces() -> None:
    torch_rng = torch.Generator().manual_seed(0)
    architectures = [
        CRBMArchitecture(filters=2, filter_size=10, sigma=0.2),
        CRBMArchitecture(channels=2, filters=2, filter_size=8, visible="binary"),
    ]
    stack = CDBN(architectures, torch_rng)
    faces = whitened_faces("held_out")[:2]
    known = torch.ones(1, 1, FACE_SIZE, FACE_SIZE, dtype=torch.bool)
    known[..., :27] = False
    ways = completions(stack, faces, known, 1)
    assert len(ways) == 5
    for name, way in ways.items():
        made = way()
        assert made.shape == faces.shape, f"{COMPLETION}: {name}"
        if "inference" in name:
            assert made[..., 27:].equal(faces[..., 27:])
            assert not made[..., :27].equal(faces[..., :27])
