"""Decisions come back from Excel: applied once, bound to what they were made on, two people where asked."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from book_world import application, faults, ledger_hash, legs
from deciding_world import TODAY, bring_back, fill, make_book, open_now, write_sheet

from workbench import book as books
from workbench import deciding
from workbench.book import postings
from workbench.errors import PostingRefusedError

ACCEPT = {"decision": "Aceptar"}
R1_ONE, R1_TWO, R2 = 0, 1, 3


@pytest.fixture
def book(tmp_path: Path, database: str) -> books.Book:
    return make_book(tmp_path, database)


def applied(book: books.Book) -> list[tuple[int, int, str, int]]:
    frame = books.read.applications(book)
    columns = ["receipt_key", "document_key", "kind", "applied_amount"]
    return sorted(frame[columns].itertuples(index=False, name=None))


def with_limit(root: Path, folder: Path, limit: str) -> Path:
    """Parameters in which a second person approves what is above that."""
    copy = folder / "parameters"
    shutil.copytree(root / "parameters", copy)
    file = copy / "policy.yaml"
    text = file.read_text()
    assert "approval: {}" in text
    file.write_text(text.replace("approval: {}", f'approval: {{COP: "{limit}"}}'))
    return copy


def test_what_is_accepted_in_the_sheet_is_applied_once(book: books.Book, tmp_path: Path, root: Path) -> None:
    sheet = fill(write_sheet(book, tmp_path / "s.xlsx"), {R1_TWO: ACCEPT, R2: {"decision": "A cuenta"}})
    result = bring_back(book, sheet, root)
    assert (result.status, result.rows_in, result.rows_stored) == ("accepted", 2, 2)
    assert result.sums == {"COP": 140_00}
    assert applied(book) == [(1, 2, "payment", 70_00), (1, 3, "payment", 30_00), (2, -1, "on_account", 40_00)]
    known = books.read.decisions(book)
    assert sorted(known["decision"]) == ["accept", "on_account"]
    assert set(known["who"]) == {"ana"}
    assert faults(book) == []

    before = ledger_hash(book)
    assert bring_back(book, sheet, root).status == "duplicate"
    again = fill(sheet, {R1_TWO: {"decided_reason": "guardado otra vez"}})
    result = bring_back(book, again, root)  # other bytes, the same decisions
    assert (result.status, result.rows_duplicate, result.rows_stored) == ("duplicate", 2, 0)
    assert ledger_hash(book) == before


def test_a_dry_run_says_what_would_come_of_it_and_changes_nothing(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    before = ledger_hash(book)
    sheet = fill(write_sheet(book, tmp_path / "s.xlsx"), {R1_ONE: ACCEPT})
    assert bring_back(book, sheet, root, dry_run=True).rows_stored == 1
    assert ledger_hash(book) == before


def test_a_stale_row_is_a_finding_and_the_others_are_taken(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    sheet = fill(write_sheet(book, tmp_path / "s.xlsx"), {R1_ONE: ACCEPT, R2: {"decision": "A cuenta"}})
    postings.apply(book, legs(application("other", 1, 10_00)))
    result = bring_back(book, sheet, root)
    assert (result.status, result.rows_stored, result.rows_rejected) == ("partial", 1, 1)
    told = result.to_json()["findings"]
    assert [(one["rule"], one["row"]) for one in told] == [("decision-stale-receipt", 8)]
    assert "90,00 COP" in told[0]["message"]
    assert "I8" in told[0]["message"]
    before = ledger_hash(book)
    assert bring_back(book, sheet, root).status == "duplicate"  # still stale, the other one known
    assert (ledger_hash(book), len(books.read.batches(book))) == (before, 3)
    rejected = books.read.rejected_rows(book)
    assert rejected["raw"].str.contains("R1").all()


def test_a_locked_cell_that_was_changed_refuses_its_receipt(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    sheet = write_sheet(book, tmp_path / "s.xlsx")
    fill(
        sheet,
        {R1_ONE: {**ACCEPT, "applied_amount": 90}, R2: {"decision": "A cuenta", "decided_amounts": 15.5}},
    )
    result = bring_back(book, sheet, root)
    assert result.findings["rule"].tolist() == ["decision-row-changed"]
    assert applied(book) == [(2, -1, "on_account", 15_50)]


def test_a_split_is_written_with_semicolons(book: books.Book, tmp_path: Path, root: Path) -> None:
    said = {"decision": "Dividir", "decided_documents": "1800002; 1800004", "decided_amounts": "60,50; -20"}
    result = bring_back(book, fill(write_sheet(book, tmp_path / "s.xlsx"), {R2: said}), root)
    assert result.findings["rule"].tolist() == ["decision-over-receipt"]  # 40.50 of 40.00
    said["decided_amounts"] = "60; -20"
    assert bring_back(book, fill(tmp_path / "s.xlsx", {R2: said}), root).status == "accepted"
    assert applied(book) == [(2, 2, "payment", 60_00), (2, 4, "credit_note", -20_00)]


def test_nobody_approves_alone_late_twice_or_what_has_changed(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    parameters = with_limit(root, tmp_path, "99.99")
    sheet = fill(write_sheet(book, tmp_path / "s.xlsx"), {R1_ONE: ACCEPT, R2: {"decision": "A cuenta"}})
    result = bring_back(book, sheet, root, parameters=parameters)
    assert result.findings["rule"].tolist() == ["decision-needs-approval"]
    assert applied(book) == [(2, -1, "on_account", 40_00)]  # R1 is 100.00
    request = deciding.open_requests(book)["decision_id"].iat[0]
    assert [one["amount"] for one in deciding.requests_to_json(book)] == ["100.00"]

    def refused(who: str, today: dt.date = TODAY) -> str:
        before = ledger_hash(book)
        with pytest.raises(PostingRefusedError) as error:
            deciding.answer_request(book, request, approved=True, who=who, today=today)
        assert ledger_hash(book) == before
        return error.value.cause

    assert refused("ana") == "approval-own"
    assert refused(" ANA ") == "approval-own"
    assert refused("") == "approval-without-name"
    assert refused("luis", TODAY + dt.timedelta(days=8)) == "approval-expired"
    postings.apply(book, legs(application("other", 1, 10_00)))
    assert refused("luis") == "decision-content-changed"
    postings.reverse(book, ["other/1"], effective_date=TODAY, reason="", operation_id="back")
    answered = deciding.answer_request(book, request, approved=True, who="luis", today=TODAY)
    assert (answered.answer, answered.applications) == ("approve", 1)
    assert refused("eva") == "approval-answered"
    assert deciding.open_requests(book).empty
    assert faults(book) == []


def test_an_approval_posts_the_legs_that_were_asked_for_and_no_others(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    parameters = with_limit(root, tmp_path, "1")
    bring_back(
        book, fill(write_sheet(book, tmp_path / "s.xlsx"), {R1_ONE: ACCEPT}), root, parameters=parameters
    )
    request = deciding.open_requests(book)["decision_id"].iat[0]

    def attempt(**more: Any) -> str:
        other = legs({**application("op", 1, 100_00), **more})
        with pytest.raises(PostingRefusedError) as error:
            postings.answer_request(book, request, "approve", other, who="luis", on=TODAY)
        return error.value.cause

    assert attempt(applied_amount=99_00) == "decision-content-changed"
    assert attempt(document_key=2) == "decision-content-changed"
    assert attempt(receipt_key=2) == "decision-content-changed"
    with pytest.raises(PostingRefusedError):  # nor by the door for other decisions
        postings.record_decision(
            book, operation_id="x", decision="approve", subject="request", subject_key=request, who="luis"
        )
    answered = deciding.answer_request(book, request, approved=False, who="luis", today=TODAY)
    assert (answered.answer, applied(book)) == ("refuse", [])


def test_the_sheet_is_locked_but_for_four_columns_and_holds_no_formula(tmp_path: Path) -> None:
    import openpyxl

    book = make_book(tmp_path)
    first = write_sheet(book, tmp_path / "a.xlsx").read_bytes()
    assert write_sheet(book, tmp_path / "b.xlsx").read_bytes() == first
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet.protection.sheet
    free = {
        cell.column_letter for row in sheet.iter_rows(min_row=8) for cell in row if not cell.protection.locked
    }
    assert free == {"R", "S", "T", "U"}
    kinds = {cell.data_type for row in sheet.iter_rows(min_row=8) for cell in row if cell.value is not None}
    assert kinds == {"s", "n", "d"}
    assert sheet["A8"].value == "R1"
    assert sheet["I8"].value == 100
    rule, reasons = sheet.data_validations.dataValidation
    assert rule.formula1 == '"Aceptar,Cambiar,Dividir,Pago parcial,Partida residual,A cuenta,Rechazar"'
    assert (reasons.formula1, reasons.showErrorMessage) == ("'Motivos'!$A$2:$A$19", False)


def test_nothing_written_is_no_decision(book: books.Book, tmp_path: Path, root: Path) -> None:
    before = open_now(book)
    sheet = write_sheet(book, tmp_path / "s.xlsx")
    for _ in range(2):
        result = bring_back(book, sheet, root)
        assert (result.status, result.rows_in, result.rows_stored, result.rows_rejected) == (
            "accepted",
            0,
            0,
            0,
        )
        assert result.findings["rule"].tolist() == ["decisions-none-written"]
    pd.testing.assert_frame_equal(open_now(book), before)


def test_a_large_amount_stays_large_in_small_pieces(book: books.Book, tmp_path: Path, root: Path) -> None:
    parameters = with_limit(root, tmp_path, "60")
    for number, rules in ((1, []), (2, ["decision-needs-approval"])):
        sheet = write_sheet(book, tmp_path / f"{number}.xlsx")
        piece = {"decision": "Cambiar", "decided_documents": "1800002", "decided_amounts": "35"}
        result = bring_back(book, fill(sheet, {R1_ONE: piece}), root, parameters=parameters)
        assert result.findings["rule"].tolist() == rules
    assert applied(book) == [(1, 2, "payment", 35_00)]


def test_what_was_refused_or_expired_may_be_asked_for_again(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    parameters = with_limit(root, tmp_path, "1")

    def ask(today: dt.date, note: str) -> int:
        said = {R1_ONE: {**ACCEPT, "decided_reason": note}}
        sheet = fill(write_sheet(book, tmp_path / f"{note}.xlsx"), said)
        return bring_back(book, sheet, root, parameters=parameters, today=today).rows_stored

    def request() -> str:
        return str(deciding.open_requests(book)["decision_id"].iat[-1])

    assert (ask(TODAY, "a"), ask(TODAY, "b")) == (1, 0)  # it waits already
    deciding.answer_request(book, request(), approved=False, who="luis", today=TODAY)
    assert (ask(TODAY, "c"), ask(TODAY, "d")) == (1, 0)
    later = TODAY + dt.timedelta(days=8)
    assert (ask(later, "e"), ask(later, "f")) == (1, 0)
    assert deciding.answer_request(book, request(), approved=True, who="luis", today=later).applications == 1
    assert faults(book) == []
