"""Etude: small worlds with known answers.

Importing the package registers its environments with Gymnasium, so that both of these work::

    import etude
    gym.make("etude/TicTacToe-v0")

    gym.make("etude:etude/TicTacToe-v0")  # Gymnasium imports the package, in every process
"""

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Final

__version__: Final = "0.1.0"


class _RegisterOnceGymnasiumIsImported(MetaPathFinder):
    """Registers the environments as soon as somebody imports Gymnasium.

    Importing Gymnasium ourselves would cost every `import etude` and every `etude --help` some 0.3
    s.
    """

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        if fullname != "gymnasium":
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(fullname)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def execute_and_register(module: ModuleType) -> None:
            execute(module)
            _register()

        spec.loader.exec_module = execute_and_register  # type: ignore[method-assign]
        return spec


def _register() -> None:
    from etude.envs.registration import register_environments

    register_environments()


if "gymnasium" in sys.modules:
    _register()
else:
    sys.meta_path.insert(0, _RegisterOnceGymnasiumIsImported())
