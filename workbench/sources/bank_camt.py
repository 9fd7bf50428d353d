"""ISO 20022 bank statements (camt.053) and notifications (camt.054), versions 02 to 08, many a file.

A statement proves itself: opening + booked entries = closing, and its own control totals hold; one entry
that cannot be read refuses the file, because without it nothing is proved. Entries that are not booked are
kept aside as rows. A notification states no balances, so there a bad entry is a row kept aside too.
Source: ISO 20022 message definitions camt.053.001 and camt.054.001; ``badfiles/SPEC.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from ..errors import FileRefusedError, MappingError
from ..money import to_text
from .bank_lines import Statement, finish_statements
from .camt_entries import Detail, Entry, read_detail, read_entry
from .camt_lines import entry_lines
from .camt_statements import check_totals, close_statement, continues
from .mappings import Mapping
from .parsed import REJECTED, Context, Findings, Parsed, to_json
from .safe_xml import Node, raw_text, read_parts

VERSIONS = ("02", "03", "04", "05", "06", "07", "08")
#: Format → message, its element and that of one statement.
MESSAGES = {
    "camt053": ("camt.053", "BkToCstmrStmt", "Stmt"),
    "camt054": ("camt.054", "BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}
_PARTS = frozenset(("GrpHdr", "Stmt", "Ntfctn", "Ntry", "NtryDtls", "TxDtls"))
_MESSAGE_ID = re.compile(r"([a-z]{4}\.[0-9]{3})\.[0-9]{3}\.([0-9]{2})(?![0-9])", re.ASCII)
_COLUMNS = (
    "row statement account_id line_id booking_date value_date currency bank_amount reference text"
    " payer_name payer_tax_id payer_account"
).split()


@dataclass
class _Refused:
    """An entry that is not taken: unreadable, or not booked."""

    error: FileRefusedError
    row: int
    raw: str


@dataclass
class _Collected:
    """What has been read of the statement that is being read."""

    entries: list[Entry] = field(default_factory=list)
    raw: dict[int, str] = field(default_factory=dict)  # of those that are not booked
    wrong: list[_Refused] = field(default_factory=list)
    details: list[Detail] = field(default_factory=list)  # of the entry that is being read
    stated: int = 0


def read_camt(content: bytes, mapping: Mapping, *, file: str, context: Context) -> Parsed:
    """Lines with credit positive, their balances proved; an entry's payments one by one where they add up.

    A line's id is the bank's reference (``AcctSvcrRef``, else ``NtryRef`` and day), of payments of one entry
    ``reference/1``, ``reference/2`` …; ``row`` counts the entries of the file from 1. Refused as a whole:
    another message (``type-mismatch``) or version, XML that is not safe or sound, what does not prove.
    """
    _hold_time_zone(mapping)
    findings = Findings(file, "bank_statement")
    statements: list[Statement] = []
    pages: list[tuple[bool, bool]] = []  # of each statement: is it opened, is it closed by a page's balance
    rows: list[dict[str, object]] = []
    rejected: list[dict[str, object]] = []
    for node, collected in _statements(content, mapping, file, findings):
        if collected.wrong and mapping.bank.proof == "required":
            raise collected.wrong[0].error
        closed = close_statement(node, collected.entries, mapping, file)
        if closed is not None:
            statement, opens_a_page, ends_a_page, is_controlled = closed
            if collected.wrong and is_controlled:
                raise collected.wrong[0].error
            check_totals(node, collected.entries, statement, file)
            if opens_a_page and pages and pages[-1][1] and continues(statements[-1], statement):
                statements[-1].closing, statements[-1].closing_date = (
                    statement.closing,
                    statement.closing_date,
                )
                pages[-1] = (pages[-1][0], ends_a_page)
            else:
                statements.append(statement)
                pages.append((opens_a_page, ends_a_page))
        for refused in collected.wrong:
            rejected.append(_kept_aside(refused.error, refused.row, refused.raw, findings))
        for entry in collected.entries:
            if entry.is_booked:
                account = statements[-1].account_id
                for line in entry_lines(entry, account, mapping, findings):
                    rows.append({**line, "statement": len(statements)})
            else:
                error = FileRefusedError(
                    "not-booked",
                    file=file,
                    key=entry.line_id,
                    status=entry.status,
                    shown_money=f"{to_text(entry.amount, entry.currency)} {entry.currency}",
                )
                rejected.append(_kept_aside(error, entry.row, collected.raw[entry.row], findings, entry))
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    for name in ("booking_date", "value_date"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    kept = REJECTED.conform(pd.DataFrame(rejected, columns=list(REJECTED.columns)))
    return finish_statements(frame, statements, mapping, context, findings, file=file, rejected=kept)


def _hold_time_zone(mapping: Mapping) -> None:
    try:
        ZoneInfo(mapping.dates.time_zone)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise MappingError(
            "mapping-setting-wrong",
            file=f"{mapping.name}.yaml",
            setting="dates.time_zone",
            value=mapping.dates.time_zone,
        ) from None


def _statements(
    content: bytes, mapping: Mapping, file: str, findings: Findings
) -> Iterator[tuple[Node, _Collected]]:
    """Each statement with its entries, in the order of the file."""
    message, outer, inner = MESSAGES[mapping.format]
    collected = _Collected()
    seen, row, has_said = 0, 0, False
    for node in read_parts(content, _PARTS, file=file, most_text=mapping.limits.field_chars):
        if not has_said:
            has_said = True
            _hold_to_message(node, message, outer, file, findings)
        if node.name == "TxDtls":
            collected.details.append(read_detail(node))
        elif node.name == "NtryDtls":
            collected.stated += _stated_transactions(node)
        elif node.name == "Ntry":
            row += 1
            if row > mapping.limits.rows:
                raise FileRefusedError("too-many-rows", file=file, rows=row, limit=mapping.limits.rows)
            _collect(node, row, content, collected, mapping, file)
        elif node.name == inner:
            seen += 1
            yield node, collected
            collected = _Collected()
    if not seen:
        raise FileRefusedError("type-mismatch", file=file, expected=message, reason=f"{outer}/{inner}")


def _collect(
    node: Node, row: int, content: bytes, collected: _Collected, mapping: Mapping, file: str
) -> None:
    try:
        entry = read_entry(node, collected.details, collected.stated, row, mapping, file)
        collected.entries.append(entry)
        if not entry.is_booked:
            collected.raw[row] = raw_text(content, node)
    except FileRefusedError as error:
        collected.wrong.append(_Refused(error, row, raw_text(content, node)))
    collected.details, collected.stated = [], 0


def _stated_transactions(node: Node) -> int:
    texts = [number.text for number in node.all("Btch/NbOfTxs")]
    return sum(int(text) for text in texts if re.fullmatch("[0-9]{1,15}", text, re.ASCII))


def _hold_to_message(node: Node, message: str, outer: str, file: str, findings: Findings) -> None:
    """The namespace says which message and version this is; without one its structure has to."""
    tags = [*node.above, node.tag]
    places = [at for at, tag in enumerate(tags) if tag.rpartition("}")[2] == "Document"]
    if not places or places[-1] + 1 >= len(tags):
        raise FileRefusedError("type-mismatch", file=file, expected=message, reason=tags[0][-60:])
    namespace = tags[places[-1]].rpartition("}")[0].lstrip("{")
    body = tags[places[-1] + 1].rpartition("}")[2]
    named = _MESSAGE_ID.search(namespace)
    if body != outer or (namespace and (named is None or named[1] != message)):
        reason = ": ".join(part for part in (namespace.rpartition(":")[2][-60:], body[:60]) if part)
        raise FileRefusedError("type-mismatch", file=file, expected=message, reason=reason)
    if named is None:
        findings.add("namespace-missing", level="note", file=file, expected=message)
    elif named[2] not in VERSIONS:
        known = f"{message}.001.{VERSIONS[0]} … {VERSIONS[-1]}"
        raise FileRefusedError("camt-version", file=file, version=named[0], known=known)


def _kept_aside(
    error: FileRefusedError, row: int, raw: str, findings: Findings, entry: Entry | None = None
) -> dict[str, object]:
    values = {name: value for name, value in error.values.items() if name not in ("row", "key")}
    findings.add(
        error.cause,
        level="error",
        row=row,
        key=entry.line_id if entry else "",
        amount=entry.amount if entry else 0,
        currency=entry.currency if entry else "",
        values={**values, **({"key": entry.line_id} if entry else {})},
    )
    return {"row": row, "raw": raw, "rule": error.cause, "values": to_json({**values, "row": row})}
