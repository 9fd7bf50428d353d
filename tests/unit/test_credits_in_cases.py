"""An old credit that a case refunds or transfers leaves once: nothing else takes it meanwhile."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from book_world import application, legs
from deciding_world import bring_back, fill
from over_180_world import POLICY, TODAY, file_of, make_book, move, open_items

from workbench import book as books
from workbench import credit_notes, decisions, ledger, transferring, words
from workbench.errors import PostingRefusedError
from workbench.tables import CUSTOMERS
from workbench.views import decision_sheet

NOTE = 5


@pytest.fixture
def book(tmp_path: Path, database: str) -> books.Book:
    return make_book(tmp_path, database)


def propose(book: books.Book, action: str) -> str:
    receipts = ledger.unapplied_receipts(
        books.read.receipts(book), books.read.applications(book), books.read.reversals(book), as_of=TODAY
    )
    listed = credit_notes.list_old_credits(open_items(book), receipts, CUSTOMERS.empty(), as_of=TODAY)
    return transferring.propose_credit(
        book, dict(listed.iloc[0]), policy=POLICY, action=action, owner="S1", evidence="estado de cuenta",
        who="ana", on=TODAY,
    )  # fmt: skip


def promised(book: books.Book) -> dict[int, str]:
    found = credit_notes.read_promises(open_items(book), books.read.decisions(book), as_of=TODAY)
    return {key: one.decision for key, one in found.items()}


def test_a_credit_is_held_from_its_proposal_through_its_settlement(book: books.Book) -> None:
    case_id = propose(book, "refund")
    assert promised(book) == {NOTE: "refund"}
    move(book, case_id, "approve", "eva", "controller", file_sha256=file_of(book))
    assert promised(book) == {NOTE: "refund"}
    assert move(book, case_id, "settle", "eva") == "settled"
    assert promised(book) == {NOTE: "refund"}
    held = credit_notes.hold_promised(open_items(book), books.read.decisions(book), as_of=TODAY)
    matched = credit_notes.match_credit_notes(held, decisions=books.read.decisions(book), as_of=TODAY)
    assert NOTE not in set(matched.applied["document_key"]) | set(matched.suggested["credit_document_key"])
    assert matched.unapplied.set_index("document_key").loc[NOTE, "reason"] == "credit-promised"


def test_a_case_withdrawn_or_that_applies_the_credit_holds_nothing(book: books.Book) -> None:
    move(book, propose(book, "transfer"), "withdraw", "ana", reason="era otra")
    assert promised(book) == {}
    propose(book, "apply")
    assert promised(book) == {}


def test_a_case_opened_while_a_run_works_stops_what_the_run_would_post(book: books.Book) -> None:
    bare = {"receipt_key": -1, "kind": "credit_note", "effective_date": "2026-11-02"}
    made = legs(application("set", 2, 20_00, **bare), application("set", NOTE, -20_00, **bare))
    seen = frozenset(books.read.decisions(book)["decision_id"])
    propose(book, "refund")
    with pytest.raises(PostingRefusedError) as refused:
        books.postings.apply(book, made, seen=seen)
    assert refused.value.cause == "decision-content-changed"
    assert books.read.applications(book).empty


def test_a_sheet_neither_sets_the_credit_off_nor_rejects_it_out_of_its_case(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    case_id = propose(book, "refund")
    items = open_items(book)
    matched = credit_notes.match_credit_notes(items, as_of=TODAY)
    offered = decisions.offer_set_offs(matched.suggested, matched.unapplied, items)
    assert offered["receipt_key"].iloc[0] == NOTE
    sheet = tmp_path / "s.xlsx"
    for said in ("Rechazar", "Devolver", "Trasladar"):
        decision_sheet.write_decision_sheet(
            sheet, offered.assign(rule_words=offered["rule"]), company="CO01", period="2026-11", as_of=TODAY
        )
        result = bring_back(book, fill(sheet, {0: {"decision": said}}), root, who="eva")
        assert result.findings["rule"].tolist() == ["credit-decision-in-case"], said
        assert json.loads(result.findings["values"][0])["case"] == case_id
    assert promised(book) == {NOTE: "refund"}
    for lang in words.LANGUAGES:
        assert case_id in words.sentence(
            "credit-decision-in-case", json.loads(result.findings["values"][0]), lang
        )
