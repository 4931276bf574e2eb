"""numba's compiler with the types kept: what it compiles is called like the Python function."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """The function in machine code, made at its first call and kept on disk."""
    return cast(Function, njit(cache=True)(function))
