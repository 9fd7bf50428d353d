"""How long ``verify`` takes over a long audit chain (TRUST, figure 6: 100,000 entries < 5 s).

    PYTHONPATH=tests python tests/bench/bench_verify.py [--entries N] [--database sqlite|postgresql]

Each entry wrote one row, as most actions of people do. The chain is made as the book makes it and entered in
one transaction; beside the time stands that of reading and hashing the same rows by hand, in the same run.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from pathlib import Path

import postgres_server
from book_world import close_books, new_book

from workbench.book import audit, schema
from workbench.book.appended import Appended, Block, Rows, blocks_of, completed
from workbench.book.canonical import HASH_VERSION, canonical_json
from workbench.book.transactions import entry_hash

_AT = 1_800_000_000_000_000


def lengthen(book: object, count: int) -> None:
    """So many actions more, each of which noted a setting."""
    last = audit.anchor(book)
    previous, settings, entries = last.head, [], []
    for seq in range(last.count + 1, last.count + count + 1):
        told = Appended(is_numbered=True)
        given = {"name": Rows(["note"], True), "value": Rows([str(seq)], True)}
        columns = completed(schema.settings, given, 1, first=seq, trail=(_AT + seq, seq))
        settings += list(blocks_of(columns, 1, told))
        payload = canonical_json({"subject": {"name": "note"}, "tables": {"settings": told.told()}})
        values = (HASH_VERSION, _AT + seq, "ana", "set-setting", payload, previous)
        previous = entry_hash(seq, *values)
        entries.append(Block.of_row([seq, *values], mark=previous))
    with book.writing_connection() as connection:
        for table, blocks in ((schema.settings, settings), (schema.audit, entries)):
            names = [column.name for column in table.columns]
            book.dialect.append_blocks(connection, table, names, blocks)


def by_hand(book: object) -> float:
    """Seconds to read the two tables and hash each row once, with nothing compared."""
    began = time.perf_counter()
    with book.reading() as connection:
        for table in ("audit", "settings"):
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}").cursor.fetchall():
                hashlib.sha256("\t".join(map(str, row)).encode()).hexdigest()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--database", choices=postgres_server.DATABASES, default="sqlite")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        taken = postgres_server.taken()
        book = new_book(Path(folder), database=asked.database)
        lengthen(book, asked.entries)
        began = time.perf_counter()
        cpu = time.process_time()
        checks = audit.verify(book)
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        hand = by_hand(book)
        assert all(check.ok for check in checks), [check for check in checks if not check.ok]
        count = next(check.count for check in checks if check.check == "audit-chain")
        print(f"{asked.database}: {count} entries verified in {seconds:.2f} s ({cpu:.2f} s of CPU);", end=" ")
        print(f"read and hashed by hand {hand:.2f} s; ratio {seconds / hand:.1f}")
        close_books()
        postgres_server.give_back(taken)


if __name__ == "__main__":
    main()
