"""Who paid: facts that agree tell the customer, facts that disagree tell nobody, a likeness only suggests."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
from matched import applied, match, proposals, reasons
from upper_trade_frames import customers, open_items, receipts, remittances

from workbench.matching.names import Names, name_words, surest
from workbench.matching.payer_ids import account_form, tax_id_forms
from workbench.tables import ALIASES

ITEMS = open_items(
    {"number": "FE77001", "amount": 500_37, "customer_id": "C-1001"},
    {"number": "FE88122", "amount": 812_91, "customer_id": "C-2002"},
)
KNOWN = customers(
    {
        "customer_id": "C-1001",
        "customer_name": "Almacenes Quimbayola S.A.S.",
        "tax_id": "800197268-4",
        "payer_account": "111",
        "supervisor_id": "S7",
    },
    {
        "customer_id": "C-2002",
        "customer_name": "Textiles Altomira Ltda.",
        "tax_id": "860002964-4",
        "payer_account": "222",
        "cluster_id": "NORTE",
    },
)


def paid(amount: int = 500_37, **more: Any) -> pd.DataFrame:
    return receipts({"id": "R1", "amount": amount, **more})


def run(receipt: pd.DataFrame, known: pd.DataFrame = KNOWN, **options: Any) -> Any:
    return match(receipt, ITEMS, options.pop("advices", None), customers=known, **options)


def aliases(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {
        "company_id": "CO01",
        "kind": "text",
        "valid_from": pd.Timestamp("2026-01-01"),
        "valid_through": pd.NaT,
        "approved_by": "ana",
        "decided": 30,
        "confirmed": 30,
        "recorded_at": pd.Timestamp("2026-01-01", tz="UTC"),
    }
    return ALIASES.conform(pd.DataFrame([{**usual, **row} for row in rows]))


def known_by(matched: Any) -> str:
    return str(json.loads(matched.applied["evidence"].iat[0])["customer"])


# Facts


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"text": "PAGO CLIENTE C-1001 PSE"}, "code"),
        ({"text": "ABONO NIT 800.197.268-4"}, "tax-id"),
        ({"payer_tax_id": "NIT 800197268"}, "tax-id"),
        ({"payer_account": "00-111"}, "account"),
        ({"payer_name": "ALMACENES QUIMBAYOLA SAS"}, "name"),
        ({"payer_name": "Quimbayola, Almacenes"}, "name"),
        ({"text": "TRANSF 9//QUIMBAYOLA-Almacenes"}, "name"),
    ],
)
def test_a_fact_tells_the_customer_and_its_amount_is_applied(told: dict[str, str], kind: str) -> None:
    matched = run(paid(**told))
    assert applied(matched) == [("R1", "FE77001", 500_37, "single-amount")]
    assert known_by(matched) == kind
    assert matched.unidentified.empty


def test_a_customer_that_only_the_open_items_name_is_known_by_its_code_or_its_words() -> None:
    items = open_items({"number": "I1", "amount": 100_00, "customer_id": "Archibald Haddock"})
    by_words = match(receipts({"id": "R1", "amount": 100_00, "text": "1234//HADDOCK-Archibald"}), items)
    assert applied(by_words) == [("R1", "I1", 100_00, "single-amount")]


def test_an_advice_tells_its_customer() -> None:
    told = remittances({"receipt_id": "R1", "customer_id": "C-1001", "reference": "XX-9", "amount": 500_37})
    matched = run(paid(), advices=told)
    assert reasons(matched) == {"R1": "advice-unresolved"}
    assert matched.unapplied["known_by"].tolist() == ["advice"]
    assert proposals(matched) == [[("FE77001", 500_37)]]


def test_an_iban_counts_only_with_its_check() -> None:
    good, bad = "DE89 3704 0044 0532 0130 00", "DE88 3704 0044 0532 0130 00"
    assert account_form(good) == "DE89370400440532013000"
    assert account_form(bad) == ""
    assert account_form("00-123 45") == "12345"
    known = customers({"customer_id": "C-1001", "payer_account": good})
    assert applied(run(paid(payer_account="de89370400440532013000"), known))
    assert reasons(run(paid(payer_account=bad), customers({"customer_id": "C-1001", "payer_account": bad})))


def test_a_tax_id_with_a_wrong_check_digit_is_not_the_one_without() -> None:
    assert tax_id_forms("800.197.268-4") == ("8001972684", "800197268")
    assert tax_id_forms("800197268-5") == ("8001972685",)


# Facts that disagree


@pytest.mark.parametrize(
    "told",
    [
        {"payer_tax_id": "800197268-4", "payer_account": "222"},
        {"text": "fra FE77001", "payer_tax_id": "860002964"},
        {"text": "fra FE77001", "payer_name": "Textiles Altomira"},
        {"text": "cliente C-1001", "payer_account": "222"},
    ],
)
def test_facts_that_disagree_apply_nothing_and_show_both(told: dict[str, str]) -> None:
    matched = run(paid(**told))
    assert applied(matched) == []
    assert reasons(matched) == {"R1": "evidence-disagrees"}
    assert {"C-1001", "C-2002"} <= set(matched.unidentified["customer_id"])
    assert "receipt-evidence-disagrees" in matched.findings["rule"].tolist()
    assert proposals(matched) == [[("FE77001", 500_37)]]


def test_a_fact_shared_by_customers_contradicts_one_that_is_not_among_them() -> None:
    shared = customers(
        {"customer_id": "C-1001", "payer_account": "9"},
        {"customer_id": "C-2002", "tax_id": "860002964"},
        {"customer_id": "C-3003", "tax_id": "860002964"},
    )
    assert reasons(run(paid(payer_account="9", payer_tax_id="860002964"), shared)) == {
        "R1": "evidence-disagrees"
    }


def test_what_the_amount_says_of_each_rival_is_shown_the_exact_first() -> None:
    matched = run(paid(text="fra FE88122", payer_tax_id="800197268"))
    assert reasons(matched) == {"R1": "evidence-disagrees"}
    assert proposals(matched) == [[("FE77001", 500_37)], [("FE88122", 500_37)]]


# Parents and aliases


def test_a_parents_account_beside_a_childs_invoice_is_no_contradiction() -> None:
    family = KNOWN.assign(parent_customer_id=["C-2002", ""])
    matched = run(paid(text="fra FE77001", payer_account="222"), family)
    assert applied(matched) == [("R1", "FE77001", 500_37, "exact-references")]
    bare = run(paid(text="fra 77001", payer_account="222"), family)
    assert applied(bare) == [("R1", "FE77001", 500_37, "read-references")]
    assert applied(run(paid(payer_account="222"), family)) == []  # an amount alone reaches no child


def test_who_pays_for_whom_counts_on_its_days_and_only_for_documents_named() -> None:
    relation = aliases(
        {"kind": "customer", "pattern": "C-2002", "customer_id": "C-1001",
         "valid_through": pd.Timestamp("2026-03-01")}
    )  # fmt: skip
    receipt = {"text": "fra FE77001", "customer_id": "C-2002"}
    within = run(paid(**receipt, receipt_date="2026-03-01"), aliases=relation)
    assert applied(within) == [("R1", "FE77001", 500_37, "exact-references")]
    after = run(paid(**receipt, receipt_date="2026-03-02"), aliases=relation)
    assert reasons(after) == {"R1": "reference-of-another-customer"}
    assert applied(run(paid(customer_id="C-2002", receipt_date="2026-03-01"), aliases=relation)) == []


@pytest.mark.parametrize(
    ("change", "is_applied", "is_suggested"),
    [
        ({}, True, False),
        ({"decided": 29, "confirmed": 29}, False, True),
        ({"decided": 900, "confirmed": 899}, False, True),
        ({"decided": 1000, "confirmed": 999}, True, False),
        ({"approved_by": ""}, False, False),
        ({"valid_from": pd.Timestamp("2026-03-03")}, False, False),
        ({"valid_through": pd.Timestamp("2026-03-01")}, False, False),
    ],
)
def test_an_alias_applies_once_it_is_proven_and_within_its_days(
    change: dict[str, Any], is_applied: bool, is_suggested: bool
) -> None:
    known = aliases({"pattern": "consorcio del río", "customer_id": "C-1001", **change})
    matched = run(paid(text="TRF CONSORCIO DEL RIO 88"), aliases=known)
    assert bool(applied(matched)) is is_applied
    assert ("alias" in set(matched.unapplied["known_by"])) is is_suggested
    if is_suggested:
        assert reasons(matched) == {"R1": "payer-not-proven"}
        assert proposals(matched) == [[("FE77001", 500_37)]]


# Names


def test_a_likeness_only_suggests() -> None:
    matched = run(paid(payer_name="ALMACENES QUIMBAYOLLA"))
    assert applied(matched) == []
    assert reasons(matched) == {"R1": "payer-not-proven"}
    assert proposals(matched) == [[("FE77001", 500_37)]]
    best = matched.unidentified.iloc[0]
    assert best[["customer_id", "known_by", "owner", "age_days"]].tolist() == ["C-1001", "likeness", "S7", 29]
    assert best["score"] >= 90
    assert list(json.loads(best["evidence"])) == ["payer_amount", "payer_likeness"]


def test_a_likeness_with_its_document_named_is_applied_for_the_document() -> None:
    matched = run(paid(payer_name="ALMACENES QUIMBAYOLLA", text="fra FE77001"))
    assert applied(matched) == [("R1", "FE77001", 500_37, "exact-references")]


def test_two_names_that_are_nearly_as_like_tell_nobody() -> None:
    names = Names([("C1", "Almacenes Rionuevo SAS"), ("C2", "Almacenes Rionuevos SAS"), ("C3", "Otra Cosa")])
    ranked = names.nearest("Almacenes Rionuevoz")
    assert [customer for _, customer in ranked[:2]] == ["C1", "C2"]
    assert surest(ranked) == ""
    assert surest([(89, "C1")]) == ""
    assert surest([(90, "C1"), (83, "C2")]) == ""
    assert surest([(90, "C1"), (82, "C2")]) == "C1"


def test_customers_of_one_name_and_names_of_one_word_tell_nobody() -> None:
    names = Names([("C1", "El Sol SAS"), ("C2", "Altos del Sol S.A."), ("C3", "ALTOS SOL LTDA")])
    assert names.exactly("Sol") == frozenset()
    assert names.within("pago de sol y altos") == {"C2", "C3"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Compañía El Sol S. A. S.", ("SOL",)),
        ("ALMACENES RÍO & CÍA. S.C.A.", ("ALMACENES", "RIO")),
        ("Northvale Foods, Inc.", ("NORTHVALE", "FOODS")),
        ("S.A.S.", ("SAS",)),
    ],
)
def test_legal_forms_and_fillers_are_no_part_of_a_name(name: str, words: tuple[str, ...]) -> None:
    assert name_words(name) == words


# Nobody


def test_a_receipt_that_nobody_knows_stands_with_its_age_and_without_candidates() -> None:
    matched = run(paid(999_99, text="CONSIGNACION EFECTIVO"))
    rows = matched.unidentified[["receipt_id", "rank", "customer_id", "age_days", "unapplied_amount"]]
    assert rows.values.tolist() == [["R1", 0, "", 29, 999_99]]


def test_candidates_do_not_depend_on_the_order_of_rows() -> None:
    receipt = paid(payer_name="ALMACENES ALTOMIRA")
    one, other = run(receipt), run(receipt, KNOWN.iloc[::-1])
    pd.testing.assert_frame_equal(one.unidentified, other.unidentified)
    assert len(one.unidentified) >= 2
