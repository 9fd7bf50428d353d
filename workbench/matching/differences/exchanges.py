"""Realised differences in exchange (diferencia en cambio realizada), line by line.

Accounting measures what is paid against the document's rate; the tax law taxes the same difference only when
it is paid (ET art. 288). Source: DOMAIN, section 20.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from ...applications import collect_findings, finding
from ...exchange import OfficialRates, rounded
from ...money import RATE_SCALE, convert, round_half_away, to_text
from ...tables import CASH_KINDS, RATES, ColumnType, Table

#: One row an applied leg of a document in another currency; money in minor units of ``base_currency``.
REALISED = Table(
    "realised",
    ("document_key", "receipt_key"),
    {
        "document_key": "integer",
        "receipt_key": "integer",
        "currency": "text",
        "applied_amount": "money",  # minor units of currency, sign of the document
        "document_rate": "integer",  # base per one currency, × money.RATE_SCALE, on the document's day
        "payment_rate": "integer",  # the same on the day it was paid
        "bank_rate": "integer",  # what the bank made of it before its charge; 0 where nothing was applied
        "base_currency": "text",
        "document_base": "money",  # applied at the document's rate: what leaves the books
        "payment_base": "money",  # applied at the payment's rate
        "fee_base": "money",  # the bank's charge, part of what is applied; positive
        "received_base": "money",  # what the bank credited for it; payment_base − fee_base where nobody says
        "realised_difference": "money",  # payment_base − document_base: positive is a gain on a debt
        "bank_difference": "money",  # received_base + fee_base − payment_base: the bank's own rate
        "code": "text",  # DIFC where there is a difference
    },
)
_NAMES: dict[str, ColumnType] = {
    "company_id": "text",
    "customer_id": "text",
    "document_id": "text",
    "document_date": "date",
    "receipt_id": "text",
    "receipt_date": "date",
}
_LINES = Table("realised_lines", REALISED.key, {**_NAMES, **REALISED.columns})
#: As a person reads it: ``currency`` is the base currency, of all money but what was applied; rates and that
#: one are decimal text.
EXCHANGE_DIFFERENCES = Table(
    "exchange_differences",
    ("company_id", "document_id", "receipt_id"),
    {
        **_NAMES,
        "document_currency": "text",
        "applied_in_currency": "text",
        "document_rate": "text",
        "payment_rate": "text",
        "bank_rate": "text",
        "currency": "text",
        "document_base": "money",
        "payment_base": "money",
        "fee_base": "money",
        "received_base": "money",
        "realised_difference": "money",
        "bank_difference": "money",
        "code": "text",
    },
)


@dataclass(frozen=True)
class Realised:
    """``lines`` (``REALISED`` with ids and days) and ``findings``: rates without which a line stays out."""

    lines: pd.DataFrame
    findings: pd.DataFrame

    @property
    def shown(self) -> pd.DataFrame:
        """The lines as ``EXCHANGE_DIFFERENCES``."""
        applied = [
            to_text(amount, currency)
            for amount, currency in zip(self.lines["applied_amount"], self.lines["currency"], strict=True)
        ]
        told = {
            name: [f"{Decimal(int(rate)) / RATE_SCALE:f}" for rate in self.lines[name]]
            for name in ("document_rate", "payment_rate", "bank_rate")
        }
        texts = {"document_currency": self.lines["currency"], "applied_in_currency": applied, **told}
        return EXCHANGE_DIFFERENCES.conform(self.lines.assign(**texts, currency=self.lines["base_currency"]))


def realised_differences(lines: pd.DataFrame, *, base_currency: str) -> pd.DataFrame:
    """``REALISED`` of applied legs: each line by itself, rounded once, half away from zero.

    ``lines``: document_key, receipt_key, currency, applied_amount, document_rate, payment_rate (both ×
    ``RATE_SCALE``), and ``received_base`` and ``fee_base`` where the bank's own credit and charge are known.
    Received = document_base + realised_difference + bank_difference − fee_base, line by line. A credit note's
    signs are its own. Rates come from :mod:`workbench.exchange`; source: DOMAIN, section 20.
    """
    rows = []
    for row in lines.to_dict("records"):
        amount, currency = int(row["applied_amount"]), str(row["currency"])
        at_document, at_payment = (
            convert(amount, int(row[name]), from_currency=currency, to_currency=base_currency)
            for name in ("document_rate", "payment_rate")
        )
        fee = row.get("fee_base", 0)
        fee = 0 if pd.isna(fee) else int(fee)
        received = row.get("received_base", at_payment - fee)
        received = at_payment - fee if pd.isna(received) else int(received)
        one = convert(RATE_SCALE, RATE_SCALE, from_currency=currency, to_currency=base_currency)
        at_bank = (
            Fraction((received + fee) * RATE_SCALE * RATE_SCALE, amount * one) if amount else Fraction(0)
        )
        rows.append(
            {
                **{name: row[name] for name in ("document_key", "receipt_key", "currency")},
                "applied_amount": amount,
                "document_rate": int(row["document_rate"]),
                "payment_rate": int(row["payment_rate"]),
                "bank_rate": rounded(at_bank),
                "base_currency": base_currency,
                "document_base": at_document,
                "payment_base": at_payment,
                "fee_base": fee,
                "received_base": received,
                "realised_difference": at_payment - at_document,
                "bank_difference": received + fee - at_payment,
                "code": "DIFC" if received + fee != at_document else "",
            }
        )
    return REALISED.conform(pd.DataFrame(rows, columns=list(REALISED.columns)))


def realise_exchanges(
    applied: pd.DataFrame,
    documents: pd.DataFrame,
    receipts: pd.DataFrame,
    rates: pd.DataFrame,
    *,
    base_currency: str,
) -> Realised:
    """What receipts realise on documents, where one of the two is not of ``base_currency``.

    ``applied``: ``applications.APPLIED``; ``rates``: ``tables.RATES``, official on the document's day and on
    the receipt's. The cash of an exchange and the bank's charge fall on its documents by what was exchanged
    for each, to the cent together. A line that lacks a rate is a finding, never a guess.
    """
    official = OfficialRates(rates)
    days = documents.drop_duplicates("document_key").set_index("document_key")["document_date"]
    cash = receipts.drop_duplicates("receipt_key").set_index("receipt_key")[["receipt_date", "currency"]]
    rows: list[dict[str, object]] = []
    missing: set[tuple[str, str, str]] = set()
    legs = applied[applied["receipt_key"] >= 0]
    is_foreign = (legs["document_key"] >= 0) & (
        legs["currency"].ne(base_currency) | legs["receipt_key"].map(cash["currency"]).ne(base_currency)
    )
    legs = legs[legs["operation"].isin(set(legs.loc[is_foreign, "operation"]))]
    for _, operation in legs.groupby(["operation", "receipt_key"], sort=True):
        paid_in, paid_on = (cash.at[int(operation["receipt_key"].iat[0]), name]
                            for name in ("currency", "receipt_date"))  # fmt: skip
        ask = _Asked(official, base_currency, missing)
        for row in _of_operation(operation, str(paid_in), paid_on.date(), days, ask):
            rows.append({**row, "receipt_date": paid_on})
    told = pd.DataFrame(rows)
    lines = realised_differences(told, base_currency=base_currency)
    named = _LINES.empty()
    if rows:
        named = _LINES.conform(pd.concat([told[list(_NAMES)].reset_index(drop=True), lines], axis=1))
    order = ["company_id", "customer_id", "receipt_date", "receipt_id", "document_id", "document_key"]
    return Realised(
        named.sort_values(order, ignore_index=True),
        collect_findings([_no_rate(*one, base_currency) for one in sorted(missing)]),
    )


@dataclass(frozen=True)
class _Asked:
    """Rates to the base currency; what nobody knows is remembered."""

    official: OfficialRates
    base: str
    missing: set[tuple[str, str, str]]

    def rate(self, currency: str, on: dt.date) -> int | None:
        ratio = self.official.ratio(currency, self.base, on)
        if ratio is None:
            self.missing.add((currency, on.isoformat(), self.official.nearest(currency, self.base, on)))
            return None
        return rounded(ratio * RATE_SCALE)


def _of_operation(
    operation: pd.DataFrame, paid_in: str, paid_on: dt.date, days: pd.Series, ask: _Asked
) -> list[dict[str, object]]:
    """One line a document that cash or an exchange reduced, the bank's charge on it in it."""
    there = operation[operation["document_key"] >= 0]
    there = there[there["kind"].isin([*CASH_KINDS, "exchange", "fee"])]
    here = operation[operation["document_key"] < 0]
    given = -int(here.loc[here["kind"].eq("exchange"), "applied_amount"].sum())
    charged = int(here.loc[here["kind"].eq("fee"), "applied_amount"].sum())
    rows: list[dict[str, object]] = []
    documents = [part for _, part in there.groupby(["document_id", "document_key"], sort=True)]
    weights = [int(part.loc[part["kind"].ne("fee"), "applied_amount"].sum()) for part in documents]
    cash, fees = _shared(given - charged, weights), _shared(charged, weights)
    for part, weight, credited, fee_here in zip(documents, weights, cash, fees, strict=True):
        first = part.iloc[0]
        currency, fee = str(first["currency"]), int(part.loc[part["kind"].eq("fee"), "applied_amount"].sum())
        rates = ask.rate(currency, days[first["document_key"]].date()), ask.rate(currency, paid_on)
        into_base = ask.rate(paid_in, paid_on)
        if rates[0] is None or rates[1] is None or into_base is None or not weight:
            continue
        fee_base = convert(fee, rates[1], from_currency=currency, to_currency=ask.base)
        names = ["company_id", "customer_id", "document_id", "receipt_id", "document_key", "receipt_key"]
        row: dict[str, object] = {
            **{name: first[name] for name in names},
            "currency": currency, "applied_amount": weight + fee, "document_rate": rates[0],
            "payment_rate": rates[1], "document_date": days[first["document_key"]], "fee_base": fee_base,
            "received_base": None,
        }  # fmt: skip
        if given:
            to_base = {"from_currency": paid_in, "to_currency": ask.base}
            row["received_base"] = convert(credited, into_base, **to_base)
            row["fee_base"] = fee_base + convert(fee_here, into_base, **to_base)
        rows.append(row)
    return rows


def _shared(whole: int, weights: Sequence[int]) -> list[int]:
    """The whole by the weights, each rounded so that all together are the whole."""
    total, before, shares = sum(weights), 0, []
    for place in range(len(weights)):
        upto = round_half_away(whole * sum(weights[: place + 1]), total) if total > 0 else 0
        shares.append(upto - before)
        before = upto
    return shares


def _no_rate(currency: str, on: str, nearest: str, base: str) -> dict[str, object]:
    return finding(
        "rate-missing", level="error", table=RATES.name, key=f"{currency}/{base}",
        from_currency=currency, to_currency=base, on=on, nearest=nearest,
    )  # fmt: skip
