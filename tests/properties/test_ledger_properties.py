"""What holds of any facts whatever: nothing lost, nothing doubled, no order of rows that matters.

The rule of DOMAIN 6 is written here a second time, item by item in plain Python, and must give the same.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ledger_books import Rows, books, day, days, instant, quick
from ledger_frames import Facts, receipts
from tries import tries

from workbench import aging, ledger
from workbench.policy import BASES, CREDITS_MODES, Buckets


def _records(frame: pd.DataFrame, known_at: str) -> Rows:
    return [row for row in frame.to_dict("records") if row["recorded_at"] <= pd.Timestamp(known_at)]


def plainly(book: Facts, as_of: str, known_at: str) -> dict[int, tuple[int, int]]:
    """erp_open and pending by item: the rule as DESIGN and DOMAIN state it, one item at a time."""
    cutoff = pd.Timestamp(as_of)
    result = {}
    undone = {
        row["application_id"] for row in _records(book.reversals, known_at) if row["effective_date"] <= cutoff
    }
    for item in _records(book.documents, known_at):
        if item["document_date"] > cutoff:
            continue
        key, size, sign = (
            item["document_key"],
            abs(item["original_amount"]),
            -1 if item["original_amount"] < 0 else 1,
        )

        newest: dict[tuple[str, object], dict[str, Any]] = {}
        stated = [row for row in _records(book.clearings, known_at) if row["document_key"] == key]
        for row in stated:
            row["rank"] = (
                row["extract_date"],
                row["recorded_at"],
                row["clearing_date"],
                abs(row["cleared_amount"]),
            )
            number = row["clearing_document"]
            name = ("document", number) if number else ("day", row["clearing_date"])
            if name not in newest or row["rank"] > newest[name]["rank"]:
                newest[name] = row
        clearings = [
            row
            for (kind, _), row in newest.items()
            if kind == "document"
            or not any(
                other["clearing_date"] == row["clearing_date"] and other["extract_date"] > row["extract_date"]
                for (other_kind, _), other in newest.items()
                if other_kind == "document"
            )
        ]

        def cleared(until: pd.Timestamp, before: pd.Timestamp | None = None, rows: Rows = clearings) -> int:
            return sum(
                abs(row["cleared_amount"])
                for row in rows
                if row["clearing_date"] <= until and (before is None or row["extract_date"] < before)
            )

        sights = [
            (row["observed_date"], row["recorded_at"], 0 if row["is_absent"] else row["open_amount"])
            for row in _records(book.observations, known_at)
            if row["document_key"] == key and row["observed_date"] <= cutoff
        ]
        inferred = 0
        if sights:
            seen_on, _, seen = max(sights)
            gone, explained = size - sign * seen, cleared(seen_on)
            known = cleared(seen_on, before=seen_on)
            inferred = gone - explained if gone >= explained else -min(explained - gone, known)
        erp_open = min(max(size - cleared(cutoff) - inferred, 0), size)

        active = [
            row
            for row in _records(book.applications, known_at)
            if row["document_key"] == key
            and row["effective_date"] <= cutoff
            and row["application_id"] not in undone
        ]
        pending = 0
        if active:
            first = min(
                active, key=lambda row: (row["recorded_at"], row["effective_date"], row["application_id"])
            )
            growth = max(0, abs(first["erp_open_amount"]) - erp_open)
            pending = min(max(sum(sign * row["applied_amount"] for row in active) - growth, 0), erp_open)
        result[key] = (sign * erp_open, sign * pending)
    return result


@settings(quick, max_examples=tries(75))
@given(book=books(), cutoff=days, known=days)
def test_open_items_are_what_the_rule_gives_item_by_item(book: Facts, cutoff: int, known: int) -> None:
    items = book.open_items(day(cutoff), instant(known), with_settled=True)
    ours = {
        row["document_key"]: (row["erp_open_amount"], row["pending_applications"])
        for row in items.to_dict("records")
    }
    assert ours == plainly(book, day(cutoff), instant(known))


@quick
@given(book=books(), cutoff=days)
def test_open_is_erp_open_less_pending_and_never_beyond_the_original(book: Facts, cutoff: int) -> None:
    for row in book.open_items(day(cutoff), with_settled=True).to_dict("records"):
        assert row["open_amount"] == row["erp_open_amount"] - row["pending_applications"]
        low, high = sorted((0, row["original_amount"]))
        for name in ("open_amount", "erp_open_amount", "pending_applications"):
            assert low <= row[name] <= high
    unsettled = book.open_items(day(cutoff))
    assert (
        unsettled["erp_open_amount"].sum()
        == book.open_items(day(cutoff), with_settled=True)["erp_open_amount"].sum()
    )
    assert (unsettled["erp_open_amount"] != 0).all()


@quick
@given(book=books(), cutoff=days, known=days, shuffle=st.integers(0, 1000))
def test_any_order_of_rows_gives_the_same_answer(book: Facts, cutoff: int, known: int, shuffle: int) -> None:
    mixed = Facts(*(frame.sample(frac=1, random_state=shuffle) for frame in book))
    pd.testing.assert_frame_equal(
        mixed.open_items(day(cutoff), instant(known)), book.open_items(day(cutoff), instant(known))
    )


@quick
@given(book=books(), cutoff=days, known=days)
def test_facts_given_twice_change_nothing(book: Facts, cutoff: int, known: int) -> None:
    twice = Facts(*(pd.concat([frame, frame], ignore_index=True) for frame in book))
    pd.testing.assert_frame_equal(
        twice.open_items(day(cutoff), instant(known)), book.open_items(day(cutoff), instant(known))
    )


@quick
@given(book=books(), cutoff=days, known=days)
def test_what_is_recorded_later_never_changes_what_was_known(book: Facts, cutoff: int, known: int) -> None:
    then = Facts(*(frame[frame["recorded_at"] <= pd.Timestamp(instant(known))] for frame in book))
    pd.testing.assert_frame_equal(then.open_items(day(cutoff)), book.open_items(day(cutoff), instant(known)))


@quick
@given(book=books(), cutoff=days)
def test_what_takes_effect_later_never_changes_an_earlier_day(book: Facts, cutoff: int) -> None:
    """But for clearings: a newer statement of one may move it to another day."""
    end = pd.Timestamp(day(cutoff))
    by_then = book._replace(
        documents=book.documents[book.documents["document_date"] <= end],
        observations=book.observations[book.observations["observed_date"] <= end],
        applications=book.applications[book.applications["effective_date"] <= end],
        reversals=book.reversals[book.reversals["effective_date"] <= end],
    )
    pd.testing.assert_frame_equal(by_then.open_items(day(cutoff)), book.open_items(day(cutoff)))


@quick
@given(
    book=books(),
    cutoff=days,
    basis=st.sampled_from(BASES),
    credits_mode=st.sampled_from(CREDITS_MODES),
    by=st.lists(
        st.sampled_from(["company_id", "customer_id", "special_gl", "document_id", "currency"]), unique=True
    ),
)
def test_ranges_and_unapplied_are_the_ledger(
    book: Facts, cutoff: int, basis: Any, credits_mode: Any, by: list[str]
) -> None:
    items = book.open_items(day(cutoff))
    aged = aging.age_open_items(items, as_of=dt.date.fromisoformat(day(cutoff)), basis=basis)
    summary = aging.summarise_aging(aged, by=by, credits=credits_mode)
    assert len(aged) == len(items)
    ranges = summary[list(Buckets().names)].sum(axis=1)
    assert (ranges + summary["unapplied"] == summary["total"]).all()
    for name, column in (("total", "open_amount"), ("pending_applications", "pending_applications")):
        left = summary.groupby("currency")[name].sum()
        right = items.groupby("currency")[column].sum()
        assert left.to_dict() == right.to_dict()
    if credits_mode == "column":
        assert summary["unapplied"].sum() == items["open_amount"].clip(upper=0).sum()
    assert not summary.duplicated([*dict.fromkeys([*by, "currency"])]).any()
    if credits_mode == "net":
        account = items["company_id"] + items["customer_id"] + items["currency"] + items["special_gl"]
        for _, part in aged.groupby(account):
            (net,) = aging.summarise_aging(part, by=[], credits="net").to_dict("records")
            debit = sum(net[name] for name in Buckets().names)
            assert debit == max(net["total"], 0)
            assert net["unapplied"] == min(net["total"], 0)


@quick
@given(book=books(), first=days, second=days, settled=st.booleans())
def test_opening_and_movements_are_the_closing(book: Facts, first: int, second: int, settled: bool) -> None:
    assume(first <= second)
    opening = book.open_items(day(first), with_settled=settled)
    closing = book.open_items(day(second), with_settled=settled)
    moved = aging.explain_movement(opening, closing, by=["customer_id"])
    inflow = moved["opening"] + moved["invoiced"] + moved["credited"]
    assert (inflow - moved["cleared"] - moved["applied"] == moved["closing"]).all()
    for name, items in (("opening", opening), ("closing", closing)):
        left = moved.groupby(["customer_id", "currency"])[name].sum()
        right = items.groupby(["customer_id", "currency"])["open_amount"].sum()
        assert left[left != 0].to_dict() == right[right != 0].to_dict()


@quick
@given(book=books(), cutoff=days)
def test_received_is_applied_and_unapplied(book: Facts, cutoff: int) -> None:
    received = receipts(
        *(
            {"receipt_key": key, "receipt_id": str(key), "received_amount": 100, "receipt_date": day(0)}
            for key in (1, 2)
        )
    )
    as_of = dt.date.fromisoformat(day(cutoff))
    left = ledger.unapplied_receipts(received, book.applications, book.reversals, as_of=as_of)
    assert (left["applied_amount"] + left["unapplied_amount"] == left["received_amount"]).all()
    active = ledger.active_applications(book.applications, book.reversals, as_of=as_of)
    cash = active[active["kind"].isin(["payment", "credit_note"]) & (active["receipt_key"] > 0)]
    assert left["applied_amount"].sum() == cash["applied_amount"].sum()


item_rows = st.lists(
    st.tuples(
        st.sampled_from("XY"), st.none() | days, st.sampled_from(["1", "2", "10"]), st.integers(-30, 30)
    ),
    max_size=6,
)
asked_rows = st.lists(
    st.tuples(st.sampled_from("XYZ"), st.integers(-60, 60), st.sampled_from(["", "", "1", "10"])), max_size=5
)


@quick
@given(items=item_rows, asked=asked_rows, shuffle=st.integers(0, 1000))
def test_settling_gives_every_cent_one_place(
    items: list[tuple[Any, ...]], asked: list[tuple[Any, ...]], shuffle: int
) -> None:
    table = pd.DataFrame(items, columns=["group", "due", "item", "open_amount"])
    table["document_key"] = range(len(table))
    table["due_date"] = pd.to_datetime([None if due is None else day(int(due)) for _, due, _, _ in items])
    wanted = pd.DataFrame(asked, columns=["group", "amount", "item"])
    settled = ledger.settle_oldest_first(table, wanted)

    by_amount = settled.groupby("amount_position")["amount"].sum()
    assert {n: amount for n, (_, amount, _) in enumerate(asked) if amount} == by_amount.to_dict()
    taken = settled[settled["document_key"] >= 0].groupby("document_key")["amount"].sum()
    room = {key: int(table["open_amount"].iloc[key]) for key in taken.index}
    for key, amount in taken.items():
        assert 0 < amount / room[key] <= 1
    for share in settled.to_dict("records"):
        group, _, name = asked[share["amount_position"]]
        if share["document_key"] >= 0:
            place = table.iloc[share["document_key"]]
            assert place["group"] == group
            assert name in ("", place["item"])
    # Nothing is left over where a fitting item still has room.
    for share in settled[settled["document_key"] < 0].to_dict("records"):
        group, amount, name = asked[share["amount_position"]]
        fits = table[(table["group"] == group) & (table["open_amount"] * amount > 0)]
        fits = fits[fits["item"] == name] if name else fits
        assert all(taken.get(key, 0) == room.get(key) for key in fits["document_key"])

    mixed = ledger.settle_oldest_first(table.sample(frac=1, random_state=shuffle), wanted)
    pd.testing.assert_frame_equal(mixed, settled)


@quick
@given(items=item_rows, amount=st.integers(1, 60))
def test_no_newer_instalment_is_touched_while_an_older_one_has_room(
    items: list[tuple[Any, ...]], amount: int
) -> None:
    table = pd.DataFrame(items, columns=["group", "due", "item", "open_amount"]).assign(group="X")
    table["document_key"] = range(len(table))
    table["due_date"] = pd.to_datetime([day(int(due or 0)) for _, due, _, _ in items])
    settled = ledger.settle_oldest_first(table, pd.DataFrame({"group": ["X"], "amount": [amount]}))
    taken = dict(zip(settled["document_key"], settled["amount"], strict=True))
    order = sorted(
        (row for row in table.to_dict("records") if row["open_amount"] > 0),
        key=lambda row: (row["due_date"], int(row["item"]), row["document_key"]),
    )
    left = amount
    for row in order:
        share = min(left, row["open_amount"])
        assert taken.get(row["document_key"], 0) == share
        left -= share
    assert taken.get(-1, 0) == left
