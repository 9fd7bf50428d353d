"""Short pays and over-pays: explained exactly, allowed by policy, or left to a person."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from matched import match, proposals, reasons
from upper_trade_frames import open_items, receipts, remittances

from workbench.matching.differences import WithholdingSolver, realised_differences, tolerated_by_month
from workbench.policy import (
    DifferencePolicy,
    DiscountTerm,
    MatchingPolicy,
    Tolerance,
    WithholdingRate,
    Withholdings,
)
from workbench.withholdings import Taxed

Day = dt.date
RATES = (
    WithholdingRate("RFTE", "compras", 2500, 27, Day(2013, 9, 1), Day(2025, 5, 31)),
    WithholdingRate("RFTE", "compras", 2500, 10, Day(2025, 6, 1)),
    WithholdingRate("RFTE", "servicios", 4000, 2, Day(2025, 6, 1)),
    WithholdingRate("RIVA", "IVA", 15_000, 0, Day(2013, 1, 1)),
    WithholdingRate("RICA", "Bogotá", 966, 0, Day(2013, 1, 1)),
)
KNOWN = Withholdings(rates=RATES, uvt={2025: 4_979_900, 2026: 5_237_400})
INVOICE = {"number": "1001", "amount": 1_190_000_000, "taxable_base": 1_000_000_000, "tax": 190_000_000}
NET = 1_126_840_000


def settle(
    paid: dict[str, Any], *items: dict[str, Any], known: Withholdings = KNOWN, **differences: Any
) -> Any:
    policy = MatchingPolicy(withholdings=known, differences=DifferencePolicy(**differences))
    return match(receipts({"id": "R1", **paid}), open_items(*(items or (INVOICE,))), policy=policy)


def legs(matched: Any) -> list[tuple[str, str, int]]:
    return list(matched.applied[["document_id", "kind", "applied_amount"]].itertuples(index=False, name=None))


def codes(matched: Any) -> list[str]:
    return [json.loads(text).get("code", "") for text in matched.applied["evidence"]]


@pytest.mark.parametrize("how", [{"text": "pago 1001"}, {"customer_id": "C1"}])
def test_the_worked_example_of_the_trade_is_settled_by_three_taxes(how: dict[str, str]) -> None:
    matched = settle({"amount": NET, **how})
    assert legs(matched) == [
        ("1001", "payment", 1_126_840_000),
        ("1001", "withholding", 25_000_000),
        ("1001", "withholding", 28_500_000),
        ("1001", "withholding", 9_660_000),
    ]
    assert codes(matched) == ["", "RFTE", "RIVA", "RICA"]
    assert set(matched.applied["rule"]) == {"withheld"}
    evidence = json.loads(matched.applied["evidence"].iat[1])
    assert evidence["deductions"] == [
        "RFTE 250000.00 (compras 2.5%)",
        "RICA 96600.00 (Bogotá 9.66‰)",
        "RIVA 285000.00 (IVA 15%)",
    ]
    assert evidence["rate"] == "compras 2.5%"
    assert matched.unapplied.empty


def test_an_advice_that_tells_the_deduction_is_followed_when_the_rates_explain_it() -> None:
    told = {"receipt_id": "R1", "reference": "1001", "amount": NET, "deduction": 63_160_000, "reason": "RFTE"}
    policy = MatchingPolicy(withholdings=KNOWN)
    paid = receipts({"id": "R1", "amount": NET})
    matched = match(paid, open_items(INVOICE), remittances(told), policy=policy)
    assert matched.applied["applied_amount"].sum() == INVOICE["amount"]
    odd = {**told, "amount": NET - 100, "deduction": 63_160_100}
    paid = receipts({"id": "R1", "amount": NET - 100})
    left = match(paid, open_items(INVOICE), remittances(odd), policy=policy)
    assert left.applied.empty


@pytest.mark.parametrize("wrong", [-100, 100, -1, 1])
def test_a_peso_or_a_cent_beside_the_rates_is_no_withholding(wrong: int) -> None:
    matched = settle({"amount": NET + wrong, "text": "1001"})
    assert matched.applied.empty
    assert reasons(matched) == {"R1": "amount-differs-from-references"}


def test_without_a_taxable_base_or_rates_no_withholding_is_assumed() -> None:
    bare = {**INVOICE, "taxable_base": 0}
    assert settle({"amount": NET, "text": "1001"}, bare).applied.empty
    assert settle({"amount": NET, "text": "1001"}, known=Withholdings()).applied.empty
    partly = {**INVOICE, "open_amount": 1_180_000_000}
    assert settle({"amount": NET - 10_000_000, "text": "1001"}, partly).applied.empty
    # An instalment that carries the base of its whole document says nothing of itself.
    instalment = {**INVOICE, "amount": 595_000_000}
    assert settle({"amount": NET - 595_000_000, "text": "1001"}, instalment).applied.empty


def test_all_documents_that_are_named_are_withheld_from_by_the_same_rates() -> None:
    other = {"number": "1002", "amount": 238_000_000, "taxable_base": 200_000_000, "tax": 38_000_000}
    matched = settle({"amount": 1_428_000_000 - 30_000_000, "text": "1001 1002"}, INVOICE, other)
    assert legs(matched) == [
        ("1001", "payment", 1_165_000_000),
        ("1001", "withholding", 25_000_000),
        ("1002", "payment", 233_000_000),
        ("1002", "withholding", 5_000_000),
    ]


@pytest.mark.parametrize(
    ("day", "base", "is_withheld"),
    [
        (Day(2025, 5, 31), 134_499_900, False),  # 27 UVT of 49,799 are 1,345,000 by art. 868
        (Day(2025, 5, 31), 134_500_000, True),
        (Day(2025, 6, 1), 49_799_900, False),  # 10 UVT since Decreto 572 of 2025: 498,000
        (Day(2025, 6, 1), 49_800_000, True),
        (Day(2026, 1, 1), 52_399_900, False),  # 10 UVT of 52,374: 524,000
        (Day(2026, 1, 1), 52_400_000, True),
        (Day(2027, 1, 1), 10**12, False),  # nobody has said the UVT of that year
    ],
)
def test_minimum_bases_and_rates_are_those_of_the_documents_day(
    day: Day, base: int, is_withheld: bool
) -> None:
    only = Withholdings(rates=RATES[:2], uvt=KNOWN.uvt)
    document = Taxed(0, base, 0, (day - Day(1970, 1, 1)).days)
    short = (base * 25 + 500) // 1000
    found = WithholdingSolver(only).solve([document], "C1", short).found
    assert bool(found) == is_withheld


def test_what_was_withheld_without_having_to_is_shown_as_a_claim() -> None:
    small = {"number": "1001", "amount": 47_600_000, "taxable_base": 40_000_000, "tax": 7_600_000}
    only = Withholdings(rates=RATES[:2], uvt=KNOWN.uvt)
    matched = settle({"amount": 46_600_000, "text": "1001"}, small, known=only)
    assert reasons(matched) == {"R1": "withheld-not-due"}
    assert proposals(matched)[0] == [("1001", 1_000_000), ("1001", 46_600_000)]
    own = Withholdings(rates=RATES[:2], uvt=KNOWN.uvt, is_self_withholder=True)
    claimed = settle({"amount": 1_165_000_000, "text": "1001"}, known=own)
    assert reasons(claimed) == {"R1": "withheld-not-due"}


def test_a_customer_known_to_withhold_only_some_taxes_withholds_no_others() -> None:
    only_ica = Withholdings(rates=RATES, uvt=KNOWN.uvt, taxes_of={"C1": frozenset({"RICA"})})
    assert settle({"amount": NET, "text": "1001"}, known=only_ica).applied.empty
    matched = settle({"amount": 1_190_000_000 - 9_660_000, "text": "1001"}, known=only_ica)
    assert codes(matched) == ["", "RICA"]


def test_two_ways_to_withhold_the_same_money_are_left_to_a_person() -> None:
    twin = WithholdingRate("RICA", "Otra", 2500, 0, Day(2013, 1, 1))
    both = Withholdings(rates=(*RATES, twin), uvt=KNOWN.uvt)
    matched = settle({"amount": 1_165_000_000, "text": "1001"}, known=both)
    assert matched.applied.empty
    assert reasons(matched) == {"R1": "several-explanations"}
    assert len(proposals(matched)) >= 2


def test_a_tax_rounded_to_thousands_is_found_too() -> None:
    odd = {"number": "1001", "amount": 1_189_952_400, "taxable_base": 999_960_000, "tax": 189_992_400}
    matched = settle({"amount": 1_189_952_400 - 25_000_000, "text": "1001"}, odd)
    assert legs(matched)[1] == ("1001", "withholding", 25_000_000)
    assert set(matched.applied["rule"]) == {"withheld-rounded"}


def test_a_document_of_exactly_the_cash_speaks_against_the_name() -> None:
    exact = {"number": "1002", "amount": NET}
    matched = settle({"amount": NET, "text": "1001"}, INVOICE, exact)
    assert matched.applied.empty
    assert reasons(matched) == {"R1": "several-explanations"}


PLAIN = {"number": "1001", "amount": 100_000}


@pytest.mark.parametrize(
    ("amount", "tolerance", "is_applied"),
    [
        (99_000, {"amounts": {"COP": 1000}}, True),
        (98_999, {"amounts": {"COP": 1000}}, False),
        (101_000, {"per_million": 10_000}, True),
        (101_001, {"per_million": 10_000}, False),
        (99_000, {"amounts": {"COP": 5000}, "per_million": 5_000}, False),  # the lower of both
        (99_999, {"amounts": {"USD": 1000}}, False),
        (99_999, {}, False),  # off by default
    ],
)
def test_a_tolerance_takes_its_limit_and_not_a_unit_more(
    amount: int, tolerance: dict[str, Any], is_applied: bool
) -> None:
    matched = settle({"amount": amount, "text": "1001"}, PLAIN, tolerance=Tolerance(**tolerance))
    if not is_applied:
        assert matched.applied.empty
        return
    assert legs(matched) == [("1001", "payment", amount), ("1001", "tolerance", 100_000 - amount)]
    assert codes(matched) == ["", "REDO"]


def test_the_stricter_of_the_users_and_the_customers_tolerance_holds() -> None:
    mine, theirs = Tolerance({"COP": 1000}), Tolerance({"COP": 500})
    for own, other in ((mine, theirs), (theirs, mine)):
        matched = settle({"amount": 99_400, "text": "1001"}, PLAIN, tolerance=own, tolerances={"C1": other})
        assert matched.applied.empty
    none = settle({"amount": 99_900, "text": "1001"}, PLAIN, tolerances={"C1": theirs})
    assert none.applied.empty, "a customer's tolerance is nothing without the user's"


def test_a_tolerance_is_never_joined_to_a_search_for_documents() -> None:
    items = [PLAIN, {"number": "1002", "amount": 70_001}]
    matched = settle({"amount": 170_000, "customer_id": "C1"}, *items, tolerance=Tolerance({"COP": 100}))
    assert matched.applied.empty
    assert not (matched.suggested["kind"] == "tolerance").any()


def test_tolerances_eat_no_more_of_a_customer_a_month_than_the_cap() -> None:
    items = open_items(*({"number": f"100{n}", "amount": 100_000} for n in range(1, 4)))
    policy = MatchingPolicy(
        differences=DifferencePolicy(tolerance=Tolerance({"COP": 500}), tolerance_caps={"COP": 900})
    )
    paid = receipts(*({"id": f"R{n}", "amount": 99_600, "text": f"100{n}"} for n in range(1, 4)))
    matched = match(paid, items, policy=policy)
    assert reasons(matched) == {"R3": "tolerance-cap-reached"}
    eaten = tolerated_by_month(matched.applied)
    assert eaten[["customer_id", "month", "legs", "tolerated_amount"]].values.tolist() == [
        ["C1", "2026-03", 2, 800]
    ]
    book = matched.applied.drop(columns=["company_id", "customer_id", "currency"])
    assert tolerated_by_month(book, items).equals(eaten)
    again = match(paid.iloc[[0]], items, policy=policy, tolerated=eaten)
    assert reasons(again) == {"R1": "tolerance-cap-reached"}


TERM = DiscountTerm("Z010", 20_000, 10)
DISCOUNTED = {**PLAIN, "payment_terms": "Z010", "document_date": "2026-02-20"}


@pytest.mark.parametrize(
    ("day", "terms", "reason"),
    [
        ("2026-03-02", (TERM,), ""),  # the tenth day
        ("2026-03-03", (TERM,), "discount-not-earned"),
        ("2026-03-02", (), "amount-differs-from-references"),
        ("2026-03-02", (DiscountTerm("Z099", 20_000, 10),), "amount-differs-from-references"),
        (
            "2026-03-02",
            (DiscountTerm("Z010", 20_000, 10, valid_from=Day(2026, 2, 21)),),
            "amount-differs-from-references",
        ),
    ],
)
def test_a_discount_is_earned_within_its_days_and_its_dates(
    day: str, terms: tuple[DiscountTerm, ...], reason: str
) -> None:
    paid = {"amount": 98_000, "text": "1001", "receipt_date": day}
    matched = settle(paid, DISCOUNTED, discounts=terms)
    if reason:
        assert reasons(matched) == {"R1": reason}
        return
    assert legs(matched) == [("1001", "payment", 98_000), ("1001", "discount", 2_000)]
    assert codes(matched) == ["", "DPP"]
    late = settle(
        {**paid, "receipt_date": "2026-03-03"}, DISCOUNTED, discounts=terms, has_unearned_discount=True
    )
    assert codes(late) == ["", "DPN"]


USD = {**PLAIN, "currency": "USD"}


@pytest.mark.parametrize(
    ("amount", "options", "outcome"),
    [
        (97_000, {"wire_charges": {"USD": 3_000}}, "fee"),
        (96_999, {"wire_charges": {"USD": 3_000}}, "amount-differs-from-references"),
        (97_000, {"wire_charges": {"USD": 3_000}, "bearer": "OUR"}, "charges-not-ours"),
        (97_000, {}, "amount-differs-from-references"),
    ],
)
def test_a_wires_charges_are_ours_up_to_what_the_policy_says(
    amount: int, options: dict[str, Any], outcome: str
) -> None:
    matched = settle({"amount": amount, "text": "1001", "currency": "USD"}, USD, **options)
    if outcome != "fee":
        assert reasons(matched) == {"R1": outcome}
        return
    assert legs(matched) == [("1001", "payment", amount), ("1001", "fee", 100_000 - amount)]
    assert codes(matched) == ["", "GBAN"]


def test_a_part_and_a_surplus_are_applied_only_where_the_policy_says_so() -> None:
    part, over = {"amount": 60_000, "text": "1001"}, {"amount": 130_000, "text": "1001"}
    assert settle(part, PLAIN).applied.empty
    assert settle(over, PLAIN).applied.empty
    assert legs(settle(part, PLAIN, partial="apply")) == [("1001", "payment", 60_000)]
    assert legs(settle(over, PLAIN, surplus="apply")) == [
        ("1001", "payment", 100_000),
        ("", "on_account", 30_000),
    ]


def test_what_a_part_leaves_open_is_there_for_the_next_receipt() -> None:
    policy = MatchingPolicy(differences=DifferencePolicy(partial="apply"))
    paid = receipts(
        {"id": "R1", "amount": 60_000, "text": "1001"}, {"id": "R2", "amount": 40_000, "text": "1001"}
    )
    matched = match(paid, open_items(PLAIN), policy=policy)
    assert legs(matched) == [("1001", "payment", 60_000), ("1001", "payment", 40_000)]


def test_an_advice_that_names_a_document_twice_is_explained_by_nothing() -> None:
    lines = [{"receipt_id": "R1", "reference": "1001", "amount": NET // 2} for _ in range(2)]
    paid = receipts({"id": "R1", "amount": NET})
    other = [{**lines[0], "reference": "SETP1001"}, lines[1]]
    for told in (lines, other):
        items = open_items({**INVOICE, "reference": "SETP1001"})
        matched = match(paid, items, remittances(*told), policy=MatchingPolicy(withholdings=KNOWN))
        assert matched.applied.empty


def test_a_number_written_in_full_by_a_known_payer_may_be_a_little_off_but_not_a_part() -> None:
    named = {"number": "SETP990000203", "amount": 100_000}
    paid = {"amount": 99_900, "text": "pago 990000203", "customer_id": "C1"}
    assert settle(paid, named, tolerance=Tolerance({"COP": 100})).unapplied.empty
    assert settle(paid, named, partial="apply").applied.empty
    nobody = settle({**paid, "customer_id": ""}, named, tolerance=Tolerance({"COP": 100}))
    assert nobody.applied.empty


def test_a_tolerated_amount_alone_is_no_proof_of_what_was_paid() -> None:
    matched = settle({"amount": 99_900, "customer_id": "C1"}, PLAIN, tolerance=Tolerance({"COP": 100}))
    assert matched.applied.empty
    assert proposals(matched) == [[("1001", 100), ("1001", 99_900)]]


def test_realised_differences_are_exact_line_by_line() -> None:
    line = {"document_key": 1, "receipt_key": 1, "currency": "USD"}
    rate = 1_000_000
    lines = pd.DataFrame(
        [
            {
                **line,
                "applied_amount": 2_000_000,
                "document_rate": 3_000 * rate,
                "payment_rate": 3_200 * rate,
            },
            {**line, "applied_amount": 1, "document_rate": 3_000_500_000, "payment_rate": 2_999_400_000},
        ]
    )
    realised = realised_differences(lines, base_currency="COP")
    assert realised["realised_difference"].tolist() == [400_000_000, -2]
    total = realised["document_base"] + realised["realised_difference"] + realised["bank_difference"]
    assert (total == realised["received_base"]).all()


def test_a_rate_that_nobody_has_sourced_says_so_wherever_it_is_used() -> None:
    doubtful = tuple(replace(rate, needs_review=rate.tax == "RICA") for rate in RATES)
    matched = settle({"amount": NET, "text": "pago 1001"}, known=replace(KNOWN, rates=doubtful))
    said = {json.loads(text).get("rate", "") for text in matched.applied["evidence"]}
    assert said == {"", "compras 2.5%", "IVA 15%", "Bogotá 9.66‰?"}
    found = matched.findings[matched.findings["rule"] == "withholding-rate-to-review"]
    assert [json.loads(values)["concept_rate"] for values in found["values"]] == ["Bogotá 9.66‰"]
    assert found["amount"].tolist() == [9_660_000]
    sure = settle({"amount": NET, "text": "pago 1001"})
    assert "withholding-rate-to-review" not in set(sure.findings["rule"])
