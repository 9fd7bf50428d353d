"""What people read: codes in words, names beside ids, local time, files their spreadsheets open."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from workbench.runs import coded, figures, result_files
from workbench.runs.named import Names
from workbench.views.columns import Column, cell_text, instant_text
from workbench.words import choose_language, language


@pytest.fixture(autouse=True)
def spanish():
    before = language()
    choose_language("es")
    yield
    choose_language(before)


def test_evidence_reads_as_words_and_what_is_only_proposed_is_not_said_to_be_the_amount():
    facts = '{"amount": "5.00", "references": ["FE1", "FE2"]}'
    frame = pd.DataFrame({"rule": ["exact-references"], "currency": ["USD"], "evidence": [facts]})
    applied, proposed = (coded.in_words(one) for one in (frame, frame.assign(proposal=1)))
    assert applied["evidence"].tolist() == [
        "El texto del pago nombra FE1, FE2, y lo que se aplica es exactamente el pago de 5,00 USD."
    ]
    assert proposed["evidence"].tolist() == ["El texto del pago nombra FE1, FE2; el pago es de 5,00 USD."]


def test_names_stand_beside_their_ids_and_nothing_is_lost():
    names = Names()
    names.learn(
        "customers",
        pd.DataFrame({"company_id": ["CO01"], "customer_id": ["7"], "customer_name": ["Lácteos"]}),
    )
    document = {"company_id": "CO01", "document_id": "18/1", "reference": "FE10014", "document_key": 1}
    names.learn("documents", pd.DataFrame([{**document, "due_date": pd.Timestamp("2026-10-31")}]))
    frame = pd.DataFrame(
        {"company_id": ["CO01", "CO01"], "customer_id": ["7", "8"], "document_id": ["18/1", "18/2"]}
    )
    shown, columns = names.beside(frame, list(frame.columns))
    assert columns == ["company_id", "customer_id", "customer_name", "document_id", "reference"]
    assert shown["customer_name"].tolist() == ["Lácteos", ""]
    assert shown["reference"].tolist() == ["FE10014", ""]


def test_an_instant_is_the_wall_clock_of_bogota():
    night = dt.datetime(2026, 11, 22, 0, 22, tzinfo=dt.UTC)
    assert instant_text(night, "es") == "21/11/2026 19:22"


def test_a_rate_per_thousand_reads_as_a_percentage():
    assert cell_text(1000, Column("rate_permille", "integer", "Tasa"), "", "es") == "100,0 %"


def test_a_file_for_people_in_spanish_has_a_mark_semicolons_and_a_decimal_comma():
    frame = pd.DataFrame({"customer_id": ["7"], "currency": ["COP"], "total": [123456]})
    content = result_files.people_csv(frame, "es")
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig") == "Cliente;Moneda;Saldo total\r\n7;COP;1234,56\r\n"


def test_the_largest_of_each_currency_come_first():
    frame = pd.DataFrame({"currency": ["USD", "COP", "COP", "COP"], "total": [5, 1, 9, 4]})
    assert figures.largest(frame, "total", count=2)["total"].tolist() == [9, 4, 5]
