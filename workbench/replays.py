"""Matching without a book: files of open items, receipts and advices in, what was applied and left out.

A document's ``closed_date`` is told to the pool alone: until when the document may be taken. The rules
never see it, so a month that is over can be matched again as if it were not. Source: COMMANDS, ``match``.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterable, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from . import words
from .matching import Matched, Progress, match_receipts, prove_conservation, summarise_rules
from .money import to_text
from .policy import MatchingPolicy
from .sources import Mapping, Parsed, read_file
from .sources.strictness import StrictRule
from .tables import ALIASES, FINDINGS, OPEN_ITEMS, RECEIPTS, REMITTANCES, Table
from .workers import executor_for

#: Company of files that name none.
_COMPANY = "CO01"


def _named(names: str, **others: str) -> dict[str, tuple[str, ...]]:
    """Columns that are called what the fields are, and those that are called otherwise."""
    called = {name: name for name in names.split()} | others
    return {name: (heading,) for name, heading in called.items()}


OPEN_ITEMS_FILE = Mapping(
    "match-open-items",
    "items",
    "csv",
    columns=_named(
        "company_id customer_id document_type document_date due_date currency order_id centre_id taxable_base"
        " tax reference_document_id payment_terms reference text",
        document_number="document_id",
        original_amount="amount",
        clearing_date="closed_date",
    ),
    required=("customer_id", "document_number", "document_date", "currency", "original_amount"),
    defaults={"company_id": _COMPANY},
    kinds={"default": "by_sign"},
    strict=StrictRule(key_includes_customer=True),
)
RECEIPTS_FILE = Mapping(
    "match-receipts",
    "receipts",
    "csv",
    columns=_named(
        "receipt_id receipt_date currency customer_id company_id text payer_name payer_tax_id payer_account",
        received_amount="amount",
    ),
    required=("receipt_id", "receipt_date", "currency", "received_amount"),
    defaults={"company_id": _COMPANY},
    checks={"zero-amount": "reject"},
)
ADVICES_FILE = Mapping(
    "match-remittances",
    "remittances",
    "csv",
    columns=_named(
        "receipt_id payer_name advice_date reference deduction reason company_id currency",
        advised_amount="amount",
    ),
    required=("reference", "advised_amount"),
    defaults={"company_id": _COMPANY},
)
ALIASES_FILE = Mapping(
    "match-aliases",
    "aliases",
    "csv",
    columns=_named("company_id kind pattern customer_id valid_from valid_through approved_by"),
    required=("pattern", "customer_id", "approved_by"),
    defaults={"company_id": _COMPANY},
)


@dataclass(frozen=True)
class Replayed:
    """What came of the files: the frames of ``matching``, findings, and rows that could not be read.

    ``rejected``: kind, row, rule, values and raw text of each.
    """

    matched: Matched
    findings: pd.DataFrame
    rejected: pd.DataFrame
    summary: dict[str, object]


def match_files(
    open_items: Path,
    receipts: Path,
    remittances: Path | None = None,
    aliases: Path | None = None,
    *,
    policy: MatchingPolicy,
    out: Path,
    progress: Progress | None = None,
) -> Replayed:
    """Match the files and write ``applied.csv``, ``suggestions.csv``, ``unapplied.csv``, ``findings.csv`` and
    ``summary.json``.

    Amounts are decimal text in major units, receipts positive, credit notes negative. A file that cannot be
    used raises :class:`FileRefusedError` before anything is written; rows that cannot be read are findings,
    with their file and row, and no amount of theirs is in the totals of the summary. ``aliases``: approved
    words and relations; words only suggest, for without a book there are no decisions that prove them.
    ``progress`` is told how many receipts of how many are done; many are decided by several processes.
    """
    read = [read_file(open_items, OPEN_ITEMS_FILE), read_file(receipts, RECEIPTS_FILE)]
    items, last_days = _pool_of(read[0])
    paid = _with_keys(read[1].frame, RECEIPTS, "receipt_key")
    advices = None
    if remittances is not None:
        read.append(read_file(remittances, _with_currency(ADVICES_FILE, paid)))
        advices = _conformed(read[2].frame, REMITTANCES)
    known = None
    if aliases is not None:
        read.append(read_file(aliases, ALIASES_FILE))
        known = _conformed(read[-1].frame.assign(decided=0, confirmed=0), ALIASES)
    as_of = paid["receipt_date"].max().date() if len(paid) else dt.date(1970, 1, 1)
    matched = match_receipts(
        paid, items, advices, policy=policy, as_of=as_of, last_days=last_days, aliases=known,
        executor=executor_for(len(paid)), progress=progress,
    )  # fmt: skip
    findings = FINDINGS.conform(
        pd.concat([*(one.findings for one in read), matched.findings], ignore_index=True)
    )
    names = {path.name for path in (open_items, receipts, remittances, aliases) if path is not None}
    told = _told(findings, names)
    summary = _summary(paid, matched, read, told)
    _write(out, matched, summary, told)
    rejected = pd.concat([one.rejected.assign(kind=one.kind) for one in read], ignore_index=True)
    return Replayed(matched, findings, rejected, summary)


def _pool_of(parsed: Parsed) -> tuple[pd.DataFrame, dict[int, dt.date]]:
    """Open items, and the last day on which each may be taken where the file says one."""
    frame = _with_keys(parsed.frame, OPEN_ITEMS, "document_key")
    closed = parsed.frame["clearing_date"].reset_index(drop=True)
    last_days = {
        int(key): day.date()
        for key, day in zip(frame["document_key"], closed, strict=True)
        if not pd.isna(day)
    }
    return frame, last_days


def _with_keys(frame: pd.DataFrame, table: Table, key: str) -> pd.DataFrame:
    numbered = frame.reset_index(drop=True)
    numbered = numbered.assign(**{key: range(1, len(numbered) + 1)})
    if table is OPEN_ITEMS:
        amount = numbered["original_amount"]
        numbered = numbered.assign(
            document_id=numbered["document_number"],
            open_amount=amount,
            erp_open_amount=amount,
            pending_applications=0,
        )
    return _conformed(numbered, table)


def _conformed(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    missing = {name: "" for name in table.columns if name not in frame and name != "recorded_at"}
    return table.conform(frame.assign(**missing, recorded_at=pd.Timestamp(0, tz="UTC")))


def _with_currency(mapping: Mapping, paid: pd.DataFrame) -> Mapping:
    """An advice without a currency speaks of the receipts' one, where there is only one."""
    from dataclasses import replace

    currencies = sorted(set(paid["currency"]))
    if len(currencies) > 1:
        return replace(mapping, required=(*mapping.required, "currency"))
    return replace(mapping, defaults={**mapping.defaults, "currency": currencies[0] if currencies else "COP"})


def _told(findings: pd.DataFrame, files: Set[str]) -> list[dict[str, object]]:
    """Findings in words; those on the files by file and row, first; those of matching name no file."""
    told = []
    for one in findings.to_dict("records"):
        values = json.loads(one["values"]) if one["values"] else {}
        rule = str(one["rule"])
        told.append(
            {
                "file": one["source"] if one["source"] in files else "",
                "row": int(one["row"]),
                "level": str(one["level"]),
                "rule": rule,
                "message": words.sentence(rule, values),
                "remedy": words.remedy(rule, values),
            }
        )
    return told


def _summary(
    paid: pd.DataFrame, matched: Matched, read: Iterable[Parsed], told: list[dict[str, object]]
) -> dict[str, object]:
    """Counts and sums by rule, and received = cash applied + unapplied, per currency, of readable rows."""
    rules = [
        {
            "currency": row.currency,
            "rule": row.rule,
            "receipts": int(row.receipts),
            "legs": int(row.legs),
            "amount": to_text(int(row.applied_amount), str(row.currency)),
        }
        for row in summarise_rules(matched).itertuples()
    ]
    conservation = {
        str(row.currency): {
            name: to_text(int(getattr(row, f"{name}_amount")), str(row.currency))
            for name in ("received", "applied", "unapplied")
        }
        for row in prove_conservation(paid, matched).itertuples()
    }
    reasons = matched.unapplied["reason"].value_counts().sort_index()
    rows: list[dict[str, Any]] = [
        {"kind": one.kind, "rows_in": one.rows_in, "rows_rejected": len(one.rejected)} for one in read
    ]
    return {
        "receipts": len(paid),
        "applied": int(matched.applied["receipt_key"].nunique()),
        "unapplied": len(matched.unapplied),
        "rules": rules,
        "reasons": {str(reason): int(count) for reason, count in reasons.items()},
        "conservation": conservation,
        "files": rows,
        "rows_rejected": sum(one["rows_rejected"] for one in rows),
        "findings": [one for one in told if one["file"]],
    }


_LEG = ["document_id", "amount", "kind", "rule", "expectation", "evidence"]


_FINDING = ["file", "row", "level", "rule", "message", "remedy"]
#: What a spreadsheet would take for a formula at the start of a cell.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def _harmless(text: object) -> object:
    """A cell of words that no spreadsheet runs, on one line."""
    if not isinstance(text, str):
        return text
    line = " ".join(text.splitlines()) if text else text
    return f"'{line}" if line.lstrip(" ").startswith(_FORMULA_STARTS) else line


def _write(out: Path, matched: Matched, summary: dict[str, object], told: list[dict[str, object]]) -> None:
    """Each file under a scratch name first, so that none is ever half there."""
    tables = {
        "applied.csv": _door(matched.applied)[["receipt_id", *_LEG]],
        "suggestions.csv": _door(matched.suggested)[["receipt_id", "proposal", "rank", *_LEG]],
        "unapplied.csv": pd.DataFrame(
            {
                "receipt_id": matched.unapplied["receipt_id"],
                "amount": _decimal(matched.unapplied, "unapplied_amount"),
                "reason": matched.unapplied["reason"],
                "rivals": matched.unapplied["rivals"],
            }
        ),
        # Always there: an empty one says that every row was read.
        "findings.csv": pd.DataFrame(told, columns=_FINDING).map(_harmless),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        scratch = out / f".{name}.partial"
        table.to_csv(scratch, index=False, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
        scratch.replace(out / name)
    scratch = out / ".summary.json.partial"
    scratch.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    scratch.replace(out / "summary.json")


def _door(legs: pd.DataFrame) -> pd.DataFrame:
    expected = [json.loads(text).get("expected", "0") for text in legs["evidence"]]
    return legs.assign(amount=_decimal(legs, "applied_amount"), expectation=expected)


def _decimal(frame: pd.DataFrame, column: str) -> list[str]:
    pairs = zip(frame[column].tolist(), frame["currency"], strict=True)
    return [to_text(amount, currency) for amount, currency in pairs]
