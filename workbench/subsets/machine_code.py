"""Plain loops as machine code, by numba where it is installed; the plain function is the oracle of each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import CodeType, FunctionType
from typing import Any, cast

import numpy as np


def machine_code(*functions: Callable[..., Any]) -> tuple[Callable[..., Any], ...] | None:
    """The same functions compiled at their first call, each calling those before it; ``None`` without numba.

    All are of one module: each is compiled in a copy of its names where the earlier ones are compiled too.
    The machine code is kept beside the module or in the user's cache, and made again when that file or a
    constant that a function names changes, whichever module states it; where neither can be written it is
    made in every process.
    """
    try:
        import numba
    except ImportError:
        return None
    plain = [cast(FunctionType, function) for function in functions]
    names = dict(plain[0].__globals__)
    constants = _digest_of(names, [one.__code__ for one in plain])
    made = []
    for one in plain:
        copy = FunctionType(one.__code__, names, one.__name__)
        # The cache looks at the source file alone, and a constant may be imported; files are called by this.
        copy.__qualname__ = f"{one.__name__}_{constants}"
        try:
            fast = cast(Callable[..., Any], numba.njit(copy, nogil=True, cache=True))
        except RuntimeError:  # no folder to keep it in
            fast = cast(Callable[..., Any], numba.njit(copy, nogil=True))
        names[one.__name__] = fast
        made.append(fast)
    return tuple(made)


def _digest_of(names: Mapping[str, object], codes: Iterable[CodeType]) -> str:
    """Of the numbers, texts and arrays that the codes name: what machine code holds as it was then."""
    digest = hashlib.sha256()
    for name in sorted({name for code in codes for name in _named_in(code)}):
        value = names.get(name)
        if isinstance(value, np.ndarray):
            digest.update(f"{name} {value.dtype} {value.shape} ".encode() + value.tobytes())
        elif isinstance(value, (bool, int, float, complex, str, bytes, tuple, np.generic)):
            digest.update(f"{name} {type(value).__name__} {value!r} ".encode())
    return digest.hexdigest()[:16]


def _named_in(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _named_in(inner)
