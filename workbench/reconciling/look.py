"""What the book says of the bank accounts at one moment, and whether it still does under the lock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from .. import book as books
from .. import deciding, ledger
from ..book.contents import head_in
from ..book.looks import Done, look_again
from ..book.transactions import Posting
from ..calendar import Period, WorkingDays
from ..errors import BookMovedOnError, PostingRefusedError
from ..policy import Policy
from ..reconciliation import Reconciled, bank_matches, bank_reports, reconcile_bank
from ..sources.holidays_file import colombian_holidays


@dataclass
class Look:
    """The book as it was read: ``mark`` is its last audit entry; frames are read when first asked for."""

    book: books.Book
    company: str
    policy: Policy
    mark: int
    _made: dict[dt.date, Reconciled] = field(default_factory=dict)

    @classmethod
    def at(cls, book: books.Book, company: str, policy: Policy) -> Look:
        with book.reading() as connection:
            mark = int(str(head_in(connection)["count"]))
        return cls(book, company, policy, mark)

    @cached_property
    def bank_lines(self) -> pd.DataFrame:
        return books.read.bank_lines(self.book, self.company)

    @cached_property
    def book_lines(self) -> pd.DataFrame:
        return books.read.book_lines(self.book, self.company)

    @cached_property
    def bank_balances(self) -> pd.DataFrame:
        return books.read.bank_balances(self.book, self.company)

    @cached_property
    def hand_matches(self) -> pd.DataFrame:
        """What people put together or took apart (``results.HAND_MATCHES``)."""
        kind = bank_matches.KIND
        cases = books.read.cases(self.book, self.company, kind=kind)
        return bank_matches.read_matches(cases, books.read.case_items(self.book, self.company, kind=kind))

    @cached_property
    def reports(self) -> pd.DataFrame:
        """The reports of the company, as cases."""
        return books.read.cases(self.book, self.company, kind=bank_reports.KIND)

    def reconcile(self, as_of: dt.date, hand_matches: pd.DataFrame | None = None) -> Reconciled:
        """The reconciliation of a day with what people decided; ``hand_matches``: as if that were it."""
        if hand_matches is None and as_of in self._made:
            return self._made[as_of]
        facts = (
            books.read.receipts(self.book, self.company),
            books.read.applications(self.book, self.company),
            books.read.reversals(self.book, self.company),
        )
        made = reconcile_bank(
            self.bank_lines, self.bank_balances, self.book_lines, as_of=as_of,
            policy=self.policy.reconciliation, working_days=working_days(as_of),
            hand_matches=self.hand_matches if hand_matches is None else hand_matches,
            receipts=ledger.unapplied_receipts(*facts, as_of=as_of),
        )  # fmt: skip
        if hand_matches is None:
            self._made[as_of] = made
        return made

    def states(self, account: str, currency: str) -> dict[str, str]:
        """By month, where the account's reports stand."""
        own = self.reports[self.reports["subject_key"].eq(account) & self.reports["currency"].eq(currency)]
        return dict(zip(own["period"], own["state"], strict=True))

    def earlier_open(self, account: str, currency: str, period: Period) -> list[str]:
        """The months before this one whose report nobody has approved."""
        proof = self.reconcile(period.last_day).proof
        own = proof[proof["account_id"].eq(account) & proof["currency"].eq(currency)]
        begun = own["from_date"].iat[0] if len(own) else pd.NaT
        months = bank_reports.earlier_periods(begun, period, self.policy.reconciliation.reports_from)
        states = self.states(account, currency)
        return [month for month in months if states.get(month) != "approved"]

    def unapproved(self, account: str, as_of: dt.date) -> list[str]:
        """Requests for a second person that wait, on receipts of the account up to that day."""
        waiting = deciding.open_requests(self.book)
        waiting = waiting[waiting["company_id"].eq(self.company)]
        receipts = books.read.receipts(self.book, self.company, as_of=as_of)
        own = receipts[receipts["account_id"].eq(account) & receipts["receipt_date"].le(pd.Timestamp(as_of))]
        named = waiting[waiting["subject_key"].isin(own["receipt_id"])]
        return [str(one)[: deciding.SHORTEST_REQUEST] for one in named["decision_id"]]

    def check_unchanged(self, posting: Posting) -> None:
        """Under the writer's lock: nobody has written since the look."""
        if posting.seq != self.mark + 1:
            raise BookMovedOnError


def looking(book: books.Book, company: str, policy: Policy, act: Callable[[Look], Done]) -> Done:
    """``act`` on a look at the book; where somebody wrote before its lock, on a new one."""
    return look_again(lambda: act(Look.at(book, company, policy)))


def working_days(as_of: dt.date) -> WorkingDays:
    """Colombian working days around a day, as a run of that month counts them."""
    return WorkingDays.of(colombian_holidays(range(as_of.year - 1, as_of.year + 2)))


def lines_named(lines: pd.DataFrame, ids: Sequence[str], side: str, account: str) -> pd.DataFrame:
    """The account's lines of these ids; refused where one is unknown or stands for several lines."""
    own = lines[lines["account_id"].eq(account) & lines["line_id"].isin(list(ids))]
    for one in ids:
        count = int(own["line_id"].eq(one).sum())
        if count != 1:
            rule = "bank-line-unknown" if count == 0 else "bank-line-recurs"
            raise PostingRefusedError(rule, line=one, side=side, account=account, count=count)
    return own
