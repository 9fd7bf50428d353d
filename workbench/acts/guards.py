"""What the moves of an act must bring, beyond where they start: answers, sums, days, two sides' names.

Pure checks of a case and what is brought; each refusal is a :class:`MoveRefusedError` that says what is
missing. Money in minor units of the act's currency, positive what the customer owes us.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from ..cases import Case, CaseEvent
from ..errors import MoveRefusedError
from ..money import to_text

#: What a customer may answer; ``silent`` is never an answer that somebody gives.
AGREES, DIFFERS, SILENT = "agrees", "differs", "silent"
#: How a signature was made: inside the PDF, or by hand on paper that was scanned.
DIGITAL, SCAN = "digital", "scan"
#: Where the day of a move stands among what it brings (ISO).
EVENT_DATE = "event_date"
PROCEDURES = ("subsequent_receipts", "delivery_proof", "other")

#: What a move brings, by name (``cases.Brought.facts``).
Facts = Mapping[str, Any]


def answered(case: Case) -> CaseEvent | None:
    """The answer that holds: the newest word of the customer, or that it kept silent."""
    return case.last("respond", "declare_silent")


def answer_of(case: Case) -> str:
    """``agrees``, ``differs``, ``silent``; '' while there is none."""
    event = answered(case)
    if event is None:
        return ""
    return SILENT if event.move == "declare_silent" else str(event.content["answer"])


def their_balance(case: Case) -> int | None:
    """What the customer says it owes, ``None`` where it has said nothing; who agrees says our figure."""
    event = answered(case)
    if event is None or event.move == "declare_silent":
        return None
    return int(str(event.content.get("their_balance", case.case_amount)))


def not_before_the_last(case: Case, brought: Facts) -> None:
    """Moves follow one another in time; without a day there is nothing to compare."""
    told = str(brought.get(EVENT_DATE, ""))
    last = case.events[-1].event_date.isoformat()
    if told and told < last:
        raise refused("act-move-too-early", case, date_day=told, earliest_day=last)


def reminder_due(case: Case, brought: Facts) -> None:
    """One reminder for each day that the act was sent with, none before its day."""
    not_before_the_last(case, brought)
    made, days = reminders(case)
    if made >= len(days):
        raise refused("act-reminders-over", case, count=made)
    if str(brought.get(EVENT_DATE, "")) < days[made]:
        raise refused("act-reminder-too-early", case, earliest_day=days[made], number=made + 1)


def silence_is_over(case: Case, brought: Facts) -> None:
    """Silence is a fact only after every reminder and the last day of waiting."""
    not_before_the_last(case, brought)
    made, days = reminders(case)
    sent = case.last("send")
    last = str(sent.content["silent_date"]) if sent else ""
    if made < len(days):
        raise refused("act-reminders-missing", case, count=made, wanted=len(days))
    if str(brought.get(EVENT_DATE, "")) < last:
        raise refused("act-silence-too-early", case, earliest_day=last)


def reminders(case: Case) -> tuple[int, list[str]]:
    """How many reminders were made since the act was sent, and the days set for them (ISO)."""
    sent = case.last("send")
    if sent is None:
        return 0, []
    made = sum(event.move == "remind" for event in case.since("send"))
    return made, [day for day in str(sent.content["reminder_dates"]).split(",") if day]


def days_of_sending(case: Case, brought: Facts) -> None:
    """An act leaves with the days on which its silence will be chased."""
    not_before_the_last(case, brought)
    days = [*str(brought["reminder_dates"]).split(","), str(brought["silent_date"])]
    try:
        read = [dt.date.fromisoformat(day) for day in days]
    except ValueError:
        read = []
    if not read or sorted(set(read)) != read:
        raise refused("act-days-of-sending", case, days=", ".join(days))


def answer_is_whole(case: Case, brought: Facts) -> None:
    """Who agrees agrees to our figure; who differs says theirs."""
    not_before_the_last(case, brought)
    answer, theirs = brought["answer"], brought.get("their_balance")
    if answer not in (AGREES, DIFFERS):
        raise refused("act-answer-unknown", case, answer=answer)
    if answer == DIFFERS and not isinstance(theirs, int):
        raise refused("act-balance-missing", case)
    if answer == AGREES and theirs is not None and theirs != case.case_amount:
        raise refused(
            "act-agrees-otherwise",
            case,
            theirs_money=_money(case, int(str(theirs))),
            ours_money=_money(case, case.case_amount),
        )


def silent_only(case: Case, brought: Facts) -> None:
    """The alternative procedure stands in for an answer that never came, and rests on evidence."""
    not_before_the_last(case, brought)
    if answer_of(case) != SILENT:
        raise refused("act-not-silent", case, answer=answer_of(case) or "–")
    if brought["procedure"] not in PROCEDURES:
        raise refused(
            "act-procedure-unknown", case, procedure=brought["procedure"], known=", ".join(PROCEDURES)
        )
    if not brought.get("file_sha256") and not brought.get("receipts"):
        raise refused("act-procedure-without-evidence", case)


def has_an_answer(case: Case, brought: Facts) -> None:
    """Silence cannot be analysed: there is no balance to compare with."""
    not_before_the_last(case, brought)
    if answer_of(case) not in (AGREES, DIFFERS):
        raise refused("act-without-answer", case)
    differences_add_up(case, brought.get("differences", []))


def agreement_is_whole(case: Case, brought: Facts) -> None:
    """Nothing is agreed while differences are unexplained, have nobody to settle them, or no action."""
    not_before_the_last(case, brought)
    answer = answer_of(case)
    if answer not in (AGREES, DIFFERS):
        raise refused("act-without-answer", case)
    found = brought.get("differences") or differences(case)
    if answer == DIFFERS and case.state == "responded":
        raise refused("act-not-analysed", case)
    differences_add_up(case, found)
    for one in found:
        lacking = [name for name in ("cause", "owner", "due_date") if not one.get(name)]
        if lacking:
            raise refused(
                "act-difference-open",
                case,
                document=one.get("document_id") or "–",
                lacking=", ".join(lacking),
            )
    actions = brought.get("actions", [])
    for action in actions:
        lacking = [name for name in ("action", "owner", "due_date") if not action.get(name)]
        if lacking:
            raise refused(
                "act-action-open", case, action=action.get("action") or "–", lacking=", ".join(lacking)
            )
    if found and not actions:
        raise refused("act-without-actions", case, count=len(found))


def differences(case: Case) -> Sequence[Facts]:
    """The differences as last analysed, ours − theirs; none once the customer has answered anew."""
    event, answer = case.last("analyse", "agree"), answered(case)
    if event is None or (answer is not None and answer.number > event.number):
        return []
    found: Any = event.content.get("differences", [])
    return list(found)


def differences_add_up(case: Case, found: Sequence[Facts]) -> None:
    """Σ differences = our balance − theirs, to the cent (DOMAIN, section 8)."""
    theirs = their_balance(case)
    wanted = case.case_amount - (case.case_amount if theirs is None else theirs)
    total = sum(int(one["amount"]) for one in found)
    if total != wanted:
        raise refused(
            "act-differences-do-not-add-up",
            case,
            total_money=_money(case, total),
            wanted_money=_money(case, wanted),
        )


def our_signature(case: Case, brought: Facts) -> None:
    """We sign what was agreed on, by a known way."""
    not_before_the_last(case, brought)
    _signs_what_was_agreed(case, brought)


def their_signature(case: Case, brought: Facts) -> None:
    """The customer's signature is not ours under another heading: another person, certificate, company."""
    not_before_the_last(case, brought)
    _signs_what_was_agreed(case, brought)
    ours = case.last("sign_us")
    assert ours is not None, "the machine leads here only over sign_us"
    _two_sides(case, ours.content, brought)


def both_signatures(case: Case, brought: Facts) -> None:
    """Closed only with two signatures on the agreement that holds, by two different sides."""
    not_before_the_last(case, brought)
    since = case.since("agree")
    ours, theirs = (next((e for e in since if e.move == move), None) for move in ("sign_us", "sign_both"))
    if ours is None or theirs is None:
        raise refused("act-signature-missing", case, side="us" if ours is None else "them")
    _two_sides(case, ours.content, theirs.content)


def another_act(case: Case, brought: Facts) -> None:
    """An act is replaced by the next one, never by itself."""
    not_before_the_last(case, brought)
    if brought["replaced_by"] == case.case_id:
        raise refused("act-replaces-itself", case)


def _signs_what_was_agreed(case: Case, brought: Facts) -> None:
    agreed = case.last("agree")
    assert agreed is not None, "the machine leads here only over agree"
    if brought["content_sha256"] != agreed.content["content_sha256"]:
        raise refused("act-signs-something-else", case)
    if brought["how"] not in (DIGITAL, SCAN):
        raise refused("act-signature-how", case, how=brought["how"])
    if brought["how"] == DIGITAL and not brought.get("certificate_sha256"):
        raise refused("act-signature-unproved", case)


def _two_sides(case: Case, ours: Facts, theirs: Facts) -> None:
    for name in ("signer_id", "signer_name", "certificate_sha256", "signer_organisation"):
        one, other = (str(side.get(name, "")).strip().casefold() for side in (ours, theirs))
        if one and one == other:
            raise refused("act-signed-twice-by-one-side", case, signer=theirs.get("signer_name", "–"))


def _money(case: Case, amount: int) -> str:
    return f"{to_text(amount, case.currency)} {case.currency}"


def refused(rule: str, case: Case, **values: object) -> MoveRefusedError:
    """A refusal that names the act and where it stands."""
    return MoveRefusedError(rule, case=case.case_id, state=case.state, **values)
