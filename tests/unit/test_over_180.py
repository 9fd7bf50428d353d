"""The over-180 control as pure trade: boundaries to the day, the cost of a crossing, the life line."""

from __future__ import annotations

import datetime as dt
import json

import pandas as pd
import pytest
from over_180_frames import AS_OF, NEXT_CLOSE, NO_PLANS, PEOPLE, POLICY, aged, case_frames, crossings

from workbench import over_180, words, write_offs
from workbench.calendar import Period
from workbench.policy import Insured, MatrixPolicy, ProvisionException, ProvisionPolicy

COSTLY = ProvisionPolicy(over_days=180, rate_permille=1000)


def _listed(frame: pd.DataFrame, limit: int = 180) -> list[str]:
    return frame.loc[frame["over_days"] == limit, "document_id"].tolist()


def test_day_180_is_not_over_and_crosses_tomorrow() -> None:
    items = aged({"number": "A", "amount": 100, "days": 180}, {"number": "B", "amount": 100, "days": 181})
    listed = crossings(items)
    assert _listed(listed) == ["A"]
    assert listed.iloc[0]["crossing_date"] == pd.Timestamp(AS_OF) + pd.Timedelta(days=1)


def test_exactly_180_at_the_next_close_does_not_cross_and_181_does() -> None:
    items = aged({"number": "A", "amount": 100, "days": 150}, {"number": "B", "amount": 100, "days": 151})
    listed = crossings(items)  # thirty days to the next close
    assert _listed(listed) == ["B"]
    assert listed["days_at_next_close"].tolist() == [181]


def test_each_limit_has_its_own_list_and_credits_are_in_none() -> None:
    items = aged(
        {"number": "A", "amount": 100, "days": 90},
        {"number": "B", "amount": 100, "days": 120},
        {"number": "C", "amount": 100, "days": 360},
        {"number": "D", "amount": -100, "days": 170},
    )
    listed = crossings(items)
    assert {limit: _listed(listed, limit) for limit in POLICY.crossings} == {
        90: ["A"], 120: ["B"], 180: [], 360: ["C"],
    }  # fmt: skip


def test_an_item_that_crosses_two_limits_before_a_distant_close_is_in_both_and_costs_once() -> None:
    items = aged({"number": "A", "amount": 1_000_00, "days": 90})
    listed = crossings(items, next_close=AS_OF + dt.timedelta(days=100))
    assert listed["over_days"].tolist() == [90, 120, 180]
    assert listed["cost_amount"].tolist() == [0, 0, 1_000_00]


def test_the_cost_is_the_step_of_the_policys_rate_rounded_once() -> None:
    items = aged({"number": "A", "amount": 1_001, "days": 170})
    listed = crossings(items, provision=ProvisionPolicy(rate_permille=500))
    assert listed[["rate_now_permille", "rate_then_permille"]].iloc[0].tolist() == [0, 500]
    assert listed["cost_amount"].tolist() == [501]  # 500.5, half away from zero


def test_an_exception_that_holds_through_the_next_close_is_taken_off_and_one_that_lapses_is_not() -> None:
    items = aged({"number": "A", "amount": 1_000, "days": 170})

    def cost(reason: str, through: dt.date) -> list[int]:
        told = ProvisionException("CO01", "C1", 200, reason, "jefe", through)
        frame = crossings(items, provision=ProvisionPolicy(exceptions=(told,)))
        return (
            frame[["gross_cost_amount", "insured_amount", "excepted_amount", "cost_amount"]].iloc[0].tolist()
        )

    assert cost("agreed_plan", NEXT_CLOSE) == [1_000, 0, 800, 200]
    assert cost("insured", NEXT_CLOSE) == [1_000, 800, 0, 200]
    assert cost("insured", NEXT_CLOSE - dt.timedelta(days=1)) == [1_000, 0, 0, 1_000]


def test_the_insured_part_is_the_insurers_share_up_to_its_limit_the_oldest_debt_first() -> None:
    items = aged({"number": "A", "amount": 1_000, "days": 170}, {"number": "B", "amount": 1_000, "days": 175})
    cover = Insured("CO01", "C1", 900, {"COP": 1_000}, "Aseguradora", NEXT_CLOSE)
    listed = crossings(items, provision=ProvisionPolicy(matrix=MatrixPolicy(insured=(cover,))))
    told = listed.set_index("document_id")["insured_amount"].to_dict()
    assert told == {"B": 900, "A": 100}
    assert listed["cost_amount"].sum() == 2_000 - 1_000


def test_a_row_has_its_plan_and_else_the_supervisor_as_owner() -> None:
    plan = {"owner": "Marta", "cause": "PRC", "plan": "Nota por precio", "plan_date": "2026-11-15"}
    revised = {**plan, "plan": "Nota emitida"}
    frames = case_frames({
        "id": "P", "kind": "over_180_plan", "state": "planned", "content": plan, "items": [(1, 100)],
        "events": [("revise", "planned", "ana", revised)],
    })  # fmt: skip
    items = aged({"number": "A", "amount": 100, "days": 170}, {"number": "B", "amount": 100, "days": 170})
    listed = crossings(items, plans=over_180.plans_of_cases(*frames)).set_index("document_id")
    assert listed.loc["A", ["owner", "cause", "plan"]].tolist() == ["Marta", "PRC", "Nota emitida"]
    assert listed.loc["B", ["owner", "plan_case"]].tolist() == ["S1", ""]
    by_supervisor = over_180.summarise_crossings(listed.reset_index(), by=["supervisor_id"])
    assert by_supervisor[["items", "without_plan"]].iloc[0].tolist() == [2, 1]


def _placed(
    items: pd.DataFrame, *cases: dict[str, object], given_up: pd.DataFrame | None = None
) -> dict[str, str]:
    frames = case_frames(*cases)
    placed = over_180.place_on_life_line(
        items, PEOPLE, over_180.transferred_items(*frames), over_180.handed_over_items(frames[0], frames[2]),
        write_offs.GIVEN_UP.empty() if given_up is None else given_up,
        as_of=AS_OF, next_close=NEXT_CLOSE, policy=POLICY,
    )  # fmt: skip
    return dict(zip(placed["document_id"], placed["stage"], strict=True))


def test_the_life_line_changes_on_its_days_and_no_other() -> None:
    days = {"A": 89, "B": 90, "C": 150, "D": 151, "E": 180, "F": 181}
    items = aged(*({"number": name, "amount": 10, "days": one} for name, one in days.items()))
    assert _placed(items) == {
        "A": "normal", "B": "watch", "C": "watch", "D": "pre_180", "E": "pre_180", "F": "over_180",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "state", "stage"),
    [
        ("over_180_transfer", "proposed", "transfer_proposed"),
        ("over_180_transfer", "approved", "transfer_approved"),
        ("over_180_transfer", "transferred", "transferred"),
        ("over_180_transfer", "rejected", "over_180"),
        ("over_180_hand_over", "in_legal", "legal"),
        ("over_180_hand_over", "with_insurer", "insurance"),
        ("over_180_hand_over", "returned", "over_180"),
    ],
)
def test_a_case_says_the_stage_of_its_items(kind: str, state: str, stage: str) -> None:
    items = aged({"number": "A", "amount": 10, "days": 200})
    assert _placed(items, {"id": "X", "kind": kind, "state": state, "items": [(1, 10)]}) == {"A": stage}


@pytest.mark.parametrize(("state", "back"), [("posted", 0), ("partly_recovered", 4), ("recovered", 10)])
def test_what_was_given_up_is_seen_though_it_owes_nothing(state: str, back: int) -> None:
    items = aged({"number": "A", "amount": 10, "days": 400, "open_amount": 0},
                 {"number": "B", "amount": 10, "days": 400, "open_amount": 0})  # fmt: skip
    events = [("post", "posted", "eva", {})]
    if back:
        move = "recover" if back == 10 else "recover_part"
        events.append((move, state, "eva", {"recovered": {"1": back}}))
    frames = case_frames({
        "id": "W", "kind": "write_off", "state": state, "items": [(1, 10)], "events": events,
        "content": {"reason_code": "PRES"},
    })  # fmt: skip
    given_up = write_offs.given_up_items(*frames)
    assert given_up["written_off_amount"].tolist() == [10 - back]
    stage = {"posted": "written_off"}.get(state, state)
    assert _placed(items, given_up=given_up) == {"A": stage}  # B was paid: its line has ended


def test_only_what_is_over_and_in_no_live_transfer_is_proposed() -> None:
    items = aged(*({"number": name, "amount": 10, "days": days}
                   for name, days in {"A": 180, "B": 181, "C": 200, "D": 300}.items()))  # fmt: skip
    items.loc[items["document_id"] == "D", "special_gl"] = "A"
    frames = case_frames(
        {"id": "X", "kind": "over_180_transfer", "state": "transferred", "items": [(3, 10)]},
        {"id": "Y", "kind": "over_180_transfer", "state": "rejected", "items": [(2, 10)]},
    )
    held = over_180.transferred_items(*frames)
    assert over_180.list_proposals(items, PEOPLE, held, policy=POLICY)["document_id"].tolist() == ["B"]


#: Two debts were transferred; of the first a part was collected and came back.
PART_BACK = case_frames({
    "id": "X", "kind": "over_180_transfer", "state": "transferred", "items": [(1, 100), (2, 50)],
    "events": [
        ("approve", "approved", "eva", {}),
        ("post", "transferred", "eva", {}),
        ("propose_reversal", "reversal_proposed", "ana", {"amounts": {"1": 30}}),
        ("post_part", "transferred", "eva", {}),
    ],
})  # fmt: skip


def test_what_was_collected_of_a_transfer_is_due_back_and_no_more() -> None:
    held = over_180.transferred_items(*PART_BACK)
    assert held[["transferred_amount", "reversed_amount", "standing_amount"]].to_numpy().tolist() == [
        [100, 30, 70], [50, 0, 50],
    ]  # fmt: skip
    items = aged({"number": "A", "amount": 60, "days": 200})  # the second one is paid and gone
    due = over_180.list_due_back(held, items)
    assert dict(zip(due["document_key"], due["due_back_amount"], strict=True)) == {1: 10, 2: 50}


def test_a_part_that_came_back_and_is_owed_again_is_found_and_no_more_than_came_back() -> None:
    held = over_180.transferred_items(*PART_BACK)
    found = {
        amount: over_180.find_open_again(
            held, aged({"number": "A", "amount": amount, "days": 200})
        )["amount"].tolist()
        for amount in (60, 70, 71, 100, 140)
    }  # fmt: skip
    assert found == {60: [], 70: [], 71: [1], 100: [30], 140: [30]}
    told = over_180.find_open_again(held, aged({"number": "A", "amount": 100, "days": 200}))
    assert told["rule"].tolist() == ["over-180-part-open-again"]
    for lang in words.LANGUAGES:
        said = words.sentence("over-180-part-open-again", json.loads(told["values"][0]), lang)
        assert "X" in said
        assert "{" not in said
    items = aged({"number": "A", "amount": 100, "days": 200})
    assert over_180.list_proposals(items, PEOPLE, held, policy=POLICY).empty  # so nothing else tells of it


def test_exceptions_of_cases_are_the_approved_ones_and_the_newest_of_a_customer() -> None:
    def said(rate: int) -> dict[str, object]:
        return {"reason": "insured", "rate_permille": rate, "valid_through": "2026-12-31"}

    kind = "provision_exception"
    approved = [("approve", "approved", "eva", {})]
    frames = case_frames(
        {"id": "A", "kind": kind, "state": "approved", "content": said(100), "events": approved},
        {"id": "B", "kind": kind, "state": "approved", "content": said(300), "events": approved},
        {"id": "C", "kind": kind, "state": "requested", "content": said(0), "customer": "C2"},
        {
            "id": "D",
            "kind": kind,
            "state": "withdrawn",
            "content": said(0),
            "customer": "C3",
            "events": approved,
        },
    )
    found = over_180.exceptions_of_cases(*frames[:2])
    assert [(one.customer_id, one.rate_permille, one.approved_by) for one in found] == [("C1", 300, "eva")]
    stated = (
        ProvisionException("CO01", "C1", 0, "x", "y", dt.date(2026, 12, 31)),
        ProvisionException("CO01", "C9", 0, "x", "y", dt.date(2026, 12, 31)),
    )
    both = over_180.with_approved(stated, found)
    assert [(one.customer_id, one.rate_permille) for one in both] == [("C9", 0), ("C1", 300)]


def test_old_credits_say_which_case_they_are_in() -> None:
    listed = pd.DataFrame({
        "action": ["refund", "apply"], "document_kind": ["document", "document"], "document_key": [1, 2],
        "document_id": ["N1", "N2"], "company_id": "CO01", "customer_id": "C1",
        "document_date": pd.Timestamp("2026-01-01"), "age_days": 303, "currency": "COP",
        "credit_amount": [-10, -20], "owner": "S1", "approver": "controller", "evidence": "",
    })  # fmt: skip
    frames = case_frames(
        {"id": "K1", "kind": "credit_over_180", "state": "rejected", "items": [(1, -10)]},
        {"id": "K2", "kind": "credit_over_180", "state": "approved", "items": [(2, -20)]},
    )
    told = over_180.with_cases(listed, frames[0], frames[2])
    assert told["state"].tolist() == ["", "approved"]
    assert told["case_id"].tolist() == ["", "K2"]


def test_a_move_dated_after_the_cut_off_has_not_happened_yet() -> None:
    cases, events, items = case_frames(
        {"id": "X", "kind": "over_180_transfer", "state": "transferred", "items": [(1, 10)],
         "events": [("approve", "approved", "eva", {}), ("post", "transferred", "ana", {})]},
        {"id": "Y", "kind": "over_180_transfer", "state": "proposed", "items": [(2, 10)]},
    )  # fmt: skip
    events.loc[(events["case_id"] == "X") & (events["number"] == 3), "event_date"] = pd.Timestamp(
        "2026-11-01"
    )
    events.loc[events["case_id"] == "Y", "event_date"] = pd.Timestamp("2026-11-01")
    events.loc[(events["case_id"] == "X") & (events["number"] == 1), "state"] = "proposed"
    then = over_180.cases_as_of(cases, events, items, as_of=AS_OF)
    assert dict(zip(then.cases["case_id"], then.cases["state"], strict=True)) == {"X": "approved"}
    assert then.items["item_key"].tolist() == [1]
    held = over_180.transferred_items(then.cases, then.events, then.items)
    assert held["standing_amount"].tolist() == [0]


def test_the_next_close_is_the_periods_own_until_its_last_day() -> None:
    october = Period(2026, 10)
    assert over_180.next_close_of(october, dt.date(2026, 10, 30)) == dt.date(2026, 10, 31)
    assert over_180.next_close_of(october, dt.date(2026, 10, 31)) == dt.date(2026, 11, 30)
    assert over_180.next_close_of(Period(2026, 12), dt.date(2026, 12, 31)) == dt.date(2027, 1, 31)


def test_what_crosses_180_without_a_plan_is_told_to_its_supervisor_and_nothing_else_is() -> None:
    items = aged(
        {"number": "A", "amount": 100, "days": 170},
        {"number": "B", "amount": 50, "days": 170, "customer_id": "C2"},
        {"number": "C", "amount": 70, "days": 85},  # crosses 90 only
    )
    found = over_180.find_without_plan(crossings(items), next_close=NEXT_CLOSE, policy=POLICY)
    assert found[["rule", "key", "amount"]].to_numpy().tolist() == [
        ["crossing-without-plan", "S1", 100], ["crossing-without-plan", "S2", 50],
    ]  # fmt: skip
    named = over_180.find_without_plan(
        crossings(items), next_close=NEXT_CLOSE, policy=POLICY, names={"S1": "Laura Nieto"}
    )
    assert [json.loads(one)["supervisor"] for one in named["values"]] == ["Laura Nieto", "S2"]


def test_nobody_is_listed_where_nothing_is_open() -> None:
    assert crossings(aged().head(0)).empty
    assert over_180.summarise_crossings(crossings(aged().head(0)), by=["customer_id"]).empty
    assert NO_PLANS.empty


def test_where_nothing_is_to_be_watched_the_list_is_empty() -> None:
    assert over_180.watched(over_180.LIFE_LINE.empty()).empty
