"""Plain loops as machine code, by numba where it is installed; the plain function is the oracle of each."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, cast


def machine_code(*functions: Callable[..., Any]) -> tuple[Callable[..., Any], ...] | None:
    """The same functions compiled at their first call, each calling those before it; ``None`` without numba.

    All are of one module: each is compiled in a copy of its names where the earlier ones are compiled too.
    The machine code is kept beside the module or in the user's cache, and made again when that file changes;
    where neither can be written it is made in every process.
    """
    try:
        import numba
    except ImportError:
        return None
    names = dict(cast(FunctionType, functions[0]).__globals__)
    made = []
    for function in functions:
        plain = cast(FunctionType, function)
        copy = FunctionType(plain.__code__, names, plain.__name__)
        try:
            fast = cast(Callable[..., Any], numba.njit(copy, nogil=True, cache=True))
        except RuntimeError:  # no folder to keep it in
            fast = cast(Callable[..., Any], numba.njit(copy, nogil=True))
        names[plain.__name__] = fast
        made.append(fast)
    return tuple(made)
