"""How long a backup and its return take, against copying the file by hand: ``python bench_backups.py ITEMS``.

Prints, for a book of so many items: its size, the seconds of backup (copy and proof) and of restore (copy
and proof), and the same relative to SQLite's own copy of the file without any proof, timed in the same run.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from book_world import import_items, new_book

from workbench.book.backups import back_up, restore


def main(items: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        book = new_book(folder)
        for start in range(0, items, 50_000):
            import_items(
                book,
                *(
                    {"document_number": f"{number:010}", "customer_id": f"C{number % 5000}", "text": "x" * 60}
                    for number in range(start, min(start + 50_000, items))
                ),
            )
        book.close()
        seconds = {}
        began = time.perf_counter()
        plain = sqlite3.connect(book.url.removeprefix("sqlite:///"))
        plain.execute("VACUUM INTO ?", (str(folder / "plain.sqlite"),))
        plain.close()
        seconds["plain copy"] = time.perf_counter() - began
        began = time.perf_counter()
        made = back_up(book, folder / "backup.sqlite")
        seconds["backup"] = time.perf_counter() - began
        began = time.perf_counter()
        restore(Path(made.file), f"sqlite:///{folder / 'again.sqlite'}")
        seconds["restore"] = time.perf_counter() - began
        size = made.bytes / 1e6
        rows = sum(made.tables.values())
        print(f"{items} items, {rows} rows, {size:.0f} MB")
        for what, took in seconds.items():
            ratio = took / seconds["plain copy"]
            print(f"{what}: {took:.2f} s, {ratio:.1f} times a plain copy, {1000 * took / size:.1f} s per GB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
