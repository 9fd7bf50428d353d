"""One hash over what people and files put into the book: a step whose inputs keep it need not run again."""

from __future__ import annotations

import json

from sqlalchemy import Connection, or_, select

from . import schema
from .canonical import content_sha256
from .opened import Book


def fingerprint(book: Book, company: str = "") -> str:
    """Hash of the imports, decisions, periods and hand-made applications and reversals of that company.

    '' means all companies. A file counts by what it brought, be it a balance alone; a case by its moves. What
    the close chain itself posted (a ``step_key``) is not in it, nor what left for the ERP, which changes
    nothing of what is applied or owed: a close after an export stands. Neither are instants, so the same
    input into another book has the same fingerprint.
    """
    batches, applied, undone = schema.import_batches.c, schema.applications.c, schema.reversals.c
    decided, events = schema.decisions.c, schema.period_events.c
    with book.reading() as connection:
        imports = [
            [str(sha), str(source), str(day)]
            for sha, source, day, companies in connection.execute(
                select(batches.sha256, batches.source, batches.extract_date, batches.companies)
                .where(or_(batches.rows_stored > 0, batches.status.in_(["accepted", "partial"])))
            ).all()
            if not company or not json.loads(companies) or company in json.loads(companies)
        ]  # fmt: skip
        own = [
            select(applied.application_id, applied.applied_amount, applied.effective_date)
            .where(applied.step_key == ""),
            select(undone.application_id, undone.effective_date).where(undone.step_key == ""),
            select(decided.decision_id, decided.decision, decided.subject_key).where(decided.step_key == ""),
        ]  # fmt: skip
        facts = []
        for query, companies_of in zip(
            own, (applied.company_id, undone.company_id, decided.company_id), strict=True
        ):
            limited = query.where(companies_of.in_([company, ""])) if company else query
            facts.append(sorted([list(row) for row in connection.execute(limited).all()], key=str))
        closings = connection.execute(
            select(events.company_id, events.event, events.closed_through).order_by(events.event_key)
        ).all()
        moves = _moves(connection, company)
    periods = [list(row) for row in closings if not company or row[0] in ("", company)]
    # A book without cases keeps the fingerprint that it had before there were any.
    return content_sha256([sorted(imports), facts, periods, *([moves] if moves else [])])


def _moves(connection: Connection, company: str) -> list[list[str]]:
    """What people moved: transfers, exceptions, write-offs and plans change what a close shows."""
    own, events = schema.cases.c, schema.case_events.c
    query = (
        select(events.case_id, events.number, events.move, events.event_date, events.content)
        .join(schema.cases, own.case_id == events.case_id)
        .where(~events.who.startswith("run:"))
    )
    query = query.where(own.company_id.in_([company, ""])) if company else query
    return sorted([[str(cell) for cell in row] for row in connection.execute(query).all()])
