"""Every machine of the over-180 control reaches every state, and each forbidden move says what is missing."""

from __future__ import annotations

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
from over_180_machines import (
    CONTRACT,
    LIMIT,
    PLAN,
    WRITE_OFFS,
    Allowed,
    Attempt,
    contract,
    machine_of,
    new_case,
    right_attempt,
    tried,
)
from tries import tries

from workbench import write_offs
from workbench.errors import MoveRefusedError
from workbench.over_180 import transfers

PEOPLE = ("ana", "eva", "luis")


@pytest.mark.parametrize("kind", CONTRACT)
def test_the_machine_allows_what_the_contract_says_and_nothing_else(kind: str) -> None:
    told = {
        move.name: Allowed(move.name, move.sources, move.target, move.needs, move.unlike, move.roles)
        for move in machine_of(kind).moves
    }
    assert told == contract(kind)


def _walker(kind: str, reached: dict[str, int], refused: dict[str, int]) -> type[RuleBasedStateMachine]:
    """A walk through one machine: right moves lead on, wrong ones are refused and change nothing."""

    class Walk(RuleBasedStateMachine):
        @initialize(small=st.booleans())
        def begin(self, small: bool) -> None:
            self.case = new_case(kind, small=small and kind == "write_off")

        def lines(self, *, here: bool) -> list[Allowed]:
            state = self.case.state
            return [line for line in contract(kind).values() if (state in line.sources) == here]

        def others(self, line: Allowed) -> list[str]:
            """Who may make it: nobody whose move it checks."""
            made = {event.who for name in line.unlike if (event := self.case.last(name))}
            return [who for who in PEOPLE if who not in made]

        def right(self, line: Allowed, number: int) -> Attempt | None:
            others = self.others(line)
            return right_attempt(self.case, line, others[number % len(others)]) if others else None

        @rule(pick=st.integers(0, 20), number=st.integers(0, 2))
        def move_on(self, pick: int, number: int) -> None:
            ready = [(line, one) for line in self.lines(here=True) if (one := self.right(line, number))]
            if ready:
                line, attempt = ready[pick % len(ready)]
                self.case = tried(self.case, line.move, attempt)
                assert self.case.state == line.target
            elif not self.lines(here=True):
                self.begin(bool(pick % 2))  # its line has ended: another case begins

        @rule(number=st.integers(0, 2))
        def go_far(self, number: int) -> None:
            """What was not done yet and does not end it, so that walks come to the far states too."""
            done = {event.move for event in self.case.events}
            sources = {state for line in contract(kind).values() for state in line.sources}
            for line in self.lines(here=True):
                attempt = self.right(line, number)
                if attempt is not None and line.move not in done and line.target in sources:
                    self.case = tried(self.case, line.move, attempt)
                    return
            self.move_on(pick=number, number=number)

        @rule(pick=st.integers(0, 20))
        def end(self, pick: int) -> None:
            """A case that has come far ends in one of the ways that there are."""
            ends = [line for line in self.lines(here=True) if not machine_of(kind).moves_from(line.target)]
            if ends and len(self.case.events) > 2:
                line = ends[pick % len(ends)]
                attempt = self.right(line, pick)
                if attempt is not None:
                    self.case = tried(self.case, line.move, attempt)

        @rule(way=st.integers(0, 4), pick=st.integers(0, 20), lost=st.integers(0, 5))
        def go_wrong(self, way: int, pick: int, lost: int) -> None:
            (self.from_elsewhere, self.without_a_need, self.by_nobody, self.without_the_role,
             self.by_the_same_person)[way](pick, lost)  # fmt: skip

        def from_elsewhere(self, pick: int, lost: int) -> None:
            lines = self.lines(here=False)
            if lines:
                line = lines[pick % len(lines)]
                values = self.refuse(
                    line.move, Attempt("eva", "controller", {"reason": "x"}), "case-move-not-from-here"
                )
                assert values["moves"] == sorted(one.move for one in self.lines(here=True))

        def without_a_need(self, pick: int, lost: int) -> None:
            lines = [line for line in self.lines(here=True) if line.needs]
            if not lines:
                return
            line = lines[pick % len(lines)]
            attempt = self.right(line, 1)
            if attempt is not None:
                name = line.needs[lost % len(line.needs)]
                brought = {**attempt.brought, name: ""}
                values = self.refuse(
                    line.move, Attempt(attempt.who, attempt.role, brought), "case-move-lacks"
                )
                assert values["lacking"] == [name]

        def by_nobody(self, pick: int, lost: int) -> None:
            lines = self.lines(here=True)
            if lines:
                self.refuse(lines[pick % len(lines)].move, Attempt("", "controller"), "case-move-by-nobody")

        def without_the_role(self, pick: int, lost: int) -> None:
            lines = [line for line in self.lines(here=True) if line.roles]
            if not lines:
                return
            line = lines[pick % len(lines)]
            attempt = self.right(line, 0)
            if attempt is not None:
                values = self.refuse(
                    line.move, Attempt(attempt.who, "analyst", attempt.brought), "case-move-role"
                )
                assert values["roles"] == sorted(line.roles)

        def by_the_same_person(self, pick: int, lost: int) -> None:
            lines = [line for line in self.lines(here=True) if line.unlike]
            if not lines:
                return
            line = lines[pick % len(lines)]
            attempt = self.right(line, 0)
            earlier = self.case.last(line.unlike[lost % len(line.unlike)])
            if attempt is not None and earlier is not None:
                same = Attempt(earlier.who, attempt.role, attempt.brought)
                values = self.refuse(line.move, same, "case-move-same-person")
                assert values["who"] == earlier.who

        def refuse(self, move: str, attempt: Attempt, cause: str) -> dict[str, Any]:
            with pytest.raises(MoveRefusedError) as error:
                tried(self.case, move, attempt)
            assert error.value.cause == cause, f"{move}: {error.value}"
            if self.lines(here=True):  # every blank of the sentence is filled; at the end no move is left
                assert "–" not in str(error.value)
            refused[cause] += 1
            return error.value.values

        @invariant()
        def figures_hold(self) -> None:
            if not hasattr(self, "case"):
                return
            reached[self.case.state] += 1
            whole = sum(item.item_amount for item in self.case.items)
            for left in (transfers.standing_amounts, write_offs.written_off):
                standing = left(self.case) if self.case.kind in (transfers.KIND, write_offs.KIND) else {}
                assert all(amount >= 0 for amount in standing.values())
                assert sum(standing.values()) <= whole
            if self.case.state in ("reversed", "recovered"):
                ended = transfers.standing_amounts if kind == transfers.KIND else write_offs.written_off
                assert sum(ended(self.case).values()) == 0

    return Walk


PAID = {"receipt_id": "R1"}


def _walk_everywhere(kind: str, walk: type[RuleBasedStateMachine]) -> None:
    """To every state by right moves, and there every rule: nothing that must be seen is left to chance.

    What a case allows hangs on its moves and not on its state alone (evidence is brought piece by piece), so
    a state is left once for each set of moves that led to it; a move that stays where it is counts to three.
    """
    stays = {line.move for line in contract(kind).values() if line.sources == {line.target}}
    stood: set[str] = set()
    left: set[tuple[bool, str, frozenset[tuple[str, int]]]] = set()
    ways: list[tuple[bool, tuple[str, ...]]] = [(False, ()), (True, ())]
    for small, way in ways:

        def there(way: tuple[str, ...] = way, small: bool = small) -> Any:
            machine = walk()
            machine.begin(small)
            machine.figures_hold()
            for number, move in enumerate(way):
                attempt = machine.right(contract(kind)[move], number)
                machine.case = tried(machine.case, move, attempt)
                machine.figures_hold()
            return machine

        try:
            state = there().case.state
        except MoveRefusedError:
            continue  # the way of a small case is not that of a large one
        led = frozenset((move, min(way.count(move), 3) if move in stays else 1) for move in way)
        if (small, state, led) in left:
            continue
        left.add((small, state, led))
        if state not in stood:
            stood.add(state)
            for rule_way, pick, lost in product(range(5), range(len(contract(kind))), range(6)):
                there().go_wrong(way=rule_way, pick=pick, lost=lost)
        onward = there().lines(here=True)
        ways += [(small, (*way, line.move)) for line in onward if there().right(line, len(way))]


@pytest.mark.parametrize("kind", CONTRACT)
def test_every_state_is_reached_and_every_forbidden_move_is_refused(kind: str) -> None:
    reached: dict[str, int] = defaultdict(int)
    refused: dict[str, int] = defaultdict(int)
    walk = _walker(kind, reached, refused)
    _walk_everywhere(kind, walk)  # all that must be seen; then by chance
    run_state_machine_as_test(
        walk,
        settings=settings(
            max_examples=tries(25), stateful_step_count=50, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    assert set(reached) == machine_of(kind).states
    checks = {"case-move-not-from-here", "case-move-lacks", "case-move-by-nobody"}
    lines = contract(kind).values()
    checks |= {"case-move-role"} if any(line.roles for line in lines) else set()
    checks |= {"case-move-same-person"} if any(line.unlike for line in lines) else set()
    assert set(refused) == checks, "a way to be refused was never tried"


def _in(kind: str, *moves: str, small: bool = False, **content: Any) -> Any:
    """A case after these moves, each made rightly."""
    case = new_case(kind, small=small)
    case = case.__class__(**{**case.__dict__, "content": {**case.content, **content}})
    for move in moves:
        line = contract(kind)[move]
        made = {event.who for name in line.unlike if (event := case.last(name))}
        attempt = right_attempt(case, line, next(who for who in PEOPLE if who not in made))
        assert attempt is not None, f"{move} from {case.state}"
        case = tried(case, move, attempt)
    return case


EVIDENCED = ("add_evidence", "add_evidence")
APPROVED = (*EVIDENCED, "approve_first", "approve_second")
#: What stands forbids the move, though all is brought: the case, the move, what it brings, the refusal.
GUARDED: list[tuple[Any, str, dict[str, Any], str]] = [
    (_in("over_180_transfer", "approve"), "post", {"amounts": {"1": 99_99, "2": 40_00}}, "over-180-changed"),
    (_in("over_180_transfer", "approve"), "post", {"amounts": {"1": 100_00}}, "over-180-changed"),
    (_in("over_180_transfer", "approve", "post"), "propose_reversal", {"amounts": {"1": 100_01}},
     "over-180-back-too-much"),
    (_in("over_180_transfer", "approve", "post"), "propose_reversal", {"amounts": {"9": 1}},
     "over-180-back-too-much"),
    (_in("over_180_transfer", "approve", "post"), "propose_reversal", {"amounts": {"1": 0}},
     "over-180-back-too-much"),
    (_in("over_180_transfer", "approve", "post"), "propose_reversal", {"amounts": "all"},
     "over-180-amounts-wrong"),
    (_in("write_off", small=True), "approve", {}, "write-off-evidence-missing"),
    (_in("write_off"), "approve_first", {}, "write-off-evidence-missing"),
    (_in("write_off", *EVIDENCED), "approve", {}, "write-off-above-limit"),
    (_in("write_off", *EVIDENCED, small=True, earlier_amount=1), "approve", {}, "write-off-above-limit"),
    (_in("write_off"), "add_evidence", {"evidence": "hearsay"}, "write-off-evidence-unknown"),
    (_in("write_off", *APPROVED), "post", {"amounts": {"1": 99_99, "2": 40_00}}, "write-off-changed"),
    (_in("write_off", *APPROVED, "post"), "recover_part", {**PAID, "recovered": {"1": 100_00, "2": 40_00}},
     "recovery-is-whole"),
    (_in("write_off", *APPROVED, "post"), "recover", {**PAID, "recovered": {"1": 100_00}},
     "recovery-is-part"),
    (_in("write_off", *APPROVED, "post"), "recover_part", {**PAID, "recovered": {"1": 100_01}},
     "recovery-too-much"),
    (_in("provision_exception", "approve"), "expire", {"on": "2026-12-31"}, "exception-not-expired"),
    (_in("provision_exception", rate_permille=1001), "approve", {}, "exception-content-wrong"),
    (_in("provision_exception", valid_through="soon"), "approve", {}, "exception-content-wrong"),
    (_in("over_180_plan"), "revise", {**PLAN, "cause": "BAD"}, "over-180-cause-unknown"),
    (_in("over_180_plan"), "revise", {**PLAN, "plan_date": "soon"}, "over-180-plan-lacks"),
    (_in("credit_over_180", "approve"), "settle", {"left_amount": 1}, "old-credit-not-settled"),
    (_in("credit_over_180", "approve", action="apply"), "settle", {"left_amount": 1},
     "old-credit-not-settled"),
    (_in("credit_over_180"), "approve", {"role": "supervisor"}, "case-move-role"),
    (_in("credit_over_180", action="apply"), "approve", {"role": "analyst"}, "case-move-role"),
    (_in("credit_over_180"), "approve", {"file_sha256": ""}, "case-move-lacks"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("case", "move", "brought", "cause"), GUARDED, ids=[f"{one[1]}-{one[3]}" for one in GUARDED]
)
def test_what_stands_forbids_the_move_and_says_why(
    case: Any, move: str, brought: dict[str, Any], cause: str
) -> None:
    role = "supervisor" if case.kind == "write_off" and move == "approve" else "controller"
    told = {"reason": "x", "file_sha256": "a" * 64, "role": role, **brought}
    with pytest.raises(MoveRefusedError) as error:
        tried(case, move, Attempt("luis", role, told))
    assert error.value.cause == cause
    assert not str(error.value).startswith(cause), "no words for it"


def test_the_limit_is_inside_and_a_cent_more_is_above() -> None:
    case = _in("write_off", *EVIDENCED, small=True)
    assert case.case_amount == LIMIT == WRITE_OFFS.limit("supervisor", "COP")
    attempt = Attempt("luis", "supervisor", {"role": "supervisor"})
    assert tried(case, "approve", attempt).state == "approved"
    more = case.__class__(**{**case.__dict__, "case_amount": LIMIT + 1})
    with pytest.raises(MoveRefusedError, match="50"):
        tried(more, "approve", attempt)
