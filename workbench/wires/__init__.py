"""Wires from abroad (giros del exterior): their receipts and documents, their charges, their papers.

What a person gets: of each wire whether it proves (sent − charges = received), which receipt brought it and
what it pays; the list not yet legalised (giros sin legalizar) with its deadline; and the exports that no wire
pays. The deadline is a parameter that the company has to confirm with its exchange department.
Source: DOMAIN, "What the job needs beyond the anchors".
"""

from __future__ import annotations

from .followed import follow_wires
from .results import EXPORTS, LINKS, STATES, WIRES_FOLLOWED, Followed

__all__ = ["EXPORTS", "LINKS", "STATES", "WIRES_FOLLOWED", "Followed", "follow_wires"]
