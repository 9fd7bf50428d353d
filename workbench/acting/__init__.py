"""Acts through the book: drawn up, sent, answered, signed, closed, and reopened where the book contradicts them."""

from __future__ import annotations
