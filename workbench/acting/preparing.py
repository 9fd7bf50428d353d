"""Acts drawn up from the statements of a cut-off and opened in the book; a repeat changes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pandas as pd

from .. import acts
from .. import book as books
from ..acts.prepared import PreparedAct
from ..book.cases_in import enter_case, enter_move
from ..book.looks import look_again
from ..book.transactions import writing
from ..calendar import Period
from ..cases import Brought
from ..errors import BookMovedOnError
from ..policy import Buckets
from ..sources.organisation import Company
from ..statements import KINDS, make_statements
from ..views.documents.wording import languages_of
from .ledger_now import LedgerNow

#: Acts opened in one transaction: a stop midway loses none of those before, and a repeat goes on.
_AT_ONCE = 200


@dataclass(frozen=True)
class ActsPrepared:
    """Ids: ``opened`` now, of them ``replaced`` older versions; ``kept`` say what the book says; ``signed``
    ones the book contradicts must be reopened first (:func:`reopening.reopen_contradicted_acts`)."""

    opened: tuple[str, ...]
    replaced: tuple[str, ...]
    kept: tuple[str, ...]
    signed: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        return {name: list(getattr(self, name)) for name in ("opened", "replaced", "kept", "signed")}


def prepare_acts(
    book: books.Book,
    *,
    period: Period,
    who: str,
    on: dt.date,
    company: str = "",
    customers: Collection[str] = (),
    as_of: dt.date | None = None,
    companies: Mapping[str, Company] | None = None,
    buckets: Buckets | None = None,
) -> ActsPrepared:
    """One act a customer and currency with something open at ``as_of`` (else the period's last day).

    ``company``, ``customers`` narrow it ('' and none: all). ``companies``: heads by company id; one that is
    not there is shown by its id. An act that nobody has signed and the book contradicts by now is replaced by
    its next version; what is signed is left, and listed. Two hundred acts a transaction.
    """
    cut_off = as_of or period.last_day
    ledger, opened = LedgerNow(book), list[PreparedAct]()

    def look() -> acts.PlannedActs:
        planned = _plan(
            book, ledger, period, cut_off, company, frozenset(customers), companies or {}, buckets
        )
        try:
            for part in _parts(planned.opened, _AT_ONCE):
                _open(book, ledger, part, str(period), who=who, on=on)
                opened.extend(part)
        except BookMovedOnError:
            ledger.refresh()
            raise
        return planned

    planned = look_again(look)
    new = {one.case_id for one in opened}
    return ActsPrepared(
        tuple(one.case_id for one in opened),
        tuple(one.replaces for one in opened if one.replaces),
        tuple(one for one in planned.kept if one not in new),
        planned.signed,
    )


def _plan(
    book: books.Book,
    ledger: LedgerNow,
    period: Period,
    as_of: dt.date,
    company: str,
    customers: frozenset[str],
    companies: Mapping[str, Company],
    buckets: Buckets | None,
) -> acts.PlannedActs:
    buckets = buckets or Buckets()
    known = ledger.known
    made = make_statements(
        ledger.facts(company), from_date=period.first_day, as_of=as_of, known_at=known.known_at,
        buckets=buckets,
    )  # fmt: skip
    about = {
        "known_at": known.known_at.isoformat(), "anchor": known.head, "anchor_rows": known.count,
        "ranges": [*buckets.names],
    }  # fmt: skip

    def own(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["customer_id"].isin(customers)] if customers else frame

    drawn = acts.draw_up_acts(own(made.summarised), own(made.open_list), kinds=KINDS, about=about)
    parties = _parties(book, company, companies)
    drawn = [one.with_content(parties(one.company_id, one.customer_id)) for one in drawn]
    scope, kind = customers or None, acts.KIND
    history = acts.tell_acts(
        books.read.cases(book, company, customers=scope, kind=kind),
        books.read.case_events(book, company, customers=scope, kind=kind),
    )
    items = books.read.case_items(book, company, customers=scope, kind=kind)
    return acts.plan_acts(drawn, history, items, own(made.open_items), as_of=as_of)


def _parties(book: books.Book, company: str, companies: Mapping[str, Company]) -> Any:
    """What an act keeps of both sides: names, tax ids, and the language in which it is written."""
    people = books.read.customers(book, company)
    keys = zip(people["company_id"], people["customer_id"], strict=True)
    known = dict(zip(keys, people.to_dict("records"), strict=True))

    def told(company_id: str, customer_id: str) -> dict[str, object]:
        head = companies.get(company_id)
        one = known.get((company_id, customer_id), {})
        country = str(one.get("country", ""))
        language, first = languages_of(country)
        return {
            "company": {"name": head.name if head else company_id, "tax_id": head.tax_id if head else "",
                        "country": head.country if head else "", "address": head.address if head else "",
                        "city": head.city if head else "", "contact": head.contact if head else ""},
            "customer": {"name": str(one.get("customer_name", "")) or customer_id,
                         "tax_id": str(one.get("tax_id", "")), "country": country},
            "paper": head.paper if head else "letter",
            "language": language,
            "first_language": first,
        }  # fmt: skip

    return told


def _open(
    book: books.Book,
    ledger: LedgerNow,
    prepared: Iterable[PreparedAct],
    period: str,
    *,
    who: str,
    on: dt.date,
) -> None:
    with writing(book, "prepare-acts", who=who) as posting:
        for act in prepared:
            if act.replaces:
                brought = Brought(who, on, content={"replaced_by": act.case_id})
                operation = f"replace:{act.replaces}"
                enter_move(posting, acts.MACHINE, act.replaces, "replace", brought, operation_id=operation)
            enter_case(posting, acts.MACHINE, act.to_open(period), on=on)
        ledger.check_unchanged(posting)


def _parts(whole: Iterable[PreparedAct], size: int) -> Iterable[list[PreparedAct]]:
    rest = iter(whole)
    while part := list(islice(rest, size)):
        yield part
