"""Which bank line may meet which book line, what a bank's note is called, and who clears what stays."""

from __future__ import annotations

from dataclasses import dataclass

#: What a bank charges or pays by itself, each named apart; ``other_note`` is a note with none of the words.
NOTE_KINDS = ("gmf", "vat", "withholding", "interest", "commission", "other_note")
#: Who a reconciling item is given to where nobody said otherwise.
OWNERS = ("treasury", "accounting", "receivables")


@dataclass(frozen=True)
class NoteWords:
    """Words (no accents, any case, whole words) by which a bank's text says what its note is."""

    kind: str  # of NOTE_KINDS
    patterns: tuple[str, ...]


#: The first that is found counts: a tax on a commission is a tax, a withholding on interest a withholding.
USUAL_NOTES: tuple[NoteWords, ...] = (
    NoteWords("gmf", ("gmf", "4x1000", "4 x 1000", "4xmil", "4x mil", "gravamen mov", "gravamen movimiento")),
    NoteWords("vat", ("iva", "vat", "impuesto valor agregado")),
    NoteWords("withholding", ("retencion", "retefuente", "rete fte", "reteiva", "reteica", "withholding")),
    NoteWords("interest", ("interes", "intereses", "rendimiento", "rendimientos", "interest")),
    NoteWords(
        "commission",
        ("comision", "comisiones", "cuota de manejo", "cobro servicio", "fee", "fees", "charge", "charges",
         "commission", "porte", "chequera"),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class PlanRule:
    """Who clears an item of a category and within how many working days of the cut-off."""

    category: str
    owner: str  # of OWNERS
    days: int


#: By category, in the order of the statement (DOMAIN 9; the words of each action are in ``words``).
USUAL_PLAN: tuple[PlanRule, ...] = (
    PlanRule("deposit_in_transit", "treasury", 3),
    PlanRule("payment_not_cashed", "treasury", 10),
    PlanRule("unbooked_bank_note", "accounting", 2),
    PlanRule("returned_cheque", "receivables", 2),
    PlanRule("unidentified", "receivables", 3),
    PlanRule("error", "accounting", 2),
)


@dataclass(frozen=True)
class ReconciliationPolicy:
    """A bank line meets a book line dated from ``days_before`` before to ``days_after`` after it.

    Groups (one line that is several of the other side): dates within ``group_days_before`` and
    ``group_days_after``; at most ``group_lines`` lines, searched among at most ``group_candidates``, and only
    where so many accidents are expected per million searches (``group_wrong_per_million``) or fewer;
    ``group_searches``: the most searches of a month and side. ``cheque_days``: how long a cheque may take to
    be cashed; ``carried_days``: how long after the other side a carried item may be booked with the same
    reference. ``buckets``: last day of each range of the ageing. ``rivals``: the most shown of one line.
    ``reports_from``: the first month (YYYY-MM) of which an approved report is asked; '': the account's first.
    ``ledger_accounts``: (bank account, its account in the ledger), as ``organisation.yaml`` has them.
    """

    days_before: int = 1
    days_after: int = 3
    group_days_before: int = 3
    group_days_after: int = 3
    group_lines: int = 8
    group_candidates: int = 24
    group_wrong_per_million: int = 1000
    group_searches: int = 1000
    cheque_days: int = 180
    carried_days: int = 92
    rivals: int = 5
    reports_from: str = ""
    buckets: tuple[int, ...] = (7, 30, 60, 90, 180)
    notes: tuple[NoteWords, ...] = USUAL_NOTES
    plan: tuple[PlanRule, ...] = USUAL_PLAN
    ledger_accounts: tuple[tuple[str, str], ...] = ()

    @property
    def bucket_names(self) -> tuple[str, ...]:
        """Column names of the ageing: ``d0_7, d8_30, …, d181_plus``."""
        starts = (0, *(last + 1 for last in self.buckets))
        ends = (*map(str, self.buckets), "plus")
        return tuple(f"d{start}_{end}" for start, end in zip(starts, ends, strict=True))
