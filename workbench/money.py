"""Money: integer minor units of a currency inside, ``Decimal`` and text only where a person or a file is met.

A rate is an integer at a stated scale (``RATE_SCALE``: millionths of the quoted unit). Products with a
rate are exact Python integers, rounded half away from zero once. ``float`` never holds money here.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .errors import AmountOverflowError, ParameterRefusedError

#: ISO 4217 exponents that differ from two decimals.
EXPONENTS = {
    **dict.fromkeys(("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF").split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
#: A rate of 4,008.70 COP per USD is held as 4_008_700_000.
RATE_SCALE = 1_000_000
LARGEST_AMOUNT = 2**63 - 1

Amounts = npt.NDArray[np.int64]
#: An amount as people write it: ``,`` before the decimals and ``.`` between thousands, or the other way.
_COMMA = re.compile(
    r"([0-9]{1,18}|[0-9]{1,3}(\.[0-9]{3}){1,5}),[0-9]{1,9}|[0-9]{1,18}|[0-9]{1,3}(\.[0-9]{3}){2,5}"
)
_POINT = re.compile(r"([0-9]{1,18}|[0-9]{1,3}(,[0-9]{3}){1,5})\.[0-9]{1,9}|[0-9]{1,3}(,[0-9]{3}){2,5}")
_UNCLEAR = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")


def exponent(currency: str) -> int:
    """Decimals of a currency: COP and USD 2, JPY 0, KWD 3, CLF 4. Three capital letters or refused."""
    if len(currency) != 3 or not currency.isascii() or not currency.isalpha() or not currency.isupper():
        raise ParameterRefusedError("currency-unknown", currency=currency)
    return EXPONENTS.get(currency, 2)


@lru_cache
def currency_decimals(currency: str) -> int | None:
    """Decimals of a currency that there is or was, ``None`` for any other code: ``CPO`` is no currency.

    Asked where a file or a person brings a code; inside, :func:`exponent` serves. Colombia's UVR is ``COU``.
    """
    try:
        places = exponent(currency)
    except ParameterRefusedError:
        return None
    return places if currency in EXPONENTS or currency in _currencies() else None


def check_currency(currency: str) -> str:
    """The code of a currency that there is or was; any other is refused (``currency-unknown``)."""
    if currency_decimals(currency) is None:
        raise ParameterRefusedError("currency-unknown", currency=currency)
    return currency


@lru_cache
def _currencies() -> frozenset[str]:
    from babel.numbers import list_currencies

    return frozenset(list_currencies())


def to_minor(amount: Decimal, currency: str) -> int:
    """Major units to minor units, exactly; a decimal too many is refused, never rounded."""
    scaled = amount.scaleb(exponent(currency))
    minor = int(scaled)
    if minor != scaled:
        raise ParameterRefusedError("amount-decimals", amount=str(amount), currency=currency)
    if abs(minor) > LARGEST_AMOUNT:
        raise AmountOverflowError(amount=str(amount), currency=currency)
    return minor


def read_money_text(text: str, currency: str) -> int:
    """What a person writes, in minor units: ``42899500.00``, ``42899500,00`` and ``42.899.500,00`` are one.

    The last sign of two kinds, or the only one, is the decimal one; one that stands more than once groups
    thousands. A minus may stand before or behind. ``400.000`` may mean either in a currency without three
    decimals, and is no amount: money is not guessed. Whatever is no amount raises ``ValueError``.
    """
    bare = text.strip().replace("\u2212", "-")
    sign = "-" if bare.startswith("-") or bare.endswith("-") else ""
    bare = bare[1:] if bare[:1] in ("-", "+") and bare else bare.removesuffix("-")
    if exponent(currency) != 3 and _UNCLEAR.fullmatch(bare):
        raise ValueError(text)
    if _COMMA.fullmatch(bare):
        bare = bare.replace(".", "").replace(",", ".")
    elif _POINT.fullmatch(bare):
        bare = bare.replace(",", "")
    else:
        raise ValueError(text)
    return to_minor(Decimal(sign + bare), currency)


def to_major(minor: int, currency: str) -> Decimal:
    """Minor units to major units: ``to_major(1234, "COP") == Decimal("12.34")``."""
    return Decimal(int(minor)).scaleb(-exponent(currency))


def to_text(minor: int, currency: str) -> str:
    """The text of a machine's file: a point, the currency's decimals, a leading minus."""
    decimals = exponent(currency)
    digits = str(abs(int(minor))).zfill(decimals + 1)
    whole, part = (digits[:-decimals], digits[-decimals:]) if decimals else (digits, "")
    return ("-" if minor < 0 else "") + whole + ("." + part if part else "")


def to_money_text(minor: int, currency: str) -> str:
    """An amount for a sentence's ``…_money``: ``1234.50 COP``, which ``words`` says in the reader's way."""
    return f"{to_text(minor, currency)} {currency}"


def checked_sum(amounts: Amounts) -> int:
    """Exact sum of int64 minor units; an overflow raises rather than wraps round."""
    if len(amounts) == 0:
        return 0
    # Split high and low halves: neither half's sum can overflow below two milliard rows.
    high = int((amounts >> 32).sum(dtype=np.int64))
    low = int((amounts & 0xFFFFFFFF).sum(dtype=np.int64))
    total = (high << 32) + low
    if abs(total) > LARGEST_AMOUNT:
        raise AmountOverflowError(amount=str(total))
    return total


def sums_by(codes: npt.NDArray[np.integer], amounts: Amounts, count: int) -> Amounts:
    """Exact sum of ``amounts`` for each code 0 … ``count`` − 1; what might not fit 64 bits raises."""
    checked_sum(np.abs(amounts))
    sums = np.zeros(count, dtype=np.int64)
    np.add.at(sums, codes, amounts)
    return sums


def round_half_away(numerator: int, denominator: int) -> int:
    """``numerator / denominator`` to the nearest integer, halves away from zero; denominator positive."""
    quotient, rest = divmod(abs(numerator), denominator)
    rounded = quotient + (2 * rest >= denominator)
    return -rounded if numerator < 0 else rounded


def share_of(amounts: Amounts, permille: Amounts) -> Amounts:
    """``amounts`` × rate in thousandths, each rounded half away from zero; exact in int64 for rates ≤ 1000.

    Whole thousands and the rest are taken apart so that no product leaves 64 bits.
    """
    size = np.abs(amounts)
    whole, rest = size // 1000, size % 1000
    share: Amounts = whole * permille + (2 * rest * permille + 1000) // 2000
    return np.sign(amounts) * share


def convert(minor: int, rate: int, *, from_currency: str, to_currency: str) -> int:
    """``minor`` at ``rate`` (to-currency per from-currency, × ``RATE_SCALE``), rounded once.

    Half away from zero, in exact integers.
    """
    shift = exponent(to_currency) - exponent(from_currency)
    numerator = int(minor) * int(rate) * 10 ** max(shift, 0)
    return round_half_away(numerator, RATE_SCALE * 10 ** max(-shift, 0))
