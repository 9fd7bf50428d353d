"""Acts through the book: drawn up, sent, answered, signed, closed; reopened where the book says otherwise."""

from __future__ import annotations
