"""Decisions on credit notes come back from Excel: both legs or none, bound to content, undone together."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from pathlib import Path
from typing import Any

import deciding_world
import openpyxl
import pandas as pd
import pytest
from book_world import application, faults, import_items, ledger_hash, legs, made_once, new_book
from deciding_world import FIRST, TODAY, bring_back, fill, make_book, open_now

from workbench import book as books
from workbench import credit_notes, deciding_notes, decisions, words
from workbench.book import postings
from workbench.errors import PostingRefusedError
from workbench.undo import undo_applications
from workbench.views import decision_sheet
from workbench.words.evidence import evidence_sentence

ACCEPT = {"decision": "Aceptar"}
AS_OF = dt.date(2026, 10, 31)


@made_once
def filled(folder: Path, database: str = "sqlite") -> books.Book:
    """Two invoices of 100.00 and one of 30.00 of C1, one of 50.00 of C2; notes of 100.00, 20.00 and 50.00."""
    book = new_book(folder, database=database)
    rows: list[tuple[str, int, dict[str, Any]]] = [
        ("1001", 100_00, {}),
        ("1002", 100_00, {}),
        ("1003", 30_00, {"special_gl": "A"}),
        ("2001", 50_00, {"customer_id": "C2"}),
        ("9001", -100_00, {}),
        ("9002", -20_00, {"document_date": "2026-02-01"}),
        ("9003", -50_00, {"customer_id": "C3"}),
    ]
    import_items(book, *(
        {"document_number": number, "original_amount": amount, "open_amount": amount,
         "document_kind": "invoice" if amount > 0 else "credit_note", **more}
        for number, amount, more in rows
    ))  # fmt: skip
    return book


@pytest.fixture
def book(tmp_path: Path, database: str) -> books.Book:
    return filled(tmp_path, database)


def write_sheet(book: books.Book, path: Path) -> Path:
    items = open_now(book)
    matched = credit_notes.match_credit_notes(items, as_of=AS_OF)
    assert matched.applied.empty
    offered = decisions.offer_set_offs(matched.suggested, matched.unapplied, items)
    decision_sheet.write_decision_sheet(
        path, offered.assign(rule_words=offered["rule"]), company="CO01", period="2026-10", as_of=AS_OF
    )
    return path


def row_of(path: Path, note: str, proposal: int) -> int:
    sheet = openpyxl.load_workbook(path).active
    for row in range(FIRST, sheet.max_row + 1):
        at = decisions.SHEET_COLUMNS.index
        shown = sheet.cell(row, at("receipt_id") + 1).value, sheet.cell(row, at("proposal") + 1).value
        if shown[0].startswith(note) and shown[1] == proposal:
            return row - FIRST
    raise AssertionError(note, proposal)


def applied(book: books.Book) -> list[tuple[int, int, str, int]]:
    frame = books.read.applications(book)
    columns = ["receipt_key", "document_key", "kind", "applied_amount"]
    return sorted(frame[columns].itertuples(index=False, name=None))


def with_limit(root: Path, folder: Path, limit: str) -> Path:
    copy = folder / "parameters"
    shutil.copytree(root / "parameters", copy)
    file = copy / "policy.yaml"
    file.write_text(file.read_text().replace("approval: {}", f'approval: {{COP: "{limit}"}}'))
    return copy


def test_what_is_accepted_is_set_off_once_with_both_legs(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    sheet = write_sheet(book, tmp_path / "s.xlsx")
    split = {"decision": "Dividir", "decided_documents": "1001; 1002", "decided_amounts": "15; 5"}
    fill(sheet, {row_of(sheet, "9001", 2): ACCEPT, row_of(sheet, "9002", 1): split})
    result = bring_back(book, sheet, root)
    # The older note took some of 1002: the one that wants it whole is refused whole, with its cell.
    assert (result.status, result.rows_in, result.rows_stored) == ("partial", 2, 1)
    assert result.findings["rule"].tolist() == ["credit-decision-over-document"]
    assert result.sums == {"COP": 20_00}
    assert faults(book) == []
    made = books.read.applications(book)
    assert made["applied_amount"].sum() == 0
    assert set(made["receipt_key"]) == {-1}
    assert made["effective_date"].nunique() == made["operation_id"].nunique() == 1
    known = books.read.decisions(book)
    assert set(known["subject"]) == {"credit_note"}
    before = ledger_hash(book)
    assert bring_back(book, sheet, root).rows_stored == 0
    assert ledger_hash(book) == before


def test_both_legs_are_undone_together_and_may_be_decided_again(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    before = open_now(book)
    sheet = write_sheet(book, tmp_path / "s.xlsx")
    fill(sheet, {row_of(sheet, "9001", 1): ACCEPT})
    assert bring_back(book, sheet, root).status == "accepted"
    one = books.read.applications(book)["application_id"].iat[0]
    undone = undo_applications(book, today=TODAY, application=one)
    assert len(undone.applications) == 2
    pd.testing.assert_frame_equal(open_now(book), before)
    again = fill(sheet, {row_of(sheet, "9001", 1): {"decided_reason": "otra vez"}})
    assert bring_back(book, again, root).rows_stored == 1
    assert len(applied(book)) == 4


def test_a_stale_note_or_invoice_is_a_finding(book: books.Book, tmp_path: Path, root: Path) -> None:
    sheet = write_sheet(book, tmp_path / "s.xlsx")
    fill(sheet, {row_of(sheet, "9001", 1): ACCEPT, row_of(sheet, "9002", 1): {"decision": "Devolver"}})
    note = {"receipt_key": -1, "kind": "credit_note"}
    postings.apply(book, legs(application("x", 1, 10_00, receipt_key=-1, kind="credit_note"),
                              application("x", 6, -10_00, **note)))  # fmt: skip
    result = bring_back(book, sheet, root)
    assert result.rows_stored == 0
    assert result.findings["rule"].tolist() == ["credit-decision-stale-document"] * 2
    said = words.sentence("credit-decision-stale-document", {"document": "9002", "key": "9002"})
    assert said.startswith("9002 cambió")


@pytest.mark.parametrize(
    ("note", "proposal", "said", "rule"),
    [
        ("9003", 0, {"decision": "Cambiar", "decided_documents": "2001", "decided_amounts": "50"},
         "credit-decision-other-account"),
        ("9001", 1, {"decision": "Cambiar", "decided_documents": "1003", "decided_amounts": "30"},
         "credit-decision-special-ledger"),
        ("9001", 1, {"decision": "Dividir", "decided_documents": "1001; 1002", "decided_amounts": "60; 60"},
         "credit-decision-over-note"),
        ("9001", 1, {"decision": "Cambiar", "decided_documents": "1001", "decided_amounts": "-5"},
         "credit-decision-over-document"),
        ("9001", 1, {"decision": "A cuenta"}, "credit-decision-unknown"),
        ("9001", 1, {"decision": "Trasladar", "decided_amounts": "5"}, "credit-decision-contradictory"),
        ("9001", 1, {**ACCEPT, "receipt_date": dt.date(2026, 1, 1)}, "credit-decision-row-changed"),
        ("9003", 0, {"decision": "Rechazar"}, "credit-decision-nothing-proposed"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_a_finding_and_changes_nothing(
    tmp_path: Path, root: Path, note: str, proposal: int, said: dict[str, Any], rule: str, book: books.Book
) -> None:
    sheet = write_sheet(book, tmp_path / "s.xlsx")
    result = bring_back(book, fill(sheet, {row_of(sheet, note, proposal): said}), root)
    assert result.findings["rule"].tolist() == [rule]
    assert result.rows_stored == 0
    assert applied(book) == []
    for lang in words.LANGUAGES:
        assert words.has_words(f"rules.{rule}", lang)


def test_nobody_approves_a_set_off_or_a_refund_alone(book: books.Book, tmp_path: Path, root: Path) -> None:
    parameters = with_limit(root, tmp_path, "30")
    sheet = write_sheet(book, tmp_path / "s.xlsx")
    fill(sheet, {row_of(sheet, "9001", 1): ACCEPT, row_of(sheet, "9003", 0): {"decision": "Devolver"}})
    result = bring_back(book, sheet, root, parameters=parameters)
    assert result.findings["rule"].tolist() == ["credit-decision-needs-approval"] * 2
    assert applied(book) == []
    waiting = {one["credit_note_id"]: one for one in deciding_notes.requests_to_json(book)}
    assert {key[:4]: one["amount"] for key, one in waiting.items()} == {"9001": "100.00", "9003": "50.00"}
    for note, one in waiting.items():
        with pytest.raises(PostingRefusedError) as refused:
            deciding_notes.answer_request(book, str(one["request"]), approved=True, who="ana", today=TODAY)
        assert refused.value.cause == "approval-own"
        answered = deciding_notes.answer_request(
            book, str(one["request"]), approved=True, who="luis", today=TODAY
        )
        assert answered.credit_note_id == note
    assert [leg[3] for leg in applied(book)] == [100_00, -100_00]
    assert deciding_notes.requests_to_json(book) == []
    assert faults(book) == []


def test_a_request_refused_may_be_made_again(book: books.Book, tmp_path: Path, root: Path) -> None:
    parameters = with_limit(root, tmp_path, "30")
    sheet = write_sheet(book, tmp_path / "s.xlsx")
    fill(sheet, {row_of(sheet, "9001", 1): ACCEPT})
    for reason in ("", "otra vez"):
        fill(sheet, {row_of(sheet, "9001", 1): {"decided_reason": reason or None}})
        assert bring_back(book, sheet, root, parameters=parameters).rows_stored == 1
        (one,) = deciding_notes.requests_to_json(book)
        deciding_notes.answer_request(book, str(one["request"]), approved=False, who="luis", today=TODAY)
    assert applied(book) == []


def test_the_sheet_speaks_of_notes_and_lists_what_may_be_done_with_them(
    book: books.Book, tmp_path: Path
) -> None:
    sheet = openpyxl.load_workbook(write_sheet(book, tmp_path / "s.xlsx")).active
    assert sheet.cell(FIRST - 1, 1).value == "Nota crédito"
    (listed,) = sheet.data_validations.dataValidation
    assert listed.formula1.strip('"').split(",") == [
        "Aceptar", "Cambiar", "Dividir", "Devolver", "Trasladar", "Rechazar",
    ]  # fmt: skip
    assert sheet.protection.sheet


def test_what_is_to_be_given_back_is_taken_by_nothing_else_until_the_erp_shows_it(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    def held(on: dt.date = AS_OF) -> dict[str, str]:
        items = credit_notes.hold_promised(open_now(book), books.read.decisions(book), as_of=on)
        blocked = items[items["payment_block"].ne("")]
        return dict(zip(blocked["document_number"], blocked["payment_block"], strict=True))

    parameters = with_limit(root, tmp_path, "60")
    sheet = write_sheet(book, tmp_path / "s.xlsx")
    fill(sheet, {row_of(sheet, "9001", 1): {"decision": "Devolver"}, row_of(sheet, "9002", 1): {
        "decision": "Trasladar"}})  # fmt: skip
    assert held() == {}
    assert bring_back(book, sheet, root, parameters=parameters).rows_stored == 2
    # 9001 waits for a second person, and is held as well: a yes may come any day until the last one.
    assert held() == {"9001": "refund", "9002": "transfer"}
    assert held(dt.date(2027, 1, 1)) == {"9002": "transfer"}
    only = open_now(book).query("document_number in ('1001', '9001')")
    settled = credit_notes.match_credit_notes(only.assign(order_id="U1"), as_of=AS_OF)
    assert len(settled.applied) == 2
    kept = credit_notes.hold_promised(only.assign(order_id="U1"), books.read.decisions(book), as_of=AS_OF)
    assert credit_notes.match_credit_notes(kept, as_of=AS_OF).applied.empty
    (one,) = deciding_notes.requests_to_json(book)
    deciding_notes.answer_request(book, str(one["request"]), approved=False, who="luis", today=TODAY)
    assert held() == {"9002": "transfer"}
    note = {"receipt_key": -1, "kind": "credit_note"}
    made = open_now(book).set_index("document_number")["document_key"]
    postings.apply(book, legs(application("x", int(made["1002"]), 10_00, receipt_key=-1, kind="credit_note"),
                              application("x", int(made["9002"]), -10_00, **note)))  # fmt: skip
    assert held() == {}


def test_a_note_of_a_special_ledger_is_given_back_or_moved_but_not_set_off(
    tmp_path: Path, root: Path, database: str
) -> None:
    book = new_book(tmp_path, database=database)
    note = {"document_kind": "credit_note", "special_gl": "A"}
    import_items(book, {"document_number": "1001"}, {
        "document_number": "9001", "original_amount": -100_00, "open_amount": -100_00, **note})  # fmt: skip
    sheet = write_sheet(book, tmp_path / "s.xlsx")
    said = {"decision": "Dividir", "decided_documents": "1001", "decided_amounts": "100"}
    result = bring_back(book, fill(sheet, {0: said}), root)
    assert result.findings["rule"].tolist() == ["credit-decision-special-ledger"]
    assert applied(book) == []
    moved = {"decision": "Trasladar", "decided_documents": None, "decided_amounts": None}
    assert bring_back(book, fill(sheet, {0: moved}), root).rows_stored == 1


def test_what_is_to_be_given_back_is_set_off_by_nobody_before_somebody_rejects_it(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    sheet = write_sheet(book, tmp_path / "s.xlsx")
    first = row_of(sheet, "9001", 1)
    nothing = dict.fromkeys(("decision", "decided_documents", "decided_amounts"))
    assert bring_back(book, fill(sheet, {first: {"decision": "Devolver"}}), root, who="eva").rows_stored == 1
    split = {"decision": "Dividir", "decided_documents": "1001", "decided_amounts": "100"}
    for said in (ACCEPT, split, {"decision": "Trasladar"}):
        result = bring_back(book, fill(sheet, {first: nothing | said}), root)
        assert result.findings["rule"].tolist() == ["credit-decision-promised"]
        assert "eva" in words.sentence("credit-decision-promised", json.loads(result.findings["values"][0]))
        assert (result.rows_stored, applied(book)) == (0, [])
    # The next run proposes nothing for it: its row is rejected all the same.
    items = open_now(book)
    held = credit_notes.hold_promised(items, books.read.decisions(book), as_of=AS_OF)
    matched = credit_notes.match_credit_notes(held, decisions=books.read.decisions(book), as_of=AS_OF)
    left = matched.unapplied.set_index("document_key").loc[5]
    assert left["reason"] == "credit-promised"
    assert re.match(r"eva decidió devolverla el \d\d/\d\d/\d{4}", evidence_sentence(left["evidence"]))
    offered = decisions.offer_set_offs(matched.suggested, matched.unapplied, items)
    later = tmp_path / "later.xlsx"
    decision_sheet.write_decision_sheet(
        later, offered.assign(rule_words=offered["rule"]), company="CO01", period="2026-10", as_of=AS_OF
    )
    reject = {"decision": "Rechazar"}
    fill(later, {row_of(later, "9001", 0): reject})
    assert bring_back(book, later, root).rows_stored == 1
    assert credit_notes.read_promises(items, books.read.decisions(book), as_of=AS_OF) == {}
    again = fill(later, {row_of(later, "9001", 0): {"decided_reason": "otra vez"}})
    assert bring_back(book, again, root).rows_stored == 0, "a rejection says the same twice"
    assert bring_back(book, fill(sheet, {first: nothing | {"decision": "Devolver"}}), root).rows_stored == 1
    assert bring_back(book, fill(sheet, {first: nothing | ACCEPT}), root).rows_stored == 0
    assert bring_back(book, fill(sheet, {first: reject}), root).rows_stored == 1
    assert bring_back(book, fill(sheet, {first: ACCEPT | {"decided_reason": "ya"}}), root).rows_stored == 1
    assert [leg[3] for leg in applied(book)] == [100_00, -100_00]
    assert faults(book) == []


def test_above_the_limit_another_person_lets_a_promised_note_go(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    def promised() -> list[str]:
        held = credit_notes.read_promises(open_now(book), books.read.decisions(book), as_of=TODAY)
        return [one.decision for one in held.values()]

    parameters = with_limit(root, tmp_path, "60")
    sheet = write_sheet(book, tmp_path / "s.xlsx")
    first = row_of(sheet, "9001", 1)
    fill(sheet, {first: ACCEPT})
    assert bring_back(book, sheet, root, parameters=parameters).rows_stored == 1
    (asked,) = deciding_notes.requests_to_json(book)
    assert bring_back(book, fill(sheet, {first: {"decision": "Devolver"}}), root).rows_stored == 1
    with pytest.raises(PostingRefusedError) as refused:
        deciding_notes.answer_request(book, str(asked["request"]), approved=True, who="luis", today=TODAY)
    assert refused.value.cause == "approval-credit-promised"
    fill(sheet, {first: {"decision": "Rechazar"}})
    result = bring_back(book, sheet, root, parameters=parameters)
    assert result.findings["rule"].tolist() == ["credit-decision-needs-approval"]
    assert promised() == ["refund"]
    taken_back = next(one for one in deciding_notes.requests_to_json(book) if one["decision"] == "reject")
    deciding_notes.answer_request(book, str(taken_back["request"]), approved=True, who="luis", today=TODAY)
    assert promised() == []
    deciding_notes.answer_request(book, str(asked["request"]), approved=True, who="luis", today=TODAY)
    assert [leg[3] for leg in applied(book)] == [100_00, -100_00]
    assert faults(book) == []


def test_no_receipt_takes_a_note_that_is_to_be_moved_elsewhere(
    tmp_path: Path, root: Path, database: str
) -> None:
    book = make_book(tmp_path, database)
    notes = write_sheet(book, tmp_path / "notes.xlsx")
    fill(notes, {row_of(notes, "1800004", 1): {"decision": "Trasladar"}})
    assert bring_back(book, notes, root).rows_stored == 1
    receipts = deciding_world.write_sheet(book, tmp_path / "receipts.xlsx")
    said = {"decision": "Dividir", "decided_documents": "1800002; 1800004", "decided_amounts": "60; -20"}
    result = bring_back(book, fill(receipts, {3: said}), root)
    assert result.findings["rule"].tolist() == ["decision-credit-promised"]
    assert applied(book) == []
    for lang in words.LANGUAGES:
        assert words.has_words("rules.decision-credit-promised", lang)


def test_a_note_that_is_promised_while_a_run_works_is_not_set_off_by_it(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    seen = frozenset(books.read.decisions(book)["decision_id"])  # the run reads, and then matches …
    bare = {"receipt_key": -1, "kind": "credit_note", "effective_date": "2026-10-31"}
    made = legs(application("o1", 1, 100_00, **bare), application("o1", 5, -100_00, **bare))
    sheet = write_sheet(book, tmp_path / "s.xlsx")
    fill(sheet, {row_of(sheet, "9001", 1): {"decision": "Devolver"}})
    assert bring_back(book, sheet, root, who="eva").rows_stored == 1
    with pytest.raises(PostingRefusedError) as refused:  # … and posts under the lock
        postings.apply(book, made, seen=seen)
    assert (refused.value.cause, refused.value.values["document"]) == (
        "decision-content-changed",
        "9001/2026/001",
    )
    assert applied(book) == []
    now = frozenset(books.read.decisions(book)["decision_id"])
    assert postings.apply(book, made, seen=now).stored == 2  # who knew of it has judged it
    assert faults(book) == []


def test_an_import_of_note_decisions_says_what_became_of_each(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    parameters = with_limit(root, tmp_path, "60")
    sheet = write_sheet(book, tmp_path / "s.xlsx")
    wrong = {"decision": "Dividir", "decided_documents": "2001", "decided_amounts": "50"}
    fill(sheet, {row_of(sheet, "9001", 1): ACCEPT, row_of(sheet, "9002", 1): {"decision": "Devolver"},
                 row_of(sheet, "9003", 0): wrong})  # fmt: skip
    outcomes = bring_back(book, sheet, root, parameters=parameters).outcomes
    assert {state: one["COP"]["amount"] for state, one in outcomes.items()} == {
        "waiting": 100_00, "elsewhere": 20_00, "refused": 50_00
    }  # fmt: skip
    fill(sheet, {row_of(sheet, "9002", 1): {"decision": "Rechazar"}})
    freed = bring_back(book, sheet, root, parameters=parameters).outcomes
    assert freed["freed"] == {"COP": {"count": 1, "amount": 20_00}}
    small = fill(write_sheet(book, tmp_path / "t.xlsx"), {row_of(sheet, "9002", 1): ACCEPT})
    assert bring_back(book, small, root).outcomes["applied"] == {"COP": {"count": 1, "amount": 20_00}}
