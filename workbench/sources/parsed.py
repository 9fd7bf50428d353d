"""What reading a file gives: the rows that are good, those that are not, and what is to be said of them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from collections.abc import Mapping as Dict
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..tables import BANK_BALANCES, CUSTOMERS, FINDINGS, Table

#: Rows that were not taken: ``row`` as a person counts in the file, ``raw`` its text as it stood there.
REJECTED = Table("rejected", ("row",), {"row": "integer", "raw": "text", "rule": "text", "values": "text"})

#: A statement's balances as its file states them; ``BANK_BALANCES`` without the instant the book adds.
STATED_BALANCES = Table(
    "stated_balances",
    BANK_BALANCES.key,
    {name: kind for name, kind in BANK_BALANCES.columns.items() if name != "recorded_at"},
)


@dataclass(frozen=True)
class Context:
    """What a check against the book needs; the default knows nothing and so refuses nothing.

    ``customer_ids``: known customers by company, ``None`` when nothing is known of them. ``accounts``: our
    bank accounts → (company, currency), ``None`` when not known. ``closed_through``: by company, the last
    day of what is closed (``""`` for every company). ``tax_ids``: company → our NIT as written.
    """

    customer_ids: Dict[str, AbstractSet[str]] | None = None
    as_of: dt.date | None = None
    closed_through: Dict[str, dt.date] = field(default_factory=dict)
    accounts: Dict[str, tuple[str, str]] | None = None
    currencies: AbstractSet[str] | None = None
    tax_ids: Dict[str, str] | None = None

    def company_of(self, tax_id: str) -> str | None:
        """The company whose NIT it is, written with or without zeros in front and check digit behind."""
        for company, ours in (self.tax_ids or {}).items():
            number, _, check_digit = ours.partition("-")
            digits = "".join(sign for sign in number if sign.isdigit())
            if tax_id.lstrip("0") in (digits, digits + check_digit.strip()):
                return company
        return None if self.tax_ids else ""

    def every_customer(self) -> set[str]:
        """Every customer number known, in any company."""
        return set().union(*(self.customer_ids or {}).values())


@dataclass(frozen=True)
class Parsed:
    """A file, read. ``rows_in`` = rows of ``frame`` + ``rows_duplicate`` + rows of ``rejected``.

    ``frame``: money in int64 minor units with the inside sign, ``row`` first. ``rows_total``: totals lines
    and repeated headings that are no data. ``sums``: minor units by currency of the accepted rows.
    ``balances``: of statements, one row each. ``customers``: those that the extract itself names, where its
    mapping says so. ``extract_date``: the day the extract speaks of by the mapping's rule, else ``None``.
    ``raw_of``: the text of a row, by its number, as it stood in the file, for rows that the book refuses.
    """

    kind: str
    frame: pd.DataFrame
    rejected: pd.DataFrame
    findings: pd.DataFrame
    rows_in: int
    rows_duplicate: int = 0
    rows_total: int = 0
    sums: dict[str, int] = field(default_factory=dict)
    balances: pd.DataFrame = field(default_factory=STATED_BALANCES.empty)
    customers: pd.DataFrame = field(default_factory=CUSTOMERS.empty)
    extract_date: dt.date | None = None
    raw_of: Callable[[int], str] | None = None


@dataclass
class Findings:
    """Collects findings of one file in the order they are made."""

    source: str
    table: str
    entries: list[dict[str, object]] = field(default_factory=list)

    def add(
        self,
        rule: str,
        *,
        level: str = "warning",
        row: int = 0,
        key: str = "",
        amount: int = 0,
        currency: str = "",
        values: dict[str, object] | None = None,
        **more: object,
    ) -> None:
        """One finding; ``values`` and whatever else is named fill its sentence."""
        told = {**(values or {}), **more}
        self.entries.append(
            {
                "level": level,
                "source": self.source,
                "row": int(row),
                "table": self.table,
                "key": key,
                "rule": rule,
                "values": to_json({"row": int(row), **told} if row else told),
                "amount": int(amount),
                "currency": currency,
            }
        )

    def frame(self) -> pd.DataFrame:
        return FINDINGS.conform(pd.DataFrame(self.entries, columns=list(FINDINGS.columns)))


def to_json(values: dict[str, object]) -> str:
    """Canonical JSON of a finding's values."""
    return json.dumps(values, ensure_ascii=False, default=str, sort_keys=True)


def sums_by_currency(amounts: np.ndarray, currencies: pd.Series) -> dict[str, int]:
    """Exact sum of minor units by currency."""
    from ..money import checked_sum

    codes, names = pd.factorize(currencies, sort=True)
    return {str(name): checked_sum(amounts[codes == code]) for code, name in enumerate(names) if name}
