"""The people of the parameters folder of a run, as findings name them."""

from __future__ import annotations

from .surroundings import Surroundings


def names() -> dict[str, str]:
    """User id → the name that ``organisation.yaml`` has of them."""
    from ..sources.organisation import load_organisation

    users = load_organisation(Surroundings.of_environment().parameters_dir).users
    return {user_id: user.name for user_id, user in users.items()}
