"""A person tunes style transfers against an agent: ``etude play etude/StyleWeights-v0``."""

from rich.console import Console

from etude.motifs import Motifs
from etude.tuners import instance_order, open_env, tuner, tuner_title
from etude.tuning_session import TuningSession
from etude.tuning_window import TuningWindow


def play_tuning(
    name: str, motifs: Motifs, *, seed: int | None = None, size: tuple[int, int] = (960, 600)
) -> None:
    """Open the window, and play until the person quits.

    Args:
        name: who tunes beside the person: see ``tuner``.
        motifs: what is painted.
        seed: of the choice of instances, and of a random tuner.
        size: width and height of the window in pixels.

    Raises:
        ValueError: an unknown name or split.
        FileNotFoundError: there is no such file.
        NoDisplayError: there is no screen.
    """
    envs = (open_env(motifs), open_env(motifs))
    rival = tuner(name, envs[0].settings, seed)
    with Console(stderr=True).status("fetching pictures"):
        order = instance_order(motifs, envs[0].settings, seed)
    session = TuningSession(envs, rival, tuner_title(name), order)
    TuningWindow(session, size).run()
