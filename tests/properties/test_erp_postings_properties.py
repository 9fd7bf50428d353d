"""The round trip to the ERP: sums are kept, nothing leaves twice, cash is counted once."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
from book_world import import_items, import_receipts, import_rows, legs, new_book
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tries import tries

from workbench import book as books
from workbench import exports
from workbench.book import read
from workbench.book.postings import apply
from workbench.calendar import Period
from workbench.erp_postings import compare_control_account
from workbench.ledger import open_items_as_of

PARAMETERS = Path(__file__).parents[2] / "parameters"
BEFORE, LEFT = dt.date(2026, 10, 31), dt.date(2026, 11, 2)
ANSWERED = [dt.date(2026, 11, 4), dt.date(2026, 11, 6)]
BALANCE = {
    "company_id": "CO01", "account_id": "130505", "balance_date": "2026-11-06", "currency": "COP",
    "balance_amount": 0,
}  # fmt: skip
INVOICES = st.lists(
    st.fixed_dictionaries(
        {
            "original": st.integers(2, 500),
            "part": st.integers(1, 100),  # hundredths of it that the receipt pays
            "withheld": st.integers(0, 30),
            "currency": st.sampled_from(["COP", "COP", "USD"]),
            "operation": st.sampled_from(["a", "b"]),
            "is_named": st.booleans(),  # the ERP names the clearing, or the extract only shows less open
            "first": st.booleans(),  # shown by the first extract, or only by the second
        }
    ),
    min_size=1,
    max_size=5,
)


def owed(book: books.Book, as_of: dt.date) -> pd.DataFrame:
    names = ("documents", "observations", "clearings", "applications", "reversals")
    return open_items_as_of(*(getattr(read, name)(book) for name in names), as_of=as_of)


def sums(items: pd.DataFrame, column: str) -> dict[str, int]:
    return {str(code): int(total) for code, total in items.groupby("currency")[column].sum().items() if total}


def fill(book: books.Book, invoices: list[dict[str, Any]]) -> dict[int, int]:
    """The invoices, a receipt an operation and currency, what they pay; gives what each document loses."""
    import_items(
        book,
        *({"document_number": str(n), "original_amount": one["original"], "open_amount": one["original"],
           "currency": one["currency"]} for n, one in enumerate(invoices)),
        on=BEFORE,
    )  # fmt: skip
    keys = dict(
        zip(read.documents(book)["document_number"], read.documents(book)["document_key"], strict=True)
    )
    rows: list[dict[str, Any]] = []
    cash: dict[tuple[str, str], int] = {}
    taken: dict[int, int] = {}
    for n, one in enumerate(invoices):
        whole = max(one["original"] * one["part"] // 100, 1)
        withheld = whole * one["withheld"] // 100
        receipt = (one["operation"], one["currency"])
        taken[keys[str(n)]] = whole
        for kind, amount in (("payment", whole - withheld), ("withholding", withheld)):
            if amount:
                rows.append(
                    {"receipt": receipt, "document_key": keys[str(n)], "kind": kind, "applied_amount": amount}
                )
                cash[receipt] = cash.get(receipt, 0) + (amount if kind == "payment" else 0)
    import_receipts(
        book,
        *(
            {"receipt_id": "-".join(one), "currency": one[1], "received_amount": max(total, 1)}
            for one, total in cash.items()
        ),
    )
    receipts = read.receipts(book)
    of_receipt = dict(zip(receipts["receipt_id"], receipts["receipt_key"], strict=True))
    applied = [
        {"application_id": f"{n}", "operation_id": "-".join(row.pop("receipt")), "rule": "exact-references",
         "effective_date": "2026-10-05", "evidence": "{}", **row}
        for n, row in enumerate(rows)
    ]  # fmt: skip
    for row in applied:
        row["receipt_key"] = of_receipt[row["operation_id"]]
    apply(book, legs(*applied))
    return taken


def extracted(number: str, one: dict[str, Any], taken: int) -> dict[str, Any]:
    """What the ERP shows once it has cleared exactly what was applied."""
    shown = {"document_number": number, "original_amount": one["original"], "currency": one["currency"]}
    if not one["is_named"]:
        return {**shown, "open_amount": one["original"] - taken}
    clearing = {"clearing_date": "2026-11-03", "clearing_document": f"C{number}", "cleared_amount": taken}
    return {**shown, "open_amount": 0, "has_open_amount": False, **clearing}


@settings(deadline=None, max_examples=tries(5), suppress_health_check=[HealthCheck.too_slow])
@given(invoices=INVOICES)
def test_what_leaves_is_what_was_applied_and_an_exact_answer_confirms_it_all(
    invoices: list[dict[str, Any]],
) -> None:
    with tempfile.TemporaryDirectory() as folder, new_book(Path(folder)) as book:
        taken = fill(book, invoices)
        before = owed(book, BEFORE)
        told: dict[str, Any] = {
            "period": Period.parse("2026-10"), "layout": "generic", "out": Path(folder) / "out", "on": LEFT,
            "parameters": PARAMETERS,
        }  # fmt: skip
        left = exports.export_postings(book, **told)
        lines = left.planned.lines
        applications = read.applications(book)
        assert sum(left.sums.values()) == applications["applied_amount"].sum()
        assert set(lines["application_id"]) - {""} == set(applications["application_id"])
        assert lines.groupby("erp_document")["posting_amount"].sum().eq(0).all()
        assert exports.export_postings(book, **told).status == "nothing-new"
        pd.testing.assert_frame_equal(owed(book, BEFORE), before)

        numbers = dict(zip(before["document_number"], before["document_key"], strict=True))
        for day, is_first in zip(ANSWERED, (True, False), strict=True):
            shown = [
                extracted(str(n), one, taken[numbers[str(n)]])
                for n, one in enumerate(invoices)
                if one["first"] is is_first
            ]
            if shown:
                import_items(book, *shown, on=day)
            states = exports.answers(book, as_of=day).states
            answered = {str(n) for n, one in enumerate(invoices) if one["first"] or not is_first}
            confirmed = set(states.loc[states["state"] == "confirmed", "document_key"])
            assert confirmed == {numbers[number] for number in answered}
            assert set(states["state"]) <= {"confirmed", "pending"}
            # Whatever has been answered so far, the customer owes the same: cash is counted once.
            assert sums(owed(book, day), "open_amount") == sums(before, "open_amount")
        items = owed(book, ANSWERED[-1])
        assert not items["pending_applications"].any()
        balances = [
            {"currency": code, "balance_amount": total}
            for code, total in sums(items, "erp_open_amount").items()
        ]
        if balances:
            import_rows(book, "control_balances", BALANCE, *balances)
            compared, found = compare_control_account(
                items, read.observations(book), read.control_balances(book), as_of=ANSWERED[-1]
            )
            assert compared["reason"].tolist() == ["agrees"] * len(balances)
            assert found.empty
        pd.testing.assert_frame_equal(owed(book, BEFORE), before)
