"""What is paid, charged off and left of a document is the document; its posting is what was applied."""

from __future__ import annotations

import json
from decimal import Decimal

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from tries import tries
from upper_trade_frames import open_items

from workbench import decisions
from workbench.decisions import WRITTEN
from workbench.erp_postings.residuals import item_lines, with_rests
from workbench.policy import REASON_CODES, USUAL_REASONS

OWN = {"company_id": "CO01", "customer_id": "C1", "currency": "COP"}
EFFECTS = {reason.code: reason.effect for reason in USUAL_REASONS}


@settings(max_examples=tries(100), deadline=None)
@given(
    owed=st.integers(2, 10**12), paid=st.integers(1, 10**12), received=st.integers(1, 10**12),
    word=st.sampled_from(decisions.SHORT), code=st.sampled_from(REASON_CODES),
)  # fmt: skip
def test_paid_and_charged_off_and_left_are_the_document(
    owed: int, paid: int, received: int, word: str, code: str
) -> None:
    items = open_items({"number": "A", "amount": owed})
    left = pd.DataFrame([{
        **OWN, "receipt_key": 1, "receipt_id": "R1", "reason": "ambiguous", "unapplied_amount": received,
        "receipt_date": pd.Timestamp("2026-03-02"),
    }])  # fmt: skip
    nothing = pd.DataFrame(
        columns=["receipt_key", "proposal", "document_key", "applied_amount"], dtype="int64"
    )
    written = decisions.offer_decisions(nothing, left, items).assign(
        row=8, decision=word, decided_documents="A", decided_amounts=f"{Decimal(paid) / 100:.2f}",
        decided_reason=code,
    )  # fmt: skip
    made = decisions.apply_decisions(WRITTEN.conform(written), left, items)
    assert decisions.prove_conservation(made)["is_proved"].all()
    if not (paid < owed and paid <= received):  # whole, or more than there is: refused whole
        assert made.applied.empty
        assert len(made.findings) == 1
        return
    by_kind = dict(zip(made.applied["kind"], made.applied["applied_amount"], strict=True))
    charged = sum(by_kind.values()) - by_kind["payment"]
    is_charged = word == "residual" and EFFECTS[code] == "charge_off"
    assert (by_kind["payment"], charged) == (paid, owed - paid if is_charged else 0)
    facts = json.loads(made.applied.loc[made.applied["kind"] == "payment", "evidence"].iat[0])
    assert paid + int(Decimal(facts["rest_amount"]) * 100) == owed

    posted, opened = 0, 0
    names = {"fiscal_year": "2026", "item": "1", "document_number": "A"}
    for leg in with_rests(made.applied.assign(**names)).to_dict("records"):
        amount = int(leg["applied_amount"])
        for line in item_lines(leg, {"posting_amount": -amount, "applied_amount": amount}, 1):
            posted += line["posting_amount"]
            opened += line["posting_amount"] if line["settlement"] == "residual_item" else 0
    assert posted == -sum(by_kind.values())
    assert opened == (owed - paid if word == "residual" and not is_charged else 0)
