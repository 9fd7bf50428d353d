"""A move of a write-off, with what the book must say to it. Who brings cash in writes nothing off."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, InvalidOperation

from .. import book as books
from .. import write_offs
from ..book.cases_in import move_case
from ..book.open_amounts import read_open_amounts, refuse_importer
from ..book.transactions import Posting
from ..cases import Brought, Case
from ..errors import MoveRefusedError, PostingRefusedError
from ..money import to_minor
from ..policy import Policy
from . import posted
from .posted import Receipt


def move_write_off(book: books.Book, case_id: str, move: str, brought: Brought, *, policy: Policy) -> str:
    """Any move of a write-off, with what it changes in the ledger; gives the new state.

    ``post`` applies the approved amounts; ``undo`` reverses them; ``recover`` and ``recover_part`` take the
    receipt that is brought and, in part, ``content["recovered"]`` (minor units by document key, or text such
    as ``FV-9=60.00``): the write-off is reversed whole, the rest written off again, and the cash applied.
    ``take_back_recovery`` (a returned cheque) reverses all cash that came so, gives up again what it paid and
    takes its income back; what holds is recovered anew. Each is one transaction.
    """
    machine = write_offs.write_off_machine(policy.write_offs)
    case, on, reason = books.read.case(book, case_id), brought.on, brought.reason
    told, cash = _without_receipt(brought.telling_role()), None
    if move in ("recover", "recover_part") and brought.receipt_id:
        cash = _receipt(book, case, brought.receipt_id)
        told = told.adding(receipt_id=cash.receipt_id)
    if move == "recover" and "recovered" not in told.content:
        left = write_offs.written_off(case)
        told = told.adding(recovered={str(key): amount for key, amount in left.items() if amount})
    if isinstance(told.content.get("recovered"), str):
        told = told.adding(recovered=_told_amounts(case, str(told.content["recovered"])))
    if move == "post":
        open_now = read_open_amounts(book, [item.item_key for item in case.items])
        told = told.adding(amounts={str(key): amount for key, amount in open_now.items()})
    rates = books.read.rates(book)

    def also(posting: Posting, was: Case) -> None:
        if move == "post":
            refuse_importer(posting.connection, was, posting.who, "write-off-by-importer")
            posted.give_up(posting, was, on)
        elif move == "undo":
            posted.take_back(posting, was, list(write_offs.written_off(was)), on, reason)
        elif move == "take_back_recovery":
            # It writes off again, and frees the cash.
            refuse_importer(posting.connection, was, posting.who, "write-off-by-importer")
            posted.take_back_recovery(posting, was, on, reason)
        elif cash is not None:
            recovered = write_offs.amounts_of(told.content, "recovered")
            posted.recover(posting, was, recovered, cash, on)
            posted.book_income(posting, was, recovered, policy, rates, on)

    return move_case(book, machine, case, move, told, also=also)


def _without_receipt(brought: Brought) -> Brought:
    """Cash is the receipt that the book finds, never a number that a move brings by itself."""
    return replace(
        brought, content={name: one for name, one in brought.content.items() if name != "receipt_id"}
    )


def _told_amounts(case: Case, text: str) -> dict[str, int]:
    """``FV-9=60.00, FV-10=5`` as a person writes it: major units by document, to minor units by key."""
    keys = {item.item_id: item.item_key for item in case.items}
    told: dict[str, int] = {}
    for part in text.split(","):
        name, _, amount = (cell.strip() for cell in part.partition("="))
        try:
            told[str(keys[name])] = to_minor(Decimal(amount), case.currency)
        except (KeyError, InvalidOperation):
            raise MoveRefusedError("over-180-amounts-wrong", amounts=text) from None
    return told


def _receipt(book: books.Book, case: Case, receipt_id: str) -> Receipt:
    """The cash by its id: of the same company and currency; the ledger's own caps hold under the lock."""
    receipts = books.read.receipts(book, case.company_id)
    found = receipts[receipts["receipt_id"] == receipt_id]
    if len(found) != 1:
        raise PostingRefusedError(
            "recovery-without-receipt", case=case.case_id, receipt=receipt_id, found=len(found)
        )
    return Receipt(int(found["receipt_key"].iloc[0]), receipt_id)
