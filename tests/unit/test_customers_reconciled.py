"""Two lists of one account, line by line: what meets, what each difference is called, what stays doubtful."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from ledger_frames import frame

from workbench import words
from workbench.calendar import WorkingDays
from workbench.policy import (
    DifferencePlan,
    DifferencePolicy,
    DiscountTerm,
    Policy,
    WithholdingRate,
    Withholdings,
)
from workbench.reconciliation import customers
from workbench.reconciliation.customers.make import UNAPPLIED
from workbench.tables import CLAIMS, CUSTOMER_LEDGER_LINES, NOTES, OPEN_ITEMS, REMITTANCES

AS_OF = dt.date(2026, 10, 31)
#: 2.5 % of the base withheld, 2 % discount of terms Z030, wires may cost 25.00 dollars.
RATES = Withholdings(rates=(WithholdingRate("RFTE", "compras", 2_500, 0, dt.date(2026, 1, 1)),))
POLICY = Policy()
POLICY = replace(
    POLICY,
    matching=replace(
        POLICY.matching,
        withholdings=RATES,
        differences=DifferencePolicy(
            discounts=(DiscountTerm("Z030", 20_000, 10),), wire_charges={"USD": 25_00}
        ),
    ),
)
Row = dict[str, Any]


def our(reference: str, amount: int, **more: Any) -> Row:
    kind = "invoice" if amount > 0 else "credit_note"
    return {
        "reference": reference,
        "open_amount": amount,
        "original_amount": amount,
        "document_kind": kind,
    } | more


def their(number: str, amount: int, **more: Any) -> Row:
    return {"document_number": number, "ledger_amount": amount, "line_kind": "invoice"} | more


def items(*rows: Row) -> pd.DataFrame:
    named = [
        {"document_key": key, "document_id": f"18{key:04d}/2026", "document_number": f"18{key:04d}"} | row
        for key, row in enumerate(rows)
    ]
    return frame(
        OPEN_ITEMS, named, company_id="CO01", customer_id="C1", currency="COP", document_date="2026-10-10"
    )


def lines(*rows: Row, on: str = "2026-10-31") -> pd.DataFrame:
    numbered = [{"ledger_line_key": key} | row for key, row in enumerate(rows)]
    return frame(
        CUSTOMER_LEDGER_LINES,
        numbered,
        company_id="CO01",
        customer_id="C1",
        currency="COP",
        document_date="2026-10-11",
        observed_date=on,
    )


def receipts(*rows: Row) -> pd.DataFrame:
    return frame(
        UNAPPLIED, rows, company_id="CO01", currency="COP", receipt_date="2026-10-20", customer_id="C1"
    )


def compare(mine: pd.DataFrame, own: pd.DataFrame, **around: Any) -> customers.CustomersReconciled:
    documents = around.pop("documents", mine)
    made = customers.reconcile_customers(
        mine, own, customers.Surroundings(documents=documents, **around), as_of=AS_OF, policy=POLICY
    )
    compared = made.balances[made.balances["has_list"]]
    assert made.differences["difference_amount"].sum() == compared["balance_difference"].sum()
    return made


def told(made: customers.CustomersReconciled) -> list[tuple[str, str, int]]:
    """Side, cause and amount of each difference, by amount."""
    rows = made.differences
    columns = (rows[name] for name in ("side", "cause", "difference_amount"))
    return sorted(zip(*columns, strict=True), key=lambda row: (-row[2], row))


def rules(made: customers.CustomersReconciled) -> list[str]:
    return made.matched["rule"].tolist()


@pytest.mark.parametrize("number", ["FE1234", "fe-1234", "FE 0001234", "1234", "FAC FE1234", "180000"])
def test_a_number_is_the_same_however_it_is_written(number: str) -> None:
    made = compare(items(our("FE1234", 100)), lines(their(number, 100, document_date=None)))
    assert (told(made), rules(made)) == ([], ["number"])


def test_other_letters_need_the_amount_to_bear_the_number_out() -> None:
    assert rules(compare(items(our("FE1234", 100)), lines(their("FV1234", 100, document_date=None)))) == [
        "number"
    ]
    made = compare(items(our("FE1234", 100)), lines(their("FV1234", 90)))
    assert told(made) == [("ours", "not_received", 100), ("theirs", "unexplained", -90)]


def test_a_number_that_may_be_two_documents_is_neither_and_names_both() -> None:
    made = compare(items(our("FE1234", 100), our("EX1234", 70)), lines(their("1234", 60)))
    assert made.matched.empty
    row = made.differences[made.differences["side"] == "theirs"].iloc[0]
    assert sorted(row["rivals"].split(", ")) == ["EX1234", "FE1234"]


def test_instalments_and_part_payments_are_one_document() -> None:
    mine = items(
        our("FE1234", 60, document_number="9", item="1"),
        our("FE1234", 40, document_number="9", item="2"),
        our("", -30, document_kind="payment", reference_document_id="FE1234"),
    )
    made = compare(mine, lines(their("FE1234", 70)))
    assert (told(made), rules(made)) == ([], ["number-net"])


@pytest.mark.parametrize(("day", "rule"), [("2026-10-15", ["amount-date"]), ("2026-10-16", [])])
def test_the_same_amount_meets_up_to_five_days_apart(day: str, rule: list[str]) -> None:
    made = compare(items(our("FE1", 100)), lines(their("", 100, document_date=day)))
    assert rules(made) == rule


def test_two_of_one_amount_are_left_with_their_rivals() -> None:
    made = compare(items(our("FE1", 100), our("FE2", 100)), lines(their("", 100)))
    assert made.matched.empty
    apart = made.differences[made.differences["side"] == "theirs"].iloc[0]
    assert apart["rivals"] == "FE1, FE2"


def test_one_voucher_that_can_only_be_these_is_a_group() -> None:
    mine = items(our("FE1", 1_234_567_89), our("FE2", 987_654_31), our("FE3", 555_111_77))
    made = compare(mine, lines(their("V7", 1_234_567_89 + 555_111_77, document_date=None)))
    assert rules(made) == ["group"]
    assert told(made) == [("ours", "not_received", 987_654_31)]


def cause_of(made: customers.CustomersReconciled) -> tuple[str, dict[str, Any]]:
    (row,) = made.differences.to_dict("records")
    return row["cause"], json.loads(row["grounds"])


def test_received_and_not_entered_is_in_their_approval() -> None:
    made = compare(items(our("FE1", 100, reception_date="2026-10-12")), lines(their("", 0)))
    assert cause_of(made) == ("in_their_approval", {"received": "2026-10-12"})


def test_a_list_of_an_earlier_day_cannot_know_later_documents() -> None:
    mine = items(our("FE1", 100, document_date="2026-10-29"), our("FE2", 7, document_date="2026-10-28"))
    made = compare(mine, lines(their("", 0), on="2026-10-28"))
    assert told(made) == [("ours", "cut_off", 100), ("ours", "not_received", 7)]


def test_their_document_of_the_next_month_is_a_cut_off() -> None:
    assert cause_of(compare(items(), lines(their("FE9", 5, document_date="2026-11-01"))))[0] == "cut_off"


def test_money_that_is_here_and_not_applied_is_named() -> None:
    cash = receipts({"receipt_key": 1, "receipt_id": "R1", "unapplied_amount": 100})
    made = compare(items(our("FE1", 100)), lines(their("", 0)), receipts=cash)
    assert cause_of(made) == ("payment_not_identified", {"receipt": "R1"})


def test_nobodys_money_is_named_only_where_nothing_else_wants_it() -> None:
    cash = receipts({"receipt_key": 1, "receipt_id": "R1", "unapplied_amount": 100, "customer_id": ""})
    made = compare(items(our("FE1", 100)), lines(their("", 0)), receipts=cash)
    assert cause_of(made)[1] == {"receipt": "R1"}
    both = compare(items(our("FE1", 100), our("FE2", 100)), lines(their("", 0)), receipts=cash)
    assert told(both) == [("ours", "not_received", 100)] * 2


def test_two_receipts_of_the_amount_are_rivals() -> None:
    cash = receipts(*({"receipt_key": n, "receipt_id": f"R{n}", "unapplied_amount": 100} for n in (1, 2)))
    made = compare(items(our("FE1", 100)), lines(their("", 0)), receipts=cash)
    assert made.differences["rivals"].tolist() == ["R1, R2"]
    assert cause_of(made) == ("payment_not_identified", {})


@pytest.mark.parametrize(
    ("day", "cause"), [("2026-11-10", "payment_in_transit"), ("2026-11-11", "not_received")]
)
def test_a_receipt_of_the_next_days_was_on_its_way(day: str, cause: str) -> None:
    cash = receipts({"receipt_key": 1, "receipt_id": "R1", "unapplied_amount": 100, "receipt_date": day})
    assert cause_of(compare(items(our("FE1", 100)), lines(their("", 0)), receipts=cash))[0] == cause


def test_what_they_advised_or_took_off_their_list_they_take_as_paid() -> None:
    advice = frame(
        REMITTANCES,
        [{"reference": "FE-1", "customer_id": "C1", "company_id": "CO01", "advice_date": "2026-10-30"}],
    )
    made = compare(items(our("FE1", 100)), lines(their("", 0)), remittances=advice)
    assert cause_of(made) == ("payment_in_transit", {"advised": True})
    before = lines(their("FE1", 100), on="2026-09-30")
    made = compare(items(our("FE1", 100)), lines(their("", 0)), before=before)
    assert cause_of(made) == ("payment_in_transit", {"listed_before": True})


def test_their_payment_is_looked_for_among_receipts() -> None:
    cash = receipts({"receipt_key": 1, "receipt_id": "R1", "unapplied_amount": 80})
    made = compare(items(), lines(their("P9", -80, line_kind="payment")), receipts=cash)
    assert cause_of(made) == ("payment_not_identified", {"date": "2026-10-20", "receipt": "R1"})
    late = lines(their("P9", -80, line_kind="payment", document_date="2026-10-30"))
    assert cause_of(compare(items(), late))[0] == "payment_in_transit"
    old = lines(their("P9", -80, line_kind="payment", document_date="2026-10-01"))
    assert cause_of(compare(items(), old))[0] == "payment_not_identified"


def test_a_note_of_theirs_is_expected_of_us_and_the_one_announced_is_named() -> None:
    announced = frame(
        NOTES,
        [{"note_id": "N1", "note_kind": "credit_note", "note_amount": -50, "status": "requested"}],
        company_id="CO01",
        customer_id="C1",
        currency="COP",
    )
    made = compare(items(), lines(their("NC9", -50, line_kind="credit_note")), notes=announced)
    assert cause_of(made) == ("credit_note_expected", {"note": "N1"})


def test_a_note_of_ours_that_they_took_off_an_invoice_cancels() -> None:
    made = compare(items(our("FE1", 500), our("NC3", -50)), lines(their("FE1", 450)))
    assert told(made) == [("both", "credit_not_applied", 50), ("ours", "credit_not_applied", -50)]


def test_a_dispute_is_a_part_of_what_differs_and_the_rest_has_its_own_cause() -> None:
    disputed = frame(
        CLAIMS,
        [{"claim_id": "K1", "document_id": "FE1", "disputed_amount": 30, "reason_code": "PREC"}],
        company_id="CO01",
        customer_id="C1",
        claim_kind="dispute",
        status="new",
    )
    made = compare(items(our("FE1", 1000)), lines(their("FE1", 920)), claims=disputed)
    assert told(made) == [("both", "price", 50), ("both", "disputed", 30)]
    closed = disputed.assign(status="closed")
    assert told(compare(items(our("FE1", 1000)), lines(their("FE1", 920)), claims=closed)) == [
        ("both", "price", 80)
    ]


def test_a_withholding_in_force_explains_exactly_and_a_cent_more_does_not() -> None:
    mine = items(our("FE1", 1_190_000_00, taxable_base=1_000_000_00, tax=190_000_00))
    made = compare(mine, lines(their("FE1", 1_165_000_00)))
    assert cause_of(made) == ("withholding", {"withheld": ["RFTE compras 2.5%"]})
    assert cause_of(compare(mine, lines(their("FE1", 1_165_000_01))))[0] == "price"


def test_a_discount_and_a_wires_charge_explain_what_is_left() -> None:
    made = compare(items(our("FE1", 1000, payment_terms="Z030")), lines(their("FE1", 980)))
    assert cause_of(made) == ("discount", {"days": 10, "terms": "Z030"})
    rest = items(our("EX1", 20_00, original_amount=5000_00, currency="USD"))
    assert cause_of(compare(rest, lines(their("", 0, currency="USD"))))[0] == "bank_fee"
    more = items(our("EX1", 25_01, original_amount=5000_00, currency="USD"))
    assert cause_of(compare(more, lines(their("", 0, currency="USD"))))[0] == "unexplained"


@pytest.mark.parametrize(("amount", "cause"), [(1100, "price"), (1101, "unexplained")])
def test_another_amount_of_an_untouched_document_is_its_price_up_to_a_tenth(amount: int, cause: str) -> None:
    assert cause_of(compare(items(our("FE1", 1000)), lines(their("FE1", amount))))[0] == cause


def test_entered_twice_is_a_duplicate_of_either_side() -> None:
    made = compare(items(our("FE1", 100)), lines(their("FE1", 100), their("FE-1", 100)))
    assert told(made) == [("theirs", "duplicate", -100)]
    made = compare(items(our("FE1", 100), our("FE1", 100)), lines(their("FE1", 100)))
    assert told(made) == [("ours", "duplicate", 100)]


def test_an_invoice_in_a_sisters_list_is_entity_wrong_for_both() -> None:
    mine = items(our("FE1", 100), our("FE2", 5, customer_id="C2"))
    made = compare(
        mine, lines(their("", 0), their("FE1", 100, customer_id="C2"), their("FE2", 5, customer_id="C2"))
    )
    assert told(made) == [("ours", "entity_wrong", 100), ("theirs", "entity_wrong", -100)]


def test_a_document_they_keep_in_another_currency_is_an_exchange_for_both() -> None:
    mine = items(our("EX1", 100, currency="USD"))
    made = compare(mine, lines(their("EX1", 400_000)))
    assert told(made) == [("ours", "exchange", 100), ("theirs", "exchange", -400_000)]


def test_what_is_settled_here_and_not_there_is_in_transit() -> None:
    settled = items(our("FE1", 0, original_amount=100))
    made = compare(items(), lines(their("FE1", 100)), documents=settled)
    assert cause_of(made)[0] == "payment_in_transit"
    partly = items(our("FE1", 40, original_amount=100))
    assert cause_of(compare(partly, lines(their("FE1", 100))))[0] == "payment_in_transit"


def test_without_a_list_of_the_cut_off_nothing_is_compared_and_it_is_said() -> None:
    for on in ("2026-09-15", "2026-09-30", "2026-11-01"):  # of the cut-off before, and of after it
        made = compare(items(our("FE1", 100)), lines(their("FE1", 90), on=on))
        assert made.differences.empty
        assert made.balances[["has_list", "our_amount", "uncompared_amount"]].values.tolist() == [
            [False, 100, 100]
        ]
        assert set(made.findings["rule"]) == {"customer-list-missing", "customer-list-not-of-cut-off"}
        told = made.findings.loc[made.findings["rule"] == "customer-list-not-of-cut-off", "values"].iat[0]
        said = words.explain("customer-list-not-of-cut-off", json.loads(told), "es")
        assert re.search(r"es del [0-9]{2}/[0-9]{2}/[0-9]{4} ", said), "a day as its reader writes it"


def test_a_list_of_nothing_says_that_nothing_is_owed() -> None:
    made = compare(items(our("FE1", 100)), lines(their("", 0)))
    assert made.balances[["our_amount", "their_amount", "balance_difference"]].values.tolist() == [
        [100, 0, 100]
    ]


def test_owner_and_day_are_the_policys_in_working_days() -> None:
    plan = (DifferencePlan("not_received", "sales", 2),)
    policy = replace(POLICY, customer_reconciliation=replace(POLICY.customer_reconciliation, plan=plan))
    made = customers.reconcile_customers(
        items(our("FE1", 100)), lines(their("", 0)), customers.Surroundings(), as_of=AS_OF, policy=policy,
        working_days=WorkingDays.of([dt.date(2026, 11, 2)]),
    )  # fmt: skip
    (row,) = made.differences.to_dict("records")
    assert (row["owner"], row["due_date"].date()) == ("sales", dt.date(2026, 11, 4))
