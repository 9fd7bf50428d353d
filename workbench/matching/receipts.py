"""Receipts of one partition, one after the other, each asked of every rule until one applies or leaves it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pandas as pd

from ..applications import APPLIED, first_open_day
from ..exchange import OfficialRates
from ..references import Mention
from . import rules
from .advices import Advices, Payer, remittance_advice
from .amounts import by_amount
from .differences import Differences, WithholdingSolver
from .findings import (
    EVIDENCE_DISAGREES,
    PAYER_NOT_PROVEN,
    PERHAPS_CLEARED,
    PERIOD_CLOSED,
    RULE_DEMOTED,
    of_receipt,
)
from .legs import Legs, applied_legs, left_row, suggested_legs, take
from .orders import (
    is_outside_order,
    oldest_first,
    open_of_orders,
    order_advance,
    orders_named,
    whole_order,
)
from .parties import Clue, Parties, Party, Signs
from .partitions import Partition
from .pool import Pool
from .readings import named_documents, payer_despite_name
from .results import SUGGESTED, UNAPPLIED, Answer, Verdict
from .unidentified import clues_of_answers

_EPOCH = dt.date(1970, 1, 1).toordinal()
#: Customers that facts point at for whom the amount is asked.
MOST_RIVALS = 3
_CAME_BACK = Verdict(reason="cheque-returned")
#: Of a receipt, what its rows say too.
_COPIED = ["_operation", "receipt_key", "receipt_id", "receipt_date", "received_amount"]


@dataclass(frozen=True)
class Unknown:
    """A receipt whose payer no fact tells: who it may be from by what disagrees, and by its answers.

    ``is_asked``: nobody at all is known, so that its amount is asked of what all others have left.
    """

    row: int
    rivals: tuple[Clue, ...]
    by_answers: tuple[Clue, ...]
    is_asked: bool


@dataclass(frozen=True)
class Decided:
    """What came of one partition: rows of the frames of ``Matched``, each with the receipt's ``_row``.

    ``chances``: of each applied receipt, that it is wrong; ``findings``: with the receipt's row.
    """

    applied: pd.DataFrame
    suggested: pd.DataFrame
    unapplied: pd.DataFrame
    chances: list[float]
    unknown: list[Unknown]
    findings: list[tuple[int, dict[str, object]]]


def decide_receipts(partition: Partition, most_chance: float) -> Decided:
    """One pass over the receipts of a partition; none is applied by an answer less sure than that."""
    policy = partition.policy
    pool = Pool(partition.open_items, partition.last_days, partition.resolved, partition.shapes)
    solver = WithholdingSolver(policy.withholdings)
    differences = Differences(policy, partition.tolerated, solver, OfficialRates(partition.rates))
    receipts = partition.receipts
    applied, suggested, unapplied = Legs(), Legs(), Legs()
    chances: list[float] = []
    unknown: list[Unknown] = []
    findings: list[tuple[int, dict[str, object]]] = []
    rows = zip(
        partition.rows.tolist(),
        payers_of(receipts),
        signs_of(receipts, partition.advices),
        partition.mentions,
        _copied(receipts),
        strict=True,
    )
    for row, payer, signs, mentions, receipt in rows:
        pool.admit(payer.date.toordinal() - _EPOCH)
        case = _case(payer, signs, [pool.placed(one) for one in mentions], pool, partition.parties)
        is_returned = receipt["receipt_key"] in partition.returned
        amounts = (payer.amount, int(receipt["received_amount"]))
        in_erp = partition.cleared.near(
            case.company, case.party.customer_id, case.currency, amounts, payer.date
        )
        verdict = (
            _CAME_BACK
            if is_returned
            else _decide(case, pool, payer, partition, differences, in_erp, most_chance)
        )
        effective = max(payer.date, first_open_day(partition.open_from, case.company) or payer.date)
        if verdict.applied and effective > partition.as_of:
            verdict = Verdict(reason=PERIOD_CLOSED, proposals=(verdict.applied,))
        if verdict.applied:
            applied.extend(row, applied_legs(receipt, case, verdict.applied, pool, effective))
            chances.append(verdict.chance)
            differences.note(verdict.applied, pool, effective.toordinal() - _EPOCH)
            take(verdict.applied, pool)
            continue
        suggested.extend(row, suggested_legs(receipt, case, verdict, pool))
        left = left_row(receipt, case, verdict)
        unapplied.extend(row, [left])
        party = case.party
        if not (party.customer_id and party.is_fact) and case.amount > 0 and payer.date <= partition.as_of:
            is_asked = not party.customer_id and verdict.reason not in (_CAME_BACK.reason, PERIOD_CLOSED)
            unknown.append(Unknown(row, party.rivals, tuple(clues_of_answers(verdict, pool)), is_asked))
        if verdict.reason == PERHAPS_CLEARED:
            findings.append((row, of_receipt(PERHAPS_CLEARED, left, clearing=in_erp)))
    return Decided(
        applied.frame(APPLIED), suggested.frame(SUGGESTED), unapplied.frame(UNAPPLIED),
        chances, unknown, findings,
    )  # fmt: skip


def _copied(receipts: pd.DataFrame) -> Iterator[dict[str, Any]]:
    columns = (receipts[name].tolist() for name in _COPIED)
    return (dict(zip(_COPIED, row, strict=True)) for row in zip(*columns, strict=True))


def payers_of(ordered: pd.DataFrame) -> Iterator[Payer]:
    """Of each receipt what an advice may recognise; ``_left`` is what there is to apply."""
    rows = zip(
        ordered["company_id"].tolist(),
        ordered["receipt_id"].tolist(),
        ordered["customer_id"].tolist(),
        ordered["payer_name"].tolist(),
        ordered["receipt_date"].dt.date.tolist(),
        ordered["currency"].tolist(),
        ordered["_left"].tolist(),
        (ordered["received_amount"] - ordered["_left"]).tolist(),
        strict=True,
    )
    for row, values in enumerate(rows):
        yield Payer(row, *values)


def signs_of(ordered: pd.DataFrame, advices: Advices) -> Iterator[Signs]:
    """What each receipt says of its payer, and what an advice that speaks for it alone tells."""
    names = ["company_id", "customer_id", "text", "payer_name", "payer_tax_id", "payer_account"]
    rows = zip(
        ordered["receipt_date"].dt.date.tolist(), *(ordered[name].tolist() for name in names), strict=True
    )
    for row, (day, company, given, text, name, tax_id, account) in enumerate(rows):
        told = {advice.customer for advice in advices.of(row)} if not advices.is_contested(row) else set()
        yield Signs(company, day, given, text, name, tax_id, account, told=min(told, default=""))


def _case(
    payer: Payer, signs: Signs, mentions: Sequence[Mention], pool: Pool, parties: Parties
) -> rules.Case:
    orders = () if mentions else orders_named(payer.company, signs.text, pool)
    unknown = rules.Case(payer.company, payer.currency, payer.amount, Party(), mentions, signs.text, orders)
    named = frozenset(
        pool.customer[position]
        for mention in mentions
        for position in rules.living(mention.positions, unknown, pool)
    )
    named = named or frozenset(pool.customer[position] for position in open_of_orders(unknown, pool))
    case = replace(unknown, party=parties.identify(signs, named))
    whose = frozenset(
        pool.customer[position]
        for mention in mentions
        for position in mention.positions
        if pool.currency[position] == case.currency
    )
    if named or not whose or case.party.rivals:
        return payer_despite_name(case, pool)
    # What is named is settled, blocked or too late: it says as much of who paid as if it were open.
    as_open = payer_despite_name(replace(unknown, party=parties.identify(signs, whose)), pool)
    return replace(case, is_name_contrary=as_open.party.customer_id != case.party.customer_id)


def _decide(
    case: rules.Case,
    pool: Pool,
    payer: Payer,
    known: Partition,
    differences: Differences,
    in_erp: str,
    most_chance: float,
) -> Verdict:
    """The first rule that applies, unless an earlier one has left the receipt: then all are suggestions.

    ``in_erp``: the clearing that may have counted this cash; from the rules by amount on it speaks against.
    """
    if payer.date > known.as_of:
        return Verdict(reason="after-cutoff")
    if case.amount < 0:
        return Verdict(reason="not-cash-in")
    advices = known.advices
    told = partial(
        remittance_advice,
        advices=advices.of(payer.row),
        is_contested=advices.is_contested(payer.row),
        used=payer.used,
    )
    day = payer.date.toordinal() - _EPOCH
    weighed = partial(
        by_amount, day=day, policy=known.policy, most_chance=most_chance, differences=differences,
        habits=known.habits,
    )  # fmt: skip
    reason = EVIDENCE_DISAGREES if case.party.rivals else ""
    proposals: list[Answer] = []
    for ask in (told, named_documents, whole_order, weighed, order_advance):
        if in_erp and ask is weighed:
            reason = reason or PERHAPS_CLEARED
        if not case.party.is_fact and ask is weighed:
            reason = reason or PAYER_NOT_PROVEN
        verdict = ask(case, pool)
        verdict = verdict and differences.settle(verdict, case, pool, day, most_chance)
        verdict = differences.cross(
            verdict, ask, case, pool, day, most_chance, is_named=ask is not weighed, cleared=known.cleared
        )
        if verdict is None:
            continue
        if verdict.applied and ask is weighed and is_outside_order(verdict.applied.positions, case, pool):
            reason = reason or "order-disagrees"
        if verdict.applied and not known.standings.applies(
            verdict.applied.rule, case.company, case.party.customer_id
        ):
            reason = reason or RULE_DEMOTED
        if verdict.applied and not reason:
            return verdict
        reason = reason or verdict.reason or "rule-only-suggests"
        proposals.extend(filter(None, (verdict.applied, *verdict.proposals)))
    if case.party.rivals:
        proposals = _of_rivals(case, pool, proposals, weighed)
    is_open = {"*", case.party.customer_id} & known.policy.oldest_first and case.party.is_fact
    if not proposals and is_open and (fallback := oldest_first(case, pool)):
        proposals = [fallback]
    each: dict[tuple[object, ...], Answer] = {}
    for answer in proposals:
        each.setdefault((answer.positions, answer.deductions), answer)
    nothing = "no-match" if case.party.customer_id else "customer-unknown"
    return Verdict(reason=reason or nothing, proposals=tuple(each.values()))


def _of_rivals(
    case: rules.Case, pool: Pool, proposals: list[Answer], weighed: Callable[..., Verdict | None]
) -> list[Answer]:
    """What the amount says of each customer that a fact points at, those of exactly the amount first."""
    kinds = {clue.customer_id: clue.kind for clue in reversed(case.party.rivals)}
    for customer, kind in sorted(kinds.items())[:MOST_RIVALS]:
        verdict = weighed(replace(case, party=Party(customer, kind)), pool)
        if verdict is not None:
            proposals = [*proposals, *filter(None, (verdict.applied, *verdict.proposals))]
    return sorted(proposals, key=lambda answer: pool.total(answer.positions) != case.amount)
