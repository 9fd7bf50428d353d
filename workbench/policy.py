"""The rules a company chooses, as types with defaults; ``sources`` reads ``parameters/policy.yaml``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from .errors import PolicyError

AgingBasis = Literal["due", "document", "reception"]
CreditsMode = Literal["own", "column", "net"]
WithheldTax = Literal["RFTE", "RIVA", "RICA"]
DiscountBase = Literal["total", "base"]
Bearer = Literal["OUR", "SHA", "BEN"]
DifferenceAction = Literal["suggest", "apply"]
ReasonEffect = Literal["charge_off", "open", "claim"]

BASES: tuple[AgingBasis, ...] = ("due", "document", "reception")
CREDITS_MODES: tuple[CreditsMode, ...] = ("own", "column", "net")
WITHHELD_TAXES: tuple[WithheldTax, ...] = ("RFTE", "RIVA", "RICA")
DISCOUNT_BASES: tuple[DiscountBase, ...] = ("total", "base")
BEARERS: tuple[Bearer, ...] = ("OUR", "SHA", "BEN")
DIFFERENCE_ACTIONS: tuple[DifferenceAction, ...] = ("suggest", "apply")
REASON_EFFECTS: tuple[ReasonEffect, ...] = ("charge_off", "open", "claim")
#: What a rest is charged off as: kinds of applications, each with an account in the layouts for the ERP. An
#: exchange is none of them: its legs come in pairs.
CHARGED_KINDS = ("withholding", "discount", "fee", "tolerance")


@dataclass(frozen=True)
class Buckets:
    """Ageing ranges by their last day: ``upper[0]`` is the last day not overdue, the last range is open.

    Default (DOMAIN, section 6): ≤ 0 not due, 1–30, 31–60, 61–90, 91–120, 121–180, 181–360, > 360.
    """

    upper: tuple[int, ...] = (0, 30, 60, 90, 120, 180, 360)

    def __post_init__(self) -> None:
        if not self.upper or self.upper[0] != 0 or list(self.upper) != sorted(set(self.upper)):
            raise PolicyError("buckets-wrong", upper=", ".join(map(str, self.upper)))

    @property
    def names(self) -> tuple[str, ...]:
        """Column names: ``not_due, d1_30, …, d361_plus``."""
        ranges = zip(self.upper, self.upper[1:], strict=False)
        return ("not_due", *(f"d{low + 1}_{high}" for low, high in ranges), f"d{self.upper[-1] + 1}_plus")


@dataclass(frozen=True)
class AgingPolicy:
    basis: AgingBasis = "due"
    credits: CreditsMode = "column"
    buckets: Buckets = field(default_factory=Buckets)


@dataclass(frozen=True)
class ProvisionException:
    """A customer whose items are provided at another rate, with who approved it and until when."""

    company_id: str
    customer_id: str
    rate_permille: int
    reason: str
    approved_by: str
    valid_through: dt.date


@dataclass(frozen=True)
class ProvisionPolicy:
    """Corporate policy: ``rate_permille`` of what is more than ``over_days`` overdue, less the exceptions."""

    over_days: int = 180
    rate_permille: int = 1000
    exceptions: tuple[ProvisionException, ...] = ()


#: Withholding rates are integers of so many parts: 2.5 % is 2,500, 9.66 per thousand is 966.
WITHHOLDING_SCALE = 100_000
#: How a customer of whom nothing is known pays, in thousandths by hypothesis (``matching.hypotheses``), and
#: how often its payment is no exact sum of documents: a stated prior.
USUAL_HABITS: Mapping[str, int] = {
    "single-amount": 500,
    "whole-account": 80,
    "past-due": 20,
    "one-group": 20,
    "window": 120,
    "window-held-back": 25,
    "few-documents": 80,
    "due-together": 80,
    "any-documents": 25,
    "not-exact": 100,
}


#: How often, in thousandths, a payment of known documents is short in a way that is exact: a stated prior.
USUAL_DIFFERENCES: Mapping[str, int] = {
    "withheld": 60,
    "withheld-rounded": 10,
    "discount-earned": 20,
    "tolerance": 10,
    "exchange": 20,
}


@dataclass(frozen=True)
class WithholdingRate:
    """One dated rate (``rate / WITHHOLDING_SCALE``): of the taxable base (``RFTE``, ``RICA``) or of the IVA
    (``RIVA``).

    Withheld from a base of ``minimum_uvt`` UVT on, as of the document's date; both days are inclusive.
    ``needs_review``: nobody has found its legal source for these days; whatever rests on it says so.
    """

    tax: WithheldTax
    concept: str
    rate: int
    minimum_uvt: int
    valid_from: dt.date
    valid_through: dt.date | None = None
    decree: str = ""
    needs_review: bool = False


@dataclass(frozen=True)
class Withholdings:
    """Withholdings at the source that customers may take (retenciones), with the UVT of each year.

    ``uvt``: minor units by year. ``is_self_withholder``: then nobody withholds income tax from us.
    ``taxes_of``: by customer id, the taxes it withholds, where that is known; others may withhold any.
    """

    rates: tuple[WithholdingRate, ...] = ()
    uvt: Mapping[int, int] = field(default_factory=dict)
    currency: str = "COP"
    is_self_withholder: bool = False
    taxes_of: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Tolerance:
    """A limit by currency (minor units) and in parts per million of what is paid; the lower of those stated.

    What is stated nowhere is 0: nothing is tolerated. The limit itself is inside.
    """

    amounts: Mapping[str, int] = field(default_factory=dict)
    per_million: int | None = None

    def limit(self, currency: str, whole: int) -> int:
        """The most that a payment of ``whole`` may differ, minor units."""
        stated = [self.amounts[currency]] if currency in self.amounts else []
        if self.per_million is not None:
            stated.append(abs(whole) * self.per_million // 1_000_000)
        return min(stated, default=0)


@dataclass(frozen=True)
class DiscountTerm:
    """A discount for early payment (pronto pago) of some payment terms: parts per million, within days.

    Days count from the document's date, the last one inside. ``of``: the document's total or its base.
    """

    terms: str
    per_million: int
    days: int
    of: DiscountBase = "total"
    valid_from: dt.date = dt.date.min
    valid_through: dt.date = dt.date.max


@dataclass(frozen=True)
class Reason:
    """Why a document is paid short (motivo), and what becomes of the rest as a residual item.

    ``charge_off``: settled at once as ``charged_to`` (``CHARGED_KINDS``); ``open``: stays owed; ``claim``:
    stays owed and is disputed. ``days``: the residual item falls due so many days after its posting. Both
    days of validity are inside.
    """

    code: str
    effect: ReasonEffect
    charged_to: str = ""
    days: int = 0
    valid_from: dt.date = dt.date.min
    valid_through: dt.date = dt.date.max


#: The starter set of DOMAIN, section 4, in its order; a company's own entries go before these.
USUAL_REASONS: tuple[Reason, ...] = (
    Reason("RFTE", "charge_off", "withholding"),
    Reason("RIVA", "charge_off", "withholding"),
    Reason("RICA", "charge_off", "withholding"),
    Reason("DPP", "charge_off", "discount"),
    Reason("DPN", "claim"),
    Reason("PREC", "claim"),
    Reason("CANT", "claim"),
    Reason("CALI", "claim"),
    Reason("FLET", "claim"),
    Reason("DUPL", "claim"),
    Reason("NCNA", "open"),
    Reason("NCNE", "open"),
    Reason("GBAN", "charge_off", "fee"),
    Reason("DIFC", "open"),
    Reason("REDO", "charge_off", "tolerance"),
    Reason("ANTI", "open"),
    Reason("ERRP", "open"),
    Reason("NOID", "open"),
)
REASON_CODES: tuple[str, ...] = tuple(reason.code for reason in USUAL_REASONS)


def reasons_on(reasons: Iterable[Reason], day: dt.date) -> dict[str, Reason]:
    """By code, the reason in force on a day: the first one stated."""
    known: dict[str, Reason] = {}
    for reason in reasons:
        if reason.valid_from <= day <= reason.valid_through:
            known.setdefault(reason.code, reason)
    return known


@dataclass(frozen=True)
class DifferencePolicy:
    """What may be done by itself where documents are known and the money is not exactly theirs.

    Nothing is assumed by default. ``tolerance`` is the user's, ``tolerances`` customers' own: the stricter
    holds; ``tolerance_caps``: the most they may take of a customer in a month, minor units by currency.
    ``wire_charges``: the most a wire may cost, by currency; where they are ours to bear not (``bearer``
    ``OUR``: the payer bears all) a short wire is a claim. ``partial`` and ``surplus``: suggested, or applied.
    Documents of another currency than the receipt are settled at the rate that the bank states;
    ``exchange_band``, in parts per million of the official rate of the day: so far from it a rate may be that
    no bank states, where the documents are named; absent: never. Farther from it than ``exchange_shown`` any
    rate is odd: what the bank states is shown to a person, what it does not state is not even proposed.
    ``reasons``: what a person may say of a rest, the first entry in force on the day holds.
    """

    tolerance: Tolerance = field(default_factory=Tolerance)
    tolerances: Mapping[str, Tolerance] = field(default_factory=dict)
    tolerance_caps: Mapping[str, int] = field(default_factory=dict)
    discounts: tuple[DiscountTerm, ...] = ()
    has_unearned_discount: bool = False
    wire_charges: Mapping[str, int] = field(default_factory=dict)
    bearer: Bearer = "SHA"
    partial: DifferenceAction = "suggest"
    surplus: DifferenceAction = "suggest"
    exchange_band: int | None = None
    exchange_shown: int = 50_000
    reasons: tuple[Reason, ...] = USUAL_REASONS


#: Other things that customers are known for, in thousandths where nothing is known: the day of the week on
#: which they pay, crossing their credit notes in a payment, and sending round sums instead of exact ones.
USUAL_MANNERS: Mapping[str, int] = {
    "pays-mondays": 200,
    "pays-tuesdays": 200,
    "pays-wednesdays": 200,
    "pays-thursdays": 200,
    "pays-fridays": 200,
    "pays-saturdays": 0,
    "pays-sundays": 0,
    "nets-notes": 500,
    "pays-round-sums": 50,
}


@dataclass(frozen=True)
class HabitOverride:
    """A person's word on a customer's habit, in thousandths: who said it, when, and why."""

    company_id: str
    customer_id: str
    habit: str  # of USUAL_HABITS or USUAL_MANNERS
    permille: int
    who: str
    on: dt.date
    why: str


@dataclass(frozen=True)
class LearningPolicy:
    """What is learned from people's decisions and from history, and how much of it is believed.

    A rule without proof applies from ``decisions`` decisions on, ``permille`` of which agreed. A rule with
    proof promises ``permille`` from the first day; it is demoted where so many of what it applied were undone
    that a rule which keeps its promise would see it in fewer than ``surprise_permille`` of a thousand cases.
    Both look at the last ``months``; what was applied and stands after ``stands_days`` counts as right. A
    customer of ``decisions`` own ones is judged by them, others by all. ``prior_payments``: the stated prior
    of a habit weighs as much as so many payments of the customer. ``overrides``: habits as people set them.
    """

    decisions: int = 30
    permille: int = 999
    surprise_permille: int = 10
    months: int = 12
    stands_days: int = 30
    prior_payments: int = 20
    overrides: tuple[HabitOverride, ...] = ()


@dataclass(frozen=True)
class MatchingPolicy:
    """What may be applied by itself.

    ``wrong_per_million``: of the receipts applied in a run, so many may be wrong by the sum of their chances;
    no single one above ``most_chance_permille``. ``habits``: how customers pay (``USUAL_HABITS``), where the
    company knows better than the stated prior, and ``exact_differences`` how often they are short in a way
    that is exact (``USUAL_DIFFERENCES``). ``differences``: what may be short or over; ``withholdings``:
    the rates in force, which speak only of documents that state their taxable base.
    """

    advice_window_days: int = 3  # working days between a remittance advice and its receipt
    has_whole_account: bool = True
    wrong_per_million: int = 1000
    most_chance_permille: int = 35
    habits: Mapping[str, int] = field(default_factory=lambda: dict(USUAL_HABITS))
    #: By currency, in minor units: what a decision may apply without a second person; absent: any amount.
    approval: Mapping[str, int] = field(default_factory=dict)
    approval_days: int = 7  # how long a decision waits for the second person
    #: Customers ("*": all) whose payments, where nothing else speaks, are proposed to their oldest debts.
    oldest_first: frozenset[str] = frozenset()
    exact_differences: Mapping[str, int] = field(default_factory=lambda: dict(USUAL_DIFFERENCES))
    differences: DifferencePolicy = field(default_factory=DifferencePolicy)
    withholdings: Withholdings = field(default_factory=Withholdings)
    learning: LearningPolicy = field(default_factory=LearningPolicy)


@dataclass(frozen=True)
class CreditNotePolicy:
    """What may set a credit note off by itself beside what documents and customers name.

    ``same_amount`` applies where the chance of an accident is at most ``wrong_per_million``. The oldest debt
    is never more than a suggestion. Credits older than ``old_days`` are listed.
    """

    same_order: DifferenceAction = "apply"
    same_centre: DifferenceAction = "suggest"
    same_amount: DifferenceAction = "apply"
    wrong_per_million: int = 1000
    suggests_oldest: bool = True
    old_days: int = 180


@dataclass(frozen=True)
class ReconciliationPolicy:
    """A bank line meets a book line dated from ``days_before`` before to ``days_after`` after it."""

    days_before: int = 1
    days_after: int = 3


@dataclass(frozen=True)
class Policy:
    version: str = "default"
    base_currency: str = "COP"
    aging: AgingPolicy = field(default_factory=AgingPolicy)
    provision: ProvisionPolicy = field(default_factory=ProvisionPolicy)
    matching: MatchingPolicy = field(default_factory=MatchingPolicy)
    credit_notes: CreditNotePolicy = field(default_factory=CreditNotePolicy)
    reconciliation: ReconciliationPolicy = field(default_factory=ReconciliationPolicy)
