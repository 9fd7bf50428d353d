"""The loops: plain functions over integer columns, compiled by numba where it is installed.

Distinct amounts with how often each occurs come in, so equal documents are never told apart: an answer is how
many of each amount it takes. Every function gives how many answers it met (it stops at the second) and the
answers themselves, a row each, as counts by amount.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .machine_code import machine_code

Numbers = npt.NDArray[np.int64]
Answer = tuple[int, Numbers]

#: Enough to tell "unique" from "ambiguous" and to show a rival.
WANTED = 2
UNDECIDED = -1
#: Larger than any amount or sum; slots by which amounts are told apart at a glance, a power of two.
MOST, MARKS = 2**62, 4096


def told_apart(amounts: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """The different amounts, ascending; of each document which it is; and how many have it."""
    size = len(amounts)
    order = np.argsort(amounts, kind="mergesort")
    values, counts = np.empty(size, np.int64), np.zeros(size, np.int64)
    owners = np.empty(size, np.int64)
    kinds = 0
    for at in range(size):
        place = order[at]
        if at == 0 or amounts[place] != values[kinds - 1]:
            values[kinds] = amounts[place]
            kinds += 1
        counts[kinds - 1] += 1
        owners[place] = kinds - 1
    return values[:kinds], owners, counts[:kinds]


def half_sums(values: Numbers, counts: Numbers) -> tuple[Numbers, Numbers]:
    """Every sum of these amounts, ascending, and its code (how many of each, in mixed base)."""
    sums, codes = np.zeros(1, np.int64), np.zeros(1, np.int64)
    weight = 1
    for place in range(len(values)):
        base_sums, base_codes = sums, codes
        for taken in range(1, counts[place] + 1):
            shift, mark = taken * values[place], taken * weight
            size = len(sums) + len(base_sums)
            merged_sums, merged_codes = np.empty(size, np.int64), np.empty(size, np.int64)
            one, two = 0, 0
            for at in range(size):
                has_two = two < len(base_sums)
                if one < len(sums) and (not has_two or sums[one] <= base_sums[two] + shift):
                    merged_sums[at], merged_codes[at] = sums[one], codes[one]
                    one += 1
                else:
                    merged_sums[at], merged_codes[at] = base_sums[two] + shift, base_codes[two] + mark
                    two += 1
            sums, codes = merged_sums, merged_codes
        weight *= counts[place] + 1
    return sums, codes


def write_code(code: int, counts: Numbers, answer: Numbers, start: int) -> int:
    """A code back as counts, from ``start`` on; gives how many documents it takes."""
    taken = 0
    for place in range(len(counts)):
        answer[start + place] = code % (counts[place] + 1)
        code //= counts[place] + 1
        taken += answer[start + place]
    return taken


def meet_in_the_middle(values: Numbers, counts: Numbers, split: int, target: int, largest: int) -> Answer:
    """Any number of documents up to ``largest``: two halves' sums, walked towards each other."""
    answers = np.zeros((WANTED, len(values)), np.int64)
    low_sums, low_codes = half_sums(values[:split], counts[:split])
    high_sums, high_codes = half_sums(values[split:], counts[split:])
    found, low, high = 0, 0, len(high_sums) - 1
    while low < len(low_sums) and high >= 0:
        total = low_sums[low] + high_sums[high]
        if total < target:
            low += 1
        elif total > target:
            high -= 1
        else:
            # All pairs of the two runs of equal sums, each another choice of amounts.
            first, last = low, high
            while low < len(low_sums) and low_sums[low] == low_sums[first]:
                high = last
                while high >= 0 and high_sums[high] == high_sums[last]:
                    taken = write_code(low_codes[low], counts[:split], answers[found], 0)
                    taken += write_code(high_codes[high], counts[split:], answers[found], split)
                    if 0 < taken <= largest:
                        found += 1
                        if found == WANTED:
                            return found, answers
                    high -= 1
                low += 1
    return found, answers


def up_to_four(amounts: Numbers, counts: Numbers, target: int, largest: int) -> Answer:
    """At most four documents of any number: pairs by their sum, each set of four met once.

    Up to four documents of each amount are laid out, with the number of the amount (``owners``) and which of
    the equal ones each is (``turns``); a set counts when it takes the first of them.
    """
    answers = np.zeros((WANTED, len(amounts)), np.int64)
    size = 0
    for owner in range(len(counts)):
        size += min(counts[owner], 4)
    values, owners = np.empty(size, np.int64), np.empty(size, np.int64)
    turns = np.empty(size, np.int64)
    place = 0
    for owner in range(len(counts)):
        for turn in range(min(counts[owner], 4)):
            values[place], owners[place], turns[place] = amounts[owner], owner, turn
            place += 1
    # A power of two of slots, at least twice as many as pairs: the last pair of each sum, and the sum. A row
    # of ``pairs`` is the first document, the second, and the next pair of the same sum.
    many = max(size * (size - 1) // 2, 1) if largest > 1 else 1
    slots = 16
    while slots < 2 * many:
        slots *= 2
    heads, keys = np.full(slots, -1, np.int64), np.empty(slots, np.int64)
    pairs = np.empty((many, 3), np.int64)
    chosen = np.empty(4, np.int64)
    found, stored = 0, 0
    for last in range(size):
        chosen[0] = last
        if values[last] == target:
            found = take_if_first(chosen, 1, owners, turns, answers, found)
        for other in range(last, size if largest >= 3 else last):
            # ``other`` = ``last`` stands for three documents, beyond it for four.
            if other > last and largest < 4:
                break
            rest = target - values[last] - (values[other] if other > last else 0)
            slot = slot_of(rest, slots)
            while heads[slot] >= 0 and keys[slot] != rest:
                slot = (slot + 1) & (slots - 1)
            pair = heads[slot]
            while pair >= 0 and found < WANTED:
                chosen[1], chosen[2], chosen[3] = pairs[pair, 0], pairs[pair, 1], other
                found = take_if_first(chosen, 4 if other > last else 3, owners, turns, answers, found)
                pair = pairs[pair, 2]
            if found == WANTED:
                return found, answers
        for first in range(last if largest >= 2 else 0):
            total = values[first] + values[last]
            if total == target:
                chosen[1] = first
                found = take_if_first(chosen, 2, owners, turns, answers, found)
            slot = slot_of(total, slots)
            while heads[slot] >= 0 and keys[slot] != total:
                slot = (slot + 1) & (slots - 1)
            keys[slot], pairs[stored, 0], pairs[stored, 1] = total, first, last
            pairs[stored, 2], heads[slot] = heads[slot], stored
            stored += 1
        if found == WANTED:
            return found, answers
    return found, answers


def slot_of(total: int, slots: int) -> int:
    """Where a sum is looked for: its bits well mixed."""
    mixed = int(total) ^ (int(total) >> 29)
    mixed = (mixed * 0x9E3779B1) & 0x7FFFFFFFFFFFFFF
    return (mixed ^ (mixed >> 23)) & (slots - 1)


def take_if_first(
    chosen: Numbers, size: int, owners: Numbers, turns: Numbers, answers: Numbers, found: int
) -> int:
    """Count the set unless it passes over an equal document that comes first."""
    if found >= WANTED:
        return found
    for one in range(size):
        before = 0
        for other in range(size):
            if owners[chosen[other]] == owners[chosen[one]] and turns[chosen[other]] < turns[chosen[one]]:
                before += 1
        if before != turns[chosen[one]]:
            return found
    for one in range(size):
        answers[found, owners[chosen[one]]] += 1
    return found + 1


def branch_and_bound(values: Numbers, counts: Numbers, target: int, largest: int, most_steps: int) -> Answer:
    """Any number of documents, the largest amounts first, cut where the rest cannot reach the target.

    ``UNDECIDED`` where the space is not through after ``most_steps``, unless two answers are known by then.
    """
    size = len(values)
    answers = np.zeros((WANTED, size), np.int64)
    above, below = np.zeros(size + 1, np.int64), np.zeros(size + 1, np.int64)
    for place in range(size - 1, -1, -1):
        whole = values[place] * counts[place]
        above[place] = above[place + 1] + max(whole, 0)
        below[place] = below[place + 1] + min(whole, 0)
    taken = np.full(size + 1, -1, np.int64)
    place, left, documents, found, steps = 0, target, 0, 0, 0
    while place >= 0:
        steps += 1
        if steps > most_steps:
            return UNDECIDED, answers
        if taken[place] >= 0:  # undo the last choice here
            left += taken[place] * values[place]
            documents -= taken[place]
        taken[place] += 1
        many = taken[place]
        if many > counts[place] or documents + many > largest:
            taken[place] = -1
            place -= 1
            continue
        left -= many * values[place]
        documents += many
        if left == 0 and documents > 0 and many > 0:
            answers[found, :] = 0
            for at in range(place + 1):
                answers[found, at] = taken[at]
            found += 1
            if found == WANTED:
                return found, answers
        if place + 1 < size and below[place + 1] <= left <= above[place + 1]:
            place += 1
    return found, answers


def held_back(amounts: Numbers, bounds: Numbers, answers: Numbers, target: int) -> int:
    """Runs between two bounds that are the target but for one or two documents inside, two or more left.

    A row of ``answers`` is where the run begins and ends, and the places of what is held back (the last of
    equal amounts; −1 for none); the search ends when they are full.
    """
    found = 0
    order = np.argsort(amounts, kind="mergesort")
    sorted_amounts = amounts[order]
    before = np.zeros(len(amounts) + 1, np.int64)
    for place in range(len(amounts)):
        before[place + 1] = before[place] + amounts[place]
    marks = np.zeros(MARKS, np.bool_)  # of the amounts: most of what is looked for is not among them
    for place in range(len(amounts)):
        marks[slot_of(amounts[place], MARKS)] = True
    for first in range(len(bounds) - 1):
        start = bounds[first]
        # The two largest and the two least amounts of the run as it grows.
        most, more, least, less = amounts[start], -MOST, amounts[start], MOST
        known = start + 1
        for last in range(first + 1, len(bounds)):
            end = bounds[last]
            while known < end:
                if amounts[known] > more:
                    most, more = max(most, amounts[known]), min(most, amounts[known])
                if amounts[known] < less:
                    least, less = min(least, amounts[known]), max(least, amounts[known])
                known += 1
            over = before[end] - before[start] - target
            if over == 0 or end - start < 3:
                continue
            if least <= over <= most and marks[slot_of(over, MARKS)]:
                place = last_of_amount(sorted_amounts, order, over, start, end)
                if place >= 0:
                    answers[found, 0], answers[found, 1], answers[found, 2] = start, end, place
                    found += 1
                    if found == len(answers):
                        return found
            if end - start < 4 or over < least + less or over > most + more:
                continue
            for one in range(end - 1, start, -1):
                rest = over - amounts[one]
                if not marks[slot_of(rest, MARKS)]:
                    continue
                other = last_of_amount(sorted_amounts, order, rest, start, end)
                if other < 0 or other > one:
                    continue  # not there, or met from its own side
                if last_of_amount(sorted_amounts, order, amounts[one], start, end) != one:
                    continue  # of equal amounts the last stands for all
                if other == one:  # twice the same amount: the one before it, if it is there
                    other = last_of_amount(sorted_amounts, order, amounts[one], start, one)
                    if other < 0:
                        continue
                answers[found, 0], answers[found, 1] = start, end
                answers[found, 2], answers[found, 3] = one, other
                found += 1
                if found == len(answers):
                    return found
    return found


def last_of_amount(sorted_amounts: Numbers, order: Numbers, amount: int, start: int, end: int) -> int:
    """The last place from ``start`` to before ``end`` that holds the amount, or −1."""
    low, high = 0, len(sorted_amounts)
    while low < high:  # after the last entry of (amount, places before ``end``)
        middle = (low + high) // 2
        value = sorted_amounts[middle]
        if value < amount or (value == amount and order[middle] < end):
            low = middle + 1
        else:
            high = middle
    if low == 0 or sorted_amounts[low - 1] != amount or order[low - 1] < start:
        return -1
    return int(order[low - 1])


def halves_of(counts: Numbers) -> tuple[Numbers, int]:
    """An order of the amounts and where to cut it, so that both halves have about as many choices."""
    size = len(counts)
    places = np.argsort(-counts, kind="mergesort")
    order, later = np.empty(size, np.int64), np.empty(size, np.int64)
    one, other, split = 0.0, 0.0, 0
    for at in range(size):
        choices = math.log2(counts[places[at]] + 1.0)
        if one <= other:
            order[split] = places[at]
            split += 1
            one += choices
        else:
            later[at - split] = places[at]
            other += choices
    order[split:] = later[: size - split]
    return order, split


def search_whole(
    amounts: Numbers, target: int, largest: int, most_for_pairs: int, most_choices: float, most_steps: int
) -> tuple[int, Numbers, Numbers, Numbers]:
    """By the search that needs least: pairs, else the halves' sums, else branch and bound.

    Gives how many answers, how many of each amount they take, of each document which amount it is, and how
    many have it.
    """
    values, owners, counts = told_apart(amounts)
    if largest <= 4 and len(amounts) <= most_for_pairs:
        answers = np.zeros((WANTED, len(values)), np.int64)
        # Without credits an amount above the target is in no set.
        usable = len(values) if values[0] < 0 else np.searchsorted(values, target, side="right")
        found, few = up_to_four(values[:usable], counts[:usable], target, largest)
        answers[:, :usable] = few
        return found, answers, owners, counts
    choices = 1.0
    for many in counts:
        choices *= many + 1.0
    if choices <= most_choices:
        order, split = halves_of(counts)
        found, placed = meet_in_the_middle(values[order], counts[order], split, target, largest)
    else:
        order = np.argsort(-np.abs(values), kind="mergesort")
        found, placed = branch_and_bound(values[order], counts[order], target, largest, most_steps)
    answers = np.zeros_like(placed)
    answers[:, order] = placed
    return found, answers, owners, counts


class Searches(NamedTuple):
    """The searches, plain or compiled."""

    meet_in_the_middle: Callable[..., Any]
    branch_and_bound: Callable[..., Any]
    held_back: Callable[..., Any]
    search_whole: Callable[..., Any]


PLAIN = Searches(meet_in_the_middle, branch_and_bound, held_back, search_whole)


@lru_cache
def compiled() -> Searches | None:
    """The same functions as machine code, compiled at their first call; ``None`` without numba."""
    helpers = (told_apart, halves_of, half_sums, write_code, slot_of, take_if_first, up_to_four)
    made = machine_code(*helpers, last_of_amount, *PLAIN)
    return Searches(*made[-len(PLAIN) :]) if made else None
