"""A short pay decided in the workbook: a reason from its list, through the book to the ERP, and undone."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from book_world import faults
from deciding_world import FIRST, TODAY, bring_back, fill, make_book, open_now, unapplied_now, write_sheet

from workbench import book as books
from workbench import deciding, exports, undo
from workbench.calendar import Period

R2 = 3
RESIDUAL = {"decision": "Partida residual", "decided_documents": "1800002", "decided_amounts": "40"}


@pytest.fixture
def book(tmp_path: Path) -> books.Book:
    return make_book(tmp_path)


def decide(book: books.Book, folder: Path, root: Path, said: dict[str, Any], **more: Any) -> list[str]:
    sheet = fill(write_sheet(book, folder / "s.xlsx"), {R2: said})
    return list(bring_back(book, sheet, root, **more).findings["rule"])


def debt(book: books.Book, number: str) -> int:
    items = open_now(book)
    return int(items.loc[items["document_number"] == number, "open_amount"].sum())


def test_the_workbook_lists_every_reason_with_what_it_does(book: books.Book, tmp_path: Path) -> None:
    listed = openpyxl.load_workbook(write_sheet(book, tmp_path / "s.xlsx"))["Motivos"]
    rows = [[cell.value for cell in row] for row in listed.iter_rows(min_row=2)]
    assert len(rows) == 18
    assert ["PREC · Precio", "Se reclama", 0] in rows
    assert ["RFTE · Retención en la fuente", "Se da de baja", None] in rows


@pytest.mark.parametrize("reason", ["PREC · Precio", "Precio", "Price", "prec", "PREC según correo"])
def test_a_residual_item_goes_from_the_sheet_to_the_posting_file(
    book: books.Book, tmp_path: Path, root: Path, reason: str
) -> None:
    assert decide(book, tmp_path, root, {**RESIDUAL, "decided_reason": reason}) == []
    assert debt(book, "1800002") == 30_00  # the rest is owed as before
    left = exports.export_postings(
        book, period=Period.parse("2026-10"), layout="generic", out=tmp_path / "out", on=dt.date(2026, 11, 4),
        parameters=root / "parameters",
    )  # fmt: skip
    new = left.planned.lines.query("settlement == 'residual_item'").iloc[0]
    assert (new["reason_code"], new["effect"], new["posting_amount"]) == ("PREC", "claim", 30_00)
    assert new["origin_number"] == "1800002"
    assert not faults(book)


def test_a_wrong_reason_is_refused_with_its_cell_and_what_to_do(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    sheet = fill(write_sheet(book, tmp_path / "s.xlsx"), {R2: {**RESIDUAL, "decided_reason": "no sé"}})
    result = bring_back(book, sheet, root)
    assert result.findings["rule"].tolist() == ["decision-reason-unknown"]
    assert json.loads(result.findings["values"].iat[0])["cell"] == f"U{FIRST + R2}"
    assert debt(book, "1800002") == 70_00


def test_a_charge_off_is_undone_with_its_payment(book: books.Book, tmp_path: Path, root: Path) -> None:
    before = unapplied_now(book)
    assert decide(book, tmp_path, root, {**RESIDUAL, "decided_reason": "Redondeo o tolerancia"}) == []
    assert debt(book, "1800002") == 0
    kinds = books.read.applications(book)["kind"].tolist()
    assert sorted(kinds) == ["payment", "tolerance"]
    undone(book)
    assert debt(book, "1800002") == 70_00
    assert unapplied_now(book)["unapplied_amount"].tolist() == before["unapplied_amount"].tolist()
    assert not faults(book)


@pytest.mark.parametrize("decision", ["Pago parcial", "Partida residual"])
def test_both_kinds_of_short_pay_are_undone_to_where_they_began(
    book: books.Book, tmp_path: Path, root: Path, decision: str
) -> None:
    said = {**RESIDUAL, "decision": decision, "decided_reason": "CANT"}
    assert decide(book, tmp_path, root, said) == []
    assert (debt(book, "1800002"), len(books.read.applications(book))) == (30_00, 1)
    undone(book)
    assert debt(book, "1800002") == 70_00
    again = {**said, "decided_reason": "CANT · Cantidad"}  # the same bytes would be the same file
    assert decide(book, tmp_path, root, again) == []
    assert debt(book, "1800002") == 30_00


def test_a_charge_off_counts_for_the_second_person_and_is_posted_with_its_reason(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    parameters = tmp_path / "parameters"
    shutil.copytree(root / "parameters", parameters)
    file = parameters / "policy.yaml"  # the cash alone is below the limit
    file.write_text(file.read_text().replace("approval: {}", 'approval: {COP: "60"}'))
    said = {**RESIDUAL, "decided_reason": "GBAN"}
    assert decide(book, tmp_path, root, said, parameters=parameters) == ["decision-needs-approval"]
    request = deciding.open_requests(book)["decision_id"].iat[0]
    deciding.answer_request(book, request, approved=True, who="luis", today=dt.date(2026, 11, 4))
    applied = books.read.applications(book)
    facts = dict(zip(applied["kind"], map(json.loads, applied["evidence"]), strict=True))
    assert facts["fee"]["code"] == "GBAN"
    assert (facts["payment"]["rest_effect"], facts["payment"]["rest_amount"]) == ("charge_off", "30.00")


def undone(book: books.Book) -> None:
    undo.undo_applications(book, receipt="R2", today=TODAY, reason="error", who="ana")
