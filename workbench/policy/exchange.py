"""Differences in exchange and wires: what is revalued, what the tax law leaves out, when a wire is late."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ExchangePolicy:
    """``not_revalued``: special G/L marks that no close revalues; an advance is no monetary item (IFRIC 22).
    ``not_taxed``: kinds of settlement (``tables.CASH_KINDS``, ``OTHER_KINDS``) whose difference tax law never
    counts: what is given up is never collected (ET art. 288). ``posts_realised``: whether the entries propose
    the realised difference, or the ERP makes them.

    ``legalisation_days``: a wire is to be legalised within so many days of its value date;
    ``needs_review``: nobody has checked that term against the exchange regime, and whatever rests on it says
    so. ``wire_days``: a wire meets a receipt of its amount dated so many days round it.
    """

    not_revalued: frozenset[str] = frozenset({"A"})
    not_taxed: frozenset[str] = frozenset({"write_off"})
    posts_realised: bool = True
    legalisation_days: int = 180
    needs_review: bool = True
    wire_days: int = 5
