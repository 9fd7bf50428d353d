"""Who is at the desk and what they may see: users with passwords for the server, scope for the kernel.

The server writes the user's name into a header that it first deletes from the request; Voila hands it to
the kernel as ``HTTP_X_WORKBENCH_USER``. In the kernel the name is turned into clusters by
``parameters/organisation.yaml``, and **an empty or unknown user sees nothing, never all**.

The limit, said plainly: all kernels run as one account of the operating system, so this holds against
people with a browser, not against people who may write notebooks. Those are trusted to read.
"""

from __future__ import annotations

import getpass
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..sources.organisation import Organisation

USER_HEADER = "X-Workbench-User"
USER_VARIABLE = "HTTP_X_WORKBENCH_USER"
#: Set by our server in every kernel it starts: without a user such a kernel sees nothing.
SERVED_VARIABLE = "WORKBENCH_SERVED"
PASSWORD_LENGTH = 12
#: No letters or digits that are read wrongly from paper (0 and O, 1 and l and I).
_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True)
class Person:
    """Who looks: ``clusters`` is what they may see; ``sees_all`` only where the book is theirs to read."""

    user: str
    name: str
    clusters: frozenset[str] = frozenset()
    sees_all: bool = False


NOBODY = Person("", "")


def hash_password(password: str) -> str:
    """The argon2 hash that is kept; the password itself never is."""
    from jupyter_server.auth.security import passwd

    return str(passwd(password))


def is_password(hashed: str, password: str) -> bool:
    """Whether the password typed is the one behind the hash; slow on purpose."""
    from jupyter_server.auth.security import passwd_check

    return bool(passwd_check(hashed, password))


def one_time_passwords(users: Iterable[str]) -> dict[str, str]:
    """A fresh random password a user, good until this server stops; shown once and kept nowhere."""
    return {user: "".join(secrets.choice(_ALPHABET) for _ in range(PASSWORD_LENGTH)) for user in users}


def at_the_desk(parameters: Path, environment: Mapping[str, str] | None = None) -> Person:
    """The person in front of this kernel.

    Served by our server: the user it logged in. Served by any other Voila: nobody. Neither (JupyterLab, a
    script): the account's own user, who holds the book's file and may read all of it.
    """
    environment = os.environ if environment is None else environment
    user = environment.get(USER_VARIABLE, "")
    is_published = SERVED_VARIABLE in environment or environment.get("SERVER_SOFTWARE", "").startswith(
        "voila"
    )
    if is_published or user:
        from ..sources.organisation import load_organisation

        return person(load_organisation(parameters), user) if SERVED_VARIABLE in environment else NOBODY
    return Person(user=getpass.getuser(), name=getpass.getuser(), sees_all=True)


def person(organisation: Organisation, user: str) -> Person:
    """The user with their clusters; one that the organisation does not name is nobody."""
    found = organisation.users.get(user) if user else None
    if found is None:
        return NOBODY
    return Person(user=user, name=found.name, clusters=frozenset(found.clusters))
