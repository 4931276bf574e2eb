"""The grade of an agent: exact where the board can be enumerated, else by matches and a solver.

Three pictures instead of an agent are the grade of a painting: ``grade_picture``; a generator's is
``grade_generator``.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import tyro
from rich.console import Console
from rich.progress import track

from etude.agents.evaluation import Grade, tabular
from etude.agents.evaluation import grade as grade_exactly
from etude.agents.optima import gaps
from etude.agents.sampled_grade import SampledGrade, sampled_grade
from etude.envs.mnk.retrograde import MAX_TABLE_CELLS
from etude.envs.mnk.rules import MNKRules
from etude.envs.mnk.state_space import state_space
from etude.generative.gan.shipped import GENERATORS, find_generator
from etude.grade_tables import print_exact, print_gaps, print_sampled
from etude.output import Outcome
from etude.players import board_for, find_agent, is_tuner, short_name

GENERATOR_SUFFIX: Final = ".safetensors"
MAX_ASKED_CELLS: Final = (
    12  # 3 x 4 has 111,973 positions, which a network is asked about in seconds
)


def grade(
    what: Annotated[
        tuple[str, ...],
        tyro.conf.Positional,
        tyro.conf.arg(name="agent-or-pictures", metavar="AGENT | GENERATOR | CONTENT STYLE RESULT"),
    ],
    *,
    board: str | None = None,
    games: int = 10,
    positions: int = 200,
    seed: int = 0,
    size: int | None = None,
    inception: Path | None = None,
) -> Outcome:
    """Grade an agent, a generator, or a painting: CONTENT STYLE RESULT.

    An agent: on boards of up to 16 cells nothing is sampled: results are expectations over all
    games, and exploitability counts every tied greedy move as playable (agents without a table: up
    to 12 cells). On larger ones the agent plays matches, and the solver judges its moves in
    positions of random games; all shares come with 95 % intervals. An illegal move loses the game.

    An agent that tunes a style transfer: what its paintings gain in quality on pictures that it has
    not seen, beside constant weights.

    A generator, which `etude train gan` made or which comes along (biggan-digits, stylegan-digits,
    stylegan-faces): modes, high quality, reverse KL and width where the density is known, the modes
    of stacked digits, or distances to the digits, faces or pictures that it learned from.

    A painting: the photo, the style (a file or a name such as waves) and what came of them, judged
    by an encoder that no method optimises, beside what the photo and the style image get. The photo
    is scaled to the painting's size. Of clips the grades are means over ten frames, and the warping
    error over all of them says how much the paint flickers.

    Args:
        what: a file that `etude train --save` wrote, or a preset such as "perfect" or "book", which
            is trained on the spot; or three pictures.
        board: of a preset, if not tic-tac-toe.
        games: on large boards, in each seat against perfect play; ten times as many against random
            play.
        positions: on large boards, in how many the solver judges the agent's move.
        seed: of what is sampled, of a preset's training, and of a generator's noise.
        size: of a painting, the longer side at which it is looked at, in pixels; as it is, but at
            most 512, if left out.
        inception: of a generator of pictures, a file of Inception-v3's weights to grade by, instead
            of EfficientNet-Lite1's.

    Returns:
        The grade.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it holds no agent, or one of another board, or a number below 1; or what are no
            pictures, or of different shapes; or no generator.
    """
    match what:
        case (agent,) if is_tuner(agent):
            from etude.grade_tuner import grade_tuner

            return grade_tuner(Path(agent))
        case (name,) if name in GENERATORS or name.endswith(GENERATOR_SUFFIX):
            from etude.grade_generator import grade_generator

            return grade_generator(find_generator(name), seed=seed, inception=inception)
        case (agent,):
            return grade_agent(agent, board, games=games, positions=positions, seed=seed)
        case (content, style, result):
            from etude.grade_picture import grade_picture  # torch takes a second, agents need none

            return grade_picture(Path(content), style, Path(result), size=size)
        case _:
            raise ValueError(
                f"a grade is that of an agent or of CONTENT STYLE RESULT, got {len(what)} names; "
                "see `etude grade --help`."
            )


def grade_agent(
    agent: str,
    board: str | None = None,
    *,
    games: int = 10,
    positions: int = 200,
    seed: int = 0,
) -> Outcome:
    """Grade an agent and print it; see ``grade``.

    Returns:
        The grade.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it holds no agent, or one of another board, or a number below 1.
    """
    rules = board_for(board, agent)
    player = find_agent(agent, rules, seed)
    result: Grade | SampledGrade
    if rules.num_cells <= (MAX_TABLE_CELLS if hasattr(player, "policy_table") else MAX_ASKED_CELLS):
        result = _grade_all(player, rules)
    else:
        rng = np.random.default_rng(seed)
        result = sampled_grade(
            player, rules, num_games=games, num_positions=positions, rng=rng, follow=_follow
        )
    show(short_name(agent), result)
    return {"agent": agent, "seed": seed, **as_dict(result)}


def as_dict(result: Grade | SampledGrade) -> dict[str, Any]:
    """A grade as plain values, the exact one with its gaps to the optima."""
    if isinstance(result, SampledGrade):
        return {"exact": False} | result.as_dict()
    optima = {gap.optimum: gap.as_dict() for gap in gaps(result)}
    return {"exact": True} | result.as_dict() | {"optima": optima}


def show(name: str, result: Grade | SampledGrade) -> None:
    """Print a grade for a person."""
    console = Console(highlight=False)
    if isinstance(result, SampledGrade):
        print_sampled(console, name, result)
    else:
        print_exact(console, name, result)
        print_gaps(console, gaps(result))


def _grade_all(player: Any, rules: MNKRules) -> Grade:
    with Console(stderr=True).status(f"grading on {rules.name}"):
        space = state_space(rules)
        return grade_exactly(tabular(player, space), space)


def _follow(items: Iterable[Any], what: str, number: int) -> Iterable[Any]:
    """The items, with a progress bar."""
    return track(items, what, total=number, console=Console(stderr=True), transient=True)
