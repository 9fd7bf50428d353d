"""Provisions: what is provided for, at which rates, by which methods, and the exceptions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .aging import Buckets

#: The three calculations on the same items: IFRS 9 matrix, corporate policy, DIAN tax.
Calculation = Literal["ifrs9", "policy", "tax"]
TaxMethod = Literal["individual", "general"]
CALCULATIONS: tuple[Calculation, ...] = ("ifrs9", "policy", "tax")
TAX_METHODS: tuple[TaxMethod, ...] = ("individual", "general")
#: What a segment may be made of, beside company and currency.
SEGMENT_COLUMNS = ("country", "cluster_id", "supervisor_id")
#: Sample rates of IFRS 9 B5.5.35 by last day overdue, in parts per million: 1, 2, 3 and 20 per cent.
SAMPLE_RATES: tuple[tuple[int, int], ...] = ((0, 10_000), (30, 20_000), (90, 30_000), (180, 200_000))


@dataclass(frozen=True)
class ProvisionException:
    """A customer whose items are provided at another rate, with who approved it and until when."""

    company_id: str
    customer_id: str
    rate_permille: int
    reason: str
    approved_by: str
    valid_through: dt.date


@dataclass(frozen=True)
class Insured:
    """A customer whose debt somebody else answers for: a share, up to a limit by currency (minor units).

    A currency without a limit is covered without one. Holds through ``valid_through``, that day included.
    """

    company_id: str
    customer_id: str
    covered_permille: int
    limits: Mapping[str, int]
    insurer: str
    valid_through: dt.date


@dataclass(frozen=True)
class MatrixPolicy:
    """IFRS 9, simplified: loss rates by days overdue from the book's own history (B5.5.35).

    ``buckets``: ranges of one month each, so that a month's roll leads from one to the next; the last, open
    range is default. ``segment_by``: what debts are grouped by, beside company and currency. Rates pool the
    last ``months``; of fewer than ``least_count`` items a segment has no rate of its own. An item that passed
    over the next range within a month is ``apart`` (beside the rate) or counts as ``rolled``. ``lgd_ppm`` and
    ``forward_ppm``: loss given default and forward-looking factor, parts per million. ``fallback``: (last day
    overdue, parts per million) where history says nothing. The back-test looks at the last ``tested_months``.
    """

    buckets: Buckets = field(default_factory=lambda: Buckets((0, 30, 60, 90, 120, 150, 180)))
    segment_by: tuple[str, ...] = ("cluster_id",)
    months: int = 12
    least_count: int = 30
    counts_jumps: bool = False
    lgd_ppm: int = 1_000_000
    forward_ppm: int = 1_000_000
    fallback: tuple[tuple[int, int], ...] = SAMPLE_RATES
    tested_months: int = 12
    insured: tuple[Insured, ...] = ()


@dataclass(frozen=True)
class TaxPolicy:
    """What the tax authority (DIAN) lets be deducted; one method a tax year, the two are never mixed.

    ``individual``: up to ``individual_permille`` a year of the nominal of each debt more than
    ``individual_months`` overdue. ``general``: (months overdue, thousandths) of all that is longer overdue.
    Left out: ``related_parties`` (customer ids) and interest (``interest_types``, the ERP's document types).
    ``deferred_permille``: the income tax rate that temporary differences are multiplied by.
    """

    method: TaxMethod = "individual"
    individual_permille: int = 330
    individual_months: int = 12
    general: tuple[tuple[int, int], ...] = ((3, 50), (6, 100), (12, 150))
    year_end_month: int = 12
    related_parties: frozenset[str] = frozenset()
    interest_types: frozenset[str] = frozenset()
    deferred_permille: int = 350


@dataclass(frozen=True)
class ProvisionPolicy:
    """Corporate policy: ``rate_permille`` of what is more than ``over_days`` overdue, less the exceptions.

    ``matrix`` and ``tax`` rule the other two calculations; ``booked`` is the one that goes to the ledger.
    """

    over_days: int = 180
    rate_permille: int = 1000
    exceptions: tuple[ProvisionException, ...] = ()
    matrix: MatrixPolicy = field(default_factory=MatrixPolicy)
    tax: TaxPolicy = field(default_factory=TaxPolicy)
    booked: Calculation = "ifrs9"
