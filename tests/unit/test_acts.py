"""Acts: every state is reached, every other move is refused, and the refusal says what is missing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from acts_world import OURS, SILENT, WAYS, WHOLE, act_in, moved, new_act

from workbench import acts, words
from workbench.acts import guards
from workbench.errors import MoveRefusedError

MOVES = sorted(acts.MACHINE.by_name)
ALLOWED = {(state, move.name) for state in acts.MACHINE.states for move in acts.MACHINE.moves_from(state)}


def cause_of(case: Any, move: str, day: int, **brought: Any) -> str:
    """The rule by which the move is refused; its sentence and remedy stand in both languages."""
    with pytest.raises(MoveRefusedError) as refused:
        moved(case, move, day, **brought)
    for lang in words.LANGUAGES:
        assert words.has_words(f"rules.{refused.value.cause}", lang)
        assert words.has_words(f"rules.{refused.value.cause}.remedy", lang)
        for key in (refused.value.cause, f"{refused.value.cause}.remedy"):
            asked = re.findall(r"{(\w+)}", words.catalogue("rules", lang)[key])
            assert set(asked) <= set(refused.value.values), key
    return refused.value.cause


def test_every_state_is_reached_by_allowed_moves() -> None:
    assert {act_in(state).state for state in WAYS} == acts.MACHINE.states == set(WAYS)


@pytest.mark.parametrize("state", sorted(WAYS))
def test_every_move_that_does_not_start_here_is_refused_with_those_that_do(state: str) -> None:
    case = act_in(state)
    for move in MOVES:
        if (state, move) in ALLOWED:
            continue
        with pytest.raises(MoveRefusedError) as refused:
            moved(case, move, 28)
        assert refused.value.cause == "case-move-not-from-here"
        assert refused.value.values["moves"] == sorted({one.name for one in acts.MACHINE.moves_from(state)})


@pytest.mark.parametrize(("state", "move"), sorted(ALLOWED))
def test_a_move_without_one_thing_that_it_needs_is_refused_and_names_it(state: str, move: str) -> None:
    case = act_in(state)
    step = next(one for one in acts.MACHINE.moves_from(state) if one.name == move)
    for name in step.needs:
        with pytest.raises(MoveRefusedError) as refused:
            moved(case, move, 28, **{name: None})
        assert refused.value.cause == "case-move-lacks"
        assert refused.value.values["lacking"] == [name]
    with pytest.raises(MoveRefusedError) as nobody:
        moved(case, move, 28, who="")
    assert nobody.value.cause == "case-move-by-nobody"


@pytest.mark.parametrize("state", sorted(set(WAYS) - {"replaced", "draft"}))
def test_no_move_is_dated_before_the_one_before(state: str) -> None:
    case = act_in(state)
    for move in acts.MACHINE.moves_from(state):
        assert cause_of(case, move.name, 1) == "act-move-too-early", move.name


def test_who_prepared_an_act_does_not_sign_it_for_us() -> None:
    assert cause_of(act_in("agreed"), "sign_us", 7, who="ana") == "case-move-same-person"
    assert cause_of(act_in("agreed"), "sign_us", 7, who=" Ana ") == "case-move-same-person"
    assert cause_of(act_in("agreed"), "sign_us", 7, who=" ") == "case-move-by-nobody"
    assert moved(act_in("agreed"), "sign_us", 7, who="contralor").state == "signed_us"


def test_an_act_leaves_with_days_in_order() -> None:
    for days in ("", "mañana", "2026-11-16,2026-11-09"):
        assert cause_of(new_act(), "send", 2, reminder_dates=days or None) in (
            "act-days-of-sending", "case-move-lacks",
        )  # fmt: skip
    assert cause_of(new_act(), "send", 2, silent_date="2026-11-10") == "act-days-of-sending"


def test_reminders_have_their_days_and_are_counted() -> None:
    sent = act_in("sent")
    assert cause_of(sent, "remind", 8) == "act-reminder-too-early"
    once = moved(sent, "remind", 9)
    assert cause_of(once, "remind", 15) == "act-reminder-too-early"
    twice = moved(moved(once, "acknowledge", 10), "remind", 16)
    assert twice.state == "acknowledged"
    assert cause_of(twice, "remind", 28) == "act-reminders-over"


def test_silence_is_a_fact_only_after_every_reminder_and_the_last_day() -> None:
    once = moved(act_in("sent"), "remind", 9)
    assert cause_of(once, "declare_silent", 28) == "act-reminders-missing"
    twice = moved(once, "remind", 16)
    assert cause_of(twice, "declare_silent", 22) == "act-silence-too-early"
    assert moved(twice, "declare_silent", 23).state == "responded"


def silent() -> Any:
    case = new_act()
    for move, day, brought in SILENT:
        case = moved(case, move, day, **brought)
    return case


def test_silence_never_becomes_an_agreement() -> None:
    for move in ("agree", "analyse"):
        assert cause_of(silent(), move, 24) == "act-without-answer"
    other = moved(silent(), "record_alternative", 24)
    assert {move.name for move in acts.MACHINE.moves_from(other.state)} == {
        "respond", "record_alternative", "replace",
    }  # fmt: skip


def test_a_late_answer_ends_the_silence() -> None:
    late = moved(act_in("alternative"), "respond", 27, answer="agrees", their_balance=None)
    assert moved(late, "agree", 27, actions=[]).state == "agreed"


def test_the_alternative_procedure_is_for_silence_and_rests_on_evidence() -> None:
    assert cause_of(act_in("responded"), "record_alternative", 24) == "act-not-silent"
    bare = {"procedure": "subsequent_receipts", "file_sha256": None}
    assert cause_of(silent(), "record_alternative", 24, **bare) == "act-procedure-without-evidence"
    assert (
        cause_of(silent(), "record_alternative", 24, **bare, receipts=[]) == "act-procedure-without-evidence"
    )
    assert cause_of(silent(), "record_alternative", 24, procedure="fe") == "act-procedure-unknown"
    paid = moved(silent(), "record_alternative", 24, **bare, receipts=[{"document_id": "R1", "amount": -1}])
    assert paid.state == "alternative"


def test_an_answer_says_what_it_needs_to() -> None:
    sent = act_in("sent")
    assert cause_of(sent, "respond", 4, answer="silent") == "act-answer-unknown"
    assert cause_of(sent, "respond", 4, their_balance=None) == "act-balance-missing"
    assert cause_of(sent, "respond", 4, answer="agrees") == "act-agrees-otherwise"
    assert moved(sent, "respond", 4, answer="agrees", their_balance=OURS).state == "responded"


def test_differences_add_up_to_the_difference_of_the_balances() -> None:
    answered = act_in("responded")
    short = [{**WHOLE["analyse"]["differences"][0], "amount": 9_99}]
    assert cause_of(answered, "analyse", 5, differences=short) == "act-differences-do-not-add-up"
    assert cause_of(answered, "analyse", 5, differences=[]) == "act-differences-do-not-add-up"
    agrees = moved(act_in("sent"), "respond", 4, answer="agrees", their_balance=None)
    assert cause_of(agrees, "analyse", 5) == "act-differences-do-not-add-up"
    again = moved(act_in("in_analysis"), "respond", 6, their_balance=130_00)
    assert cause_of(
        moved(again, "analyse", 6, differences=[{"cause": "x", "amount": 20_00}]), "agree", 6
    ) == ("act-difference-open")


def test_who_differs_is_analysed_before_anything_is_agreed() -> None:
    assert cause_of(act_in("responded"), "agree", 5) == "act-not-analysed"


def test_who_agrees_after_all_is_held_to_no_difference_of_the_answer_before() -> None:
    agrees = moved(act_in("in_analysis"), "respond", 6, answer="agrees", their_balance=None)
    assert guards.differences(agrees) == []
    assert moved(agrees, "agree", 7, actions=[]).state == "agreed"


@pytest.mark.parametrize("lacking", ["cause", "owner", "due_date"])
def test_every_difference_has_a_cause_an_owner_and_a_date_before_it_is_agreed(lacking: str) -> None:
    one = {name: value for name, value in WHOLE["analyse"]["differences"][0].items() if name != lacking}
    case = moved(act_in("responded"), "analyse", 5, differences=[one])
    assert cause_of(case, "agree", 6) == "act-difference-open"


def test_differences_are_agreed_with_actions_that_somebody_does_by_a_day() -> None:
    case = act_in("in_analysis")
    assert cause_of(case, "agree", 6, actions=[]) == "act-without-actions"
    assert cause_of(case, "agree", 6, actions=[{"action": "pedir", "owner": "ana"}]) == "act-action-open"


def test_what_is_signed_is_what_was_agreed() -> None:
    assert cause_of(act_in("agreed"), "sign_us", 7, content_sha256="b" * 64) == "act-signs-something-else"
    assert (
        cause_of(act_in("signed_us"), "sign_both", 8, content_sha256="b" * 64) == "act-signs-something-else"
    )
    assert cause_of(act_in("agreed"), "sign_us", 7, how="fax") == "act-signature-how"
    assert cause_of(act_in("agreed"), "sign_us", 7, how="digital") == "act-signature-unproved"


@pytest.mark.parametrize(
    "same", [{"signer_name": " mario duque "}, {"signer_id": "CC 1"}, {"certificate_sha256": "c"}]
)
def test_one_side_does_not_sign_for_the_other(same: dict[str, str]) -> None:
    ours = moved(act_in("agreed"), "sign_us", 7, how="digital", certificate_sha256="c")
    assert cause_of(ours, "sign_both", 8, **same) == "act-signed-twice-by-one-side"


def test_an_act_is_not_replaced_by_itself() -> None:
    assert cause_of(new_act(), "replace", 2, replaced_by="act-1") == "act-replaces-itself"


def test_every_refusal_of_an_act_has_words_in_both_languages() -> None:
    code = "".join(file.read_text() for file in Path(acts.__file__).parent.glob("*.py"))
    rules = set(re.findall(r'refused\(\s*"(act-[a-z-]+)"', code))
    assert len(rules) > 20
    for lang in words.LANGUAGES:
        assert {one for one in rules if not words.has_words(f"rules.{one}.remedy", lang)} == set()


def test_a_signature_is_bound_to_the_newest_agreement() -> None:
    """An act that was reopened is replaced: its signatures never serve another agreement."""
    assert {move.name for move in acts.MACHINE.moves_from("reopened")} == {"replace"}
    assert acts.MACHINE.moves_from("replaced") == ()


@pytest.mark.parametrize(("lost", "side"), [("sign_us", "us"), ("sign_both", "them")])
def test_a_close_looks_for_both_signatures_itself(lost: str, side: str) -> None:
    """Whatever led there: a state alone signs nothing."""
    case = act_in("signed_both")
    events = tuple(replace(one, move="note") if one.move == lost else one for one in case.events)
    with pytest.raises(MoveRefusedError) as refused:
        moved(replace(case, events=events), "close", 9)
    assert (refused.value.cause, refused.value.values["side"]) == ("act-signature-missing", side)
