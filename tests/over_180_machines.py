"""What each machine of the over-180 control and of write-offs allows, written by hand, and attempts at it.

The contract stands here as a table of words, apart from the code: sources, target, what a move needs, whose
author it must not have, and the roles that may make it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from workbench import over_180, write_offs
from workbench.cases import Brought, Case, CaseEvent, CaseItem, Machine, next_state
from workbench.over_180 import transfers
from workbench.policy import Over180Policy, WriteOffPolicy

DAY = dt.date(2026, 11, 3)
SHA = "a" * 64
LIMIT = 50_00
WRITE_OFFS = WriteOffPolicy(limits={"supervisor": {"COP": LIMIT}})
ITEMS = (CaseItem("document", 1, "F1", "COP", 100_00), CaseItem("document", 2, "F2", "COP", 40_00))

#: move | sources → target | needs | not by the author of | roles
CONTRACT = {
    "over_180_transfer": """
        approve         | proposed → approved                      |                | open             | B
        reject          | proposed → rejected                      | reason         | open             | B
        withdraw        | proposed approved → withdrawn            | reason         |                  |
        post            | approved → transferred                   | amounts        |                  |
        propose_reversal| transferred → reversal_proposed          | amounts reason |                  |
        reject_reversal | reversal_proposed → transferred          | reason         | propose_reversal |
        post_part       | reversal_proposed → transferred          |                | propose_reversal |
        post_reversal   | reversal_proposed → reversed             |                | propose_reversal |
    """,
    "over_180_hand_over": """
        hand_to_lawyers | proposed with_insurer → in_legal         | file_sha256    | open             | B
        hand_to_insurer | proposed in_legal → with_insurer         | file_sha256    | open             | B
        reject          | proposed → rejected                      | reason         | open             | B
        take_back       | in_legal with_insurer → returned         | reason         |                  |
    """,
    "credit_over_180": """
        approve         | proposed → approved                      |                | open             |
        reject          | proposed → rejected                      | reason         | open             |
        withdraw        | proposed approved → withdrawn            | reason         |                  |
        settle          | approved → settled                       | left_amount    | open             |
    """,
    "provision_exception": """
        approve         | requested → approved                     | file_sha256    | open             | B
        refuse          | requested → refused                      | reason         | open             | B
        withdraw        | requested approved → withdrawn           | reason         |                  |
        expire          | approved → expired                       | on             |                  |
    """,
    "over_180_plan": """
        revise          | planned → planned                | owner cause plan plan_date reason |       |
        fulfil          | planned → fulfilled                      | reason         |                  |
        fail            | planned → failed                         | reason         |                  |
        withdraw        | planned → withdrawn                      | reason         |                  |
    """,
    "write_off": """
        add_evidence    | prepared → prepared                      | evidence file_sha256 |            |
        approve         | prepared → approved                      |                | open             |
        approve_first   | prepared → first_approved                |                | open             | B
        approve_second  | first_approved → approved                |                | open approve_first | B
        reject          | prepared first_approved → rejected       | reason         | open             |
        withdraw        | prepared first_approved approved → withdrawn | reason     |                  |
        post            | approved → posted                        | amounts        |                  |
        recover_part    | posted partly_recovered → partly_recovered | receipt_id recovered |             |
        recover         | posted partly_recovered → recovered      | receipt_id recovered |             |
        take_back_recovery | partly_recovered recovered → posted   | reason         |                  |
        undo            | posted → undone                          | reason         |                  |
    """,
}
#: ``B`` in the table: the roles of the policy.
BOSSES = ("controller", "director")


@dataclass(frozen=True)
class Allowed:
    """A line of the contract."""

    move: str
    sources: frozenset[str]
    target: str
    needs: tuple[str, ...]
    unlike: tuple[str, ...]
    roles: tuple[str, ...]


def contract(kind: str) -> dict[str, Allowed]:
    lines = {}
    for line in CONTRACT[kind].strip().splitlines():
        move, way, needs, unlike, roles = (cell.strip() for cell in line.split("|"))
        sources, target = way.split("→")
        lines[move] = Allowed(
            move, frozenset(sources.split()), target.strip(), tuple(needs.split()), tuple(unlike.split()),
            BOSSES if roles == "B" else (),
        )  # fmt: skip
    return lines


@dataclass(frozen=True)
class Attempt:
    """Who tries a move with what; ``rule``: why it is refused, '' where it is not."""

    who: str
    role: str
    brought: dict[str, Any] = field(default_factory=dict)


#: By kind and move: all that it brings where nothing is wrong, or ``None`` where it cannot be right now.
Right = Callable[[Case], Mapping[str, Any] | None]


def _parts(case: Case, share: int) -> dict[str, int]:
    standing = (
        transfers.standing_amounts(case) if case.kind == transfers.KIND else write_offs.written_off(case)
    )
    return {str(key): max(amount // share, 1) for key, amount in standing.items() if amount}


def _is_whole(case: Case) -> bool:
    return sum(transfers.standing_amounts(case).values()) == sum(transfers.asked_back(case).values())


def _has_evidence(case: Case) -> bool:
    return not write_offs.missing_evidence(case, WRITE_OFFS)


OPEN_AMOUNTS = {"amounts": {"1": 100_00, "2": 40_00}}
PLAN = {"owner": "Marta", "cause": "PRC", "plan": "Nota", "plan_date": "2026-11-20"}
RIGHT: dict[str, dict[str, Right]] = {
    "over_180_transfer": {
        "post": lambda case: OPEN_AMOUNTS,
        "propose_reversal": lambda case: {"amounts": _parts(case, 1 + len(case.events) // 2 % 2)},
        "post_part": lambda case: None if _is_whole(case) else {},
        "post_reversal": lambda case: {} if _is_whole(case) else None,
    },
    "credit_over_180": {"settle": lambda case: {"left_amount": case.case_amount}},
    "provision_exception": {"expire": lambda case: {"on": "2027-01-01"}},
    "over_180_plan": {"revise": lambda case: PLAN},
    "write_off": {
        "add_evidence": lambda case: {
            "evidence": (write_offs.missing_evidence(case, WRITE_OFFS) or ["legal_opinion"])[0]
        },
        "approve": lambda case: {} if _has_evidence(case) and case.case_amount <= LIMIT else None,
        "approve_first": lambda case: {} if _has_evidence(case) else None,
        "post": lambda case: OPEN_AMOUNTS,
        "recover_part": lambda case: (
            None
            if sum(write_offs.written_off(case).values()) < 4
            else {"receipt_id": "R1", "recovered": _parts(case, 2)}
        ),
        "recover": lambda case: {"receipt_id": "R1", "recovered": _parts(case, 1)},
    },
}
CONTENT: dict[str, dict[str, Any]] = {
    "credit_over_180": {"action": "refund", "owner": "S1", "evidence": "carta"},
    "provision_exception": {"reason": "insured", "rate_permille": 100, "valid_through": "2026-12-31"},
    "over_180_plan": PLAN,
    "write_off": {"reason_code": "PRES", "note": ""},
}


def machine_of(kind: str) -> Machine:
    everything = (*over_180.machines(Over180Policy()), write_offs.write_off_machine(WRITE_OFFS))
    return next(machine for machine in everything if machine.kind == kind)


def new_case(kind: str, *, small: bool = False) -> Case:
    """Prepared by ana. A small one lies within one person's limit."""
    items = (CaseItem("document", 1, "F1", "COP", LIMIT),) if small else ITEMS
    first = CaseEvent(1, "open", machine_of(kind).initial, DAY, "", {}, "", "ana")
    return Case(
        case_id=f"{kind}/1", kind=kind, company_id="CO01", customer_id="C1", currency="COP", period="2026-11",
        as_of=DAY, subject_key="", case_amount=sum(item.item_amount for item in items),
        content=CONTENT.get(kind, {}), events=(first,), items=items,
    )  # fmt: skip


def right_attempt(case: Case, line: Allowed, who: str) -> Attempt | None:
    """All that the move needs, by somebody who may; ``None`` where what stands forbids it."""
    told = RIGHT.get(case.kind, {}).get(line.move, lambda _: {})(case)
    if told is None:
        return None
    usual = {"reason": "porque sí", "file_sha256": SHA}
    role = "supervisor" if line.move == "approve" and case.kind == "write_off" else "controller"
    return Attempt(who, role, {**usual, "role": role, **told})


def tried(case: Case, move: str, attempt: Attempt) -> Case:
    """The case after the move; raises where it is refused."""
    told = {name: str(attempt.brought.get(name, "")) for name in ("reason", "file_sha256")}
    brought = Brought(attempt.who, DAY, attempt.role, content=attempt.brought, **told)
    state = next_state(machine_of(case.kind), case, move, brought)
    event = CaseEvent(
        len(case.events) + 1,
        move,
        state,
        DAY,
        brought.reason,
        attempt.brought,
        brought.file_sha256,
        brought.who,
    )
    return replace(case, events=(*case.events, event))
