"""Cases of other systems' own tests, read into the product's frames and files: one reader for every shape.

A case says ``given`` (items, payments, allocations, steps, settings) and ``expect``; nothing here knows one
case from another. Amounts are major units of the case's currency, ``BASE`` being ``currency``.
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import upper_trade_frames as frames
import yaml

from workbench import matching
from workbench.cli import main
from workbench.money import to_minor, to_text
from workbench.policy import DifferencePolicy, MatchingPolicy, Tolerance

Case = dict[str, Any]
#: Currencies that exist nowhere, as others that do.
REAL = {"BASE": "COP", "GOL": "USD", "DAR": "EUR"}
KINDS = {
    "invoice": "invoice",
    "credit_note": "credit_note",
    "credit": "credit_note",
    "debit_note": "debit_note",
}
NOBODY = "P"
_ITEM_COLUMNS = (
    "customer_id", "document_date", "due_date", "currency", "order_id", "reference", "reference_document_id"
)  # fmt: skip


def read_case(file: Path) -> Case:
    return dict(yaml.safe_load(file.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Leg:
    payment: str
    item: str
    amount: int
    kind: str
    rule: str


@dataclass
class Outcome:
    """What came of a case, at whichever door: legs applied, the best proposal's, and what is left."""

    applied: list[Leg]
    proposed: list[Leg]
    left: dict[str, tuple[int, str]]  # payment → unapplied, reason


@dataclass
class World:
    """A case in the product's terms; ``currency`` stands for the case's base."""

    case: Case
    currency: str = "COP"
    differences: dict[str, Any] = field(default_factory=dict)

    @property
    def given(self) -> Case:
        return dict(self.case["given"])

    @property
    def settings(self) -> Case:
        return dict(self.given.get("settings") or {})

    @property
    def as_of(self) -> dt.date:
        return dt.date.fromisoformat(str(self.given["as_of"]))

    def code(self, row: Mapping[str, Any]) -> str:
        name = str(row.get("currency", "BASE"))
        return self.currency if name == "BASE" else REAL.get(name, name)

    def minor(self, amount: Any, row: Mapping[str, Any] | None = None) -> int:
        return to_minor(Decimal(str(amount)), self.code(row or {}))

    @property
    def first_day(self) -> dt.date:
        """Before every day of the case, so that items without a day are there."""
        rows = [*self.given.get("items", ()), *self.given.get("payments", ())]
        days = [
            dt.date.fromisoformat(str(row[name])) for row in rows for name in ("date", "due") if name in row
        ]
        return min([*days, self.as_of]) - dt.timedelta(days=40)

    def item_rows(self, *more: Mapping[str, Any]) -> list[Case]:
        """An item a row, an instalment too; the dates of items that give none follow their order."""
        has_order = any("reserved_for_order" in row for row in self.given.get("payments", ()))
        named = {str(row.get("applied_to")) for row in self.given.get("payments", ())}
        items = [*self.given.get("items", ()), *more]
        orders = sorted(named - {"None"} - {item["id"] for item in items})
        rows = []
        for place, item in enumerate(items):
            order = item.get("order_id") or ("ORDER-1" if has_order else orders[0] if orders else "")
            day = item.get("date") or str(self.first_day + dt.timedelta(days=int(item.get("order", 0))))
            parts = item.get("instalments") or [{"amount": item["amount"], "due": item.get("due")}]
            for number, part in enumerate(parts, start=1):
                due = part["due"] or str(dt.date.fromisoformat(str(day)) + dt.timedelta(days=30))
                rows.append({
                    "number": item["id"], "item": f"{number:03d}", "amount": self.minor(part["amount"], item),
                    "document_kind": KINDS.get(item["kind"], "other"), "currency": self.code(item),
                    "customer_id": item.get("party") or NOBODY, "order_id": order, "document_date": str(day),
                    "due_date": str(due), "reference_document_id": item.get("against", ""),
                    "reference": item.get("number") or item.get("reference")
                    or item.get("payment_reference") or "", "place": place,
                })  # fmt: skip
        return rows

    def items(self, *more: Mapping[str, Any]) -> pd.DataFrame:
        return frames.open_items(*(
            {name: value for name, value in row.items() if name != "place"} for row in self.item_rows(*more)
        ))  # fmt: skip

    def payment_rows(self) -> list[Case]:
        rows = []
        for payment in self.given.get("payments", ()):
            party = payment.get("party", NOBODY)
            rows.append({
                "id": payment["id"], "amount": self.minor(payment["amount"], payment),
                "currency": self.code(payment), "customer_id": party or "",
                "text": " ".join(filter(None, [payment.get("label"), payment.get("note")])),
                "receipt_date": str(payment.get("date", self.as_of)),
            })  # fmt: skip
        return rows

    def advice_rows(self) -> list[Case]:
        """What payments were told to pay: ``applied_to``, ``reserved_for_order`` and ``allocations``."""
        owed: dict[str, int] = {}
        for row in self.item_rows():
            owed[row["number"]] = owed.get(row["number"], 0) + row["amount"]
        rows = []
        for payment in self.given.get("payments", ()):
            told = payment.get("applied_to")
            whole = self.minor(payment["amount"], payment)
            line = {"receipt_id": payment["id"], "currency": self.code(payment)}
            if told:
                rows.append({**line, "reference": told, "amount": min(owed.get(told, whole), whole)})
            if "reserved_for_order" in payment:
                reserved = self.minor(payment["reserved_for_order"], payment)
                rows.append({**line, "reference": "ORDER-1", "amount": reserved})
        paid = {row["id"]: row for row in self.given.get("payments", ())}
        for part in self.given.get("allocations", ()):
            if part["frm"] in paid:
                line = {"receipt_id": part["frm"], "currency": self.code(paid[part["frm"]])}
                rows.append({**line, "reference": part["to"], "amount": self.minor(part["amount"])})
        return rows

    @property
    def policy(self) -> MatchingPolicy:
        limit, percent = (self.settings.get(name) for name in ("write_off_limit", "tolerance_percent"))
        tolerance = Tolerance(
            {} if limit is None else {self.currency: self.minor(limit)},
            None if percent is None else int(Decimal(str(percent)) * 10_000),
        )
        fallback = frozenset({"*"} if self.settings.get("amount_check") is False else ())
        return MatchingPolicy(
            differences=DifferencePolicy(tolerance=tolerance, **self.differences), oldest_first=fallback
        )

    def matched(self) -> matching.Matched:
        paid = frames.receipts(*self.payment_rows())
        matched = matching.match_receipts(
            paid, self.items(), frames.remittances(*self.advice_rows()), policy=self.policy, as_of=self.as_of
        )
        assert (matching.prove_conservation(paid, matched)["difference"] == 0).all()
        return matched

    def by_functions(self) -> Outcome:
        matched = self.matched()
        best = matched.suggested[matched.suggested["proposal"] == 1]
        columns = ["receipt_id", "document_id", "applied_amount", "kind", "rule"]
        legs = [
            [Leg(*row) for row in frame[columns].itertuples(index=False, name=None)]
            for frame in (matched.applied, best)
        ]
        left = matched.unapplied
        amounts = zip(left["unapplied_amount"].tolist(), left["reason"], strict=True)
        return Outcome(*legs, dict(zip(left["receipt_id"], amounts, strict=True)))

    def by_command(self, folder: Path) -> Outcome:
        """The same through ``workbench match``: files in, files out."""
        items = [
            {**{name: row[name] for name in _ITEM_COLUMNS}, "document_id": row["number"], "document_type": "",
             "amount": to_text(row["amount"], row["currency"])}
            for row in self.item_rows()
        ]  # fmt: skip
        paid = [
            {"receipt_id": row["id"], "receipt_date": row["receipt_date"], "currency": row["currency"],
             "amount": to_text(row["amount"], row["currency"]), "customer_id": row["customer_id"],
             "text": row["text"]}
            for row in self.payment_rows()
        ]  # fmt: skip
        told = [
            {"receipt_id": row["receipt_id"], "reference": row["reference"], "currency": row["currency"],
             "amount": to_text(row["amount"], row["currency"])}
            for row in self.advice_rows()
        ]  # fmt: skip
        arguments = ["match", "--out", str(folder / "out"), "--json"]
        for name, rows in (("open-items", items), ("receipts", paid), ("remittances", told)):
            if rows:
                _write(folder / f"{name}.csv", rows)
                arguments += [f"--{name}", str(folder / f"{name}.csv")]
        arguments += ["--policy", str(self._policy_file(folder))]
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code = main(arguments)
        assert code in (0, 3), said.getvalue()
        summary = json.loads(said.getvalue())
        for sums in summary["conservation"].values():
            assert Decimal(sums["received"]) == Decimal(sums["applied"]) + Decimal(sums["unapplied"])
        codes = {row["number"]: row["currency"] for row in self.item_rows()}
        of_paid = {row["id"]: row["currency"] for row in self.payment_rows()}

        def legs(name: str, most: str) -> list[Leg]:
            return [
                Leg(row["receipt_id"], row["document_id"], to_minor(
                    Decimal(row["amount"]), codes.get(row["document_id"], of_paid[row["receipt_id"]])),
                    row["kind"], row["rule"])
                for row in _rows(folder / "out" / name) if row.get("proposal", most) == most
            ]  # fmt: skip

        left = {
            row["receipt_id"]: (to_minor(Decimal(row["amount"]), of_paid[row["receipt_id"]]), row["reason"])
            for row in _rows(folder / "out" / "unapplied.csv")
        }
        return Outcome(legs("applied.csv", "1"), legs("suggestions.csv", "1"), left)

    def _policy_file(self, folder: Path) -> Path:
        tolerance: Case = {}
        if "write_off_limit" in self.settings:
            tolerance["amounts"] = {self.currency: str(self.settings["write_off_limit"])}
        if "tolerance_percent" in self.settings:
            tolerance["percent"] = str(self.settings["tolerance_percent"])
        policy: Case = {"differences": {"tolerance": tolerance, **self.differences}}
        if self.policy.oldest_first:
            policy["oldest_first"] = sorted(self.policy.oldest_first)
        file = folder / "policy.yaml"
        text = {"version": "t", "base_currency": self.currency, "matching": policy}
        file.write_text(yaml.safe_dump(text), encoding="utf-8")
        return file


def _write(file: Path, rows: list[Case]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


#: Numbers of a case that are no amounts.
_NO_AMOUNTS = frozenset(
    "rate tolerance_percent coverage_percent items_shown payments_shown order buckets".split()
)


def varied(case: Case, factor: Decimal, *, seed: int, keeps_order: bool = False) -> Case:
    """The same case with every amount times a factor, its items and payments in another order."""
    made = {**case, "given": _scaled(case["given"], factor), "expect": _scaled(case["expect"], factor)}
    if "steps" in made["given"]:
        made["given"]["steps"] = _scaled_step(case["given"]["steps"], factor)
    for number, name in enumerate(("items", "payments", "allocations")):
        rows = made["given"].get(name)
        if rows and "steps" not in made["given"] and not keeps_order:
            random.Random(seed + number).shuffle(rows)
    return made


def _scaled(value: Any, factor: Decimal) -> Any:
    if isinstance(value, dict):
        return {name: one if name in _NO_AMOUNTS else _scaled(one, factor) for name, one in value.items()}
    if isinstance(value, list):
        return [_scaled(one, factor) for one in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Decimal(str(value)) * factor
    return value


def _scaled_step(step: Any, factor: Decimal) -> Any:
    """``I1 100`` with its amount times the factor; ``D1-P3`` has none."""
    if isinstance(step, list):
        return [_scaled_step(one, factor) for one in step]
    found = re.fullmatch(r"(\S+) ([0-9.]+)", step)
    return f"{found[1]} {Decimal(found[2]) * factor}" if found else step
