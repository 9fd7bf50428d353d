"""Who may do what in a book on PostgreSQL: two roles, and every session works with no more than it needs.

``workbench_writer`` reads and appends, ``workbench_reader`` reads; neither updates, deletes, empties, or
changes a table. The roles are the server's, so every book on it grants to the same two. A workbench's
session takes the role for each transaction, be it the owner's: what it may not do, no bug of ours can.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

WRITER, READER = "workbench_writer", "workbench_reader"
#: What a connection remembers of its login (``Connection.info``).
_MAY_TAKE, _MAY_APPEND = "workbench_may_take", "workbench_may_append"

_MAKE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} NOLOGIN; END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
END $$"""
_BECOME = """
DO $$ BEGIN
    IF NOT {held} THEN GRANT {role} TO {member}; END IF;
EXCEPTION
    WHEN insufficient_privilege OR internal_error THEN NULL;  -- internal: another book does it this instant
END $$"""
_CONNECT = """
DO $$ BEGIN
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO {reader}', current_database());
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO {writer}', current_database());
EXCEPTION WHEN insufficient_privilege THEN NULL;  -- everybody has these two unless they were taken away
END $$"""
#: Whether the login may take a role that has its right in this book; {0} is the role, {1} that right.
_TAKES = (
    "EXISTS (SELECT FROM pg_roles WHERE rolname = '{0}' AND pg_has_role(oid, '{2}')"
    " AND to_regclass('audit') IS NOT NULL AND has_table_privilege(oid, to_regclass('audit'), '{1}'))"
)


def grant_roles(cursor: Any, tables: Sequence[str]) -> None:
    """Make the roles where this login may, and give them their rights on these tables.

    Without the right to make roles the book is made all the same, and :func:`worries_of` says so. To be
    called again whenever there is a new table.
    """
    cursor.execute(_MAKE.format(role=READER))
    cursor.execute(_MAKE.format(role=WRITER))
    cursor.execute(f"SELECT count(*) FROM pg_roles WHERE rolname IN ('{WRITER}', '{READER}')")
    if cursor.fetchone()[0] < 2:
        return
    means = _means(cursor)
    cursor.execute(
        _BECOME.format(role=READER, member=WRITER, held=f"pg_has_role('{WRITER}', '{READER}', '{means}')")
    )
    cursor.execute(
        _BECOME.format(role=WRITER, member="CURRENT_USER", held=f"pg_has_role('{WRITER}', '{means}')")
    )
    cursor.execute(_CONNECT.format(reader=READER, writer=WRITER))
    named = ", ".join(f'"{name}"' for name in tables)
    cursor.execute("SELECT quote_ident(current_schema())")
    cursor.execute(f"GRANT USAGE ON SCHEMA {cursor.fetchone()[0]} TO {READER}, {WRITER}")
    cursor.execute(f"REVOKE ALL ON {named} FROM {READER}, {WRITER}, PUBLIC")
    cursor.execute(f"GRANT SELECT ON {named} TO {READER}, {WRITER}")
    cursor.execute(f"GRANT INSERT ON {named} TO {WRITER}")


def look_up_roles(cursor: Any, info: dict[Any, Any]) -> None:
    """Remember, for the life of a connection, which of the roles its login may take."""
    means = _means(cursor)
    writes, reads = _TAKES.format(WRITER, "INSERT", means), _TAKES.format(READER, "SELECT", means)
    appends = "to_regclass('audit') IS NULL OR has_table_privilege(to_regclass('audit'), 'INSERT')"
    cursor.execute(f"SELECT {writes}, {reads}, {appends}")
    is_writer, is_reader, info[_MAY_APPEND] = cursor.fetchone()
    info[_MAY_TAKE] = {WRITER} if is_writer else set()
    info[_MAY_TAKE] |= {READER} if is_reader else set()


def _means(cursor: Any) -> str:
    """How to ask whether a role may be taken: since version 16 a member need not be allowed to."""
    return "SET" if cursor.connection.info.server_version >= 160000 else "MEMBER"


def may_append(connection: Connection) -> bool:
    """Whether the login may write to this book at all."""
    return bool(connection.info[_MAY_APPEND])


def taking(connection: Connection, role: str) -> str:
    """The statement by which a transaction has this role's rights only; nothing where it may not take it."""
    return f"SET LOCAL ROLE {role}" if role in connection.info[_MAY_TAKE] else ""


def worries_of(connection: Connection) -> list[str]:
    """Rules of what is not as safe as it could be in this session's rights."""
    if WRITER in connection.info[_MAY_TAKE]:
        return []
    found = connection.exec_driver_sql(
        f"SELECT (SELECT count(*) FROM pg_roles WHERE rolname = '{WRITER}'"
        " AND has_table_privilege(oid, to_regclass('audit'), 'INSERT')),"
        " has_table_privilege(session_user, to_regclass('audit'), 'UPDATE')"
    ).one()
    if not found[0]:
        return ["book-roles-missing"]
    return ["book-works-as-owner"] if found[1] else []
