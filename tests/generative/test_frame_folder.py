"""Frames kept on disk: what is given back is what the file holds, for one job alone."""

from pathlib import Path

import pytest
import torch

from etude.generative.frame_folder import FrameFolder

JOB = {"size": 32, "memory": (1, 2), "painter": {"method": "gatys"}}


def test_frames_come_back_as_they_were_kept(tmp_path: Path) -> None:
    torch_rng = torch.Generator().manual_seed(0)
    images = [torch.rand(1, 3, 5, 7, generator=torch_rng) for _ in range(3)]
    folder = FrameFolder(tmp_path / "out.mp4", JOB)
    kept = [folder.append(image) for image in images]
    for image, one in zip(images, kept, strict=True):
        assert one.dtype == torch.float32
        assert (one - image).abs().max() <= 0.51 / 65_535
    again = FrameFolder(tmp_path / "out.mp4", JOB)
    assert len(again) == 3
    assert all(torch.equal(again[i], one) for i, one in enumerate(kept))
    assert torch.equal(again.append(kept[0]), kept[0])  # keeping what was kept changes nothing
    again.delete()
    assert list(tmp_path.iterdir()) == []


def test_the_folder_lies_hidden_beside_the_result(tmp_path: Path) -> None:
    folder = FrameFolder(tmp_path / "out.mp4", JOB)
    assert folder.path == tmp_path / ".out.mp4.frames"
    assert len(folder) == 0


def test_another_job_is_refused(tmp_path: Path) -> None:
    FrameFolder(tmp_path / "out.mp4", JOB).append(torch.rand(1, 3, 4, 4))
    with pytest.raises(ValueError, match="another size than that of the frames in"):
        FrameFolder(tmp_path / "out.mp4", JOB | {"size": 64})
    with pytest.raises(ValueError, match="another painter and size"):
        FrameFolder(tmp_path / "out.mp4", {"memory": [1, 2]})
    assert len(FrameFolder(tmp_path / "out.mp4", JOB)) == 1
    assert len(FrameFolder(tmp_path / "other.mp4", JOB | {"size": 64})) == 0


def test_what_is_there_without_a_note_does_not_count(tmp_path: Path) -> None:
    folder = FrameFolder(tmp_path / "out.mp4", JOB)
    folder.append(torch.rand(1, 3, 4, 4))
    (folder.path / "job.json").unlink()  # killed while the folder was deleted
    assert len(FrameFolder(tmp_path / "out.mp4", JOB)) == 0


def test_broken_frames_are_named(tmp_path: Path) -> None:
    folder = FrameFolder(tmp_path / "out.mp4", JOB)
    folder.append(torch.rand(1, 3, 4, 4))
    (folder.path / "000000.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"a PNG of 16 bits, got .*000000\.png"):
        folder[0]
