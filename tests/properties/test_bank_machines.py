"""Reports, matches and items of a bank reconciliation: every state is reached, other moves are refused."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from tries import tries

from workbench import words
from workbench.cases import Brought, Case, CaseEvent, Machine, next_state
from workbench.errors import MoveRefusedError
from workbench.reconciliation import bank_matches, bank_reports, cleaning

DAY = dt.date(2026, 11, 3)
PEOPLE = ("ana", "carla", "eva")
REPORT, MATCH, ITEM = bank_reports.report_machine(), bank_matches.match_machine(), cleaning.item_machine()

#: (move, from) → to: all that may happen, written by hand beside the machines.
CONTRACT: dict[str, dict[tuple[str, str], str]] = {
    "bank_report": {
        ("save", "draft"): "saved", ("save", "saved"): "saved", ("submit", "saved"): "submitted",
        ("approve", "submitted"): "approved", ("reject", "submitted"): "saved",
        ("discard", "draft"): "discarded", ("discard", "saved"): "discarded",
        ("discard", "submitted"): "discarded", ("begin_again", "discarded"): "draft",
        ("reopen", "approved"): "saved", ("decertify", "submitted"): "saved",
        ("decertify", "approved"): "saved",
    },
    "bank_match": {("undo", "made"): "undone", ("make_again", "undone"): "made"},
    "bank_item": {
        ("assign", "open"): "assigned", ("assign", "assigned"): "assigned", ("clear", "open"): "cleared",
        ("clear", "assigned"): "cleared", ("clear", "write_off_asked"): "cleared",
        ("ask_write_off", "open"): "write_off_asked", ("ask_write_off", "assigned"): "write_off_asked",
        ("approve_write_off", "write_off_asked"): "written_off",
        ("refuse_write_off", "write_off_asked"): "assigned",
        ("reopen", "cleared"): "open", ("reopen", "written_off"): "open",
    },
}  # fmt: skip
MACHINES = {machine.kind: machine for machine in (REPORT, MATCH, ITEM)}


def new_case(kind: str) -> Case:
    opened = CaseEvent(1, "open", MACHINES[kind].initial, DAY, "", {}, "", "ana")
    return Case("X", kind, "CO01", "", "COP", "2026-10", DAY, "BANK-1", 0, {}, (opened,))


def brought(move: str, figures: str, who: str) -> dict[str, Any]:
    """Everything a move could need, as the room brings it."""
    return {
        "figures_sha256": figures, "difference": 0, "earlier": [], "unapproved": [], "unplanned": 0,
        "approver": who, "owner": "treasury", "action": "ask", "due_date": "2026-11-10",
        "reason": "because", "event_date": DAY.isoformat(),
    }  # fmt: skip


def moved(machine: Machine, case: Case, move: str, who: str, role: str, given: dict[str, Any]) -> Case:
    facts = {name: value for name, value in given.items() if name not in ("reason", "event_date")}
    state = next_state(machine, case, move, Brought(who, DAY, role, str(given.get("reason", "")), facts))
    event = CaseEvent(len(case.events) + 1, move, state, DAY, "", given, "", who)
    return dataclasses.replace(case, events=(*case.events, event))


@pytest.mark.parametrize("kind", CONTRACT)
def test_the_machine_allows_what_the_contract_says_and_nothing_else(kind: str) -> None:
    told = {(move.name, source): move.target for move in MACHINES[kind].moves for source in move.sources}
    assert told == CONTRACT[kind]


def walker(kind: str, reached: dict[str, int], refused: dict[str, int]) -> type[RuleBasedStateMachine]:
    machine = MACHINES[kind]

    class Walk(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            self.case = new_case(kind)
            self.figures = "f0"

        def refused(self, move: str, who: str, role: str, given: dict[str, Any], rule: str = "") -> None:
            with pytest.raises(MoveRefusedError) as refusal:
                moved(machine, self.case, move, who, role, given)
            assert words.has_words(f"rules.{refusal.value.cause}")
            assert words.has_words(f"rules.{refusal.value.cause}.remedy")
            assert not rule or refusal.value.cause == rule
            refused[refusal.value.cause] += 1

        @rule(pick=st.integers(0, 20), person=st.integers(0, 2), changes=st.booleans())
        def move_on(self, pick: int, person: int, changes: bool) -> None:
            """A right move leads on; a second person and true figures are asked for where it says so."""
            here = sorted(name for name, state in CONTRACT[kind] if state == self.case.state)
            move = here[pick % len(here)]
            if move == "decertify" or (changes and move == "save"):
                self.figures += "x"
            who = PEOPLE[person]
            made = {e.who for e in self.case.events if e.move in ("save", "submit", "ask_write_off")}
            given = brought(move, self.figures, who)
            certified = bank_reports.certified_figures(self.case).get("figures_sha256")
            if move == "decertify" and certified == self.figures:
                self.figures += "x"
                given["figures_sha256"] = self.figures
            if move in ("submit", "approve") and certified != self.figures:
                self.refused(move, "zoe", "controller", {**given, "approver": "zoe"}, "bank-report-changed")
                return
            needs_other = move in ("approve", "approve_write_off", "refuse_write_off")
            if needs_other and who in made:
                last = self.case.last("save", "submit", "ask_write_off")
                if move == "approve" or (last is not None and last.who == who):
                    self.refused(move, who, "controller", given, "case-move-same-person")
                who = "zoe"
                given = {**given, "approver": who}
            target = CONTRACT[kind][move, self.case.state]
            self.case = moved(machine, self.case, move, who, "controller", given)
            assert self.case.state == target
            reached[target] += 1

        @rule(rarely=st.integers(0, 5))
        def the_book_says_something_else(self, rarely: int) -> None:
            if rarely == 0:
                self.figures += "y"

        @rule(pick=st.integers(0, 40))
        def nothing_else(self, pick: int) -> None:
            """A move that does not start here, or lacks what it needs, changes nothing and says so."""
            names = sorted({name for name, _ in CONTRACT[kind]})
            move = names[pick % len(names)]
            given = brought(move, self.figures, "zoe")
            if (move, self.case.state) not in CONTRACT[kind]:
                self.refused(move, "zoe", "controller", given, "case-move-not-from-here")
                return
            (step,) = [one for one in machine.by_name[move] if self.case.state in one.sources]
            if step.roles:
                self.refused(move, "zoe", "analyst", given, "case-move-role")
            for need in step.needs:
                lacking = {name: value for name, value in given.items() if name != need}
                self.refused(move, "zoe", "controller", lacking, "case-move-lacks")
            self.refused(move, "", "controller", given, "case-move-by-nobody")

        @rule(wrong=st.sampled_from(["earlier", "unapproved", "difference", "unplanned"]))
        def what_stands_in_the_way(self, wrong: str) -> None:
            """A report is neither submitted nor approved over an open month, a waiting decision or a rest."""
            move = {"saved": "submit", "submitted": "approve"}.get(self.case.state)
            if kind != "bank_report" or move is None:
                return
            certified = str(bank_reports.certified_figures(self.case).get("figures_sha256"))
            rules = {
                "earlier": ("bank-report-earlier-open", ["2026-09"]),
                "unapproved": ("bank-report-unapproved", ["abc"]),
                "difference": ("bank-report-not-zero", 5),
                "unplanned": ("bank-report-unplanned", 3),
            }
            cause, value = rules[wrong]
            if certified == "None":
                return
            given = {**brought(move, certified, "zoe"), wrong: value}
            self.refused(move, "zoe", "controller", given, cause)

        @invariant()
        def what_is_approved_has_two_people(self) -> None:
            if kind == "bank_report" and getattr(self, "case", None) and self.case.state == "approved":
                last = self.case.events[-1].who
                assert last not in {e.who for e in self.case.events if e.move in ("save", "submit")}

    return Walk


def walk_everywhere(kind: str, walk: type[RuleBasedStateMachine]) -> None:
    """To every state by the shortest way, and there every rule: what must be seen is not left to chance."""
    ways: dict[str, tuple[str, ...]] = {MACHINES[kind].initial: ()}
    for state in (queue := [MACHINES[kind].initial]):
        for move, target in ((m, t) for (m, source), t in CONTRACT[kind].items() if source == state):
            if target not in ways:
                ways[target] = (*ways[state], move)
                queue.append(target)

    def there(state: str) -> Any:
        machine = walk()
        machine.begin()
        for person, move in enumerate(ways[state]):
            here = sorted(name for name, source in CONTRACT[kind] if source == machine.case.state)
            machine.move_on(pick=here.index(move), person=person % len(PEOPLE), changes=False)
        assert machine.case.state == state
        return machine

    for state in ways:
        for pick in range(len({move for move, _ in CONTRACT[kind]})):
            there(state).nothing_else(pick)
        for pick, person, changes in product(range(len(CONTRACT[kind])), range(len(PEOPLE)), (False, True)):
            machine = there(state)
            machine.the_book_says_something_else(int(not changes))
            machine.move_on(pick=pick, person=person, changes=changes)
        for wrong in ("earlier", "unapproved", "difference", "unplanned"):
            there(state).what_stands_in_the_way(wrong)


@pytest.mark.parametrize("kind", CONTRACT)
def test_every_state_is_reached_and_every_forbidden_move_says_what_is_missing(kind: str) -> None:
    reached: dict[str, int] = defaultdict(int)
    refused: dict[str, int] = defaultdict(int)
    walk = walker(kind, reached, refused)
    walk_everywhere(kind, walk)  # all that must be seen; then by chance
    run_state_machine_as_test(
        walk,
        settings=settings(
            max_examples=tries(25), stateful_step_count=60, deadline=None,
            suppress_health_check=list(HealthCheck), derandomize=True,
        ),
    )  # fmt: skip
    assert set(reached) | {MACHINES[kind].initial} >= MACHINES[kind].states
    wanted = {"case-move-not-from-here", "case-move-lacks", "case-move-by-nobody"}
    if kind != "bank_match":
        wanted |= {"case-move-role", "case-move-same-person"}
    if kind == "bank_report":
        wanted |= {
            "bank-report-earlier-open", "bank-report-unapproved", "bank-report-not-zero",
            "bank-report-unplanned", "bank-report-changed",
        }  # fmt: skip
    assert wanted <= set(refused)


def test_a_report_whose_figures_are_the_same_is_not_decertified() -> None:
    case = new_case("bank_report")
    for move, who in (("save", "ana"), ("submit", "ana"), ("approve", "carla")):
        case = moved(REPORT, case, move, who, "controller", brought(move, "f", who))
    with pytest.raises(MoveRefusedError) as refusal:
        moved(REPORT, case, "decertify", "system", "", brought("decertify", "f", "system"))
    assert refusal.value.cause == "bank-report-unchanged"


def test_a_match_that_an_approved_report_rests_on_is_not_undone() -> None:
    case = new_case("bank_match")
    given = {**brought("undo", "f", "ana"), "approved_in": "bank-report:X"}
    with pytest.raises(MoveRefusedError) as refusal:
        moved(MATCH, case, "undo", "ana", "", given)
    assert refusal.value.cause == "bank-match-in-approved-report"
