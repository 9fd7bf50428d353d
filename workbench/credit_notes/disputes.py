"""Invoices in dispute (reclamos), and why credit notes were issued: a note settles no other cause's dispute.

Source: DOMAIN, section 5, constraints: "invoice not in dispute for another cause".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from ..references import Parts, parts_of

_ENDED = ("closed", "voided")
_Document = tuple[str, str, Parts]


class Disputes:
    """Open disputes by document; the causes of notes by the number they were issued under."""

    def __init__(self, claims: pd.DataFrame | None, notes: pd.DataFrame | None, as_of: dt.date) -> None:
        self._disputed: dict[_Document, set[str]] = {}
        self._issued: dict[_Document, str] = {}
        if claims is not None:
            is_open = claims["claim_kind"].eq("dispute") & ~claims["status"].isin(_ENDED)
            is_open &= ~(claims["opened_date"] > pd.Timestamp(as_of))
            names = ["company_id", "customer_id", "document_id", "reason_code"]
            for company, customer, document, cause in claims.loc[is_open, names].itertuples(
                index=False, name=None
            ):
                self._disputed.setdefault((company, customer, _number(document)), set()).add(cause)
        if notes is not None:
            names = ["company_id", "customer_id", "issued_document_id", "reason_code"]
            for company, customer, document, cause in notes.loc[
                notes["issued_document_id"].ne(""), names
            ].itertuples(index=False, name=None):
                self._issued[(company, customer, _number(document))] = cause

    def is_disputed(self, item: Mapping[str, Any]) -> bool:
        return bool(self._causes(item))

    def is_for_another_cause(self, note: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
        """Both causes are known and none of the disputes is the note's."""
        causes = self._causes(item) - {""}
        own = next((self._issued[name] for name in _names(note) if name in self._issued), "")
        return bool(causes and own and own not in causes)

    def _causes(self, item: Mapping[str, Any]) -> set[str]:
        found: set[str] = set()
        for name in _names(item):
            found |= self._disputed.get(name, set())
        return found


def _names(item: Mapping[str, Any]) -> list[_Document]:
    company, customer = item["company_id"], item["customer_id"]
    numbers = dict.fromkeys(_number(item[name]) for name in ("document_id", "document_number"))
    return [(company, owner, number) for number in numbers for owner in (customer, "")]


def _number(document: str) -> Parts:
    """A document's number however a person writes it: ``FV-01001`` and ``fv 1001`` are one."""
    return tuple(part.lstrip("0") or part for part in parts_of(document))
