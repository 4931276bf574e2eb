"""The ids under which Gymnasium finds the environments.

Entry points are strings, so that registering imports neither an environment nor what it renders
with, and so that ``spec.to_json()`` works.
"""

from typing import Any, Final

from gymnasium.envs.registration import register, registry

MNK_ENV: Final = "etude.envs.mnk.env:MNKEnv"
MNK_VECTOR_ENV: Final = "etude.envs.mnk.vector:MNKVectorEnv"

BOARDS: Final[dict[str, dict[str, Any]]] = {
    "etude/TicTacToe-v0": {"m": 3, "n": 3, "k": 3},
    "etude/MNK-v0": {},
    "etude/ConnectFour-v0": {"m": 6, "n": 7, "k": 4, "gravity": True},
}
"""The boards."""

STYLE_WEIGHTS: Final = "etude/StyleWeights-v0"
STYLE_WEIGHTS_ENV: Final = "etude.envs.style_weights.env:StyleWeightsEnv"
STYLE_WEIGHTS_VECTOR_ENV: Final = "etude.envs.style_weights.vector:StyleWeightsVectorEnv"


def register_environments() -> None:
    """Register every environment that is not registered yet."""
    for env_id, kwargs in BOARDS.items():
        if env_id not in registry:
            register(env_id, MNK_ENV, vector_entry_point=MNK_VECTOR_ENV, kwargs=kwargs)
    if STYLE_WEIGHTS not in registry:
        register(STYLE_WEIGHTS, STYLE_WEIGHTS_ENV, vector_entry_point=STYLE_WEIGHTS_VECTOR_ENV)
