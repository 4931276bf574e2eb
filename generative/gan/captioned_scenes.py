"""Pictures of two shapes with captions that say what is on them: a world for text to image.

A caption is "a small red circle above a blue square": two things, each with a shape, a colour and,
if one likes, a size, and how they lie. The pictures are drawn by a formula at any resolution, so
there are as many as one asks for, and whether a picture fits a caption can be decided
(``scene_checker``). "Below" and "right of" are not in the grammar: "A above B" and "B below A" are
one picture, which no judge could tell apart.

Six of the 36 things are held out: no training picture has a small red triangle or a large blue
circle, though all words and all pairs of words occur. A model that draws them composes.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from types import MappingProxyType
from typing import Final, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from etude.foundations.names import check_name

SHAPES: Final = ("circle", "square", "triangle")
COLOURS: Final[Mapping[str, tuple[float, float, float]]] = MappingProxyType(
    {
        "red": (0.86, 0.15, 0.15),
        "yellow": (0.97, 0.80, 0.10),
        "green": (0.15, 0.62, 0.27),
        "blue": (0.15, 0.33, 0.85),
        "purple": (0.60, 0.20, 0.68),
        "black": (0.10, 0.10, 0.12),
    }
)
SIZES: Final[Mapping[str, float]] = MappingProxyType({"small": 0.12, "large": 0.18})
RELATIONS: Final = ("above", "left of")
OPPOSITES: Final[Mapping[str, str]] = MappingProxyType({"below": "above", "right": "left of"})
HELD_OUT: Final = (  # every shape once small and once large, every colour once
    ("small", "red", "triangle"),
    ("large", "green", "triangle"),
    ("small", "purple", "circle"),
    ("large", "blue", "circle"),
    ("small", "yellow", "square"),
    ("large", "black", "square"),
)
ARTICLES: Final = ("a", "an", "the")
GRAMMAR: Final = (
    f"[{' | '.join(SIZES)}] {' | '.join(COLOURS)}  {' | '.join(SHAPES)}, "
    f"{' | '.join(RELATIONS)}, and the same again"
)
EXAMPLE: Final = "a small red circle above a blue square"

UNSTATED: Final = 0  # the number of a size that a caption leaves open
CHOICES: Final = (len(SIZES) + 1, len(COLOURS), len(SHAPES))  # of a thing's size, colour and shape
NUM_WORDS: Final = (*CHOICES, len(RELATIONS), *CHOICES)
"""How many words each of the seven places of a caption chooses from."""
OPEN_SHARE: Final = 0.25  # of the sizes that captions leave out

BACKGROUND: Final = (0.94, 0.93, 0.90)
MARGIN: Final = 0.02  # all lengths are shares of the picture's side
GAP: Final = 0.08  # more than a pixel of 16 between two things
JITTER: Final = 0.05  # of a radius, to both sides
SWAY: Final = 0.12  # from the middle line, so that the relation stays clear
HALF_EXTENTS: Final = (1.0, 0.9, 1.2)  # of circle, square and triangle, in radii
AREAS: Final = (torch.pi, 3.24, 2.88)  # in squared radii
DROPS: Final = (0.0, 0.0, 0.4)  # from the middle of the box down to the centroid, in radii

Words = Int[Tensor, "n 7"]
"""The words of captions by place: size, colour, shape, relation, size, colour, shape."""
Geometry = Float[Tensor, "n 2 3"]
"""Of both things: the middle of the box, x to the right and y down, and the radius."""


class Thing(NamedTuple):
    """A shape with a colour and a size, which may be left open."""

    size: str | None
    colour: str
    shape: str

    def __str__(self) -> str:
        return " ".join(word for word in ("a", self.size, self.colour, self.shape) if word)


class Scene(NamedTuple):
    """Two things and how they lie: the first one above the second, or left of it."""

    first: Thing
    relation: str
    second: Thing


class CaptionedPictures(NamedTuple):
    """Pictures and the words of their captions."""

    images: Float[Tensor, "n 3 size size"]
    """RGB in [-1, 1]."""
    words: Words


def caption_of(scene: Scene) -> str:
    """A scene in words.

    >>> caption_of(Scene(Thing("small", "red", "circle"), "left of", Thing(None, "blue", "square")))
    'a small red circle left of a blue square'
    """
    return f"{scene.first} {scene.relation} {scene.second}"


def parse_caption(text: str) -> Scene:
    """What a caption says; articles and capitals do not matter.

    Raises:
        ValueError: a word that the grammar does not know, or a sentence that it does not.

    >>> parse_caption("a small red circle above a blue square").second
    Thing(size=None, colour='blue', shape='square')
    """
    tokens = [word for word in re.findall(r"[^\s,.;]+", text.lower()) if word not in ARTICLES]
    for word in tokens:
        if word in OPPOSITES:
            raise ValueError(
                f"a caption says how things lie by {' or '.join(RELATIONS)}, got {word!r}; turn it "
                f"round: what is {word} comes second, after {OPPOSITES[word]!r}."
            )
        check_name("a word of a caption", word, _vocabulary())
    sides = [_split(tokens, relation.split()) for relation in RELATIONS]
    found = [(side, name) for side, name in zip(sides, RELATIONS, strict=True) if side is not None]
    if len(found) != 1:
        raise ValueError(f"a caption has one of {', '.join(RELATIONS)}, got {text!r}; {_hint()}")
    (before, after), relation = found[0]
    return Scene(_thing(before, text), relation, _thing(after, text))


def encode(scenes: Iterable[Scene]) -> Words:
    """The words of captions as numbers, 0 for a size that is left open."""
    rows = [
        [*_numbers(scene.first), RELATIONS.index(scene.relation), *_numbers(scene.second)]
        for scene in scenes
    ]
    return torch.tensor(rows, dtype=torch.long).reshape(-1, len(NUM_WORDS))


def decode(words: Words) -> list[Scene]:
    """The inverse of ``encode``."""
    return [
        Scene(_from_numbers(row[:3]), RELATIONS[row[3]], _from_numbers(row[4:]))
        for row in words.tolist()
    ]


def is_held_out(words: Words) -> list[bool]:
    """Whether a caption asks for a thing that no training picture shows."""
    return [bool({scene.first, scene.second} & set(HELD_OUT)) for scene in decode(words)]


SPLITS: Final[Mapping[str, Callable[[bool], bool]]] = MappingProxyType(
    {
        "train": lambda held_out: not held_out,
        "held_out": lambda held_out: held_out,
        "all": lambda held_out: True,
    }
)


@dataclass(frozen=True, kw_only=True)
class CaptionedScenes:
    """Captioned pictures on demand.

    Raises:
        ValueError: an unknown split, or pictures of less than 16 pixels.
    """

    size: int = 32
    """Pixels a side."""
    split: str = "train"
    """"train" has none of the things in ``HELD_OUT``, "held_out" asks for one in each caption."""

    def __post_init__(self) -> None:
        check_name("a split", self.split, SPLITS)
        if self.size < 16:
            raise ValueError(
                f"scenes have at least 16 pixels a side, got {self.size}; in fewer, circles and "
                "squares are one."
            )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of a picture."""
        return (3, self.size, self.size)

    def draw(self, n: int, torch_rng: torch.Generator) -> CaptionedPictures:
        """Pictures with captions; they depend on the generator's state alone.

        Raises:
            ValueError: less than one.
        """
        shown, words = self._draw(n, torch_rng)
        return CaptionedPictures(draw_pictures(shown, self.size, torch_rng), words)

    def draw_words(self, n: int, torch_rng: torch.Generator) -> Words:
        """Captions of this split, all pairs of things equally likely.

        Raises:
            ValueError: less than one.
        """
        return self._draw(n, torch_rng)[1]

    def _draw(self, n: int, torch_rng: torch.Generator) -> tuple[Words, Words]:
        """What is shown, and what is said of it: some sizes are left open."""
        if n < 1:
            raise ValueError(f"a sample has at least one scene, got n={n}; for example 64.")
        pairs, keeps_size = _pairs(self.split)
        chosen = torch.randint(len(pairs), (n,), generator=torch_rng)
        relations = torch.randint(len(RELATIONS), (n, 1), generator=torch_rng)
        shown = torch.cat([pairs[chosen, :3], relations, pairs[chosen, 3:]], dim=1)
        is_open = torch.rand(n, 2, generator=torch_rng) < OPEN_SHARE
        is_open &= ~keeps_size[chosen]
        words = shown.clone()
        words[:, [0, 4]] = words[:, [0, 4]].masked_fill(is_open, UNSTATED)
        return shown, words


def draw_pictures(
    words: Words, size: int, torch_rng: torch.Generator
) -> Float[Tensor, "n 3 {size} {size}"]:
    """A picture for each caption, in [-1, 1]; sizes that it leaves open are drawn, too."""
    return render(words, lay_out(words, torch_rng), size)


def lay_out(words: Words, torch_rng: torch.Generator) -> Geometry:
    """Where things are and how large: as the captions say, and otherwise at random."""
    n = len(words)
    sizes = words[:, [0, 4]]
    drawn = torch.randint(1, CHOICES[0], (n, 2), generator=torch_rng)
    radii = torch.tensor([0.0, *SIZES.values()])[torch.where(sizes == UNSTATED, drawn, sizes)]
    radii = radii * (1.0 + JITTER * _between(torch.rand(n, 2, generator=torch_rng)))
    halves = radii * torch.tensor(HALF_EXTENTS)[words[:, [2, 6]]]
    across = 0.5 + SWAY * _between(torch.rand(n, 2, generator=torch_rng))
    free = 1.0 - 2.0 * MARGIN - GAP - 2.0 * halves.sum(dim=1, keepdim=True)
    along = torch.rand(n, 2, generator=torch_rng).sort(dim=1).values * free + halves + MARGIN
    along[:, 1] += 2.0 * halves[:, 0] + GAP
    is_above = words[:, 3:4] == RELATIONS.index("above")
    x, y = torch.where(is_above, across, along), torch.where(is_above, along, across)
    return torch.stack([x, y, radii], dim=2)


def render(words: Words, geometry: Geometry, size: int) -> Float[Tensor, "n 3 {size} {size}"]:
    """Pictures of things that do not overlap, in [-1, 1]."""
    background = torch.tensor(BACKGROUND)
    colours = torch.tensor(list(COLOURS.values()))[words[:, [1, 5]]] - background  # (n, 2, 3)
    covered = coverage(words[:, [2, 6]], geometry, size)
    images = torch.einsum("nik,nihw->nkhw", colours, covered) + background[:, None, None]
    return 2.0 * images - 1.0


def coverage(
    shapes: Int[Tensor, "n k"], geometry: Float[Tensor, "n k 3"], size: int
) -> Float[Tensor, "n k {size} {size}"]:
    """Which share of each pixel a shape covers, by its distance from the shape's edges.

    Exact for squares, for others to about a hundredth of a pixel.

    Args:
        shapes: numbers in ``SHAPES``.
        geometry: see ``Geometry``.
        size: pixels a side.
    """
    places = (torch.arange(size) + 0.5) / size
    x, y, radii = geometry[..., None, None].unbind(2)
    dx, dy = places - x, places[:, None] - y  # (n, k, 1, size), (n, k, size, 1)
    radii, kinds = radii * size, shapes[..., None, None]
    dx, dy = dx * size, dy * size

    def inside(distances: Tensor) -> Tensor:
        return (distances + 0.5).clamp(0.0, 1.0)

    circles = inside(radii - torch.sqrt(dx.square() + dy.square()))
    halves = 0.9 * radii
    squares = inside(halves - dx.abs()) * inside(halves - dy.abs())
    halves = 1.2 * radii
    slope = 5.0**-0.5  # of sides that rise by two where they run by one
    depth = (dy + halves) * slope
    left, right = inside(depth + 2.0 * slope * dx), inside(depth - 2.0 * slope * dx)
    triangles = left * right * inside(halves - dy)
    return torch.where(kinds == 0, circles, torch.where(kinds == 1, squares, triangles))


@cache
def _pairs(split: str) -> tuple[Int[Tensor, "m 6"], Bool[Tensor, "m 2"]]:
    """The pairs of things of a split, and which of these are held out, whose size is told."""
    things = [Thing(*words) for words in product(SIZES, COLOURS, SHAPES)]
    chosen = [
        (first, second)
        for first, second in product(things, repeat=2)
        if SPLITS[split](first in HELD_OUT or second in HELD_OUT)
    ]
    numbers = [[*_numbers(first), *_numbers(second)] for first, second in chosen]
    held_out = [[thing in HELD_OUT for thing in pair] for pair in chosen]
    return torch.tensor(numbers), torch.tensor(held_out)


def _between(shares: Tensor) -> Tensor:
    return 2.0 * shares - 1.0


def _vocabulary() -> list[str]:
    return [*SIZES, *COLOURS, *SHAPES, *" ".join(RELATIONS).split()]


def _hint() -> str:
    return f"for example {EXAMPLE!r} ({GRAMMAR})."


def _split(tokens: Sequence[str], relation: Sequence[str]) -> tuple[list[str], list[str]] | None:
    """What stands before and after a relation; None if it is not there."""
    width = len(relation)
    for i in range(len(tokens)):
        if list(tokens[i : i + width]) == list(relation):
            return list(tokens[:i]), list(tokens[i + width :])
    return None


def _thing(tokens: Sequence[str], text: str) -> Thing:
    """The thing that some words of a caption are about."""
    size = tokens[0] if tokens and tokens[0] in SIZES else None
    rest = list(tokens[1:] if size else tokens)
    if len(rest) != 2 or rest[0] not in COLOURS or rest[1] not in SHAPES:
        raise ValueError(
            "a thing is a size, if one likes, a colour and a shape, got "
            f"{' '.join(tokens)!r} in {text!r}; {_hint()}"
        )
    return Thing(size, rest[0], rest[1])


def _numbers(thing: Thing) -> tuple[int, int, int]:
    size = UNSTATED if thing.size is None else 1 + list(SIZES).index(thing.size)
    return size, list(COLOURS).index(thing.colour), SHAPES.index(thing.shape)


def _from_numbers(numbers: Sequence[int]) -> Thing:
    size, colour, shape = numbers
    return Thing([None, *SIZES][size], list(COLOURS)[colour], SHAPES[shape])
