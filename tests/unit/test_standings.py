"""How right each rule was, by what people did with it: demoted, proven, or as it was from the first day."""

from __future__ import annotations

import json
from math import comb
from typing import Any

import pandas as pd
import pytest
from learned_frames import DAY, applications, decisions, documents, reversals

from workbench.matching.standings import Standings, claims_of_rules, measure_rules, surprise
from workbench.policy import LearningPolicy

POLICY = LearningPolicy()


def standings(
    made: pd.DataFrame, undone: pd.DataFrame | None = None, decided: pd.DataFrame | None = None,
    days: int = 60, policy: LearningPolicy = POLICY,
) -> pd.DataFrame:  # fmt: skip
    claims = claims_of_rules(
        made, reversals() if undone is None else undone, decisions() if decided is None else decided,
        documents(), policy=policy, known_at=DAY + pd.Timedelta(days=days),
    )  # fmt: skip
    return measure_rules(claims, policy=policy)


def shown(frame: pd.DataFrame, *names: str) -> list[list[Any]]:
    return frame[list(names)].to_numpy().tolist()


def undone_alone(*numbers: int) -> pd.DataFrame:
    """Each undone at an instant of its own: a person looked at that one."""
    instants = (DAY + pd.Timedelta(hours=number % 1000) for number in numbers)
    rows = zip(numbers, instants, strict=True)
    return reversals(*({"application_id": f"a{number}", "recorded_at": at} for number, at in rows))


def test_the_surprise_is_the_binomial_tail() -> None:
    exact = 1 - sum(comb(40, k) * 0.001**k * 0.999 ** (40 - k) for k in range(2))
    assert surprise(40, 2, 999) == pytest.approx(exact, rel=1e-9)
    assert surprise(40, 0, 999) == 1.0


def test_a_rule_with_proof_applies_from_the_first_day_and_one_mistake_in_forty_leaves_it_so() -> None:
    assert Standings(standings(applications())).applies("window", "CO01", "C1")
    one_wrong = standings(applications(*range(40)), undone_alone(3))
    assert shown(one_wrong, "decided", "agreed", "precision_permille", "standing", "why") == [
        [40, 39, 975, "applies", "keeps-its-promise"],
        [40, 39, 975, "applies", "keeps-its-promise"],  # of its one customer, who has enough of its own
    ]


def test_two_mistakes_in_forty_demote_it_since_the_second_one() -> None:
    demoted = standings(applications(*range(40)), undone_alone(3, 30))
    assert set(demoted["standing"]) == {"suggests"}
    assert set(demoted["why"]) == {"too-many-undone"}
    assert set(demoted["since"]) == {pd.Timestamp("2026-03-02")}  # hour 30, when the second was undone
    assert not Standings(demoted).applies("window", "CO01", "C1")
    assert Standings(demoted).applies("single-amount", "CO01", "C1")


def test_a_customer_with_enough_decisions_is_judged_by_its_own_and_others_by_all() -> None:
    good = applications(*range(1000), owner=2)
    bad = applications(*range(2000, 2030), owner=1)
    mixed = standings(pd.concat([good, bad]), undone_alone(2001, 2002))
    judge = Standings(mixed)
    assert not judge.applies("window", "CO01", "C1")
    assert judge.applies("window", "CO01", "C2")
    assert judge.applies("window", "CO01", "C3")


def test_what_stands_too_short_says_nothing_yet_and_what_is_too_old_no_longer() -> None:
    made = applications(1)
    assert shown(standings(made, days=29), "decided", "standing") == [[0, "applies"]]
    assert shown(standings(made, days=31), "decided") == [[1]]
    assert standings(made, days=800).empty


def test_undoing_a_whole_run_is_no_word_on_its_rules_but_one_of_it_is() -> None:
    made = applications(*range(5), step_key="s1")
    together = reversals(*({"application_id": f"a{number}"} for number in range(5)))
    assert standings(made, together).empty
    part = reversals(*({"application_id": f"a{number}"} for number in range(4)))
    assert shown(standings(made, part), "decided", "agreed") == [[5, 1]]


def test_an_undo_after_known_at_is_not_known() -> None:
    late = reversals({"application_id": "a1", "recorded_at": DAY + pd.Timedelta(days=61)})
    assert shown(standings(applications(1), late), "agreed") == [[1]]


def suggested(
    number: int, *, rule: str = "oldest-first", how: str = "accept", **change: Any
) -> dict[str, Any]:
    offered = {"rule": rule, "customer": "C1", "proposals": 1, "accepted": 1, **change}
    return {
        "decision_id": f"d{number}", "decision": how,
        "evidence": json.dumps({"decision": how, "offered": offered}),
    }  # fmt: skip


def test_a_rule_without_proof_suggests_until_thirty_decisions_agree() -> None:
    nobody = Standings(standings(applications()))
    assert not nobody.applies("oldest-first", "CO01", "C1")
    few = standings(applications(), decided=decisions(*(suggested(n) for n in range(29))))
    assert shown(few, "standing", "why") == [["suggests", "too-few-decisions"]]
    enough = standings(applications(), decided=decisions(*(suggested(n) for n in range(30))))
    assert Standings(enough).applies("oldest-first", "CO01", "C1")
    changed = decisions(*(suggested(n) for n in range(40)), suggested(99, how="change", accepted=0))
    often = standings(applications(), decided=changed)
    assert set(often["why"]) == {"too-often-changed"}


def test_the_second_answer_accepted_is_a_word_against_the_first() -> None:
    told = decisions(suggested(1), suggested(2, accepted=2), suggested(3, how="reject", accepted=0))
    assert shown(standings(applications(), decided=told), "decided", "agreed") == [[3, 1]]


def test_a_proposal_taken_as_a_part_or_with_a_residual_item_is_agreed_to() -> None:
    told = decisions(suggested(1, how="residual"), suggested(2, how="accept+partial"),
                     suggested(3, how="residual", accepted=0))  # fmt: skip
    assert shown(standings(applications(), decided=told), "decided", "agreed") == [[3, 2]]


def test_what_a_rule_with_proof_only_suggested_is_shown_and_moves_nothing() -> None:
    told = decisions(*(suggested(n, rule="window", how="reject", accepted=0) for n in range(50)))
    frame = standings(applications(1), decided=told)
    assert shown(frame[frame["claim"] == "suggested"], "decided", "agreed", "standing", "why")[0] == [
        50, 0, "", "doubtful-itself"
    ]  # fmt: skip
    assert Standings(frame).applies("window", "CO01", "C1")


def test_a_decision_that_waits_or_was_refused_is_no_word_and_an_approved_one_is() -> None:
    waits = suggested(1) | {"decision": "request"}
    assert standings(applications(), decided=decisions(waits)).empty
    for answer, counted in (("approve", 1), ("refuse", 0)):
        told = decisions(waits, {"decision_id": "answer", "subject": "request", "subject_key": "d1",
                                 "decision": answer, "evidence": "{}"})  # fmt: skip
        assert len(standings(applications(), decided=told)) == counted


def test_a_decision_undone_since_says_nothing() -> None:
    made = applications(7, rule="decided", evidence=json.dumps({"decision_id": "d1"}))
    undone = reversals({"application_id": "a7"})
    assert standings(made, undone, decisions(suggested(1))).empty


def test_the_figures_are_the_policys() -> None:
    made, undone = applications(*range(1000)), undone_alone(3, 4)
    assert set(standings(made, undone)["standing"]) == {"applies"}
    strict = LearningPolicy(surprise_permille=500)
    assert set(standings(made, undone, policy=strict)["standing"]) == {"suggests"}


def test_one_undoing_is_no_measure_and_what_is_not_yet_old_enough_counts_for_the_rule() -> None:
    assert set(standings(applications(1), undone_alone(1))["standing"]) == {"applies"}
    fresh = standings(applications(*range(500)), undone_alone(1, 2), days=5)
    assert shown(fresh, "decided", "agreed", "standing") == [[2, 0, "applies"]]
    few = standings(applications(*range(50)), undone_alone(1, 2), days=5)
    assert shown(few, "decided", "agreed", "standing") == [[2, 0, "suggests"]]
