"""Money on account pays documents later: given up and paid in one operation, once, and taken back whole."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml
from book_world import application, faults, import_items, import_receipts, legs, made_once, new_book
from deciding_world import FIRST, TODAY, bring_back, fill, open_now, unapplied_now

from workbench import book as books
from workbench import credit_notes, deciding_notes, decisions, exports, ledger
from workbench.book import postings
from workbench.calendar import Period
from workbench.decisions import SHEET_COLUMNS
from workbench.errors import PostingRefusedError
from workbench.undo import undo_applications
from workbench.views import decision_sheet

LAST = dt.date(2026, 10, 31)
PUT = {"kind": "on_account", "evidence": '{"on_account_of":"C1"}'}


@made_once
def filled(folder: Path, database: str = "sqlite") -> books.Book:
    """40.00 of R1 on account of C1, who owes 40.00 and 25.00; C2 owes 40.00."""
    book = new_book(folder, database=database)
    import_receipts(book, {"receipt_id": "R1", "received_amount": 40_00, "customer_id": "C1"})
    for number, amount, customer in (("1001", 40_00, "C1"), ("1002", 25_00, "C1"), ("2001", 40_00, "C2")):
        import_items(book, {"document_number": number, "original_amount": amount, "open_amount": amount,
                            "customer_id": customer})  # fmt: skip
    postings.apply(book, legs(application("o0", -1, 40_00, **PUT)))
    return book


@pytest.fixture
def book(tmp_path: Path, database: str) -> books.Book:
    return filled(tmp_path, database)


def with_credits(book: books.Book, day: dt.date) -> pd.DataFrame:
    read = books.read
    names = ("documents", "observations", "clearings", "applications", "reversals")
    documents, *facts = (getattr(read, name)(book) for name in names)
    items = ledger.open_items_as_of(documents, *facts, as_of=day)
    return ledger.with_credits_on_account(
        items, documents, read.receipts(book), *facts[2:], read.erp_export_lines(book), as_of=day
    )


def owed(book: books.Book) -> list[int]:
    items = with_credits(book, TODAY)
    return sorted(amount for amount in items["open_amount"] if amount)


def with_limit(root: Path, folder: Path, limit: str) -> Path:
    shutil.copytree(root / "parameters", folder / "parameters")
    path = folder / "parameters" / "policy.yaml"
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    told["matching"]["approval"] = {"COP": limit}
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    return folder / "parameters"


def sheet(book: books.Book, path: Path, said: dict[str, object], place: int = 0) -> Path:
    matched = credit_notes.match_credit_notes(open_now(book), as_of=LAST)
    items = with_credits(book, TODAY)
    known = books.read.decisions(book)
    suggested, left = credit_notes.with_money_on_account(
        matched.suggested, matched.unapplied, items, decisions=known, as_of=LAST
    )
    offered = decisions.offer_set_offs(suggested, left, items)
    decision_sheet.write_decision_sheet(
        path, offered.assign(rule_words=offered["rule"]), company="CO01", period="2026-10", as_of=LAST
    )
    return fill(path, {place: dict(said)})


def cash(book: books.Book) -> list[tuple[int, str, int]]:
    gone = books.read.reversals(book)["application_id"]
    own = books.read.applications(book)
    own = own[~own["application_id"].isin(gone)]
    names = ("document_key", "kind", "applied_amount")
    return sorted(zip(*(own[name].tolist() for name in names), strict=True))


def test_it_is_proposed_for_its_own_customer_and_pays_with_both_legs(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    result = bring_back(book, sheet(book, tmp_path / "s.xlsx", {"decision": "Aceptar"}), root)
    assert (result.rows_stored, result.findings["rule"].tolist()) == (1, [])
    assert cash(book) == [(-1, "on_account", -40_00), (-1, "on_account", 40_00), (1, "payment", 40_00)]
    assert owed(book) == [25_00, 40_00]
    assert unapplied_now(book)["unapplied_amount"].tolist() == [0]
    assert bring_back(book, tmp_path / "s.xlsx", root).rows_stored == 0, "twice is once"
    assert faults(book) == []


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"decision": "Dividir", "decided_documents": "2001", "decided_amounts": "40"},
         "credit-decision-other-account"),
        ({"decision": "Dividir", "decided_documents": "1001; 1002", "decided_amounts": "40; 5"},
         "credit-decision-over-note"),
    ],
)  # fmt: skip
def test_it_is_nobody_elses_and_no_more_than_there_is(
    book: books.Book, tmp_path: Path, root: Path, said: dict[str, object], rule: str
) -> None:
    result = bring_back(book, sheet(book, tmp_path / "s.xlsx", said), root)
    assert result.findings["rule"].tolist() == [rule]
    assert cash(book) == [(-1, "on_account", 40_00)]


def test_a_part_leaves_the_rest_on_account_and_undone_it_is_all_there_again(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    part = {"decision": "Dividir", "decided_documents": "1002", "decided_amounts": "25"}
    assert bring_back(book, sheet(book, tmp_path / "s.xlsx", part), root).rows_stored == 1
    assert owed(book) == [-15_00, 40_00, 40_00]
    paid = books.read.applications(book).set_index("document_key").loc[2, "application_id"]
    undo_applications(book, today=TODAY, application=str(paid), who="ana")
    assert owed(book) == [-40_00, 25_00, 40_00, 40_00]
    again = sheet(book, tmp_path / "t.xlsx", part)
    assert bring_back(book, again, root).rows_stored == 1, "after an undo it is another decision"
    first = books.read.applications(book)
    put = first.loc[(first["applied_amount"] == 40_00) & (first["document_key"] < 0), "application_id"].iloc[
        0
    ]
    with pytest.raises(PostingRefusedError) as refused:
        postings.reverse(book, [put], effective_date=TODAY, reason="", operation_id="u1")
    assert refused.value.cause == "on-account-over-applied"
    undo_applications(book, today=TODAY, application=str(put), who="ana")
    assert unapplied_now(book)["unapplied_amount"].tolist() == [40_00]
    assert faults(book) == []


def test_more_than_stands_on_account_is_refused_under_the_lock(book: books.Book) -> None:
    given = application("o1", -1, -41_00, **PUT)
    with pytest.raises(PostingRefusedError) as refused:
        postings.apply(book, legs(given, application("o1", 1, 40_00), application("o1", 2, 1_00)))
    assert refused.value.cause == "on-account-over-applied"


def test_above_the_limit_another_person_says_yes_and_both_legs_leave_for_the_erp(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    parameters = with_limit(root, tmp_path, "10")
    path = sheet(book, tmp_path / "s.xlsx", {"decision": "Aceptar"})
    assert bring_back(book, path, root, parameters=parameters).findings["rule"].tolist() == [
        "credit-decision-needs-approval"
    ]
    (asked,) = deciding_notes.requests_to_json(book)
    assert (asked["amount"], asked["currency"], asked["customer_id"]) == ("40.00", "COP", "C1")
    deciding_notes.answer_request(book, str(asked["request"]), approved=True, who="luis", today=TODAY)
    assert (1, "payment", 40_00) in cash(book)
    made = exports.export_postings(
        book, period=Period(2026, 11), layout="generic", out=tmp_path / "o", on=dt.date(2026, 11, 30),
        parameters=root / "parameters",
    )  # fmt: skip
    lines = made.planned.lines
    assert set(lines["customer_id"]) == {"C1"}
    sums = lines.groupby("erp_document")["posting_amount"].sum()
    assert (sums == 0).all()
    assert lines.loc[lines["account"] == "cash", "posting_amount"].sum() == 40_00, "the bank is moved once"
    assert faults(book) == []


def test_while_the_erp_has_booked_only_the_credit_the_customers_balance_stays_what_it_is(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    made = exports.export_postings(
        book, period=Period(2026, 10), layout="generic", out=tmp_path / "o", on=LAST,
        parameters=root / "parameters",
    )  # fmt: skip
    number = made.planned.lines["erp_document"].iat[0]
    assert bring_back(book, sheet(book, tmp_path / "s.xlsx", {"decision": "Aceptar"}), root).rows_stored == 1
    before = with_credits(book, TODAY).groupby("customer_id")["open_amount"].sum().to_dict()
    import_items(book, {"document_number": "14001", "original_amount": -40_00, "open_amount": -40_00,
                        "document_kind": "payment", "reference": number, "customer_id": "C1",
                        "document_date": "2026-10-20"})  # fmt: skip
    after = with_credits(book, TODAY).groupby("customer_id")["open_amount"].sum().to_dict()
    assert after == before == {"C1": 25_00, "C2": 40_00}


def test_what_is_to_be_given_back_pays_nothing(book: books.Book, tmp_path: Path, root: Path) -> None:
    assert bring_back(book, sheet(book, tmp_path / "s.xlsx", {"decision": "Devolver"}), root).rows_stored == 1
    result = bring_back(book, sheet(book, tmp_path / "t.xlsx", {"decision": "Dividir",
                        "decided_documents": "1001", "decided_amounts": "40"}), root)  # fmt: skip
    assert result.findings["rule"].tolist() == ["credit-decision-promised"]
    assert cash(book) == [(-1, "on_account", 40_00)]


def test_the_sheet_names_the_receipt(book: books.Book, tmp_path: Path) -> None:
    import openpyxl

    rows = openpyxl.load_workbook(sheet(book, tmp_path / "s.xlsx", {})).active
    assert rows is not None
    at = {name: SHEET_COLUMNS.index(name) + 1 for name in ("receipt_id", "unapplied_amount")}
    assert [rows.cell(FIRST, place).value for place in at.values()] == ["R1", -40]
