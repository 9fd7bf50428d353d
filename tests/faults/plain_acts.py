"""Acts as a person with a notebook keeps them: what each move needs and where it leads, written once more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

#: Where each move leads, written from DOMAIN, section 8, and not from the machine.
LEADS = {
    ("draft", "send"): "sent", ("sent", "acknowledge"): "acknowledged",
    ("sent", "remind"): "sent", ("acknowledged", "remind"): "acknowledged",
    **{(state, "respond"): "responded"
       for state in ("sent", "acknowledged", "responded", "alternative", "in_analysis")},
    ("sent", "declare_silent"): "responded", ("acknowledged", "declare_silent"): "responded",
    ("responded", "record_alternative"): "alternative", ("alternative", "record_alternative"): "alternative",
    ("responded", "analyse"): "in_analysis", ("in_analysis", "analyse"): "in_analysis",
    ("responded", "agree"): "agreed", ("in_analysis", "agree"): "agreed",
    ("agreed", "sign_us"): "signed_us", ("signed_us", "sign_both"): "signed_both",
    ("signed_both", "close"): "closed",
    **{(state, "reopen"): "reopened" for state in ("signed_us", "signed_both", "closed")},
}  # fmt: skip
MOVES = sorted({move for _, move in LEADS})
SIGNED = {"signed_us", "signed_both", "closed"}
#: Moves that bind figures: the book must still say them.
BINDING = {"send", "agree", "sign_us", "sign_both", "close"}
STATES = {"draft", "replaced", *LEADS.values()}
SIGNERS = (("Mario Duque", "CC 1"), ("Pedro Paz", "CC 2"))


@dataclass
class PlainAct:
    """What a person with a notebook would write down of an act."""

    customer: str
    held: dict[str, int]
    version: int = 1
    state: str = "draft"
    on: int = 2
    reminders: int = 0
    sent: int = 0
    answer: str = ""
    theirs: int = 0
    differences: list[dict[str, Any]] = field(default_factory=list)
    sha: str = ""
    signers: list[str] = field(default_factory=list)

    @property
    def ours(self) -> int:
        return sum(self.held.values())

    @property
    def name(self) -> str:
        return f"act-CO01-{self.customer}-COP-2026-10-31-{self.version}"


def differences_of(total: int, owner: str = "ana") -> list[dict[str, Any]]:
    one = {
        "cause": "withholding",
        "amount": total,
        "document_id": "F1",
        "owner": owner,
        "due_date": "2026-12-01",
    }
    return [one] if total else []


def refusal(
    act: PlainAct, move: str, who: str, on: int, content: dict[str, Any], *, is_contradicted: bool
) -> str:
    """The rule that a person would refuse by, '' for none; the book is looked at first."""
    if move in BINDING and is_contradicted:
        return "act-contradicted"
    if (act.state, move) not in LEADS:
        return "case-move-not-from-here"
    if not who:
        return "case-move-by-nobody"
    if move == "sign_us" and who == "ana":
        return "case-move-same-person"
    if on < act.on:
        return "act-move-too-early"
    return {
        "remind": _reminding, "declare_silent": _silence, "respond": _answering,
        "record_alternative": _alternative, "analyse": _analysing, "agree": _agreeing,
        "sign_us": _signing, "sign_both": _signing,
    }.get(move, lambda *_: "")(act, on, content)  # fmt: skip


def _reminding(act: PlainAct, on: int, _: dict[str, Any]) -> str:
    if act.reminders == 2:
        return "act-reminders-over"
    return "act-reminder-too-early" if on < act.sent + 7 * (act.reminders + 1) else ""


def _silence(act: PlainAct, on: int, _: dict[str, Any]) -> str:
    if act.reminders < 2:
        return "act-reminders-missing"
    return "act-silence-too-early" if on < act.sent + 21 else ""


def _answering(act: PlainAct, _: int, content: dict[str, Any]) -> str:
    if content["answer"] == "silent":
        return "act-answer-unknown"
    if content["answer"] == "differs":
        return "" if "their_balance" in content else "act-balance-missing"
    return "act-agrees-otherwise" if content.get("their_balance", act.ours) != act.ours else ""


def _alternative(act: PlainAct, _: int, content: dict[str, Any]) -> str:
    if act.answer != "silent":
        return "act-not-silent"
    return "" if content.get("has_file", True) else "act-procedure-without-evidence"


def _analysing(act: PlainAct, _: int, content: dict[str, Any]) -> str:
    if act.answer not in ("agrees", "differs"):
        return "act-without-answer"
    total = sum(one["amount"] for one in content["differences"])
    return "act-differences-do-not-add-up" if total != act.ours - act.theirs else ""


def _agreeing(act: PlainAct, _: int, content: dict[str, Any]) -> str:
    if act.answer not in ("agrees", "differs"):
        return "act-without-answer"
    if act.answer == "differs" and act.state == "responded":
        return "act-not-analysed"
    if sum(one["amount"] for one in act.differences) != act.ours - act.theirs:
        return "act-differences-do-not-add-up"
    if any(not one["owner"] for one in act.differences):
        return "act-difference-open"
    return "act-without-actions" if act.differences and not content["actions"] else ""


def _signing(act: PlainAct, _: int, content: dict[str, Any]) -> str:
    if content["content_sha256"] == "other":
        return "act-signs-something-else"
    return "act-signed-twice-by-one-side" if content["signer_name"] in act.signers else ""


def note_move(act: PlainAct, move: str, on: int, content: dict[str, Any]) -> None:
    act.state, act.on = LEADS[act.state, move], on
    if move == "send":
        act.sent, act.reminders = on, 0
    elif move == "remind":
        act.reminders += 1
    elif move == "declare_silent":
        act.answer = "silent"
    elif move == "respond":
        act.answer, act.theirs = content["answer"], content.get("their_balance", act.ours)
    elif move == "analyse":
        act.differences = content["differences"]
    elif move == "agree":
        act.sha = str(on)
    elif move in ("sign_us", "sign_both"):
        act.signers.append(content["signer_name"])
