"""Lines that a person puts together or takes apart; refused where an approved report rests on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from .. import book as books
from ..book.cases_in import enter_case, enter_move
from ..book.transactions import writing
from ..cases import Brought, CaseItem, NewCase, operation_name
from ..errors import MoveRefusedError, PostingRefusedError
from ..policy import Policy
from ..reconciliation import bank_matches, bank_reports
from ..reconciliation.groups import id_of, lines_said
from ..reconciliation.results import HAND_MATCHES
from .look import Look, lines_named, looking

MACHINE = bank_matches.match_machine()


def make_match(
    book: books.Book,
    brought: Brought,
    *,
    company: str,
    account: str,
    bank_ids: Sequence[str],
    book_ids: Sequence[str],
    policy: Policy,
) -> str:
    """Put lines of an account together by the sources' own ids; gives the group's id.

    The same lines again change nothing; once undone they are made again. Refused: sums that differ, several
    on both sides, a line that stands in another match by hand, and where it would change an approved report
    (``bank-match-in-approved-report``; the way out is to reopen that report).
    """

    def act(look: Look) -> str:
        bank = lines_named(look.bank_lines, bank_ids, "bank", account)
        ledger = lines_named(look.book_lines, book_ids, "book", account)
        bank_matches.check_lines(bank, ledger)
        group = id_of(lines_said(bank, "bank"), lines_said(ledger, "book"))
        known = look.hand_matches.loc[look.hand_matches["group_id"] == group, "state"]
        if len(known) and known.iat[0] == "made":
            return group
        _check_free(look, bank, ledger)
        _check_reports(look, group, bank, ledger, "made")
        return _enter(look, group, bank, ledger, is_new=known.empty)

    def _enter(look: Look, group: str, bank: pd.DataFrame, ledger: pd.DataFrame, *, is_new: bool) -> str:
        case_id = bank_matches.case_id_of(group)
        with writing(book, "match-bank-lines", who=brought.who) as posting:
            look.check_unchanged(posting)
            if is_new:
                new = _case(company, group, bank, ledger, by="hand")
                enter_case(posting, MACHINE, new, on=brought.on, reason=brought.reason)
            else:
                operation = books.read.case(book, case_id).next_operation("make_again")
                again = replace(brought, content={})  # the approved reports are the book's to name
                enter_move(posting, MACHINE, case_id, "make_again", again, operation_id=operation)
        return group

    return looking(book, company, policy, act)


def undo_match(
    book: books.Book, group_id: str, brought: Brought, *, company: str, policy: Policy, as_of: dt.date
) -> str:
    """Take a group apart, whoever or whatever rule made it; gives its state.

    ``as_of``: a day at which the group stands, where a rule made it. The rules do not make the same group
    again. Refused without a reason, for a group that is not there, and where an approved report rests on it.
    """

    def act(look: Look) -> str:
        case_id = bank_matches.case_id_of(group_id)
        own = look.hand_matches[look.hand_matches["group_id"] == group_id]
        if own.empty:
            bank, ledger = _lines_of_rule(look, group_id, as_of)
        else:
            bank, ledger = _lines_of(look, own)
        undone = _undone(look, group_id, bank, ledger, brought)
        with writing(book, "unmatch-bank-lines", who=brought.who) as posting:
            look.check_unchanged(posting)
            if own.empty:
                new = _case(company, group_id, bank, ledger, by="rule")
                enter_case(posting, MACHINE, new, on=brought.on, reason=brought.reason)
                operation = operation_name(case_id, 1, "undo")
            else:
                operation = books.read.case(book, case_id).next_operation("undo")
            return enter_move(posting, MACHINE, case_id, "undo", undone, operation_id=operation)

    return looking(book, company, policy, act)


def move_match(book: books.Book, case_id: str, move: str, brought: Brought, *, policy: Policy) -> str:
    """``undo`` or ``make_again`` of a match that is a case; gives its state."""
    case = books.read.case(book, case_id)
    if move != "make_again" or case.state != "undone":
        look = Look.at(book, case.company_id, policy)
        own = look.hand_matches[look.hand_matches["group_id"] == case.subject_key]
        undone = _undone(look, case.subject_key, *_lines_of(look, own), brought)
        with writing(book, "unmatch-bank-lines", who=brought.who) as posting:
            look.check_unchanged(posting)
            operation = case.next_operation(move)
            return enter_move(posting, MACHINE, case_id, move, undone, operation_id=operation)
    ids = {
        kind: [i.item_id for i in case.items if i.item_kind == kind] for kind in ("bank_line", "book_line")
    }
    make_match(
        book, brought, company=case.company_id, account=str(case.content["account"]),
        bank_ids=ids["bank_line"], book_ids=ids["book_line"], policy=policy,
    )  # fmt: skip
    return books.read.case(book, case_id).state


def _undone(look: Look, group: str, bank: pd.DataFrame, ledger: pd.DataFrame, brought: Brought) -> Brought:
    """What undoing brings: a person's reason, and from the book the approved report that it would change."""
    approved = _changed_report(look, group, bank, ledger, "undone")
    return replace(brought, content={"approved_in": approved} if approved else {})


def _case(company: str, group: str, bank: pd.DataFrame, ledger: pd.DataFrame, *, by: str) -> NewCase:
    line = (bank if len(bank) else ledger).iloc[0]
    return NewCase(
        bank_matches.case_id_of(group), company, {"account": str(line["account_id"]), "by": by},
        currency=str(line["currency"]), subject_key=group, case_amount=int(bank["bank_amount"].sum()),
        items=_items(bank, ledger),
    )  # fmt: skip


def _lines_of(look: Look, own: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    bank = look.bank_lines[look.bank_lines["bank_line_key"].isin(own["bank_line_key"])]
    return bank, look.book_lines[look.book_lines["book_line_key"].isin(own["book_line_key"])]


def _items(bank: pd.DataFrame, ledger: pd.DataFrame) -> list[CaseItem]:
    sides = (("bank", bank, "bank_line_key", "bank_amount"), ("book", ledger, "book_line_key", "book_amount"))
    return [
        CaseItem(f"{side}_line", int(row[key]), str(row["line_id"]), str(row["currency"]), int(row[amount]))
        for side, frame, key, amount in sides
        for row in frame.to_dict("records")
    ]


def _lines_of_rule(look: Look, group_id: str, as_of: dt.date) -> tuple[pd.DataFrame, pd.DataFrame]:
    matched = look.reconcile(as_of).matched
    own = matched[matched["group_id"] == group_id]
    if own.empty:
        raise PostingRefusedError("bank-match-unknown", group=group_id, as_of_day=as_of.isoformat())
    return _lines_of(look, own)


def _check_free(look: Look, bank: pd.DataFrame, ledger: pd.DataFrame) -> None:
    made = look.hand_matches[look.hand_matches["state"] == "made"]
    for frame, side in ((bank, "bank"), (ledger, "book")):
        key = f"{side}_line_key"
        taken = made[made[key].isin(frame[key])]
        if len(taken):
            line = frame.loc[frame[key] == taken[key].iat[0], "line_id"].iat[0]
            raise PostingRefusedError(
                "bank-match-taken", line=str(line), side=side, group=str(taken["group_id"].iat[0])
            )


def _check_reports(look: Look, group: str, bank: pd.DataFrame, ledger: pd.DataFrame, state: str) -> None:
    approved = _changed_report(look, group, bank, ledger, state)
    if approved:
        raise MoveRefusedError(
            "bank-match-in-approved-report", case=bank_matches.case_id_of(group), report=approved
        )


def _changed_report(look: Look, group: str, bank: pd.DataFrame, ledger: pd.DataFrame, state: str) -> str:
    """The approved report of the account that would say something else after it; '' for none."""
    lines = bank if len(bank) else ledger
    account, currency = str(lines["account_id"].iat[0]), str(lines["currency"].iat[0])
    approved = look.reports[
        look.reports["state"].eq("approved")
        & look.reports["subject_key"].eq(account)
        & look.reports["currency"].eq(currency)
    ]
    if approved.empty:
        return ""
    rows = [
        *((group, state, key, -1) for key in bank["bank_line_key"]),
        *((group, state, -1, key) for key in ledger["book_line_key"]),
    ]
    others = look.hand_matches[look.hand_matches["group_id"] != group]
    after = HAND_MATCHES.conform(
        pd.concat([others, pd.DataFrame(rows, columns=list(HAND_MATCHES.columns))], ignore_index=True)
    )
    for row in approved.to_dict("records"):
        day = row["as_of_date"].date()
        name = (look.company, account, currency)
        before, then = (
            bank_reports.figures_of(made, *name)["figures_sha256"]
            for made in (look.reconcile(day), look.reconcile(day, after))
        )
        if before != then:
            return str(row["case_id"])
    return ""
