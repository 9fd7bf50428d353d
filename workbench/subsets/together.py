"""A handful of documents that lie together in an order (of due dates): every set of them that is the target.

All sets of a large account are too many to prove anything; those within a short stretch of its dates are few.
The sums of every block of ten documents are laid out once, ascending, each block from the one before; a
document and the sets of the two blocks behind it are then met from both ends. Plain loops that numba compiles
where it is installed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ..money import Amounts
from .machine_code import machine_code

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
    most, rows = 1 << block, block + 1
    # A row a block: its sums, ascending, equal ones by their code, and how many documents each takes.
    # The last row is the block before without its first document.
    sums, codes = np.empty((rows + 1, most), np.int64), np.empty((rows + 1, most), np.int64)
    counts, sizes = np.empty((rows + 1, most), np.int64), np.zeros(rows + 1, np.int64)
    above, below = np.int64(0), np.int64(0)  # what one document adds at the most and the least
    for place in range(n):
        above, below = max(above, amounts[place]), min(below, amounts[place])
    sums[0, 0], codes[0, 0], counts[0, 0], sizes[0] = 0, 0, 0, 1
    found = 0
    for turn in range(1, n + 2 * block):
        start = turn - block
        before, row = (turn - 1) % rows, turn % rows
        size = 0
        for at in range(sizes[before]):
            if codes[before, at] & 1 == 0:
                sums[rows, size], counts[rows, size] = sums[before, at], counts[before, at]
                codes[rows, size] = codes[before, at] >> 1
                size += 1
        if start + block <= n:
            # The same with one document more, in among them; a sum that no further documents can bring to
            # the target is left out, as all that hold it would be.
            more, mark = amounts[start + block - 1], 1 << (block - 1)
            one, two, kept = 0, 0, 0
            for _ in range(2 * size):
                if one < size and (two == size or sums[rows, one] <= sums[rows, two] + more):
                    total, code, many = sums[rows, one], codes[rows, one], counts[rows, one]
                    one += 1
                else:
                    total, code, many = sums[rows, two] + more, codes[rows, two] | mark, counts[rows, two] + 1
                    two += 1
                rest = target - total
                # One document of the set, its first, is in none of its blocks.
                if many < largest and (largest - many) * below <= rest <= (largest - many) * above:
                    sums[row, kept], codes[row, kept], counts[row, kept] = total, code, many
                    kept += 1
            sizes[row] = kept
        else:
            sums[row, :size], codes[row, :size] = sums[rows, :size], codes[rows, :size]
            counts[row, :size], sizes[row] = counts[rows, :size], size
        first, far = start - 1 - block, row
        if first < 0 or first >= n - 1:
            continue
        near = (turn - block) % rows
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
                    taken = 1 + counts[near, low] + counts[far, other]
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
    made = machine_code(search_blocks)
    return made[-1] if made else search_blocks
