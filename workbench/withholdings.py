"""Withholdings that explain a short pay: income tax, VAT and municipal tax, each or none, each rounded.

Of a document with a taxable base, each of the three may be withheld at a dated rate and rounded to the
peso, ten, hundred or thousand. All documents of one payment are withheld from by the same rates.
Source: DOMAIN, section 4.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from .money import LARGEST_AMOUNT, exponent, round_half_away
from .policy import WITHHELD_TAXES, WITHHOLDING_SCALE, WithheldTax, WithholdingRate, Withholdings


@dataclass(frozen=True)
class Deduction:
    """What of a document is settled by no cash: ``kind`` of ``tables.OTHER_KINDS``, minor units.

    Positive reduces the document by what was not received, negative takes a surplus. ``code``: the reason
    (RFTE, DPP, GBAN, …; words in matching.po); ``detail``: the concept and rate, as written.
    """

    position: int
    kind: str
    amount: int
    code: str
    detail: str = ""


#: Answers that are looked at: the second makes the first doubtful already.
MOST_SPLITS = 8
#: Behind a rate whose legal source nobody has found.
TO_REVIEW = "?"
_EPOCH = dt.date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Taxed:
    """A document as withholdings see it: base and IVA in minor units, its day (days since 1970)."""

    position: int
    base: int
    tax: int
    day: int


class Option(NamedTuple):
    """One tax at one concept and rounding: what it takes of each document; ``is_plain``: rounded finely.

    ``taken``: position, amount and rate of each document; most options are never looked at any further.
    """

    whole: int
    taken: tuple[tuple[int, int, WithholdingRate], ...]
    is_plain: bool

    @property
    def deductions(self) -> tuple[Deduction, ...]:
        return tuple(
            Deduction(position, "withholding", amount, rate.tax, _said(rate))
            for position, amount, rate in self.taken
        )


@dataclass(frozen=True)
class Split:
    """Withholdings that are exactly what is short."""

    deductions: tuple[Deduction, ...]
    is_plain: bool


@dataclass(frozen=True)
class Splits:
    """What explains a short pay, and among how many alternatives: finely rounded ones, and all others."""

    found: tuple[Split, ...] = ()
    plain: int = 0
    rounded: int = 0


class WithholdingSolver:
    """The alternatives of documents, made once each, and those that are exactly what is short."""

    def __init__(self, withholdings: Withholdings) -> None:
        self._known = withholdings
        self._concepts: dict[WithheldTax, list[str]] = {
            tax: sorted({rate.concept for rate in withholdings.rates if rate.tax == tax})
            for tax in WITHHELD_TAXES
        }
        unit = 10 ** exponent(withholdings.currency)
        #: Minor unit and peso are plain; ten, hundred and thousand pesos are roundings of their own.
        self.units = sorted({1, unit, 10 * unit, 100 * unit, 1000 * unit})
        self._plain = unit
        self._count = self._count_alternatives()
        self._options: dict[tuple[object, ...], dict[WithheldTax, list[Option]]] = {}
        #: By tax, concept and day: the rate, and the least base that it is withheld from.
        self._in_force: dict[tuple[WithheldTax, str, int], tuple[WithholdingRate | None, int]] = {}

    @property
    def currency(self) -> str:
        return self._known.currency

    @property
    def is_known(self) -> bool:
        return bool(self._known.rates)

    def rates_of(self, tax: WithheldTax) -> list[int]:
        """Every rate of a tax, of whatever day and concept, each once."""
        return sorted({rate.rate for rate in self._known.rates if rate.tax == tax})

    def count(self) -> tuple[int, int]:
        """Alternatives of one document at the most: finely rounded, and all."""
        return self._count

    def _count_alternatives(self) -> tuple[int, int]:
        plain, every = 1, 1
        for concepts in self._concepts.values():
            plain *= 1 + len(concepts)
            every *= 1 + len(concepts) * (len(self.units) - 1)
        return plain - 1, every - 1

    def solve(self, documents: Sequence[Taxed], customer: str, short: int, *, is_due: bool = True) -> Splits:
        """The splits of ``short`` (minor units, positive) over the documents, each set of rates once.

        ``is_due=False``: also what should not be withheld, below a minimum base or from a self-withholder.
        A document without a base is withheld nothing from.
        """
        if short <= 0 or not any(document.base for document in documents):
            return Splits()
        options = self._options_of(tuple(documents), customer, is_due)
        plain, every = 1, 1
        for each in options.values():
            plain *= 1 + sum(option.is_plain for option in each)
            every *= 1 + len(each)
        found: dict[tuple[str, ...], Split] = {}
        for split in self._splits(options, short):
            called = tuple(sorted({deduction.code + deduction.detail for deduction in split.deductions}))
            known = found.get(called)
            # The same rates rounded otherwise, to the same sum, are one answer: the finer says it better.
            if known is None or (split.is_plain and not known.is_plain):
                found[called] = split
            if len(found) >= MOST_SPLITS:
                break
        return Splits(tuple(found.values()), plain - 1, every - plain)

    def _splits(self, options: dict[WithheldTax, list[Option]], short: int) -> Iterator[Split]:
        nothing = Option(0, (), True)
        last: dict[int, list[Option]] = {}
        for option in [nothing, *options["RICA"]]:
            last.setdefault(option.whole, []).append(option)
        for one in [nothing, *options["RFTE"]]:
            for other in [nothing, *options["RIVA"]]:
                for third in last.get(short - one.whole - other.whole, ()):
                    yield Split(
                        one.deductions + other.deductions + third.deductions,
                        one.is_plain and other.is_plain and third.is_plain,
                    )

    def _options_of(
        self, documents: tuple[Taxed, ...], customer: str, is_due: bool
    ) -> dict[WithheldTax, list[Option]]:
        withheld = self._known.taxes_of.get(customer)
        key = (documents, withheld, is_due)
        if key not in self._options:
            self._options[key] = {
                tax: []
                if withheld is not None and tax not in withheld
                else self._of_tax(tax, documents, is_due)
                for tax in WITHHELD_TAXES
            }
        return self._options[key]

    def _of_tax(self, tax: WithheldTax, documents: tuple[Taxed, ...], is_due: bool) -> list[Option]:
        if is_due and tax == "RFTE" and self._known.is_self_withholder:
            return []
        options: dict[tuple[int, ...], Option] = {}
        for concept in self._concepts[tax]:
            rates = [(one, self._rate(tax, concept, one, is_due)) for one in documents]
            exact = [
                (one.position, (one.tax if tax == "RIVA" else one.base) * rate.rate, rate)
                for one, rate in rates
                if rate is not None
            ]
            for unit in self.units:
                parts = WITHHOLDING_SCALE * unit
                taken = [
                    (position, amount, rate)
                    for position, share, rate in exact
                    if (amount := round_half_away(share, parts) * unit)
                ]
                amounts = tuple(amount for _, amount, _ in taken)
                if taken and amounts not in options:
                    # The finest rounding comes first, and concepts of one rate take the same tax.
                    options[amounts] = Option(sum(amounts), tuple(taken), unit <= self._plain)
        return list(options.values())

    def _rate(self, tax: WithheldTax, concept: str, document: Taxed, is_due: bool) -> WithholdingRate | None:
        """The rate in force on the document's day, unless its base is below the minimum."""
        key = (tax, concept, document.day)
        if key not in self._in_force:
            rate = self._on(tax, concept, document.day + _EPOCH)
            self._in_force[key] = rate, self.minimum_base(rate.minimum_uvt, document.day) if rate else 0
        rate, minimum = self._in_force[key]
        return None if is_due and abs(document.base) < minimum else rate

    def _on(self, tax: WithheldTax, concept: str, ordinal: int) -> WithholdingRate | None:
        for rate in self._known.rates:
            if rate.tax != tax or rate.concept != concept or rate.valid_from.toordinal() > ordinal:
                continue
            if rate.valid_through is None or rate.valid_through.toordinal() >= ordinal:
                return rate
        return None

    def minimum_base(self, uvt: int, day: int) -> int:
        """So many UVT of the day's year in minor units, rounded as the law says (art. 868 ET).

        Where nobody has said the year's UVT, no base is large enough: nothing is assumed.
        """
        if not uvt:
            return 0
        worth = self._known.uvt.get(dt.date.fromordinal(day + _EPOCH).year)
        if worth is None:
            return LARGEST_AMOUNT
        pesos: int = 10 ** exponent(self._known.currency)
        unit = 1000 * pesos if uvt * worth > 10_000 * pesos else 100 * pesos
        return round_half_away(uvt * worth, unit) * unit


@lru_cache(maxsize=4096)
def _said(rate: WithholdingRate) -> str:
    """The rate as a person writes it: ``compras 2.5%``, ``bogota 9.66‰``; one to be reviewed with a ``?``."""
    parts = 100 if rate.tax == "RICA" else 1000
    sign = "‰" if rate.tax == "RICA" else "%"
    whole, rest = divmod(rate.rate, parts)
    decimals = str(rest).zfill(len(str(parts)) - 1).rstrip("0")
    doubt = TO_REVIEW if rate.needs_review else ""
    return f"{rate.concept} {whole}{'.' + decimals if decimals else ''}{sign}{doubt}"
