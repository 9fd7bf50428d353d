"""Every customer's list held against our ledger, in one call."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ... import ledger
from ...applications import collect_findings, finding
from ...calendar import WorkingDays, day_numbers
from ...money import sums_by, to_text
from ...policy import CustomerReconciliationPolicy, Policy
from ...tables import CLAIMS, CUSTOMER_LEDGER_LINES, DOCUMENTS, NOTES, RECEIPTS, REMITTANCES, Table
from ..customers.results import (
    ACCOUNT,
    BALANCES,
    DIFFERENCES,
    MATCHED_LINES,
    SOLVED,
    CustomersReconciled,
)
from .causes import name_causes
from .gaps import (
    Evidence,
    Gap,
    gather_claims,
    gather_known,
    gather_money,
    gather_names,
    gather_notes,
    solver_of,
)
from .identities import identify
from .lines import NO_DAY, Ours, Theirs, our_lines, their_lines
from .matching import Compared, compare_lines

#: Receipts with what is left of them (``ledger.unapplied_receipts``).
UNAPPLIED = Table("unapplied", RECEIPTS.key, {**RECEIPTS.columns, "unapplied_amount": "money"})


@dataclass(frozen=True)
class Surroundings:
    """What may say why something differs, each frame empty where nobody has it.

    ``documents``: all of ours, settled ones too. ``receipts``: with what is unapplied of each
    (``ledger.unapplied_receipts``), those after the cut-off among them. ``before``: the lists that customers
    sent before this period.
    """

    documents: pd.DataFrame = field(default_factory=DOCUMENTS.empty)
    receipts: pd.DataFrame = field(default_factory=UNAPPLIED.empty)
    claims: pd.DataFrame = field(default_factory=CLAIMS.empty)
    notes: pd.DataFrame = field(default_factory=NOTES.empty)
    remittances: pd.DataFrame = field(default_factory=REMITTANCES.empty)
    before: pd.DataFrame = field(default_factory=CUSTOMER_LEDGER_LINES.empty)


def reconcile_customers(
    open_items: pd.DataFrame,
    ledger_lines: pd.DataFrame,
    surroundings: Surroundings,
    *,
    as_of: dt.date,
    policy: Policy,
    working_days: WorkingDays | None = None,
) -> CustomersReconciled:
    """What each customer owes by our ledger and by theirs, and every difference with cause, owner and day.

    ``open_items``: ``tables.OPEN_ITEMS`` on ``as_of``, money on account among them
    (``statements.Facts.open_items``). ``ledger_lines``: the newest list of each customer
    (``tables.CUSTOMER_LEDGER_LINES``); one dated after ``as_of``, or more than ``list_days`` before it, is
    none. Without a list nothing is compared, and a finding says for how much.

    Per company, customer and currency: Σ ``difference_amount`` = our balance − theirs, to the cent. What may
    be two things is matched with neither and names its rivals. Source: DOMAIN, section 8.
    """
    rules = policy.customer_reconciliation
    lists = _lists(ledger_lines, as_of, rules)
    taken = _of_customers(ledger_lines, lists)
    ours = our_lines(_of_customers(open_items, lists))
    theirs = their_lines(taken)
    compared = compare_lines(ours, theirs, rules)
    evidence = _gather(compared, surroundings, lists, as_of, policy)
    gaps = [
        gap
        for account in sorted(compared.gaps)
        for gap in name_causes(compared.gaps[account], evidence, rules)
    ]
    differences = _tell(gaps, as_of, rules, working_days)
    matched = _matched(compared, ours, theirs)
    balances = _balances(open_items, taken, lists, differences, matched)
    return CustomersReconciled(
        balances=balances,
        matched=matched,
        differences=differences,
        solved=SOLVED.empty(),
        findings=_findings(balances, differences, ledger_lines, lists),
    )


def receipts_left(
    receipts: pd.DataFrame,
    applications: pd.DataFrame,
    reversals: pd.DataFrame,
    *,
    as_of: dt.date,
    policy: Policy,
    known_at: dt.datetime | None = None,
) -> pd.DataFrame:
    """Money that may say why something differs: what is unapplied on ``as_of`` of each receipt, and whole
    those of the days after it in which a payment that was on its way arrives.
    """
    left = ledger.unapplied_receipts(receipts, applications, reversals, as_of=as_of, known_at=known_at)
    first, days = pd.Timestamp(as_of), policy.customer_reconciliation.transit_days
    came = RECEIPTS.conform(receipts)
    if known_at is not None:
        came = came[came["recorded_at"] <= pd.Timestamp(known_at)]
    came = came.drop_duplicates("receipt_key")
    later = came[came["receipt_date"].between(first, first + pd.Timedelta(days=days), inclusive="right")]
    both = [left, later.assign(unapplied_amount=later["received_amount"])]
    return UNAPPLIED.conform(pd.concat(both, ignore_index=True))


Lists = dict[tuple[str, str], pd.Timestamp]


def _lists(lines: pd.DataFrame, as_of: dt.date, rules: CustomerReconciliationPolicy) -> Lists:
    """The day of each customer's list, where it speaks of the cut-off."""
    last = pd.Timestamp(as_of)
    first = last - pd.Timedelta(days=rules.list_days)
    newest = lines.groupby(["company_id", "customer_id"])["observed_date"].max()
    return {
        (str(company), str(customer)): day
        for (company, customer), day in newest.items()
        if first <= day <= last
    }


def _of_customers(frame: pd.DataFrame, lists: Lists) -> pd.DataFrame:
    """The rows of customers with a list."""
    if not len(frame):
        return frame
    codes, pairs = pd.factorize(pd.MultiIndex.from_frame(frame[["company_id", "customer_id"]]))
    has_list = np.array([tuple(pair) in lists for pair in pairs], dtype=np.bool_)
    return frame[has_list[codes]].reset_index(drop=True)


def _gather(
    compared: Compared, around: Surroundings, lists: Lists, as_of: dt.date, policy: Policy
) -> Evidence:
    gaps = [gap for own in compared.gaps.values() for gap in own]
    days = day_numbers(np.array([as_of, *lists.values()], dtype="datetime64[D]")).tolist()
    advised = around.remittances[around.remittances["advice_date"] <= pd.Timestamp(as_of)]
    evidence = Evidence(
        as_of=days[0],
        list_days=dict(zip(lists, days[1:], strict=True)),
        claims=gather_claims(around.claims),
        money=gather_money(around.receipts),
        known=gather_known(around.documents, (line for gap in gaps for line in gap.their)),
        listed_before=gather_names(around.before, "document_number"),
        advised=gather_names(advised, "reference"),
        notes=gather_notes(around.notes),
        solver=solver_of(policy.matching.withholdings),
        differences=policy.matching.differences,
    )
    evidence.want(gaps)
    return evidence


def _tell(
    gaps: list[Gap],
    as_of: dt.date,
    rules: CustomerReconciliationPolicy,
    working_days: WorkingDays | None,
) -> pd.DataFrame:
    """The gaps as a frame: one row each, the largest of an account first."""
    due = {
        cause: _after(as_of, rules.plan_of(cause).days, working_days) for cause in {gap.cause for gap in gaps}
    }
    rows = []
    for gap, difference_id in zip(gaps, identify(gaps), strict=True):
        own, line = gap.our[0] if gap.our else None, gap.their[0] if gap.their else None
        day = own.day if own and own.day != NO_DAY else line.day if line else NO_DAY
        their = 0 if gap.part else sum(one.amount for one in gap.their)
        rows.append(
            {
                **dict(zip(ACCOUNT, gap.account, strict=True)),
                "difference_id": difference_id,
                "side": gap.side,
                "cause": gap.cause,
                "document_id": own.document_id if own else "",
                "reference": own.reference if own else "",
                "their_number": line.number if line else "",
                "document_date": np.datetime64("NaT") if day == NO_DAY else np.datetime64(day, "D"),
                "our_amount": gap.amount + their,  # of a thing with several reasons, what this one is of
                "their_amount": their,
                "difference_amount": gap.amount,
                "grounds": json.dumps(gap.evidence, ensure_ascii=False, sort_keys=True, default=str),
                "rivals": ", ".join(gap.rivals),
                "owner": rules.plan_of(gap.cause).owner,
                "due_date": np.datetime64(due[gap.cause], "D"),
                "first_seen_date": np.datetime64(as_of, "D"),
                "age_days": 0,
                "state": "new",
                "case_id": "",
            }
        )
    frame = pd.DataFrame(rows, columns=list(DIFFERENCES.columns))
    size = frame["difference_amount"].abs()
    ordered = frame.assign(_size=-size).sort_values([*ACCOUNT, "_size", "difference_id"], ignore_index=True)
    return DIFFERENCES.conform(ordered)


def _after(day: dt.date, days: int, working_days: WorkingDays | None) -> dt.date:
    return day + dt.timedelta(days=days) if working_days is None else working_days.shift(day, days)


def _matched(compared: Compared, ours: list[Ours], theirs: list[Theirs]) -> pd.DataFrame:
    rows = [
        (
            *theirs[place].account, theirs[place].key, theirs[place].number, theirs[place].amount,
            ours[mine[0]].document_id, ours[mine[0]].reference, len(mine), rule,
        )
        for mine, places, rule in compared.met
        for place in places
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(MATCHED_LINES.columns))
    return MATCHED_LINES.conform(frame.sort_values([*ACCOUNT, "ledger_line_key"], ignore_index=True))


def _balances(
    open_items: pd.DataFrame,
    lines: pd.DataFrame,
    lists: Lists,
    differences: pd.DataFrame,
    matched: pd.DataFrame,
) -> pd.DataFrame:
    """One row an account of either side."""
    own = open_items[open_items["open_amount"] != 0]
    parts = [own[ACCOUNT], lines[ACCOUNT]]
    accounts = pd.concat(parts).drop_duplicates().sort_values(ACCOUNT, ignore_index=True)
    index = pd.MultiIndex.from_frame(accounts)

    def sums(frame: pd.DataFrame, column: str) -> np.ndarray:
        place = index.get_indexer(pd.MultiIndex.from_frame(frame[ACCOUNT]))
        return sums_by(place, frame[column].to_numpy(dtype=np.int64), len(accounts))

    days = [lists.get(pair) for pair in zip(accounts["company_id"], accounts["customer_id"], strict=True)]
    has_list = np.array([day is not None for day in days], dtype=np.bool_)
    ours, theirs = sums(own, "open_amount"), sums(lines, "ledger_amount")
    is_open = differences["cause"].eq("unexplained")
    return BALANCES.conform(
        accounts.assign(
            list_date=pd.Series(days, index=accounts.index, dtype="datetime64[s]"),
            has_list=has_list,
            our_amount=ours,
            uncompared_amount=np.where(has_list, 0, ours),
            their_amount=theirs,
            balance_difference=np.where(has_list, ours - theirs, 0),
            explained_amount=sums(differences[~is_open], "difference_amount"),
            without_cause_amount=sums(differences[is_open], "difference_amount"),
            matched_count=sums(matched.assign(one=1), "one"),
            difference_count=sums(differences.assign(one=1), "one"),
        )
    )


def _findings(
    balances: pd.DataFrame, differences: pd.DataFrame, lines: pd.DataFrame, lists: Lists
) -> pd.DataFrame:
    return collect_findings([*_missing(balances), *_old(lines, lists), *_open(differences)])


def _missing(balances: pd.DataFrame) -> Iterator[dict[str, object]]:
    without = balances[~balances["has_list"]]
    for currency, own in without.groupby("currency", sort=True):
        amount = int(own["our_amount"].sum())
        yield finding(
            "customer-list-missing", table="customer_ledger_lines", key=str(currency), level="note",
            amount=amount, currency=str(currency), count=len(own),
            balance_money=f"{to_text(amount, str(currency))} {currency}",
        )  # fmt: skip


def _old(lines: pd.DataFrame, lists: Lists) -> Iterator[dict[str, object]]:
    newest = lines.groupby(["company_id", "customer_id"])["observed_date"].max()
    for (company, customer), day in newest.items():
        if (str(company), str(customer)) not in lists:
            yield finding(
                "customer-list-not-of-cut-off", table="customer_ledger_lines", key=str(customer),
                customer=str(customer), list_day=f"{day:%Y-%m-%d}",
            )  # fmt: skip


def _open(differences: pd.DataFrame) -> Iterable[dict[str, object]]:
    open_ = differences[differences["cause"].eq("unexplained")]
    for currency, own in open_.groupby("currency", sort=True):
        amount = int(own["difference_amount"].abs().sum())
        yield finding(
            "customer-differences-unexplained", table="customer_differences", key=str(currency),
            amount=amount, currency=str(currency), count=len(own),
            customers=own["customer_id"].nunique(),
            unexplained_money=f"{to_text(amount, str(currency))} {currency}",
        )  # fmt: skip
