"""The moves of an act through the book, up to the agreement; signatures are :mod:`signing`'s.

Each is one transaction: the move, judged by the machine under the writer's lock, and the file that belongs to
it. Where the act's figures leave the house or bind somebody, the book must still say them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .. import acts
from .. import book as books
from ..acts import guards
from ..book.cases_in import move_case
from ..book.looks import look_again
from ..book.stored_files import enter_file
from ..book.transactions import Posting
from ..calendar import WorkingDays
from ..cases import Brought, Case
from ..errors import BookMovedOnError
from ..policy import ActPolicy
from ..statements import explain_movements
from ..views.documents.pages import Made, make_pdf
from .ledger_now import LedgerNow
from .pages import act_page

PDF = "application/pdf"


@dataclass(frozen=True)
class KeptFile:
    """A file that comes with a move: the name it came under, its media type, its bytes."""

    name: str
    media_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def move_act(
    book: books.Book,
    case: Case,
    move: str,
    brought: Brought,
    *,
    file: KeptFile | None = None,
    ledger: LedgerNow | None = None,
) -> str:
    """One move of an act as it was read; gives its state after it.

    ``ledger``: then the book must say of the cut-off what the act says (``act-contradicted`` else), and still
    under the lock (``BookMovedOnError`` where it moved on between). ``file`` is kept in that transaction.
    """
    if ledger is not None:
        ledger.check(case)
    if file is not None:
        brought = replace(brought, file_sha256=file.sha256)

    def also(posting: Posting, _: Case) -> None:
        if ledger is not None:
            ledger.check_unchanged(posting)
        if file is not None:
            enter_file(posting, file.name, file.media_type, file.content)

    return move_case(book, acts.MACHINE, case, move, brought, also=also)


def send_act(
    book: books.Book,
    case_id: str,
    brought: Brought,
    *,
    sent_to: str,
    channel: str,
    working_days: WorkingDays,
    policy: ActPolicy | None = None,
    ledger: LedgerNow | None = None,
) -> str:
    """Make the act's PDF, keep it, and note to whom it went and when its silence will be chased.

    ``channel``: mail, portal, hand … as the house says it. Sending the message itself is not done here.
    """
    reminders, silent = acts.days_to_chase(brought.on, policy or ActPolicy(), working_days)
    with_days = brought.adding(
        sent_to=sent_to, channel=channel, silent_date=silent.isoformat(),
        reminder_dates=",".join(day.isoformat() for day in reminders),
    )  # fmt: skip

    def act(case: Case, now_known: LedgerNow) -> str:
        made = make_pdf(act_page(case))
        sent = with_days.adding(content_sha256=made.content_sha256)
        return move_act(book, case, "send", sent, file=_pdf(case, made), ledger=now_known)

    return with_ledger(book, case_id, ledger, act)


def acknowledge_act(book: books.Book, case_id: str, brought: Brought, *, acknowledged_by: str) -> str:
    """The customer says that it has the act."""
    case = books.read.case(book, case_id)
    return move_act(book, case, "acknowledge", brought.adding(acknowledged_by=acknowledged_by))


def remind(book: books.Book, case_id: str, brought: Brought, *, sent_to: str = "", channel: str = "") -> str:
    """A reminder was sent: where the act went unless said otherwise."""
    case = books.read.case(book, case_id)
    sent = case.last("send")
    usual = sent.content if sent is not None else {}
    to, by = sent_to or usual.get("sent_to", ""), channel or usual.get("channel", "")
    return move_act(book, case, "remind", brought.adding(sent_to=to, channel=by))


def record_response(
    book: books.Book,
    case_id: str,
    brought: Brought,
    *,
    answer: str,
    answered_by: str,
    their_balance: int | None = None,
    file: KeptFile | None = None,
) -> str:
    """The customer ``agrees`` or ``differs``; then ``their_balance``, minor units, what they say they owe us.

    ``file``: their letter or ledger, kept with the answer.
    """
    case = books.read.case(book, case_id)
    said: dict[str, object] = {} if their_balance is None else {"their_balance": their_balance}
    answered = brought.adding(answer=answer, answered_by=answered_by, **said)
    return move_act(book, case, "respond", answered, file=file)


def declare_silent(book: books.Book, case_id: str, brought: Brought) -> str:
    """Every reminder was sent and the last day has passed: the customer keeps silent."""
    return move_act(book, books.read.case(book, case_id), "declare_silent", brought)


def record_alternative_procedure(
    book: books.Book,
    case_id: str,
    brought: Brought,
    *,
    procedure: str,
    file: KeptFile | None = None,
    ledger: LedgerNow | None = None,
) -> str:
    """Evidence from elsewhere for a silent customer's balance; it never counts as a confirmation.

    ``subsequent_receipts``: what the customer paid after the cut-off through the move's day, by the book;
    none is no evidence. ``delivery_proof`` and ``other`` need a ``file``.
    """

    def act(case: Case, now_known: LedgerNow) -> str:
        found = brought.adding(procedure=procedure)
        if procedure == "subsequent_receipts":
            found = found.adding(receipts=receipts_after(case, now_known, through=brought.on))
        return move_act(book, case, "record_alternative", found, file=file)

    return with_ledger(book, case_id, ledger, act)


def receipts_after(case: Case, ledger: LedgerNow, *, through: dt.date) -> list[dict[str, object]]:
    """Payments of the act's customer and currency dated after its cut-off: what, for what, when, how much.

    ``amount`` in minor units with the ledger's sign, what it did to the balance: cash negative; positive a
    note that was taken with a receipt (also a ``payment``: with the receipt it makes up the cash) and a
    payment undone.
    """
    assert case.as_of is not None, "an act has a cut-off"
    at = ledger.known.known_at
    moved = explain_movements(
        ledger.facts(case.company_id), before=case.as_of, after=through, known_before=at, known_after=at
    )
    own = moved[moved["customer_id"].eq(case.customer_id) & moved["currency"].eq(case.currency)]
    paid = own[own["kind"].eq("payment")].sort_values(["movement_date", "document_id"])
    return [
        {"document_id": str(one["document_id"]), "reference": str(one["reference"]),
         "date": one["movement_date"].strftime("%Y-%m-%d"), "amount": int(one["movement_amount"])}
        for one in paid.to_dict("records")
    ]  # fmt: skip


def analyse(
    book: books.Book, case_id: str, brought: Brought, *, differences: Sequence[Mapping[str, object]]
) -> str:
    """The differences with the customer's ledger, ours − theirs, each with its cause.

    Of each: ``cause``, ``amount``, and where there are any ``document_id``, ``ours``, ``theirs`` (minor
    units), ``owner``, ``due_date`` (ISO), ``note``. They must add up to our balance less theirs.
    """
    found = brought.adding(differences=[dict(one) for one in differences])
    return move_act(book, books.read.case(book, case_id), "analyse", found)


def agree(
    book: books.Book,
    case_id: str,
    brought: Brought,
    *,
    actions: Sequence[Mapping[str, object]] = (),
    differences: Sequence[Mapping[str, object]] = (),
    signatories: Sequence[Mapping[str, object]] = (),
    ledger: LedgerNow | None = None,
) -> str:
    """What both sides agreed, as the PDF that they will sign; its bytes are kept and its hash binds them.

    ``actions``: ``action``, ``owner``, ``due_date`` (ISO); ``differences``: where they changed since
    they were analysed; ``signatories``: who will sign (``pages.act_page``).
    """

    def act(case: Case, now_known: LedgerNow) -> str:
        content: dict[str, Any] = {
            "differences": [dict(one) for one in differences or guards.differences(case)],
            "actions": [dict(one) for one in actions],
            "signatories": [dict(one) for one in signatories],
        }
        guards.agreement_is_whole(case, content)  # before a page is made of what does not add up
        made = make_pdf(act_page(case, **content))
        agreed = brought.adding(**content, content_sha256=made.content_sha256)
        return move_act(book, case, "agree", agreed, file=_pdf(case, made), ledger=now_known)

    return with_ledger(book, case_id, ledger, act)


def close_act(book: books.Book, case_id: str, brought: Brought, *, ledger: LedgerNow | None = None) -> str:
    """Both sides have signed, and the book still says what they signed: done."""

    def act(case: Case, now_known: LedgerNow) -> str:
        return move_act(book, case, "close", brought, ledger=now_known)

    return with_ledger(book, case_id, ledger, act)


def act_file(book: books.Book, case_id: str) -> KeptFile:
    """The newest PDF of an act: the signed one, else the agreed, else the one sent; a draft's is made now."""
    case = books.read.case(book, case_id)
    event = case.last("send", "agree", "sign_us", "sign_both")
    if event is None:
        return _pdf(case, make_pdf(act_page(case)))
    kept = books.stored_files.read_file(book, event.file_sha256)
    return KeptFile(kept.file, kept.media_type, kept.content)


def _pdf(case: Case, made: Made) -> KeptFile:
    return KeptFile(f"{case.case_id}.pdf", PDF, made.pdf)


def with_ledger(
    book: books.Book, case_id: str, ledger: LedgerNow | None, act: Callable[[Case, LedgerNow], str]
) -> str:
    """Do it with the ledger as known now; where somebody posts meanwhile, look again."""
    now_known = ledger or LedgerNow(book)

    def look() -> str:
        try:
            return act(books.read.case(book, case_id), now_known)
        except BookMovedOnError:
            now_known.refresh()
            raise

    return look_again(look)
