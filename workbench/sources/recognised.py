"""Which format a file looks like, so that a refusal can say it instead of missing its own records in it."""

from __future__ import annotations

import re

from ..errors import FileRefusedError

#: Refusals that mean "this is no such file at all"; others say something of the file itself.
_NO_SUCH_FILE = (
    "columns-missing",
    "type-mismatch",
    "mt940-no-statement",
    "ofx-none",
    "asobancaria-record-unknown",
    "asobancaria-line-too-long",
    "asobancaria-field",
    "bai2-record-unknown",
    "fixed-header-missing",
    "fixed-line-unknown",
    "fixed-line-too-long",
)
#: Format → how such a file begins, and the source that reads it (``""``: none does).
_SIGNS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("OFX", re.compile(r"\s*OFXHEADER:|[^<]*(?:<\?[^>]*\?>\s*)*<OFX>", re.IGNORECASE), "ofx"),
    ("MT940", re.compile(r"[^:]{0,200}:20:"), "mt940"),
    ("BAI2", re.compile(r"\s*01,[^,]*,[^,]*,[0-9]{6},"), "bai2"),
    ("Asobancaria 2001", re.compile(r"01[0-9]{18}[0-9]{20}20[0-9]{6}"), "asobancaria"),
    ("CAMT.053", re.compile(r"\s*<[\s\S]*(?:camt\.053\.|<BkToCstmrStmt)"), "camt053"),
    ("CAMT.054", re.compile(r"\s*<[\s\S]*(?:camt\.054\.|<BkToCstmrDbtCdtNtfctn)"), "camt054"),
    ("QIF", re.compile(r"\s*!(?:Type|Account|Option)", re.IGNORECASE), ""),
    ("CODA", re.compile(r"0000[0-3][0-9][01][0-9]{3}"), ""),
    ("EDI X12", re.compile(r"\s*ISA[^A-Za-z0-9]"), ""),
)
_STATEMENTS = ("mt940", "mt942", "camt053", "camt054", "ofx", "bai2", "asobancaria", "pse")


def say_what_it_is(
    refusal: FileRefusedError, content: bytes, *, file: str, format_read: str
) -> FileRefusedError:
    """The refusal, or one that names the format that the file is in and the source that reads it."""
    if refusal.cause not in _NO_SUCH_FILE:
        return refusal
    if refusal.cause == "type-mismatch" and format_read in _STATEMENTS:
        return refusal  # a statement's reader says itself what message it met
    head = content[:2000].decode("latin-1").removeprefix("ï»¿")
    for name, sign, source in _SIGNS:
        if sign.match(head) and source != format_read:
            rule = "format-other" if source else "format-not-read"
            return FileRefusedError(rule, file=file, format=name, source=source)
    if format_read in _STATEMENTS and _is_table(head):
        return FileRefusedError("format-other", file=file, format="CSV", source="bank_csv")
    return refusal


def _is_table(head: str) -> bool:
    """Headings and a line below them, both cut at least twice by the same mark."""
    lines = [line for line in head.splitlines() if line.strip()][:2]
    is_worded = bool(lines) and lines[0].lstrip('"')[:1].isalpha()
    return is_worded and len(lines) == 2 and any(min(line.count(m) for line in lines) > 1 for m in ";,\t|")
