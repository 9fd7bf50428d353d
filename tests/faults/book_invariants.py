"""TRUST's I1 to I9 of a book, and an answer as of a day as known at an instant, against the plain ledger."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd
from book_world import faults
from faults.plain_ledger import CASH, PlainLedger

from workbench import aging
from workbench import book as books
from workbench.book import read, schema
from workbench.ledger import active_applications, open_items_as_of, unapplied_receipts
from workbench.policy import Buckets

NAMES = ("documents", "observations", "clearings", "applications", "reversals")


@dataclass(frozen=True)
class Answer:
    """What was said once and must be said again for ever, whatever is recorded after ``known_at``."""

    as_of: str
    known_at: dt.datetime
    at: int
    items: tuple[tuple[object, ...], ...]
    receipts: tuple[tuple[object, ...], ...]


def answer(
    book: books.Book,
    plain: PlainLedger,
    as_of: str,
    known_at: dt.datetime | None = None,
    at: int | None = None,
) -> Answer:
    """Open items and unapplied receipts; facts are read as of then, and the items are the plain ledger's."""
    known_at, at = known_at or book.latest_instant(), plain.at if at is None else at
    day = dt.date.fromisoformat(as_of)
    # The reader leaves out what was not known then, and so does the ledger: each must do alone, in turns.
    read_at, told_at = (known_at, None) if at % 2 else (None, known_at)
    facts = {name: getattr(read, name)(book, known_at=read_at) for name in (*NAMES, "receipts")}
    facts["documents"] = read.documents(book, known_at=known_at)  # with the original amount known then
    items = open_items_as_of(*(facts[name] for name in NAMES), as_of=day, known_at=told_at, with_settled=True)
    _equals_plainly(items, plain, as_of, at)
    left = unapplied_receipts(
        facts["receipts"], facts["applications"], facts["reversals"], as_of=day, known_at=told_at
    )
    columns = ["document_key", "original_amount", "erp_open_amount", "pending_applications", "open_amount"]
    cash = ["receipt_key", "received_amount", "applied_amount", "unapplied_amount"]
    return Answer(as_of, known_at, at, *(tuple(frame[names].itertuples(index=False, name=None))
                                         for frame, names in ((items, columns), (left, cash))))  # fmt: skip


def _equals_plainly(items: pd.DataFrame, plain: PlainLedger, day: str, at: int) -> None:
    """I3: two independent ways to the same open balance of every document."""
    numbers = items["document_id"].str[:7]
    columns = (items["company_id"], numbers, items["erp_open_amount"], items["pending_applications"])
    ours = {(one, two): (int(erp), int(ours)) for one, two, erp, ours in zip(*columns, strict=True)}
    assert ours == plain.balances(day, at), f"I3: open on {day} as known at {at}"


def check_invariants(book: books.Book, plain: PlainLedger, days: Iterable[str], summed: str) -> None:
    """All of them, I4 and I9 on the day ``summed``; AssertionError names the one that does not hold."""
    assert faults(book) == [], "I1, I2, I5, I6, I7: verify"
    facts = {name: getattr(read, name)(book) for name in (*NAMES, "receipts")}
    _check_caps(facts, plain)
    _check_operations(book, plain)
    _check_batches(book)
    for day in days:
        items = open_items_as_of(
            *(facts[name] for name in NAMES), as_of=dt.date.fromisoformat(day), with_settled=True
        )
        _equals_plainly(items, plain, day, plain.at)
        if day == summed:
            _check_ranges(items, day)
            _check_movements(facts, day)


def _check_caps(facts: dict[str, pd.DataFrame], plain: PlainLedger) -> None:
    """I1 and I2, from the rows and from the plain ledger's own operations."""
    undone = set(facts["reversals"]["application_id"])
    in_force = facts["applications"][~facts["applications"]["application_id"].isin(undone)]
    cash = in_force[in_force["kind"].isin(CASH)].groupby("receipt_key")["applied_amount"].sum()
    for key, received in zip(
        facts["receipts"]["receipt_key"], facts["receipts"]["received_amount"], strict=True
    ):
        assert 0 <= cash.get(key, 0) <= received, f"I1: receipt {key}"
    taken = in_force.groupby("document_key")["applied_amount"].sum()
    columns = (facts["documents"][name] for name in ("document_key", "original_amount"))
    for key, original in zip(*columns, strict=True):
        low, high = sorted((0, original))
        assert low <= taken.get(key, 0) <= high, f"I2: document {key}"
    received = Counter({name: one.amount for name, one in plain.cash.items()})
    columns = (facts["receipts"][name] for name in ("account_id", "receipt_id", "received_amount"))
    assert received == Counter({(one, two): amount for one, two, amount in zip(*columns, strict=True)})
    assert sorted(in_force["application_id"]) == sorted(leg.id for leg in plain.in_force())


def _check_operations(book: books.Book, plain: PlainLedger) -> None:
    """I8: every operation once."""
    with book.reading() as connection:
        ids = connection.execute(schema.operations.select()).scalars().all()
    assert sorted(map(str, ids)) == sorted(plain.operations), "I8: operations"


def _check_batches(book: books.Book) -> None:
    """I5, of the book's own record: in = stored + duplicate + rejected, each rejected row kept raw."""
    batches, kept = read.batches(book), read.rejected_rows(book)
    counted = batches["rows_stored"] + batches["rows_duplicate"] + batches["rows_rejected"]
    assert (batches["rows_in"] == counted).all(), "I5: a batch"
    rejected = kept.groupby("batch_key").size().to_dict()
    for key, count in zip(batches["batch_key"], batches["rows_rejected"], strict=True):
        assert rejected.get(key, 0) == count, f"I5: rejected rows of batch {key}"


def _check_ranges(items: pd.DataFrame, day: str) -> None:
    """I9: ranges and what is unapplied sum to what is open, by company, customer and currency."""
    as_of = dt.date.fromisoformat(day)
    summary = aging.summarise_aging(
        aging.age_open_items(items, as_of=as_of), by=["company_id", "customer_id"]
    )
    ranges = summary[list(Buckets().names)].sum(axis=1)
    assert (ranges + summary["unapplied"] == summary["total"]).all(), f"I9: ranges on {day}"
    assert summary["total"].sum() == items["open_amount"].sum(), f"I9: total on {day}"


def _check_movements(facts: dict[str, pd.DataFrame], day: str) -> None:
    """I4: what left documents and receipts came to rest somewhere: all movements of a currency sum to 0."""
    as_of = dt.date.fromisoformat(day)
    active = active_applications(facts["applications"], facts["reversals"], as_of=as_of)
    left = unapplied_receipts(facts["receipts"], facts["applications"], facts["reversals"], as_of=as_of)
    currency_of = dict(zip(facts["documents"]["document_key"], facts["documents"]["currency"], strict=True))
    moved: dict[str, int] = defaultdict(int)
    for document, kind, amount in zip(
        active["document_key"], active["kind"], active["applied_amount"], strict=True
    ):
        currency = currency_of.get(document, "COP")
        moved[currency] -= amount if document >= 0 else 0  # receivables
        moved[currency] += amount if kind not in CASH else 0  # withholdings, discounts, differences
        moved[currency] -= amount if kind == "on_account" else 0  # of the customer, on no document
    for currency, amount in zip(left["currency"], left["received_amount"], strict=True):
        moved[currency] += amount  # bank
    for currency, amount in zip(left["currency"], left["unapplied_amount"], strict=True):
        moved[currency] -= amount  # owed to nobody yet
    assert not any(moved.values()), f"I4: movements until {day}: {dict(moved)}"
