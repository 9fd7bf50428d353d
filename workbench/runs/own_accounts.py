"""Our bank accounts as the parameters folder of a run knows them."""

from __future__ import annotations

from .surroundings import Surroundings


def ledger_accounts() -> dict[str, str]:
    """Bank account → its account in the ledger (``organisation.yaml``); those without one are left out."""
    from ..sources.organisation import load_organisation

    directory = Surroundings.of_environment().parameters_dir
    known = load_organisation(directory).bank_accounts.values()
    return {one.account_id: one.ledger_account for one in known if one.ledger_account}
