"""How customers pay where nothing is known of them, and what is learned from decisions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

#: How a customer of whom nothing is known pays, in thousandths by hypothesis (``matching.hypotheses``), and
#: how often its payment is no exact sum of documents: a stated prior.
USUAL_HABITS: Mapping[str, int] = {
    "single-amount": 500,
    "whole-account": 80,
    "past-due": 20,
    "one-group": 20,
    "window": 120,
    "window-held-back": 25,
    "few-documents": 80,
    "due-together": 80,
    "any-documents": 25,
    "not-exact": 100,
}
#: How often, in thousandths, a payment of known documents is short in a way that is exact: a stated prior.
USUAL_DIFFERENCES: Mapping[str, int] = {
    "withheld": 60,
    "withheld-rounded": 10,
    "discount-earned": 20,
    "tolerance": 10,
    "exchange": 20,
}
#: Other things that customers are known for, in thousandths where nothing is known: the day of the week on
#: which they pay, crossing their credit notes in a payment, and sending round sums instead of exact ones.
USUAL_MANNERS: Mapping[str, int] = {
    "pays-mondays": 200,
    "pays-tuesdays": 200,
    "pays-wednesdays": 200,
    "pays-thursdays": 200,
    "pays-fridays": 200,
    "pays-saturdays": 0,
    "pays-sundays": 0,
    "nets-notes": 500,
    "pays-round-sums": 50,
}


@dataclass(frozen=True)
class HabitOverride:
    """A person's word on a customer's habit, in thousandths: who said it, when, and why."""

    company_id: str
    customer_id: str
    habit: str  # of USUAL_HABITS or USUAL_MANNERS
    permille: int
    who: str
    on: dt.date
    why: str


@dataclass(frozen=True)
class LearningPolicy:
    """What is learned from people's decisions and from history, and how much of it is believed.

    A rule without proof applies from ``decisions`` decisions on, ``permille`` of which agreed. A rule with
    proof promises ``permille`` from the first day; it is demoted where so many of what it applied were undone
    that a rule which keeps its promise would see it in fewer than ``surprise_permille`` of a thousand cases.
    Both look at the last ``months``; what was applied and stands after ``stands_days`` counts as right. A
    customer of ``decisions`` own ones is judged by them, others by all. ``prior_payments``: the stated prior
    of a habit weighs as much as so many payments of the customer. ``overrides``: habits as people set them.
    """

    decisions: int = 30
    permille: int = 999
    surprise_permille: int = 10
    months: int = 12
    stands_days: int = 30
    prior_payments: int = 20
    overrides: tuple[HabitOverride, ...] = ()
