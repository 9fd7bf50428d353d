"""What the rows of one receipt say together, before any money is looked at: one wish, or a fault."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from ..money import exponent, to_minor
from .offered import cell_name

#: What may be decided of a receipt. The words a person picks from are those of ``matching.decision_…``.
DECISIONS = ("accept", "change", "split", "partial", "residual", "on_account", "reject")
#: The document is paid short, and what becomes of its rest.
SHORT = ("partial", "residual")
#: What may be decided of a credit note: give it back, or move it out of the customer's ordinary account.
SETTLED_ELSEWHERE = ("refund", "transfer")
NOTE_DECISIONS = ("accept", "change", "split", *SETTLED_ELSEWHERE, "reject")
_AMOUNT = re.compile(r"-?[0-9]{1,18}(?:[.,][0-9]{1,4})?")

Row = dict[str, object]


class FaultError(Exception):
    """A row that cannot be taken: its rule and the values of its sentence."""

    def __init__(self, rule: str, row: Row, column: str = "decision", **values: object) -> None:
        self.rule, self.row = rule, int(str(row["row"]))
        shown = str(row.get(column, ""))[:200]
        self.values = {
            "cell": cell_name(column, self.row),
            "value": shown,
            "key": row["receipt_id"],
            **values,
        }
        super().__init__(rule)


@dataclass(frozen=True)
class Line:
    """One document and the amount written for it; the amount is minor units with the document's sign."""

    row: Row
    document: str  # as written; "" for the row's own
    amount: int


@dataclass(frozen=True)
class Rest:
    """What of a document is not paid: left open in it (``partial``), or made an item of its own
    (``residual``); and the reason as written, of which the first word is its code."""

    row: Row
    document: str  # as written; "" for the row's own
    word: str
    reason: str

    @property
    def code(self) -> str:
        """``PREC`` of ``prec · Precio``; '' where nothing is written."""
        found = re.match(r"[A-Za-z]{3,4}(?![A-Za-z])", self.reason)
        return found[0].upper() if found else ""


@dataclass
class Wish:
    """A receipt's or a note's decision: legs of ``accepted`` rows, ``lines`` written, what goes on account.

    ``account_customer``: whose it is, as written.
    ``on_account``: minor units; ``None`` none, and ``rest_on_account`` all that is left. ``rests``: what
    becomes of what is not paid of a document.
    """

    words: tuple[str, ...]
    accepted: list[Row] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    on_account: int | None = None
    account_customer: str = ""
    rest_on_account: Row | None = None
    reasons: list[str] = field(default_factory=list)
    rests: list[Rest] = field(default_factory=list)

    def says(self) -> list[object]:
        """What is decided, the same however the rows lie and whatever was written as its reason."""
        said: list[object] = [
            list(self.words),
            sorted({int(str(row["proposal"])) for row in self.accepted}),
            sorted([line.document or str(line.row["document_id"]), line.amount] for line in self.lines),
            self.on_account,
            self.rest_on_account is not None,
        ]
        if self.account_customer:
            said.append({"customer": self.account_customer})
        rests = sorted(
            [one.document or str(one.row["document_id"]), one.word, one.code] for one in self.rests
        )
        return [*said, rests] if rests else said


def is_marked(row: Row) -> bool:
    """Whether the person wrote anything into the row."""
    return any(row[name] for name in ("decision", "decided_documents", "decided_amounts", "decided_reason"))


def read_wish(rows: list[Row], allowed: tuple[str, ...] = DECISIONS, *, withdraws: bool = False) -> Wish:
    """What a receipt's rows come to; a :class:`FaultError` names the row and cell that cannot be taken.

    ``withdraws``: there is a decision to take back, so that rejecting needs no proposal.
    """
    marked = [row for row in rows if is_marked(row)]
    for row in marked:
        if not row["decision"]:
            raise FaultError("decision-missing", row)
        if row["decision"] not in allowed:
            raise FaultError("decision-unknown", row)
    wish = Wish(tuple(sorted({str(row["decision"]) for row in marked})))
    wish.reasons = sorted({str(row["decided_reason"]) for row in marked} - {""})
    for row in marked:
        _add(wish, row, rows, withdraws)
    _check_together(wish, marked)
    return wish


def _add(wish: Wish, row: Row, rows: list[Row], withdraws: bool) -> None:
    decision = row["decision"]
    if decision in ("accept", "reject", *SETTLED_ELSEWHERE):
        for column in ("decided_documents", "decided_amounts"):
            if row[column]:
                raise FaultError("decision-contradictory", row, column)
        needs_proposal = decision == "accept" or (decision == "reject" and not withdraws)
        if not row["proposal"] and needs_proposal:
            raise FaultError("decision-nothing-proposed", row)
        if decision == "accept":
            _accept(wish, row, rows)
    elif decision in SHORT:
        _add_short(wish, row, rows)
    elif decision == "on_account":
        _add_on_account(wish, row)
    else:
        wish.lines += _lines(row, is_split=decision == "split")


def _accept(wish: Wish, row: Row, rows: list[Row]) -> None:
    taken = {id(one) for one in wish.accepted}
    wish.accepted += [one for one in rows if one["proposal"] == row["proposal"] and id(one) not in taken]


def _add_short(wish: Wish, row: Row, rows: list[Row]) -> None:
    """Nothing written: the row's whole proposal, its own document short of the rest; else what is written."""
    word, reason = str(row["decision"]), str(row["decided_reason"]).strip()
    if row["decided_documents"] or row["decided_amounts"]:
        lines = _lines(row, is_split=False)
        wish.lines += lines
        wish.rests += [Rest(row, line.document, word, reason) for line in lines]
        return
    if not row["proposal"] or int(str(row["document_key"])) < 0:
        raise FaultError("decision-incomplete", row, "decided_documents")
    _accept(wish, row, rows)
    wish.rests.append(Rest(row, "", word, reason))


def _add_on_account(wish: Wish, row: Row) -> None:
    """Money without a document is a customer's: where documents are written stands whose it is."""
    customer = str(row["decided_documents"]).strip()
    if customer and wish.account_customer not in ("", customer):
        raise FaultError("decision-contradictory", row, "decided_documents")
    wish.account_customer = customer or wish.account_customer
    if not row["decided_amounts"]:
        if wish.rest_on_account is not None:
            raise FaultError("decision-contradictory", row)
        wish.rest_on_account = row
        return
    amount = _amount(str(row["decided_amounts"]), row)
    if amount <= 0:
        raise FaultError("decision-amount-unclear", row, "decided_amounts")
    wish.on_account = (wish.on_account or 0) + amount


def _lines(row: Row, *, is_split: bool) -> list[Line]:
    documents, amounts = _parts(row["decided_documents"]), _parts(row["decided_amounts"])
    if is_split and not (documents and amounts):
        raise FaultError("decision-incomplete", row, "decided_amounts" if documents else "decided_documents")
    if not documents and not amounts:
        raise FaultError("decision-incomplete", row, "decided_documents")
    if not documents and not row["document_id"]:
        raise FaultError("decision-incomplete", row, "decided_documents")
    if not amounts:
        if len(documents) > 1 or not row["applied_amount"]:
            raise FaultError("decision-incomplete", row, "decided_amounts")
        return [Line(row, documents[0], int(str(row["applied_amount"])))]
    if len(amounts) != max(len(documents), 1):
        raise FaultError("decision-incomplete", row, "decided_amounts")
    minor = [_amount(text, row) for text in amounts]
    if 0 in minor:
        raise FaultError("decision-amount-unclear", row, "decided_amounts")
    return [Line(row, name, amount) for name, amount in zip(documents or [""], minor, strict=True)]


def _parts(text: object) -> list[str]:
    return [part for part in (piece.strip() for piece in re.split(r"[;\n]", str(text))) if part]


def _amount(text: str, row: Row) -> int:
    """Digits with at most the currency's decimals; ``1.500`` of pesos could be either, and is refused."""
    currency = str(row["currency"])
    whole, _, decimals = text.replace(",", ".").partition(".")
    if not _AMOUNT.fullmatch(text) or not text.isascii() or len(decimals) > exponent(currency):
        raise FaultError("decision-amount-unclear", row, "decided_amounts")
    return to_minor(Decimal(f"{whole}.{decimals or 0}"), currency)


def _check_together(wish: Wish, marked: list[Row]) -> None:
    """What excludes each other: two proposals, one taken and written over, one taken and rejected."""
    accepted = {row["proposal"] for row in wish.accepted}
    rejected = {row["proposal"] for row in marked if row["decision"] == "reject"}
    last = marked[-1]
    if len(accepted) > 1 or accepted & rejected or (accepted and wish.lines):
        raise FaultError("decision-contradictory", last)
