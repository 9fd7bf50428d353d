"""What a mapping is made of: how money and days are written, what a totals line or a bank's line is."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from ..calendar import BOGOTA

#: Style → decimal mark, thousands mark.
STYLES = {"plain": (".", ""), "english": (".", ","), "spanish": (",", ".")}


@dataclass(frozen=True)
class AmountRule:
    """How money is written: styles to choose from once a column, where a minus or plus may stand.

    ``blank_before_minus``: ``100 -`` is as good as ``100-``.
    """

    styles: tuple[str, ...] = ("plain",)
    negative: tuple[str, ...] = ("leading",)
    currency_sign: str = ""
    blank_before_minus: bool = True
    largest: Decimal = Decimal(10**15)  # major units, itself allowed


@dataclass(frozen=True)
class DateRule:
    """Formats such as ``dd.mm.yyyy``; ``has_serials``: a bare number is a workbook's day number.

    ``time_zone``: whose day an instant in UTC becomes (statements in XML). ``blank``: texts that are no day
    (``00.00.0000``).
    """

    formats: tuple[str, ...] = ("yyyy-mm-dd",)
    has_serials: bool = False
    time_zone: str = BOGOTA
    blank: tuple[str, ...] = ()


@dataclass(frozen=True)
class IdRule:
    """``pad``: width that lost leading zeros are restored to, where that customer is known."""

    drop_decimal_zero: tuple[str, ...] = ()
    pad: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class TotalsRule:
    """A totals line: ``blank`` fields hold at most a word of ``words``, which is first; or money is alone."""

    words: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExtractDateRule:
    """``given`` by who imports; ``latest-date`` in ``columns``; ``file-name`` by ``pattern`` (YYYYMMDD)."""

    rule: str = "given"
    columns: tuple[str, ...] = ()
    pattern: str = ""


@dataclass(frozen=True)
class LineKind:
    """``side``: only lines that took money (``debit``) or brought it (``credit``) are of this kind."""

    kind: str
    patterns: tuple[str, ...]
    side: str = "any"


@dataclass(frozen=True)
class BankRule:
    """``proof``: ``required``, ``when-stated``, or ``controls`` where the reader itself proves the file.

    ``labels``: lines about the statement round its table.

    ``extract``: field → pattern with one group, found in a line's text where the format has no such field.
    ``interim``: what becomes of lines that are not final (MT942): kept aside, or taken by their reference.
    """

    proof: str = "required"
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    line_kinds: tuple[LineKind, ...] = ()
    positive_kind: str = "deposit"
    negative_kind: str = "other"
    unknown_account: str = "accept"
    extract: dict[str, str] = field(default_factory=dict)
    interim: str = "reject"
