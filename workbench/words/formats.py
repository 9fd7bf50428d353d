"""Numbers, money and days as a person reads them: Babel's rules for es_CO and en_US, LOOK's for the rest."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from babel.dates import format_date as babel_date
from babel.numbers import format_decimal

from . import Language, language

LOCALES: dict[Language, str] = {"es": "es_CO", "en": "en_US"}
UNKNOWN = "–"


def money_text(amount: Decimal | None, decimals: int, lang: Language | None = None) -> str:
    """``1.234.567,89`` in Spanish, ``1,234,567.89`` in English; an unknown amount is ``–``, a zero ``0``."""
    if amount is None:
        return UNKNOWN
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(amount, format=pattern, locale=LOCALES[lang or language()])


def money_of_text(text: str, lang: Language | None = None) -> str:
    """``1234.50 COP``, decimal text as machines read it, as a person does: ``1.234,50 COP``."""
    amount, _, currency = text.partition(" ")
    decimals = len(amount.partition(".")[2])
    return f"{money_text(Decimal(amount), decimals, lang)} {currency}".strip()


def integer_text(number: int | None, lang: Language | None = None) -> str:
    """A count in the reader's grouping; unknown is ``–``."""
    if number is None:
        return UNKNOWN
    return format_decimal(number, format="#,##0", locale=LOCALES[lang or language()])


def percent_text(share: Decimal | float | None, lang: Language | None = None, *, decimals: int = 1) -> str:
    """One decimal, or so many: ``0.1234`` shows as ``12,3 %``."""
    if share is None:
        return UNKNOWN
    pattern = "#,##0." + "0" * decimals
    said = format_decimal(share * 100, format=pattern, locale=LOCALES[lang or language()]) + " %"
    # Nothing of a negative whole is nothing, not less than nothing.
    return said if any(sign in "123456789" for sign in said) else said.lstrip("-−")


def date_text(day: dt.date | None, lang: Language | None = None) -> str:
    """``31/10/2026`` in Spanish, ``31 Oct 2026`` in English."""
    if day is None:
        return UNKNOWN
    lang = lang or language()
    return babel_date(day, format={"es": "dd/MM/yyyy", "en": "dd MMM yyyy"}[lang], locale=LOCALES[lang])


def date_of_text(text: str, lang: Language | None = None) -> str:
    """``2026-10-31`` as machines read it, as a person does; a text that is no day stays as it is."""
    try:
        return date_text(dt.date.fromisoformat(text), lang)
    except ValueError:
        return text
