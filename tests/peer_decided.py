"""A case's steps taken by a person: on frames, or in a real book by the workbook that comes back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import book_world
import deciding_world
import pandas as pd
import upper_trade_frames as frames
from peer_world import World

from workbench import book as books
from workbench import decisions, ledger, matching
from workbench.applications import APPLIED
from workbench.money import to_text
from workbench.tables import REMITTANCES
from workbench.views import decision_sheet

_PAIR = re.compile(r"(\S+?)-(\S+)")


class Desk:
    """What is open and unapplied of a case, and what a person decides of it step by step."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.items = world.items()
        paid = frames.receipts(*world.payment_rows())
        self.receipts = paid.assign(unapplied_amount=paid["received_amount"])
        self.told = frames.remittances(*world.advice_rows())
        self.legs: list[pd.DataFrame] = []

    @property
    def open(self) -> dict[str, int]:
        """What is open of each document, settled ones too."""
        return {name: int(part["open_amount"].sum()) for name, part in self.items.groupby("document_id")}

    @property
    def unapplied(self) -> dict[str, int]:
        left = self.receipts
        return dict(zip(left["receipt_id"], left["unapplied_amount"].tolist(), strict=True))

    def matched(self) -> matching.Matched:
        return matching.match_receipts(
            self.receipts, self.items, self.told, policy=self.world.policy, as_of=self.world.as_of
        )

    def advances(self) -> dict[str, tuple[int, int, int]]:
        """By order: reserved, applied and left of what payers reserved."""
        made = pd.concat([APPLIED.empty(), *self.legs], ignore_index=True)
        return _by_order(matching.advances_by_order(self.told, self.receipts, made, self.items))

    def decide(self, payment: str, legs: dict[str, int]) -> bool:
        """Split a payment over documents, in minor units; whether the content allows it."""
        matched = self.matched()
        left = self.receipts.assign(reason="no-match")
        offered = decisions.offer_decisions(matched.suggested, left[left["unapplied_amount"] > 0], self.items)
        own = offered.index[offered["receipt_id"] == payment]
        if not len(own):
            return False
        written = offered.assign(row=range(8, 8 + len(offered)), decision="", decided_documents="",
                                 decided_amounts="", decided_reason="")  # fmt: skip
        written.loc[own[0], ["decision", "decided_documents", "decided_amounts"]] = [
            "split", "; ".join(legs), "; ".join(to_text(one, self.world.currency) for one in legs.values())
        ]  # fmt: skip
        decided = decisions.apply_decisions(written, self.receipts, self.items)
        taken = decided.applied.groupby("document_key")["applied_amount"].sum()
        cash = decided.applied.groupby("receipt_key")["applied_amount"].sum()
        for frame, key, amount, sums in (
            (self.items, "document_key", "open_amount", taken),
            (self.receipts, "receipt_key", "unapplied_amount", cash),
        ):
            frame[amount] = frame[amount] - frame[key].map(sums).fillna(0).astype("int64")
        self.legs.append(decided.applied)
        return not len(decided.refused)

    def take(self, step: Any) -> dict[str, int]:
        """A step as the case writes it: ``D1-P3``, as much as fits, or a list of ``I1 100``."""
        if isinstance(step, str):
            document, payment = _PAIR.fullmatch(step).groups()  # type: ignore[union-attr]  # a case's own form
            legs = {document: min(self.open[document], self.unapplied[payment])}
        else:
            (payment,) = [row["id"] for row in self.world.payment_rows()]
            parts = [str(part).split() for part in step]
            legs = {name: self.world.minor(amount) for name, amount in parts}
        assert self.decide(payment, legs)
        return legs


class BookDesk(Desk):
    """The same in a real book: the workbook of suggestions is filled in and brought back."""

    def __init__(self, world: World, folder: Path, root: Path) -> None:
        self.world, self.folder, self.root = world, folder, root
        self.book = book_world.new_book(folder)
        book_world.import_items(self.book, *(
            {"document_number": row["number"], "item": row["item"], "original_amount": row["amount"],
             "open_amount": row["amount"], "fiscal_year": "",
             **{name: row[name] for name in ("document_kind", "currency", "customer_id", "order_id",
                                             "document_date", "due_date", "reference")}}
            for row in world.item_rows()
        ), on=world.as_of)  # fmt: skip
        book_world.import_receipts(self.book, *(
            {"receipt_id": row["id"], "received_amount": row["amount"], "currency": row["currency"],
             "receipt_date": row["receipt_date"], "customer_id": row["customer_id"], "text": row["text"]}
            for row in world.payment_rows()
        ), on=world.as_of)  # fmt: skip
        told = world.advice_rows()
        if told:
            book_world.import_rows(self.book, "remittances", book_world.ADVICE, *(
                {"remittance_id": "A1", "line": line, "receipt_id": row["receipt_id"], "customer_id": "",
                 "currency": row["currency"], "reference": row["reference"], "advised_amount": row["amount"]}
                for line, row in enumerate(told, start=1)
            ), on=world.as_of)  # fmt: skip

    @property
    def open(self) -> dict[str, int]:
        """What is open of each document, settled ones too."""
        items = deciding_world.open_now(self.book)
        return {name: int(part["open_amount"].sum()) for name, part in items.groupby("document_number")}

    @property
    def unapplied(self) -> dict[str, int]:
        left = deciding_world.unapplied_now(self.book)
        return dict(zip(left["receipt_id"], left["unapplied_amount"].tolist(), strict=True))

    def matched(self) -> matching.Matched:
        return matching.match_receipts(
            deciding_world.unapplied_now(self.book), deciding_world.open_now(self.book),
            books.read.remittances(self.book), policy=self.world.policy, as_of=self.world.as_of,
        )  # fmt: skip

    def advances(self) -> dict[str, tuple[int, int, int]]:
        """By order: reserved, applied and left of what payers reserved."""
        read = books.read
        in_force = ledger.active_applications(
            read.applications(self.book), read.reversals(self.book), as_of=deciding_world.ALL_TIME
        )
        found = matching.advances_by_order(
            REMITTANCES.conform(read.remittances(self.book)), read.receipts(self.book), in_force,
            read.documents(self.book),
        )  # fmt: skip
        return _by_order(found)

    def decide(self, payment: str, legs: dict[str, int]) -> bool:
        """Split a payment over documents, in minor units; what the book does not allow comes back refused."""
        matched = self.matched()
        left = deciding_world.unapplied_now(self.book).assign(reason="no-match")
        offered = decisions.offer_decisions(
            matched.suggested, left[left["unapplied_amount"] > 0], deciding_world.open_now(self.book)
        )
        file = self.folder / f"suggestions-{len(list(self.folder.glob('*.xlsx')))}.xlsx"
        decision_sheet.write_decision_sheet(
            file, offered.assign(rule_words=offered["rule"]), company="CO01",
            period=str(self.world.as_of)[:7], as_of=self.world.as_of,
        )  # fmt: skip
        names = {row["number"]: f"{row['number']}/{row['item']}" for row in self.world.item_rows()}
        place = offered["receipt_id"].tolist().index(payment)
        deciding_world.fill(file, {place: {
            "decision": "split",
            "decided_documents": "; ".join(names[name] for name in legs),
            "decided_amounts": "; ".join(to_text(amount, self.world.currency) for amount in legs.values()),
        }})  # fmt: skip
        return deciding_world.bring_back(self.book, file, self.root).status == "accepted"


def _by_order(found: pd.DataFrame) -> dict[str, tuple[int, int, int]]:
    amounts = ("reserved_amount", "applied_amount", "left_amount")
    rows = zip(found["order_id"], *(found[name].tolist() for name in amounts), strict=True)
    return {order: (reserved, used, left) for order, reserved, used, left in rows}
