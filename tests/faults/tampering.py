"""Somebody who may do everything to the database changes the book behind its back, and knows its hashes.

All inside one transaction that the test undoes: triggers go and come back, rows are edited, deleted, slipped
in, cut off, written anew, swapped, with their own hashes made right where that is asked.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, UniqueConstraint, delete, func, insert, select, update

from workbench.book import schema
from workbench.book.canonical import canonical_json, digest
from workbench.book.rows_found import RowsFound
from workbench.book.transactions import GENESIS, entry_hash

Row = dict[str, Any]


@dataclass
class Tamperer:
    connection: Connection
    is_file: bool
    chance: random.Random
    _triggers: dict[str, str] = field(default_factory=dict)

    def rows(self, table: Table) -> list[Row]:
        keys = table.primary_key.columns.values()
        return [dict(row._mapping) for row in self.connection.execute(select(table).order_by(*keys))]

    def some_table(self, *, least: int = 1) -> Table:
        """One that holds rows, and not the audit itself."""
        tables = [table for table in schema.metadata.sorted_tables if table.name != "audit"]
        counts = {
            one: self.connection.execute(select(func.count()).select_from(one)).scalar_one() for one in tables
        }
        return self.chance.choice([one for one, count in counts.items() if count >= least])

    def disarm(self, table: Table) -> None:
        """Its triggers go until :meth:`rearm`; on PostgreSQL a superuser passes them all."""
        if not self.is_file:
            self.connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            return
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
        for name, statement in self.connection.exec_driver_sql(query, (table.name,)).fetchall():
            self._triggers[name] = statement
            self.connection.exec_driver_sql(f'DROP TRIGGER "{name}"')

    def rearm(self) -> None:
        for statement in self._triggers.values():
            self.connection.exec_driver_sql(statement)
        self._triggers.clear()

    def write(self, table: Table, row: Row) -> None:
        """The row with that key becomes this."""
        self.disarm(table)
        key = _key(table)
        self.connection.execute(update(table).where(key == row[key.name]).values(**row))

    def remove(self, table: Table, row: Row) -> None:
        self.disarm(table)
        self.connection.execute(delete(table).where(_key(table) == row[_key(table).name]))

    # The six kinds: each says what it did, as far as verify can name it ----------------------------------

    def edit(self) -> list[str]:
        """One value of one row; half of the time its own hash is made right again."""
        if self.chance.random() < 0.1:
            return self._edit_audit()
        table = self.some_table()
        row = self.chance.choice(self.rows(table))
        column = self.chance.choice([one.name for one in table.columns if not one.primary_key])
        row[column] = _other(row[column])
        is_hashed = column not in ("row_hash", "audit_seq") and self.chance.random() < 0.5
        self.write(table, with_hash(table, row) if is_hashed else row)
        if is_hashed:
            return [f"rows-{table.name}: {table.name} ", f"(audit {row['audit_seq']})"]
        return [f"rows-{table.name}: {table.name} {row[_key(table).name]}"]

    def _edit_audit(self) -> list[str]:
        row = self.chance.choice(self.rows(schema.audit))
        column = self.chance.choice([one.name for one in schema.audit.columns if one.name != "seq"])
        row[column] = _other(row[column])
        self.write(schema.audit, row)
        return [f"audit-chain: audit {row['seq']}"]

    def delete_row(self) -> list[str]:
        table = schema.audit if self.chance.random() < 0.1 else self.some_table()
        rows = self.rows(table)
        row = self.chance.choice(rows[:-1] if table is schema.audit else rows)
        self.remove(table, row)
        if table is schema.audit:
            return [f"audit-chain: audit {row['seq']}"]
        return [f"rows-{table.name}: {table.name} ", f"(audit {row['audit_seq']})"]

    def insert_row(self) -> list[str]:
        """As an action that was had written it, its hash right."""
        table = self.some_table()
        rows = self.rows(table)
        row, key = dict(self.chance.choice(rows)), _key(table)
        row[key.name] = (
            max(one[key.name] for one in rows) + 1
            if isinstance(row[key.name], int)
            else _other(row[key.name])
        )
        for constraint in table.constraints:
            if isinstance(constraint, UniqueConstraint):
                column = next(iter(constraint.columns)).name
                row[column] = _other(row[column])
        self.disarm(table)
        self.connection.execute(insert(table).values(**with_hash(table, row)))
        return [f"rows-{table.name}: {table.name} "]

    def cut_tail(self) -> list[str]:
        """The last actions go without a trace."""
        entries = self.rows(schema.audit)
        kept = len(entries) - self.chance.randint(1, min(10, len(entries) - 1))
        for table in reversed(schema.metadata.sorted_tables):
            if table.name != "audit":
                self.disarm(table)
                self.connection.execute(delete(table).where(table.c.audit_seq > kept))
        self.disarm(schema.audit)
        self.connection.execute(delete(schema.audit).where(schema.audit.c.seq > kept))
        return [f"audit-anchors: audit {len(entries)}"]

    def write_anew(self) -> list[str]:
        """A row is changed, its hash, its entry's hash over it, and every entry since."""
        table = self.some_table()
        rows = self.rows(table)
        place = self.chance.randrange(len(rows))
        column = self.chance.choice([one.name for one in table.columns if not one.primary_key][:-3])
        rows[place][column] = _other(rows[place][column])
        rows[place] = with_hash(table, rows[place])
        self.write(table, rows[place])
        seq = rows[place]["audit_seq"]
        marks = [row["row_hash"] for row in rows if row["audit_seq"] == seq]
        entries = self.rows(schema.audit)
        said = json.loads(entries[seq - 1]["payload"])
        said["tables"][table.name]["sha256"] = digest(marks)
        entries[seq - 1]["payload"] = canonical_json(said)
        previous = GENESIS
        for entry in entries:
            if entry["seq"] >= seq:
                entry["previous_hash"] = previous
                values = [entry[one.name] for one in schema.audit.columns][:-1]
                entry["entry_hash"] = entry_hash(*values)
                self.write(schema.audit, entry)
                self.rearm()
            previous = entry["entry_hash"]
        return [f"audit-anchors: audit {len(entries)}"]

    def swap(self) -> list[str]:
        """A value of one row for that of another, both hashes made right half of the time."""
        while True:
            table = self.some_table(least=2)
            one, other = (dict(row) for row in self.chance.sample(self.rows(table), 2))
            unique = {
                column.name
                for own in table.constraints
                if isinstance(own, UniqueConstraint)
                for column in own.columns
            }
            columns = [
                column.name for column in table.columns
                if not column.primary_key and column.name not in {"row_hash", "audit_seq", *unique}
                and one[column.name] != other[column.name]
            ]  # fmt: skip
            if columns:
                break
        column = self.chance.choice(columns)
        one[column], other[column] = other[column], one[column]
        is_hashed = self.chance.random() < 0.5
        for row in (one, other):
            self.write(table, with_hash(table, row) if is_hashed else row)
            self.rearm()
        return [f"rows-{table.name}: {table.name} "]


KINDS = ("edit", "delete_row", "insert_row", "cut_tail", "write_anew", "swap")
#: What only an anchor kept elsewhere shows (TRUST, fact 10).
UNSEEN_WITHOUT_ANCHOR = ("cut_tail", "write_anew")


def with_hash(table: Table, row: Row) -> Row:
    """The row with the hash that the book itself would give it."""
    values = tuple(row[column.name] for column in table.columns)
    return {**row, "row_hash": RowsFound(table, {})._made_again([2], [values])[0]}


def _key(table: Table) -> Any:
    return table.primary_key.columns.values()[0]


def _other(value: Any) -> Any:
    if isinstance(value, str):
        return f"{value}x"
    return 999 if value is None else value + 1_000
