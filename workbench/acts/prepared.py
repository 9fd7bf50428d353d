"""Acts ready to be opened: one a customer, currency and cut-off, with all that its page will say of us.

An act holds its figures itself (the roll-forward, the open documents with their days), so that its page can
be made again however the book moves on; what the book says by then is ``contradictions``' question.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from ..cases import CaseItem, NewCase
from .contradictions import find_contradictions
from .histories import latest_acts
from .machine import KIND, UNSIGNED

_WHOSE = ("company_id", "customer_id", "currency")
Key = tuple[str, str, str]


@dataclass(frozen=True)
class PreparedAct:
    """An act as it will be opened; ``balance`` in minor units, the sum of its items.

    ``replaces``: the act that it takes the place of, '' for the first. ``content``: whole numbers and texts.
    """

    company_id: str
    customer_id: str
    currency: str
    as_of: dt.date
    balance: int
    content: Mapping[str, object]
    items: tuple[CaseItem, ...]
    version: int = 1
    replaces: str = ""

    @property
    def case_id(self) -> str:
        """``act-CO01-C1-COP-2026-10-31-1``."""
        parts = (KIND, self.company_id, self.customer_id, self.currency, self.as_of, self.version)
        return "-".join(map(str, parts))

    def with_content(self, more: Mapping[str, object]) -> PreparedAct:
        """The same act, keeping more."""
        return replace(self, content={**self.content, **more})

    def to_open(self, period: str) -> NewCase:
        """The act as a case of its period (``YYYY-MM``)."""
        return NewCase(
            self.case_id, self.company_id, self.content, customer_id=self.customer_id, currency=self.currency,
            period=period, as_of=self.as_of, case_amount=self.balance, items=self.items,
        )  # fmt: skip


@dataclass(frozen=True)
class PlannedActs:
    """``opened``: acts to open. ``kept``: ids of acts that say what the book says. ``signed``: ids of signed
    acts that the book contradicts: they must be reopened first."""

    opened: tuple[PreparedAct, ...]
    kept: tuple[str, ...]
    signed: tuple[str, ...]


def draw_up_acts(
    summarised: pd.DataFrame,
    open_list: pd.DataFrame,
    *,
    kinds: Sequence[str],
    about: Mapping[str, object],
) -> list[PreparedAct]:
    """One act a row of ``summarised`` (``statements.STATEMENTS``) with something open at its cut-off.

    ``open_list``: what is open there (``statements.OPEN_LIST``). ``kinds``: the movements of the
    roll-forward, each a column ``<kind>_amount``. ``about``: what every act keeps of how it was made.
    """
    listed: dict[Key, list[Mapping[str, Any]]] = defaultdict(list)
    for item in open_list.to_dict("records"):
        listed[_key(item)].append(item)
    acts = []
    for row in summarised.to_dict("records"):
        own = listed.get(_key(row), [])
        summary = {"opening": int(row["opening_amount"]) + int(row["late_amount"])}
        summary |= {kind: int(row[f"{kind}_amount"]) for kind in kinds if row[f"{kind}_amount"]}
        ageing: dict[str, int] = defaultdict(int)
        for item in own:
            is_credit = item["open_amount"] < 0
            ageing["unapplied" if is_credit else str(item["bucket"])] += int(item["open_amount"])
        content = {
            **about, "period_start": _iso(row["from_date"]), "summary": summary, "ageing": dict(ageing),
        }  # fmt: skip
        acts.append(PreparedAct(
            *_key(row), row["through_date"].date(), int(row["closing_amount"]), content,
            tuple(_item(one) for one in own),
        ))  # fmt: skip
    return acts


def plan_acts(
    prepared: Sequence[PreparedAct],
    acts: pd.DataFrame,
    case_items: pd.DataFrame,
    open_items: pd.DataFrame,
    *,
    as_of: dt.date,
) -> PlannedActs:
    """What to open, so that a repeat changes nothing and no act is left beside the book.

    A customer without an act at ``as_of`` gets its first, if something is open there. One not yet signed that
    the book contradicts by now, and one reopened, are replaced by the next version. A signed one is never
    replaced behind the signature: it is reopened first.
    """
    latest = latest_acts(acts[acts["as_of_date"] == pd.Timestamp(as_of)])
    found = find_contradictions(
        latest, case_items, open_items, as_of=as_of, states=set(latest["state"]) - {"reopened", "replaced"}
    )
    contradicted = set(found["case_id"])
    existing = {_key(one): one for one in latest.to_dict("records")}
    opened, kept, signed = [], [], []
    for act in prepared:
        before = existing.get((act.company_id, act.customer_id, act.currency))
        if before is None:
            opened += [_versioned(act, 1, "")] if act.items else []
        elif before["state"] in ("reopened", "replaced") or (
            before["case_id"] in contradicted and before["state"] in UNSIGNED
        ):
            opened.append(_versioned(act, int(before["version"]) + 1, str(before["case_id"])))
        elif before["case_id"] in contradicted:
            signed.append(str(before["case_id"]))
        else:
            kept.append(str(before["case_id"]))
    return PlannedActs(tuple(opened), tuple(kept), tuple(signed))


def facts_of_item(item: CaseItem) -> dict[str, Any]:
    """What an act keeps of a document beside its open amount: kind, reference, days, original amount."""
    facts: dict[str, Any] = json.loads(item.note)
    return facts


def _versioned(act: PreparedAct, version: int, replaces: str) -> PreparedAct:
    content = {**act.content, "version": version, "replaces": replaces}
    return replace(act, version=version, replaces=replaces, content=content)


def _item(row: Mapping[str, Any]) -> CaseItem:
    note = {
        "kind": row["document_kind"], "reference": row["reference"], "issue": _iso(row["document_date"]),
        "due": _iso(row["due_date"]), "days": int(row["days_overdue"]), "bucket": row["bucket"],
        "original": int(row["original_amount"]),
    }  # fmt: skip
    told = json.dumps(note, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return CaseItem(
        "document", int(row["document_key"]), str(row["document_id"]), str(row["currency"]),
        int(row["open_amount"]), told,
    )  # fmt: skip


def _key(row: Mapping[str, Any]) -> Key:
    company, customer, currency = (str(row[name]) for name in _WHOSE)
    return company, customer, currency


def _iso(day: Any) -> str:
    return "" if pd.isna(day) else day.strftime("%Y-%m-%d")
