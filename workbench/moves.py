"""Any move of any case by one call: the kind says which room makes it, for commands and notebooks alike.

A room may have to do more than note the move: post what is written off, find what is open, keep a file. Acts
are moved by ``workbench acts``, because most of their moves bring figures of their own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from . import acts, over_180, reconciling, transferring, write_offs, writing_off
from . import book as books
from .cases import Machine
from .errors import MoveRefusedError
from .policy import Policy

Mover = Callable[..., str]


@dataclass(frozen=True)
class Room:
    """Where a kind of case is at home: its machine, what makes its moves, and whether one may be by cash."""

    machine: Machine
    move: Mover
    takes_receipt: bool = False


def rooms(policy: Policy) -> dict[str, Room]:
    """Every kind that can be moved here; acts only by :mod:`acting`."""
    write_off = write_offs.write_off_machine(policy.write_offs)
    found = (
        *(Room(machine, transferring.move_over_180) for machine in over_180.machines(policy.over_180)),
        *(Room(machine, made) for machine, made in reconciling.MOVED),
        Room(write_off, writing_off.move_write_off, takes_receipt=True),
    )
    return {room.machine.kind: room for room in found}


def machines(policy: Policy) -> dict[str, Machine]:
    """The machine of every kind of case."""
    return {acts.KIND: acts.MACHINE, **{kind: room.machine for kind, room in rooms(policy).items()}}


def moves_of(kind: str, state: str, policy: Policy) -> list[str]:
    """What can be done with a case of that kind in that state, by name; nothing at its end."""
    machine = machines(policy).get(kind)
    return [] if machine is None else sorted({move.name for move in machine.moves_from(state)})


def move(
    book: books.Book,
    case_id: str,
    name: str,
    *,
    policy: Policy,
    who: str,
    on: dt.date,
    role: str = "",
    reason: str = "",
    content: Mapping[str, object] | None = None,
    file_sha256: str = "",
    receipt: str = "",
) -> str:
    """Make a move and give the state after it.

    Raises :class:`MoveRefusedError` where the case does not allow it, is moved by a command of its own
    (``case-moved-elsewhere``), or is given a ``receipt`` though no cash recovers it.
    """
    case = books.read.case(book, case_id)
    room = rooms(policy).get(case.kind)
    if room is None:
        raise MoveRefusedError("case-moved-elsewhere", case=case_id, kind=case.kind, command=f"{case.kind}s")
    if receipt and not room.takes_receipt:
        raise MoveRefusedError(
            "case-move-by-receipt", case=case_id, kind=case.kind, move=name, receipt=receipt
        )
    more = {"receipt": receipt} if receipt else {}
    return room.move(
        book, case_id, name, policy=policy, who=who, on=on, role=role, reason=reason, content=content,
        file_sha256=file_sha256, **more,
    )  # fmt: skip
