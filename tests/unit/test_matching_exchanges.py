"""Receipts that pay documents of another currency: proved by what the bank states, in a band, or shown."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
from matched import AS_OF, match, reasons
from upper_trade_frames import open_items, receipts, remittances

from workbench import tables
from workbench.exchange import OfficialRates
from workbench.matching import Matched, compare_rivals
from workbench.matching.differences import realise_exchanges
from workbench.matching.differences.crossing import Crossing
from workbench.matching.differences.stated import read_stated
from workbench.matching.parties import Party
from workbench.matching.pool import Pool
from workbench.matching.rules import Case
from workbench.policy import DifferencePolicy, MatchingPolicy

#: 10,000.00 dollars of 10 January, when the official rate was 4,100; on 2 March it is 4,008.70.
INVOICE = {"number": "FE1001", "amount": 10_000_00, "currency": "USD"}
#: The same at 4,012.50 pesos a dollar, and without the bank's 25 dollars.
PESOS, LESS = 40_125_000_00, 40_024_687_50
CAMT = "InstdAmt USD 10000.00 @ 4012.50 Chrgs USD 25.00"


def official(*more: dict[str, Any]) -> pd.DataFrame:
    rows = [
        {"valid_from": "2026-01-10", "valid_through": "2026-01-10", "rate": 4_100_000_000},
        {"valid_from": "2026-03-02", "valid_through": "2026-03-02", "rate": 4_008_700_000},
    ]
    trm = {
        "source": "trm",
        "from_currency": "USD",
        "to_currency": "COP",
        "recorded_at": "2026-01-01T00:00:00Z",
    }
    frame = pd.DataFrame([{**trm, **row} for row in (*rows, *more)])
    for name in ("valid_from", "valid_through"):
        frame[name] = pd.to_datetime(frame[name])
    return tables.RATES.conform(frame.assign(recorded_at=pd.to_datetime(frame["recorded_at"])))


def settle(paid: dict[str, Any], *items: dict[str, Any], **policy: Any) -> Matched:
    return match(
        receipts({"id": "R1", **paid}),
        open_items(*(items or (INVOICE,))),
        policy.pop("advices", None),
        policy=MatchingPolicy(differences=DifferencePolicy(**policy)),
        rates=official(),
    )


def legs(matched: Matched) -> list[tuple[str, str, str, int]]:
    columns = ["document_id", "currency", "kind", "applied_amount"]
    return sorted(matched.applied[columns].itertuples(index=False, name=None))


def evidence(frame: pd.DataFrame) -> dict[str, Any]:
    return dict(json.loads(frame["evidence"].iat[0]))


WHOLE = [
    ("", "COP", "exchange", -PESOS),
    ("", "COP", "on_account", PESOS),
    ("FE1001", "USD", "exchange", 10_000_00),
]


@pytest.mark.parametrize(
    "how",
    [
        {"text": "pago FE1001 TC 4.012,50"},
        {"text": "pago FE1001 TASA DE CAMBIO: 4012.5"},
        {"customer_id": "C1", "text": "/OCMT/USD10000,00//EXCH/4012,5/"},
        {"customer_id": "C1", "text": "TRM 4.012,50"},
    ],
)
def test_the_banks_rate_settles_an_invoice_of_another_currency_to_the_cent(how: dict[str, str]) -> None:
    matched = settle({"amount": PESOS, **how})
    assert legs(matched) == WHOLE
    assert set(matched.applied["rule"]) == {"exchange-at-bank-rate"}
    told = evidence(matched.applied)
    assert told["exchange"].startswith("10000.00 USD × 4012.5")
    assert told["exchange"].endswith("= 40125000.00 COP")
    assert told["official_rate"] == "4008.7 (+0.09%)"
    assert float(told["chance"]) < 0.001


@pytest.mark.parametrize("off", [-101_00, 101_00, 1_000_00])
def test_a_stated_rate_that_does_not_give_the_cash_proves_nothing(off: int) -> None:
    for stated in ("", " USD 10.000,00"):
        matched = settle({"amount": PESOS + off, "text": f"pago FE1001 TC 4.012,50{stated}"})
        assert matched.applied.empty
        assert reasons(matched) == {"R1": "exchange-rate-not-stated"}


def test_the_band_does_not_overrule_a_rate_that_the_bank_states() -> None:
    paid = {"amount": PESOS + 100_00, "text": "pago FE1001 TC 4.012,50"}
    assert settle(paid, exchange_band=20_000).applied.empty
    assert len(legs(settle({**paid, "text": "pago FE1001"}, exchange_band=20_000))) == 3


def test_a_whole_peso_is_what_a_bank_may_round_to() -> None:
    odd = {**INVOICE, "amount": 10_000_01}  # 40,125,040.125 pesos
    for paid in (40_125_040_13, 40_125_040_00):
        assert len(legs(settle({"amount": paid, "text": "pago FE1001 TC 4.012,50"}, odd))) == 3


def test_without_a_stated_rate_it_is_shown_with_the_arithmetic() -> None:
    matched = settle({"amount": PESOS, "text": "pago FE1001"})
    assert reasons(matched) == {"R1": "exchange-rate-not-stated"}
    assert evidence(matched.suggested)["exchange"] == "10000.00 USD = 40125000.00 COP, 4012.5"
    assert sorted(matched.suggested["applied_amount"]) == [-PESOS, 10_000_00, PESOS]
    assert sorted(matched.suggested["currency"]) == ["COP", "COP", "USD"]


@pytest.mark.parametrize(("band", "is_taken"), [(947, False), (948, True), (10_000, True)])
def test_a_rate_within_the_band_is_applied_where_documents_are_named(band: int, is_taken: bool) -> None:
    """4,012.50 is 0.0948 % from 4,008.70."""
    matched = settle({"amount": PESOS, "text": "pago FE1001"}, exchange_band=band)
    assert (legs(matched) == WHOLE) == is_taken
    if is_taken:
        assert set(matched.applied["rule"]) == {"exchange-at-official-rate"}
    else:
        assert reasons(matched) == {"R1": "exchange-rate-not-stated"}
    unnamed = settle({"amount": PESOS, "customer_id": "C1"}, exchange_band=band)
    assert unnamed.applied.empty, "an amount alone within a band is no proof"
    assert reasons(unnamed) == {"R1": "exchange-rate-not-stated"}


def test_a_rate_far_from_the_official_one_is_odd_even_where_the_bank_states_it() -> None:
    matched = settle({"amount": 44_000_000_00, "text": "pago FE1001 TC 4.400,00"})
    assert reasons(matched) == {"R1": "exchange-rate-odd"}
    assert "receipt-exchange-rate-odd" in set(matched.findings["rule"])
    assert len(matched.suggested) == 3


def test_twice_the_official_rate_is_no_exchange_at_all() -> None:
    assert reasons(settle({"amount": 2 * PESOS, "text": "FE1001 TC 8025"})) == {
        "R1": "reference-in-another-currency"
    }


@pytest.mark.parametrize(
    ("policy", "text", "reason"),
    [
        ({"wire_charges": {"USD": 25_00}}, CAMT, ""),
        ({"wire_charges": {"USD": 24_99}}, CAMT, "charges-over-limit"),
        ({}, CAMT, "charges-over-limit"),
        ({"wire_charges": {"USD": 25_00}, "bearer": "OUR"}, CAMT, "charges-not-ours"),
        ({"wire_charges": {"USD": 25_00}}, f"{CAMT} GASTOS OUR", "charges-not-ours"),
        ({"wire_charges": {"USD": 25_00}, "bearer": "OUR"}, f"{CAMT} GASTOS BEN", ""),
    ],
)
def test_charges_of_a_wire_are_ours_as_it_states_else_as_the_policy_says(
    policy: dict[str, Any], text: str, reason: str
) -> None:
    matched = settle({"amount": LESS, "customer_id": "C1", "text": text}, **policy)
    if reason:
        assert reasons(matched) == {"R1": reason}
        assert "fee" in set(matched.suggested["kind"])
        return
    assert legs(matched) == [
        ("", "COP", "exchange", -LESS), ("", "COP", "on_account", LESS),
        ("FE1001", "USD", "exchange", 9_975_00), ("FE1001", "USD", "fee", 25_00),
    ]  # fmt: skip


def test_a_charge_in_pesos_stands_on_the_receipts_side() -> None:
    text = "pago FE1001 TC 4012.5 COMISION COP 50000"
    matched = settle({"amount": PESOS - 50_000_00, "text": text}, wire_charges={"COP": 50_000_00})
    assert legs(matched) == [
        ("", "COP", "exchange", -PESOS), ("", "COP", "fee", 50_000_00),
        ("", "COP", "on_account", PESOS - 50_000_00), ("FE1001", "USD", "exchange", 10_000_00),
    ]  # fmt: skip


def test_dollars_pay_an_invoice_in_pesos() -> None:
    paid = {"amount": 10_000_00, "currency": "USD", "text": "FE1 TC 4012.5"}
    matched = settle(paid, {"number": "FE1", "amount": PESOS})
    assert legs(matched) == [
        ("", "USD", "exchange", -10_000_00), ("", "USD", "on_account", 10_000_00),
        ("FE1", "COP", "exchange", PESOS),
    ]  # fmt: skip
    assert evidence(matched.applied)["exchange"] == "40125000.00 COP ÷ 4012.5 = 10000.00 USD"


@pytest.mark.parametrize("partial", ["apply", "suggest"])
def test_a_part_in_pesos_leaves_the_rest_open_where_the_policy_says_so(partial: str) -> None:
    paid = {"amount": 8_025_000_00, "text": "FE1001 abono USD 2.000,00 TC 4012,50"}
    matched = settle(paid, partial=partial)
    chosen = matched.applied if partial == "apply" else matched.suggested
    assert sorted(chosen["applied_amount"]) == [-8_025_000_00, 2_000_00, 8_025_000_00]
    assert matched.applied.empty == (partial == "suggest")


def test_an_advice_in_dollars_names_the_documents_of_a_receipt_in_pesos() -> None:
    told = remittances({"receipt_id": "R1", "reference": "FE1001", "amount": 10_000_00, "currency": "USD"})
    paid = {"amount": PESOS, "customer_id": "C1", "text": "TC 4012.50"}
    assert legs(settle(paid, advices=told)) == WHOLE


def test_the_cash_falls_on_several_documents_to_the_cent_together() -> None:
    three = [{**INVOICE, "number": f"FE{n}", "amount": 333_33 + n} for n in (1001, 1002, 1003)]
    total = sum(int(str(one["amount"])) for one in three)
    paid = {"amount": round(total * 4012.5), "text": f"FE1001 FE1002 FE1003 USD {total / 100:.2f} TC 4012.5"}
    matched = settle(paid, *three)
    lines = realise_exchanges(
        matched.applied, open_items(*three), receipts({"id": "R1", **paid}), official(), base_currency="COP"
    ).lines
    assert len(lines) == 3
    assert lines["received_base"].sum() == paid["amount"]


def test_two_documents_that_make_the_stated_dollars_are_both_shown() -> None:
    twin = {**INVOICE, "number": "FE1002", "due_date": "2026-02-20"}
    matched = settle({"amount": PESOS, "customer_id": "C1", "text": "USD 10000 TC 4012.5"}, INVOICE, twin)
    assert matched.applied["document_id"].iat[0] == "FE1001", "the same money: the oldest due"


def test_an_own_currency_answer_goes_before_an_exchange() -> None:
    own = {"number": "FE2", "amount": PESOS}
    matched = settle({"amount": PESOS, "text": "FE2"}, INVOICE, own)
    assert legs(matched) == [("FE2", "COP", "payment", PESOS)]


@pytest.mark.parametrize(
    ("text", "money", "rates", "bearer"),
    [
        ("/OCMT/USD10000,//EXCH/4012,5//CHGS/USD25,00/", [("USD", 10_000_00)], ["4012.5"], ""),
        ("GIRO US$ 1.234,56 T/C: 4.012,50 GASTOS SHA", [("USD", 1_234_56)], ["4012.50"], "SHA"),
        ("1001 USD 20.00 1002", [("USD", 20_00)], [], ""),
        ("20.00 USD fac 1001", [("USD", 20_00)], [], ""),
        ("TRM 4.012", [], ["4.012", "4012"], ""),
        ("JPY 1000 BEN", [("JPY", 1000)], [], ""),
        ("our friend 12", [], [], ""),
    ],
)
def test_what_a_bank_states_is_read_as_it_may_be_meant(
    text: str, money: list[tuple[str, int]], rates: list[str], bearer: str
) -> None:
    stated = read_stated(text)
    assert [one for one in stated.amounts if one[0] in ("USD", "JPY")] == money
    assert [one.text for one in stated.rates] == rates
    assert stated.bearer == bearer


def test_each_line_shows_the_documents_rate_the_payments_the_banks_and_the_fee() -> None:
    charged = {"wire_charges": {"USD": 25_00}}
    paid = receipts({"id": "R1", "amount": LESS, "customer_id": "C1", "text": CAMT})
    items = open_items(INVOICE)
    matched = settle({"amount": LESS, "customer_id": "C1", "text": CAMT}, **charged)
    realised = realise_exchanges(matched.applied, items, paid, official(), base_currency="COP")
    line = realised.lines.iloc[0]
    assert realised.findings.empty
    assert line["document_rate"] == 4_100_000_000
    assert line["payment_rate"] == 4_008_700_000
    assert line["document_base"] == 41_000_000_00
    assert line["realised_difference"] == -913_000_00
    assert line["fee_base"] == 100_217_50
    assert line["received_base"] == LESS
    assert line["bank_difference"] == LESS + 100_217_50 - 40_087_000_00
    whole = line["document_base"] + line["realised_difference"] + line["bank_difference"] - line["fee_base"]
    assert whole == LESS
    assert abs(line["bank_rate"] - 4_012_490_500) < 1_000


def test_a_line_without_a_rate_is_a_finding_and_no_guess() -> None:
    unknown = {**INVOICE, "document_date": "2026-01-11"}
    matched = settle({"amount": PESOS, "text": "pago FE1001 TC 4.012,50"}, unknown)
    paid = receipts({"id": "R1", "amount": PESOS})
    realised = realise_exchanges(matched.applied, open_items(unknown), paid, official(), base_currency="COP")
    assert realised.lines.empty
    assert realised.findings["rule"].tolist() == ["rate-missing"]
    assert json.loads(realised.findings["values"].iat[0])["on"] == "2026-01-11"


def test_dollars_for_dollars_realise_the_same_difference_without_an_exchange() -> None:
    paid = {"amount": 10_000_00, "currency": "USD", "text": "FE1001"}
    matched = settle(paid)
    realised = realise_exchanges(
        matched.applied, open_items(INVOICE), receipts({"id": "R1", **paid}), official(), base_currency="COP"
    )
    line = realised.lines.iloc[0]
    assert (line["realised_difference"], line["bank_difference"]) == (-913_000_00, 0)
    assert AS_OF.year == 2026


def test_an_advice_of_the_same_figures_in_another_currency_pays_nothing_by_itself() -> None:
    told = remittances({"receipt_id": "R1", "reference": "FE1001", "amount": 100_00, "currency": "USD"})
    matched = match(receipts({"id": "R1", "amount": 100_00}), open_items({**INVOICE, "amount": 100_00}), told)
    assert reasons(matched) == {"R1": "reference-in-another-currency"}
    in_pesos = open_items({**INVOICE, "amount": 100_00, "currency": "COP"})
    matched = match(receipts({"id": "R1", "amount": 100_00}), in_pesos, told)
    assert matched.applied.empty
    assert reasons(matched) == {"R1": "advice-in-another-currency"}
    assert matched.suggested["document_id"].tolist() == ["FE1001"]


def test_rivals_of_another_currency_are_compared_in_the_receipts() -> None:
    items = [INVOICE, {**INVOICE, "number": "FE1002", "amount": 10_010_00}]
    matched = settle({"amount": PESOS, "customer_id": "C1"}, *items)
    told = compare_rivals(matched, open_items(*items))
    assert told["document_ids"].tolist() == ["FE1001", "FE1002"]
    assert set(told["currency"]) == {"COP"}
    assert set(told["payment_amount"]) == set(told["documents_amount"]) == {PESOS}


def test_a_pool_is_asked_for_its_own_currencies_even_where_an_earlier_one_stood_in_its_place() -> None:
    asked, seen = Crossing(MatchingPolicy(), OfficialRates(None)), set()
    case = Case("CO01", "COP", 1, Party(), ())
    for number in range(50):  # the memory of a pool that is gone is soon another's
        currency = ("USD", "EUR")[number % 2]
        pool = Pool(open_items({**INVOICE, "currency": currency}))
        seen.add(id(pool))
        assert asked._of(case, pool) == [currency]
        del pool
    assert len(seen) < 50, "an id was given again, or this proves nothing"
