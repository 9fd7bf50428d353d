"""Canonical text of facts: integers and strings only, so a hash made today is made again in ten years.

(Odoo's second hash version broke on floats; TRUST names the case.) A row's canonical text, version 2, is its
values joined by tabs, with backslash, tab and line ends escaped, an absent reference ``\\N``: no two rows of
a table have the same one, since the type of each column is fixed. Version 1 was a JSON list, and entries made
under it are still verified by it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence

#: Stored with each audit entry; a better hash gets the next number, and old entries keep theirs.
HASH_VERSION = 2

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode
_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
ABSENT = "\\N"


def canonical_json(value: object) -> str:
    """Sorted keys, no spaces; anything but text, whole numbers, lists and objects is refused."""
    _check(value)
    return _encode(value)


def _check(value: object) -> None:
    if isinstance(value, dict):
        for key, part in value.items():
            if not isinstance(key, str):
                raise TypeError(f"canonical JSON: the key {key!r} is no text")
            _check(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            _check(part)
    elif isinstance(value, bool) or not isinstance(value, (str, int)):
        raise TypeError(f"canonical JSON: {type(value).__name__} is neither a whole number nor text")


def escaped(texts: Sequence[str]) -> list[str]:
    """Texts as they stand in a canonical row; looked at together, since hardly any needs a change."""
    if _SPECIAL.search("".join(texts)) is None:
        return list(texts)
    return [text.translate(_ESCAPES) for text in texts]


def number_texts(numbers: Sequence[int | None]) -> list[str]:
    """Whole numbers as they stand in a canonical row."""
    if None in numbers:
        return [ABSENT if number is None else str(number) for number in numbers]
    return list(map(str, numbers))


def row_texts(columns: Sequence[Sequence[str]]) -> list[str]:
    """Canonical rows, from the canonical texts of each column."""
    return list(map("\t".join, zip(*columns, strict=True)))


def row_marks(rows: Sequence[str]) -> list[str]:
    """128 bits over each canonical row: what stands in ``row_hash``."""
    sha256 = hashlib.sha256
    return [sha256(row.encode()).hexdigest()[:32] for row in rows]


def row_hash(values: Sequence[object]) -> str:
    """Version 1: 128 bits over one row's values as JSON, in the order of its table's columns."""
    return hashlib.sha256(_encode(values).encode()).hexdigest()[:32]


def digest(hashes: Iterable[str]) -> str:
    """SHA-256 over rows' hashes, in the order given."""
    return hashlib.sha256("".join(hashes).encode()).hexdigest()


def content_sha256(value: object) -> str:
    """SHA-256 of a value's canonical JSON."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()
