"""The faces that scikit-image carries."""

from importlib.machinery import ModuleSpec

import pytest
import torch

from etude.generative.gan import faces as module
from etude.generative.gan.faces import NUM_FACES, Faces, faces
from etude.generative.gan.source import Source

pytest.importorskip("skimage")


def test_a_hundred_faces_in_the_range_of_generators() -> None:
    images = faces()
    assert images.shape == (100, 1, 16, 16)
    assert -1.0 <= images.min() < -0.95
    assert 0.95 < images.max() <= 1.0
    assert len(images.flatten(1).unique(dim=0)) == NUM_FACES


def test_at_their_own_size_they_are_the_file() -> None:
    from skimage.data import lfw_subset

    expected = torch.from_numpy(lfw_subset()[:100]).float()[:, None]
    torch.testing.assert_close(faces(25) / 2.0 + 0.5, expected)


def test_they_are_faces() -> None:
    """The first half of the file: on average darker at the eyes than at the cheeks below."""
    mean = faces(25).mean(dim=(0, 1))
    eyes, cheeks = mean[8:11], mean[13:16]
    assert (cheeks[:, [6, 7, 17, 18]].mean() - eyes[:, [6, 7, 17, 18]].mean()) > 0.1


def test_half_of_those_drawn_are_mirrored() -> None:
    source = Faces(size=16)
    assert isinstance(source, Source)
    assert tuple(source.shape) == (1, 16, 16)
    drawn = source.draw(2_000, torch.Generator().manual_seed(0))
    own = {image.numpy().tobytes() for image in source.images}
    mirrored = {image.flip(-1).contiguous().numpy().tobytes() for image in source.images}
    as_bytes = [image.contiguous().numpy().tobytes() for image in drawn]
    assert set(as_bytes) == own | mirrored
    share = sum(image in own for image in as_bytes) / len(as_bytes)
    assert share == pytest.approx(0.5, abs=0.05)


def test_what_is_drawn_depends_on_the_generators_state_alone() -> None:
    first, second = (Faces().draw(5, torch.Generator().manual_seed(4)) for _ in range(2))
    assert torch.equal(first, second)


@pytest.mark.parametrize("spec", [None, ModuleSpec("skimage", None, origin="/nowhere/x.py")])
def test_without_the_package(monkeypatch: pytest.MonkeyPatch, spec: ModuleSpec | None) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: spec)
    with pytest.raises(ImportError, match=r"come with scikit-image.*pip install 'etude\[photos\]'"):
        Faces()
