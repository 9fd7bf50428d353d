"""Opening + charge − reversal − write-off ± exchange = closing; the entry, the deferred tax, who bears it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_frames import documents, facts, rates
from tries import tries
from upper_trade_frames import customers

from workbench import journal, provision, write_offs
from workbench.policy import Accounts, ProvisionPolicy
from workbench.provision import BALANCES, WRITTEN_OFF
from workbench.tables import PROVISION_BALANCES

AS_OF = dt.date(2026, 10, 31)
RATES = rates(("trm", "USD", "COP", "2026-10-31", "2026-11-02", 4_100_000_000))
CLOSING_AMOUNTS = ("opening", "charge", "reversal", "write_off", "exchange", "closing")


def balance(customer: str, amount: int, currency: str = "COP", **more: Any) -> dict[str, Any]:
    base = amount if currency == "COP" else amount * 4100
    return {
        "company_id": "CO01", "calculation": "ifrs9", "customer_id": customer, "currency": currency,
        "segment": "", "bucket": "d1_30", "exposure_amount": amount, "provision_amount": amount,
        "base_currency": "COP", "base_provision_amount": base, **more,
    }  # fmt: skip


def balances(*rows: dict[str, Any]) -> pd.DataFrame:
    return BALANCES.conform(pd.DataFrame(list(rows), columns=list(BALANCES.columns)))


def lost(*rows: tuple[str, str, int]) -> pd.DataFrame:
    names = ["customer_id", "currency", "write_off_amount"]
    return WRITTEN_OFF.conform(pd.DataFrame(list(rows), columns=names).assign(company_id="CO01"))


def moved(opening: pd.DataFrame, closing: pd.DataFrame, written_off: pd.DataFrame) -> provision.Movement:
    return provision.move_provisions(opening, closing, written_off, RATES, as_of=AS_OF, base_currency="COP")


def amounts(frame: pd.DataFrame) -> list[list[int]]:
    return frame[[f"{name}_amount" for name in CLOSING_AMOUNTS]].values.tolist()


def test_more_is_charged_less_is_reversed_and_a_write_off_uses_the_allowance() -> None:
    opening = balances(balance("C1", 100), balance("C2", 100), balance("C3", 100))
    closing = balances(balance("C1", 130), balance("C2", 40))
    found = moved(opening, closing, lost(("C3", "COP", 90), ("C4", "COP", 7)))
    assert amounts(found.held) == [
        [100, 30, 0, 0, 0, 130],
        [100, 0, 60, 0, 0, 40],
        [100, 0, 10, 90, 0, 0],
        [0, 7, 0, 7, 0, 0],  # more was given up than was provided for: charged, and used
    ]
    assert amounts(found.base) == amounts(found.held)


def test_exchange_is_the_opening_at_the_closing_rate_and_nothing_in_the_debts_own_currency() -> None:
    opening = balances(balance("C1", 1000, "USD", base_provision_amount=4_000_000))
    found = moved(opening, balances(balance("C1", 900, "USD")), lost(("C1", "USD", 50)))
    assert amounts(found.held) == [[1000, 0, 50, 50, 0, 900]]
    assert amounts(found.base) == [[4_000_000, 0, 205_000, 205_000, 100_000, 3_690_000]]
    assert found.base[["held_currency", "currency"]].values.tolist() == [["USD", "COP"]]


def test_a_currency_without_a_rate_moves_in_itself_and_is_never_guessed_in_another() -> None:
    opening = balances(balance("C1", 10, "EUR", base_provision_amount=0), balance("C1", 7))
    closing = balances(balance("C1", 25, "EUR", base_provision_amount=0))
    found = moved(opening, closing, lost())
    assert amounts(found.held) == [[7, 0, 7, 0, 0, 0], [10, 15, 0, 0, 0, 25]]
    assert found.base["held_currency"].tolist() == ["COP"]
    lines = provision.propose_close(
        found, opening, closing, policy=ProvisionPolicy(), accounts=Accounts(), period="2026-10", as_of=AS_OF
    )
    assert set(lines["currency"]) == {"COP"}
    journal.check_balanced(lines)


def test_a_balance_without_a_rate_has_none_in_base_currency() -> None:
    items = pd.DataFrame({
        "company_id": "CO01", "customer_id": "C1", "currency": ["EUR", "USD"], "segment": "",
        "bucket": "d1_30", "tax_method": "", "open_amount": [50, 50], "ifrs9_amount": [10, 10],
        "policy_amount": [10, 10], "tax_amount": [10, 10],
    })  # fmt: skip
    found = provision.provision_balances(items, RATES, as_of=AS_OF, base_currency="COP")
    base = found.groupby("currency")["base_provision_amount"].unique().map(list).to_dict()
    assert base == {"EUR": [0], "USD": [10 * 4100]}


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["C1", "C2"]), st.sampled_from(["COP", "USD"]), st.sampled_from(["ifrs9", "tax"]),
        st.integers(0, 10**12), st.integers(0, 10**15),
    ),
    max_size=6, unique_by=lambda row: row[:3],
)  # fmt: skip


@settings(deadline=None, max_examples=tries(12))
@given(ROWS, ROWS, st.lists(st.tuples(st.sampled_from(["C1", "C3"]), st.sampled_from(["COP", "USD"]),
                                      st.integers(-(10**9), 10**12)), max_size=3))  # fmt: skip
def test_every_movement_closes_to_the_cent(
    before: list[Any], after: list[Any], written_off: list[Any]
) -> None:
    def made(rows: list[Any]) -> pd.DataFrame:
        return balances(
            *(
                balance(customer, amount, currency, calculation=calculation,
                        base_provision_amount=amount if currency == "COP" else base)
                for customer, currency, calculation, amount, base in rows
            )
        )  # fmt: skip

    opening, closing = made(before), made(after)
    found = moved(opening, closing, lost(*written_off))
    for frame, column in ((found.held, "provision_amount"), (found.base, "base_provision_amount")):
        signed = (
            frame["opening_amount"] + frame["charge_amount"] - frame["reversal_amount"]
            - frame["write_off_amount"] + frame["exchange_amount"]
        )  # fmt: skip
        assert signed.tolist() == frame["closing_amount"].tolist()
        assert (frame[["charge_amount", "reversal_amount"]] >= 0).all().all()
        assert frame["opening_amount"].sum() == opening[column].sum()
        assert frame["closing_amount"].sum() == closing[column].sum()
    assert (found.held["exchange_amount"] == 0).all()
    summed = provision.summarise_movement(found.base)
    assert summed["closing_amount"].sum() == closing["base_provision_amount"].sum()
    for booked in ("ifrs9", "tax"):
        lines = provision.propose_entries(
            found.held, found.base, booked=booked, accounts=Accounts(), period="2026-10", as_of=AS_OF
        )
        journal.check_balanced(lines)
        allowance = lines.loc[lines["account"] == Accounts().impairment, "base_amount"].sum()
        own = found.base[found.base["calculation"] == booked]
        used = own["closing_amount"].sum() - own["opening_amount"].sum() + own["write_off_amount"].sum()
        assert -allowance == used, "the write-off's own entry does the rest"


def opened(*rows: dict[str, Any]) -> provision.Opening:
    frame = PROVISION_BALANCES.conform(pd.DataFrame(list(rows), columns=list(PROVISION_BALANCES.columns)))
    return provision.opening_balances(frame, period="2026-10", companies=[])


def test_what_was_written_off_in_the_period_counts_and_what_was_taken_back_in_it_too() -> None:
    legs = [
        {"document_key": 1, "applied_amount": 100, "effective_date": "2026-10-05", "kind": "write_off"},
        {"document_key": 2, "applied_amount": 70, "effective_date": "2026-09-05", "kind": "write_off"},
        {"document_key": 3, "applied_amount": 30, "effective_date": "2026-09-05", "kind": "write_off"},
        {"document_key": 1, "applied_amount": 5, "effective_date": "2026-10-05", "kind": "payment"},
        {"document_key": 1, "applied_amount": 9, "effective_date": "2026-11-01", "kind": "write_off"},
    ]
    book = facts(
        documents(
            *({"document_key": key, "original_amount": 500, "customer_id": f"C{key}"} for key in (1, 2, 3))
        ),
        applications=legs,
        reversals=[{"application_id": "A1", "effective_date": "2026-10-20"}],
    )
    found = provision.written_off_in(book.documents, book.applications, book.reversals, opened(), as_of=AS_OF)
    assert found[["customer_id", "write_off_amount"]].values.tolist() == [["C1", 100], ["C2", -70]]


def test_a_recovery_is_income_by_its_own_entry_and_no_allowance_set_free() -> None:
    given_up = {"document_key": 1, "effective_date": "2026-10-20", "kind": "write_off"}
    book = facts(
        documents({"document_key": 1, "original_amount": 100, "customer_id": "C1"}),
        applications=[
            {**given_up, "applied_amount": 100, "effective_date": "2026-09-05"},
            {**given_up, "applied_amount": 40},
            {**given_up, "applied_amount": 60, "kind": "payment", "rule": write_offs.RECOVERED},
        ],
        reversals=[{"application_id": "A0", "effective_date": "2026-10-20"}],
    )
    found = provision.written_off_in(book.documents, book.applications, book.reversals, opened(), as_of=AS_OF)
    assert found.empty, "60 set free here would be income twice"


def test_what_the_close_before_did_not_know_is_written_off_in_this_one() -> None:
    late = {"kind": "write_off", "recorded_at": "2026-10-15T00:00:00Z"}
    book = facts(
        documents(
            *({"document_key": key, "original_amount": 500, "customer_id": f"C{key}"} for key in (1, 2, 3))
        ),
        applications=[
            {"document_key": 1, "applied_amount": 100, "effective_date": "2026-08-27", **late},
            {"document_key": 2, "applied_amount": 70, "effective_date": "2026-08-27", "kind": "write_off"},
            {"document_key": 3, "applied_amount": 30, "effective_date": "2026-09-20", "kind": "write_off"},
        ],
    )
    opening = opened(posted("2026-08", "A", 1, "2026-09-02"))
    found = provision.written_off_in(book.documents, book.applications, book.reversals, opening, as_of=AS_OF)
    # C1 after the close was posted, C3 in a month that nobody closed; C2 had been in the opening.
    assert found[["customer_id", "write_off_amount"]].values.tolist() == [["C1", 100], ["C3", 30]]


def posted(period: str, operation: str, amount: int, recorded: str, company: str = "CO01") -> dict[str, Any]:
    return balance(
        "C1", amount, company_id=company, operation_id=operation, period=period, step_key="", who="",
        as_of_date=pd.Timestamp(f"{period}-28"), recorded_at=pd.Timestamp(recorded, tz="UTC"),
    )  # fmt: skip


def test_the_opening_is_the_last_word_of_the_last_period_before() -> None:
    frame = PROVISION_BALANCES.conform(
        pd.DataFrame(
            [
                posted("2026-08", "A", 1, "2026-09-02"),
                posted("2026-09", "B", 2, "2026-10-02"),
                posted("2026-09", "C", 3, "2026-10-03"),
                posted("2026-08", "D", 4, "2026-10-09"),
                posted("2026-10", "E", 5, "2026-11-02"),
                posted("2026-07", "F", 6, "2026-08-02", "CO02"),
            ]
        )
    )
    found = provision.opening_balances(frame, period="2026-10", companies=["CO01", "CO02", "CO03"])
    assert found.balances[["company_id", "provision_amount"]].values.tolist() == [["CO01", 3], ["CO02", 6]]
    assert found.findings[["rule", "key", "level"]].values.tolist() == [
        ["provision-opening-older", "CO02", "warning"],
        ["provision-opening-missing", "CO03", "note"],
    ]


def test_deferred_tax_is_the_difference_to_the_tax_book_times_the_rate() -> None:
    closing = balances(
        balance("C1", 1000), balance("C1", 330, calculation="tax", segment="individual"),
        balance("C1", 999, calculation="policy"), balance("C2", 5, calculation="tax", bucket="d61_90"),
    )  # fmt: skip
    found = provision.deferred_tax(closing, rate_permille=350)
    shown = ["customer_id", "temporary_amount", "deferred_tax_amount"]
    assert found[shown].values.tolist() == [["C1", 670, 235], ["C2", -5, -2]]


def test_the_change_in_deferred_tax_is_an_entry_of_its_own() -> None:
    def lines(opening: pd.DataFrame, closing: pd.DataFrame) -> list[list[object]]:
        found = provision.propose_close(
            moved(opening, closing, lost()), opening, closing, policy=ProvisionPolicy(), accounts=Accounts(),
            period="2026-10", as_of=AS_OF,
        )  # fmt: skip
        journal.check_balanced(found)
        own = found[found["origin"] == "deferred_tax"]
        return own[["entry_id", "account", "base_amount"]].values.tolist()

    before = balances(balance("C1", 1000), balance("C1", 600, calculation="tax"))
    after = balances(balance("C1", 2000), balance("C1", 660, calculation="tax"))
    asset, result = Accounts().deferred_tax, Accounts().deferred_tax_result
    name = "deferred_tax-2026-10-CO01"
    # 35 % of 1,340 now, of 400 before.
    assert lines(before, after) == [[name, asset, 329], [name, result, -329]]
    assert lines(after, before) == [[name, asset, -329], [name, result, 329]]
    assert lines(after, after) == []


def test_the_effect_on_the_result_is_told_by_cluster_and_supervisor() -> None:
    people = customers(
        {"customer_id": "C1", "cluster_id": "Norte", "supervisor_id": "S1"},
        {"customer_id": "C2", "cluster_id": "Norte", "supervisor_id": "S1"},
    )
    opening = balances(balance("C1", 100), balance("C2", 100))
    closing = balances(balance("C1", 150), balance("C2", 80), balance("C9", 500))
    found = provision.effect_on_result(moved(opening, closing, lost()).base, people)
    shown = ["cluster_id", "supervisor_id", "customers", "charge_amount", "reversal_amount", "result_amount"]
    assert found[shown].values.tolist() == [["", "", 1, 500, 0, 500], ["Norte", "S1", 2, 50, 20, 30]]


def test_balances_sum_to_the_items_and_a_company_without_debts_keeps_its_zero() -> None:
    by_item = provision.PROVISION_BY_ITEM.empty()
    found = provision.provision_balances(by_item, RATES, as_of=AS_OF, base_currency="COP", companies=["CO01"])
    assert found["calculation"].tolist() == ["ifrs9", "policy", "tax"]
    assert found["provision_amount"].sum() == 0
