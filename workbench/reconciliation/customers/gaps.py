"""A difference on its way to being named, and the evidence that may name it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import pandas as pd

from ...calendar import day_numbers
from ...policy import DifferencePolicy, Withholdings
from ...withholdings import WithholdingSolver
from .lines import Account, Name, Ours, Theirs, name_of
from .numbers import OTHER, PARTLY, SHORTEST, agreement

_EPOCH = dt.date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Gap:
    """What one thing adds to ours − theirs; ``part``: what of a thing that differs for several reasons."""

    account: Account
    side: str
    our: tuple[Ours, ...]
    their: tuple[Theirs, ...]
    amount: int
    cause: str = ""
    evidence: Mapping[str, object] = field(default_factory=dict)
    rivals: tuple[str, ...] = ()
    part: str = ""

    def named(self, cause: str, **evidence: object) -> Gap:
        """The same with its cause and why."""
        return replace(self, cause=cause, evidence={**self.evidence, **evidence})

    def split(self, amount: int, part: str, cause: str, **evidence: object) -> tuple[Gap, Gap]:
        """So much of it for that reason, and the rest."""
        taken = replace(self, amount=amount, part=part).named(cause, **evidence)
        return taken, replace(self, amount=self.amount - amount)


class Money(NamedTuple):
    """A receipt with money that is on no document: whose ('' nobody knows), its day, what is left."""

    company_id: str
    customer_id: str
    currency: str
    receipt_id: str
    day: int
    amount: int


class Elsewhere(NamedTuple):
    """A document of ours that a line may name though it is not open in its account."""

    account: Account
    document_id: str
    name: Name
    day: int
    original: int


@dataclass
class Evidence:
    """Everything that may say why something differs, looked up by what it is about."""

    as_of: int
    list_days: Mapping[tuple[str, str], int]
    claims: dict[tuple[str, str], list[tuple[str, str, int, str]]]
    money: dict[tuple[str, str, str], list[Money]]
    known: dict[tuple[str, ...], list[Elsewhere]]
    listed_before: frozenset[tuple[str, str, Name]]
    advised: frozenset[tuple[str, str, Name]]
    notes: dict[Account, list[tuple[str, int]]]
    solver: WithholdingSolver
    differences: DifferencePolicy
    #: Lines of theirs that nothing of their account meets, by the digits of their numbers.
    strays: dict[tuple[str, ...], list[Theirs]] = field(default_factory=dict)
    #: How many things want just this amount: by account, and by company and currency.
    wanted: Counter[tuple[object, ...]] = field(default_factory=Counter)

    def claims_of(self, line: Ours) -> list[tuple[str, int, str]]:
        """Open disputes of a document: id, amount (0: not said), reason."""
        found = []
        for document, claim, amount, reason in self.claims.get(line.account[:2], ()):
            name = name_of(document)
            if document == line.document_id or (name is not None and name in line.names):
                found.append((claim, amount, reason))
        return found

    def elsewhere(self, line: Theirs) -> Elsewhere | None:
        """The one document of ours, of any account, that a line names."""
        for name in line.names:
            found = [
                one
                for one in self.known.get(name.digits, ())
                if (level := agreement(name, one.name)) != OTHER
                and (level != PARTLY or sum(map(len, name.digits)) >= SHORTEST)
                and (one.original > 0) == (line.amount > 0)
            ]
            own = [one for one in found if one.account == line.account]
            for few in (own, found):
                if len({one.document_id for one in few}) == 1:
                    return few[0]
        return None

    def strays_of(self, line: Ours) -> list[Theirs]:
        """Lines of another account's list that name a document: of its amount, or of another currency."""
        return [
            one
            for name in line.names[:1]
            for one in self.strays.get(name.digits, ())
            if one.account != line.account
            and agreement(one.names[0], name) != OTHER
            and (one.amount == line.amount or one.account[:2] == line.account[:2])
        ]

    def receipts(self, account: Account, amount: int, *, first: int, last: int) -> list[Money]:
        """Receipts of the customer, else nobody's, with exactly that left, dated from … through."""
        company, customer, currency = account
        for whose in (customer, ""):
            found = [
                one
                for one in self.money.get((company, whose, currency), ())
                if one.amount == amount and first <= one.day <= last
            ]
            if found:
                return found
        return []

    def want(self, gaps: Iterable[Gap]) -> None:
        """Know what is looked for, so that one receipt is not given to two, and whose lines are nobody's."""
        for gap in gaps:
            for line in () if gap.our or gap.cause else gap.their:
                for name in line.names[:1]:
                    self.strays.setdefault(name.digits, []).append(line)
            if gap.amount > 0 and not gap.cause:
                company, _, currency = gap.account
                self.wanted.update(((gap.account, gap.amount), (company, currency, gap.amount)))

    def is_alone(self, gap: Gap, money: Money) -> bool:
        """Whether nothing else wants the same amount of whoever the receipt may be."""
        company, _, currency = gap.account
        whose: tuple[object, ...] = (
            (gap.account, gap.amount) if money.customer_id else (company, currency, gap.amount)
        )
        return self.wanted[whose] <= 1


def gather_claims(claims: pd.DataFrame) -> dict[tuple[str, str], list[tuple[str, str, int, str]]]:
    """Disputes that are not settled, by company and customer: document, claim, amount, reason."""
    found: dict[tuple[str, str], list[tuple[str, str, int, str]]] = {}
    live = claims[claims["claim_kind"].eq("dispute") & ~claims["status"].isin(["closed", "voided"])]
    names = ("company_id", "customer_id", "document_id", "claim_id", "disputed_amount", "reason_code")
    for company, customer, document, claim, amount, reason in sorted(
        zip(*(live[name].tolist() for name in names), strict=True)
    ):
        if document:
            found.setdefault((company, customer), []).append((document, claim, amount, reason))
    return found


def gather_money(receipts: pd.DataFrame) -> dict[tuple[str, str, str], list[Money]]:
    """Receipts with something unapplied (``ledger.unapplied_receipts``), by company, customer, currency."""
    left = receipts[receipts["unapplied_amount"] > 0].sort_values(["receipt_date", "receipt_id"])
    found: dict[tuple[str, str, str], list[Money]] = {}
    names = ("company_id", "customer_id", "currency", "receipt_id")
    days = day_numbers(left["receipt_date"].to_numpy()).tolist()
    columns = (*(left[name].tolist() for name in names), days, left["unapplied_amount"].tolist())
    for one in map(Money._make, zip(*columns, strict=True)):
        found.setdefault((one.company_id, one.customer_id, one.currency), []).append(one)
    return found


def gather_known(documents: pd.DataFrame, lines: Iterable[Theirs]) -> dict[tuple[str, ...], list[Elsewhere]]:
    """Our documents, open or not, by the digits of the numbers that these lines say."""
    asked = {name.digits for line in lines for name in line.names}
    if not asked:
        return {}
    ends = {digits[-1] for digits in asked}
    found: dict[tuple[str, ...], list[Elsewhere]] = {}
    columns = ["company_id", "customer_id", "currency", "document_id", "document_date", "original_amount"]
    for column in ("reference", "document_number"):
        last = documents[column].str.extract(r"([0-9]+)[^0-9]*$", expand=False).str.lstrip("0")
        near = documents[last.isin(ends)]
        days = day_numbers(near["document_date"].to_numpy()).tolist()
        told = zip(near[column].tolist(), days, *(near[name].tolist() for name in columns), strict=True)
        for text, day, company, customer, currency, document_id, _, original in told:
            name = name_of(text)
            if name is not None and name.digits in asked:
                account = (company, customer, currency)
                found.setdefault(name.digits, []).append(Elsewhere(account, document_id, name, day, original))
    return {digits: sorted(own) for digits, own in found.items()}


def gather_names(frame: pd.DataFrame, column: str) -> frozenset[tuple[str, str, Name]]:
    """Company, customer and number of every row that has one."""
    told = zip(
        frame["company_id"].tolist(), frame["customer_id"].tolist(), frame[column].tolist(), strict=True
    )
    found = ((company, customer, name_of(text)) for company, customer, text in told)
    return frozenset((company, customer, name) for company, customer, name in found if name is not None)


def gather_notes(notes: pd.DataFrame) -> dict[Account, list[tuple[str, int]]]:
    """Credit notes that a centre announced and that are not issued yet."""
    live = notes[
        notes["note_kind"].eq("credit_note") & ~notes["status"].isin(["issued", "matched", "rejected"])
    ]
    found: dict[Account, list[tuple[str, int]]] = {}
    names = ("company_id", "customer_id", "currency", "note_id", "note_amount")
    for company, customer, currency, note, amount in sorted(
        zip(*(live[name].tolist() for name in names), strict=True)
    ):
        found.setdefault((company, customer, currency), []).append((note, amount))
    return found


def solver_of(withholdings: Withholdings) -> WithholdingSolver:
    """The withholdings in force."""
    return WithholdingSolver(withholdings)


def day_of(number: int) -> dt.date:
    """The date of a day's number."""
    return dt.date.fromordinal(number + _EPOCH)


def say_names(lines: Sequence[Ours] | Sequence[Theirs]) -> tuple[str, ...]:
    """What lines are called, for rivals."""
    return tuple(line.reference if isinstance(line, Ours) else line.number or "—" for line in lines)
