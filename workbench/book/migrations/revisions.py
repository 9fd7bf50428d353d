"""The revisions in their order, and how one is run: on a connection, inside the caller's transaction.

Alembic's own version table would be a row that is updated, in a book where nothing is; the version is a
setting of the book like others, with its audit entry.
"""

from __future__ import annotations

from importlib import import_module

from sqlalchemy import Connection

from ..schema import SCHEMA_VERSION


def run(connection: Connection, *, after: int, through: int = SCHEMA_VERSION) -> None:
    """What each schema after ``after`` brought, up to ``through``; from 0 it makes a past book's tables."""
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext

    operations = Operations(MigrationContext.configure(connection))
    for version in range(after + 1, through + 1):
        import_module(f".schema_{version}", __package__).upgrade(operations)
