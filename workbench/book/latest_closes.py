"""Which statements of a close a newer one of the same period has replaced: a period run again counts once.

A close posts as its notebook (``who``: ``run:<notebook>``) under a step (``step_key``), and its operation is
``<who>/<period>/<company or all>/<hash>`` (``runs.posts``). Of those of one notebook, company and period the
last one posted holds, also where it has nothing to say any more. What cases post has no step: each stands.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Select, and_, not_, select

from . import schema
from .selections import Known, as_known

#: The action under which ``close_postings.post_close`` enters its operations.
ACTION = "post-close"
#: The tables in which a close states something.
STATED = (schema.provision_balances, schema.revaluations, schema.journal_lines)
_OPERATION = re.compile(r"(?P<who>[^/]+)/(?P<step>(?P<period>\d{4}-\d{2})/(?P<company>.+)/[^/]+)")
_EVERY = "all"


def standing(
    connection: Connection,
    query: Select[Any],
    source: schema.Table,
    *,
    known_at: Known = None,
    except_steps: Collection[str] = (),
) -> Select[Any]:
    """``query`` on one of :data:`STATED` without what a newer operation replaced, and without those steps.

    ``known_at``: only operations recorded by then replace. Ask in the same reading as the query itself, else
    a close posted in between counts twice.
    """
    if except_steps:
        query = query.where(source.c.step_key.not_in(sorted(except_steps)))
    for company, operations in sorted(_replaced(connection, known_at, frozenset(except_steps)).items()):
        own = and_(source.c.company_id == company, source.c.operation_id.in_(sorted(operations)))
        query = query.where(not_(own))
    return query


def _replaced(connection: Connection, known_at: Known, except_steps: frozenset[str]) -> dict[str, set[str]]:
    """By company, the operations of which nothing holds any more."""
    stated = {row for table in STATED for row in _stated(connection, table, known_at)}
    last: dict[tuple[str, str, str], int] = defaultdict(int)
    for _, step, company, period, who, seq in stated:
        if step not in except_steps:
            last[who, period, company] = max(last[who, period, company], seq)
    own = schema.operations
    entered = as_known(
        select(own.c.operation_id, own.c.audit_seq).where(own.c.action == ACTION), own, known_at
    )
    for operation_id, seq in connection.execute(entered).all():
        named = _OPERATION.fullmatch(str(operation_id))
        if named and named["step"] not in except_steps:
            key = (named["who"], named["period"], named["company"])
            last[key] = max(last[key], int(seq))
    found: dict[str, set[str]] = defaultdict(set)
    for operation_id, _, company, period, who, seq in stated:
        if seq < max(last[who, period, company], last.get((who, period, _EVERY), 0)):
            found[company].add(operation_id)
    return found


def _stated(
    connection: Connection, source: schema.Table, known_at: Known
) -> list[tuple[str, str, str, str, str, int]]:
    own = source.c
    query = select(own.operation_id, own.step_key, own.company_id, own.period, own.who, own.audit_seq)
    query = as_known(query.where(own.step_key != "").distinct(), source, known_at)
    rows: list[Any] = list(connection.execute(query).all())
    return [
        (str(operation), str(step), str(company), str(period), str(who), int(seq))
        for operation, step, company, period, who, seq in rows
    ]
