"""What goes through the hands of several people (expediente): states, moves, and who may make them.

An act is sent, answered and signed; a transfer is proposed, approved and posted; a report is submitted and
approved by somebody else. Each kind is a :class:`Machine` in the trade module of its name; here is what they
share: a move comes only from the states it names, brings what it needs, and is made by a person who has not
made the moves that it must check. Source: DOMAIN, sections 7 to 9 and 21.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .errors import MoveRefusedError

#: The first event of every case; not a move that somebody could ask for.
OPEN = "open"


@dataclass(frozen=True)
class CaseEvent:
    """A move that was made: ``state`` is where it led, ``content`` what it brought."""

    number: int
    move: str
    state: str
    event_date: dt.date
    reason: str
    content: Mapping[str, object]
    file_sha256: str
    who: str


@dataclass(frozen=True)
class CaseItem:
    """Something that a case holds: ``item_amount`` in minor units of ``currency``, positive is owed to us."""

    item_kind: str
    item_key: int
    item_id: str
    currency: str
    item_amount: int
    note: str = ""


@dataclass(frozen=True)
class Case:
    """A case with all that has happened to it, oldest first."""

    case_id: str
    kind: str
    company_id: str
    customer_id: str
    currency: str
    period: str
    as_of: dt.date | None
    subject_key: str
    case_amount: int
    content: Mapping[str, object]
    events: tuple[CaseEvent, ...]
    items: tuple[CaseItem, ...] = ()

    @property
    def state(self) -> str:
        """Where it stands."""
        return self.events[-1].state

    def last(self, *moves: str) -> CaseEvent | None:
        """The newest event of one of these moves."""
        return next((event for event in reversed(self.events) if event.move in moves), None)

    def since(self, *moves: str) -> tuple[CaseEvent, ...]:
        """What happened after the newest of these moves; everything where none was made."""
        last = self.last(*moves)
        return self.events if last is None else tuple(e for e in self.events if e.number > last.number)


#: What a kind checks beyond the rules that all share; raises :class:`MoveRefusedError`.
Guard = Callable[[Case, Mapping[str, object]], None]


@dataclass(frozen=True)
class Move:
    """A way from one of ``sources`` to ``target``.

    ``needs``: what it must bring, none of it empty (``reason`` and ``file_sha256`` are among what a move
    brings). ``unlike``: moves whose newest maker must be another person; ``open`` is the one who prepared it.
    ``roles``: who may make it; none named, anybody.
    """

    name: str
    sources: frozenset[str]
    target: str
    needs: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    guard: Guard | None = None


@dataclass(frozen=True)
class Machine:
    """All that can happen to a kind of case; a name may stand in several moves from different states."""

    kind: str
    initial: str
    moves: tuple[Move, ...]
    by_name: Mapping[str, tuple[Move, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        named: dict[str, tuple[Move, ...]] = {}
        for move in self.moves:
            named[move.name] = (*named.get(move.name, ()), move)
        object.__setattr__(self, "by_name", named)

    @property
    def states(self) -> frozenset[str]:
        """Every state a case of this kind can be in."""
        return frozenset({self.initial, *(move.target for move in self.moves)})

    def moves_from(self, state: str) -> tuple[Move, ...]:
        """What can be done there."""
        return tuple(move for move in self.moves if state in move.sources)


def next_state(
    machine: Machine,
    case: Case,
    move: str,
    *,
    who: str,
    role: str = "",
    brought: Mapping[str, object],
) -> str:
    """Where the case stands after ``move``.

    ``brought``: everything the move comes with, ``reason``, ``file_sha256`` and ``event_date`` (ISO) among
    it. Raises :class:`MoveRefusedError`, saying what is missing: an unknown move, one that does not start
    here (with those that do), nobody's name, a fact it needs, a role, or a second person.
    """
    if move not in machine.by_name:
        raise _refused("case-move-unknown", case, move, moves=sorted(machine.by_name))
    found = [one for one in machine.by_name[move] if case.state in one.sources]
    if not found:
        raise _refused(
            "case-move-not-from-here",
            case,
            move,
            moves=sorted({m.name for m in machine.moves_from(case.state)}),
        )
    step = found[0]
    if not who.strip():
        raise _refused("case-move-by-nobody", case, move)
    lacking = [name for name in step.needs if brought.get(name) in (None, "", [], {})]
    if lacking:
        raise _refused("case-move-lacks", case, move, lacking=lacking)
    if step.roles and role not in step.roles:
        raise _refused("case-move-role", case, move, role=role, roles=sorted(step.roles), who=who)
    for earlier in step.unlike:
        made = case.last(earlier)
        if made is not None and person(made.who) == person(who):
            raise _refused("case-move-same-person", case, move, earlier=earlier, who=who)
    if step.guard is not None:
        step.guard(case, brought)
    return step.target


def person(who: str) -> str:
    """Whoever signs as ``Ana`` and as ``ana `` is one person, not two."""
    return who.strip().casefold()


def _refused(rule: str, case: Case, move: str, **values: object) -> MoveRefusedError:
    return MoveRefusedError(rule, case=case.case_id, kind=case.kind, state=case.state, move=move, **values)
