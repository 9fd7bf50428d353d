"""A small book with balances to confirm, and acts brought as far as a test wants them."""

from __future__ import annotations

import datetime as dt
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from book_world import CUSTOMER, import_items, import_receipts, import_rows, new_book

from workbench import book as books
from workbench.acting import moving, preparing
from workbench.acting.ledger_now import LedgerNow
from workbench.acting.moving import KeptFile
from workbench.calendar import Period, WorkingDays
from workbench.cases import Brought, Case

OCTOBER = Period(2026, 10)
CUT_OFF = dt.date(2026, 10, 31)
NO_HOLIDAYS = WorkingDays.of([])
#: C1 owes invoices of 100.00 and 50.00; C2 one of 100.00; C3 20.00 dollars.
C1, C2, C3 = (f"act-CO01-{name}-2026-10-31-1" for name in ("C1-COP", "C2-COP", "C3-USD"))
DIFFERENCES = [{"cause": "withholding", "document_id": "F1", "ours": 100_00, "theirs": 90_00, "amount": 10_00,
                "owner": "ana", "due_date": "2026-11-30"}]  # fmt: skip
ACTIONS = [{"action": "Pedir el certificado de retención", "owner": "ana", "due_date": "2026-11-30"}]

#: A picture of one grey dot: what a scanner would give, as small as it gets.
SCAN = KeptFile("escaneo.png", "image/png", bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"
))  # fmt: skip


def day(number: int) -> dt.date:
    return dt.date(2026, 11, 1) + dt.timedelta(days=number - 1)


def make_book(folder: Path, database: str = "sqlite") -> books.Book:
    """The book with its items; the file is filled once and then copied."""
    if database == "sqlite":
        (folder / "book.sqlite").write_bytes(_filled_file())
        return new_book(folder)
    return _fill(new_book(folder, database=database))


@cache
def _filled_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        _fill(new_book(Path(folder))).close()
        return (Path(folder) / "book.sqlite").read_bytes()


def _fill(book: books.Book) -> books.Book:
    people = (
        ("C1", "Uno S.A.S.", "NORTE", "CO"),
        ("C2", "Dos Ltda.", "SUR", "CO"),
        ("C3", "Three Inc.", "", "US"),
    )
    import_rows(book, "customers", CUSTOMER, *(
        {"customer_id": one, "customer_name": name, "cluster_id": cluster, "tax_id": f"90000000{one[1]}",
         "country": country}
        for one, name, cluster, country in people
    ))  # fmt: skip
    import_items(book, *(
        {"document_number": number, "customer_id": customer, "original_amount": amount, "open_amount": amount,
         "currency": currency}
        for number, customer, amount, currency in (
            ("F1", "C1", 100_00, "COP"), ("F2", "C1", 50_00, "COP"), ("F3", "C2", 100_00, "COP"),
            ("F4", "C3", 20_00, "USD"),
        )
    ))  # fmt: skip
    import_receipts(book, {"receipt_id": "R1", "receipt_date": "2026-10-05"},
                    {"receipt_id": "R2", "receipt_date": "2026-11-05", "received_amount": 30_00})  # fmt: skip
    return book


def prepare(book: books.Book, **more: Any) -> preparing.ActsPrepared:
    return preparing.prepare_acts(book, **{"period": OCTOBER, "who": "ana", "on": day(2), **more})


def signature(book: books.Book, case_id: str, move: str, **more: Any) -> dict[str, Any]:
    """What a signature by hand brings, but for the file."""
    names = {"sign_us": ("Mario Duque", "CC 1"), "sign_both": ("Pedro Paz", "CC 2")}[move]
    agreed = books.read.case(book, case_id).last("agree")
    sha256 = agreed.content["content_sha256"] if agreed else ""
    return {"signer_name": names[0], "signer_role": "Firmante", "signer_id": names[1], "place": "Bogotá",
            "how": "scan", "content_sha256": sha256, **more}  # fmt: skip


def sign(
    book: books.Book, case_id: str, move: str, on: dt.date, *, who: str = "contralor", **more: Any
) -> str:
    """A signature by hand, as the machine takes it."""
    file = KeptFile(f"{move}.pdf", "application/pdf", f"{case_id} {move}".encode())
    content = signature(book, case_id, move, **more)
    brought = Brought(who, on, content=content)
    return moving.move_act(book, books.read.case(book, case_id), move, brought, file=file)


def send(book: books.Book, case_id: str = C1, on: int = 3, ledger: LedgerNow | None = None) -> str:
    return moving.send_act(
        book, case_id, Brought("ana", day(on)), sent_to="cartera@uno.co", channel="mail",
        working_days=NO_HOLIDAYS, ledger=ledger,
    )  # fmt: skip


def bring(book: books.Book, state: str, case_id: str = C1) -> Case:
    """The act brought to a state by public functions, one a day from the third of November on."""
    ledger = LedgerNow(book)
    steps = {
        "sent": lambda: send(book, case_id, ledger=ledger),
        "responded": lambda: moving.record_response(
            book, case_id, Brought("ana", day(4)), answer="agrees", answered_by="Pedro"),
        "agreed": lambda: moving.agree(book, case_id, Brought("ana", day(5)), ledger=ledger),
        "signed_us": lambda: sign(book, case_id, "sign_us", day(6)),
        "signed_both": lambda: sign(book, case_id, "sign_both", day(7)),
        "closed": lambda: moving.close_act(book, case_id, Brought("ana", day(8)), ledger=ledger),
    }  # fmt: skip
    for reached, step in steps.items():
        assert step() == reached
        if reached == state:
            break
    return books.read.case(book, case_id)
