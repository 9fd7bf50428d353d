"""What a run shows of the ERP's word: its control account, and its answers to what left for it.

Only where there is such a word: without a balance of the cut-off day and without an export nothing is said.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from ..erp_postings import Answered, compare_control_account
from . import figures

if TYPE_CHECKING:
    from ..book import Book


@dataclass(frozen=True)
class Compared:
    """``accounts`` (``erp_postings.CONTROL_ACCOUNTS``), empty without a balance; its findings."""

    accounts: pd.DataFrame
    findings: pd.DataFrame

    @property
    def control(self) -> figures.Totals:
        return figures.totals(self.accounts, "control_amount")

    @property
    def items(self) -> figures.Totals:
        return figures.totals(self.accounts, "items_amount")


def compare_control(
    book: Book,
    open_items: pd.DataFrame,
    observations: pd.DataFrame,
    *,
    company: str,
    as_of: dt.date,
    known_at: dt.datetime,
) -> Compared:
    """The control accounts of the cut-off day against the items; where they differ, against what was applied
    and is not confirmed yet."""
    from .. import exports
    from ..book import read

    balances = read.control_balances(book, company, known_at)
    compared = Compared(*compare_control_account(open_items, observations, balances, as_of=as_of))
    if not compared.accounts["difference"].any():
        return compared
    states = exports.answers(book, as_of=as_of, company=company, known_at=known_at).states
    return Compared(*compare_control_account(open_items, observations, balances, as_of=as_of, states=states))


def answered_postings(
    book: Book, *, company: str, as_of: dt.date, known_at: dt.datetime
) -> tuple[pd.DataFrame, Answered] | None:
    """What left for the ERP by currency and state, with every contradiction; ``None`` where nothing left."""
    from .. import exports
    from ..book import read

    if read.erp_export_lines(book, company, known_at).empty:
        return None
    answered = exports.answers(book, as_of=as_of, company=company, known_at=known_at)
    left = answered.states[answered.states["export_date"].notna()]
    money = ["posted_amount", "answered_amount", "difference"]
    by_state = left.groupby(["currency", "state"], sort=True)
    summary = by_state[money].sum().assign(count=by_state.size()).reset_index()
    return summary, answered
