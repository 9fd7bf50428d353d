"""Write-offs through the book: who may, on what evidence, what the ledger shows, and what comes back."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from pathlib import Path

import pytest
from book_world import (
    application,
    faults,
    import_items,
    import_receipts,
    import_receipts_as,
    ledger_hash,
    legs,
)
from over_180_world import (
    POLICY,
    TODAY,
    account,
    approve,
    evidenced,
    file_of,
    make_book,
    move,
    open_items,
    open_now,
    posted,
    prepared,
)

from workbench import book as books
from workbench import exports, undo, words, write_offs
from workbench.book.applied import enter_applications
from workbench.book.transactions import writing
from workbench.calendar import Period
from workbench.errors import MappingError, MoveRefusedError, PeriodClosedError, PostingRefusedError


@pytest.fixture
def book(tmp_path: Path, database: str) -> books.Book:
    return make_book(tmp_path, database)


def _cause(call: object, *arguments: object, **options: object) -> str:
    with pytest.raises((PostingRefusedError, PeriodClosedError)) as refused:
        call(*arguments, **options)  # type: ignore[operator]  # any function of the room
    return str(refused.value.cause)


def _told(refusal: MoveRefusedError, lang: words.Language) -> str:
    return words.explain(refusal.cause, dict(refusal.values), lang)


def test_a_write_off_reduces_the_document_without_cash(book: books.Book) -> None:
    case_id = posted(book, {1: 0})
    legs_made = books.read.applications(book)
    assert legs_made[["kind", "applied_amount", "receipt_key", "rule"]].iloc[0].tolist() == [
        "write_off", 100_00, -1, write_offs.RULE,
    ]  # fmt: skip
    assert open_now(book, 1) == 0
    items = open_items(book).set_index("document_key")
    assert items.loc[1, ["erp_open_amount", "pending_applications"]].tolist() == [100_00, 100_00]
    assert books.read.case(book, case_id).state == "posted"
    assert faults(book) == []


def test_within_the_limit_one_person_approves_and_above_it_two_others(book: books.Book) -> None:
    small = evidenced(book, {2: 0})
    assert approve(book, small, "sara", "supervisor") == "approved"
    large = evidenced(book, {1: 0})
    assert _cause(move, book, large, "approve", "sara", "supervisor") == "write-off-above-limit"
    assert _cause(move, book, large, "approve_first", "ana", "controller") == "case-move-same-person"
    assert _cause(move, book, large, "approve_first", "sara", "supervisor") == "case-move-role"
    move(book, large, "approve_first", "eva", "controller")
    assert _cause(move, book, large, "approve_second", "eva", "director") == "case-move-same-person"
    assert _cause(move, book, large, "approve_second", "ana", "director") == "case-move-same-person"
    assert move(book, large, "approve_second", "luis", "director") == "approved"


def test_a_role_that_a_move_brings_by_itself_gives_no_limit(book: books.Book) -> None:
    case_id = evidenced(book, {2: 0})
    said = {"content": {"role": "supervisor"}}
    assert _cause(move, book, case_id, "approve", "sara", **said) == "write-off-above-limit"
    assert move(book, case_id, "approve", "sara", "supervisor") == "approved"


def test_the_limit_itself_is_inside_and_small_pieces_of_a_year_count_together(book: books.Book) -> None:
    exact = evidenced(book, {1: 50_00})
    assert move(book, exact, "approve", "sara", "supervisor") == "approved"
    more = evidenced(book, {2: 1})
    assert _cause(move, book, more, "approve", "sara", "supervisor") == "write-off-above-limit"


def test_missing_evidence_stops_every_approval_and_is_named(book: books.Book) -> None:
    case_id = prepared(book, {1: 0}, "PRES")
    move(book, case_id, "add_evidence", "ana", content={"evidence": "collection_efforts"},
         file_sha256=file_of(book))  # fmt: skip
    for name, role in (("approve", "supervisor"), ("approve_first", "controller")):
        with pytest.raises(MoveRefusedError) as refused:
            move(book, case_id, name, "eva", role)
        assert refused.value.cause == "write-off-evidence-missing"
        assert refused.value.values["missing"] == ["legal_opinion"]
    wrong = {"content": {"evidence": "a_hunch"}, "file_sha256": file_of(book)}
    assert _cause(move, book, case_id, "add_evidence", "ana", **wrong) == "write-off-evidence-unknown"


def test_who_imports_the_cash_does_not_post_a_write_off(book: books.Book) -> None:
    books.postings.set_setting(book, "x", "y", who="eva")  # something else of hers: no cash
    case_id = evidenced(book, {2: 0})
    move(book, case_id, "approve", "sara", "supervisor")
    import_receipts_as(book, "bruno")
    before = ledger_hash(book)
    for written in ("bruno", "Bruno "):
        assert _cause(move, book, case_id, "post", written) == "write-off-by-importer"
    assert ledger_hash(book) == before
    assert books.read.case(book, case_id).state == "approved"
    assert move(book, case_id, "post", "eva") == "posted"


def test_a_write_off_enters_by_its_case_alone_and_of_debts_alone(book: books.Book) -> None:
    leg = application("op", 1, 60_00, kind="write_off", receipt_key=-1, effective_date="2026-11-03")
    assert _cause(books.postings.apply, book, legs(leg)) == "write-off-without-case"
    assert _cause(prepared, book, {5: 0}) == "write-off-more-than-open"  # a credit note is no debt
    assert _cause(prepared, book, {1: 100_01}) == "write-off-more-than-open"
    assert _cause(prepared, book, {1: 0, 4: 0}) == "write-off-of-several"  # two currencies
    assert _cause(prepared, book, {1: 0, 999: 0}) == "write-off-of-several"
    assert _cause(prepared, book, {1: 0}, "WHIM") == "write-off-reason-unknown"
    prepared(book, {1: 0})
    assert _cause(prepared, book, {1: 50_00}) == "write-off-in-preparation"


def test_a_write_off_takes_no_receipt_and_touches_no_credit(book: books.Book) -> None:
    bare = {"kind": "write_off", "effective_date": "2026-11-03"}
    for leg in (
        application("cash", 1, 60_00, **bare),  # against a receipt
        application("credit", 5, -20_00, receipt_key=-1, **bare),
        application("surplus", 1, -60_00, receipt_key=-1, **bare),
    ):
        with writing(book, "trial", who="eva") as posting:
            assert (
                _cause(enter_applications, posting, legs(leg), written_off_by="W") == "write-off-of-no-debt"
            )


def test_what_was_written_off_leaves_for_the_erp_against_its_own_account(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    case_id = posted(book, {1: 0})
    options = {"layout": "generic", "parameters": root / "parameters", "who": "ana", "on": TODAY}
    left = exports.export_postings(book, period=Period(2026, 11), out=tmp_path / "o", **options)  # type: ignore[arg-type]  # of each its own
    with Path(left.file).open(encoding="utf-8", newline="") as stream:
        told = [(row["account"], row["amount"], row["kind"]) for row in csv.DictReader(stream)]
    assert told == [("C1", "-100.00", "write_off"), ("13990501", "100.00", "write_off")]
    move(book, case_id, "recover_part", "eva", receipt_id="R1", content={"recovered": {"1": 60_00}})
    again = exports.export_postings(book, period=Period(2026, 11), out=tmp_path / "n", **options)  # type: ignore[arg-type]  # of each its own
    lines = again.planned.lines
    sums = lines[lines["account"].ne("customer")].groupby("account")["posting_amount"].sum()
    assert sums.to_dict() == {"cash": 60_00, "write_off": 40_00 - 100_00}
    assert lines["posting"].tolist()[0] == "reversal"  # the item opens again before it is cleared anew
    assert faults(book) == []


def test_a_layout_without_an_account_for_it_is_refused_once_a_write_off_leaves(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    shutil.copytree(root / "parameters", tmp_path / "parameters")
    layout = tmp_path / "parameters/exports/generic.yaml"
    told = layout.read_text(encoding="utf-8").splitlines(keepends=True)
    layout.write_text("".join(line for line in told if "write_off:" not in line), encoding="utf-8")
    posted(book, {1: 0})
    with pytest.raises(MappingError, match="write_off"):
        exports.export_postings(
            book, period=Period(2026, 11), out=tmp_path / "o", layout="generic", who="ana", on=TODAY,
            parameters=tmp_path / "parameters",
        )  # fmt: skip


def test_the_same_preparation_again_is_the_same_case(book: books.Book) -> None:
    assert prepared(book, {1: 0}) == prepared(book, {1: 0})
    assert len(books.read.cases(book)) == 1


def test_what_was_collected_since_the_approval_is_not_written_off(book: books.Book) -> None:
    case_id = evidenced(book, {2: 0})
    move(book, case_id, "approve", "sara", "supervisor")
    pay = application("op", 2, 10_00, effective_date="2026-11-02")
    books.postings.apply(book, legs(pay))
    assert _cause(move, book, case_id, "post", "eva") == "write-off-changed"
    assert open_now(book, 2) == 30_00


def test_a_write_off_dated_in_a_locked_period_is_refused(book: books.Book) -> None:
    case_id = evidenced(book, {2: 0})
    move(book, case_id, "approve", "sara", "supervisor")
    books.postings.close_through(book, "CO01", dt.date(2026, 11, 30))
    before = ledger_hash(book)
    assert _cause(move, book, case_id, "post", "eva") == "period-closed-posting"
    assert ledger_hash(book) == before
    assert move(book, case_id, "post", "eva", on=dt.date(2026, 12, 1)) == "posted"


def test_a_recovery_in_part_writes_the_rest_off_again_and_is_income(book: books.Book) -> None:
    case_id = posted(book, {1: 0})
    assert move(
        book, case_id, "recover_part", "eva", receipt_id="R1", content={"recovered": "1800001/2026/001=60.00"}
    ) == ("partly_recovered")
    legs_made = books.read.applications(book)
    standing = legs_made[~legs_made["application_id"].isin(books.read.reversals(book)["application_id"])]
    assert sorted(zip(standing["kind"], standing["applied_amount"], strict=True)) == [
        ("payment", 60_00), ("write_off", 40_00),
    ]  # fmt: skip
    assert open_now(book, 1) == 0
    assert account(book, POLICY.accounts.written_off_income) == {"COP": (-60_00, -60_00)}
    assert account(book, POLICY.accounts.impairment) == {"COP": (60_00, 60_00)}
    import_receipts(
        book, {"receipt_id": "R2", "received_amount": 40_00, "receipt_date": "2026-11-03"}, on=TODAY
    )
    assert move(book, case_id, "recover", "eva", receipt_id="R2") == "recovered"
    told = write_offs.given_up_items(
        books.read.cases(book), books.read.case_events(book), books.read.case_items(book)
    )
    assert told[["given_up_amount", "recovered_amount", "written_off_amount"]].iloc[0].tolist() == [
        100_00, 100_00, 0,
    ]  # fmt: skip
    assert open_now(book, 1) == 0
    assert faults(book) == []


def test_a_recovery_after_the_erp_has_cleared_the_write_off_leaves_nothing_open(book: books.Book) -> None:
    """The usual case: months have passed, the ERP has posted the write-off, and then the customer pays."""
    case_id = posted(book, {1: 0})
    cleared = {
        "document_number": "1800001", "document_date": "2026-01-01", "due_date": "2026-02-01",
        "open_amount": 0, "clearing_date": "2026-11-04", "clearing_document": "WB1", "cleared_amount": 100_00,
    }  # fmt: skip
    import_items(book, cleared, on=dt.date(2026, 11, 5))
    assert open_now(book, 1) == 0
    later = dt.date(2026, 11, 6)
    assert move(book, case_id, "recover_part", "eva", receipt_id="R1", content={"recovered": {"1": 60_00}},
                on=later) == "partly_recovered"  # fmt: skip
    assert open_now(book, 1) == 0
    standing = open_items(book, later).set_index("document_key")
    assert standing.loc[1, ["erp_open_amount", "pending_applications"]].tolist() == [0, 0]
    reopened = {**cleared, "open_amount": 100_00, "clearing_date": None, "clearing_document": "",
                "cleared_amount": 0, "has_open_amount": True}  # fmt: skip
    import_items(book, reopened, on=dt.date(2026, 11, 20))  # the ERP takes its clearing back first
    assert open_now(book, 1) == 0
    assert faults(book) == []


def test_a_recovery_is_never_more_than_was_given_up_nor_than_the_receipt_has(book: books.Book) -> None:
    case_id = posted(book, {2: 0})
    part = {"receipt_id": "R1", "content": {"recovered": {"2": 40_01}}}
    assert _cause(move, book, case_id, "recover_part", "eva", **part) == "recovery-too-much"
    whole = {"receipt_id": "R1", "content": {"recovered": {"2": 40_00}}}
    assert _cause(move, book, case_id, "recover_part", "eva", **whole) == "recovery-is-whole"
    short = {"receipt_id": "R1", "content": {"recovered": {"2": 1}}}
    assert _cause(move, book, case_id, "recover", "eva", **short) == "recovery-is-part"
    assert _cause(move, book, case_id, "recover", "eva", receipt_id="R7") == "recovery-without-receipt"
    wrong = {"receipt_id": "R1", "content": {"recovered": "1800002=many"}}
    assert _cause(move, book, case_id, "recover_part", "eva", **wrong) == "over-180-amounts-wrong"
    large = posted(book, {1: 0})
    before = ledger_hash(book)
    assert _cause(move, book, large, "recover", "eva", receipt_id="R1") == "receipt-over-applied"
    assert ledger_hash(book) == before  # the reversal inside the move went with it


def test_a_recovery_without_its_receipt_says_that_and_in_the_readers_words(book: books.Book) -> None:
    case_id = posted(book, {1: 0})
    with pytest.raises(MoveRefusedError) as refused:
        move(book, case_id, "recover", "eva")
    assert refused.value.cause == "case-move-lacks"
    assert "el recaudo con el que pagan (receipt)" in _told(refused.value, "es")
    assert "recaudo «»" not in _told(refused.value, "es")


def test_missing_evidence_is_told_in_words_with_what_is_typed(book: books.Book) -> None:
    case_id = prepared(book, {1: 0})
    with pytest.raises(MoveRefusedError) as refused:
        move(book, case_id, "approve", "eva")
    assert refused.value.cause == "write-off-evidence-missing"
    assert "gestiones de cobro (collection_efforts)" in _told(refused.value, "es")
    with pytest.raises(MoveRefusedError) as refused:
        move(book, case_id, "add_evidence", "ana", content={"evidence": "x"}, file_sha256="0" * 64)
    assert "(collection_efforts)" in _told(refused.value, "en")


def test_undone_the_debt_is_owed_again_and_the_case_says_so(book: books.Book) -> None:
    case_id = posted(book, {1: 0})
    assert _cause(move, book, case_id, "undo", "eva") == "case-move-lacks"
    assert move(book, case_id, "undo", "eva", reason="pagó por otra cuenta") == "undone"
    assert open_now(book, 1) == 100_00
    assert account(book, POLICY.accounts.written_off_income) == {}


def test_the_undo_of_applications_sends_to_the_case(book: books.Book) -> None:
    posted(book, {1: 0})
    one = books.read.applications(book)["application_id"].iloc[0]
    cause = _cause(undo.undo_applications, book, today=TODAY, application=one, who="eva")
    assert cause == "write-off-undo-by-case"
    assert open_now(book, 1) == 0


def test_the_undo_of_a_recoverys_cash_sends_to_the_case_and_leaves_its_income(book: books.Book) -> None:
    case_id = posted(book, {1: 0})
    move(book, case_id, "recover_part", "eva", receipt_id="R1", content={"recovered": {"1": 60_00}})
    before = ledger_hash(book)
    with pytest.raises(PostingRefusedError) as refused:
        undo.undo_applications(book, today=TODAY, receipt="R1", who="eva")
    assert (refused.value.cause, refused.value.values["case"]) == ("recovery-undo-by-case", case_id)
    assert ledger_hash(book) == before
    for lang in words.LANGUAGES:
        assert case_id in words.sentence("recovery-undo-by-case", refused.value.values, lang)


def test_a_returned_cheque_takes_cash_write_off_and_income_back_together(book: books.Book) -> None:
    case_id = posted(book, {1: 0})
    recovered = {"receipt_id": "R1", "content": {"recovered": {"1": 60_00}}}
    move(book, case_id, "recover_part", "eva", **recovered)
    assert _cause(move, book, case_id, "take_back_recovery", "eva") == "case-move-lacks"
    import_receipts_as(book, "bruno")
    said = {"reason": "cheque devuelto"}
    assert _cause(move, book, case_id, "take_back_recovery", "bruno", **said) == "write-off-by-importer"
    assert move(book, case_id, "take_back_recovery", "eva", **said) == "posted"
    legs_made = books.read.applications(book)
    standing = legs_made[~legs_made["application_id"].isin(books.read.reversals(book)["application_id"])]
    assert standing[["kind", "applied_amount"]].to_numpy().tolist() == [["write_off", 100_00]]
    assert open_now(book, 1) == 0
    assert account(book, POLICY.accounts.written_off_income) == {"COP": (0, 0)}
    assert account(book, POLICY.accounts.impairment) == {"COP": (0, 0)}
    told = write_offs.given_up_items(
        books.read.cases(book), books.read.case_events(book), books.read.case_items(book)
    )
    assert told[["recovered_amount", "written_off_amount"]].iloc[0].tolist() == [0, 100_00]
    assert faults(book) == []
    # The receipt is free again, and what holds is recovered anew; nothing is taken back twice.
    assert _cause(move, book, case_id, "take_back_recovery", "eva", reason="x") == "case-move-not-from-here"
    assert move(book, case_id, "recover_part", "eva", **recovered) == "partly_recovered"
    assert account(book, POLICY.accounts.written_off_income) == {"COP": (-60_00, -60_00)}
    assert move(book, case_id, "take_back_recovery", "eva", reason="otra vez") == "posted"
    assert account(book, POLICY.accounts.written_off_income) == {"COP": (0, 0)}
    assert move(book, case_id, "undo", "eva", reason="era un error") == "undone"
    assert open_now(book, 1) == 100_00
    assert faults(book) == []


def test_verify_names_a_write_off_that_no_case_stands_behind(book: books.Book) -> None:
    posted(book, {1: 0})
    assert faults(book) == []
    with writing(book, "trial", who="eva") as posting:  # behind the room's back: no case says so
        leg = application("op", 2, 10_00, kind="write_off", receipt_key=-1, effective_date="2026-11-03")
        enter_applications(posting, legs(leg), written_off_by="nobody")
    assert faults(book) == ["write-offs-approved: documents 2"]


def test_the_movement_of_a_month_is_what_left_the_ledger_less_what_came_back(book: books.Book) -> None:
    case_id = posted(book, {1: 0})
    move(book, case_id, "recover_part", "eva", receipt_id="R1", content={"recovered": {"1": 60_00}})
    facts = (books.read.applications(book), books.read.reversals(book), books.read.documents(book))
    told = write_offs.summarise_write_offs(
        *facts, first_day=dt.date(2026, 11, 1), last_day=dt.date(2026, 11, 30)
    )
    assert told[["written_off_amount", "taken_back_amount", "net_amount"]].iloc[0].tolist() == [
        140_00, 100_00, 40_00,
    ]  # fmt: skip
    october = {"first_day": dt.date(2026, 10, 1), "last_day": dt.date(2026, 10, 31)}
    assert write_offs.summarise_write_offs(*facts, **october).empty


def test_a_write_off_in_dollars_recovered_is_booked_at_the_rate_of_its_day(book: books.Book) -> None:
    case_id = posted(book, {4: 0})
    import_receipts(book, {"receipt_id": "U1", "currency": "USD", "received_amount": 30_00,
                           "receipt_date": "2026-11-03"}, on=TODAY)  # fmt: skip
    assert move(book, case_id, "recover", "eva", receipt_id="U1") == "recovered"
    assert account(book, POLICY.accounts.written_off_income) == {"USD": (-30_00, -120_000_00)}
