"""Run again with nothing new: what the first run left because its facts disagree is left again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matched import applied, match
from upper_trade_frames import open_items, receipts

from workbench import replays
from workbench.matching import Matched, match_receipts
from workbench.policy import MatchingPolicy
from workbench.sample.month import make_month
from workbench.tables import CUSTOMERS

OWN = {"number": "FE990203", "amount": 500_17}


@pytest.mark.parametrize("open_amount", [900_31, 0], ids=["open", "settled"])
def test_a_name_of_another_customer_asks_for_the_same_evidence_settled_as_open(open_amount: int) -> None:
    # That C1's name stands in the text is less than a document's number, so the number is C2's.
    people = pd.DataFrame(
        [{**customer("C1", ""), "customer_name": "Alimentos Nubelinda"}, customer("C2", "")]
    )
    named = {"number": "FE990204", "amount": 900_31, "customer_id": "C2", "open_amount": open_amount}
    told = receipts({"id": "R1", "amount": 500_17, "text": "FE990204 ALIMENTOS NUBELINDA"})
    assert applied(match(told, open_items(OWN, named), customers=people)) == []
    paid = receipts({"id": "R1", "amount": 500_17, "text": "FE990204", "payer_tax_id": "900123456-8"})
    known = pd.DataFrame([customer("C1", "900123456-8"), customer("C2", "800197268-4")])
    assert [row[1] for row in applied(match(paid, open_items(OWN, named), customers=known))] == ["FE990203"]


@pytest.mark.slow
def test_the_same_month_matched_again_applies_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[tuple[tuple[Any, ...], dict[str, Any], Matched]] = []

    def remember(*given: Any, **named: Any) -> Matched:
        runs.append((given, named, match_receipts(*given, **named)))
        return runs[-1][2]

    monkeypatch.setattr(replays, "match_receipts", remember)
    for seed in (5,):
        month = make_month(tmp_path / str(seed), receipts=600, seed=seed)
        replays.match_files(month.open_items, month.receipts, policy=MatchingPolicy(), out=tmp_path)
        given, named, first = runs[-1]
        paid, items, *others = given
        taken = first.applied.groupby("document_key")["applied_amount"].sum()
        gone = items["document_key"].map(taken).fillna(0).astype("int64")
        items = items.assign(open_amount=items["open_amount"] - gone)
        left = first.unapplied.set_index("receipt_key")["unapplied_amount"]
        paid = paid.assign(unapplied_amount=paid["receipt_key"].map(left).fillna(0).astype("int64"))
        again = match_receipts(paid, items, *others, **named)
        assert len(first.applied) > 300
        assert again.applied.empty


def customer(name: str, tax_id: str) -> dict[str, str]:
    row = dict.fromkeys(CUSTOMERS.columns, "")
    return {**row, "company_id": "CO01", "customer_id": name, "customer_name": name, "tax_id": tax_id}
