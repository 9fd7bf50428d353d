"""What a document says, in one canonical form: the bytes that its hash covers and that lie inside the PDF.

The same page gives the same bytes on every machine: JSON in UTF-8, keys sorted, no blanks, amounts as
decimal text with the currency's decimals, days and instants in ISO, texts as they print. Whoever has the PDF
can take ``content.json`` out of it (it is attached) and find the hash of the footer with any tool.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import unicodedata
from dataclasses import fields, is_dataclass
from decimal import Decimal

from ...errors import ParameterRefusedError
from ...money import exponent
from .shapes import Page, StatementPage

#: Counts up when the form changes, so that an old hash can still be made.
VERSION = 1
#: How a page lies on paper is nothing that it says.
_NOT_SAID = frozenset({"paper"})
#: Marks that turn or hide what follows: in a name they could show a reader another text than they hash.
_UNSEEN = frozenset(
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f"
)
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def content_bytes(page: Page) -> bytes:
    """The canonical JSON of a page; an amount with more decimals than the currency has is refused."""
    said = {
        "document": "statement" if isinstance(page, StatementPage) else "act",
        "version": VERSION,
        **_plain(page, exponent(page.currency)),
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def content_sha256(page: Page) -> str:
    """SHA-256 of what the page says, hexadecimal: what the footer shows and an act is bound to."""
    return hashlib.sha256(content_bytes(page)).hexdigest()


def printed(text: str) -> str:
    """A text as it prints, on one line: blanks for line breaks, no marks that turn or hide letters.

    Control characters, halves of letters and code points without a meaning become ``�``: seen, not dropped.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_letter, unicodedata.normalize("NFC", text))).strip()


def _letter(letter: str) -> str:
    if letter in _UNSEEN:
        return ""
    kind = unicodedata.category(letter)
    if letter in "\t\n\r\v\f\u0085" or kind in ("Zl", "Zp"):
        return " "
    return REPLACEMENT if kind in ("Cc", "Cs", "Co", "Cn") else letter


def _plain(shape: object, decimals: int) -> dict[str, object]:
    if not is_dataclass(shape):
        raise TypeError(f"no shape: {shape!r}")
    return {
        field.name: _value(getattr(shape, field.name), decimals)
        for field in fields(shape)
        if field.name not in _NOT_SAID
    }


def _value(value: object, decimals: int) -> object:
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return printed(value)
    if isinstance(value, Decimal):
        return amount_text(value, decimals)
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_value(part, decimals) for part in value]
    return _plain(value, decimals)


def amount_text(amount: Decimal, decimals: int) -> str:
    """Decimal text with exactly so many decimals; what would have to be rounded is refused."""
    if not amount.is_finite():
        raise ParameterRefusedError("document-amount-wrong", amount=str(amount))
    scaled = amount.scaleb(decimals)
    if scaled != scaled.to_integral_value():
        raise ParameterRefusedError("document-amount-wrong", amount=str(amount))
    return f"{amount if amount else abs(amount):.{decimals}f}"
