"""Who paid: the customer of a receipt by exact facts only, with the fact that told.

Order: given with the receipt; the one customer whose documents the text names; the payer's tax id; the
payer's bank account. A fact that fits two customers tells nothing. Source: DOMAIN, section 2 (1–3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from ..references import fold

_NIT_WEIGHTS = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71)


@dataclass(frozen=True)
class Party:
    """A customer and what told us; both empty when nobody knows.

    ``is_fact``: what told us is no likeness, so that an amount may be applied on it. ``pays_for``: customers
    whose documents it pays by an approved relation.
    """

    customer_id: str = ""
    known_by: str = ""
    is_fact: bool = True
    pays_for: frozenset[str] = frozenset()


def check_digit(nit: str) -> int:
    """The DIAN's check digit (DV) of a NIT given without it: weights from the right, modulo 11."""
    weighted = sum(int(digit) * weight for digit, weight in zip(reversed(nit), _NIT_WEIGHTS, strict=False))
    rest = weighted % 11
    return rest if rest < 2 else 11 - rest


def tax_id_forms(tax_id: str) -> tuple[str, ...]:
    """How a tax id may be written, the strictest first: all its characters, then without its check digit.

    The last digit is taken for a check digit only when it is the right one.
    """
    whole = re.sub(r"[^A-Z0-9]", "", fold(tax_id)).lstrip("0")
    if not whole:
        return ()
    body, last = whole[:-1], whole[-1]
    has_check_digit = whole.isdigit() and 9 <= len(whole) <= 16 and check_digit(body) == int(last)
    return (whole, body) if has_check_digit else (whole,)


def account_form(account: str) -> str:
    """A bank account or IBAN without blanks, hyphens and leading zeros."""
    return re.sub(r"[^A-Z0-9]", "", fold(account)).lstrip("0")


class Parties:
    """Customers by tax id and bank account."""

    def __init__(self, customers: pd.DataFrame | None) -> None:
        self._by_tax_id: dict[tuple[str, str], set[str]] = {}
        self._by_account: dict[tuple[str, str], set[str]] = {}
        if customers is None:
            return
        rows = zip(
            customers["company_id"],
            customers["customer_id"],
            customers["tax_id"],
            customers["payer_account"],
            strict=True,
        )
        for company, customer, tax_id, account in rows:
            for form in tax_id_forms(tax_id):
                self._by_tax_id.setdefault((company, form), set()).add(customer)
            if form := account_form(account):
                self._by_account.setdefault((company, form), set()).add(customer)

    def by_tax_id(self, company: str, tax_id: str) -> Party:
        for form in tax_id_forms(tax_id):
            customers = self._by_tax_id.get((company, form), set())
            if customers:
                return Party(min(customers), "tax-id") if len(customers) == 1 else Party()
        return Party()

    def by_account(self, company: str, account: str) -> Party:
        form = account_form(account)
        customers = self._by_account.get((company, form), set()) if form else set()
        return Party(min(customers), "account") if len(customers) == 1 else Party()
