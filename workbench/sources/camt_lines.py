"""An entry of a statement as bank lines: one, or one a payer where its details prove that they are it."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import FileRefusedError
from ..money import to_text
from .camt_entries import Detail, Entry, Payer, read_amount
from .mappings import Mapping
from .parsed import Findings

#: Words of many payments in one line stop here; the bank's file keeps them all.
_MOST_WORDS = 1000


def entry_lines(
    entry: Entry, account: str, mapping: Mapping, findings: Findings
) -> Iterator[dict[str, object]]:
    """The lines of a booked entry; their amounts add up to the entry's, always.

    Several details are lines of their own (``reference/1`` …) where each states an amount in the entry's
    currency and they add up to it exactly; else the entry stays one line, with a finding.
    """
    amounts = _split(entry, mapping)
    if amounts:
        pairs = zip(amounts, entry.details, strict=True)
        for number, (amount, detail) in enumerate(pairs, start=1):
            line_id = f"{entry.line_id}/{number}" if entry.line_id else ""
            yield _line(entry, account, line_id, amount, [detail])
        return
    if max(len(entry.details), entry.transactions) > 1:
        findings.add(
            "batch-not-split",
            level="warning" if entry.amount > 0 else "note",
            row=entry.row,
            key=entry.line_id,
            amount=entry.amount,
            currency=entry.currency,
            values={
                "key": entry.line_id,
                "count": max(len(entry.details), entry.transactions),
                "shown_money": f"{to_text(entry.amount, entry.currency)} {entry.currency}",
            },
        )
    yield _line(entry, account, entry.line_id, entry.amount, entry.details)


def _split(entry: Entry, mapping: Mapping) -> list[int]:
    """Each detail's signed amount, if they are the entry beyond doubt; else nothing."""
    if len(entry.details) < 2 or entry.transactions != len(entry.details):
        return []
    own_side = 1 if entry.amount > 0 else -1
    amounts = []
    for detail in entry.details:
        if detail.currency != entry.currency:
            return []
        try:
            amount = read_amount(detail.amount, detail.currency, mapping, entry.row, "")
        except FileRefusedError:
            return []
        amounts.append({"CRDT": 1, "DBIT": -1}.get(detail.sign, own_side) * amount)
    return amounts if all(amounts) and sum(amounts) == entry.amount else []


def _line(entry: Entry, account: str, line_id: str, amount: int, details: list[Detail]) -> dict[str, object]:
    """One line. The payer is the debtor of money that came in, or that is taken back after it had."""
    is_theirs = (entry.amount > 0) != entry.is_reversal
    payers = {detail.debtor if is_theirs else detail.creditor for detail in details}
    payer = payers.pop() if len(payers) == 1 else Payer()
    references = {detail.references[0] for detail in details if detail.references}
    words = [word for detail in details for word in detail.words]
    words += [word for word in entry.words if len(details) < 2 or word not in words]
    text = " ".join(" ".join(dict.fromkeys(words)).split())
    return {
        "row": entry.row,
        "account_id": account,
        "line_id": line_id,
        "booking_date": entry.booking_date,
        "value_date": entry.value_date,
        "currency": entry.currency,
        "bank_amount": amount,
        "reference": references.pop() if len(references) == 1 else "",
        "text": text if len(text) <= _MOST_WORDS else text[:_MOST_WORDS] + " …",
        "payer_name": payer.name,
        "payer_tax_id": payer.tax_id,
        "payer_account": payer.account,
    }
