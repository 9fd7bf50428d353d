"""Who paid: the customer of a receipt, with what told us, what it may pay for, and what speaks against it.

The ladder: given with the receipt; the documents or our customer code that its text names; tax id; payer's
account or IBAN; proven alias; remittance advice; the payer's whole name. A fact that fits two customers tells
nothing; facts that point at different customers tell nobody, and a person sees the rivals. Likeness of names,
aliases not yet proven and codes that may be tax ids only suggest. Source: DOMAIN, section 2.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

import pandas as pd

from ..policy import LearningPolicy
from ..references import parts_of
from .aliases import Aliases
from .names import Names, surest
from .payer_ids import account_form, tax_id_forms, tax_ids_in, tax_ids_of_code

#: Characters of a customer code that a text may name by it; digits alone are easily another number.
_SHORTEST_CODE, _SHORTEST_BARE_CODE, _LONGEST_CODE = 4, 6, 6
MOST_REMEMBERED = 200_000
#: Words that say of the number behind them that it is somebody's own, and no code of ours.
_OWN_NUMBERS = frozenset(("NIT", "RUT", "CC", "CE", "CEDULA"))
#: How sure the kinds of evidence are, of a hundred; a name's likeness is its own measure.
SCORES = {"alias": 95, "name": 100, "code": 100, "same-number": 70, "amount": 50}


class Clue(NamedTuple):
    """One piece of evidence: the customer it points at, its kind (words in matching.po), 0 to 100."""

    customer_id: str
    kind: str
    score: int = 100


class Party(NamedTuple):
    """A customer and what told us; both empty when nobody knows.

    ``is_fact``: what told us is no likeness, so that an amount may be applied on it. ``pays_for``: customers
    whose documents it pays, where they are named. ``rivals``: facts that disagree; then nobody is known.
    """

    customer_id: str = ""
    known_by: str = ""
    is_fact: bool = True
    pays_for: frozenset[str] = frozenset()
    rivals: tuple[Clue, ...] = ()


class Signs(NamedTuple):
    """What a receipt says of its payer; ``told``: the customer of the advice that speaks for it, or ''."""

    company: str
    day: dt.date
    given: str
    text: str
    name: str
    tax_id: str
    account: str
    told: str = ""


Fact = tuple[str, frozenset[str]]
#: Customers by company and form of a tax id.
ByForm = dict[tuple[str, str], set[str]]


class Parties:
    """The customers by everything that tells them, each index made once.

    ``customers``: ``tables.CUSTOMERS``; customers that only ``open_items`` name are known by their codes.
    """

    def __init__(
        self,
        customers: pd.DataFrame | None,
        open_items: pd.DataFrame | None = None,
        aliases: pd.DataFrame | None = None,
        *,
        learning: LearningPolicy | None = None,
    ) -> None:
        proven = learning or LearningPolicy()
        self._aliases = Aliases(aliases, decisions=proven.decisions, permille=proven.permille)
        self._by_tax_id: dict[tuple[str, str], set[str]] = {}
        self._by_account: dict[tuple[str, str], set[str]] = {}
        self._by_code: dict[tuple[str, tuple[str, ...]], set[str]] = {}
        self._children: dict[tuple[str, str], set[str]] = {}
        self._owners: dict[tuple[str, str], tuple[str, str]] = {}
        self._named: dict[str, list[tuple[str, str]]] = {}
        self._names: dict[str, Names] = {}
        self._codes_alone: list[tuple[str, str]] = []
        self._by_own_code: tuple[ByForm, ByForm] | None = None
        self._facts: dict[Signs, tuple[Fact, ...]] = {}
        self._weak: dict[Signs, tuple[tuple[Fact, ...], tuple[Clue, ...]]] = {}
        if customers is not None:
            self._add_customers(customers)
        if open_items is not None:
            pairs = open_items[["company_id", "customer_id"]].drop_duplicates()
            for company, customer in pairs.itertuples(index=False, name=None):
                if (company, customer) not in self._owners:
                    self._add_code(company, customer)
                    self._codes_alone.append((company, customer))

    def identify(self, signs: Signs, named: frozenset[str]) -> Party:
        """The one customer that the facts agree on; ``named``: those whose documents the text names."""
        if signs.given:
            return Party(signs.given, "given", pays_for=self._relations(signs, signs.given))
        facts: list[Fact] = [("reference", named)] if named else []
        facts += self._facts_of(signs)
        party = self._agreed(facts, signs)
        if party.customer_id or party.rivals:
            return party
        weaker, clues = self._weak_of(signs)
        party = self._agreed(weaker, signs)
        if party.customer_id or party.rivals:
            return party
        aliased = [clue for clue in clues if clue.kind == "alias"]
        if len(aliased) == 1:
            return Party(aliased[0].customer_id, "alias", is_fact=False)
        numbered = {clue.customer_id for clue in clues if clue.kind == "same-number"}
        if numbered and not aliased:
            return Party(min(numbered), "same-number", is_fact=False) if len(numbered) == 1 else Party()
        like = surest([(clue.score, clue.customer_id) for clue in clues if clue.kind == "likeness"])
        return Party(like, "likeness", is_fact=False) if like and not aliased else Party()

    @property
    def has_relations(self) -> bool:
        """Whether any customer pays for another by an approved relation."""
        return bool(self._aliases)

    def within_reach(self, signs: Signs, named: frozenset[str]) -> tuple[frozenset[str], bool]:
        """Every customer that ``identify`` may answer with, or let pay, whichever of ``named`` it is told.

        And whether it is one for sure, so that no documents but its own and those it pays for are looked for.
        """
        if signs.given:
            return self._relations(signs, signs.given) | {signs.given}, True
        if not named:
            party = self.identify(signs, named)
            rivals = {clue.customer_id for clue in party.rivals}
            known = {party.customer_id} - {""}
            return party.pays_for.union(known, rivals), bool(known) and party.is_fact
        facts = [*self._facts_of(signs), ("reference", named)]
        clues: tuple[Clue, ...] = ()
        if not _is_told(facts[:-1]):
            weaker, clues = self._weak_of(signs)
            facts += weaker
        customers = {customer for _, many in facts for customer in many}
        customers |= {clue.customer_id for clue in clues}
        return frozenset(customers).union(*(self._relations(signs, one) for one in customers)), False

    def limited_to(self, signs: Iterable[Signs]) -> Parties:
        """What identifies these receipts anywhere: the facts found for them and who pays for whom."""
        limited = Parties.__new__(Parties)
        limited._facts, limited._weak = {}, {}
        limited._aliases, limited._children = self._aliases, self._children
        for one in signs:
            if not one.given:
                limited._facts[one] = self._facts_of(one)
                if not _is_told(limited._facts[one]):
                    limited._weak[one] = self._weak_of(one)
        return limited

    def clues(self, signs: Signs) -> tuple[Clue, ...]:
        """Customers that names, aliases and shared facts point at, for a receipt that nobody knows."""
        weaker, clues = self._weak_of(signs)
        facts = [*self._facts_of(signs), *weaker]
        shared = [Clue(customer, kind, 70) for kind, customers in facts for customer in sorted(customers)]
        return (*shared, *clues)

    def owner_of(self, company: str, customer: str) -> tuple[str, str]:
        """Name of a customer and who looks after it (supervisor, else cluster); '' where nobody says."""
        return self._owners.get((company, customer), ("", ""))

    def _agreed(self, facts: Iterable[Fact], signs: Signs) -> Party:
        """The customer that every fact allows; rivals where they point at different ones."""
        sure = [(kind, min(customers)) for kind, customers in facts if len(customers) == 1]
        if not sure:
            return Party()
        # A parent's account beside a child's invoice is no contradiction: the child is paid for.
        for kind, customer in sure:
            allowed = [self._may_pay(other, customer, signs) for _, other in sure]
            if all(allowed) and self._fits_shared(customer, facts, signs):
                return Party(customer, kind, pays_for=self._relations(signs, customer))
        rivals = [Clue(customer, kind) for kind, customer in sure]
        rivals += [Clue(one, kind, 70) for kind, many in facts if len(many) > 1 for one in sorted(many)]
        return Party(rivals=tuple(rivals))

    def _fits_shared(self, customer: str, facts: Iterable[Fact], signs: Signs) -> bool:
        """A tax id or account of several customers must have this one, or its payer, among them.

        Documents of several customers are the rules' to judge.
        """
        shared = [many for kind, many in facts if len(many) > 1 and kind != "reference"]
        return all(any(self._may_pay(other, customer, signs) for other in many) for many in shared)

    def _may_pay(self, payer: str, customer: str, signs: Signs) -> bool:
        return (
            payer == customer
            or customer in self._children.get((signs.company, payer), ())
            or customer in self._aliases.paid_for_by(signs.company, payer, signs.day)
        )

    def _relations(self, signs: Signs, customer: str) -> frozenset[str]:
        """Whom it pays for: by an approved relation; by the master data too, where the payer was found."""
        approved = self._aliases.paid_for_by(signs.company, customer, signs.day)
        children = () if signs.given else self._children.get((signs.company, customer), ())
        return approved.union(children)

    def _facts_of(self, signs: Signs) -> tuple[Fact, ...]:
        if signs not in self._facts:
            _keep_small(self._facts)
            proven = {
                customer
                for customer, is_proven in self._aliases.meant_by(
                    signs.company, (signs.name, signs.text), signs.day
                ).items()
                if is_proven
            }
            name = self._names_of(signs.company).exactly(signs.name) if signs.name else frozenset()
            facts: list[Fact] = [
                ("code", self._codes_in(signs.company, signs.text, is_bare=False)),
                ("tax-id", self._of_tax_id(signs)),
                ("account", self._of_account(signs)),
                ("alias", frozenset(proven)),
                ("advice", frozenset(filter(None, (signs.told,)))),
                ("name", name),
            ]
            self._facts[signs] = tuple(fact for fact in facts if fact[1])
        return self._facts[signs]

    def _weak_of(self, signs: Signs) -> tuple[tuple[Fact, ...], tuple[Clue, ...]]:
        """Facts that count where there are no better ones, and clues that only suggest."""
        if signs not in self._weak:
            _keep_small(self._weak)
            names = self._names_of(signs.company)
            facts: list[Fact] = [
                ("code", self._codes_in(signs.company, signs.text, is_bare=True)),
                ("name", names.within(f"{signs.name} {signs.text}")),
            ]
            meant = self._aliases.meant_by(signs.company, (signs.name, signs.text), signs.day)
            clues = [Clue(customer, "alias", SCORES["alias"]) for customer in sorted(meant)]
            clues += [
                Clue(customer, "same-number", SCORES["same-number"])
                for customer in sorted(self._of_same_number(signs))
            ]
            words = signs.name or _without_digits(signs.text)
            clues += [Clue(customer, "likeness", score) for score, customer in names.nearest(words)]
            self._weak[signs] = (tuple(fact for fact in facts if fact[1]), tuple(clues))
        return self._weak[signs]

    def _of_tax_id(self, signs: Signs) -> frozenset[str]:
        for form in self._forms_of(signs):
            customers = self._by_tax_id.get((signs.company, form))
            if customers := customers or self._called_by_tax_id()[0].get((signs.company, form)):
                return frozenset(customers)
        return frozenset()

    def _of_same_number(self, signs: Signs) -> frozenset[str]:
        """Customers whose code is the payer's number, where either may be another number altogether."""
        may_be = self._called_by_tax_id()[1]
        found = self._codes_in(signs.company, signs.text, is_bare=True, is_own_number=True)
        return found.union(*(may_be.get((signs.company, form), ()) for form in self._forms_of(signs)))

    @staticmethod
    def _forms_of(signs: Signs) -> Iterable[str]:
        return (form for written in (signs.tax_id, *tax_ids_in(signs.text)) for form in tax_id_forms(written))

    def _called_by_tax_id(self) -> tuple[ByForm, ByForm]:
        """Customers of whom nobody states a tax id, by their codes: many a ledger calls them by their NIT.

        First those whose code is one, then those whose code only may be.
        """
        if self._by_own_code is None:
            self._by_own_code = {}, {}
            for company, customer in self._codes_alone:
                for index, forms in zip(self._by_own_code, tax_ids_of_code(customer), strict=True):
                    for form in forms:
                        index.setdefault((company, form), set()).add(customer)
        return self._by_own_code

    def _of_account(self, signs: Signs) -> frozenset[str]:
        form = account_form(signs.account)
        return frozenset(self._by_account.get((signs.company, form), ())) if form else frozenset()

    def _codes_in(
        self, company: str, text: str, *, is_bare: bool, is_own_number: bool = False
    ) -> frozenset[str]:
        """Customers whose codes a text has; ``is_own_number``: of digits that it calls somebody's own."""
        parts = parts_of(text)
        found: set[str] = set()
        for start in range(len(parts)):
            if is_bare and is_own_number != (start > 0 and parts[start - 1] in _OWN_NUMBERS):
                continue
            for end in range(start + 1, min(start + _LONGEST_CODE, len(parts)) + 1):
                if (end - start == 1 and parts[start].isdigit()) == is_bare:
                    found |= self._by_code.get((company, parts[start:end]), set())
        return frozenset(found)

    def _names_of(self, company: str) -> Names:
        if company not in self._names:
            self._names[company] = Names(self._named.get(company, ()))
        return self._names[company]

    def _add_customers(self, customers: pd.DataFrame) -> None:
        columns = [
            "company_id", "customer_id", "customer_name", "tax_id", "payer_account", "parent_customer_id",
            "supervisor_id", "cluster_id",
        ]  # fmt: skip
        rows = customers[columns].itertuples(index=False, name=None)
        for company, customer, name, tax_id, account, parent, supervisor, cluster in rows:
            self._owners[company, customer] = (name, supervisor or cluster)
            for form in tax_id_forms(tax_id):
                self._by_tax_id.setdefault((company, form), set()).add(customer)
            if not tax_id:
                self._codes_alone.append((company, customer))
            if form := account_form(account):
                self._by_account.setdefault((company, form), set()).add(customer)
            if parent:
                self._children.setdefault((company, parent), set()).add(customer)
            if name:
                self._named.setdefault(company, []).append((customer, name))
            self._add_code(company, customer)

    def _add_code(self, company: str, customer: str) -> None:
        """A code of words alone is a name: nothing else calls that customer anything."""
        parts = parts_of(customer)
        if parts and all(part.isalpha() for part in parts):
            self._named.setdefault(company, []).append((customer, customer))
            return
        shortest = _SHORTEST_BARE_CODE if len(parts) == 1 else _SHORTEST_CODE
        if parts and len("".join(parts)) >= shortest:
            self._by_code.setdefault((company, parts), set()).add(customer)


def _is_told(facts: Iterable[Fact]) -> bool:
    """Whether a fact tells one customer, so that likenesses are not asked."""
    return any(len(customers) == 1 for _, customers in facts)


def _keep_small(remembered: dict[Signs, Any]) -> None:
    """A run asks for each receipt anew; what is remembered of them may not fill the memory."""
    if len(remembered) >= MOST_REMEMBERED:
        remembered.clear()


def _without_digits(text: str) -> str:
    return " ".join(part for part in parts_of(text) if part.isalpha())
