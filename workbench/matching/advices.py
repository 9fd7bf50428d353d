"""Remittance advices (soportes de pago): what the customer says it pays, told document by document.

An advice belongs to a receipt that it names, else to the one receipt of the same payer, currency and
amount within some working days. Source: DOMAIN, section 2 (5) and section 3, step 1.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from ..calendar import WorkingDays
from ..references import fold
from .pool import Pool
from .results import Answer, Verdict
from .rules import Case, doubt_about, living, oldest_that_make, why_dead


@dataclass(frozen=True)
class Line:
    """One line: the document named and what is paid of it, in the sign of the document."""

    reference: str
    amount: int
    deduction: int


@dataclass(frozen=True)
class Advice:
    company: str
    remittance_id: str
    customer: str
    payer: str
    date: dt.date | None
    currency: str
    names_receipt: bool
    lines: tuple[Line, ...]

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)


class Payer(NamedTuple):
    """What of a receipt an advice may recognise."""

    row: int
    company: str
    receipt_id: str
    customer: str
    name: str
    date: dt.date
    currency: str
    amount: int
    used: int = 0  # of the receipt, before: received less what is left


def payer_form(name: str) -> str:
    """A payer's name without case, accents and doubled blanks; never by likeness."""
    return " ".join(fold(name).split())


class Advices:
    """Which advices speak for which receipt, decided before any receipt is taken."""

    def __init__(
        self, remittances: pd.DataFrame, payers: Iterable[Payer], *, window: int, days: WorkingDays
    ) -> None:
        named, loose = _read(remittances)
        self._spoken: dict[int, list[Advice]] = {}
        self._contested: set[int] = set()
        by_total: dict[tuple[str, str, int], list[Payer]] = {}
        claimed: dict[tuple[str, str], list[int]] = {}
        for payer in payers:
            name = (payer.company, payer.receipt_id)
            if name in named:
                self._spoken[payer.row] = named[name]
                claimed.setdefault(name, []).append(payer.row)
            else:
                by_total.setdefault((payer.company, payer.currency, payer.amount), []).append(payer)
        # Two accounts may use one reference; then the advice says nothing for sure of either receipt.
        self._contested.update(row for rows in claimed.values() if len(rows) > 1 for row in rows)
        for advice in loose:
            fitting = [
                payer
                for payer in by_total.get((advice.company, advice.currency, advice.total), [])
                if _is_same_payer(advice, payer)
                and _working_days_apart(advice.date, payer.date, days) <= window
            ]
            for payer in fitting:
                self._spoken.setdefault(payer.row, []).append(advice)
            if len(fitting) > 1:
                self._contested.update(payer.row for payer in fitting)

    def limited_to(self, rows: Iterable[int]) -> Advices:
        """Those of some receipts, which are numbered anew in the order given."""
        limited = Advices.__new__(Advices)
        limited._spoken, limited._contested = {}, set()
        for number, row in enumerate(rows):
            if row in self._spoken:
                limited._spoken[number] = self._spoken[row]
            if row in self._contested:
                limited._contested.add(number)
        return limited

    def fields(self) -> set[tuple[str, str]]:
        """By company, whatever an advice names."""
        advices = (advice for advices in self._spoken.values() for advice in advices)
        return {(advice.company, line.reference) for advice in advices for line in advice.lines}

    def of(self, row: int) -> list[Advice]:
        return self._spoken.get(row, [])

    def is_contested(self, row: int) -> bool:
        """Two receipts claim one advice, or two advices one receipt."""
        return row in self._contested or len(self.of(row)) > 1


def remittance_advice(
    case: Case, pool: Pool, advices: list[Advice], *, is_contested: bool, used: int = 0
) -> Verdict | None:
    """Every line names an open document and pays whole items of it, and the lines are the amount.

    A line may name an order: its documents are paid oldest due first, as far as the line goes. ``used``: what
    of the receipt is applied already, which comes off what the advice gives to orders, once: off those that
    are settled, then the oldest due first. The rest of the lines must be what is left of the receipt.
    """
    if not advices:
        return None
    verdicts = [_as_told(case, pool, advice, used) for advice in advices]
    if not is_contested:
        return verdicts[0]
    answers = [answer for verdict in verdicts for answer in (verdict.applied, *verdict.proposals) if answer]
    return Verdict(reason="advice-ambiguous", proposals=tuple(answers))


def _as_told(case: Case, pool: Pool, advice: Advice, used: int) -> Verdict:
    told: dict[tuple[int, ...], int] = {}
    reasons: list[str] = []
    orders: dict[str, tuple[int, ...]] = {}
    settled = 0
    for line in advice.lines:
        items, reason = _items_named(line, case, pool)
        if reason == "advice-unresolved":
            items, reason = _items_of_order(line, case, pool)
            orders.update({} if reason else {line.reference: items})
        if reason:
            reasons.append(reason)
            settled += max(line.amount, 0) if reason == "reference-already-settled" else 0
        else:
            told[items] = told.get(items, 0) + line.amount
    # The same figures in another currency are another amount, whatever else there is to say.
    if told and advice.currency != case.currency:
        reasons.insert(0, "advice-in-another-currency")
    positions: list[int] = []
    left_open: dict[int, int] = {}
    served = min(used, settled)
    comes_off = _comes_off({items: told[items] for items in orders.values()}, used - served)
    for items, amount in told.items():
        advised = amount - comes_off.get(items, 0)
        if not advised and items in orders.values():
            continue
        paid = oldest_that_make(items, advised, pool)
        if paid is None:
            is_part = abs(advised) < abs(pool.total(items))
            reasons.append("advice-pays-part" if is_part else "advice-exceeds-open")
            paid, left = _part_of(items, advised, pool) if is_part else (items, {})
            left_open.update(left)
        positions.extend(paid)
    if any(line.deduction for line in advice.lines):
        reasons.append("advice-has-deductions")
    if told and not positions and comes_off:
        reasons.append("advice-used")
    if advice.total - served - sum(comes_off.values()) != case.amount:
        reasons.append("advice-differs-from-receipt")
    # Two names of one document (its number and its reference) would otherwise pay it twice.
    if len(set(positions)) != len(positions):
        reasons.append("advice-names-twice")
        left_open = {}
    unique = tuple(sorted(set(positions)))
    reasons.extend(filter(None, [doubt_about(unique, case, pool)]))
    answer = Answer(
        "remittance-advice",
        unique,
        _evidence(case, pool, advice, orders, unique),
        left_open=tuple(sorted(left_open.items())),
    )
    if not reasons and unique:
        return Verdict(applied=answer)
    return Verdict(
        reason=reasons[0] if reasons else "advice-unresolved", proposals=(answer,) if unique else ()
    )


def _comes_off(orders: Mapping[tuple[int, ...], int], used: int) -> dict[tuple[int, ...], int]:
    """What of each order was paid before, the oldest due first; together never more than ``used``."""
    taken: dict[tuple[int, ...], int] = {}
    for items in sorted(orders):
        if taken_now := min(used, max(orders[items], 0)):
            taken[items] = taken_now
            used -= taken_now
    return taken


def _evidence(
    case: Case, pool: Pool, advice: Advice, orders: Mapping[str, tuple[int, ...]], positions: tuple[int, ...]
) -> dict[str, object]:
    """What the advice names; of an order the documents that it reaches."""
    lines = [line.reference for line in advice.lines if line.reference not in orders]
    of_orders = {position for items in orders.values() for position in items} & set(positions)
    lines += dict.fromkeys(pool.document_id[position] for position in sorted(of_orders))
    told = {"orders": list(orders)} if orders else {}
    by = "receipt" if advice.names_receipt else "payer"
    return case.evidence(advice=advice.remittance_id, references=lines, by=by, **told)


def _part_of(items: tuple[int, ...], amount: int, pool: Pool) -> tuple[tuple[int, ...], dict[int, int]]:
    """The oldest items that a part reaches, and what it leaves of the last; of credits nothing is told."""
    if amount <= 0 or any(pool.open[position] <= 0 for position in items):
        return items, {}
    reached: list[int] = []
    for position in items:
        reached.append(position)
        amount -= pool.open[position]
        if amount <= 0:
            break
    return tuple(reached), {reached[-1]: -amount} if amount else {}


def _items_of_order(line: Line, case: Case, pool: Pool) -> tuple[tuple[int, ...], str]:
    """The living items of the one order a line names, of one customer, oldest due first."""
    index = pool.orders.names(case.company)
    mention = index.resolve(line.reference) if index else None
    if mention is None:
        return (), "advice-unresolved"
    alive = living(pool.orders.items(mention.positions), case, pool)
    return (tuple(sorted(alive)), "") if alive else ((), "reference-already-settled")


def _items_named(line: Line, case: Case, pool: Pool) -> tuple[tuple[int, ...], str]:
    """The living items of the one document a line names, or why there are none."""
    mention = pool.resolve(case.company, line.reference)
    if mention is None:
        return (), "advice-unresolved"
    alive = living(mention.positions, case, pool)
    if not alive:
        return (), why_dead(mention.positions, case, pool)
    documents = list(pool.by_document(alive).values())
    return (documents[0], "") if len(documents) == 1 else ((), "reference-ambiguous")


def _read(remittances: pd.DataFrame) -> tuple[dict[tuple[str, str], list[Advice]], list[Advice]]:
    """Advices that name a receipt, by company and receipt; and the others."""
    named: dict[tuple[str, str], list[Advice]] = {}
    loose: list[Advice] = []
    keys = [
        "company_id",
        "receipt_id",
        "remittance_id",
        "customer_id",
        "payer_name",
        "advice_date",
        "currency",
    ]
    ordered = remittances.sort_values(["company_id", "remittance_id", "line"], kind="stable")
    for values, rows in ordered.groupby(keys, sort=True, dropna=False):
        company, receipt_id, remittance_id, customer, payer, date, currency = values
        lines = zip(
            rows["reference"], rows["advised_amount"].tolist(), rows["deduction"].tolist(), strict=True
        )
        advice = Advice(
            company,
            remittance_id,
            customer,
            payer_form(payer),
            None if pd.isna(date) else date.date(),
            currency,
            bool(receipt_id),
            # In an order of their own: the rows of a file may come in any.
            tuple(sorted((Line(*line) for line in lines), key=_in_order)),
        )
        if receipt_id:
            named.setdefault((company, receipt_id), []).append(advice)
        else:
            loose.append(advice)
    return named, loose


def _in_order(line: Line) -> tuple[str, int, int]:
    return line.reference, line.amount, line.deduction


def _is_same_payer(advice: Advice, payer: Payer) -> bool:
    if advice.customer and payer.customer:
        return advice.customer == payer.customer
    return bool(advice.payer) and advice.payer == payer_form(payer.name)


def _working_days_apart(one: dt.date | None, other: dt.date, days: WorkingDays) -> int:
    if one is None:
        return 10**6
    return abs(days.between(min(one, other), max(one, other)))
