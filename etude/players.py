"""Who sits at the board: an opponent by its name, an agent from a file, or a preset trained now."""

from importlib import import_module
from pathlib import Path
from typing import Any, Final

from gymnasium.error import DependencyNotInstalled
from rich.console import Console

from etude.agents.protocol import ValueAgent
from etude.agents.storage import kind_of
from etude.agents.tuner import KIND as TUNER
from etude.envs.mnk.opponents import OPPONENTS, AgentOpponent, Opponent, make_opponent
from etude.envs.mnk.retrograde import MAX_TABLE_CELLS
from etude.envs.mnk.rules import MNKRules
from etude.envs.registration import STYLE_WEIGHTS
from etude.foundations.names import check_name

AGENT_SUFFIX: Final = ".npz"
TICTACTOE: Final = "tictactoe"
KINDS: Final[dict[str, str]] = {
    "td": "etude.agents.td_value:TDValueAgent",
    "mc": "etude.agents.monte_carlo:MonteCarloAgent",
    "dyna": "etude.agents.dyna:DynaAgent",
    "perfect": "etude.agents.perfect_play:PerfectPlayAgent",
    "ntuple": "etude.agents.ntuple:NTupleAgent",
    "baseline": "etude.agents.baselines:BaselineAgent",
}


def load_agent(path: Path) -> Any:
    """The agent in a file, whatever its kind.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it holds no agent, or one of a kind that is not known here.
        ImportError: its kind needs a library that is not installed.
    """
    kind = kind_of(path)
    if kind == TUNER:
        raise ValueError(
            f"a board is played by an agent that learned on one, got {path.name}, which tunes a "
            f"style transfer; try `etude watch {STYLE_WEIGHTS} --agent {path}`."
        )
    check_name(f"the kind of agent in {path.name}", kind, KINDS)
    module, _, name = KINDS[kind].partition(":")
    try:
        agent_class = getattr(import_module(module), name)
    except DependencyNotInstalled as error:
        raise ImportError(f"{path.name} cannot be loaded: {error}") from error
    return agent_class.load(path)


def train_preset(name: str, rules: MNKRules, seed: int | None = None) -> Any:
    """The agent of a preset after its games, with a status line meanwhile.

    Raises:
        ValueError: an unknown preset, or a board that is too large for a table.
    """
    from etude.agents.presets import find_preset

    preset = find_preset(name)
    if rules.num_cells > MAX_TABLE_CELLS:
        raise ValueError(
            f"a preset keeps a table of a board of at most {MAX_TABLE_CELLS} cells, got "
            f"{name} for {rules.name}; train a network with `etude train ntuple --env "
            f"{rules.name} --save agent{AGENT_SUFFIX}` and name its file."
        )
    status = f"{name} plays {preset.games_for(rules):,} games of {rules.name} to learn"
    with Console(stderr=True).status(status):
        return preset.train(rules, seed, fast=preset.has_fast_path)


def is_agent(name: Any) -> bool:
    """Whether this is the name of an agent: a file, or a preset."""
    return isinstance(name, str) and (name.endswith(AGENT_SUFFIX) or name in preset_names())


def is_tuner(name: str) -> bool:
    """Whether this is a file with an agent that tunes a style transfer."""
    return name.endswith(AGENT_SUFFIX) and Path(name).is_file() and kind_of(Path(name)) == TUNER


def check_agent(name: str) -> None:
    """Check that this may be the name of an agent.

    Raises:
        ValueError: it is neither a file's nor a preset's.
    """
    if not is_agent(name):
        raise ValueError(
            f"an agent is a file that ends in {AGENT_SUFFIX}, or a preset out of "
            f"{', '.join(preset_names())}, got {name!r}; see `etude train --help`."
        )


def find_agent(name: str, rules: MNKRules, seed: int | None = None) -> Any:
    """The agent in a file, or a preset trained on the spot.

    Args:
        name: of the file or the preset.
        rules: the board.
        seed: of a preset's training.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: neither a file nor a preset, or not for this board.
        ImportError: the agent needs a library that is not installed.
    """
    check_agent(name)
    if not name.endswith(AGENT_SUFFIX):
        return train_preset(name, rules, seed)
    agent = load_agent(Path(name))
    if agent.rules != rules:
        raise ValueError(
            f"an agent plays the board that it was trained on, got {name} of {agent.rules.name} "
            f"for {rules.name}; leave the board out, and the agent's is taken."
        )
    return agent


def player(name: Any, rules: MNKRules, seed: int | None = None) -> Opponent:
    """An agent by its file or preset, or whoever ``make_opponent`` makes of ``name``.

    Args:
        name: who.
        rules: the board.
        seed: of a preset's training.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: an unknown name, or an agent for another board.
        ImportError: the agent needs a library that is not installed.
    """
    if is_agent(name):
        return AgentOpponent(find_agent(name, rules, seed))
    if isinstance(name, str):
        base = name.partition(":")[0]
        others = [*OPPONENTS, *preset_names()]
        check_name(f"a player is a file that ends in {AGENT_SUFFIX}, or", base, others)
    return make_opponent(name)


def board_for(board: str | None, *names: Any) -> MNKRules:
    """The board that was asked for, or else that of the first agent from a file, or tic-tac-toe.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: an unknown board, or a file without an agent.
        ImportError: the agent needs a library that is not installed.
    """
    if board is None:
        for name in names:
            if isinstance(name, str) and name.endswith(AGENT_SUFFIX):
                rules: MNKRules = load_agent(Path(name)).rules
                return rules
    return MNKRules.from_name(board or TICTACTOE)


def short_name(name: Any) -> str:
    """What to call a player: the name, without the folder and the ending of a file."""
    if not isinstance(name, str):
        return type(name).__name__
    return Path(name).stem if name.endswith(AGENT_SUFFIX) else name


def preset_names() -> list[str]:
    """The presets that can be trained on the spot."""
    from etude.agents.presets import PRESETS

    return list(PRESETS)


def trained_on(opponent: Opponent) -> MNKRules | None:
    """The board of the agent behind an opponent, if there is an agent that knows only one."""
    rules = getattr(opponent.agent, "rules", None) if isinstance(opponent, AgentOpponent) else None
    return rules if isinstance(rules, MNKRules) else None


def agent_of(opponent: Opponent) -> ValueAgent | None:
    """The agent behind an opponent, if it says what it thinks of positions."""
    agent = opponent.agent if isinstance(opponent, AgentOpponent) else None
    return agent if isinstance(agent, ValueAgent) else None
