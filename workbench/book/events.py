"""Settings, periods, decisions and runs: rows that people and the runner add."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from ..errors import ParameterRefusedError, PostingRefusedError
from .lines_in import closed_days
from .opened import Book, microseconds
from .transactions import Posting, writing


def set_setting(book: Book, name: str, value: str, *, who: str = "") -> None:
    """A setting of the book, such as ``as_of``; the latest holds, the same again changes nothing."""
    if book.setting(name) == value:
        return
    with writing(book, "set-setting", who=who) as posting:
        posting.subject.update(name=name)
        posting.insert("settings", ["name", "value"], [(name, value)])


def close_through(
    book: Book,
    company: str,
    last_day: dt.date,
    *,
    who: str = "",
    reason: str = "",
) -> None:
    """No cash of that company ('' = every company) dated on or before ``last_day`` enters the book any more.

    Closing what is closed already changes nothing; opening again is :func:`reopen`.
    """
    with writing(book, "close-period", who=who) as posting:
        if closed_days(posting).get(company, "") < last_day.isoformat():
            _enter_event(posting, company, "close", last_day, reason)


def reopen(
    book: Book,
    company: str,
    last_day: dt.date,
    *,
    who: str,
    reason: str,
) -> None:
    """Closed no further than ``last_day``; a reason and a name are required, and both stay in the book."""
    if not reason or not who:
        raise ParameterRefusedError("reopen-without-reason", name="reason", value=reason)
    with writing(book, "reopen-period", who=who) as posting:
        if closed_days(posting).get(company, "") > last_day.isoformat():
            _enter_event(posting, company, "reopen", last_day, reason)


def _enter_event(posting: Posting, company: str, event: str, last_day: dt.date, reason: str) -> None:
    posting.subject.update(company=company, event=event, closed_through=last_day.isoformat())
    posting.insert(
        "period_events",
        ["company_id", "event", "closed_through", "reason", "who"],
        [(company, event, last_day.isoformat(), reason, posting.who)],
    )


def record_decision(
    book: Book,
    *,
    operation_id: str,
    decision: str,
    subject: str,
    subject_key: str,
    who: str,
    company: str = "",
    reason: str = "",
    evidence: str = "",
    step_key: str = "",
) -> bool:
    """What a person decided about something; gives whether it is new. The same operation twice is one."""
    if subject == "request" or decision == "request":
        # A second person's word has a door of its own, which asks who the first one was.
        raise PostingRefusedError("approval-unknown", request=subject_key)
    values = (company, subject, subject_key, decision, reason, evidence, step_key, who)
    with writing(book, "decide", who=who) as posting:
        if posting.is_repeat(operation_id, list(values)):
            return False
        posting.insert(
            "decisions",
            ["decision_id", "operation_id", "company_id", "subject", "subject_key", "decision", "reason",
             "evidence", "step_key", "who"],
            [(operation_id, operation_id, *values)],
        )  # fmt: skip
    return True


_RUN_TEXTS = (
    "notebook", "company_id", "period", "step_key", "as_of", "status", "who", "parameters", "tie_outs",
    "failed_step", "remedy", "fingerprint", "content_sha256", "folder",
)  # fmt: skip
_RUN_INSTANTS = ("known_at", "started_at", "finished_at")


def record_run(book: Book, run: Mapping[str, object]) -> bool:
    """A finished run: ``run_id`` and any of the columns of ``read.RUNS``; gives whether it is new.

    Instants are ``datetime`` (UTC), ``as_of`` a ``date``, ``parameters`` and ``tie_outs`` JSON text,
    ``findings`` a count; what is not given is empty.
    """
    run_id = str(run["run_id"])
    texts = {name: _text(run.get(name, "")) for name in _RUN_TEXTS}
    instants = {name: _instant(run.get(name)) for name in _RUN_INSTANTS}
    unknown = set(run) - set(texts) - set(instants) - {"run_id", "findings"}
    if unknown:
        raise ParameterRefusedError("run-column-unknown", name="run", value=", ".join(sorted(unknown)))
    values: dict[str, object] = {
        "run_id": run_id,
        **texts,
        **instants,
        "findings": _count(run.get("findings")),
    }
    with writing(book, "run", who=texts["who"]) as posting:
        if posting.is_repeat(f"run:{run_id}", values):
            return False
        posting.subject.update(run=run_id, notebook=texts["notebook"], status=texts["status"])
        posting.insert("runs", list(values), [tuple(values.values())])
    return True


def _text(value: object) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    if not isinstance(value, str):
        raise PostingRefusedError("run-value-wrong", value=str(value))
    return value


def _instant(value: object) -> int:
    return microseconds(value) if isinstance(value, dt.datetime) else 0


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
