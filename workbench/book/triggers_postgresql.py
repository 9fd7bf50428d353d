"""The triggers of a book on PostgreSQL: nothing is updated, deleted or emptied, no cash in a closed period.

Once a statement, not once a row: what a statement inserted is looked at as one table.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, MetaData

from .schema import CASH_TABLES

#: What the triggers raise (SQLSTATE).
APPEND_ONLY, PERIOD_CLOSED = "WB001", "WB002"

#: ``pg_trigger.tgtype``: BEFORE UPDATE OR DELETE OR TRUNCATE and AFTER INSERT, each FOR EACH STATEMENT.
_BEFORE_CHANGE, _AFTER_INSERT = 2 | 8 | 16 | 32, 4

_FOUND = """
SELECT c.relname, t.tgname, t.tgtype, t.tgenabled IN ('O', 'A'),
    t.tgqual IS NULL AND t.tgattr = ''::int2vector, coalesce(t.tgnewtable, ''),
    p.proname, p.prosrc, l.lanname, coalesce(array_to_string(p.proconfig, ';'), '')
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    JOIN pg_language l ON l.oid = p.prolang
WHERE NOT t.tgisinternal AND c.relnamespace = quote_ident(current_schema())::regnamespace
"""
_RULES = """
SELECT r.rulename, c.relname FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind = 'r'
"""


def _bodies() -> dict[str, str]:
    """What each function that a trigger calls does, by name."""
    bodies = {
        "workbench_append_only": (
            f" BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME USING ERRCODE = '{APPEND_ONLY}'; END "
        )
    }
    for table_name, day in CASH_TABLES.items():
        closed = (
            "coalesce((SELECT closed_through FROM period_events e WHERE e.company_id = {} "
            "ORDER BY event_key DESC LIMIT 1), '')"
        )
        bodies[f"workbench_{table_name}_open_period"] = (
            f" BEGIN IF EXISTS (SELECT 1 FROM (SELECT company_id, min({day}) AS day FROM fresh GROUP BY 1) f"
            f" WHERE f.day <= greatest({closed.format('f.company_id')}, {closed.format(repr(''))})) THEN "
            f"RAISE EXCEPTION 'period-closed: {table_name}' USING ERRCODE = '{PERIOD_CLOSED}'; "
            "END IF; RETURN NULL; END "
        )
    return bodies


def _path(schema: str) -> str:
    """Where the functions find tables: a temporary table named period_events must not come first."""
    return f"{schema}, pg_temp"


def function_statements(schema: str) -> list[str]:
    """The functions, fixed to that schema (quoted where it must be), made or made again."""
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql "
        f"SET search_path = {_path(schema)} AS $${body}$$"
        for name, body in _bodies().items()
    ]


def trigger_statements(metadata: MetaData) -> dict[str, str]:
    """Every trigger by name."""
    statements = {}
    for table in metadata.sorted_tables:
        name = f"{table.name}_append_only"
        statements[name] = (
            f'CREATE TRIGGER "{name}" BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table.name}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION workbench_append_only()"
        )
    for table_name in CASH_TABLES:
        name = f"{table_name}_open_period"
        statements[name] = (
            f'CREATE TRIGGER "{name}" AFTER INSERT ON "{table_name}" REFERENCING NEW TABLE AS fresh '
            f"FOR EACH STATEMENT EXECUTE FUNCTION workbench_{name}()"
        )
    return statements


def wrong_triggers(connection: Connection, metadata: MetaData) -> Iterator[str]:
    """Triggers that are gone, off, on another table or doing something else; triggers and rules not ours."""
    schema = str(connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar())
    bodies, wanted = _bodies(), {}
    for table in metadata.sorted_tables:
        wanted[f"{table.name}_append_only"] = (table.name, _BEFORE_CHANGE, "", "workbench_append_only")
    for name in CASH_TABLES:
        wanted[f"{name}_open_period"] = (name, _AFTER_INSERT, "fresh", f"workbench_{name}_open_period")
    good = set()
    for (
        table_name,
        name,
        kind,
        is_on,
        is_whole,
        fresh,
        function,
        body,
        language,
        settings,
    ) in connection.exec_driver_sql(_FOUND):
        if name not in wanted and table_name in metadata.tables:
            yield str(name)
        is_ours = (table_name, kind, fresh, function) == wanted.get(name) and body == bodies.get(function)
        is_fixed = language == "plpgsql" and settings == f"search_path={_path(schema)}"
        if is_ours and is_on and is_whole and is_fixed:
            good.add(name)
    yield from (name for name in wanted if name not in good)
    for name, table_name in connection.exec_driver_sql(_RULES):
        if table_name in metadata.tables:
            yield str(name)
