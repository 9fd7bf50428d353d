"""A small book with old debts, an old credit, cash that came late, and people of different roles."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
from book_world import RATE, import_items, import_receipts, import_rows, made_once, new_book

from workbench import book as books
from workbench import ledger, moves, transferring, write_offs, writing_off
from workbench.book.open_amounts import read_open_amounts
from workbench.book.stored_files import store_file
from workbench.calendar import Period
from workbench.cases import Brought
from workbench.policy import Policy, WriteOffPolicy

OCTOBER = Period(2026, 10)
TODAY = dt.date(2026, 11, 3)
#: One supervisor may give up 50.00 alone; more needs two of controller and director.
POLICY = Policy(write_offs=WriteOffPolicy(limits={"supervisor": {"COP": 50_00, "USD": 50_00}}))
PROOF = b"%PDF-1.4 proof"


@made_once
def make_book(folder: Path, database: str = "sqlite") -> books.Book:
    """Debts of C1: 100.00 and 40.00 over 180 days, 70.00 not; 30.00 US dollars over; a receipt of 60.00."""
    book = new_book(folder, database=database)
    old: dict[str, Any] = {"document_date": "2026-01-01", "due_date": "2026-02-01"}
    import_items(
        book,
        {"document_number": "1800001", **old},
        {"document_number": "1800002", "original_amount": 40_00, "open_amount": 40_00, **old},
        {"document_number": "1800003", "original_amount": 70_00, "open_amount": 70_00},
        {"document_number": "1800004", "original_amount": 30_00, "open_amount": 30_00, "currency": "USD",
         **old},
        {"document_number": "1800005", "original_amount": -20_00, "open_amount": -20_00,
         "document_kind": "credit_note", **old},
    )  # fmt: skip
    import_rows(
        book, "rates", RATE, {"valid_from": "2026-01-01", "valid_through": "2026-12-31"}, source="trm"
    )
    import_receipts(book, {"received_amount": 60_00, "receipt_date": "2026-11-02"}, on=dt.date(2026, 11, 2))
    return book


def file_of(book: books.Book, who: str = "ana", content: bytes = PROOF) -> str:
    return store_file(book, "proof.pdf", "application/pdf", content, who=who)


def open_now(book: books.Book, key: int) -> int:
    return read_open_amounts(book, [key])[key]


def move(book: books.Book, case_id: str, name: str, who: str, role: str = "", **more: Any) -> str:
    brought = Brought(who, more.pop("on", TODAY), role, **more)
    return moves.move(book, case_id, name, brought, policy=POLICY)


def approve(book: books.Book, case_id: str, who: str, role: str) -> str:
    """The approval that this role can give: alone within its limit, else the first or the second of two."""
    case = books.read.case(book, case_id)
    is_small = write_offs.weighed_amount(case) <= POLICY.write_offs.limit(role, case.currency)
    first = "approve" if is_small else "approve_first"
    return move(book, case_id, "approve_second" if case.state == "first_approved" else first, who, role)


def prepared(book: books.Book, documents: dict[int, int], reason: str = "COBE", who: str = "ana") -> str:
    return writing_off.prepare_write_off(
        book, documents, policy=POLICY, reason_code=reason, who=who, on=TODAY
    )


def evidenced(book: books.Book, documents: dict[int, int], reason: str = "COBE") -> str:
    case_id = prepared(book, documents, reason)
    wanted = POLICY.write_offs.reason(reason)
    for name in wanted.evidence if wanted else ():
        move(book, case_id, "add_evidence", "ana", content={"evidence": name}, file_sha256=file_of(book))
    return case_id


def posted(book: books.Book, documents: dict[int, int]) -> str:
    """A write-off that two people approved and a third posted."""
    case_id = evidenced(book, documents)
    for who, role in (("eva", "controller"), ("luis", "director")):
        approve(book, case_id, who, role)
        if books.read.case(book, case_id).state == "approved":
            break
    move(book, case_id, "post", "eva")
    return case_id


def transferred(book: books.Book) -> str:
    """The transfer of C1's pesos, approved and posted."""
    ids = transferring.propose_transfers(book, policy=POLICY, period=OCTOBER, who="ana", on=TODAY)
    case_id = next(one for one in ids if "/COP/" in one)
    move(book, case_id, "approve", "eva", "controller")
    move(book, case_id, "post", "ana")
    return case_id


def account(book: books.Book, number: str) -> dict[str, tuple[int, int]]:
    """What the proposed entries leave on an account, by currency: in it, and in base currency."""
    lines = books.read.journal_lines(book)
    own = lines[lines["account"] == number]
    sums = own.groupby("currency")[["entry_amount", "base_amount"]].sum()
    return {str(code): (int(row.iloc[0]), int(row.iloc[1])) for code, row in sums.iterrows()}


def open_items(book: books.Book, as_of: dt.date = TODAY) -> pd.DataFrame:
    read = books.read
    facts = (read.documents, read.observations, read.clearings, read.applications, read.reversals)
    return ledger.open_items_as_of(*(one(book) for one in facts), as_of=as_of, with_settled=True)
