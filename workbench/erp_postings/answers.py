"""What the ERP answers to what was applied here: confirmed, contradicted, or nothing yet (pending).

An answer is read from extracts alone, so a posting keyed by hand is confirmed as one that left in a file.
The unit is what one operation takes from one document, for that is what the ERP clears at once.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from ..applications import account_customers, collect_findings, finding
from ..ledger import active_applications, open_items_as_of
from ..money import to_text
from ..tables import ERP_EXPORT_LINES, Table
from .residuals import OPENING, Opening, items_of, read_short
from .seen import Cleared, Seen, gather_seen

#: One row an application in force, exported or not, and one a reversal that left. ``answered_amount`` is what
#: the ERP did for it, ``difference`` what is missing of it (against its sign: what the ERP did beyond it).
POSTING_STATES = Table(
    "posting_states",
    ("application_id", "posting"),
    {
        "company_id": "text",
        "customer_id": "text",
        "document_key": "integer",  # -1 for a payment on account
        "document_id": "text",
        "currency": "text",
        "operation_id": "text",
        "application_id": "text",
        "posting": "text",  # application, or reversal
        "effective_date": "date",
        "posted_amount": "money",  # sign of the document it reduces; a reversal has the other one
        "export_date": "date",  # NaT: it has not left
        "erp_document": "text",
        "file": "text",
        "state": "text",  # pending, confirmed, contradicted
        "reason": "text",  # what the state rests on
        "answered_amount": "money",
        "difference": "money",  # posted − answered, where contradicted
        "clearing_document": "text",
        "clearing_date": "date",
        "seen_date": "date",  # the newest extract that speaks of the document
    },
)


@dataclass(frozen=True)
class Answered:
    """``states`` (``POSTING_STATES``) and ``findings``: one an operation and document contradicted."""

    states: pd.DataFrame
    findings: pd.DataFrame


@dataclass(frozen=True)
class _Leg:
    """An application as the answer needs it: its row of ``POSTING_STATES`` so far, amounts without sign."""

    told: dict[str, object]
    sign: int
    amount: int
    base: int  # what the ERP showed open of the document when it was applied
    order: tuple[pd.Timestamp, pd.Timestamp, str]


@dataclass
class _Unit:
    """What one operation takes from one document."""

    company_id: str
    currency: str
    legs: list[_Leg] = field(default_factory=list)
    numbers: set[str] = field(default_factory=set)  # of its postings in the files
    export_date: dt.date | None = None
    state: str = "pending"
    reason: str = "not-answered"
    answered: int = 0
    clearing: Cleared | None = None
    rest: int = 0  # that left as a residual item: the ERP clears it too, and opens it again as another item

    @property
    def amount(self) -> int:
        return sum(leg.amount for leg in self.legs)

    @property
    def clears(self) -> int:
        """What the document loses in the ERP."""
        return self.amount + self.rest

    @property
    def first(self) -> _Leg:
        return min(self.legs, key=lambda leg: leg.order)

    def settle(self, state: str, reason: str, answered: int, clearing: Cleared | None) -> None:
        self.state, self.reason, self.answered, self.clearing = state, reason, answered, clearing


def answer_postings(
    documents: pd.DataFrame,
    observations: pd.DataFrame,
    clearings: pd.DataFrame,
    applications: pd.DataFrame,
    reversals: pd.DataFrame,
    receipts: pd.DataFrame,
    exported: pd.DataFrame,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    grace_days: int = 5,
) -> Answered:
    """The state of every application in force on ``as_of`` and of every reversal that left, as then known.

    ``exported``: ``tables.ERP_EXPORT_LINES``. *Confirmed*: a clearing of exactly that amount learned since,
    or that much less open. *Contradicted*: the ERP cleared another amount, took a clearing back, or an
    extract later than the export by more than ``grace_days`` shows it still open. *Pending*: no extract has
    spoken yet. An extract on the last day of grace is still early; one a day later is an answer. Where a
    residual item left too, the document is cleared whole, and an item of the rest must name it.
    """
    left = _departed(exported, as_of, known_at)
    active = active_applications(applications, reversals, as_of=as_of, known_at=known_at)
    taken_back = [one for one, posting in left if posting == "reversal"]
    undone = applications[applications["application_id"].isin(taken_back)]
    items = open_items_as_of(
        documents, observations, clearings, applications, reversals,
        as_of=as_of, known_at=known_at, with_settled=True,
    ).set_index("document_key", drop=False)  # fmt: skip
    owners = receipts.drop_duplicates("receipt_key").set_index("receipt_key")
    keys = set(active["document_key"]) | set(undone["document_key"])
    seen = gather_seen(items, observations, clearings, keys, as_of=as_of, known_at=known_at)

    by_document = _units(active, left, items, owners, "application")
    reversed_units = _units(undone, left, items, owners, "reversal")
    for key, units in by_document.items():
        if key < 0:
            _answer_on_account(units, items)
        else:
            _answer_document(units, seen[key], grace_days)
            for unit in units:
                _answer_residual(unit, seen[key], items, grace_days)
    _answer_exchanges(by_document)
    for key, units in reversed_units.items():
        others = sum(unit.amount for unit in by_document.get(key, []))
        for unit in units if key >= 0 else ():
            _answer_reversal(unit, seen[key], others, grace_days)
            if unit.state == "confirmed" and unit.rest and _opened(unit, items)["erp_open_amount"].sum():
                unit.settle("contradicted", "residual-still-open", unit.amount, None)
    settled = [unit for group in (by_document, reversed_units) for units in group.values() for unit in units]
    rows = [row for unit in settled for row in _state_rows(unit, seen)]
    states = POSTING_STATES.conform(pd.DataFrame(rows, columns=list(POSTING_STATES.columns)))
    order = ["company_id", "customer_id", "document_id", "document_key", "effective_date", "application_id"]
    return Answered(
        states.sort_values([*order, "posting"], ignore_index=True),
        collect_findings([_contradiction(unit) for unit in settled if unit.state == "contradicted"]),
    )


def _departed(
    exported: pd.DataFrame, as_of: dt.date, known_at: dt.datetime | None
) -> dict[tuple[str, str], tuple[dt.date, str, str]]:
    """Day, number and file of the latest departure of each application and each reversal."""
    lines = ERP_EXPORT_LINES.conform(exported)
    lines = lines[lines["export_date"] <= pd.Timestamp(as_of)]
    if known_at is not None:
        lines = lines[lines["recorded_at"] <= pd.Timestamp(known_at)]
    lines = lines.sort_values("attempt").drop_duplicates(["application_id", "posting"], keep="last")
    days = lines["export_date"].dt.date
    told = zip(days, lines["erp_document"], lines["file"], strict=True)
    return dict(zip(zip(lines["application_id"], lines["posting"], strict=True), told, strict=True))


def _units(
    applications: pd.DataFrame,
    left: dict[tuple[str, str], tuple[dt.date, str, str]],
    items: pd.DataFrame,
    owners: pd.DataFrame,
    posting: str,
) -> dict[int, list[_Unit]]:
    """By document key. What has left comes first: the ERP can clear nothing that it was not told."""
    units: dict[tuple[int, str], _Unit] = {}
    whose = account_customers(applications, owners.reset_index(), items)
    for row in applications.itertuples():
        key = int(row.document_key)
        if key >= 0 and key not in items.index:
            continue  # dated after the cut-off: nothing can be said of it
        owner = items.loc[key] if key >= 0 else owners.loc[row.receipt_key]
        day, number, file = left.get((row.application_id, posting), (None, "", ""))
        unit = units.setdefault(
            (key, row.operation_id), _Unit(str(owner["company_id"]), str(owner["currency"]))
        )
        sign = -1 if key >= 0 and owner["original_amount"] < 0 else 1
        told: dict[str, object] = {
            "company_id": owner["company_id"], "document_key": key,
            "customer_id": whose.get(row.application_id) or owner["customer_id"],
            "document_id": owner["document_id"] if key >= 0 else "", "currency": owner["currency"],
            "operation_id": row.operation_id, "application_id": row.application_id, "posting": posting,
            "effective_date": row.effective_date, "erp_document": number, "file": file,
            "export_date": pd.Timestamp(day) if day else pd.NaT,
        }  # fmt: skip
        order = (row.recorded_at, row.effective_date, str(row.application_id))
        unit.legs.append(
            _Leg(told, sign, sign * int(row.applied_amount), abs(int(row.erp_open_amount)), order)
        )
        if day is not None:
            unit.export_date = max(day, unit.export_date or day)
            unit.numbers.add(number)
        if left.get((row.application_id, "application"), (None, "", ""))[1].startswith(OPENING):
            short = read_short(str(row.evidence), unit.currency)
            unit.rest += short.amount if short.opens else 0
    by_document: dict[int, list[_Unit]] = defaultdict(list)
    for (key, _), unit in sorted(
        units.items(), key=lambda one: (one[1].export_date is None, one[1].first.order)
    ):
        by_document[key].append(unit)
    return by_document


def _answer_document(units: list[_Unit], seen: Seen, grace_days: int) -> None:
    """Clearings of exactly what a unit takes first; then what else is less open, to the earliest unit."""
    first = min((unit.first for unit in units), key=lambda leg: leg.order)
    cleared = max(first.base - seen.erp_open, 0)
    fresh = [one for one in seen.clearings if one.learned > first.order[0]]
    waiting = []
    for unit in units:
        exact = next((one for one in fresh if one.amount == unit.clears <= cleared), None)
        if exact is None:
            waiting.append(unit)
            continue
        fresh.remove(exact)
        cleared -= unit.clears
        unit.settle("confirmed", "cleared", unit.amount, exact)
    alone = fresh[0] if len(fresh) == 1 else None
    by_sight = None
    for unit in waiting:
        taken = min(cleared, unit.clears)
        cleared -= taken
        if taken == unit.clears:
            unit.settle("confirmed", "seen-cleared", unit.amount, alone)
            by_sight = unit
        elif unit.rest and taken == unit.amount:
            unit.settle("contradicted", "residual-not-split", taken, alone)
        elif taken:
            unit.settle("contradicted", "other-amount", taken, alone)
        else:
            _wait(unit, seen, first.base, grace_days)
    if cleared and by_sight is not None and by_sight.export_date is not None:
        by_sight.settle("contradicted", "cleared-more", by_sight.amount + cleared, alone)


def _wait(unit: _Unit, seen: Seen, base: int, grace_days: int) -> None:
    """Nothing cleared for it: not answered yet, taken back, or shown open after the grace."""
    if unit.export_date is None:
        unit.reason = "not-exported"
        return
    later = [amount for when, amount in seen.sights if when > unit.export_date]
    if later and min(later) <= base - unit.clears:
        unit.state, unit.reason = "contradicted", "reopened"
    elif _is_past_grace(unit.export_date, seen, grace_days):
        unit.state, unit.reason = "contradicted", "still-open"


def _is_past_grace(export_date: dt.date, seen: Seen, grace_days: int) -> bool:
    return seen.newest is not None and seen.newest > export_date + dt.timedelta(days=grace_days)


def _answer_reversal(unit: _Unit, seen: Seen, others: int, grace_days: int) -> None:
    """Taken back in the ERP too: as much is open again as before, but for what stays applied."""
    if unit.export_date is None or seen.newest is None or seen.newest <= unit.export_date:
        return
    missing = unit.first.base - others - seen.erp_open
    if missing <= 0:
        unit.settle("confirmed", "open-again", unit.amount, None)
    elif _is_past_grace(unit.export_date, seen, grace_days):
        unit.settle("contradicted", "still-cleared", max(unit.amount - missing, 0), None)


def _answer_residual(unit: _Unit, seen: Seen, items: pd.DataFrame, grace_days: int) -> None:
    """The document is cleared whole: its rest must stand open as an item that names it, or was lost."""
    if unit.state != "confirmed" or not unit.rest:
        return
    amounts = _opened(unit, items)["original_amount"].tolist()
    if unit.rest in amounts or sum(amounts) == unit.rest:
        return
    if amounts:
        answered = unit.amount + unit.rest - sum(amounts)
        unit.settle("contradicted", "residual-other-amount", answered, unit.clearing)
    elif unit.export_date is None or _is_past_grace(unit.export_date, seen, grace_days):
        unit.settle("contradicted", "residual-missing", unit.clears, unit.clearing)
    else:
        unit.settle("pending", "residual-not-seen", 0, None)


def _opened(unit: _Unit, items: pd.DataFrame) -> pd.DataFrame:
    """The items that the ERP opened for the unit's rest (``items_of``)."""
    told = unit.first.told
    own = items.loc[int(str(told["document_key"]))]
    opening = Opening(
        unit.company_id, str(told["customer_id"]), unit.currency,
        frozenset({str(own["document_id"]), str(own["document_number"])}), frozenset(unit.numbers),
        unit.first.order[0],
    )  # fmt: skip
    return items_of(opening, items)


def _answer_on_account(units: list[_Unit], items: pd.DataFrame) -> None:
    """A payment on account is a new item of the ERP that carries the number of its posting."""
    for unit in units:
        if unit.export_date is None:
            unit.reason = "not-exported"
            continue
        if unit.amount == 0:  # all of it was exchanged
            continue
        booked = items[items["reference"].isin(unit.numbers) & (items["original_amount"] < 0)]
        booked = booked[(booked["company_id"] == unit.company_id) & (booked["currency"] == unit.currency)]
        if len(booked):
            answered = -int(booked["original_amount"].sum())
            is_exact = answered == unit.amount
            one = booked.iloc[0]
            item = Cleared(answered, str(one["document_id"]), one["document_date"].date(), one["recorded_at"])
            state, reason = ("confirmed", "booked") if is_exact else ("contradicted", "other-amount")
            unit.settle(state, reason, answered, item)


def _answer_exchanges(by_document: dict[int, list[_Unit]]) -> None:
    """The receipt's side of an exchange leaves nothing on account: the documents' side answers for it."""
    given = [unit for unit in by_document.get(-1, []) if unit.amount == 0]
    wanted = {str(unit.first.told["operation_id"]) for unit in given}
    waiting = {
        str(unit.first.told["operation_id"])
        for key, units in by_document.items()
        for unit in (units if key >= 0 and wanted else ())
        if unit.state != "confirmed"
    }
    for unit in given:
        if str(unit.first.told["operation_id"]) not in waiting and unit.export_date is not None:
            unit.settle("confirmed", "cleared", 0, None)


def _state_rows(unit: _Unit, seen: dict[int, Seen]) -> Iterable[dict[str, object]]:
    """What the unit was answered falls on its legs in their order, the rest of it on the last."""
    rest = unit.answered
    clearing_date = pd.Timestamp(unit.clearing.day) if unit.clearing else pd.NaT
    for leg in unit.legs:
        own = leg.amount if unit.state == "confirmed" else min(rest, max(leg.amount, 0))
        own = rest if leg is unit.legs[-1] else own
        rest -= own
        sign = -leg.sign if leg.told["posting"] == "reversal" else leg.sign
        newest = seen[key].newest if (key := int(str(leg.told["document_key"]))) in seen else None
        yield {
            **leg.told,
            "posted_amount": sign * leg.amount,
            "state": unit.state,
            "reason": unit.reason,
            "answered_amount": sign * own,
            "difference": sign * (leg.amount - own) if unit.state == "contradicted" else 0,
            "clearing_document": unit.clearing.document if unit.clearing else "",
            "clearing_date": clearing_date,
            "seen_date": pd.Timestamp(newest) if newest else pd.NaT,
        }


def _contradiction(unit: _Unit) -> dict[str, object]:
    told, missing = unit.first.told, unit.amount - unit.answered
    document = str(told["document_id"]) or str(told["erp_document"])
    amounts = {"posted": unit.amount, "answered": unit.answered, "difference": missing}
    money = {
        f"{name}_money": f"{to_text(one, unit.currency)} {unit.currency}" for name, one in amounts.items()
    }
    return finding(
        f"posting-{unit.reason}", table="applications", key=document, amount=missing, currency=unit.currency,
        document=document, file=str(told["file"]) or "–",
        clearing=unit.clearing.document if unit.clearing and unit.clearing.document else "–",
        **money,
    )  # fmt: skip
