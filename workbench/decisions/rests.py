"""What is not paid of a document, as a person decides it: a partial payment, or a residual item.

The book never invents a document that the ERP does not have: the rest stays open in the document, and the leg
that pays it carries what was decided, for the posting file to say. Only what a reason charges off is settled,
by a leg of its own. Source: DOMAIN, section 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import pandas as pd

from ..money import to_text
from ..policy import Reason, reasons_on
from ..tables import CASH_KINDS
from .wishes import FaultError, Rest, Row

#: Amount and proposing rule by document and kind.
Legs = dict[tuple[int, str], tuple[int, str]]


class Known(Protocol):
    """What is open as receipts take it down (``applied.World``)."""

    left: dict[int, int]
    items: dict[int, Row]

    def document(self, row: Row, name: str) -> int: ...

    def effective(self, row: Row, key: int) -> pd.Timestamp: ...


def settle_rests(
    rests: Iterable[Rest], legs: Legs, world: Known, first: Row, reasons: Sequence[Reason]
) -> dict[tuple[int, str], dict[str, object]]:
    """By document and kind of a leg, what its evidence says of the rest; what is charged off joins ``legs``.

    ``first``: the receipt's first row. Each document of ``rests`` is paid in cash of its own currency, but
    not whole. A residual item needs a reason in force on the day on which the payment takes effect; of a
    partial payment the reason is what the person wrote, and a code where it is one.
    """
    told: dict[tuple[int, str], dict[str, object]] = {}
    for rest in rests:
        document = world.document(rest.row, rest.document)
        left = _left_of(document, rest, legs, world)
        day = world.effective(first, document).date()
        known = reasons_on(reasons, day)
        reason = known.get(rest.code)
        if rest.word == "residual" and reason is None:
            raise FaultError(
                "decision-reason-unknown", rest.row, "decided_reason", codes=", ".join(known),
                day=day.isoformat(),
            )  # fmt: skip
        paying = next((document, kind) for kind in CASH_KINDS if (document, kind) in legs)
        if paying in told:
            raise FaultError("decision-contradictory", rest.row)
        told[paying] = {
            "rest": rest.word,
            "rest_amount": to_text(left, str(world.items[document]["currency"])),
        }
        if reason is None:
            continue
        told[paying] |= {"rest_code": reason.code}
        if rest.word == "partial":
            continue
        told[paying] |= {"rest_effect": reason.effect}
        if reason.effect == "charge_off":
            _charge_off(document, left, reason, rest, legs)
            told[(document, reason.charged_to)] = {"code": reason.code}
        elif reason.days:
            told[paying] |= {"rest_days": reason.days}
    return told


def _left_of(document: int, rest: Rest, legs: Legs, world: Known) -> int:
    """What stays open of a debt that is paid in cash, and not whole."""
    kinds = {kind for one, kind in legs if one == document}
    item = world.items[document]
    if "exchange" in kinds or not kinds & set(CASH_KINDS) or int(str(item["open_amount"])) <= 0:
        raise FaultError("decision-rest-not-of-cash", rest.row, document=item["document_id"])
    left = world.left[document] - sum(amount for (one, _), (amount, _) in legs.items() if one == document)
    if left <= 0:
        raise FaultError(
            "decision-nothing-left", rest.row, "decided_amounts", document=item["document_id"],
        )  # fmt: skip
    return left


def _charge_off(document: int, left: int, reason: Reason, rest: Rest, legs: Legs) -> None:
    if (document, reason.charged_to) in legs:  # what was proposed has its own reason: one leg cannot say two
        raise FaultError("decision-contradictory", rest.row, "decided_reason")
    legs[(document, reason.charged_to)] = (left, "")
