"""SWIFT MT940 statements."""

from __future__ import annotations

from .mappings import Mapping
from .parsed import Context, Parsed


def read_mt940(text: str, mapping: Mapping, *, file: str, context: Context) -> Parsed:
    """Soon."""
    raise NotImplementedError
