"""What a document says, as plain data: the statement of an account, and the act (acta de conciliación).

Amounts are ``Decimal`` in major units of the document's one currency, with no more decimals than it has;
positive is what the customer owes us, credits and receipts are negative, as inside the house. Closed lists
(kinds, ranges, classes) are codes whose words stand in the catalogue ``documents`` in both languages; free
text is a ``str`` shown as it is, or ``Said`` where there is one text a language. Nothing here is markup:
``#``, ``*`` or a backslash in a name prints as itself.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ...statements import KINDS as MOVEMENT_KINDS
from ...words import Language

#: ``both``: the customer's language first, the other one below it in secondary colour.
Languages = Literal["es", "en", "both"]
Paper = Literal["a4", "letter"]

#: Kinds of a movement or an open document, and the lines of the roll-forward, in the order they are shown.
#: Opening + Σ of the kinds = closing. ``documents.kind-<code>`` are the words. ``late`` is a total only: what
#: became known of earlier days, lines that are marked ``is_late``.
KINDS = (*MOVEMENT_KINDS, "late")


@dataclass(frozen=True)
class Said:
    """One text in both languages; an empty one is taken from the other."""

    es: str = ""
    en: str = ""


Text = str | Said


@dataclass(frozen=True)
class Party:
    """A company head or a customer. ``tax_id`` as it prints, a NIT with its check digit: ``900123456-8``.

    ``tax_id_kind``: ``nit`` or ``foreign`` (a tax id of another country: its label differs).
    """

    name: str
    tax_id: str = ""
    tax_id_kind: Literal["nit", "foreign"] = "nit"
    address: str = ""
    city: str = ""
    country: str = ""
    contact: str = ""  # telephone, mail: one line


@dataclass(frozen=True)
class Amount:
    """A code of a closed list and its amount: a kind of movement (``KINDS``) or an age range.

    Age ranges are the names of ``policy`` (``not_due``, ``d1_30`` … ``d361_plus``) and ``unapplied``.
    """

    code: str
    amount: Decimal


@dataclass(frozen=True)
class Movement:
    """A line of the statement; ``balance`` is what is owed after it."""

    date: dt.date
    kind: str  # one of KINDS
    document: str  # number as the customer knows it
    reference: Text  # what it concerns: the paid invoice, the order; may be empty
    amount: Decimal  # signed: positive adds to what is owed
    balance: Decimal
    is_late: bool = False  # of earlier days, and known only since the statement before


@dataclass(frozen=True)
class OpenItem:
    """A document (or unapplied credit) open at the cut-off; Σ ``open`` of all = the closing balance."""

    document: str
    kind: str  # one of KINDS
    issue_date: dt.date | None
    due_date: dt.date | None
    days_overdue: int | None  # negative or zero: not due; None where it has no age
    original: Decimal | None
    open: Decimal


@dataclass(frozen=True)
class Proof:
    """How the document can be made again: what was asked of the book, and the head of its audit chain.

    ``known_at``: the instant up to which the book's records counted, in UTC; None: all there were.
    """

    as_of: dt.date
    known_at: dt.datetime | None
    anchor: str  # SHA-256 at the head of the audit chain, hexadecimal
    anchor_rows: int = 0  # how many entries the chain had


@dataclass(frozen=True)
class StatementPage:
    """A statement of account (estado de cuenta) of one customer in one currency.

    Opening + Σ ``movements`` = opening + Σ ``totals`` = ``closing`` = Σ ``open_items`` = Σ ``ageing``; what
    does not hold is refused when the page is made (``pages.make_pdf``).
    """

    statement_id: str
    company: Party
    customer: Party
    customer_id: str
    currency: str
    period_start: dt.date
    period_end: dt.date
    opening: Decimal
    movements: tuple[Movement, ...]
    totals: tuple[Amount, ...]  # by kind, in the order of KINDS; zero ones may be left out
    closing: Decimal
    open_items: tuple[OpenItem, ...]
    ageing: tuple[Amount, ...]  # every range, ``unapplied`` last where there is any
    proof: Proof
    notes: tuple[Text, ...] = ()
    language: Languages = "es"
    first_language: Language = "es"  # the customer's; counts only for ``both``
    paper: Paper = "letter"


@dataclass(frozen=True)
class Difference:
    """One difference between both ledgers: ``amount`` = ours − theirs, signed."""

    cause: str  # one of ``policy.customer_reconciliation.CAUSES``, ``documents.difference-<code>`` its words
    document: str
    ours: Decimal | None  # None: not in our ledger
    theirs: Decimal | None  # None: not in theirs
    amount: Decimal
    owner: str  # a name, or a code of ``policy.customer_reconciliation.OWNERS``
    due_date: dt.date | None
    note: Text = ""


@dataclass(frozen=True)
class AgreedAction:
    """What was agreed, who does it and until when."""

    action: Text
    owner: str
    due_date: dt.date | None


@dataclass(frozen=True)
class Signatory:
    """A signature block: who signs for which side. Empty fields print as a line to fill in by hand."""

    side: Literal["us", "them"]
    name: str = ""
    role: str = ""
    person_id: str = ""  # CC, CE or passport as it prints
    place: str = ""
    date: dt.date | None = None


@dataclass(frozen=True)
class ActPage:
    """The act of balance reconciliation of one customer in one currency, which both sides sign.

    ``our_balance`` = Σ ``summary`` (its first row is ``opening``) = Σ ``open_items`` = Σ ``ageing``; ours −
    theirs = Σ ``differences`` where theirs is known. ``their_balance`` None: they did not answer; the act
    says so.
    """

    act_id: str
    company: Party
    customer: Party
    customer_id: str
    currency: str
    cut_off: dt.date
    period_start: dt.date | None
    our_balance: Decimal
    their_balance: Decimal | None
    summary: tuple[Amount, ...]  # ``opening``, then KINDS; the closing is ``our_balance``
    open_items: tuple[OpenItem, ...]
    ageing: tuple[Amount, ...]
    differences: tuple[Difference, ...]
    actions: tuple[AgreedAction, ...]
    signatories: tuple[Signatory, ...]
    proof: Proof
    notes: tuple[Text, ...] = ()
    language: Languages = "es"
    first_language: Language = "es"
    paper: Paper = "letter"


Page = StatementPage | ActPage
