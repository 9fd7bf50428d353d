"""``parameters/withholdings.yaml`` to :class:`~workbench.policy.Withholdings`; without it none is known."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from typing import cast

from ..calendar import parse_date
from ..errors import AmountOverflowError, ParameterRefusedError, PolicyError
from ..money import check_currency, currency_decimals, to_minor
from ..policy import WITHHELD_TAXES, WITHHOLDING_SCALE, WithheldTax, WithholdingRate, Withholdings
from .strict_yaml import read_yaml
from .yaml_shapes import Shape

FILE = "withholdings.yaml"


def load_withholdings(directory: Path) -> Withholdings:
    """The withholdings of a parameters directory; where the file is not there, none is assumed."""
    path = Path(directory) / FILE
    return read_withholdings(path) if path.is_file() else Withholdings()


def read_withholdings(path: Path) -> Withholdings:
    """The same for a file of any name; a wrong, misspelt or overlapping setting raises ``PolicyError``."""
    top = Shape.of(read_yaml(path), file=path.name, error=PolicyError)
    currency = top.text_of("currency", "COP")
    if currency_decimals(currency) is None:
        top.wrong("currency", currency)
    withholdings = Withholdings(
        rates=tuple(_rate(part) for part in top.entries("rates")),
        uvt={_year(part, year): minor_of(part, currency) for year, part in top.items("uvt")},
        currency=currency,
        is_self_withholder=top.truth_of("is_self_withholder", False),
        taxes_of={customer: _taxes(part) for customer, part in top.items("customers")},
    )
    top.nothing_else()
    _refuse_overlaps(top, withholdings.rates)
    return withholdings


def _rate(part: Shape) -> WithholdingRate:
    rate = WithholdingRate(
        tax=cast(WithheldTax, part.choice("tax", WITHHELD_TAXES)),
        concept=part.text_of("concept"),
        rate=part.integer_of("rate"),
        minimum_uvt=part.integer_of("minimum_uvt", 0),
        valid_from=day_of(part, "valid_from"),
        valid_through=day_of(part, "valid_through") if part.has("valid_through") else None,
        decree=part.text_of("decree", ""),
        needs_review=part.truth_of("needs_review", False),
    )
    if not 0 < rate.rate < WITHHOLDING_SCALE:
        part.wrong("rate", rate.rate)
    if rate.minimum_uvt < 0:
        part.wrong("minimum_uvt", rate.minimum_uvt)
    part.nothing_else()
    return rate


def day_of(part: Shape, name: str) -> dt.date:
    """A setting that is a day."""
    text = part.text_of(name)
    try:
        return parse_date(text)
    except ParameterRefusedError:
        part.wrong(name, text)
        raise


def minor_of(part: Shape, currency: str) -> int:
    """A setting that is money: decimal text in major units, not negative."""
    text = part.text() if isinstance(part.value, bool) else str(part.value)
    try:
        minor = to_minor(Decimal(text), check_currency(currency))
    except (InvalidOperation, ValueError, ParameterRefusedError, AmountOverflowError):
        part.wrong("", text)
        raise
    if minor < 0:
        part.wrong("", text)
    return minor


def _year(part: Shape, year: object) -> int:
    text = str(year)
    if not (text.isdigit() and len(text) == 4):
        part.wrong("", text)
    return int(text)


def _taxes(part: Shape) -> frozenset[str]:
    taxes = part.texts()
    for tax in taxes:
        if tax not in WITHHELD_TAXES:
            part.wrong("", tax)
    return frozenset(taxes)


def _refuse_overlaps(top: Shape, rates: tuple[WithholdingRate, ...]) -> None:
    """Two rates of one concept on one day would leave the answer to the order of the lines."""
    ordered = sorted(rates, key=lambda rate: (rate.tax, rate.concept, rate.valid_from))
    for one, after in pairwise(ordered):
        is_same = (one.tax, one.concept) == (after.tax, after.concept)
        if is_same and (one.valid_through is None or one.valid_through >= after.valid_from):
            top.wrong("rates", f"{one.tax} {one.concept} {after.valid_from}")
