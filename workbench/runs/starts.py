"""What the book must hold before a run may start; judged before any kernel, and refused in plain words."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pandas as pd

from ..applications import collect_findings, finding
from ..calendar import Period
from ..errors import ParameterRefusedError
from ..words import formats

if TYPE_CHECKING:
    from ..book import Book


def check_known_company(book: Book, company: str) -> None:
    """A company that no file has named would make an empty month: refused, with those that are known."""
    from ..book import read

    known = sorted(read.companies(book)["company_id"])
    if company and company not in known:
        raise ParameterRefusedError("company-unknown", company=company, known=", ".join(known) or "–")


def check_with_items(book: Book, company: str) -> None:
    """A book (or company) without a single item would close green over nothing: refused."""
    from ..book import read

    batches = read.batches(book)
    of_items = batches[(batches["kind"] == "items") & (batches["rows_stored"] > 0)]
    if not any(not company or company in json.loads(text) for text in of_items["companies"]):
        raise ParameterRefusedError("book-without-items", company=company or "–", book=book.dialect.place)


def check_nothing_applied_later(book: Book, *, company: str, as_of: dt.date, family: str) -> None:
    """A month cannot post behind a later one: an item open at its end may have been taken since.

    Counts what other closes and runs posted with effect after ``as_of`` and nobody reversed. What people
    applied by hand since then does not refuse the month: the book itself holds the caps.
    """
    from ..book import read

    posted = read.applications(book, company=company)
    reversed_ids = read.reversals(book, company=company)["application_id"]
    later = posted[
        posted["step_key"].ne("")
        & ~posted["step_key"].str.startswith(f"{family}/")
        & (posted["effective_date"] > pd.Timestamp(as_of))
        & ~posted["application_id"].isin(reversed_ids)
    ]
    if len(later):
        last = later["effective_date"].max().date()
        raise ParameterRefusedError(
            "later-period-applied",
            period=str(Period(as_of.year, as_of.month)),
            later=str(Period(last.year, last.month)),
            count=len(later),
        )


def doubts_of_time(book: Book, *, period: Period, as_of: dt.date, known_at: dt.datetime) -> pd.DataFrame:
    """``known-before-first-import`` and ``cutoff-outside-period``: a run that may look empty or odd."""
    from ..book import read

    found = []
    batches = read.batches(book)
    stored = batches[batches["rows_stored"] > 0]
    if len(stored) and pd.Timestamp(known_at) < stored["recorded_at"].min():
        from ..views.columns import instant_text

        found.append(
            finding(
                "known-before-first-import",
                table="import_batches",
                key=str(stored.iloc[0]["file"]),
                known_at=instant_text(known_at),
                first=instant_text(stored["recorded_at"].min().to_pydatetime()),
                file=str(stored.iloc[0]["file"]),
            )
        )
    if not period.first_day <= as_of <= period.last_day:
        found.append(
            finding(
                "cutoff-outside-period",
                table="runs",
                key=str(period),
                period=str(period),
                as_of=formats.date_text(as_of),
            )
        )
    return collect_findings(found)
