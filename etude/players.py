"""Who sits at the board: an opponent by its name, or an agent from a file."""

from importlib import import_module
from pathlib import Path
from typing import Any, Final

from etude.agents.protocol import ValueAgent
from etude.agents.storage import kind_of
from etude.envs.mnk.opponents import AgentOpponent, Opponent, make_opponent
from etude.envs.mnk.rules import MNKRules
from etude.envs.names import check_name

AGENT_SUFFIX: Final = ".npz"
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
    """
    kind = kind_of(path)
    check_name(f"the kind of agent in {path.name}", kind, KINDS)
    module, _, name = KINDS[kind].partition(":")
    return getattr(import_module(module), name).load(path)


def player(name: Any, rules: MNKRules) -> Opponent:
    """The agent in a file called ``name``, or whoever ``make_opponent`` makes of it.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: an unknown name, or an agent for another board.
    """
    if not isinstance(name, str) or not name.endswith(AGENT_SUFFIX):
        return make_opponent(name)
    agent = load_agent(Path(name))
    if agent.rules != rules:
        raise ValueError(
            f"an agent plays the board that it was trained on, got {name} of {agent.rules.name} "
            f"for {rules.name}; add `--board {agent.rules.name}`."
        )
    return AgentOpponent(agent)


def agent_of(opponent: Opponent) -> ValueAgent | None:
    """The agent behind an opponent, if it says what it thinks of positions."""
    agent = opponent.agent if isinstance(opponent, AgentOpponent) else None
    return agent if isinstance(agent, ValueAgent) else None
