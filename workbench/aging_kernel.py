"""Amounts by customer and ageing range in one pass over coded integers: numpy, and numba where it pays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .money import Amounts

Codes = npt.NDArray[np.int32]
#: Rows a pass of the numpy twin: small enough for its temporaries to stay in cache.
_CHUNK = 1 << 16


def bucket_codes(days: npt.NDArray[np.integer], upper: Sequence[int]) -> npt.NDArray[np.int64]:
    """Position of each number of days in the ranges whose last days are ``upper``; the last one is open."""
    lookup = _lookup(upper)
    codes: npt.NDArray[np.int64] = lookup[np.clip(days, 0, len(lookup) - 1)].astype(np.int64)
    return codes


def bucket_amounts(
    customers: Codes, days: Codes, amounts: Amounts, upper: Sequence[int], n_customers: int
) -> Amounts:
    """Sum of ``amounts`` by customer code (row) and range of ``days`` (column): int64, exact."""
    lookup, width = _lookup(upper), len(upper) + 1
    sums = np.zeros(n_customers * width, dtype=np.int64)
    for start in range(0, len(amounts), _CHUNK):
        rows = slice(start, start + _CHUNK)
        cells = customers[rows].astype(np.int64) * width + lookup[np.clip(days[rows], 0, len(lookup) - 1)]
        np.add.at(sums, cells, amounts[rows])
    return sums.reshape(n_customers, width)


def _lookup(upper: Sequence[int]) -> npt.NDArray[np.int8]:
    """Range by number of days, from 0 to one past the last edge."""
    return np.searchsorted(np.asarray(upper), np.arange(upper[-1] + 2), side="left").astype(np.int8)
