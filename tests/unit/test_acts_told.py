"""What acts tell: where each stands, what must be chased, which signed ones are contradicted, coverage."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import hypothesis.strategies as st
import pandas as pd
import pytest
from acts_world import CUT_OFF, OURS, SILENT, WAYS, act_in, frames_of, moved, new_act, open_items, told
from hypothesis import given

from workbench import acts, words
from workbench.calendar import WorkingDays
from workbench.cases import CaseItem
from workbench.errors import PolicyError
from workbench.policy import ActPolicy
from workbench.tables import CUSTOMERS

AS_SIGNED = ((1, 100_00), (2, 50_00))


def contradictions(*now: tuple[int, int], state: str = "closed", **more: Any) -> pd.DataFrame:
    case = act_in(state)
    return acts.find_contradictions(
        told(case), frames_of(case)[2], open_items(*now, **more), as_of=CUT_OFF
    )  # fmt: skip


def test_an_act_tells_where_it_stands_and_how_it_came_there() -> None:
    one = told(act_in("closed")).iloc[0]
    assert one[["state", "answer", "our_balance", "their_balance", "difference", "version"]].tolist() == [
        "closed", "differs", OURS, 140_00, 10_00, 1,
    ]  # fmt: skip
    assert [one[f"{name}_date"].day for name in ("sent", "answered", "agreed", "signed_us", "closed")] == [
        2, 4, 6, 7, 9,
    ]  # fmt: skip
    assert (one["our_signer"], one["their_signer"], one["opened_by"]) == ("Mario Duque", "Pedro Paz", "ana")


def test_silence_is_told_as_silence_and_says_nothing_of_their_balance() -> None:
    one = told(act_in("alternative")).iloc[0]
    assert one[["answer", "their_balance", "difference", "procedure", "reminders"]].tolist() == [
        "silent", 0, 0, "delivery_proof", 2,
    ]  # fmt: skip


# Chasing ----------------------------------------------------------------------------------------------------


def test_reminders_fall_on_the_fifth_and_tenth_working_day() -> None:
    days = WorkingDays.of([dt.date(2026, 11, 2), dt.date(2026, 11, 16)])  # All Saints' and Cartagena, moved
    reminders, silent = acts.days_to_chase(dt.date(2026, 11, 4), ActPolicy(), days)
    assert [day.day for day in (*reminders, silent)] == [11, 19, 26]
    plain = ActPolicy(in_working_days=False)
    assert [day.day for day in acts.days_to_chase(dt.date(2026, 11, 4), plain, days)[0]] == [9, 14]


@pytest.mark.parametrize("days", [(), (5, 5), (10, 5), (0, 5), (5, 15)])
def test_days_out_of_order_are_refused(days: tuple[int, ...]) -> None:
    with pytest.raises(PolicyError):
        ActPolicy(reminder_days=days)


CHASED = {
    "draft": ("send", 1), "sent": ("remind", 9), "acknowledged": ("remind", 9), "responded": ("analyse", 4),
    "in_analysis": ("agree", 5), "agreed": ("sign_us", 6), "signed_us": ("sign_both", 7),
    "signed_both": ("close", 8), "reopened": ("replace", 8),
}  # fmt: skip


@pytest.mark.parametrize("state", sorted(WAYS))
def test_what_is_due_next_in_each_state(state: str) -> None:
    due = acts.list_chases(told(act_in(state)), on=dt.date(2026, 11, 30))
    if state not in CHASED:
        assert due.empty
        return
    move, day = CHASED[state]
    assert due[["chase", "due_date"]].iloc[0].tolist() == [move, pd.Timestamp(2026, 11, day)]
    assert due["days_late"].tolist() == [30 - day]
    allowed = {one.name for one in acts.MACHINE.moves_from(state)}
    assert move in allowed, "what is asked for can be done"


def test_a_week_ahead_is_listed_and_no_further() -> None:
    sent = told(act_in("sent"))
    assert acts.list_chases(sent, on=dt.date(2026, 11, 3))["days_late"].tolist() == [-6]
    assert acts.list_chases(sent, on=dt.date(2026, 11, 2)).empty


def test_after_the_last_reminder_silence_is_due_and_then_the_alternative_procedure() -> None:
    case = new_act()
    for move, day, brought in SILENT[:-1]:
        case = moved(case, move, day, **brought)
    on = dt.date(2026, 11, 30)
    assert acts.list_chases(told(case), on=on)["chase"].tolist() == ["declare_silent"]
    assert acts.list_chases(told(moved(case, "declare_silent", 23)), on=on)["chase"].tolist() == [
        "record_alternative"
    ]


# Contradictions ---------------------------------------------------------------------------------------------


def test_a_book_that_says_what_was_signed_contradicts_nothing() -> None:
    assert contradictions(*AS_SIGNED).empty
    assert contradictions(*AS_SIGNED, (3, 0)).empty


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (((1, 100_00), (2, 50_00), (3, -20_00)), [(3, "appeared", 0, -20_00)]),
        (((1, 100_00),), [(2, "gone", 50_00, 0)]),
        (((1, 90_00), (2, 50_00)), [(1, "amount", 100_00, 90_00)]),
        (((1, 110_00), (2, 40_00)), [(1, "amount", 100_00, 110_00), (2, "amount", 50_00, 40_00)]),
    ],
)
def test_what_changed_of_a_signed_act_is_named(now: Any, expected: list[tuple[int, str, int, int]]) -> None:
    for state in acts.SIGNED:
        found = contradictions(*now, state=state)
        columns = (found[name] for name in ("document_key", "change", "act_amount", "book_amount"))
        assert list(zip(*columns, strict=True)) == expected
    assert (found["difference"] == found["book_amount"] - found["act_amount"]).all()


def test_another_customer_another_currency_and_another_cut_off_contradict_nothing() -> None:
    case = act_in("closed")
    other = pd.concat([open_items(*AS_SIGNED), open_items((7, 5_00), customer="C2"),
                       open_items((8, 5_00), currency="USD")])  # fmt: skip
    assert acts.find_contradictions(told(case), frames_of(case)[2], other, as_of=CUT_OFF).empty
    later = dt.date(2026, 11, 30)
    assert acts.find_contradictions(told(case), frames_of(case)[2], open_items(), as_of=later).empty


@pytest.mark.parametrize("state", sorted(set(WAYS) - set(acts.SIGNED)))
def test_only_signed_acts_are_reopened(state: str) -> None:
    assert contradictions((1, 1), state=state).empty


def test_every_signed_act_is_held_against_its_own_day_and_told_as_a_finding() -> None:
    """October's act still holds, September's lacks a note; what nobody signed is not asked about."""
    september = act_in("signed_both", case_id="act-9", as_of=dt.date(2026, 9, 30))
    cases = (act_in("closed"), september, act_in("agreed", case_id="act-7", as_of=dt.date(2026, 7, 31)))
    asked = []

    def open_items_on(*, as_of: dt.date, known_at: dt.datetime | None) -> pd.DataFrame:
        asked.append((as_of, known_at))
        return open_items(*AS_SIGNED, *([(3, -20_00)] if as_of.month == 9 else []))

    at = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    found = acts.find_all_contradictions(told(*cases), frames_of(*cases)[2], open_items_on, known_at=at)
    assert asked == [(dt.date(2026, 9, 30), at), (CUT_OFF, at)]
    assert found[["case_id", "document_id", "difference"]].to_numpy().tolist() == [["act-9", "F3", -20_00]]
    (one,) = acts.tell_contradictions(found).to_dict("records")
    assert (one["rule"], one["key"], one["amount"], one["currency"]) == (
        "act-contradicted",
        "act-9",
        -20_00,
        "COP",
    )
    said = words.sentence(one["rule"], json.loads(one["values"]), "es")
    assert "F3" in said
    assert "-20,00 COP" in said
    assert acts.tell_contradictions(acts.CONTRADICTIONS.empty()).empty


amounts = st.dictionaries(st.integers(1, 6), st.integers(-3, 3).filter(bool), max_size=6)


@given(held=amounts, now=amounts)
def test_the_changes_named_are_all_that_changed(held: dict[int, int], now: dict[int, int]) -> None:
    found = acts.compare_items(held, now)
    assert sum(one.book_amount - one.act_amount for one in found) == sum(now.values()) - sum(held.values())
    assert {one.key for one in found} == {key for key in held | now if held.get(key) != now.get(key)}


# Coverage ---------------------------------------------------------------------------------------------------


def customer(number: int, cluster: str) -> dict[str, str]:
    return {**dict.fromkeys(CUSTOMERS.columns, ""), "company_id": "CO01", "customer_id": f"C{number}",
            "cluster_id": cluster}  # fmt: skip


def test_coverage_counts_what_both_signed_of_this_cut_off_and_nothing_else() -> None:
    """C1 signed 150; C2 silent, by other evidence, 100; C3 signed 40, now 50; C4 signed by us alone 10."""

    def act(number: int, amount: int, state: str) -> Any:
        items = (CaseItem("document", number * 10, f"F{number}", "COP", amount),)
        more = {"customer_id": f"C{number}", "case_amount": amount, "items": items}
        if state == "alternative":
            return act_in(state, case_id=f"act-{number}", **more)
        case = new_act(f"act-{number}", **more)
        way = [("send", 2), ("respond", 3), ("agree", 4), ("sign_us", 5), ("sign_both", 6), ("close", 7)]
        for move, day in way:
            brought = {"answer": "agrees", "their_balance": None} if move == "respond" else {}
            case = moved(case, move, day, **brought, **({"actions": []} if move == "agree" else {}))
            if case.state == state:
                break
        return case

    history = told(act(1, 150, "closed"), act(2, 100, "alternative"), act(3, 40, "signed_both"),
                   act(4, 10, "signed_us"))  # fmt: skip
    now = [(1, 150), (2, 100), (3, 50), (4, 10), (5, -90)]
    items = pd.concat([open_items((10 * number, amount), customer=f"C{number}") for number, amount in now])
    people = pd.DataFrame([customer(number, "NORTE" if number < 4 else "SUR") for number in range(1, 6)])
    covered = acts.cover_balances(history, items, people, as_of=CUT_OFF, policy=ActPolicy())
    assert covered.customers["coverage"].tolist() == [
        "signed", "alternative", "contradicted", "in_progress", "none",
    ]  # fmt: skip
    north, south = covered.by_cluster.to_dict("records")
    assert (north["balance"], north["signed_balance"], north["signed_gross"]) == (300, 150, 150)
    assert (north["signed_permille"], north["customers_permille"]) == (500, 333)
    assert (north["alternative_gross"], north["contradicted_gross"]) == (100, 50)
    assert (south["balance"], south["gross_balance"], south["signed_permille"]) == (-80, 100, 0)
    assert covered.by_age["age_range"].tolist() == ["signed_now", "never"]
    assert covered.by_age["customers"].tolist() == [2, 3]
    assert int(covered.by_age["gross_permille"].sum()) == 1000


def test_the_age_of_the_last_signature_is_told_by_ranges() -> None:
    old = act_in("closed", as_of=dt.date(2026, 8, 31))
    for as_of, days, name in (
        (dt.date(2026, 8, 31), 0, "signed_now"), (dt.date(2026, 11, 29), 90, "d1_90"),
        (dt.date(2026, 11, 30), 91, "d91_180"), (dt.date(2027, 9, 30), 395, "d361_plus"),
    ):  # fmt: skip
        covered = acts.cover_balances(
            told(old), open_items(*AS_SIGNED), pd.DataFrame([customer(1, "NORTE")]), as_of=as_of,
            policy=ActPolicy(),
        )  # fmt: skip
        assert covered.customers[["days_since_signed", "age_range"]].iloc[0].tolist() == [days, name]
    assert acts.coverage.age_ranges(ActPolicy()) == (
        "signed_now", "d1_90", "d91_180", "d181_360", "d361_plus", "never",
    )  # fmt: skip


# Planning ---------------------------------------------------------------------------------------------------


def drawn(*rows: tuple[int, int]) -> acts.PreparedAct:
    items = tuple(CaseItem("document", key, f"F{key}", "COP", amount) for key, amount in rows)
    return acts.PreparedAct("CO01", "C1", "COP", CUT_OFF, sum(amount for _, amount in rows), {}, items)


def plan(*rows: tuple[int, int], before: Any = None) -> acts.PlannedActs:
    cases = [before] if before is not None else []
    return acts.plan_acts(
        [drawn(*rows)], told(*cases), frames_of(*cases)[2], open_items(*rows), as_of=CUT_OFF
    )


def test_a_customer_without_anything_open_needs_no_first_act() -> None:
    assert plan().opened == ()
    assert [one.case_id for one in plan((1, 5)).opened] == ["act-CO01-C1-COP-2026-10-31-1"]


@pytest.mark.parametrize("state", sorted(WAYS))
def test_what_becomes_of_an_act_that_is_prepared_again(state: str) -> None:
    same, other = plan(*AS_SIGNED, before=act_in(state)), plan((1, 1), before=act_in(state))
    must_go = state in ("reopened", "replaced")
    assert (same.kept == ("act-1",)) is not must_go
    if state in acts.SIGNED:
        assert (other.opened, other.signed) == ((), ("act-1",))
    else:
        (one,) = other.opened
        assert (one.version, one.replaces, one.content["replaces"]) == (2, "act-1", "act-1")
