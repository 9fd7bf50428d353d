"""The world in which hostile files are judged: strict profiles, an empty book with customers and settings.

The customers are those of ``badfiles/context/customers.csv``, written out, so that the tests with files of
their own run without the shared ones.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import shutil
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from book_world import Clock, ledger_hash

from workbench import book as books
from workbench import intake
from workbench.book import postings

PROFILES = Path(__file__).parent / "badfiles" / "parameters"
AS_OF = dt.date(2025, 10, 31)
CLOSED_THROUGH = dt.date(2025, 9, 30)
CUSTOMERS = """customer_id,customer_name,cluster
000123,Alimentos Andinos SAS,NORTE
000124,Peña & Hijos Ltda,NORTE
C-2001,Global Foods GmbH,SUR
C-2002,NA,SUR
C-2003,Null Logistics,CENTRO
1E5,Uno E Cinco SA,CENTRO
"""
VERDICTS = {
    "accepted": "accept",
    "duplicate": "accept",
    "partial": "reject_rows",
    "rejected": "reject_file",
}
PAYMENTS = "payment_id,value_date,customer_id,currency,amount,description\n"
GOOD_PAYMENTS = (
    PAYMENTS
    + "BK-0001,2025-10-03,000123,COP,1500000.00,Pago factura FV-000981\n"
    + "BK-0002,2025-10-06,C-2001,USD,2300.50,Wire INV 77\n"
)
ITEMS = "customer_id,document_no,doc_type,issue_date,due_date,currency,amount,open_amount\n"


@dataclass
class Judged:
    """What came of one file. ``codes`` are those of its errors; rows count the file's lines or entries."""

    status: str
    codes: list[str]
    rows: list[int]
    stored: int
    duplicate: int
    rejected: int
    rows_in: int
    sums: dict[str, str]
    findings: list[dict[str, object]]
    ledger_before: str
    ledger_after: str

    @property
    def verdict(self) -> str:
        return VERDICTS[self.status]

    @property
    def sums_text(self) -> str:
        return ";".join(f"{currency} {amount}" for currency, amount in self.sums.items())


class World:
    """Books that begin as the contract says: customers, as-of day, closed months, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0
        self.start = folder / "start.sqlite"
        (folder / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
        with books.open_book(f"sqlite:///{self.start}", create=True, clock=Clock()) as book:
            self.bring(book, folder / "customers.csv", "customers")
            postings.set_setting(book, "as_of", AS_OF.isoformat())
            postings.close_through(book, "", CLOSED_THROUGH, who="t")

    def book(self) -> books.Book:
        """A fresh one in the starting state."""
        self.count += 1
        path = self.folder / f"book{self.count}.sqlite"
        shutil.copy(self.start, path)
        return books.open_book(f"sqlite:///{path}", clock=Clock())

    def bring(self, book: books.Book, path: Path, profile: str) -> intake.ImportResult:
        return intake.import_file(book, path, profile, parameters=PROFILES, today=AS_OF)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    def judge(
        self, path: Path, profile: str, *, after: Path | None = None, book: books.Book | None = None
    ) -> Judged:
        """The file imported into a book that has taken ``after`` before."""
        mine = book or self.book()
        try:
            if after is not None:
                self.bring(mine, after, profile)
            before = ledger_hash(mine)
            told = self.bring(mine, path, profile).to_json()
            after_hash = ledger_hash(mine)
        finally:
            if book is None:
                mine.close()
        errors = [finding for finding in told["findings"] if finding["level"] == "error"]
        return Judged(
            told["status"],
            sorted({code(str(finding["rule"])) for finding in errors}),
            [int(finding["row"]) for finding in errors],
            told["rows_stored"],
            told["rows_duplicate"],
            told["rows_rejected"],
            told["rows_in"],
            told["sums"],
            told["findings"],
            before,
            after_hash,
        )

    def judge_text(self, text: str | bytes, profile: str, suffix: str = ".csv") -> Judged:
        """The same for a file made here."""
        return self.judge(self.write(f"made{self.count}{suffix}", text), profile)


def code(rule: str) -> str:
    """A rule as the outside says it."""
    return rule.upper().replace("-", "_")


def payments(*rows: str) -> str:
    """The two good payments and these."""
    return GOOD_PAYMENTS + "".join(f"{row}\n" for row in rows)


def data_row(path: Path, row: int) -> int:
    """A row as a person counts it → the data row from 1: no blank lines, a row with line breaks is one."""
    if path.suffix not in (".csv", ".txt"):
        return row - 1 if path.suffix == ".xlsx" else row
    content = path.read_bytes()
    text = content.decode("utf-16" if content[:2] == b"\xff\xfe" else "utf-8", errors="replace")
    reader = csv.reader(io.StringIO(text, newline=""))
    starts, line = [], 1
    for cells in reader:
        if any(cells):
            starts.append(line)
        line = reader.line_num + 1
    return starts.index(row)


_PLAIN = re.compile(r"(-?)([0-9]+(?:\.[0-9]+)?)(-?)", re.ASCII)
_SPANISH = re.compile(r"(-?)((?:[0-9]{1,3}(?:\.[0-9]{3})*|[0-9]+)(?:,[0-9]+)?)", re.ASCII)


def money(text: str, style: str = "plain") -> Decimal | None:
    """An amount by a pattern of this file's own; nothing where it is none."""
    found = (_SPANISH if style == "spanish" else _PLAIN).fullmatch(text)
    if found is None or (text.startswith("-") and text.endswith("-")):
        return None
    digits = found[2].replace(".", "").replace(",", ".") if style == "spanish" else found[2]
    return -Decimal(digits) if "-" in text else Decimal(digits)
