"""Undo: what was applied is taken back by reversals, whole, in an open period; the ledger is as before."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from book_world import application, faults, ledger_hash, legs
from deciding_world import TODAY, bring_back, fill, make_book, open_now, unapplied_now, write_sheet

from workbench import book as books
from workbench import cli, exports, ledger
from workbench.book.postings import apply, close_through, record_run
from workbench.calendar import Period
from workbench.errors import ParameterRefusedError, PeriodClosedError
from workbench.undo import Undone, undo_applications


@pytest.fixture
def book(tmp_path: Path, database: str) -> books.Book:
    return make_book(tmp_path, database)


def undo(book: books.Book, **what: Any) -> Undone:
    return undo_applications(book, today=TODAY, who="ana", **what)


def test_a_receipt_undone_leaves_everything_as_before(book: books.Book) -> None:
    items, cash = open_now(book), unapplied_now(book)
    apply(book, legs(application("op", 1, 60_00), application("op", 2, 40_00)))
    undone = undo(book, receipt="R1", reason="cliente equivocado")
    assert undone.to_json() | {"applications": []} == {
        "applications": [], "receipts": 1, "documents": 2, "effective_date": "2026-11-03",
        "sums": {"COP": "100.00"}, "exported": 0,
    }  # fmt: skip
    pd.testing.assert_frame_equal(open_now(book), items)
    pd.testing.assert_frame_equal(unapplied_now(book), cash)
    assert faults(book) == []
    with pytest.raises(ParameterRefusedError) as again:
        undo(book, receipt="R1")
    assert again.value.cause == "undo-nothing"


def test_one_application_is_undone_alone(book: books.Book) -> None:
    apply(book, legs(application("op", 1, 60_00), application("op", 2, 40_00)))
    undo(book, application="op/2")
    assert books.read.reversals(book)["application_id"].tolist() == ["op/2"]


def test_what_was_not_received_goes_with_the_cash_that_settled_it(book: books.Book) -> None:
    apply(book, legs(application("op", 1, 97_00),
                     application("op", 1, 3_00, kind="withholding", application_id="op/w")))  # fmt: skip
    undo(book, application="op/1")
    assert sorted(books.read.reversals(book)["application_id"]) == ["op/1", "op/w"]


def test_both_legs_of_a_credit_note_are_undone_together(book: books.Book) -> None:
    note = {"receipt_key": -1, "kind": "credit_note"}
    apply(book, legs(application("nc", 1, 20_00, receipt_key=-1), application("nc", 4, -20_00, **note)))
    items = open_now(book)
    assert items.set_index("document_key").loc[[1, 4], "open_amount"].tolist() == [80_00, 0]
    undo(book, application="nc/4")
    assert sorted(books.read.reversals(book)["application_id"]) == ["nc/1", "nc/4"]


def test_a_run_is_undone_whole_and_its_neighbour_stays(book: books.Book) -> None:
    items = open_now(book)
    apply(book, legs(application("a", 1, 60_00), application("b", 2, 40_00)), step_key="matching/1")
    record_run(book, {"run_id": "RUN1", "notebook": "payment_matching", "step_key": "matching/1"})
    record_run(book, {"run_id": "RUN2", "notebook": "aging_review"})
    undone = undo(book, run="RUN1")
    assert len(undone.applications) == 2
    pd.testing.assert_frame_equal(open_now(book), items)
    for run, cause in (("RUN1", "undo-nothing"), ("RUN2", "undo-nothing"), ("RUN3", "undo-unknown")):
        with pytest.raises(ParameterRefusedError) as refused:
            undo(book, run=run)
        assert refused.value.cause == cause


def test_a_closed_period_refuses_and_names_the_first_open_day(book: books.Book) -> None:
    apply(book, legs(application("op", 1, 60_00)))
    close_through(book, "", dt.date(2026, 11, 30))
    before = ledger_hash(book)
    with pytest.raises(PeriodClosedError) as refused:
        undo(book, receipt="R1", date=dt.date(2026, 10, 6))
    assert refused.value.cause == "undo-in-closed-period"
    assert refused.value.values["open_from"] == "2026-12-01"
    assert ledger_hash(book) == before
    october = dt.date(2026, 10, 31)
    assert undo(book, receipt="R1").effective_date == dt.date(
        2026, 12, 1
    )  # without a day: the first open one
    facts = (getattr(books.read, name)(book) for name in
             ("documents", "observations", "clearings", "applications", "reversals"))  # fmt: skip
    then = ledger.open_items_as_of(*facts, as_of=october)
    assert then.set_index("document_key").at[1, "open_amount"] == 40_00  # what was reported stays


def test_what_left_for_the_erp_leaves_again_as_its_reversal(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    apply(book, legs(application("op", 1, 60_00)))
    options: dict[str, Any] = {"layout": "generic", "parameters": root / "parameters", "who": "ana"}
    exports.export_postings(book, period=Period(2026, 10), out=tmp_path / "o", on=TODAY, **options)
    assert undo(book, receipt="R1").exported == 1
    exports.export_postings(book, period=Period(2026, 11), out=tmp_path / "n", on=TODAY, **options)
    assert books.read.erp_export_lines(book)["posting"].tolist() == ["application", "reversal"]


def test_a_decision_undone_can_be_made_again(book: books.Book, tmp_path: Path, root: Path) -> None:
    sheet = fill(write_sheet(book, tmp_path / "s.xlsx"), {0: {"decision": "Aceptar"}})
    assert bring_back(book, sheet, root).status == "accepted"
    undo(book, receipt="R1")
    again = fill(
        write_sheet(book, tmp_path / "t.xlsx"), {0: {"decision": "Aceptar", "decided_reason": "sí era"}}
    )
    assert bring_back(book, again, root).rows_stored == 1
    assert unapplied_now(book)["unapplied_amount"].tolist() == [0, 40_00]
    assert faults(book) == []


def test_the_command_answers_in_json_and_by_its_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = make_book(tmp_path)
    apply(book, legs(application("op", 1, 60_00)))

    def run(*arguments: str) -> tuple[int, Any]:
        code = cli.main([*arguments, "--book", book.url, "--json"])
        told = capsys.readouterr().out
        return code, json.loads(told) if told else None

    code, told = run("undo", "--receipt", "R1", "--reason", "error")
    assert (code, told["applications"], told["sums"]) == (0, ["op/1"], {"COP": "60.00"})
    assert run("undo", "--receipt", "R1")[0] == 2
    assert run("undo")[0] == 2
    assert run("undo", "--receipt", "R1", "--run", "X")[0] == 2
    assert run("approve") == (0, [])
    assert run("approve", "--request", "nope")[0] == 2
    assert books.read.reversals(book)["reason"].tolist() == ["error"]
