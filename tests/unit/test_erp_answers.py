"""The round trip: what left for the ERP, and what the next extracts answer to it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from book_world import START, Clock, application, faults, import_items, import_receipts, legs, new_book

from workbench import book as books
from workbench import exports
from workbench.book import read
from workbench.book.postings import apply, record_export, reverse
from workbench.calendar import Period
from workbench.errors import ParameterRefusedError, PostingRefusedError
from workbench.ledger import open_items_as_of

OCTOBER, NOVEMBER = Period.parse("2026-10"), Period.parse("2026-11")
LEFT = dt.date(2026, 11, 2)
CLOCK = Clock()


@pytest.fixture
def book(tmp_path: Path) -> books.Book:
    """Invoice 1 of 100.00 (document key 1), invoice 2 of 60.00, both paid by receipt R1 on 5 October."""
    CLOCK.now = START
    book = new_book(tmp_path, clock=CLOCK)
    import_items(
        book,
        {"document_number": "1"},
        {"document_number": "2", "original_amount": 60_00, "open_amount": 60_00},
    )
    import_receipts(book, {"received_amount": 160_00})
    apply(book, legs(application("op", 1, 100_00), application("op", 2, 60_00)))
    return book


def leave(
    book: books.Book, folder: Path, root: Path, period: Period = OCTOBER, on: dt.date = LEFT, **more: Any
) -> exports.Exported:
    CLOCK.now += dt.timedelta(hours=1)
    return exports.export_postings(
        book,
        period=period,
        layout="generic",
        out=folder / "out",
        on=on,
        parameters=root / "parameters",
        **more,
    )


def extract(book: books.Book, number: str, amount: int, left_open: int, on: dt.date, **cleared: Any) -> None:
    """What an extract of that day shows of one document."""
    CLOCK.now += dt.timedelta(hours=1)
    import_items(
        book, {"document_number": number, "original_amount": amount, "open_amount": left_open, **cleared},
        on=on, source=f"extract {on} {number} {left_open}",
    )  # fmt: skip


def states(
    book: books.Book, as_of: dt.date, known_at: dt.datetime | None = None
) -> dict[str, tuple[str, str]]:
    told = exports.answers(book, as_of=as_of, known_at=known_at).states
    return {
        f"{one}{'' if posting == 'application' else '!'}": (state, reason)
        for one, posting, state, reason in zip(
            told["application_id"], told["posting"], told["state"], told["reason"], strict=True
        )
    }


def owed(book: books.Book, as_of: dt.date, known_at: dt.datetime | None = None) -> tuple[int, int, int]:
    """Σ open, pending and what the ERP shows open."""
    names = ("documents", "observations", "clearings", "applications", "reversals")
    items = open_items_as_of(*(getattr(read, name)(book) for name in names), as_of=as_of, known_at=known_at)
    return tuple(
        int(items[name].sum()) for name in ("open_amount", "pending_applications", "erp_open_amount")
    )  # type: ignore[return-value]  # three


def test_what_is_applied_leaves_once_and_again_only_when_asked(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    first = leave(book, tmp_path, root)
    assert (first.status, first.documents, first.sums) == ("exported", 1, {"COP": 160_00})
    assert Path(first.file).is_file()
    second = leave(book, tmp_path, root)
    assert (second.status, second.file, second.sums) == ("nothing-new", "", {})
    again = leave(book, tmp_path, root, again=True)
    assert (again.sums, again.sha256) == (
        first.sums,
        first.sha256,
    )  # the same bytes: the same posting numbers
    assert read.erp_export_lines(book)["attempt"].tolist() == [1, 1, 2, 2]
    assert not faults(book)


def test_a_dry_run_writes_no_file_and_notes_nothing(book: books.Book, tmp_path: Path, root: Path) -> None:
    assert leave(book, tmp_path, root, dry_run=True).documents == 1
    assert not (tmp_path / "out").exists()
    assert read.erp_export_lines(book).empty


def test_two_exports_at_once_do_not_both_leave(book: books.Book, tmp_path: Path, root: Path) -> None:
    planned = leave(book, tmp_path, root, dry_run=True).planned
    told: dict[str, Any] = {
        "company": "",
        "period": "2026-10",
        "layout": "generic",
        "file": "a",
        "file_sha256": "b",
    }
    record_export(book, planned.lines, on=LEFT, **told)
    with pytest.raises(PostingRefusedError) as refused:
        record_export(book, planned.lines, on=LEFT, **told)
    assert refused.value.cause == "export-already-made"
    assert len(read.erp_export_lines(book)) == 2


def test_nothing_is_answered_until_an_extract_speaks_and_the_grace_has_its_last_day(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    assert set(states(book, LEFT).values()) == {("pending", "not-exported")}
    leave(book, tmp_path, root)
    assert set(states(book, LEFT).values()) == {("pending", "not-answered")}
    extract(book, "1", 100_00, 100_00, dt.date(2026, 11, 7))  # the fifth day: still early
    extract(book, "2", 60_00, 60_00, dt.date(2026, 11, 8))
    assert states(book, dt.date(2026, 11, 30)) == {
        "op/1": ("pending", "not-answered"), "op/2": ("contradicted", "still-open"),
    }  # fmt: skip


def test_a_clearing_of_that_amount_confirms_and_names_its_document(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    leave(book, tmp_path, root)
    extract(book, "1", 100_00, 0, dt.date(2026, 11, 4), has_open_amount=False,
            clearing_date="2026-11-03", clearing_document="C900")  # fmt: skip
    extract(book, "2", 60_00, 0, dt.date(2026, 11, 4))
    told = exports.answers(book, as_of=dt.date(2026, 11, 30))
    assert told.states["state"].tolist() == ["confirmed", "confirmed"]
    assert told.states["reason"].tolist() == ["cleared", "seen-cleared"]
    assert told.states["clearing_document"].tolist() == ["C900", ""]
    assert told.states["answered_amount"].tolist() == [100_00, 60_00]
    assert told.findings.empty
    assert owed(book, dt.date(2026, 11, 30)) == (0, 0, 0)
    # On the day before the clearing nothing had been answered, and the debt was what it was.
    assert states(book, dt.date(2026, 11, 2))["op/1"] == ("pending", "not-answered")
    assert owed(book, dt.date(2026, 11, 2)) == (0, 160_00, 160_00)


@pytest.mark.parametrize(
    ("cleared", "state", "difference"),
    [(40_00, ("contradicted", "other-amount"), 60_00), (100_00, ("confirmed", "cleared"), 0)],
)
def test_another_amount_contradicts_with_the_difference(
    book: books.Book, tmp_path: Path, root: Path, cleared: int, state: tuple[str, str], difference: int
) -> None:
    leave(book, tmp_path, root)
    extract(book, "1", 100_00, 0, dt.date(2026, 11, 4), has_open_amount=False, cleared_amount=cleared,
            clearing_date="2026-11-03", clearing_document="C900")  # fmt: skip
    told = exports.answers(book, as_of=dt.date(2026, 11, 30))
    row = told.states[told.states["application_id"] == "op/1"].iloc[0]
    assert (row["state"], row["reason"]) == state
    assert row["difference"] == difference
    assert told.findings["amount"].tolist() == ([difference] if difference else [])


def test_more_cleared_than_applied_is_a_contradiction_unless_others_explain_it(
    tmp_path: Path, root: Path
) -> None:
    CLOCK.now = START
    book = new_book(tmp_path, clock=CLOCK)
    import_items(book, {"document_number": "1"}, {"document_number": "2"})
    import_receipts(book, {"received_amount": 120_00})
    apply(book, legs(application("op", 1, 60_00), application("op", 2, 60_00)))
    leave(book, tmp_path, root)
    extract(book, "1", 100_00, 0, dt.date(2026, 11, 4))  # all of it, and nobody says by what
    for amount, number in ((60_00, "C1"), (40_00, "C2")):
        extract(book, "2", 100_00, 0, dt.date(2026, 11, 4), has_open_amount=False, cleared_amount=amount,
                clearing_date="2026-11-03", clearing_document=number)  # fmt: skip
    told = exports.answers(book, as_of=dt.date(2026, 11, 30))
    assert told.states["reason"].tolist() == ["cleared-more", "cleared"]
    assert told.states["answered_amount"].tolist() == [100_00, 60_00]
    assert told.states["difference"].tolist() == [-40_00, 0]
    assert told.findings["rule"].tolist() == ["posting-cleared-more"]


def test_an_item_that_the_erp_opens_again_contradicts_what_it_had_confirmed(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    leave(book, tmp_path, root)
    extract(book, "1", 100_00, 0, dt.date(2026, 11, 4))
    assert states(book, dt.date(2026, 11, 5))["op/1"] == ("confirmed", "seen-cleared")
    before = CLOCK.now
    extract(book, "1", 100_00, 100_00, dt.date(2026, 11, 6))
    assert states(book, dt.date(2026, 11, 6))["op/1"] == ("contradicted", "reopened")
    # What was known then, and what held then, stay as they were.
    assert states(book, dt.date(2026, 11, 6), known_at=before)["op/1"] == ("confirmed", "seen-cleared")
    assert states(book, dt.date(2026, 11, 5))["op/1"] == ("confirmed", "seen-cleared")


def test_an_old_extract_that_comes_late_answers_nothing_new(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    leave(book, tmp_path, root)
    extract(book, "1", 100_00, 0, dt.date(2026, 11, 10))
    extract(book, "1", 100_00, 100_00, dt.date(2026, 11, 1))
    assert states(book, dt.date(2026, 11, 30))["op/1"] == ("confirmed", "seen-cleared")
    assert owed(book, dt.date(2026, 11, 30)) == (0, 60_00, 60_00)


def test_what_is_reversed_before_it_leaves_never_leaves(book: books.Book, tmp_path: Path, root: Path) -> None:
    reverse(book, ["op/1"], effective_date=dt.date(2026, 10, 20), reason="error", operation_id="undo")
    assert leave(book, tmp_path, root).sums == {"COP": 60_00}
    assert leave(book, tmp_path, root, NOVEMBER).status == "nothing-new"


def test_a_reversal_leaves_after_its_application_and_is_confirmed_when_the_item_is_open_again(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    leave(book, tmp_path, root)
    extract(book, "1", 100_00, 0, dt.date(2026, 11, 4))
    reverse(book, ["op/1"], effective_date=dt.date(2026, 11, 5), reason="error", operation_id="undo")
    assert leave(book, tmp_path, root, OCTOBER).status == "nothing-new"  # it is of November
    back = leave(book, tmp_path, root, NOVEMBER, on=dt.date(2026, 11, 6))
    assert back.sums == {"COP": -100_00}
    assert back.planned.lines["posting_amount"].tolist() == [100_00, -100_00]
    assert leave(book, tmp_path, root, NOVEMBER).status == "nothing-new"
    assert states(book, dt.date(2026, 11, 30))["op/1!"] == ("pending", "not-answered")
    extract(book, "1", 100_00, 0, dt.date(2026, 11, 20))
    assert states(book, dt.date(2026, 11, 30))["op/1!"] == ("contradicted", "still-cleared")
    extract(book, "1", 100_00, 100_00, dt.date(2026, 11, 21))
    assert states(book, dt.date(2026, 11, 30))["op/1!"] == ("confirmed", "open-again")


def test_what_the_erp_cleared_by_itself_is_not_posted_twice(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    extract(book, "1", 100_00, 0, dt.date(2026, 11, 1))
    left = leave(book, tmp_path, root)
    assert left.status == "nothing-new"
    assert left.planned.findings["rule"].tolist() == ["posting-already-cleared"]


def test_an_application_of_an_earlier_month_that_never_left_leaves_with_a_note(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    left = leave(book, tmp_path, root, NOVEMBER)
    assert left.sums == {"COP": 160_00}
    assert left.planned.findings["rule"].tolist() == ["posting-of-earlier-period"]
    assert left.planned.lines["posting_date"].dt.strftime("%Y-%m-%d").unique().tolist() == ["2026-10-05"]


def test_a_payment_on_account_is_confirmed_by_the_item_that_carries_its_number(
    tmp_path: Path, root: Path
) -> None:
    CLOCK.now = START
    book = new_book(tmp_path, clock=CLOCK)
    import_receipts(book, {"received_amount": 70_00})
    apply(book, legs(application("ant", -1, 70_00, kind="on_account")))
    left = leave(book, tmp_path, root)
    number = left.planned.lines["erp_document"].iloc[0]
    assert left.planned.lines["posting_amount"].tolist() == [-70_00, 70_00]
    assert states(book, LEFT) == {"ant/-1": ("pending", "not-answered")}
    extract(book, "DZ1", -70_00, -70_00, dt.date(2026, 11, 4), reference=number, document_kind="payment",
            document_date="2026-11-03")  # fmt: skip
    assert states(book, dt.date(2026, 11, 30)) == {"ant/-1": ("confirmed", "booked")}


def test_a_long_receipt_is_cut_into_documents_that_each_balance(tmp_path: Path, root: Path) -> None:
    book = new_book(tmp_path)
    import_items(book, *({"document_number": str(n)} for n in range(1, 8)))
    import_receipts(book, {"received_amount": 700_00})
    apply(book, legs(*(application("op", n, 100_00) for n in range(1, 8))))
    for name in ("generic.yaml",):
        text = (root / "parameters/exports" / name).read_text(encoding="utf-8")
        (tmp_path / "exports").mkdir()
        (tmp_path / "exports" / name).write_text(text.replace("largest_document: 900", "largest_document: 3"))
    left = exports.export_postings(
        book, period=OCTOBER, layout="generic", out=tmp_path / "out", on=LEFT, parameters=tmp_path
    )
    by_document = left.planned.lines.groupby("erp_document")["posting_amount"]
    assert sorted(by_document.size().tolist()) == [2, 4, 4]
    assert by_document.sum().tolist() == [0, 0, 0]


def test_an_unknown_layout_is_refused_before_anything(book: books.Book, tmp_path: Path, root: Path) -> None:
    with pytest.raises(ParameterRefusedError) as refused:
        exports.export_postings(
            book, period=OCTOBER, layout="sap", out=tmp_path, on=LEFT, parameters=root / "parameters"
        )
    assert refused.value.values["known"] == "generic, sap_clearing"


def test_every_reason_of_a_contradiction_has_words() -> None:
    from workbench import words

    for reason in ("other-amount", "cleared-more", "still-open", "reopened", "still-cleared"):
        assert words.has_words(f"rules.posting-{reason}", "es"), reason
    for reason in ("special-ledger", "not-seen-since", "unknown"):
        assert words.has_words(f"rules.control-account-{reason}", "en"), reason


def test_no_export_at_all_gives_states_with_their_columns(tmp_path: Path) -> None:
    told = exports.answers(new_book(tmp_path), as_of=LEFT)
    assert told.states.empty
    assert isinstance(told.states["export_date"].dtype, type(pd.Timestamp(0).to_numpy().dtype))


def test_a_clearing_that_the_erp_took_back_confirms_nothing(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    leave(book, tmp_path, root)
    extract(book, "1", 100_00, 0, dt.date(2026, 11, 4), has_open_amount=False,
            clearing_date="2026-11-03", clearing_document="C900")  # fmt: skip
    extract(book, "1", 100_00, 100_00, dt.date(2026, 11, 9))
    assert states(book, dt.date(2026, 11, 30))["op/1"] == ("contradicted", "still-open")


def test_a_clearing_from_before_the_application_is_no_answer_to_it(tmp_path: Path, root: Path) -> None:
    CLOCK.now = START
    book = new_book(tmp_path, clock=CLOCK)
    import_items(book, {"clearing_date": "2026-10-01", "clearing_document": "OLD", "cleared_amount": 40_00,
                        "has_open_amount": False})  # fmt: skip
    import_receipts(book, {"received_amount": 40_00})
    apply(book, legs(application("op", 1, 40_00)))
    leave(book, tmp_path, root)
    extract(book, "1800001", 100_00, 0, dt.date(2026, 11, 4))
    told = exports.answers(book, as_of=dt.date(2026, 11, 30)).states
    assert told["clearing_document"].tolist() == [""]
    assert told["reason"].tolist() == ["cleared-more"]


def test_both_databases_note_what_left_and_answer_alike(tmp_path: Path, root: Path, database: str) -> None:
    CLOCK.now = START
    book = new_book(tmp_path, database=database, clock=CLOCK)
    import_items(book, {"document_number": "1"})
    import_receipts(book, {})
    apply(book, legs(application("op", 1, 100_00)))
    left = leave(book, tmp_path, root)
    line = read.erp_export_lines(book).iloc[0]
    assert (line["application_id"], line["exported_amount"], line["currency"]) == ("op/1", 100_00, "COP")
    assert (line["export_date"].date(), line["file_sha256"]) == (LEFT, left.sha256)
    assert leave(book, tmp_path, root).status == "nothing-new"
    extract(book, "1", 100_00, 0, dt.date(2026, 11, 4))
    assert states(book, dt.date(2026, 11, 30)) == {"op/1": ("confirmed", "seen-cleared")}
    assert not faults(book)
