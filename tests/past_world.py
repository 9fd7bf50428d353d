"""Books of past schemas for tests: loaded from the fixtures that the code of their time made."""

from __future__ import annotations

import gzip
import json
import sqlite3
from pathlib import Path
from typing import Any

import postgres_server

from workbench.book.backups import restore

FIXTURES = Path(__file__).parent / "fixtures"
PAST = sorted(int(path.name.split("_")[1].split(".")[0]) for path in FIXTURES.glob("schema_*.sql.gz"))


def told(version: int) -> dict[str, Any]:
    """What the book of that schema answered in its time."""
    found: dict[str, Any] = json.loads((FIXTURES / f"schema_{version}.json").read_text(encoding="utf-8"))
    return found


def past_file(folder: Path, version: int) -> Path:
    """The book as a file, in the journal mode of a living book."""
    file = folder / f"past-{version}.sqlite"
    with gzip.open(FIXTURES / f"schema_{version}.sql.gz", "rt", encoding="utf-8") as dump:
        connection = sqlite3.connect(file)
        connection.executescript(dump.read())
        connection.execute("PRAGMA journal_mode=WAL")
        connection.close()
    return file


def past_book(folder: Path, version: int, database: str) -> str:
    """The address of that book in its own schema: a file, or a database of its tables and rows."""
    file = past_file(folder, version)
    if database == "sqlite":
        return f"sqlite:///{file}"
    url = empty_place(folder, database)
    restore(file, url)
    return url


def empty_place(folder: Path, database: str) -> str:
    """An address where there is no book yet."""
    if database == "sqlite":
        return f"sqlite:///{folder / 'new' / 'book.sqlite'}"
    name = postgres_server.empty_database()
    postgres_server._taken.append(name)  # given back and dropped with the others
    postgres_server._spoilt.add(name)
    return postgres_server.url_of(name)
