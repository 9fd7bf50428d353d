"""What is reckoned of an account and an amount before anything is searched, in one pass over its documents.

Plain loops over integer columns that numba compiles where it is installed: how many sets each hypothesis has,
whether one of those that are seen at a glance is the amount, and how many answers to expect by accident. What
each number means stands in ``hypotheses`` and ``subsets.expectations``; these loops are held against both.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..money import Amounts
from ..subsets.expectations import FINEST, MOST_ZEROS, NOTHING, SPREAD, USUAL_SHARES, USUAL_WEIGHT
from ..subsets.machine_code import machine_code

Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Sizes of sets whose accidents are counted apart; the last takes all that are larger.
SIZES = ((1, 1), (2, 2), (3, 3), (4, 4), (5, 6), (7, 10), (11, 2**40))
_LOWEST, _HIGHEST = np.array(SIZES, dtype=np.int64).T.copy()
_USUAL = np.array(USUAL_SHARES)


class Figures(NamedTuple):
    """Of one account and one amount.

    ``first``: the first document of exactly the amount, −1 without; ``has_one_now``: one of them falls due
    about now; ``kinds``, ``kinds_now``: different amounts, of all and of those; ``due_now``: how many those
    are; ``past_due``, ``past_due_total``: documents due before the day; ``groups``: terms, orders and centres
    of several documents but not all, ``has_group``: one of them is the amount; ``windows``: runs of dates,
    ``may_be_window``: two of their bounds lie the amount apart; ``bounds``: of the dates that have more;
    ``held_back``: sets that are runs without one or two documents; ``at_random``: the chance that a payment
    that means no document is exactly the amount; ``expected``: accidental answers by ``SIZES``.
    """

    first: int
    has_one_now: bool
    kinds: int
    kinds_now: int
    due_now: int
    total: int
    past_due: int
    past_due_total: int
    groups: int
    has_group: bool
    windows: int
    may_be_window: bool
    bounds: int
    held_back: float
    at_random: float
    expected: Floats


def figures_of(
    amounts: Amounts,
    due_days: Numbers,
    document_days: Numbers,
    groups: Numbers,
    amount: int,
    day: int,
    about: tuple[int, int],
    *,
    is_plain: bool = False,
) -> Figures:
    """Reckons an account that has documents.

    ``groups``: a row of codes for each of term, order and centre, −1 without; ``about``: a document falls due
    about now when it was due so many days before, or is so many after.
    """
    reckon = reckon_account if is_plain else compiled()[0]
    logs = _log_factorials(1 << len(amounts).bit_length())
    made: Figures = reckon(amounts, due_days, document_days, groups, amount, day, *about, logs)
    return made


@lru_cache
def _log_factorials(count: int) -> Floats:
    return np.array([math.lgamma(number + 1) for number in range(count)])


def reckon_account(
    amounts: Numbers,
    due_days: Numbers,
    document_days: Numbers,
    groups: Numbers,
    amount: int,
    day: int,
    due_before: int,
    due_after: int,
    logs: Floats,
) -> Figures:
    """``figures_of`` as a loop; ``logs``: log n! of 0, 1, … as far as there are documents."""
    n = len(amounts)
    first, has_one_now, now, past_due, past_due_total, total = -1, False, 0, 0, 0, 0
    about_now = np.empty(n, np.int64)
    for place in range(n):
        total += amounts[place]
        since = day - due_days[place]
        if since > 0:
            past_due += 1
            past_due_total += amounts[place]
        is_now = -due_after <= since <= due_before
        if is_now:
            about_now[now] = amounts[place]
            now += 1
        if amounts[place] == amount:
            first = place if first < 0 else first
            has_one_now = has_one_now or is_now
    ordered = np.sort(amounts)
    count, has_group = 0, False
    for row in range(len(groups)):
        of_row, is_hit = count_groups(amounts, groups[row], amount)
        count += of_row
        has_group = has_group or is_hit
    windows, may_be_window, bounds, held_back = 0, False, 0, 0.0
    for days in (due_days, document_days):
        _, edges, sums = run_of(amounts, days)
        windows += len(edges) * (len(edges) - 1) // 2
        may_be_window = may_be_window or lie_apart(sums, amount)
        bounds = max(bounds, len(edges))
        held_back += count_held_back(edges)
    step, hits = common_step(ordered)
    return Figures(
        first, has_one_now, count_kinds(ordered), count_kinds(np.sort(about_now[:now])), now,
        total, past_due, past_due_total, count, has_group, windows, may_be_window, bounds, held_back,
        chance_at_random(amounts, amount, step, hits), expected_by_accident(amounts, amount, step, logs),
    )  # fmt: skip


def count_kinds(ordered: Numbers) -> int:
    """Different numbers among ascending ones."""
    kinds = min(len(ordered), 1)
    for place in range(1, len(ordered)):
        kinds += ordered[place] != ordered[place - 1]
    return kinds


def count_groups(amounts: Numbers, codes: Numbers, amount: int) -> tuple[int, bool]:
    """Codes that several documents have but not all, and whether those of one are the amount."""
    n = len(codes)
    slots = 16
    while slots < 2 * n:
        slots *= 2
    held, sizes = np.full(slots, -1, np.int64), np.zeros(slots, np.int64)
    sums = np.zeros(slots, np.int64)
    for place in range(n):
        if codes[place] >= 0:
            slot = codes[place] & (slots - 1)
            while held[slot] >= 0 and held[slot] != codes[place]:
                slot = (slot + 1) & (slots - 1)
            held[slot] = codes[place]
            sizes[slot] += 1
            sums[slot] += amounts[place]
    count, is_hit = 0, False
    for slot in range(slots):
        if 1 < sizes[slot] < n:
            count += 1
            is_hit = is_hit or sums[slot] == amount
    return count, is_hit


def ascending(numbers: Numbers) -> Numbers:
    """The numbers in order; as they are where they are so already, as most are here."""
    for place in range(1, len(numbers)):
        if numbers[place] < numbers[place - 1]:
            return np.sort(numbers)
    return numbers


def order_of(days: Numbers) -> Numbers:
    """Places by their days, equal ones as they come."""
    for place in range(1, len(days)):
        if days[place] < days[place - 1]:
            return np.argsort(days, kind="mergesort")
    return np.arange(len(days))


def run_of(amounts: Numbers, days: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """The documents in the order of their dates; where a date begins, and the end; the sums before those."""
    n = len(days)
    order = order_of(days)
    bounds, sums = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    whole, length = 0, 1
    for place in range(n):
        whole += amounts[order[place]]
        if place + 1 == n or days[order[place + 1]] != days[order[place]]:
            bounds[length], sums[length] = place + 1, whole
            length += 1
    return order, bounds[:length], sums[:length]


def count_held_back(bounds: Numbers) -> float:
    """How many sets the runs between two bounds are with one or two of their documents held back.

    That is size × (size + 1) ÷ 2 of each run. Over all pairs of bounds the sizes and their squares sum to
    what the sums over single bounds give.
    """
    count, whole, squares, weighted = len(bounds), 0, 0, 0
    for place in range(count):
        whole += bounds[place]
        squares += bounds[place] * bounds[place]
        weighted += bounds[place] * (2 * place - count + 1)
    return (count * squares - whole * whole + weighted) / 2


def lie_apart(numbers: Numbers, distance: int) -> bool:
    """Whether two of the numbers lie so far apart."""
    ordered, wanted = ascending(numbers), abs(distance)
    low = 0
    for high in range(1, len(ordered)):
        while low < high and ordered[high] - ordered[low] > wanted:
            low += 1
        if low < high and ordered[high] - ordered[low] == wanted:
            return True
    return False


def common_step(ordered: Numbers) -> tuple[int, int]:
    """The lattice of ascending amounts (``expectations.lattice_of``): its step, and how many lie on it."""
    sizes = ascending(np.abs(ordered))
    count = 0
    for place in range(len(sizes)):
        if place == 0 or sizes[place] != sizes[count - 1]:
            sizes[count] = sizes[place]
            count += 1
    if count < 2:
        return 1, 0
    half, coprime = count // 2, 0
    common = np.empty(count, np.int64)
    for place in range(count):
        one, other = sizes[place], sizes[(place + count - half) % count]
        while other:
            one, other = other, one % other
        common[place] = one
        coprime += one == 1
        if coprime > (count - 1) // 2:
            return 1, 0
    step = np.sort(common)[(count - 1) // 2]
    hits = 0
    for place in range(len(ordered)):
        hits += ordered[place] % step == 0
    return step, hits


def chance_at_random(amounts: Numbers, target: int, step: int, hits: int) -> float:
    """``expectations.coincidence`` by the shares of the account's own amounts."""
    size, n = abs(target), len(amounts)
    if size == 0:
        return 1.0
    multiples = np.zeros(MOST_ZEROS + 2, np.int64)
    for place in range(n):
        power, rest = 0, amounts[place]
        while power <= MOST_ZEROS:
            multiples[power] += 1
            if rest % 10:
                break
            rest //= 10
            power += 1
    steps, power = 0.0, 1
    for zeros in range(MOST_ZEROS + 1):
        if target % power:
            break
        share = (multiples[zeros] - multiples[zeros + 1] + USUAL_WEIGHT * _USUAL[zeros]) / (n + USUAL_WEIGHT)
        steps += share * max(min(power, size // FINEST), 1)
        power *= 10
    if step > 1 and target % step == 0:
        borne_out = size // FINEST * hits + size % FINEST * hits // FINEST
        steps = max(steps, hits / (n + USUAL_WEIGHT) * min(step, max(borne_out, 1)))
    return steps / (SPREAD * size)


def expected_by_accident(amounts: Numbers, target: int, lattice: int, logs: Floats) -> Floats:
    """``expectations.expected_answers`` of all ``SIZES``."""
    expected = np.zeros(len(_LOWEST), np.float64)
    steps = np.empty(MOST_ZEROS + 4, np.int64)
    steps[0], count = 1, 1
    for _ in range(MOST_ZEROS):
        steps[count] = steps[count - 1] * 10
        count += 1
    if lattice < 2**55:  # beyond it no amount is a multiple of more
        for _ in range(3):
            steps[count] = lattice
            lattice *= 10
            count += 1
    ordered = np.sort(steps[:count])
    for place in range(count):
        step = ordered[place]
        if target % step == 0 and (place == 0 or step != ordered[place - 1]):
            # The share of a coarser grid was counted on the finer one already.
            add_density(expected, amounts, target, step, step * (0.9 if step > 1 else 1.0), logs)
    return expected


def add_density(
    expected: Floats, amounts: Numbers, target: int, step: int, worth: float, logs: Floats
) -> None:
    """The density at the target of sums of the amounts on a grid, by ``SIZES``, times what a hit is worth."""
    n, whole = 0, 0.0
    for place in range(len(amounts)):
        if amounts[place] % step == 0:
            n += 1
            whole += amounts[place]
    if n < 2:
        return  # one amount alone has no spread
    mean, squares = whole / n, 0.0
    for place in range(len(amounts)):
        if amounts[place] % step == 0:
            away = amounts[place] - mean
            squares += away * away
    variance = squares / n
    for sizes in range(len(_LOWEST)):
        density = 0.0
        for size in range(_LOWEST[sizes], min(_HIGHEST[sizes], n) + 1):
            spread = size * variance * (n - size) / (n - 1)
            if spread <= 0:
                continue
            away = target - size * mean
            far = away * away / (2 * spread)
            if far <= n + NOTHING:  # else there are fewer than eⁿ sets, so that it would be nothing
                sets = logs[n] - logs[size] - logs[n - size]
                density += math.exp(min(sets - far, 690.0)) / math.sqrt(2 * math.pi * spread)
        expected[sizes] += worth * density


@lru_cache
def compiled() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """``reckon_account`` and ``run_of``, as machine code where numba is installed."""
    made = machine_code(
        ascending, order_of, count_kinds, count_groups, run_of, count_held_back, lie_apart, common_step,
        chance_at_random, add_density, expected_by_accident, reckon_account,
    )  # fmt: skip
    return (made[-1], made[4]) if made else (reckon_account, run_of)
