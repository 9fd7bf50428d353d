"""What goes through the hands of several people (expediente): states, moves, and who may make them.

An act is sent, answered and signed; a transfer is proposed, approved and posted; a report is submitted and
approved by somebody else. Each kind is a :class:`Machine` in the trade module of its name; here is what they
share: a move comes only from the states it names, brings what it needs, and is made by a person who has not
made the moves that it must check. Source: DOMAIN, sections 7 to 9 and 21.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

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

    @property
    def next_entry(self) -> str:
        """The ledger entry of the move that it makes now: ``case#number`` of that move."""
        return f"{self.case_id}#{len(self.events) + 1}"

    def next_operation(self, move: str) -> str:
        """The name under which its next move is entered once: the same again changes nothing."""
        return operation_name(self.case_id, len(self.events), move)

    def since(self, *moves: str) -> tuple[CaseEvent, ...]:
        """What happened after the newest of these moves; everything where none was made."""
        last = self.last(*moves)
        return self.events if last is None else tuple(e for e in self.events if e.number > last.number)


@dataclass(frozen=True)
class NewCase:
    """A case to be opened: what stands in it from its first day on.

    ``content``: whole numbers and texts; ``case_amount`` in minor units of ``currency``.
    """

    case_id: str
    company_id: str
    content: Mapping[str, object]
    customer_id: str = ""
    currency: str = ""
    period: str = ""
    as_of: dt.date | None = None
    subject_key: str = ""
    case_amount: int = 0
    items: Sequence[CaseItem] = ()


@dataclass(frozen=True)
class Brought:
    """What a person brings to a move (lo que aporta): a name, the day it counts on, why, and what it needs.

    ``role``: what the list of users says of that person. ``content``: by name, what the move is about.
    ``file_sha256``: a file that the book keeps. ``receipt_id``: cash that pays what was given up.
    """

    who: str
    on: dt.date
    role: str = ""
    reason: str = ""
    content: Mapping[str, object] = field(default_factory=dict)
    file_sha256: str = ""
    receipt_id: str = ""

    def adding(self, **content: object) -> Brought:
        """The same with more content."""
        return replace(self, content={**self.content, **content})

    def telling_role(self) -> Brought:
        """The same, kept with the role: who one is by the list of users, never a word that a move brings."""
        own = {name: one for name, one in self.content.items() if name != "role"}
        return replace(self, content={**own, "role": self.role} if self.role else own)

    def facts(self) -> dict[str, object]:
        """All of it by name, as a move's ``needs`` and its guard ask for it; the day as ISO text."""
        own = {"reason": self.reason, "file_sha256": self.file_sha256, "event_date": self.on.isoformat()}
        return {**self.content, **own}


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


def next_state(machine: Machine, case: Case, move: str, brought: Brought) -> str:
    """Where the case stands after ``move``.

    Raises :class:`MoveRefusedError`, saying what is missing: an unknown move, one that does not start here
    (with those that do), nobody's name, a fact it needs, a role, a second person, or a day before that of
    the move which it checks.
    """
    who, facts = brought.who, brought.facts()
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
    lacking = [name for name in step.needs if facts.get(name) in (None, "", [], {})]
    if lacking:
        raise _refused("case-move-lacks", case, move, lacking=lacking)
    if step.roles and brought.role not in step.roles:
        raise _refused("case-move-role", case, move, role=brought.role, roles=sorted(step.roles), who=who)
    for earlier in step.unlike:
        made = case.last(earlier)
        if made is not None and person(made.who) == person(who):
            raise _refused("case-move-same-person", case, move, earlier=earlier, who=who)
        if made is not None and brought.on < made.event_date:
            raise _refused(
                "case-move-before", case, move, earlier=earlier,
                earlier_day=made.event_date.isoformat(), given_day=brought.on.isoformat(),
            )  # fmt: skip
    if step.guard is not None:
        step.guard(case, facts)
    return step.target


def operation_name(case_id: str, events: int, move: str) -> str:
    """The name of a move of a case that was seen with so many events."""
    return f"{case_id}#{events + 1}:{move}"


def person(who: str) -> str:
    """Whoever signs as ``Ana`` and as ``ana `` is one person, not two."""
    return who.strip().casefold()


def _refused(rule: str, case: Case, move: str, **values: object) -> MoveRefusedError:
    return MoveRefusedError(rule, case=case.case_id, kind=case.kind, state=case.state, move=move, **values)
