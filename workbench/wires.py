"""Wires from abroad (giros del exterior): which receipt and documents each belongs to, and what it lacks."""

from __future__ import annotations
