"""What a column is called, what it holds, and how one of its cells reads."""

from __future__ import annotations

import datetime as dt
import json
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

import pandas as pd

from .. import tables, words
from ..calendar import BOGOTA
from ..money import RATE_SCALE, exponent, to_major
from ..tables import ColumnType, Table
from ..tables.shapes import DECLARED
from ..words import Language, formats

BUCKET = re.compile(r"d([0-9]+)_([0-9]+|plus)")
_TABLES = tuple(table for table in vars(tables).values() if isinstance(table, Table))
#: Money of the result frames that no table of ``tables`` declares; and what ends so is money too.
_MONEY = frozenset(
    "not_due overdue unapplied total pending_applications opening invoiced credited cleared applied closing"
    " change debits credits difference balance debits_not_cleared"
    " credits_not_cleared bank_not_in_books".split()
)
_MONEY_ENDS = ("_amount", "_base", "_difference")
#: Counts of the result frames that no table declares, or that are texts in another table.
_COUNTS = frozenset("lines receipts count rows items proposals documents tie_outs".split())
_KINDS: dict[str, ColumnType] = {
    **{name: kind for table in reversed(_TABLES) for name, kind in table.columns.items()},
    **dict.fromkeys(_COUNTS, "integer"),
    **dict.fromkeys(_MONEY, "money"),
}
#: Texts that are decimal numbers of no one currency, with the decimals that a page shows.
DECIMALS = {
    "applied_in_currency": 2,
    "document_rate": 2,
    "payment_rate": 2,
    "bank_rate": 6,
    "closing_rate": 2,
}
#: Whole numbers that are shares of so many parts; a negative one is not known.
SHARES = {
    **dict.fromkeys(("rate_permille", "tax_permille"), 1000),
    **dict.fromkeys(("signed_permille", "customers_permille", "gross_permille"), 1000),
    **dict.fromkeys(("roll_ppm", "loss_ppm", "predicted_ppm", "realised_ppm"), 1_000_000),
}
#: What a whole number of money is the minor units of, where no column ``currency`` says it.
_CURRENCIES = ("base_currency", "to_currency", "document_currency", "receipt_currency")


class UnknownUnitWarning(UserWarning):
    """A whole number beside a currency that nobody declared money or a count; an error in tests."""


@dataclass(frozen=True)
class Column:
    """``currency`` says where a money column's currency is read: a column's name, or a fixed code."""

    name: str
    kind: ColumnType
    heading: str
    currency: str = ""

    @property
    def is_right_aligned(self) -> bool:
        return self.kind in ("money", "integer") or self.name in DECIMALS


def kind_of(name: str, frame: pd.DataFrame, table: Table | None = None) -> ColumnType:
    """From the table, else from the name, else from the frame's own type (never money by type)."""
    if table is not None and name in table.columns:
        return table.columns[name]
    dtype = frame[name].dtype
    if pd.api.types.is_bool_dtype(dtype):
        return "flag"
    is_integer = pd.api.types.is_integer_dtype(dtype)
    if is_integer and (BUCKET.fullmatch(name) or name.endswith(_MONEY_ENDS)):
        return "money"
    if isinstance(dtype, pd.DatetimeTZDtype):
        return "instant"
    if pd.api.types.is_datetime64_dtype(dtype):
        return "date"
    known = _KINDS.get(name, DECLARED.get(name))
    if (
        is_integer and known == "text" and name not in _KINDS
    ):  # one name, a word in one room and a number in another
        known = "integer"
    if known is not None and (is_integer or (name in _KINDS and known in ("text", "date"))):
        return known
    if is_integer and any(str(other).endswith("currency") for other in frame.columns):
        told = f"the unit of {name} is not declared: name it in a table, or in _MONEY or _COUNTS"
        warnings.warn(told, UnknownUnitWarning, stacklevel=2)
    return "integer" if is_integer else "text"


def heading_of(name: str, lang: Language | None = None) -> str:
    """The heading a person reads; ageing ranges are made from their days, unknown names are spaced out."""
    if words.has_words(f"columns.{name}", lang):
        return words.say(f"columns.{name}", lang)
    bucket = BUCKET.fullmatch(name)
    if bucket is None:
        return name.replace("_", " ").capitalize()
    low, high = bucket.groups()
    if high == "plus":
        return words.say("views.bucket-over", lang, days=int(low) - 1)
    return words.say("views.bucket-between", lang, low=low, high=high)


def columns_of(
    frame: pd.DataFrame,
    *,
    table: Table | None = None,
    names: Sequence[str] | None = None,
    headings: Mapping[str, str] | None = None,
    currency: str = "currency",
    lang: Language | None = None,
) -> list[Column]:
    """The columns to show, in order: those named, else the table's, else the frame's without ``*_key``."""
    if names is None:
        present = list(table.columns) if table is not None else list(frame.columns)
        names = [name for name in present if name in frame.columns and not name.endswith("_key")]
    return [
        Column(
            name,
            kind_of(name, frame, table),
            (headings or {}).get(name) or heading_of(name, lang),
            currency,
        )
        for name in names
    ]


def currencies_of(frame: pd.DataFrame, column: Column) -> pd.Series:
    """The currency of each row's amount, ``""`` where the row names none."""
    names = [column.currency, *(_CURRENCIES if column.currency == "currency" else ())]
    if column.name.endswith("_base") and "base_currency" in frame.columns:
        names = ["base_currency"]
    own = f"{column.name.removesuffix('_amount')}_currency"  # what was sent, in the currency sent
    if column.name != own and own in frame.columns:
        names = [own]
    found = next((name for name in names if name in frame.columns), None)
    if found is not None:
        return frame[found].fillna("").astype("str")
    code = column.currency if column.currency.isupper() else ""
    return pd.Series(code, index=frame.index, dtype="str")


def cell_text(
    value: object,
    column: Column,
    currency: str = "",
    lang: Language | None = None,
    *,
    cents: bool | None = None,
) -> str:
    """One cell as a person reads it; an absent value is ``–``. ``cents=False`` rounds to whole units."""
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return formats.UNKNOWN
    if column.kind == "money":
        return amount_text(int(str(value)), currency, lang, cents=cents)
    if column.name == "rate":
        return formats.money_text(Decimal(int(str(value))) / RATE_SCALE, 4, lang)
    if column.name in DECIMALS and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", str(value)):
        return formats.money_text(Decimal(str(value)), DECIMALS[column.name], lang)
    if column.name in SHARES:
        if int(str(value)) < 0:
            return formats.UNKNOWN
        share = Decimal(int(str(value))) / SHARES[column.name]
        return formats.percent_text(share, lang, decimals=1 if SHARES[column.name] == 1000 else 2)
    if column.kind == "integer":
        return formats.integer_text(int(str(value)), lang)
    if column.kind == "date":
        return formats.date_text(pd.Timestamp(str(value)).date(), lang)
    if column.kind == "instant":
        return instant_text(pd.Timestamp(str(value)).to_pydatetime(), lang)
    if column.kind == "flag":
        return words.say("views.yes" if value else "views.no", lang)
    if column.name == "bucket":
        return heading_of(str(value), lang)
    return str(value)


def amount_text(minor: int, currency: str, lang: Language | None = None, *, cents: bool | None = None) -> str:
    """Minor units in the reader's locale. A zero is ``0``; pesos show no cents unless asked (``cents``).

    Of an amount that nobody gave a currency it is said that these are minor units.
    """
    if not currency:
        if minor == 0:
            return formats.UNKNOWN
        return say_minor(minor, lang)
    if minor == 0:
        return "0"
    decimals = exponent(currency)
    if not (cents if cents is not None else currency not in ("COP", "CLP")):
        decimals = 0
    amount = to_major(minor, currency)
    if decimals == 0 and exponent(currency):
        amount = amount.quantize(amount.__class__(1), rounding="ROUND_HALF_UP")
    return formats.money_text(amount, decimals, lang)


def say_minor(minor: int, lang: Language | None = None) -> str:
    """An amount without a currency, told as the minor units that it is."""
    return words.say("views.minor-units", lang, amount=formats.integer_text(minor, lang))


def instant_text(instant: dt.datetime, lang: Language | None = None) -> str:
    """An instant on the wall clock of Bogotá, ``31/10/2026 09:05``."""
    local = instant.astimezone(ZoneInfo(BOGOTA))
    return f"{formats.date_text(local.date(), lang)} {local:%H:%M}"


def period_text(period: str, lang: Language | None = None) -> str:
    """``octubre de 2026`` for ``2026-10``; a text that is not a period shows itself."""
    from babel.dates import format_date

    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", period):
        return period
    lang = lang or words.language()
    pattern = {"es": "MMMM 'de' y", "en": "MMMM y"}[lang]
    day = dt.date(int(period[:4]), int(period[5:]), 1)
    return str(format_date(day, format=pattern, locale=formats.LOCALES[lang]))


def bucket_names(frame: pd.DataFrame) -> list[str]:
    """The ageing columns of a summary in their order: ``not_due``, then the ranges by day."""
    ranges = [name for name in frame.columns if BUCKET.fullmatch(str(name))]
    ranges.sort(key=lambda name: int(str(name)[1:].partition("_")[0]))
    return [name for name in ("not_due",) if name in frame.columns] + ranges


def findings_in_words(findings: pd.DataFrame, lang: Language | None = None) -> pd.DataFrame:
    """Findings as sentences: level, source, row (text), key, message, remedy, amount, currency, rule."""
    shown = [
        {
            "level": words.say(f"views.level-{level}", lang),
            "message": words.sentence(rule, given, lang),
            "remedy": words.remedy(rule, given, lang),
        }
        for level, rule, given in zip(
            findings["level"], findings["rule"], findings["values"].map(_values), strict=True
        )
    ]
    said = pd.DataFrame(shown, columns=["level", "message", "remedy"], dtype="str", index=findings.index)
    rows = findings["row"].astype("str").where(findings["row"] != 0, "")
    return pd.concat(
        [
            said[["level"]],
            findings["source"].map(lambda source: _source_text(str(source), lang)),
            rows,
            findings["key"],
            said[["message", "remedy"]],
            findings[["amount", "currency", "rule"]],
        ],
        axis=1,
    ).reset_index(drop=True)


def _source_text(source: str, lang: Language | None) -> str:
    """What was read, in words; a file keeps its name."""
    key = f"runs.read-{source}"
    return words.say(key, lang) if words.has_words(key, lang) else source


def _values(text: object) -> dict[str, object]:
    values = json.loads(str(text)) if text else {}
    return values if isinstance(values, dict) else {}
