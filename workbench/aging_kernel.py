"""Amounts by group and ageing range in one pass over coded integers: numpy, and numba where it pays.

A group is whatever the caller numbered: a customer, or a customer and currency. Columns are coded once
(int32 group, int32 days, int64 minor units): that is the whole trick, and items that lie together by
customer are aged at the speed of memory (PERFORMANCE, 1). Both twins give the same integers; tests hold
them equal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal, cast

import numpy as np
import numpy.typing as npt

from .money import LARGEST_AMOUNT, Amounts, checked_sum

Codes = npt.NDArray[np.int32]
Lookup = npt.NDArray[np.int8]
Engine = Literal["auto", "numpy", "numba"]
_Kernel = Callable[[Codes, Codes, Amounts, Lookup, int, Amounts], int]

#: From here on the second that numba takes to load and compile, once a process, is worth it.
MANY_ROWS = 2_000_000
#: Rows a step of the numpy twin: its temporaries stay in cache and cost no memory to speak of.
_STEP = 1 << 16
#: Cells that stay in cache while they are added to (512 kB), as a power of two, and rows laid out at a time.
_STRETCH = 16
_BLOCK = 1 << 17


def bucket_amounts(
    customers: Codes,
    days: Codes,
    amounts: Amounts,
    upper: Sequence[int],
    n_customers: int,
    *,
    engine: Engine = "auto",
) -> Amounts:
    """Sum of ``amounts`` by customer code (row) and range of ``days`` (column), exact int64.

    ``upper`` holds the last day of each range but the last, which is open; anything up to ``upper[0]`` = 0
    is not due. Codes run from 0 to ``n_customers`` − 1; another one raises ``IndexError``. Sums that might
    not fit 64 bits raise :class:`AmountOverflowError`. ``engine``: ``auto`` takes numba where it is
    installed and the rows are many, or where it is compiled already.
    """
    if not len(customers) == len(days) == len(amounts):
        raise ValueError("customers, days and amounts must have one length")
    lookup, width = _lookup(tuple(upper)), len(upper) + 1
    sums = np.zeros(n_customers * width, dtype=np.int64)
    kernel = _chosen_kernel(engine, customers, len(sums))
    if kernel is None:
        magnitude = _add_in_steps(customers, days, amounts, lookup, width, sums)
    else:
        columns = (
            np.ascontiguousarray(customers, dtype=np.int32),
            np.ascontiguousarray(days, dtype=np.int32),
            np.ascontiguousarray(amounts, dtype=np.int64),
        )
        magnitude = kernel(*columns, lookup, width, sums)
    if magnitude < 0:
        raise IndexError(f"a customer code is outside 0 … {n_customers - 1}")
    # Every amount is within ±(magnitude + 1): only where that does not settle it are they summed to see.
    if (magnitude + 1) * len(amounts) > LARGEST_AMOUNT:
        checked_sum(np.abs(amounts))
    return sums.reshape(n_customers, width)


def bucket_codes(days: npt.NDArray[np.integer], upper: Sequence[int]) -> npt.NDArray[np.int64]:
    """Position of each number of days in the ranges whose last days are ``upper``; the last one is open."""
    lookup = _lookup(tuple(upper))
    codes: npt.NDArray[np.int64] = lookup[np.clip(days, 0, len(lookup) - 1)].astype(np.int64)
    return codes


def prepare_kernel() -> bool:
    """Compile the numba kernel now (a server's start); ``False`` where numba is not installed."""
    return _compiled() is not None


@lru_cache
def _lookup(upper: tuple[int, ...]) -> Lookup:
    """Range by number of days, from 0 to one past the last edge."""
    return np.searchsorted(np.asarray(upper), np.arange(upper[-1] + 2), side="left").astype(np.int8)


def _add_in_steps(
    customers: Codes, days: Codes, amounts: Amounts, lookup: Lookup, width: int, sums: Amounts
) -> int:
    """The numpy twin of :func:`_add_fused`."""
    groups, last, magnitude = len(sums) // width, len(lookup) - 1, 0
    wide_lookup = lookup.astype(np.int64)
    for start in range(0, len(amounts), _STEP):
        rows = slice(start, start + _STEP)
        codes, values = customers[rows], amounts[rows]
        if codes.min() < 0 or codes.max() >= groups:
            return -1
        cells = np.multiply(codes, width, dtype=np.int64)
        cells += wide_lookup.take(np.clip(days[rows], 0, last))
        np.add.at(sums, cells, values)
        magnitude |= int(np.bitwise_or.reduce(values ^ (values >> 63)))
    return magnitude


def _add_fused(
    customers: Codes, days: Codes, amounts: Amounts, lookup: Lookup, width: int, sums: Amounts
) -> int:
    """Add each amount to its cell; gives a bound of their size, or −1 at a code that has no row.

    Written for numba: plain loop, plain integers.
    """
    groups, last, magnitude = len(sums) // width, len(lookup) - 1, 0
    for row in range(len(amounts)):
        customer = customers[row]
        if customer < 0 or customer >= groups:
            return -1
        amount = amounts[row]
        magnitude |= amount ^ (amount >> 63)
        sums[customer * width + lookup[min(max(days[row], 0), last)]] += amount
    return int(magnitude)


def _add_partitioned(
    customers: Codes, days: Codes, amounts: Amounts, lookup: Lookup, width: int, sums: Amounts
) -> int:
    """The same for items in any order and more cells than the cache holds.

    Rows are first laid out by stretch of cells, a block at a time, so that each stretch is added to while it
    lies in the cache. Four lanes write at once, else each write would wait for the one before.
    """
    groups, last, magnitude = len(sums) // width, len(lookup) - 1, 0
    stretches = (len(sums) >> _STRETCH) + 1
    quarter = _BLOCK // 4
    cells, laid_cells = np.empty(_BLOCK, np.uint32), np.empty(_BLOCK, np.uint32)
    laid_amounts = np.empty(_BLOCK, np.int64)
    heads = np.empty((4, stretches), np.int64)
    whole_blocks = len(amounts) // _BLOCK * _BLOCK
    for start in range(0, whole_blocks, _BLOCK):
        lowest, highest = 0, 0
        for row in range(_BLOCK):
            customer = customers[start + row]
            lowest, highest = min(lowest, customer), max(highest, customer)
            cells[row] = customer * width + lookup[min(max(days[start + row], 0), last)]
        if lowest < 0 or highest >= groups:
            return -1
        heads[:] = 0
        for row in range(quarter):
            for lane in range(4):
                heads[lane, cells[lane * quarter + row] >> _STRETCH] += 1
        place = 0
        for stretch in range(stretches):
            for lane in range(4):
                count = heads[lane, stretch]
                heads[lane, stretch] = place
                place += count
        for row in range(quarter):
            for lane in range(4):
                source = lane * quarter + row
                cell = cells[source]
                target = heads[lane, cell >> _STRETCH]
                heads[lane, cell >> _STRETCH] = target + 1
                laid_cells[target] = cell
                laid_amounts[target] = amounts[start + source]
        for row in range(_BLOCK):
            amount = laid_amounts[row]
            magnitude |= amount ^ (amount >> 63)
            sums[laid_cells[row]] += amount
    for row in range(whole_blocks, len(amounts)):
        customer = customers[row]
        if customer < 0 or customer >= groups:
            return -1
        amount = amounts[row]
        magnitude |= amount ^ (amount >> 63)
        sums[customer * width + lookup[min(max(days[row], 0), last)]] += amount
    return int(magnitude)


def _is_clustered(customers: Codes) -> bool:
    """Whether most rows lie beside one of their own group or a near one, judged by a sample."""
    if len(customers) < 2:
        return True
    sample = np.linspace(0, len(customers) - 2, 1024).astype(np.int64)
    steps = np.abs(customers[sample + 1].astype(np.int64) - customers[sample])
    return bool((steps <= 8).mean() > 0.5)


def _chosen_kernel(engine: Engine, customers: Codes, cells: int) -> _Kernel | None:
    is_worth_it = len(customers) >= MANY_ROWS or _compiled.cache_info().currsize > 0
    if engine == "numpy" or (engine == "auto" and not is_worth_it):
        return None
    kernels = _compiled()
    if kernels is None:
        if engine == "numba":
            raise ImportError("numba is not installed: pip install 'workbench-cartera[fast]'")
        return None
    fused, partitioned = kernels
    return fused if cells <= 2 << _STRETCH or _is_clustered(customers) else partitioned


@lru_cache
def _compiled() -> tuple[_Kernel, _Kernel] | None:
    """Both passes as machine code, compiled once a process; ``None`` without numba.

    Not kept on disk (``cache=True``): an installed package may lie in a folder that cannot be written, and
    two processes would meet in one that can. The declared types compile them here, once, for these columns.
    """
    try:
        import numba
    except ImportError:
        return None
    code, whole, small = numba.int32[::1], numba.int64[::1], numba.types.Array(numba.int8, 1, "C")
    compiled = numba.njit(numba.int64(code, code, whole, small, numba.int64, whole), nogil=True)
    return cast(_Kernel, compiled(_add_fused)), cast(_Kernel, compiled(_add_partitioned))
