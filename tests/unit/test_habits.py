"""How customers pay, learned from what they paid, and what of it matching uses."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pandas as pd
from learned_frames import DAY, applications, clearings, documents, receipts, reversals
from matched import match
from upper_trade_frames import open_items as items_of
from upper_trade_frames import receipts as cash_of

from workbench.matching import HABITS, Learned
from workbench.matching.habits import Habits, blended, learn_habits
from workbench.policy import HabitOverride, LearningPolicy, MatchingPolicy

POLICY = MatchingPolicy()
NOW = DAY + pd.Timedelta(days=1)


def learned(*frames: pd.DataFrame, policy: MatchingPolicy = POLICY, **late: Any) -> pd.DataFrame:
    usual = [documents(), clearings(), applications(), reversals(), receipts()]
    given = [*frames, *usual[len(frames):]]  # fmt: skip
    return learn_habits(*given, policy=policy, known_at=late.get("known_at", NOW))


def seen(habits: pd.DataFrame, customer: str = "C1") -> dict[str, tuple[int, int]]:
    own = habits[(habits["customer_id"] == customer) & (habits["seen"] > 0)]
    return {row["habit"]: (row["seen"], row["payments"]) for row in own.to_dict("records")}


def ways(habits: pd.DataFrame) -> set[str]:
    return {habit for habit in seen(habits) if not habit.startswith("pays-")}


def four(**change: dict[str, Any]) -> pd.DataFrame:
    """Four invoices due one month after another; 3 and 4 share an order."""
    usual = [
        {
            "document_key": key,
            "due_date": pd.Timestamp(f"2026-0{key}-15"),
            "order_id": "P7" if key > 2 else "",
        }
        for key in (1, 2, 3, 4)
    ]
    return documents(*({**row, **change.get(f"d{row['document_key']}", {})} for row in usual))


def paid(*keys: int, **change: Any) -> pd.DataFrame:
    return clearings(*({"document_key": key, **change} for key in keys))


def test_each_way_of_paying_is_recognised_by_what_was_open_then() -> None:
    assert ways(learned(four(), paid(3))) == {"single-amount"}
    assert ways(learned(four(), paid(1, 2, 3, 4))) == {"whole-account"}
    assert ways(learned(four(), paid(1))) == {"single-amount"}
    late = {"clearing_date": pd.Timestamp("2026-02-20")}
    assert ways(learned(four(), paid(1, 2, **late))) == {"past-due"}
    assert ways(learned(four(), paid(3, 4))) == {"one-group"}
    assert ways(learned(four(), paid(2, 3))) == {"window"}
    apart = four(d1={"document_date": pd.Timestamp("2026-01-03")})
    assert ways(learned(apart, paid(1, 3))) == {"window-held-back"}


def test_the_only_document_open_teaches_no_way_of_paying() -> None:
    one = documents({"document_key": 1})
    habits = learned(one, paid(1))
    assert ways(habits) == set()
    assert seen(habits) == {"pays-tuesdays": (1, 1)}


def test_a_part_of_a_document_is_no_exact_sum() -> None:
    assert ways(learned(four(), paid(1, cleared_amount=60_00))) == {"not-exact"}
    both = pd.concat([paid(1, cleared_amount=60_00), paid(1, clearing_document="P2", cleared_amount=40_00,
                      clearing_date=pd.Timestamp("2026-02-20"))])  # fmt: skip
    assert seen(learned(four(), both))["not-exact"] == (1, 2)


def test_credit_notes_crossed_in_a_payment_are_counted_where_there_were_any() -> None:
    with_note = four(d4={"document_kind": "credit_note", "original_amount": -20_00})
    crossed = pd.concat([paid(2, 3), paid(4, cleared_amount=-20_00)])
    assert seen(learned(with_note, crossed))["nets-notes"] == (1, 1)
    assert "nets-notes" not in seen(learned(with_note, paid(2, 3)))
    assert "nets-notes" not in seen(learned(four(), paid(2, 3)))


def test_what_people_applied_teaches_and_what_rules_applied_does_not() -> None:
    by_rule = applications(1, owner=3, applied_amount=100_00, effective_date=pd.Timestamp("2026-02-13"))
    assert learned(four(), clearings(), by_rule).empty
    by_person = by_rule.assign(rule="decided")
    cash = receipts({"receipt_key": 1})
    habits = learned(four(), clearings(), by_person, reversals(), cash)
    assert seen(habits) == {"single-amount": (1, 1), "pays-fridays": (1, 1)}
    undone = reversals({"application_id": "a1", "recorded_at": DAY})
    assert learned(four(), clearings(), by_person, undone, cash).empty
    confirmed = learned(four(), paid(3), by_person, reversals(), cash)
    assert seen(confirmed)["single-amount"] == (1, 1)  # the same money seen by the ERP too


def test_a_round_sum_that_is_no_sum_of_documents_is_a_habit_of_its_own() -> None:
    part = applications(1, owner=3, applied_amount=90_00, rule="decided")
    habits = learned(four(), clearings(), part, reversals(), receipts({"receipt_key": 1,
                     "received_amount": 3_000_00}))  # fmt: skip
    assert seen(habits)["pays-round-sums"] == (1, 1)
    odd = learned(four(), clearings(), part, reversals(), receipts({"receipt_key": 1}))
    assert "pays-round-sums" not in seen(odd)


def test_cash_of_another_currency_is_round_by_its_own_units_and_exact_by_what_was_exchanged() -> None:
    dollars = documents({"document_key": 1, "currency": "USD"}, {"document_key": 2, "currency": "USD"})

    def rounds(received: int, exchanged: int, currency: str = "COP") -> tuple[int, int]:
        took = applications(7, rule="decided", kind="exchange", applied_amount=100_00)
        sides = [
            applications(7, owner=-1, rule="decided", kind=kind, applied_amount=amount,
                         application_id=kind, operation_id="o7")
            for kind, amount in (("on_account", exchanged), ("exchange", -exchanged))
        ]  # fmt: skip
        cash = receipts({"receipt_key": 7, "currency": currency, "received_amount": received})
        book = (dollars, clearings(*()), pd.concat([took, *sides], ignore_index=True), reversals(), cash)
        return seen(learned(*book)).get("pays-round-sums", (0, 0))

    assert rounds(500_000_00, 401_250_00) == (1, 1)
    assert rounds(400_000_00, 400_000_00) == (0, 0)  # all of it was given for the invoice
    # A yen has no cents: 40,000 are forty thousands, not four hundred.
    assert rounds(41_000, 40_125, "JPY") == (1, 1)


def test_what_is_recorded_later_teaches_nothing_and_the_same_twice_is_once() -> None:
    late = paid(2, 3, recorded_at=NOW + pd.Timedelta(seconds=1))
    assert learned(four(), late).empty
    assert not learned(four(), late, known_at=NOW + pd.Timedelta(seconds=1)).empty
    once = learned(four(), paid(2, 3))
    assert learned(pd.concat([four()] * 2), pd.concat([paid(2, 3)] * 2)).equals(once)
    assert learned(four().iloc[::-1], paid(3, 2)).equals(once)
    assert learned(four(), paid(2, 3), known_at=NOW + pd.Timedelta(days=400)).empty


def test_the_prior_weighs_as_so_many_payments() -> None:
    policy = LearningPolicy(prior_payments=20)
    assert blended(120, 0, 0, policy) == 120
    assert blended(120, 20, 20, policy) == 560
    assert blended(100, 20, 0, policy) == 50


def override(habit: str, permille: int) -> MatchingPolicy:
    word = HabitOverride("CO01", "C1", habit, permille, "Beatriz", dt.date(2026, 2, 1), "lo dijo el cliente")
    return replace(POLICY, learning=LearningPolicy(overrides=(word,)))


def test_a_persons_word_holds_over_what_was_learned_and_says_who_when_and_why() -> None:
    habits = learned(four(), paid(2, 3), policy=override("window", 900))
    row = habits[habits["habit"] == "window"].iloc[0]
    assert (row["learned_permille"], row["permille"], row["set_by"]) == (161, 900, "Beatriz")
    assert (row["set_on"], row["why"]) == (pd.Timestamp("2026-02-01"), "lo dijo el cliente")
    assert len(learned(four(), policy=override("window", 900)))  # of a customer without a payment too


def known(**permille: int) -> Learned:
    rows = [{"company_id": "CO01", "customer_id": "C1", "habit": habit.replace("_", "-"), "payments": 1,
             "seen": 1, "prior_permille": 0, "learned_permille": value, "permille": value, "set_by": "",
             "set_on": pd.NaT, "why": ""} for habit, value in permille.items()]  # fmt: skip
    return replace(Learned.nothing(), habits=HABITS.conform(pd.DataFrame(rows)))


def test_habits_only_make_the_proof_more_careful() -> None:
    weights = {**POLICY.habits}
    careful = Habits(known(not_exact=400, window=999).habits, POLICY)
    assert careful.proof_weights("CO01", "C1", weights) == {**weights, "not-exact": 400}
    bold = Habits(known(not_exact=10, window=999).habits, POLICY)
    assert bold.proof_weights("CO01", "C1", weights) == weights
    assert careful.proof_weights("CO01", "C2", weights) == weights


def test_how_a_customer_pays_ranks_what_is_suggested_and_nothing_more() -> None:
    open_items = items_of(
        {"number": "1", "due_date": "2026-02-01", "amount": 300_00},
        {"number": "2", "due_date": "2026-02-02", "amount": 100_00},
        {"number": "3", "due_date": "2026-02-03", "amount": 200_00},
        {"number": "4", "due_date": "2026-03-03", "amount": 500_00},
    )
    cash = cash_of({"id": "R1", "amount": 300_00, "customer_id": "C1"})
    usual = match(cash, open_items)
    windows = match(cash, open_items, learned=known(window=900, single_amount=50))
    assert usual.applied.empty
    assert windows.applied.empty

    def first(told: Any) -> list[int]:
        return sorted(told.suggested.loc[told.suggested["rank"] == 1, "document_key"])

    assert first(usual) == [1]
    assert first(windows) == [2, 3]
    assert set(usual.suggested["document_key"]) == set(windows.suggested["document_key"])
