"""Exceptions to the provision (excepciones): an insured, governmental or agreed debt, asked for and approved.

They stand beside those of ``policy.yaml`` and hold through a day. One person asks, another approves; what
lapses by date need not be told, but may be. Source: DOMAIN, section 7.2.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from ..cases import Case, Machine, Move
from ..errors import MoveRefusedError
from ..policy import Over180Policy, ProvisionException, ProvisionPolicy

KIND = "provision_exception"
INSURED = "insured"
#: Why a customer is provided at another rate: insured, owed by the state, paid by an agreed plan.
REASONS = (INSURED, "governmental", "agreed_plan")


def exception_machine(policy: Over180Policy) -> Machine:
    """requested → approved → expired | withdrawn; or refused. Who asked never approves.

    To approve needs a file that proves it (the insurance, the contract, the signed plan).
    """
    return Machine(
        KIND,
        "requested",
        (
            Move("approve", frozenset({"requested"}), "approved", needs=("file_sha256",), unlike=("open",),
                 roles=policy.roles, guard=_check_content),
            Move("refuse", frozenset({"requested"}), "refused", needs=("reason",), unlike=("open",),
                 roles=policy.roles),
            Move("withdraw", frozenset({"requested", "approved"}), "withdrawn", needs=("reason",)),
            Move("expire", frozenset({"approved"}), "expired", needs=("on",), guard=_check_expired),
        ),
    )  # fmt: skip


def check_exception(content: Mapping[str, object], *, on: dt.date | None = None) -> None:
    """What a request must say: ``reason`` of ``REASONS``, ``rate_permille`` 0 to 1000, ``valid_through``.

    ``on``: the day it is asked for; what would have lapsed by then is refused. An approval gives none, for
    it may come when the validity is over, and then excepts nothing.

    Raises :class:`MoveRefusedError` (``exception-content-wrong``) with the name of what is not so, and
    ``exception-over-before-asked``.
    """
    wrong = ""
    rate = content.get("rate_permille")
    if content.get("reason") not in REASONS:
        wrong = "reason"
    elif not isinstance(rate, int) or isinstance(rate, bool) or not 0 <= rate <= 1000:
        wrong = "rate_permille"
    else:
        try:
            dt.date.fromisoformat(str(content.get("valid_through")))
        except ValueError:
            wrong = "valid_through"
    if wrong:
        raise MoveRefusedError("exception-content-wrong", name=wrong, value=str(content.get(wrong, "")))
    through = dt.date.fromisoformat(str(content["valid_through"]))
    if on is not None and through < on:
        raise MoveRefusedError(
            "exception-over-before-asked", through_day=through.isoformat(), asked_day=on.isoformat()
        )


def _check_content(case: Case, brought: Mapping[str, object]) -> None:
    check_exception(case.content)


def _check_expired(case: Case, brought: Mapping[str, object]) -> None:
    through = str(case.content["valid_through"])
    if str(brought["on"]) <= through:
        raise MoveRefusedError(
            "exception-not-expired", case=case.case_id, valid_through=through, date=str(brought["on"])
        )


def exceptions_of_cases(cases: pd.DataFrame, events: pd.DataFrame) -> tuple[ProvisionException, ...]:
    """The approved exceptions, for ``policy.provision.exceptions``; ``provide`` leaves out what lapsed.

    ``cases``, ``events``: ``tables.CASES``, ``tables.CASE_EVENTS``. What is withdrawn or expired is
    none. Of several approved for one customer the one that was approved last stands.
    """
    approvals = events[events["move"] == "approve"].drop_duplicates("case_id", keep="last")
    who = approvals.set_index("case_id")["who"].to_dict()
    number = approvals.set_index("case_id")["recorded_at"].to_dict()
    standing = cases[(cases["kind"] == KIND) & (cases["state"] == "approved")]
    order = sorted(standing.to_dict("records"), key=lambda one: (number[one["case_id"]], one["case_id"]))
    found: dict[tuple[str, str], ProvisionException] = {}
    for case in order:
        content = json.loads(str(case["content"]))
        found[(str(case["company_id"]), str(case["customer_id"]))] = ProvisionException(
            company_id=str(case["company_id"]),
            customer_id=str(case["customer_id"]),
            rate_permille=int(content["rate_permille"]),
            reason=str(content["reason"]),
            approved_by=str(who[case["case_id"]]),
            valid_through=dt.date.fromisoformat(str(content["valid_through"])),
        )
    return tuple(found[name] for name in sorted(found))


def with_cases_of(provision: ProvisionPolicy, approved: tuple[ProvisionException, ...]) -> ProvisionPolicy:
    """The provision's policy with the exceptions that cases approved beside its own."""
    return replace(provision, exceptions=with_approved(provision.exceptions, approved))


def with_approved(
    stated: tuple[ProvisionException, ...], approved: tuple[ProvisionException, ...]
) -> tuple[ProvisionException, ...]:
    """The policy's own exceptions and those of cases; a customer that both name keeps the case's, the newer
    word with a file behind it."""
    named = {(one.company_id, one.customer_id) for one in approved}
    return (*(one for one in stated if (one.company_id, one.customer_id) not in named), *approved)
