"""How the loops over many boards are compiled, and the machine instructions that they need.

The loops get their arrays in named tuples, and numba would count a reference for every use of
every array: 20 times as much work as the step itself. They neither make nor keep an array, so
``compiled`` leaves the counting out; what they call is ``inlined``.
"""

from typing import Any, Final

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

Word = Any  # a uint64 in compiled code, for which mypy knows no arithmetic with literals

compiled: Final[Any] = njit(cache=True, _nrt=False)  # type: ignore[call-overload]
inlined: Final[Any] = njit(inline="always")


@intrinsic
def _popcount(typing_context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


@intrinsic
def _lowest_bit(typing_context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), generate


@intrinsic
def _high_product(typing_context: Any, left: Any, right: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide = ir.IntType(128)
        left, right = (builder.zext(argument, wide) for argument in arguments)
        upper = builder.lshr(builder.mul(left, right), ir.Constant(wide, 64))
        return builder.trunc(upper, ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), generate


popcount: Final[Any] = _popcount
"The number of ones in a uint64."
lowest_bit: Final[Any] = _lowest_bit
"The index of the least significant one in a uint64 that is not 0."
high_product: Final[Any] = _high_product
"The upper 64 bits of the 128-bit product of two uint64."
