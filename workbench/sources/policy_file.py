"""``parameters/policy.yaml`` to a :class:`~workbench.policy.Policy`; what it leaves out keeps its default."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import cast

from ..errors import ParameterRefusedError, PolicyError
from ..money import check_currency
from ..policy import (
    BASES,
    CREDITS_MODES,
    DIFFERENCE_ACTIONS,
    Accounts,
    AgingBasis,
    AgingPolicy,
    Buckets,
    CreditNotePolicy,
    CreditsMode,
    DifferenceAction,
    Policy,
)
from .act_settings import read_acts
from .customer_reconciliation_settings import read_customer_reconciliation
from .exchange_settings import read_exchange
from .matching_settings import read_matching
from .organisation import ORGANISATION_FILE, load_organisation
from .over_180_settings import read_over_180, read_write_offs
from .provision_settings import read_provision
from .reconciliation_settings import read_reconciliation
from .strict_yaml import read_yaml
from .withholdings_file import load_withholdings
from .yaml_shapes import Shape


def load_policy(directory: Path) -> Policy:
    """The policy of a parameters directory, with its withholdings and the accounts of its banks.

    A wrong or misspelt setting raises :class:`PolicyError`.
    """
    policy = read_policy(Path(directory) / "policy.yaml")
    matching = replace(policy.matching, withholdings=load_withholdings(directory))
    reconciliation = replace(policy.reconciliation, ledger_accounts=_ledger_accounts(directory))
    return replace(policy, matching=matching, reconciliation=reconciliation)


def _ledger_accounts(directory: Path) -> tuple[tuple[str, str], ...]:
    """Of each of our bank accounts its account in the ledger; none where no organisation is stated."""
    if not (Path(directory) / ORGANISATION_FILE).is_file():
        return ()
    known = load_organisation(directory).bank_accounts.values()
    return tuple(sorted((one.account_id, one.ledger_account) for one in known if one.ledger_account))


def read_policy(path: Path) -> Policy:
    """The same for a file of any name."""
    top = Shape.of(read_yaml(path), file=path.name, error=PolicyError)
    usual = Policy()
    policy = Policy(
        version=top.text_of("version"),
        base_currency=_currency(top),
        aging=_aging(top.inner("aging")),
        provision=read_provision(top.inner("provision")),
        matching=read_matching(top.inner("matching")),
        credit_notes=_credit_notes(top.inner("credit_notes"), usual.credit_notes),
        reconciliation=read_reconciliation(top.inner("reconciliation")),
        over_180=read_over_180(top.inner("over_180")),
        write_offs=read_write_offs(top.inner("write_offs")),
        accounts=_accounts(top.inner("accounts"), usual.accounts),
        acts=read_acts(top.inner("acts")),
        customer_reconciliation=read_customer_reconciliation(top.inner("customer_reconciliation")),
        exchange=read_exchange(top.inner("exchange")),
    )
    top.nothing_else()
    return policy


def _currency(top: Shape) -> str:
    currency = top.text_of("base_currency", "COP")
    try:
        check_currency(currency)
    except ParameterRefusedError:
        top.wrong("base_currency", currency)
    return currency


def _aging(part: Shape) -> AgingPolicy:
    usual = AgingPolicy()
    policy = AgingPolicy(
        basis=cast(AgingBasis, part.choice("basis", BASES, usual.basis)),
        credits=cast(CreditsMode, part.choice("credits", CREDITS_MODES, usual.credits)),
        buckets=Buckets(part.integers_of("buckets", usual.buckets.upper)),
    )
    part.nothing_else()
    return policy


def _credit_notes(part: Shape, usual: CreditNotePolicy) -> CreditNotePolicy:
    def action(name: str, default: DifferenceAction) -> DifferenceAction:
        return cast(DifferenceAction, part.choice(name, DIFFERENCE_ACTIONS, default))

    policy = CreditNotePolicy(
        same_order=action("same_order", usual.same_order),
        same_centre=action("same_centre", usual.same_centre),
        same_amount=action("same_amount", usual.same_amount),
        wrong_per_million=part.integer_of(
            "wrong_per_million", usual.wrong_per_million, least=0, most=1_000_000
        ),
        suggests_oldest=part.truth_of("suggests_oldest", usual.suggests_oldest),
        old_days=part.integer_of("old_days", usual.old_days, least=0),
    )
    part.nothing_else()
    return policy


def _accounts(part: Shape, usual: Accounts) -> Accounts:
    accounts = Accounts(
        **{one.name: part.text_of(one.name, getattr(usual, one.name)) for one in fields(Accounts)}
    )
    part.nothing_else()
    return accounts
