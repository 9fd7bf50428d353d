"""Withholdings at the source that customers may take (retenciones)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

WithheldTax = Literal["RFTE", "RIVA", "RICA"]

WITHHELD_TAXES: tuple[WithheldTax, ...] = ("RFTE", "RIVA", "RICA")
#: Withholding rates are integers of so many parts: 2.5 % is 2,500, 9.66 per thousand is 966.
WITHHOLDING_SCALE = 100_000


@dataclass(frozen=True)
class WithholdingRate:
    """One dated rate (``rate / WITHHOLDING_SCALE``): of the taxable base (``RFTE``, ``RICA``) or of the IVA
    (``RIVA``).

    Withheld from a base of ``minimum_uvt`` UVT on, as of the document's date; both days are inclusive.
    ``needs_review``: nobody has found its legal source for these days; whatever rests on it says so.
    """

    tax: WithheldTax
    concept: str
    rate: int
    minimum_uvt: int
    valid_from: dt.date
    valid_through: dt.date | None = None
    decree: str = ""
    needs_review: bool = False


@dataclass(frozen=True)
class Withholdings:
    """Withholdings at the source that customers may take (retenciones), with the UVT of each year.

    ``uvt``: minor units by year. ``is_self_withholder``: then nobody withholds income tax from us.
    ``taxes_of``: by customer id, the taxes it withholds, where that is known; others may withhold any.
    """

    rates: tuple[WithholdingRate, ...] = ()
    uvt: Mapping[int, int] = field(default_factory=dict)
    currency: str = "COP"
    is_self_withholder: bool = False
    taxes_of: Mapping[str, frozenset[str]] = field(default_factory=dict)
