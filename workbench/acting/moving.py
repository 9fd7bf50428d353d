"""The moves of an act through the book, up to the agreement; signatures are :mod:`signing`'s.

Each is one transaction: the move, judged by the machine under the writer's lock, and the file that belongs to
it. Where the act's figures leave the house or bind somebody, the book must still say them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import acts
from .. import book as books
from ..acts import guards
from ..book.cases_in import move_case
from ..book.stored_files import enter_file
from ..book.transactions import Posting
from ..calendar import WorkingDays
from ..cases import Case
from ..policy import ActPolicy
from ..statements import explain_movements
from ..views.documents.pages import Made, make_pdf
from .ledger_now import LedgerMovedOnError, LedgerNow
from .pages import act_page

PDF = "application/pdf"
_ATTEMPTS = 3


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
    *,
    who: str,
    on: dt.date,
    role: str = "",
    reason: str = "",
    content: Mapping[str, object] | None = None,
    file: KeptFile | None = None,
    ledger: LedgerNow | None = None,
    now: dt.datetime | None = None,
) -> str:
    """One move of an act as it was read; gives its state after it.

    ``ledger``: then the book must say of the cut-off what the act says (``act-contradicted`` else), and still
    under the lock (``LedgerMovedOnError`` where it moved on between). ``file`` is kept in that transaction.
    """
    if ledger is not None:
        ledger.check(case)

    def also(posting: Posting, _: Case) -> None:
        if ledger is not None:
            ledger.check_unchanged(posting)
        if file is not None:
            enter_file(posting, file.name, file.media_type, file.content)

    return move_case(
        book, acts.MACHINE, case.case_id, move, operation_id=f"{case.case_id}/{len(case.events)}/{move}",
        who=who, on=on, role=role, reason=reason, content=content, file_sha256=file.sha256 if file else "",
        also=also, now=now,
    )  # fmt: skip


def send_act(
    book: books.Book,
    case_id: str,
    *,
    sent_to: str,
    channel: str,
    who: str,
    on: dt.date,
    working_days: WorkingDays,
    policy: ActPolicy | None = None,
    ledger: LedgerNow | None = None,
    now: dt.datetime | None = None,
) -> str:
    """Make the act's PDF, keep it, and note to whom it went and when its silence will be chased.

    ``channel``: mail, portal, hand … as the house says it. Sending the message itself is not done here.
    """
    reminders, silent = acts.days_to_chase(on, policy or ActPolicy(), working_days)
    days = {
        "reminder_dates": ",".join(day.isoformat() for day in reminders), "silent_date": silent.isoformat()
    }  # fmt: skip

    def act(case: Case, now_known: LedgerNow) -> str:
        made = make_pdf(act_page(case))
        content = {"sent_to": sent_to, "channel": channel, "content_sha256": made.content_sha256, **days}
        return move_act(
            book,
            case,
            "send",
            who=who,
            on=on,
            content=content,
            file=_pdf(case, made),
            ledger=now_known,
            now=now,
        )

    return with_ledger(book, case_id, ledger, act)


def acknowledge_act(
    book: books.Book, case_id: str, *, acknowledged_by: str, who: str, on: dt.date, reason: str = "",
    now: dt.datetime | None = None,
) -> str:  # fmt: skip
    """The customer says that it has the act."""
    case = books.read.case(book, case_id)
    content = {"acknowledged_by": acknowledged_by}
    return move_act(book, case, "acknowledge", who=who, on=on, reason=reason, content=content, now=now)


def remind(
    book: books.Book, case_id: str, *, who: str, on: dt.date, sent_to: str = "", channel: str = "",
    now: dt.datetime | None = None,
) -> str:  # fmt: skip
    """A reminder was sent: where the act went unless said otherwise."""
    case = books.read.case(book, case_id)
    sent = case.last("send")
    usual = sent.content if sent is not None else {}
    content = {"sent_to": sent_to or usual.get("sent_to", ""), "channel": channel or usual.get("channel", "")}
    return move_act(book, case, "remind", who=who, on=on, content=content, now=now)


def record_response(
    book: books.Book,
    case_id: str,
    *,
    answer: str,
    answered_by: str,
    who: str,
    on: dt.date,
    their_balance: int | None = None,
    reason: str = "",
    file: KeptFile | None = None,
    now: dt.datetime | None = None,
) -> str:
    """The customer ``agrees`` or ``differs``; then ``their_balance``, minor units, what they say they owe us.

    ``file``: their letter or ledger, kept with the answer.
    """
    case = books.read.case(book, case_id)
    content: dict[str, object] = {"answer": answer, "answered_by": answered_by}
    content |= {} if their_balance is None else {"their_balance": their_balance}
    return move_act(book, case, "respond", who=who, on=on, reason=reason, content=content, file=file, now=now)


def declare_silent(
    book: books.Book, case_id: str, *, who: str, on: dt.date, reason: str = "",
    now: dt.datetime | None = None,
) -> str:  # fmt: skip
    """Every reminder was sent and the last day has passed: the customer keeps silent."""
    case = books.read.case(book, case_id)
    return move_act(book, case, "declare_silent", who=who, on=on, reason=reason, now=now)


def record_alternative_procedure(
    book: books.Book,
    case_id: str,
    *,
    procedure: str,
    reason: str,
    who: str,
    on: dt.date,
    file: KeptFile | None = None,
    ledger: LedgerNow | None = None,
    now: dt.datetime | None = None,
) -> str:
    """Evidence from elsewhere for a silent customer's balance; it never counts as a confirmation.

    ``subsequent_receipts``: what the customer paid after the cut-off through ``on``, by the book; none
    is no evidence. ``delivery_proof`` and ``other`` need a ``file``.
    """

    def act(case: Case, now_known: LedgerNow) -> str:
        content: dict[str, object] = {"procedure": procedure}
        if procedure == "subsequent_receipts":
            content["receipts"] = receipts_after(case, now_known, through=on)
        return move_act(
            book,
            case,
            "record_alternative",
            who=who,
            on=on,
            reason=reason,
            content=content,
            file=file,
            now=now,
        )

    return with_ledger(book, case_id, ledger, act)


def receipts_after(case: Case, ledger: LedgerNow, *, through: dt.date) -> list[dict[str, object]]:
    """Payments of the act's customer and currency dated after its cut-off: what, for what, when, how much.

    ``amount`` in minor units, negative as the ledger has it.
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
    book: books.Book,
    case_id: str,
    *,
    differences: Sequence[Mapping[str, object]],
    who: str,
    on: dt.date,
    reason: str = "",
    now: dt.datetime | None = None,
) -> str:
    """The differences with the customer's ledger, ours − theirs, each with its cause.

    Of each: ``cause``, ``amount``, and where there are any ``document_id``, ``ours``, ``theirs`` (minor
    units), ``owner``, ``due_date`` (ISO), ``note``. They must add up to our balance less theirs.
    """
    case = books.read.case(book, case_id)
    content = {"differences": [dict(one) for one in differences]}
    return move_act(book, case, "analyse", who=who, on=on, reason=reason, content=content, now=now)


def agree(
    book: books.Book,
    case_id: str,
    *,
    who: str,
    on: dt.date,
    actions: Sequence[Mapping[str, object]] = (),
    differences: Sequence[Mapping[str, object]] = (),
    signatories: Sequence[Mapping[str, object]] = (),
    reason: str = "",
    ledger: LedgerNow | None = None,
    now: dt.datetime | None = None,
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
        content["content_sha256"] = made.content_sha256
        return move_act(
            book, case, "agree", who=who, on=on, reason=reason, content=content, file=_pdf(case, made),
            ledger=now_known, now=now,
        )  # fmt: skip

    return with_ledger(book, case_id, ledger, act)


def close_act(
    book: books.Book, case_id: str, *, who: str, on: dt.date, reason: str = "",
    ledger: LedgerNow | None = None, now: dt.datetime | None = None,
) -> str:  # fmt: skip
    """Both sides have signed, and the book still says what they signed: done."""

    def act(case: Case, now_known: LedgerNow) -> str:
        return move_act(book, case, "close", who=who, on=on, reason=reason, ledger=now_known, now=now)

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


def with_ledger(book: books.Book, case_id: str, ledger: LedgerNow | None, act: Any) -> str:
    """Do it with the ledger as known now; where somebody posts meanwhile, look again."""
    now_known = ledger or LedgerNow(book)
    for attempt in range(_ATTEMPTS):
        try:
            return str(act(books.read.case(book, case_id), now_known))
        except LedgerMovedOnError:
            if attempt + 1 == _ATTEMPTS:
                raise
            now_known.refresh()
    raise AssertionError("unreachable")
