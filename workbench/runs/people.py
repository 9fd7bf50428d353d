"""The people of the parameters folder of a run, as findings name them."""

from __future__ import annotations

from .surroundings import Surroundings


def names() -> dict[str, str]:
    """User id → the name that ``organisation.yaml`` has of them; none where no organisation is stated."""
    from ..sources.organisation import ORGANISATION_FILE, load_organisation

    directory = Surroundings.of_environment().parameters_dir
    if not (directory / ORGANISATION_FILE).is_file():
        return {}
    return {user_id: user.name for user_id, user in load_organisation(directory).users.items()}
