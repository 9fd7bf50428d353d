"""``provision:`` of ``policy.yaml``: what is provided for, at which rates, by which methods; exceptions."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import cast

from ..errors import PolicyError
from ..policy import (
    CALCULATIONS,
    SEGMENT_COLUMNS,
    TAX_METHODS,
    Buckets,
    Calculation,
    Insured,
    MatrixPolicy,
    ProvisionException,
    ProvisionPolicy,
    TaxMethod,
    TaxPolicy,
)
from .withholdings_file import day_of, minor_of
from .yaml_shapes import Shape


def read_provision(part: Shape) -> ProvisionPolicy:
    """Rates in thousandths, days whole; an exception needs who approved it, why, and until when."""
    usual = ProvisionPolicy()
    policy = ProvisionPolicy(
        over_days=part.integer_of("over_days", usual.over_days, least=0),
        rate_permille=_permille(part, "rate_permille", usual.rate_permille),
        exceptions=tuple(_exception(entry) for entry in part.entries("exceptions")),
        matrix=_matrix(part.inner("matrix")),
        tax=_tax(part.inner("tax")),
        booked=cast(Calculation, part.choice("booked", CALCULATIONS, usual.booked)),
    )
    part.nothing_else()
    return policy


def _exception(part: Shape) -> ProvisionException:
    exception = ProvisionException(
        company_id=part.text_of("company_id"),
        customer_id=part.text_of("customer_id"),
        rate_permille=_permille(part, "rate_permille"),
        reason=part.text_of("reason"),
        approved_by=part.text_of("approved_by"),
        valid_through=day_of(part, "valid_through"),
    )
    part.nothing_else()
    return exception


def _matrix(part: Shape) -> MatrixPolicy:
    """Percentages as decimals; a factor above 100 % raises the rates."""
    usual = MatrixPolicy()
    policy = MatrixPolicy(
        buckets=Buckets(part.integers_of("buckets", usual.buckets.upper)),
        segment_by=part.choices("segment_by", SEGMENT_COLUMNS, usual.segment_by),
        months=part.integer_of("months", usual.months, least=1),
        least_count=part.integer_of("least_count", usual.least_count, least=1),
        counts_jumps=part.truth_of("counts_jumps", usual.counts_jumps),
        lgd_ppm=_percent(part, "lgd_percent", usual.lgd_ppm),
        forward_ppm=_percent(part, "forward_percent", usual.forward_ppm, most=1000),
        fallback=_fallback(part) if part.has("fallback") else usual.fallback,
        tested_months=part.integer_of("tested_months", usual.tested_months, least=1),
        insured=tuple(_insured(entry) for entry in part.entries("insured")),
    )
    part.nothing_else()
    return policy


def _fallback(part: Shape) -> tuple[tuple[int, int], ...]:
    """Rates by last day overdue, days rising; an empty list says that there are none."""
    rates = []
    for entry in part.entries("fallback"):
        rates.append((entry.integer_of("through_days", least=0), _percent(entry, "percent")))
        entry.nothing_else()
    days = [day for day, _ in rates]
    if days != sorted(set(days)):
        part.wrong("fallback", ", ".join(map(str, days)))
    return tuple(rates)


def _insured(part: Shape) -> Insured:
    insured = Insured(
        company_id=part.text_of("company_id"),
        customer_id=part.text_of("customer_id"),
        covered_permille=_permille(part, "covered_permille"),
        limits={currency: minor_of(amount, currency) for currency, amount in part.items("limits")},
        insurer=part.text_of("insurer"),
        valid_through=day_of(part, "valid_through"),
    )
    part.nothing_else()
    return insured


def _tax(part: Shape) -> TaxPolicy:
    usual = TaxPolicy()
    policy = TaxPolicy(
        method=cast(TaxMethod, part.choice("method", TAX_METHODS, usual.method)),
        individual_permille=_permille(part, "individual_permille", usual.individual_permille),
        individual_months=part.integer_of("individual_months", usual.individual_months, least=1),
        general=_general(part) if part.has("general") else usual.general,
        year_end_month=part.integer_of("year_end_month", usual.year_end_month, least=1, most=12),
        related_parties=frozenset(part.texts_of("related_parties")),
        interest_types=frozenset(part.texts_of("interest_types")),
        deferred_permille=_permille(part, "deferred_permille", usual.deferred_permille),
    )
    part.nothing_else()
    return policy


def _general(part: Shape) -> tuple[tuple[int, int], ...]:
    steps = []
    for entry in part.entries("general"):
        steps.append((entry.integer_of("over_months", least=1), _permille(entry, "rate_permille")))
        entry.nothing_else()
    months = [month for month, _ in steps]
    if not months or months != sorted(set(months)):
        part.wrong("general", ", ".join(map(str, months)))
    return tuple(steps)


def _permille(part: Shape, name: str, default: int | None = None) -> int:
    return part.integer_of(name, default, least=0, most=1000)


def _percent(part: Shape, name: str, default: int | None = None, *, most: int = 100) -> int:
    """A percentage in parts per million: ``"0.5"`` is 5,000; from 0 to ``most`` per cent."""
    if not part.has(name) and default is not None:
        return default
    if not part.has(name):
        raise PolicyError("mapping-setting-missing", file=part.file, setting=f"{part.path}.{name}")
    text = part.number_of(name)
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4})?", text) or Decimal(text) > most:
        part.wrong(name, text, [f"0 … {most}"])
    return int(Decimal(text) * 10_000)
