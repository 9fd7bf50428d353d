"""Receipts by their amount alone: every way the customer may have paid, weighed against accident.

The customer must be known by something else; where nobody knows, the amount is asked last (``unidentified``).
Source: DOMAIN, section 3, steps 4, 6 and 7.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from ..policy import MatchingPolicy
from .differences import Differences, deductions_text
from .habits import Habits
from .hypotheses import Account, Space, spaces_of
from .pool import Pool
from .proof import Weighed, weigh
from .results import Answer, Verdict
from .rules import Case

#: Answers of one receipt that are shown to a person; more would help nobody decide.
MOST_SHOWN = 5
#: Sets of a space beyond which their number says no more than that they are many.
MOST_SETS = 10**12


def by_amount(
    case: Case,
    pool: Pool,
    *,
    day: int,
    policy: MatchingPolicy,
    most_chance: float,
    differences: Differences | None = None,
    habits: Habits | None = None,
) -> Verdict | None:
    """The surest answer, applied when its chance of being wrong is at most that; else all, surest first.

    ``day``: the receipt's, days since 1970. ``differences``: one document may be short by what is exact.
    ``habits``: what the customer is known for ranks what is suggested, and may make an answer less sure.
    """
    account = pool.accounts.get((case.company, case.party.customer_id, case.currency))
    if account is None or not account.positions:
        return None
    living = sorted(account.positions)
    usual = [position for position in living if pool.is_usual[position]]
    if len(usual) < len(living) > 1 and account.total == case.amount:
        # Booked advances or refunds are no part of what a customer pays: a person looks.
        everything = Answer("whole-account", tuple(living), case.evidence(items=len(living)))
        return Verdict(reason="unusual-items", proposals=(everything,))
    less = differences.spaces(usual, pool, case, day) if differences and usual else ()
    habits = habits or Habits(None, policy)
    weighed = _weighed(usual, case, pool, day, policy, less, habits)
    if not weighed:
        return None
    best = weighed[0]
    answer = _answer(best, usual, case, weighed)
    if not policy.has_whole_account and len(best.positions) == len(living) > 1:
        return Verdict(
            reason="rule-only-suggests",
            proposals=_liked(weighed, usual, case, pool, habits),
            chance=best.chance,
        )
    if differences and differences.is_capped(answer, pool, day):
        return Verdict(
            reason="tolerance-cap-reached",
            proposals=_liked(weighed, usual, case, pool, habits),
            chance=best.chance,
        )
    if best.chance <= most_chance and not _is_open_to_doubt(best, usual, pool):
        others = [_answer(one, usual, case, weighed) for one in weighed[1:MOST_SHOWN]]
        return Verdict(applied=_beside(answer, others, pool), chance=best.chance)
    reason = "several-explanations" if len(weighed) > 1 else "not-proven"
    return Verdict(reason=reason, proposals=_liked(weighed, usual, case, pool, habits), chance=best.chance)


def _liked(
    weighed: list[Weighed], usual: list[int], case: Case, pool: Pool, habits: Habits
) -> tuple[Answer, ...]:
    """The answers as a person is shown them: the likeliest first, as this customer is known to pay."""
    has_notes = any(pool.open[position] < 0 for position in usual)

    def unlikely(one: Weighed) -> float:
        takes_notes = any(pool.open[usual[place]] < 0 for place in one.positions)
        liking = habits.liking(
            case.company, case.party.customer_id, one.rule, has_notes=has_notes, takes_notes=takes_notes
        )
        return -(1 - one.chance) * liking

    shown = sorted(weighed, key=unlikely)[:MOST_SHOWN]
    return tuple(_answer(one, usual, case, weighed) for one in shown)


def _is_open_to_doubt(best: Weighed, positions: list[int], pool: Pool) -> bool:
    """Whether the cash says as much of another answer, or of a document that nobody named too little.

    A debt and a credit that cancel each other need no cash: a set is the same without them, unless it is all
    that stands open. And nearly every small difference is some withholding rounded to hundreds or thousands.
    """
    if best.rule == "withheld-rounded":
        return True
    taken = {pool.open[positions[place]] for place in best.positions}
    return best.rule not in ("whole-account", "past-due", "one-group") and any(-one in taken for one in taken)


def _weighed(
    positions: list[int],
    case: Case,
    pool: Pool,
    day: int,
    policy: MatchingPolicy,
    less: Iterable[Space],
    habits: Habits,
) -> list[Weighed]:
    if not positions or not case.amount:
        return []
    account = _account_of(positions, pool)
    return weigh(
        chain(less, spaces_of(account, case.amount, day)),
        account.amounts,
        weights=habits.proof_weights(
            case.company, case.party.customer_id, {**policy.habits, **policy.exact_differences}
        ),
        coincidence=account.figures(case.amount, day).at_random,
    )


def _account_of(positions: list[int], pool: Pool) -> Account:
    """The account as it was last laid out, while nothing of it has changed: what is reckoned of it stays."""
    of = pool.columns
    amounts = of.open[positions]
    known = pool.last_laid_out
    if known is not None and known[0] == positions and np.array_equal(known[1].amounts, amounts):
        return known[1]
    groups = tuple(codes[positions] for codes in of.groups)
    account = Account(amounts, of.due[positions], of.date[positions], groups)
    pool.last_laid_out = positions, account
    return account


def _answer(one: Weighed, positions: list[int], case: Case, weighed: list[Weighed]) -> Answer:
    """Positions of the pool, and in words: what was expected by accident, how sure it is, how many rivals."""
    settled = tuple(replace(less, position=positions[less.position]) for less in one.settled)
    said = {"deductions": deductions_text(settled, case.currency)} if settled else {}
    twins = {"equal_documents": "by its dates" if one.is_by_dates else "by due date"}
    return Answer(
        one.rule,
        tuple(positions[place] for place in one.positions),
        case.evidence(
            items=len(one.positions),
            expected=f"{one.expected:.1e}",
            sets=round(min(one.sets, MOST_SETS)),
            chance=f"{one.chance:.1e}",
            rivals=len(weighed) - 1,
            **(twins if one.is_same_money else {}),
            **said,
        ),
        settled,
    )


def _beside(best: Answer, others: Sequence[Answer], pool: Pool) -> Answer:
    """The answer that is applied, with those it left behind: nothing else would remember them."""
    if not others:
        return best
    told = [
        {
            "rule": other.rule,
            "chance": other.evidence["chance"],
            "documents": list(dict.fromkeys(pool.document_id[position] for position in other.positions)),
        }
        for other in others
    ]
    return replace(best, evidence={**best.evidence, "others": told})
