"""One run at a time for a company's month of a book on a server, whichever machine asks.

A session holds the month: all companies exclusively, or shared while it holds its one company exclusively.
So all companies and one of them exclude each other and two companies do not. The server lets go when the
session ends, however it ends. Who holds it stands in the session's name (``application_name``), which
every login may see.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from ..errors import RunLockedError
from ..words import say
from .dialect import RunHolder

if TYPE_CHECKING:
    from .dialect_postgresql import PostgreSQL

_NAME = "workbench-run"
#: All that a session's name may hold is 63 bytes.
_LONGEST = 15
_HELD_BY = """
SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND a.pid <> pg_backend_pid()
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (l.classid::bigint, l.objid::bigint) = ({0}) ORDER BY a.backend_start LIMIT 1
"""


@contextlib.contextmanager
def hold_run(dialect: PostgreSQL, holder: RunHolder) -> Iterator[None]:
    """Hold it for as long as the context lasts, on a connection of its own."""
    with contextlib.ExitStack() as held:
        with dialect.translated():
            engine = dialect.engine(busy_seconds=10)
            held.callback(engine.dispose)
            opened = held.enter_context(engine.connect())
            session = opened.execution_options(isolation_level="AUTOCOMMIT")
            session.exec_driver_sql(f"SET application_name = '{_name_of(holder)}'")
            session.exec_driver_sql("SET idle_session_timeout = 0")
            month, company = _number("month", holder.period), _number(holder.period, holder.company)
            if holder.company:
                _take(session, holder, "pg_try_advisory_lock_shared", month)
                _take(session, holder, "pg_try_advisory_lock", company)
            else:
                _take(session, holder, "pg_try_advisory_lock", month)
        yield


def _take(session: Connection, holder: RunHolder, function: str, number: str) -> None:
    if session.exec_driver_sql(f"SELECT {function}({number})").scalar():
        return
    told = str(session.exec_driver_sql(_HELD_BY.format(number)).scalar() or "")
    _, who, machine, pid, since = told.split("|") if told.count("|") == 4 else ("", "?", "?", "?", "")
    raise RunLockedError(
        period=holder.period,
        company=holder.company or say("runs.all-companies").lower(),
        who=who,
        machine=machine,
        pid=pid,
        since=dt.datetime.fromtimestamp(int(since), dt.UTC).isoformat() if since.isdecimal() else "?",
    )


def _name_of(holder: RunHolder) -> str:
    """Who holds it in 63 plain letters; a name's accents are left out, and what could end a literal."""
    words = (holder.who, holder.machine)
    plain = (unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode() for word in words)
    short = ("".join(letter for letter in word if letter not in "|'\\")[:_LONGEST] for word in plain)
    return "|".join((_NAME, *short, str(holder.pid), str(holder.since)))


def _number(*parts: str) -> str:
    """Two whole numbers of 31 bits that stand for these words."""
    told = hashlib.sha256("\0".join(("workbench", *parts)).encode()).digest()
    first, second = (int.from_bytes(told[at : at + 4], "big") >> 1 for at in (0, 4))
    return f"{first}, {second}"
