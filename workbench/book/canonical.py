"""Canonical text of facts: integers and strings only, so a hash made today is made again in ten years.

(Odoo's second hash version broke on floats; TRUST names the case.)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

#: Stored with each audit entry; a better hash gets the next number, and old entries keep theirs.
HASH_VERSION = 1

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


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


def row_hash(values: Sequence[object]) -> str:
    """128 bits over one row's values in the order of its table's columns; None is an absent reference."""
    return hashlib.sha256(_encode(values).encode()).hexdigest()[:32]


def digest(hashes: Iterable[str]) -> str:
    """SHA-256 over rows' hashes, in the order given."""
    return hashlib.sha256("".join(hashes).encode()).hexdigest()


def content_sha256(value: object) -> str:
    """SHA-256 of a value's canonical JSON."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()
