"""Loading and reading the book against the same done by hand, on both databases (PERFORMANCE, 7 and 3e).

    python tests/bench/bench_book.py [--rows N] [--repeats R] [--database sqlite|postgresql|both]
                                     [--kind items|receipts|both] [--without-pandas]

Load: ``postings.store_batch`` of a frame of clean rows into an empty book, against the same frame put by hand
into the same tables of another empty book, with all their keys, foreign keys, triggers and indexes: SQLite by
``executemany`` of tuples, PostgreSQL by COPY into a temporary table and INSERT … SELECT. By hand means no
hash, no check, no finding, no audit. Read: ``book.read`` against ADBC's Arrow brought to the same columns,
and against pd.read_sql over SQLAlchemy. Options take turns; ratios are of medians, wall and client CPU.
(ADBC's SQLite reads a closed copy here: two SQLite libraries on one open file would break its locks.)
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from workbench import book as books
from workbench import tables
from workbench.book import arrow_frames, read, schema
from workbench.book.batches import ImportBatch
from workbench.book.postings import store_batch

DAY = "2026-10-31"
#: Ratio to the same by hand, to ADBC, and of pd.read_sql to ours, that PERFORMANCE (7) asks for.
GOALS = {"load": 1.3, "read": 1.5, "read_sql": 3.0}


def texts(values: Any) -> Any:
    return pd.array(values, dtype="str")


def items(rows: int) -> pd.DataFrame:
    """Open items of one extract: all new, all sound; 50,000 customers."""
    rng = np.random.default_rng(20261031)
    number = np.char.add("18", np.char.zfill(np.arange(rows).astype(str), 8))
    customer = np.char.add("C", rng.integers(0, 50_000, rows).astype(str))
    days = np.datetime64("2026-01-01") + rng.integers(0, 300, rows)
    amount = rng.integers(1, 10**9, rows)
    absent = np.full(rows, np.datetime64("NaT"), "datetime64[s]")
    same = {
        "company_id": "CO01", "fiscal_year": "2026", "document_type": "RV", "item": "001", "currency": "COP",
        "clearing_document": "", "reference_document_id": "", "order_id": "", "centre_id": "BOG",
        "payment_terms": "Z030", "special_gl": "", "payment_block": "", "dunning_level": "",
        "document_kind": "invoice",
    }  # fmt: skip
    return pd.DataFrame(
        {
            "row": np.arange(2, rows + 2),
            "document_number": texts(number), "customer_id": texts(customer),
            "document_date": days.astype("datetime64[s]"), "due_date": (days + 30).astype("datetime64[s]"),
            "reception_date": absent, "clearing_date": absent, "original_amount": amount,
            "is_original_stated": np.ones(rows, bool), "open_amount": amount // 2,
            "has_open_amount": np.ones(rows, bool), "cleared_amount": np.zeros(rows, "int64"),
            "reference": texts(np.char.add("FE", number)),
            "text": texts(np.char.add("Factura de venta ", number)),
            "taxable_base": amount * 100 // 119, "tax": amount - amount * 100 // 119,
        }
        | {name: texts([value] * rows) for name, value in same.items()}
    )  # fmt: skip


def receipts(rows: int) -> pd.DataFrame:
    """Receipts with an id of their own."""
    rng = np.random.default_rng(20261031)
    ids = np.char.add("R", np.arange(rows).astype(str))
    customer = np.char.add("C", rng.integers(0, 50_000, rows).astype(str))
    days = (np.datetime64("2026-01-01") + rng.integers(0, 300, rows)).astype("datetime64[s]")
    same = {
        "company_id": "CO01",
        "account_id": "",
        "currency": "COP",
        "payer_tax_id": "",
        "payer_account": "",
    }
    return pd.DataFrame(
        {
            "row": np.arange(2, rows + 2), "receipt_id": texts(ids), "receipt_date": days,
            "received_amount": rng.integers(1, 10**9, rows), "customer_id": texts(customer),
            "text": texts(np.char.add("Abono transferencia ", ids)),
            "payer_name": texts(np.char.add("Cliente ", customer)),
        }
        | {name: texts([value] * rows) for name, value in same.items()}
    )  # fmt: skip


KINDS = {
    "items": (items, schema.documents, "document_key", read.documents, tables.DOCUMENTS),
    "receipts": (receipts, schema.receipts, "receipt_key", read.receipts, tables.RECEIPTS),
}


def new_url(database: str) -> str:
    """An empty book's address."""
    if database == "sqlite":
        url = f"sqlite:///{tempfile.mkdtemp()}/book.sqlite"
    else:
        import postgres_server

        url = postgres_server.url_of(postgres_server.empty_database())
    books.open_book(url, create=True).close()
    return url


def plain(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """The frame's columns as a driver takes them."""
    columns: dict[str, list[Any]] = {}
    for name in frame:
        values = frame[name].to_numpy()
        if values.dtype.kind == "M":
            day = np.datetime_as_string(values.astype("datetime64[D]"))
            day[np.isnat(values)] = ""
            columns[name] = day.tolist()
        else:
            columns[name] = values.astype("int64").tolist() if values.dtype.kind == "b" else values.tolist()
    return columns


def filled(kind: str, frame: pd.DataFrame) -> dict[str, Any]:
    """What a table's columns hold where the frame does not say."""
    fixed = {"customer_scope": "", "batch_key": 1, "recorded_at": 5, "audit_seq": 2, "row_hash": "0" * 32}
    days = {"line_year": "2026", "posting_date": DAY} if kind == "receipts" else {}
    return {name: value for name, value in {**fixed, **days}.items() if name not in frame}


def close_by_hand(cursor: Any, rows: int) -> None:
    cursor.execute(
        "INSERT INTO import_batches (batch_key, rows_in, recorded_at, audit_seq, row_hash)"
        f" VALUES (1, {rows}, 5, 2, '')"
    )
    cursor.execute("INSERT INTO audit (seq, entry_hash) VALUES (2, 'x')")


def load_sqlite(url: str, kind: str, frame: pd.DataFrame) -> None:
    """Tuples and executemany, in one transaction, with the book's own settings."""
    import sqlite3

    _, table, key, _, _ = KINDS[kind]
    rows, columns, fixed = len(frame), plain(frame), filled(kind, frame)
    columns[key] = list(range(1, rows + 1))
    names = [column.name for column in table.columns]
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
        for pragma in ("foreign_keys=ON", "synchronous=FULL", "recursive_triggers=ON", "trusted_schema=OFF"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN IMMEDIATE")
        lines = zip(
            *(columns[name] if name in columns else repeat(fixed[name], rows) for name in names), strict=True
        )
        marks = ",".join("?" * len(names))
        connection.executemany(f"INSERT INTO {table.name} VALUES ({marks})", lines)
        if kind == "items":
            seen = zip(
                columns[key], columns[key], repeat(DAY), columns["open_amount"], repeat(0), repeat(""),
                repeat(""), repeat(1), repeat(5), repeat(2), repeat("0" * 32),
            )  # fmt: skip
            connection.executemany("INSERT INTO observations VALUES (?,?,?,?,?,?,?,?,?,?,?)", seen)
        close_by_hand(connection, rows)
        connection.execute("COMMIT")


def load_postgresql(url: str, kind: str, frame: pd.DataFrame) -> None:
    """COPY into a temporary table, INSERT … SELECT into the keyed ones."""
    import psycopg

    _, table, key, _, _ = KINDS[kind]
    columns, fixed = plain(frame), filled(kind, frame)
    own = [name for name in frame if name in table.c or name == "open_amount"]
    with psycopg.connect(url.replace("+psycopg", "")) as connection, connection.cursor() as cursor:
        types = ", ".join(
            f'"{name}" ' + ("bigint" if isinstance(columns[name][0], int) else 'text COLLATE "C"')
            for name in own
        )
        cursor.execute(f"CREATE TEMPORARY TABLE staged ({types})")
        with cursor.copy("COPY staged FROM STDIN") as copy:
            for row in zip(*(columns[name] for name in own), strict=True):
                copy.write_row(row)
        given = ", ".join(
            f's."{name}"' if name in own
            else "row_number() OVER ()" if name == key
            else str(fixed[name]) if isinstance(fixed[name], int)
            else f"'{fixed[name]}'"
            for name in [column.name for column in table.c]
        )  # fmt: skip
        cursor.execute(f"INSERT INTO {table.name} SELECT {given} FROM staged s ON CONFLICT DO NOTHING")
        if kind == "items":
            meets = " AND ".join(
                f"d.{name} = s.{name}"
                for name in ("company_id", "fiscal_year", "document_type", "document_number", "item")
            )
            cursor.execute(
                "INSERT INTO observations SELECT row_number() OVER (), d.document_key,"
                f" '{DAY}', s.open_amount, 0, '', '', 1, 5, 2, repeat('0', 32)"
                f" FROM staged s JOIN documents d ON {meets} ON CONFLICT DO NOTHING"
            )
        close_by_hand(cursor, len(frame))


def load_ours(url: str, kind: str, frame: pd.DataFrame) -> None:
    sha = hashlib.sha256(url.encode()).hexdigest()
    batch = ImportBatch("rows.csv", sha, "bench", kind, dt.date.fromisoformat(DAY), frame, len(frame))
    with books.open_book(url) as book:
        stored = store_batch(book, batch)
    assert stored.rows_stored == len(frame)


def statement_of(database: str, kind: str) -> str:
    _, table, key, _, shape = KINDS[kind]
    named = [table.c[name if name in table.c else "document_number"] for name in shape.columns]
    dialect = sqlite.dialect() if database == "sqlite" else postgresql.dialect()
    return str(select(*named).order_by(table.c[key]).compile(dialect=dialect))


def read_adbc(url: str, database: str, kind: str) -> pd.DataFrame:
    """ADBC's Arrow as the columns that a frame of the book has."""
    if database == "sqlite":
        from adbc_driver_sqlite import dbapi

        address = f"file:{url.removeprefix('sqlite:///')}?mode=ro"
    else:
        from adbc_driver_postgresql import dbapi

        address = url.replace("+psycopg", "")
    with dbapi.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(statement_of(database, kind))
        rows = cursor.fetch_arrow_table()
    kinds = KINDS[kind][4].columns
    return pd.DataFrame(
        {
            name: arrow_frames._column_of(values, how)
            for (name, how), values in zip(kinds.items(), rows.columns, strict=True)
        },
        copy=False,
    )


def read_sqlalchemy(url: str, database: str, kind: str) -> pd.DataFrame:
    with books.open_book(url) as book:
        return pd.read_sql(statement_of(database, kind), book.engine)


def read_ours(url: str, kind: str) -> pd.DataFrame:
    with books.open_book(url) as book:
        return KINDS[kind][3](book)


def timed(work: Callable[[], Any]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def show(name: str, ours: list[tuple[float, float]], other: list[tuple[float, float]], goal: str) -> None:
    wall, cpu, other_wall, other_cpu = (
        statistics.median(times) for times in (*zip(*ours, strict=True), *zip(*other, strict=True))
    )
    print(
        f"  {name:34s} wall {wall:7.2f} / {other_wall:7.2f} s = {wall / other_wall:5.2f}   "
        f"client cpu {cpu:6.2f} / {other_cpu:6.2f} s = {cpu / other_cpu:5.2f}   goal {goal}",
        flush=True,
    )


def measure(database: str, kind: str, rows: int, repeats: int, with_pandas: bool) -> None:
    frame = KINDS[kind][0](rows)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    by_hand = load_sqlite if database == "sqlite" else load_postgresql
    ours: list[tuple[float, float]] = []
    hand: list[tuple[float, float]] = []
    for _ in range(repeats):
        url, other = new_url(database), new_url(database)
        ours.append(timed(lambda url=url: load_ours(url, kind, frame)))
        if len(ours) == 1:
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        hand.append(timed(lambda url=other: by_hand(url, kind, frame)))
    size = frame.memory_usage(deep=True).sum() / 2**20
    print(f"{database}, {rows:,} {kind}, {repeats} runs; frame {size:.0f} MiB, our load +{grown:.0f} MiB")
    show("load / by hand", ours, hand, f"<= {GOALS['load']}")
    reads: dict[str, list[tuple[float, float]]] = {"ours": [], "adbc": [], "pandas": []}
    read_ours(url, kind)
    for _ in range(max(repeats, 3)):
        reads["ours"].append(timed(lambda: read_ours(url, kind)))
        reads["adbc"].append(timed(lambda: read_adbc(url, database, kind)))
        if with_pandas:
            reads["pandas"].append(timed(lambda: read_sqlalchemy(url, database, kind)))
    show("read / adbc", reads["ours"], reads["adbc"], f"<= {GOALS['read']}")
    if with_pandas:
        show("pd.read_sql + SQLAlchemy / read", reads["pandas"], reads["ours"], f">= {GOALS['read_sql']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--kind", choices=[*KINDS, "both"], default="items")
    parser.add_argument("--without-pandas", action="store_true")
    told = parser.parse_args()
    for database in ["sqlite", "postgresql"] if told.database == "both" else [told.database]:
        for kind in KINDS if told.kind == "both" else [told.kind]:
            measure(database, kind, told.rows, told.repeats, not told.without_pandas)


if __name__ == "__main__":
    main()
