"""What the policy allows where documents are known: a wire's charges, a tolerance, a part, a surplus.

Nothing of it is proof, so nothing of it is on by default. Source: DOMAIN, section 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...policy import DifferencePolicy
from ..pool import Pool
from ..results import Answer, Deduction
from ..rules import Case


@dataclass(frozen=True)
class Allowed:
    """A way to take the difference; ``is_allowed``: by itself; ``reason``: why a person must look."""

    answer: Answer
    is_allowed: bool
    reason: str


def tolerated(policy: DifferencePolicy, customer: str, currency: str, whole: int) -> int:
    """The most that may be written off: the user's limit and the customer's own, the stricter."""
    limit = policy.tolerance.limit(currency, whole)
    own = policy.tolerances.get(customer)
    return min(limit, own.limit(currency, whole)) if own else limit


def allowances(
    positions: Sequence[int],
    case: Case,
    pool: Pool,
    policy: DifferencePolicy,
    room: int | None,
    told: tuple[tuple[int, int], ...] = (),
) -> Iterator[Allowed]:
    """What the difference of these documents and the cash may be, the most special first.

    ``room``: what the customer's tolerances may still take this month; ``None`` without a cap. ``told``: by
    item, what the payer itself leaves open; then no other part is meant.
    """
    total = pool.total(positions)
    short = total - case.amount
    newest = max(positions, key=lambda position: (pool.open[position] > 0, position))
    if pool.open[newest] <= 0 or not short:
        return
    charge = policy.wire_charges.get(case.currency, 0)
    takes_whole = short < pool.open[newest]
    if 0 < short <= charge and takes_whole:
        ours = policy.bearer != "OUR"
        fee = Deduction(newest, "fee", short, "GBAN", policy.bearer)
        yield Allowed(_answer("charges", positions, case, (fee,)), ours, "charges-not-ours")
    if abs(short) <= tolerated(policy, pool.customer[newest], case.currency, total) and takes_whole:
        has_room = room is None or abs(short) <= room
        difference = Deduction(newest, "tolerance", short, "REDO")
        yield Allowed(_answer("tolerance", positions, case, (difference,)), has_room, "tolerance-cap-reached")
    if short < 0:
        answer = Answer("surplus", tuple(positions), case.evidence(), surplus=-short)
        yield Allowed(answer, policy.surplus == "apply", "amount-differs-from-references")
    elif told or credits_are_whole(positions, pool):
        left = told or tuple(_left_open(positions, pool, short))
        if sum(amount for _, amount in left) != short:
            return
        answer = Answer("partial", tuple(positions), case.evidence(), left_open=left)
        yield Allowed(answer, policy.partial == "apply", "amount-differs-from-references")


def credits_are_whole(positions: Sequence[int], pool: Pool) -> bool:
    """A part is a part of debts only: with a credit among them a person says what it was meant for."""
    return all(pool.open[position] > 0 for position in positions)


def _left_open(positions: Sequence[int], pool: Pool, short: int) -> Iterator[tuple[int, int]]:
    """What stays open: of the newest documents first, as the oldest are paid first."""
    for position in sorted(positions, reverse=True):
        if short <= 0:
            return
        part = min(short, pool.open[position])
        yield position, part
        short -= part


def _answer(rule: str, positions: Sequence[int], case: Case, deductions: tuple[Deduction, ...]) -> Answer:
    return Answer(rule, tuple(positions), case.evidence(), deductions)
