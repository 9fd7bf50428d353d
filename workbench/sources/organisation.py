"""``parameters/organisation.yaml``: companies, our bank accounts, clusters of customers, and who sees which.

A user sees the customers of the clusters named for them and nothing else; a user without clusters sees
nothing, never all.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from ..calendar import parse_date
from ..errors import ParameterRefusedError, PolicyError
from ..money import check_currency
from ..words import language
from .strict_yaml import read_yaml
from .yaml_shapes import Shape

ROLES = ("analyst", "supervisor", "controller", "director", "auditor")


ORGANISATION_FILE = "organisation.yaml"


#: What documents are printed on.
PAPERS = ("letter", "a4")


@dataclass(frozen=True)
class Company:
    """A company; ``address``, ``city`` and ``contact`` head its documents, ``paper`` is one of ``PAPERS``."""

    company_id: str
    name: str
    base_currency: str
    country: str = "CO"
    tax_id: str = ""
    address: str = ""
    city: str = ""
    contact: str = ""
    paper: str = PAPERS[0]


@dataclass(frozen=True)
class BankAccount:
    """``currency`` may be empty: an account that holds several."""

    account_id: str
    company_id: str
    currency: str
    name: str = ""
    ledger_account: str = ""


@dataclass(frozen=True)
class Cluster:
    """Customers that one team looks after; ``supervisor`` is a user."""

    cluster_id: str
    names: dict[str, str]
    supervisor: str

    @property
    def name(self) -> str:
        """In the reader's language."""
        return self.names.get(language()) or self.cluster_id


@dataclass(frozen=True)
class User:
    user_id: str
    name: str
    role: str
    clusters: tuple[str, ...]


@dataclass(frozen=True)
class Organisation:
    """Each by its id. ``currencies``: those we deal in, none meaning any; ``closed_through``: the last day
    that was closed before a book was begun, for whoever judges a file without one."""

    companies: dict[str, Company]
    bank_accounts: dict[str, BankAccount]
    clusters: dict[str, Cluster]
    users: dict[str, User]
    currencies: frozenset[str] = frozenset()
    closed_through: dt.date | None = None

    @property
    def supervisors(self) -> dict[str, User]:
        """Users who lead a cluster."""
        leading = {cluster.supervisor for cluster in self.clusters.values()}
        return {user_id: user for user_id, user in self.users.items() if user_id in leading}

    @property
    def accounts(self) -> dict[str, tuple[str, str]]:
        """Bank account → (company, currency), as a :class:`~workbench.sources.Context` wants it."""
        return {a.account_id: (a.company_id, a.currency) for a in self.bank_accounts.values()}

    @property
    def tax_ids(self) -> dict[str, str]:
        """Company → its NIT as written, of the companies that have one."""
        return {c.company_id: c.tax_id for c in self.companies.values() if c.tax_id}


def load_organisation(directory: Path) -> Organisation:
    """The organisation of a parameters directory; names that lead nowhere raise :class:`PolicyError`."""
    return read_organisation(Path(directory) / ORGANISATION_FILE)


def read_organisation(path: Path) -> Organisation:
    """The same for a file of any name."""
    top = Shape.of(read_yaml(path), file=path.name, error=PolicyError)
    found = Organisation(
        companies={name: _company(name, part) for name, part in _tables(top, "companies")},
        bank_accounts={name: _account(name, part) for name, part in _tables(top, "bank_accounts")},
        clusters={name: _cluster(name, part) for name, part in _tables(top, "clusters")},
        users={name: _user(name, part) for name, part in _tables(top, "users")},
        currencies=frozenset(_code(top, "currencies", code) for code in top.texts_of("currencies")),
        closed_through=_day(top, "closed_through"),
    )
    top.nothing_else()
    for account in found.bank_accounts.values():
        _known(top, f"bank_accounts.{account.account_id}.company", account.company_id, found.companies)
    for cluster in found.clusters.values():
        _known(top, f"clusters.{cluster.cluster_id}.supervisor", cluster.supervisor, found.users)
    for user in found.users.values():
        for name in user.clusters:
            _known(top, f"users.{user.user_id}.clusters", name, found.clusters)
    return found


def _tables(top: Shape, name: str) -> list[tuple[str, Shape]]:
    parts = list(top.items(name))
    for key, part in parts:
        if not isinstance(part.value, dict):
            part.wrong("", key)
    return parts


def _known(top: Shape, setting: str, value: str, known: object) -> None:
    if isinstance(known, dict) and value not in known:
        top.wrong(setting, value)


def _currency(part: Shape, name: str) -> str:
    return _code(part, name, part.text_of(name))


def _code(part: Shape, name: str, currency: str) -> str:
    try:
        check_currency(currency)
    except ParameterRefusedError:
        part.wrong(name, currency)
    return currency


def _day(top: Shape, name: str) -> dt.date | None:
    text = top.text_of(name, "")
    try:
        return parse_date(text, name=name) if text else None
    except ParameterRefusedError:
        top.wrong(name, text)
        raise


def _company(name: str, part: Shape) -> Company:
    company = Company(
        company_id=name,
        name=part.text_of("name"),
        base_currency=_currency(part, "base_currency"),
        country=part.text_of("country", "CO"),
        tax_id=part.text_of("tax_id", ""),
        address=part.text_of("address", ""),
        city=part.text_of("city", ""),
        contact=part.text_of("contact", ""),
        paper=part.choice("paper", PAPERS, PAPERS[0]),
    )
    part.nothing_else()
    return company


def _account(name: str, part: Shape) -> BankAccount:
    account = BankAccount(
        account_id=name,
        company_id=part.text_of("company"),
        currency=_currency(part, "currency") if part.has("currency") else part.text_of("currency", ""),
        name=part.text_of("name", ""),
        ledger_account=part.text_of("ledger_account", ""),
    )
    part.nothing_else()
    return account


def _cluster(name: str, part: Shape) -> Cluster:
    cluster = Cluster(
        cluster_id=name,
        names={lang: text.text() for lang, text in part.items("name")},
        supervisor=part.text_of("supervisor"),
    )
    part.nothing_else()
    return cluster


def _user(name: str, part: Shape) -> User:
    user = User(
        user_id=name,
        name=part.text_of("name"),
        role=part.choice("role", ROLES),
        clusters=part.texts_of("clusters"),
    )
    part.nothing_else()
    return user
