"""A file into the book: read, checked against what the book knows, stored; for commands and notebooks alike.

Each file is one transaction. A file that is refused leaves the book as it was but for the record of the
refusal; the same bytes again change nothing. Source: COMMANDS, ``import``; DOMAIN, section 1.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from . import book as books
from . import deciding, deciding_notes, words
from .book.batches import ImportBatch, Status, StoreResult
from .errors import AmountOverflowError, FileRefusedError, PostingRefusedError, RefusedError
from .money import checked_sum, to_text
from .sources import Context, Mapping, Parsed, load_mapping, read_content
from .sources.bank_lines import NOTICES
from .sources.organisation import ORGANISATION_FILE, load_organisation
from .sources.parsed import Findings
from .sources.shown_rows import shown_rows
from .sources.text_files import read_bytes
from .tables import FINDINGS

#: What these say holds on the day of their extract: the same bytes of another day are another word.
DATED_BY_EXTRACT = ("items", "orders", "notes", "claims", "customer_ledger", "wires")


#: How many rows a dry run shows.
FIRST_ROWS = 10


@dataclass(frozen=True)
class ImportResult:
    """What came of one file. ``rows_in`` = stored + duplicate + rejected.

    ``sums``: minor units by currency of the rows this import stored, signed as at the doors (receipts
    positive, credit notes negative; open items by their open amount). ``findings``: ``tables.FINDINGS``.
    """

    file: str
    sha256: str
    status: Status
    rows_in: int = 0
    rows_stored: int = 0
    rows_duplicate: int = 0
    rows_rejected: int = 0
    sums: dict[str, int] = field(default_factory=dict)
    findings: pd.DataFrame = field(default_factory=FINDINGS.empty)
    outcomes: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)  # of decisions, by state
    first_rows: tuple[dict[str, str], ...] = ()  # of a dry run: the first rows as they were read

    @property
    def reason(self) -> str:
        """Why the file was refused, in the reader's words; the first error among the findings."""
        errors = self.findings[self.findings["level"] == "error"]
        return "" if errors.empty else _said(errors.iloc[0])["message"]

    def to_json(self) -> dict[str, Any]:
        """The object of COMMANDS ``import``: decimal text with a point, findings in words."""
        said = [_said(finding) for _, finding in self.findings.iterrows()]
        return {
            "file": self.file,
            "sha256": self.sha256,
            "status": self.status,
            "rows_in": self.rows_in,
            "rows_stored": self.rows_stored,
            "rows_duplicate": self.rows_duplicate,
            "rows_rejected": self.rows_rejected,
            "sums": {currency: to_text(amount, currency) for currency, amount in sorted(self.sums.items())},
            "findings": said,
            **({"outcomes": _told_outcomes(self.outcomes)} if self.outcomes else {}),
        }


def _told_outcomes(outcomes: dict[str, dict[str, dict[str, int]]]) -> dict[str, dict[str, dict[str, Any]]]:
    """What became of decisions by state and currency, amounts as decimal text with a point."""
    return {
        state: {
            currency: {"count": one["count"], "amount": to_text(one["amount"], currency)}
            for currency, one in sorted(by_currency.items())
        }
        for state, by_currency in outcomes.items()
    }


def _said(finding: pd.Series) -> dict[str, Any]:
    values = json.loads(finding["values"]) if finding["values"] else {}
    rule = str(finding["rule"])
    return {
        "row": int(finding["row"]),
        "rule": rule,
        "level": str(finding["level"]),
        "message": words.sentence(rule, values),
        "remedy": words.remedy(rule, values),
    }


def import_file(
    book: books.Book,
    path: Path | str,
    source: str | Mapping,
    *,
    today: dt.date,
    parameters: Path | str = "parameters",
    extract_date: dt.date | None = None,
    dry_run: bool = False,
    who: str = "",
) -> ImportResult:
    """Read a file by its mapping (a name in ``parameters/sources``, or the mapping itself) and store it.

    What an extract shows is dated ``extract_date``, else by its mapping's rule, else ``today``; the same
    items under another ``extract_date`` are another sight of them, so a wrong day can be put right.
    ``dry_run`` says what would come of it and changes nothing. An unknown source or a broken mapping raises;
    a file that cannot be used gives status ``rejected`` with its finding, and the refusal is recorded.
    """
    mapping = source if isinstance(source, Mapping) else load_mapping(Path(parameters), source)
    path = Path(path) if Path(path).name else Path(path).resolve()  # «.» has a name too
    sha256 = sha256_of(path)
    known = _imported_before(book, sha256, mapping, extract_date)
    if known is not None and known["status"] != "partial":
        return _duplicate(path.name, sha256, known)
    empty = ImportBatch(
        path.name, sha256, mapping.name, mapping.kind, extract_date or today, pd.DataFrame(), rows_in=0
    )
    try:
        content = read_bytes(path, most=mapping.limits.bytes)
        context = _context(book, Path(parameters))
        parsed = read_content(content, mapping, file=path.name, context=context)
        batch = _batch(empty, parsed, mapping, extract_date or parsed.extract_date or today)
        batch = replace(batch, findings=_with_doubts(batch, mapping, context, today))
        if batch.kind == "decisions" and batch.rows_in == 0:
            return _without_decisions(batch)
        if known is not None and _brings_nothing(book, batch, known, Path(parameters), today):
            return _duplicate(path.name, sha256, known)
        stored = _store(book, batch, Path(parameters), today, who=who, dry_run=dry_run)
    except (
        FileRefusedError,
        AmountOverflowError,
        PostingRefusedError,
    ) as refusal:  # sums that no book can hold are no input
        findings = refusal_finding(refusal, path.name, mapping.kind)
        if not dry_run and sha256:
            books.postings.record_refusal(book, replace(empty, findings=findings), who=who)
        return ImportResult(path.name, sha256, "rejected", findings=findings)
    result = _result(path.name, sha256, stored)
    rows = shown_rows(batch.frame, mapping.kind, FIRST_ROWS) if dry_run else []
    return replace(result, first_rows=tuple(rows))


def _store(
    book: books.Book, batch: ImportBatch, parameters: Path, today: dt.date, **options: Any
) -> StoreResult:
    """Facts as they are; what people decided is judged against the book and the policy first."""
    if batch.kind != "decisions":
        return books.postings.store_batch(book, batch, **options)
    policy = deciding.read_policy(parameters)
    if deciding_notes.is_of_notes(batch):
        return deciding_notes.store_note_decisions(book, batch, policy=policy, today=today, **options)
    return deciding.store_decisions(book, batch, policy=policy, today=today, **options)


def sha256_of(path: Path) -> str:
    """Of the file's bytes, whatever they are; '' where there are none to be had."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def _imported_before(
    book: books.Book, sha256: str, mapping: Mapping, extract_date: dt.date | None
) -> pd.Series | None:
    """The last batch that took these bytes by this mapping; of an extract, under the day given, if one is."""
    batches = books.read.batches(book)
    same = batches[(batches["sha256"] == sha256) & (batches["source"] == mapping.name)]
    same = same[same["status"] != "rejected"]
    if mapping.kind in DATED_BY_EXTRACT and extract_date is not None:
        same = same[same["extract_date"] == pd.Timestamp(extract_date)]
    return None if same.empty else same.iloc[-1]


def _brings_nothing(
    book: books.Book, batch: ImportBatch, known: pd.Series, parameters: Path, today: dt.date
) -> bool:
    """A file taken in part before is tried again, for what was missing may be there now; else it is known."""
    trial = _store(book, batch, parameters, today, dry_run=True)
    return trial.rows_stored == 0 and trial.rows_rejected == int(known["rows_rejected"])


def _without_decisions(batch: ImportBatch) -> ImportResult:
    """A sheet as it was offered: nothing is written, so that it may come again, and it says so."""
    told = Findings(batch.file, batch.kind)
    told.add("decisions-none-written", file=batch.file, level="note")
    findings = FINDINGS.conform(pd.concat([batch.findings, told.frame()], ignore_index=True))
    return ImportResult(batch.file, batch.sha256, "accepted", findings=findings)


def _duplicate(file: str, sha256: str, known: pd.Series) -> ImportResult:
    """The same bytes by the same mapping: nothing is written, and every row is accounted for."""
    rows_in, rejected = int(known["rows_in"]), int(known["rows_rejected"])
    return ImportResult(file, sha256, "duplicate", rows_in, 0, rows_in - rejected, rejected)


def _context(book: books.Book, parameters: Path) -> Context:
    """What a reader may check a file against: the book's customers and closed periods, our bank accounts."""
    customers = books.read.customers(book)
    by_company: dict[str, set[str]] = {}
    for company, customer in zip(customers["company_id"], customers["customer_id"], strict=True):
        by_company.setdefault(str(company), set()).add(str(customer))
    as_of = book.setting("as_of")
    has_organisation = (parameters / ORGANISATION_FILE).is_file()
    organisation = load_organisation(parameters) if has_organisation else None
    return Context(
        customer_ids=by_company,
        as_of=dt.date.fromisoformat(as_of) if as_of else None,
        closed_through=books.read.closed_through(book),
        accounts=organisation.accounts if organisation else None,
        currencies=(organisation.currencies or None) if organisation else None,
        tax_ids=organisation.tax_ids if organisation else None,
    )


def _batch(empty: ImportBatch, parsed: Parsed, mapping: Mapping, extract_date: dt.date) -> ImportBatch:
    return replace(
        empty,
        extract_date=extract_date,
        frame=parsed.frame,
        rows_in=parsed.rows_in,
        rows_duplicate=parsed.rows_duplicate,
        rejected=parsed.rejected,
        findings=parsed.findings,
        # A file of which no row is left is refused: what it says round its rows is not taken either.
        balances=parsed.balances if len(parsed.frame) or parsed.rejected.empty else parsed.balances.iloc[:0],
        customers=parsed.customers,
        raw_of=parsed.raw_of,
        key_includes_customer=mapping.strict.key_includes_customer,
        is_complete=mapping.complete,
        refuse_file_on_conflict=mapping.strict.on_conflict == "file",
        compares_texts=mapping.strict.content == "whole",
        shows_whole_days=mapping.format not in NOTICES,
    )


def _with_doubts(batch: ImportBatch, mapping: Mapping, context: Context, today: dt.date) -> pd.DataFrame:
    """The batch's findings, with what only the book and the calendar can tell of an extract."""
    if batch.kind not in DATED_BY_EXTRACT:
        return batch.findings
    doubts = Findings(batch.file, batch.kind)
    if batch.extract_date > today:
        doubts.add(
            "extract-date-in-future", extract_date=batch.extract_date.isoformat(), today=today.isoformat()
        )
    speaks_of_debt = batch.kind == "items" and not mapping.customers_from_extract
    if speaks_of_debt and mapping.action("unknown-customer") == "accept":
        _add_unknown_customers(doubts, batch.frame, context)
    if not doubts.entries:
        return batch.findings
    return FINDINGS.conform(pd.concat([batch.findings, doubts.frame()], ignore_index=True))


def _add_unknown_customers(doubts: Findings, frame: pd.DataFrame, context: Context) -> None:
    """Items of customers that the book has no master data of: one finding a currency, with its money."""
    known = {(company, one) for company, ids in (context.customer_ids or {}).items() for one in ids}
    named = frame["customer_id"]
    pairs = zip(frame["company_id"], named, strict=True)
    unknown = pd.Series([pair not in known for pair in pairs], index=frame.index, dtype=bool) & (named != "")
    amounts = frame["open_amount"].where(frame["has_open_amount"].astype(bool), frame["original_amount"])
    for currency, part in frame[unknown].groupby("currency"):
        amount = checked_sum(amounts[part.index].to_numpy())
        customers = sorted(set(part["customer_id"]))
        doubts.add(
            "unknown-customer-in-items",
            amount=amount,
            currency=str(currency),
            count=len(customers),
            items=len(part),
            items_money=f"{to_text(amount, str(currency))} {currency}",
            customers=", ".join(customers[:10]) + (" …" if len(customers) > 10 else ""),
        )


def refusal_finding(refusal: RefusedError | AmountOverflowError, file: str, table: str) -> pd.DataFrame:
    """The refusal as a finding, so that it reads the same in the book and at the door."""
    values = {name: str(value) for name, value in {"file": file, **refusal.values}.items()}
    row = refusal.values.get("row", 0)
    finding = {
        "level": "error",
        "source": file,
        "row": row if isinstance(row, int) else 0,
        "table": table,
        "key": str(refusal.values.get("key", "")),
        "rule": refusal.cause,
        "values": json.dumps(values, ensure_ascii=False, sort_keys=True),
        "amount": 0,
        "currency": "",
    }
    return FINDINGS.conform(pd.DataFrame([finding]))


def _result(file: str, sha256: str, stored: StoreResult) -> ImportResult:
    made = ImportResult(
        file,
        sha256,
        stored.status,
        stored.rows_in,
        stored.rows_stored,
        stored.rows_duplicate,
        stored.rows_rejected,
        stored.sums,
        stored.findings,
    )
    return replace(made, outcomes=stored.outcomes)
