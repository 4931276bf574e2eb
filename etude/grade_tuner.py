"""The grade of an agent that tunes a style transfer: ``etude grade tuner.npz``."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.table import Table

from etude.agents.tuner import TunerAgent
from etude.agents.tuner_evaluation import returns_of
from etude.envs.style_weights.baselines import make_baseline, oracle
from etude.envs.style_weights.settings import StyleWeightsSettings
from etude.output import Outcome

SPLITS: Final = ("test", "test_ood")
INTERVAL: Final = 1.96  # standard errors

Grades = dict[str, dict[str, np.ndarray]]  # by split, then by policy: a return for each painting


def grade_tuner(path: Path) -> Outcome:
    """Grade an agent on the pictures of ``test`` and ``test_ood``, and print it.

    Returns:
        Its mean returns, and those of what it is compared with.

    Raises:
        ValueError: it holds no such agent, or the photographs are not here.
    """
    grades = tuner_grades(path.stem, TunerAgent.load(path))
    Console(highlight=False).print(grade_table(grades))
    return {"agent": path.name, "returns": mean_returns(grades)}


def mean_returns(grades: Grades) -> dict[str, dict[str, float]]:
    """The means over the paintings of each split."""
    return {
        split: {name: float(returns.mean()) for name, returns in grade.items()}
        for split, grade in grades.items()
    }


def tuner_grades(name: str, agent: TunerAgent) -> Grades:
    """The returns of an agent, beside those of constant weights, painting by painting."""
    grades: Grades = {}
    for split in SPLITS:
        settings = StyleWeightsSettings(split)
        numbers = np.arange(len(settings.all_instances))
        policies: dict[str, Any] = {
            "default weights": make_baseline("default", settings),
            "best static weights": make_baseline("static", settings),
            "best static weights of each": oracle(split, numbers, settings),
            name: agent,
        }
        grades[split] = {label: returns_of(policy, split) for label, policy in policies.items()}
    return grades


def grade_table(grades: Grades) -> Table:
    """Mean returns with 95 % intervals of the mean over paintings."""
    table = Table(
        "return of a painting",
        *grades,
        box=None,
        pad_edge=False,
        caption="what the held-out judge's quality gains; higher is better",
        caption_justify="left",
    )
    for label in next(iter(grades.values())):
        cells = []
        for returns in (grade[label] for grade in grades.values()):
            error = INTERVAL * returns.std(ddof=1) / np.sqrt(len(returns))
            cells.append(f"{returns.mean():+.3f} \u00b1 {error:.3f}")
        table.add_row(label, *cells)
    return table
