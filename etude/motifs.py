"""What is painted in etude/StyleWeights-v0, as options of commands that show boards as well."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True)
class Motifs:
    """What is painted in etude/StyleWeights-v0."""

    instances: str = "test"
    """What is painted in etude/StyleWeights-v0: a split ("train", "test", "test_ood"), or a folder
    of your own pictures that has the folders contents and styles."""
    instance: int | None = None
    """The number of the first painting; drawn if left out."""

    @property
    def given(self) -> dict[str, bool]:
        """Whether each option was given, for ``refuse``."""
        ours, defaults = asdict(self), asdict(Motifs())
        return {name: value != defaults[name] for name, value in ours.items()}


def refuse(where: str, **given: bool) -> None:
    """Check that no option was given that means nothing there.

    Args:
        where: a kind of world.
        given: whether an option was given, by its name.

    Raises:
        ValueError: one was.

    >>> refuse("a board", agent=False, show_values=True)
    Traceback (most recent call last):
    ValueError: --show-values means nothing on a board; leave it out.
    """
    for name, is_given in given.items():
        if is_given:
            option = name.replace("_", "-")
            raise ValueError(f"--{option} means nothing on {where}; leave it out.")
