"""Any move of any case by one call: the kind says which room makes it, for commands and notebooks alike.

A room may have to do more than note the move: post what is written off, find what is open, keep a file. Acts
are moved by ``workbench acts``, because most of their moves bring figures of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from . import acts, over_180, reconciling, transferring, write_offs, writing_off
from . import book as books
from .cases import Brought, Machine
from .errors import MoveRefusedError
from .policy import Policy


class Mover(Protocol):
    """What makes a move of a kind: enters what a person brings, and gives the state after it."""

    def __call__(
        self, book: books.Book, case_id: str, move: str, brought: Brought, *, policy: Policy
    ) -> str: ...


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


def move(book: books.Book, case_id: str, name: str, brought: Brought, *, policy: Policy) -> str:
    """Make a move and give the state after it.

    Raises :class:`MoveRefusedError` where the case does not allow it, is moved by a command of its own
    (``case-moved-elsewhere``), or is given a receipt though no cash recovers it.
    """
    case = books.read.case(book, case_id)
    room = rooms(policy).get(case.kind)
    if room is None:
        raise MoveRefusedError("case-moved-elsewhere", case=case_id, kind=case.kind, command=f"{case.kind}s")
    if brought.receipt_id and not room.takes_receipt:
        raise MoveRefusedError(
            "case-move-by-receipt", case=case_id, kind=case.kind, move=name, receipt=brought.receipt_id
        )
    return room.move(book, case_id, name, brought, policy=policy)
