"""The receipt that an analyst picks: who paid, what it pays and why, its rivals, what to do."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest
from matched import match
from upper_trade_frames import open_items, receipts

from workbench.runs import chosen_receipts
from workbench.runs.chosen_receipts import Picture
from workbench.runs.named import Names
from workbench.tables import APPLICATIONS
from workbench.views.receipt_page import receipt_html
from workbench.words import choose_language, sentence

ODD = [123_456_71, 98_765_43, 55_512_19]


@pytest.fixture(autouse=True)
def spanish():
    choose_language("es")


@pytest.fixture
def picture() -> Picture:
    items = open_items(
        *({"number": f"{1001 + at}", "amount": amount, "reference": f"FE{1001 + at}",
           "due_date": f"2026-02-{1 + at:02}", "document_date": f"2026-01-{1 + at:02}"}
          for at, amount in enumerate([*ODD, ODD[0] + ODD[1] - 11_11, ODD[2] + 11_11, 999_999_98]))
    )  # fmt: skip
    paid = receipts(
        {"id": "R1", "amount": sum(ODD), "customer_id": "C1", "payer_name": "LÁCTEOS", "text": "PAGO"},
        {"id": "R2", "amount": 999_999_98, "customer_id": "C1"},
        {"id": "R3", "amount": 5_00, "payer_name": "<b>NADIE</b>"},
        {"id": "R4", "amount": 7_00, "currency": "USD"},
    )
    paid = paid.assign(unapplied_amount=paid["received_amount"])
    names = Names()
    names.learn(
        "customers",
        pd.DataFrame({"company_id": ["CO01"], "customer_id": ["C1"], "customer_name": ["Lácteos S.A."]}),
    )
    names.learn("documents", items)
    return Picture(paid, match(paid, items), items, APPLICATIONS.empty(), names)


def shown(receipt_id: str, picture: Picture) -> str:
    (row,) = (row for _, row in chosen_receipts.choose_receipts(receipt_id, picture).iterrows())
    return str(receipt_html(chosen_receipts.show_of(row, picture)))


def test_a_receipt_with_rivals_shows_them_side_by_side_with_what_to_do(picture: Picture) -> None:
    html = shown("R1", picture)
    for said in (
        "Lácteos S.A. (C1), venía con el recaudo",
        "LÁCTEOS · PAGO",
        "Varias sumas explican el valor.",
        "El pago de 277.734,33 COP es exactamente la suma de",
        "Lo que propone la respuesta 1",
        "Las respuestas, una al lado de la otra",
        "FE1001, FE1002, FE1003",
        "Pida al cliente el soporte de pago, o elija en suggestions.xlsx la propuesta correcta.",
    ):
        assert said in html, said
    assert html.count("Propuesta</td>") == 2


def test_a_person_who_only_looks_reads_the_same_on_the_screen(picture: Picture) -> None:
    left = picture.matched.unapplied["receipt_id"].iat[0]
    missing, told = chosen_receipts.show_chosen(left, picture)
    assert missing.empty
    (text,) = told
    one = chosen_receipts.show_of(picture.receipts[picture.receipts["receipt_id"] == left].iloc[0], picture)
    assert one.todo in text
    assert one.bank_says in text
    assert all(str(name) in text for name in one.documents["document_id"])
    assert chosen_receipts.show_chosen("", picture)[1] == []


def test_an_applied_receipt_shows_what_it_pays_and_how_to_undo_it(picture: Picture) -> None:
    html = shown("R2", picture)
    assert "✓ Aplicado" in html
    assert "riesgo de estar mal: " in html
    assert "workbench undo --receipt R2" in html
    assert "FE1006" in html
    assert "Por qué no se aplicó" not in html


def test_nobody_is_nobody_and_what_the_bank_wrote_is_no_markup(picture: Picture) -> None:
    html = shown("R3", picture)
    assert "No se sabe todavía" in html
    assert "<b>NADIE</b>" not in html
    assert "&lt;b&gt;NADIE&lt;/b&gt;" in html


def test_english_says_it_in_english(picture: Picture) -> None:
    choose_language("en")
    html = shown("R1", picture)
    assert "Ask the customer for the remittance advice, or choose the right proposal" in html
    assert "277,734.33 COP" in html


def test_without_a_number_the_largest_left_is_chosen_in_the_currency_with_most(picture: Picture) -> None:
    assert chosen_receipts.choose_receipts("", picture)["receipt_id"].tolist() == ["R1"]


def test_a_number_that_no_receipt_has_says_so_and_what_to_do(picture: Picture) -> None:
    found = chosen_receipts.receipt_not_found("R22", picture.receipts)
    assert found["rule"].tolist() == ["receipt-not-found"]
    said = sentence("receipt-not-found", json.loads(found["values"].iat[0]))
    assert said == "No hay un recaudo R22 hasta la fecha de corte; números parecidos: R2."
    assert chosen_receipts.receipt_not_found("R2", picture.receipts).empty
    assert chosen_receipts.receipt_not_found("", picture.receipts).empty


def test_what_an_earlier_run_applied_is_shown_with_its_evidence(picture: Picture) -> None:
    legs = picture.matched.applied
    before = APPLICATIONS.conform(
        legs.assign(application_id="a", operation_id="o", step_key="s", recorded_at="2026-03-02T00:00:00Z")
    )
    settled = picture.receipts.assign(
        unapplied_amount=picture.receipts["unapplied_amount"].where(picture.receipts["receipt_id"] != "R2", 0)
    )
    later = Picture(settled, match(settled, picture.open_items), picture.open_items, before, picture.names)
    html = shown("R2", later)
    assert "✓ Aplicado antes" in html
    assert "Lácteos S.A. (C1)" in html
    assert "FE1006" in html


def applied_before(picture: Picture, **changed: object) -> Picture:
    """The first picture after another run has applied R2, its document settled."""
    legs = picture.matched.applied
    before = APPLICATIONS.conform(
        legs.assign(
            application_id="a", operation_id="o", step_key="s", recorded_at="2026-03-02T00:00:00Z"
        ).assign(**changed)
    )
    paid, items = picture.receipts, picture.open_items
    settled = paid.assign(unapplied_amount=paid["unapplied_amount"].where(paid["receipt_id"] != "R2", 0))
    is_paid = items["document_key"].isin(before["document_key"])
    items = items.assign(open_amount=items["open_amount"].mask(is_paid, 0))
    return Picture(settled, match(settled, items), items, before, picture.names)


def test_a_document_paid_by_an_earlier_run_shows_its_balance_before_and_after_that(picture: Picture) -> None:
    later = applied_before(picture)
    _, receipt = next(chosen_receipts.choose_receipts("R2", later).iterrows())
    (row,) = chosen_receipts.show_of(receipt, later).documents.to_dict("records")
    assert (row["open_amount"], row["applied_amount"], row["stays_amount"]) == (999_999_98, 999_999_98, 0)


def test_money_on_account_is_of_the_receipts_currency_and_owes_nothing(picture: Picture) -> None:
    html = shown("R2", applied_before(picture, document_key=-1, kind="on_account"))
    assert "999.999,98" in html
    assert "99.999.998" not in html
    assert "-999.999,98" not in html


def test_a_payment_open_in_the_ledger_is_not_called_a_credit_note(picture: Picture) -> None:
    later = applied_before(picture, kind="credit_note")
    items = later.open_items.assign(document_kind="payment")
    html = shown("R2", replace(later, open_items=items))
    assert "Pago abierto en cartera" in html
    assert "Nota crédito</td>" not in html


def test_an_answer_much_like_the_first_is_told_by_how_it_differs() -> None:
    frame = pd.DataFrame(
        {
            "company_id": ["CO01"] * 3, "answer": [1, 2, 3],
            "document_ids": ["A; B; C; D; E; F", "A; B; C; D; E; G", "X; Y"],
        }
    )  # fmt: skip
    said, _ = Names().beside(frame, ["document_ids"])
    assert said["document_ids"].tolist() == ["A, B, C, D, E, F", "Como la 1, con G y sin F", "X, Y"]
