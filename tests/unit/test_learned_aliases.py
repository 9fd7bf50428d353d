"""What decisions teach of who pays: candidates with their evidence, and how often an alias was right."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from book_world import CUSTOMER, Clock, faults, import_items, import_receipts, import_rows, new_book
from deciding_world import bring_back, fill, offered

from workbench import book as books
from workbench import deciding, decisions, undo
from workbench.applications import APPLIED
from workbench.book import read
from workbench.matching.learned_aliases import alias_candidates, counted_aliases, taught_by_decisions
from workbench.policy import LearningPolicy
from workbench.tables import ALIAS_EVIDENCE, ALIASES, APPLICATIONS, RECEIPTS, REVERSALS
from workbench.views import decision_sheet

NOTHING = (APPLICATIONS.empty(), REVERSALS.empty())
FIRST = pd.Timestamp("2026-10-05")


def evidence(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {"decision_id": "d1", "receipt_key": 1, "company_id": "CO01", "kind": "text",
             "pattern": "PAGOS NORTE", "customer_id": "C1", "found_in": "name", "receipt_date": FIRST,
             "who": "ana", "recorded_at": pd.Timestamp("2026-11-01", tz="UTC")}  # fmt: skip
    return ALIAS_EVIDENCE.conform(pd.DataFrame([{**usual, **row} for row in rows], columns=list(usual)))


def alias(**change: Any) -> pd.DataFrame:
    usual = {"company_id": "CO01", "kind": "text", "pattern": "PAGOS NORTE", "customer_id": "C1",
             "valid_from": pd.NaT, "valid_through": pd.NaT, "approved_by": "Beatriz", "decided": 0,
             "confirmed": 0, "recorded_at": pd.Timestamp("2026-01-01", tz="UTC")}  # fmt: skip
    return ALIASES.conform(pd.DataFrame([{**usual, **change}]))


def counts(aliases: pd.DataFrame, told: pd.DataFrame, **known: Any) -> tuple[int, int]:
    counted = counted_aliases(aliases, told, *NOTHING, **known)
    return int(counted["decided"].iloc[0]), int(counted["confirmed"].iloc[0])


def test_a_decision_on_anothers_receipt_speaks_against_the_alias() -> None:
    told = evidence({}, {"decision_id": "d2"}, {"decision_id": "d3", "customer_id": "C2"})
    assert counts(alias(), told) == (3, 2)
    assert counts(alias(customer_id="C2"), told) == (3, 1)
    assert counts(alias(company_id="CO02"), told) == (0, 0)


def test_words_count_where_they_stand_together_and_only_on_the_aliases_days() -> None:
    told = evidence(
        {"pattern": "ABONO PAGOS NORTE SAS"},
        {"decision_id": "d2", "pattern": "PAGOS DEL NORTE"},
        {"decision_id": "d3", "receipt_date": pd.Timestamp("2026-10-06")},
    )
    assert counts(alias(), told) == (2, 2)
    assert counts(alias(valid_through=FIRST), told) == (1, 1)
    assert counts(alias(valid_from=FIRST + pd.Timedelta(days=1)), told) == (1, 1)


def test_a_relation_is_counted_by_who_paid_and_for_whom() -> None:
    told = evidence(
        {"kind": "customer", "pattern": "C9", "found_in": "payer"},
        {"kind": "customer", "pattern": "C9", "found_in": "payer", "customer_id": "C2"},
    )
    assert counts(alias(kind="customer", pattern="C9"), told) == (1, 1)
    found = alias_candidates(told, ALIASES.empty(), *NOTHING)
    assert found[["customer_id", "decided", "confirmed"]].to_numpy().tolist() == [["C1", 1, 1], ["C2", 1, 1]]


def test_learning_twice_is_learning_once_and_what_is_later_teaches_nothing() -> None:
    late = pd.Timestamp("2026-11-05", tz="UTC")
    told = evidence({}, {"decision_id": "d2", "recorded_at": late})
    twice = pd.concat([told, told.iloc[::-1]])
    assert counts(alias(), twice) == (2, 2)
    assert counts(alias(), twice, known_at=late - pd.Timedelta(seconds=1)) == (1, 1)
    shuffled = alias_candidates(twice.sample(frac=1, random_state=3), ALIASES.empty(), *NOTHING)
    assert shuffled.equals(alias_candidates(told, ALIASES.empty(), *NOTHING))


def test_words_of_two_customers_are_shown_for_both_and_what_is_approved_is_no_candidate() -> None:
    told = evidence({}, {"decision_id": "d2", "customer_id": "C2"}, {"decision_id": "d3"})
    found = alias_candidates(told, ALIASES.empty(), *NOTHING)
    rows = found[["customer_id", "decided", "confirmed", "approved_by"]].to_numpy().tolist()
    assert rows == [["C1", 3, 2, ""], ["C2", 3, 1, ""]]
    assert alias_candidates(told, alias(), *NOTHING)["customer_id"].tolist() == ["C2"]


def test_the_text_is_a_candidate_only_where_the_bank_gives_no_name() -> None:
    told = evidence(
        {}, {"found_in": "text", "pattern": "TRANSFERENCIA"},
        {"decision_id": "d2", "found_in": "text", "pattern": "ABONO COMERCIAL SUR"},
    )  # fmt: skip
    found = alias_candidates(told, ALIASES.empty(), *NOTHING)
    assert sorted(found["pattern"]) == ["ABONO COMERCIAL SUR", "PAGOS NORTE"]


def test_nothing_is_taught_where_a_fact_names_another_payer_but_the_relation_is() -> None:
    receipt = {"receipt_key": 1, "company_id": "CO01", "receipt_date": FIRST, "payer_name": "Casa Matriz",
               "text": "PAGO", "customer_id": "C9", "receipt_id": "R1", "account_id": "", "currency": "COP",
               "received_amount": 1, "payer_tax_id": "", "payer_account": "",
               "recorded_at": pd.Timestamp(0, tz="UTC")}  # fmt: skip
    leg = {**dict.fromkeys(APPLIED.columns, ""), "operation": "decision:d1", "receipt_key": 1,
           "document_key": 5, "customer_id": "C1", "applied_amount": 1, "effective_date": FIRST,
           "erp_open_amount": 0}  # fmt: skip
    receipts = RECEIPTS.conform(pd.DataFrame([receipt]))
    taught = taught_by_decisions(pd.DataFrame([leg]), receipts)
    assert taught[["kind", "pattern", "customer_id"]].to_numpy().tolist() == [["customer", "C9", "C1"]]
    on_account = taught_by_decisions(pd.DataFrame([{**leg, "document_key": -1}]), receipts)
    assert on_account.empty
    unknown = taught_by_decisions(pd.DataFrame([leg]), receipts.assign(customer_id=""))
    assert unknown[["found_in", "pattern"]].to_numpy().tolist() == [["name", "CASA MATRIZ"], ["text", "PAGO"]]


def test_words_that_a_number_parts_are_not_learned_as_if_they_stood_together() -> None:
    told = evidence({"found_in": "text", "pattern": "PAGO 999 ACME"})
    assert counts(alias(pattern="PAGO ACME"), told) == (0, 0)
    assert alias_candidates(told, ALIASES.empty(), *NOTHING)["pattern"].tolist() == ["ACME"]
    longer = evidence({"found_in": "text", "pattern": "ABONO COMERCIAL SUR 77 PSE 3 NIT"})
    found = alias_candidates(longer, ALIASES.empty(), *NOTHING)
    assert found["pattern"].tolist() == ["ABONO COMERCIAL SUR"]


@pytest.fixture
def book(tmp_path: Path, database: str) -> books.Book:
    book = new_book(tmp_path, database=database, clock=Clock())
    import_rows(book, "customers", CUSTOMER, {"customer_id": "C1", "customer_name": "Comercial Uno"})
    for number, amount in (("1800001", 100_00), ("1800002", 70_00), ("1800003", 30_00)):
        import_items(book, {"document_number": number, "original_amount": amount, "open_amount": amount})
    import_receipts(
        book,
        {"customer_id": "", "payer_name": "Pagos del Norte", "text": "ABONO 77"},
        {"receipt_id": "R2", "received_amount": 40_00, "customer_id": "", "payer_name": "Otro Pagador"},
    )
    return book


def sheet_of(book: books.Book, path: Path) -> Path:
    frame = offered(book)
    decision_sheet.write_decision_sheet(
        path, frame.assign(rule_words=frame["rule"]), company="CO01", period="2026-10",
        as_of=dt.date(2026, 10, 31),
    )  # fmt: skip
    return path


def learned(book: books.Book) -> pd.DataFrame:
    facts = (read.alias_evidence(book), read.aliases(book), read.applications(book), read.reversals(book))
    return alias_candidates(*facts)


def test_a_decision_in_the_book_is_kept_with_what_it_teaches_and_undone_it_teaches_nothing(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    sheet = fill(
        sheet_of(book, tmp_path / "s.xlsx"),
        {0: {"decision": "Aceptar"}, 3: {"decision": "A cuenta", "decided_documents": "C1"}},
    )
    assert bring_back(book, sheet, root).status == "accepted"
    assert bring_back(book, sheet, root).status == "duplicate"
    found = learned(book)
    assert found[["pattern", "customer_id", "decided", "confirmed", "deciders"]].to_numpy().tolist() == [
        ["PAGOS DEL NORTE", "C1", 1, 1, "ana"]
    ]
    told = read.alias_evidence(book)
    assert set(told["decision_id"]) <= set(read.decisions(book)["decision_id"])
    before = read.decisions(book)["recorded_at"].min() - pd.Timedelta(seconds=1)
    assert read.alias_evidence(book, known_at=before.to_pydatetime()).empty
    undo.undo_applications(book, receipt="R1", today=dt.date(2026, 11, 4), reason="otro cliente", who="ana")
    assert learned(book).empty
    assert faults(book) == []


def test_a_decision_that_waits_for_a_second_person_teaches_when_it_is_approved(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    parameters = tmp_path / "parameters"
    shutil.copytree(root / "parameters", parameters)
    policy = parameters / "policy.yaml"
    policy.write_text(policy.read_text().replace("approval: {}", 'approval: {COP: "50"}'))
    sheet = fill(sheet_of(book, tmp_path / "s.xlsx"), {0: {"decision": "Aceptar"}})
    bring_back(book, sheet, root, parameters=parameters)
    assert read.alias_evidence(book).empty
    (request,) = deciding.open_requests(book)["decision_id"]
    deciding.answer_request(book, request, approved=True, who="beatriz", today=dt.date(2026, 11, 4))
    assert learned(book)[["pattern", "deciders"]].to_numpy().tolist() == [["PAGOS DEL NORTE", "beatriz"]]
    assert decisions.applied.RULE == "decided"  # by which a person's application is known


@pytest.mark.parametrize(
    "words", ["PAGO", "TRANSFERENCIA BANCOLOMBIA", "CONSIGNACION NACIONAL EFECTIVO", "NIT", "ABONO CTA 7 PSE"]
)
def test_what_a_bank_writes_of_anybody_is_offered_to_nobody(words: str) -> None:
    told = evidence({"found_in": "text", "pattern": words}, {"decision_id": "d2", "pattern": words})
    assert alias_candidates(told, ALIASES.empty(), *NOTHING).empty


def test_a_word_of_several_customers_teaches_nothing_beside_another_that_does() -> None:
    told = evidence({"pattern": "GRANJAS"}, {"decision_id": "d2", "pattern": "GRANJAS DEL LLANO"})
    paid = pd.DataFrame(
        {"company_id": "CO01", "customer_id": ["C1", "C2", "C3"], "text": "PAGO", "payer_name": "Granjas"}
    )
    offered = [
        sorted(alias_candidates(told, ALIASES.empty(), *NOTHING, paid=known)["pattern"])
        for known in (paid.head(2), paid)
    ]
    assert offered == [["GRANJAS", "GRANJAS DEL LLANO"], ["GRANJAS DEL LLANO"]]
    wary = LearningPolicy(common_words=frozenset({"LLANO"}))
    assert alias_candidates(told, ALIASES.empty(), *NOTHING, paid=paid, policy=wary).empty
