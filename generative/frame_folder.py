"""Paintings of a clip, kept on disk while the clip is made: what Ctrl-C must not lose.

A hidden folder beside the result holds a PNG for each frame, with 16 bits a colour, and a note of
the job they belong to. What is given back is what the file holds, so that work which goes on from a
file is the same as work that was never interrupted.

Removing them takes a while, too. So what the result will be is noted before it gets its name, and
that note goes last: a command that is killed in between is known to be done, see ``is_finished``.
"""

import json
import shutil
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from etude.foundations.files import replacing
from etude.foundations.notes import read_note
from etude.generative.clips import fingerprint
from etude.generative.images import decode

Image = Float[Tensor, "1 3 h w"]
LEVELS: Final = 65_535.0
NOTE: Final = "job.json"
RESULT: Final = "result.json"
DIGITS: Final = 6  # of the names


class FrameFolder:
    """The frames that are done, numbered from 0 without gaps.

    Args:
        out: the file or folder that is being made; its frames lie in ``.NAME.frames`` beside it.
        job: all that the frames depend on, as JSON holds it.

    Attributes:
        path: of the folder, which is made.

    Raises:
        ValueError: there are frames of another job, or the note on theirs is damaged.
        OSError: the folder cannot be made.
    """

    def __init__(self, out: Path, job: Mapping[str, Any]) -> None:
        self.path = _beside(out)
        self._job = _as_kept(job)
        note = self.path / NOTE
        if note.exists():
            self._check_same(read_note(note))
        else:
            shutil.rmtree(self.path, ignore_errors=True)
            self.path.mkdir()
            _write_note(note, self._job)
        self._num_done = next(number for number in count() if not self._file(number).exists())

    def __len__(self) -> int:
        """How many frames are done."""
        return self._num_done

    def append(self, image: Image) -> Image:
        """Keep a frame, RGB in [0, 1]; returns it as it was kept, to 1/65,535.

        Raises:
            OSError: it cannot be written.
        """
        import cv2

        levels = (image[0].clamp(0.0, 1.0) * LEVELS).round().permute(1, 2, 0)
        pixels = np.ascontiguousarray(levels.cpu().numpy().astype(np.uint16)[..., ::-1])
        with replacing(self._file(self._num_done)) as partial:
            _, data = cv2.imencode(".png", pixels)
            partial.write_bytes(data.tobytes())
        self._num_done += 1
        return self[self._num_done - 1]

    def __getitem__(self, number: int) -> Image:
        """A frame that is done.

        Raises:
            ValueError: its file is broken.
        """
        pixels = decode(self._file(number))
        if pixels is None or pixels.dtype != np.uint16 or pixels.shape[2:] != (3,):
            raise ValueError(
                f"a kept frame is a PNG of 16 bits, got {str(self._file(number))!r}; delete "
                f"{str(self.path)!r} to start anew."
            )
        values = torch.from_numpy(pixels[..., ::-1].astype(np.float32) / np.float32(LEVELS))
        return values.permute(2, 0, 1)[None].contiguous()

    def note_result(self, result: Path) -> None:
        """Note what was made of the frames, before it gets its name.

        Raises:
            OSError: the note cannot be written.
        """
        _write_note(self.path / RESULT, {"job": self._job, "fingerprint": fingerprint(result)})

    def delete(self) -> None:
        """Remove the folder, once the result is made."""
        _remove(self.path)

    def _file(self, number: int) -> Path:
        return self.path / f"{number:0{DIGITS}}.png"

    def _check_same(self, kept: dict[str, Any]) -> None:
        if kept == self._job:
            return
        names = kept | self._job
        changed = sorted(name for name in names if kept.get(name) != self._job.get(name))
        raise ValueError(
            f"a clip that was begun is gone on with by the same command, got another "
            f"{' and '.join(changed)} than that of the frames in {str(self.path)!r}; repeat the "
            "former command, or delete that folder to start anew."
        )


def is_finished(out: Path, job: Mapping[str, Any]) -> bool:
    """Whether the result of a job is in its place, what was left beside it being removed then.

    Args:
        out: see ``FrameFolder``; anything else under this name is left alone.
        job: the same.

    Raises:
        ValueError: the note on the result is damaged.
        OSError: something cannot be read or removed.
    """
    note = _beside(out) / RESULT
    if not (out.exists() and note.exists()):
        return False
    if read_note(note) != {"job": _as_kept(job), "fingerprint": fingerprint(out)}:
        return False
    _remove(note.parent)
    return True


def _beside(out: Path) -> Path:
    return out.parent / f".{out.name}.frames"


def _as_kept(job: Mapping[str, Any]) -> dict[str, Any]:
    """The job as JSON gives it back."""
    kept: dict[str, Any] = json.loads(json.dumps(job))
    return kept


def _write_note(path: Path, content: Mapping[str, Any]) -> None:
    with replacing(path) as partial:
        partial.write_text(json.dumps(content), encoding="utf-8")


def _remove(folder: Path) -> None:
    """The note on the result goes last: while it is there, it is known that all else may go."""
    for path in folder.iterdir():
        if path.name != RESULT:
            path.unlink()
    shutil.rmtree(folder)
