"""A page for each environment, from its docstring, with a picture of it."""

import io
import re
from inspect import getdoc
from typing import Any, Final

import gymnasium as gym
import imageio.v3 as imageio
from gymnasium.envs.registration import EnvSpec, load_env_creator, registry

import etude

gym.register_envs(etude)

ACTIONS: Final[dict[str, tuple[int, ...]]] = {
    "etude/TicTacToe-v0": (4, 2),
    "etude/MNK-v0": (12, 6, 8),
    "etude/ConnectFour-v0": (3, 3, 2, 4),
}
"""What the learner plays in the picture of a board."""
ARGUMENTS: Final[dict[str, dict[str, Any]]] = {"etude/MNK-v0": {"m": 5, "n": 5, "k": 4}}
PICTURES: Final = {"etude/StyleWeights-v0": "../pictures/tuning.png"}
"""Of environments that take long to draw: one that is there already."""
SEED: Final = 0
SIZE: Final = (420, 420)


def pages() -> dict[str, str | bytes]:
    """The pages, the list of them, and the pictures."""
    made: dict[str, str | bytes] = {"environments/index.md": _overview()}
    for spec in specs():
        made[f"environments/{slug(spec)}.md"] = _page(spec)
        if spec.id not in PICTURES:
            made[f"environments/{slug(spec)}.png"] = _picture(spec)
    return made


def navigation() -> list[Any]:
    """The environments."""
    return [{spec.name: f"environments/{slug(spec)}.md"} for spec in specs()]


def specs() -> list[EnvSpec]:
    """What is registered, in that order."""
    return [spec for spec in registry.values() if spec.namespace == "etude"]


def slug(spec: EnvSpec) -> str:
    """The name of its page.

    >>> slug(gym.spec("etude/TicTacToe-v0"))
    'tic-tac-toe'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", spec.name).lower()


def _page(spec: EnvSpec) -> str:
    env_class: Any = load_env_creator(spec.entry_point)
    docstring = getdoc(env_class)
    assert docstring is not None, f"{env_class} has a docstring"
    summary, _, sections = docstring.partition("\n\n")
    picture = PICTURES.get(spec.id, f"{slug(spec)}.png")
    module, _, name = str(spec.entry_point).partition(":")
    made = _made(spec)
    text = [
        f"# {spec.name}\n",
        f"{summary}\n",
        f'![{spec.name}]({picture}){{ width="420" }}\n' if spec.id not in PICTURES else "",
        f"![{spec.name}]({picture})\n" if spec.id in PICTURES else "",
        "```python\nimport etude\nimport gymnasium as gym\n\ngym.register_envs(etude)\n"
        f"env = {made}\n```\n",
        *_facts(spec, f"[`{name}`]({_reference(module)}#{module}.{name})"),
        sections,
    ]
    return "\n".join(text)


def _made(spec: EnvSpec) -> str:
    given = "".join(f", {name}={value!r}" for name, value in ARGUMENTS.get(spec.id, {}).items())
    return f'gym.make("{spec.id}"{given})'


def _facts(spec: EnvSpec, env_class: str) -> list[str]:
    """What can be read off the environment itself."""
    env = gym.make(spec.id, **ARGUMENTS.get(spec.id, {}))
    kwargs = ", ".join(f"`{name}={value!r}`" for name, value in spec.kwargs.items())
    modes = ", ".join(f"`{mode}`" for mode in env.metadata["render_modes"])
    rows = {
        "class": env_class + (f" with {kwargs}" if kwargs else ""),
        "action space": f"`{env.action_space}`",
        "observation space": f"`{_in_short(env.observation_space)}`",
        "render modes": modes,
        "many at once": f'`gym.make_vec("{spec.id}", num_envs=256, '
        'vectorization_mode="vector_entry_point")`',
    }
    env.close()
    return ["| | |\n| --- | --- |", *(f"| {name} | {value} |" for name, value in rows.items()), ""]


def _in_short(space: gym.Space[Any]) -> str:
    """What a space prints, without the bounds of each number where they differ."""
    text = str(space)
    if isinstance(space, gym.spaces.Box) and "[" in text:
        return f"Box({space.low.min():g} .. {space.high.max():g}, {space.shape}, {space.dtype})"
    return text


def _reference(module: str) -> str:
    folder = module.removeprefix("etude.").replace(".", "/")
    return f"../reference/{folder}.md"


def _picture(spec: EnvSpec) -> bytes:
    """The board after a few moves against a random opponent, as a PNG file."""
    arguments = {"render_mode": "rgb_array", "render_size": SIZE, "agent_side": "first"}
    env = gym.make(spec.id, **ARGUMENTS.get(spec.id, {}), **arguments)
    env.reset(seed=SEED)
    for action in ACTIONS[spec.id]:
        _, _, terminated, _, info = env.step(action)
        assert not info.get("illegal_action", False), f"{spec.id}: {action} is taken"
        if terminated:
            break
    file = io.BytesIO()
    imageio.imwrite(file, env.render(), extension=".png")
    env.close()
    return file.getvalue()


def _overview() -> str:
    rows = []
    for spec in specs():
        summary = (getdoc(load_env_creator(spec.entry_point)) or "").partition("\n")[0]
        rows.append(f"| [`{spec.id}`]({slug(spec)}.md) | {summary} |")
    return "\n".join(
        [
            "# Environments\n",
            "All are Gymnasium environments, single and in batches. An opponent is a part of the "
            "environment, and `info` has the exact value of a position if you ask for it.\n",
            "| id | what it is |\n| --- | --- |",
            *rows,
            "\nMore boards need no new environment: see [how to add a board](../how-to/board.md).",
        ]
    )
