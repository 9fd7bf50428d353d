"""A handful of documents that lie together in an order (of due dates): every set of them that is the target.

All sets of a large account are too many to prove anything; those within a short stretch of its dates are few.
The sums of every block of ten documents are laid out once, ascending; a document and the sets of the two
blocks behind it are then met from both ends. Plain loops that numba compiles where it is installed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from ..money import Amounts

#: Documents of a block; a set lies within two blocks behind its first document.
BLOCK = 10
#: The most documents of a set, and sets that are told; where there are so many, none is proven.
LARGEST, MOST_TOLD = 6, 16


@lru_cache(maxsize=65_536)
def sets_together(n: int, size: int) -> float:
    """How many sets of so many of ``n`` documents lie within two blocks behind their first."""
    whole = max(n - 2 * BLOCK, 0) * math.comb(2 * BLOCK, size - 1)
    return float(whole + sum(math.comb(rest, size - 1) for rest in range(min(n, 2 * BLOCK))))


def find_together(amounts: Amounts, target: int, *, is_plain: bool = False) -> list[tuple[int, ...]]:
    """Places of the sets of 2 to ``LARGEST`` documents that are the target and lie together.

    ``amounts``: int64 minor units in the order of their dates. At most ``MOST_TOLD`` sets, in the order of
    their first documents; so many mean that there may be more.
    """
    given = np.ascontiguousarray(amounts, dtype=np.int64)
    answers = np.zeros((MOST_TOLD, 2), np.int64)
    searched = search_blocks if is_plain else _compiled()
    found = searched(given, int(target), BLOCK, LARGEST, answers)
    return [
        (first, *(first + 1 + bit for bit in range(2 * BLOCK) if code >> bit & 1))
        for first, code in answers[:found].tolist()
    ]


def search_blocks(
    amounts: npt.NDArray[np.int64], target: int, block: int, largest: int, answers: npt.NDArray[np.int64]
) -> int:
    """Fills ``answers`` (first document, code of the others: bit 0 the next one) and gives how many."""
    n = len(amounts)
    most = 1 << block
    sums = np.empty((n + 1, most), np.int64)
    codes = np.empty((n + 1, most), np.int64)
    taken_in = np.empty((n + 1, most), np.int8)
    sizes = np.ones(n + 1, np.int64)
    merged_sums, merged_codes = np.empty(most, np.int64), np.empty(most, np.int64)
    merged_in = np.empty(most, np.int8)
    for start in range(n + 1):
        sums[start, 0], codes[start, 0], taken_in[start, 0] = 0, 0, 0
    for start in range(n):
        # Of all documents that a set with these may hold, what one of them adds at the most and the least.
        above, below = np.int64(0), np.int64(0)
        for place in range(max(start - 1 - block, 0), min(start + 2 * block, n)):
            above, below = max(above, amounts[place]), min(below, amounts[place])
        size = 1
        for place in range(start, min(start + block, n)):
            # The sums so far and the same with one document more, both ascending, into one; a sum that no
            # further documents can bring to the target is left out, as all that hold it would be.
            mark = 1 << (place - start)
            one, two, kept = 0, 0, 0
            for _ in range(2 * size):
                is_first = one < size and (
                    two == size or sums[start, one] <= sums[start, two] + amounts[place]
                )
                if is_first:
                    total, code, many = sums[start, one], codes[start, one], taken_in[start, one]
                    one += 1
                else:
                    total, code = sums[start, two] + amounts[place], codes[start, two] | mark
                    many = taken_in[start, two] + 1
                    two += 1
                rest = target - total
                # The first document of the set is none of a block's.
                if many < largest and (largest - many) * below <= rest <= (largest - many) * above:
                    merged_sums[kept], merged_codes[kept], merged_in[kept] = total, code, many
                    kept += 1
            size = kept
            sums[start, :size] = merged_sums[:size]
            codes[start, :size] = merged_codes[:size]
            taken_in[start, :size] = merged_in[:size]
        sizes[start] = size
    found = 0
    for first in range(n - 1):
        near, far = first + 1, min(first + 1 + block, n)
        rest = target - amounts[first]
        low, high = 0, sizes[far] - 1
        while low < sizes[near] and high >= 0:
            total = sums[near, low] + sums[far, high]
            if total < rest:
                low += 1
            elif total > rest:
                high -= 1
            else:
                # Every pair of the two runs of equal sums.
                other = high
                while other >= 0 and sums[far, other] == sums[far, high]:
                    code = codes[near, low] | (codes[far, other] << block)
                    taken, bits = 1, code
                    while bits:
                        bits &= bits - 1
                        taken += 1
                    if 1 < taken <= largest:
                        answers[found, 0], answers[found, 1] = first, code
                        found += 1
                        if found == len(answers):
                            return found
                    other -= 1
                low += 1
    return found


@lru_cache
def _compiled() -> Callable[..., Any]:
    """The same loop as machine code, kept beside the module where that can be; plain without numba."""
    try:
        import numba
    except ImportError:
        return search_blocks
    try:
        return cast(Callable[..., Any], numba.njit(search_blocks, nogil=True, cache=True))
    except RuntimeError:  # no folder to keep it in
        return cast(Callable[..., Any], numba.njit(search_blocks, nogil=True))
