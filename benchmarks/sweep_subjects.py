"""What can be searched: learners that end in an exact grade, with their settings and objectives.

Tables (TD and Monte Carlo) and Stable-Baselines3's networks learn a board game, and generators a
distribution whose density is known. Each is trained and graded by a function that a worker of a
sweep calls, see ``sweep_trials``.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from etude.agents.baseline_settings import BASELINES, A2CConfig, DQNConfig, PPOConfig
from etude.agents.monte_carlo import MonteCarloSettings
from etude.agents.schedules import Constant
from etude.agents.tabular_agent import SELF
from etude.agents.td_value import TDSettings
from etude.envs.boards import rules_of
from etude.envs.mnk.retrograde import MAX_TABLE_CELLS
from etude.foundations.names import check_name

TABLES: Final[dict[str, type[Any]]] = {"td": TDSettings, "mc": MonteCarloSettings}
GAN: Final = "gan"
METHODS: Final = (*TABLES, *BASELINES, GAN)
POINTS: Final = ("ring8", "grid25", "spiral", "moons", "checkerboard")
OF_THE_RUN: Final = ("steps", "seed")  # settings of a generator that are not searched
UNIFORM: Final = "uniform"
NASH_CONV: Final = "nash_conv"
GAMES: Final[dict[str, bool]] = {  # name to whether less is better
    NASH_CONV: True,
    "score": False,
    "win_rate": False,
    "optimal_share": False,
}
CLOUDS: Final[dict[str, bool]] = {
    "energy_distance": True,
    "kl": True,
    "reverse_kl": True,
    "high_quality": False,
    "modes": False,
    "on_support": False,
}
DEFAULT_SPACES: Final[dict[str, tuple[str, ...]]] = {
    "td": ("step_size=0.01:1:log", "exploration=0:1", "backup=sutton_barto,max,lambda"),
    "mc": ("exploration=0:1", "draw_value=0:1"),
    "dqn": ("learning_rate=1e-4:1e-2:log", "batch_size=32,64,128,256", "gradient_steps=1:4"),
    "a2c": ("learning_rate=1e-4:1e-2:log", "ent_coef=1e-3:0.3:log", "gae_lambda=0.8:1"),
    "ppo": ("learning_rate=1e-4:1e-2:log", "ent_coef=1e-3:0.3:log", "n_epochs=2:20"),
    GAN: ("learning_rate=3e-4:1e-2:log", "gamma=0.03:3:log", "average_decay=0.9,0.99,0.999"),
}


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a sweep trains.

    Attributes:
        method: a name of ``METHODS``.
        where: the board, or the data.
        objective: the metric that is searched for.
        less_is_better: of the objective.
        unit: what the budget counts: games, decisions or updates.
        budget: of each run.
        opponent: of a board; empty for data.
        defaults: of all settings.
    """

    method: str
    where: str
    objective: str
    less_is_better: bool
    unit: str
    budget: int
    opponent: str
    defaults: Mapping[str, Any]

    @property
    def default_space(self) -> tuple[str, ...]:
        """What is searched if nobody says."""
        return DEFAULT_SPACES.get(self.method) or DEFAULT_SPACES[_family(self.method)]

    @property
    def task(self) -> str:
        """What the runs are about, in words."""
        against = f" against {self.opponent}" if self.opponent else ""
        return (
            f"{self.method} on {self.where}{against}, {self.budget:,} {self.unit}, {self.objective}"
        )

    def config(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The whole config of a run, from the settings that differ from the defaults."""
        return {
            "method": self.method,
            "where": self.where,
            "opponent": self.opponent,
            "budget": self.budget,
            "unit": self.unit,
            "objective": self.objective,
            "settings": {**self.defaults, **settings},
        }

    def check(self, settings: Mapping[str, Any]) -> None:
        """Check that such settings are possible.

        Raises:
            ValueError: one is out of its range.
        """
        make_settings(self.method, {**self.defaults, **settings})


def find_subject(
    method: str, where: str | None, objective: str | None, budget: int | None, opponent: str | None
) -> Subject:
    """What the command line asks for; None stands for what suits the method best.

    Raises:
        ValueError: an unknown method, place or objective, or a budget below 1.
    """
    check_name("what is swept", method, METHODS)
    if budget is not None and budget < 1:
        raise ValueError(f"--budget is at least 1, got {budget}.")
    if method == GAN:
        return _generator(where or POINTS[0], objective, budget, opponent)
    rules = rules_of(where or "tictactoe")
    if rules.num_cells > MAX_TABLE_CELLS:
        raise ValueError(
            f"a sweep needs exact grades, for boards of at most {MAX_TABLE_CELLS} cells, got "
            f"{rules.name}; try 4,4,4."
        )
    objective = objective or (NASH_CONV if method in TABLES else "score")
    check_name("an objective of a board", objective, GAMES)
    by_table = method in TABLES
    if by_table:
        opponent = opponent or (SELF if objective in (NASH_CONV, "optimal_share") else UNIFORM)
    return Subject(
        method=method,
        where=rules.name,
        objective=objective,
        less_is_better=GAMES[objective],
        unit="games" if by_table else "decisions",
        budget=budget or (10_000 if by_table else 20_000),
        opponent=opponent or UNIFORM,
        defaults=default_settings(method),
    )


def _generator(
    data: str, objective: str | None, budget: int | None, opponent: str | None
) -> Subject:
    check_name("data with a known density", data, POINTS)
    objective = objective or "energy_distance"
    check_name("an objective of a generator", objective, CLOUDS)
    if opponent is not None:
        raise ValueError(f"a generator has no opponent, got {opponent!r}; leave it out.")
    from etude.generative.gan.recipes import recipe  # imports torch

    settings = recipe(data)
    defaults = {name: value for name, value in asdict(settings).items() if name not in OF_THE_RUN}
    return Subject(
        method=GAN,
        where=data,
        objective=objective,
        less_is_better=CLOUDS[objective],
        unit="updates",
        budget=budget or settings.steps,
        opponent="",
        defaults=defaults,
    )


def default_settings(method: str) -> dict[str, Any]:
    """Of a table or a network, as what JSON can hold."""
    if method in TABLES:
        settings = TABLES[method]()
        values = {field.name: getattr(settings, field.name) for field in fields(settings)}
        return {
            name: value.value if isinstance(value, Constant) else value
            for name, value in values.items()
        }
    return asdict(CONFIGS[_family(method)]())


CONFIGS: Final[dict[str, Callable[[], Any]]] = {
    "dqn": DQNConfig,
    "a2c": A2CConfig,
    "ppo": PPOConfig,
}


def _family(method: str) -> str:
    """The algorithm of a network: "ppo" of "maskable_ppo"."""
    return next(family for family in CONFIGS if family in method)


def make_settings(method: str, settings: Mapping[str, Any]) -> Any:
    """The settings of a method, from plain values, checked.

    Raises:
        ValueError: one is out of its range.
    """
    if method in TABLES:
        return TABLES[method](**settings)
    if method == GAN:
        from etude.generative.gan.settings import GANSettings

        return GANSettings(**settings)
    config = CONFIGS[_family(method)]
    return config(**{name: _as_tuple(value) for name, value in settings.items()})


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
