"""A payer's tax id and bank account as they are compared: checks held, punctuation and zeros left out."""

from __future__ import annotations

import re

from ..references import fold, parts_of

_NIT_WEIGHTS = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_TAX_ID_IN_TEXT = re.compile(r"(?<![A-Z0-9])NIT[.: ]{0,3}([0-9][0-9.]{5,16}(?:[- ]?[0-9](?![0-9]))?)")
#: Digits from which on a customer's code may be its tax id; a company's NIT has nine and begins so.
_SHORTEST_TAX_ID, _NIT_DIGITS, _COMPANY = 8, 9, ("8", "9")
_LABEL = re.compile(r"^(?:NIT|CC|RUT)(?=[0-9])")


def check_digit(nit: str) -> int:
    """The DIAN's check digit (DV) of a NIT given without it: weights from the right, modulo 11."""
    weighted = sum(int(digit) * weight for digit, weight in zip(reversed(nit), _NIT_WEIGHTS, strict=False))
    rest = weighted % 11
    return rest if rest < 2 else 11 - rest


def tax_id_forms(tax_id: str) -> tuple[str, ...]:
    """How a tax id may be written, the strictest first: all its characters, then without its check digit.

    The last digit is taken for a check digit only when it is the right one.
    """
    whole = _LABEL.sub("", re.sub(r"[^A-Z0-9]", "", fold(tax_id))).lstrip("0")
    if not whole:
        return ()
    body, last = whole[:-1], whole[-1]
    has_check_digit = whole.isdigit() and 9 <= len(whole) <= 16 and check_digit(body) == int(last)
    return (whole, body) if has_check_digit else (whole,)


def tax_ids_of_code(code: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of a customer's code of digits: the tax ids that it is, and those that it only may be.

    It is one as a company's NIT of nine digits, or with its right check digit as a part of its own. An ERP's
    number range has as many digits as a cédula, and any number ends by accident in its check digit.
    """
    parts = parts_of(code)
    whole = "".join(parts)
    if not whole.isdigit() or len(whole.lstrip("0")) < _SHORTEST_TAX_ID:
        return (), ()
    body, last = whole[:-1].lstrip("0"), whole[-1]
    is_right = len(body) >= _SHORTEST_TAX_ID and len(body) < 16 and check_digit(body) == int(last)
    if len(parts) > 1 and len(parts[-1]) == 1:
        return ((body + last, body), ()) if is_right else ((), (body + last,))
    whole = whole.lstrip("0")
    if _is_company(whole):
        return (whole,), ()
    return (), (whole, body) if is_right and _is_company(body) else (whole,)


def _is_company(nit: str) -> bool:
    return len(nit) == _NIT_DIGITS and nit.startswith(_COMPANY)


def tax_ids_in(text: str) -> tuple[str, ...]:
    """Tax ids that a text names as such: ``NIT 800.197.268-4``."""
    folded = fold(text)
    return tuple(_TAX_ID_IN_TEXT.findall(folded)) if "NIT" in folded else ()


def account_form(account: str) -> str:
    """A bank account or IBAN without blanks, hyphens and leading zeros; '' for an IBAN whose check fails."""
    whole = re.sub(r"[^A-Z0-9]", "", fold(account))
    if _IBAN.fullmatch(whole) and not _is_iban(whole):
        return ""
    return whole.lstrip("0")


def _is_iban(whole: str) -> bool:
    """ISO 13616: letters as numbers from 10, the first four characters last, modulo 97 is 1."""
    turned = whole[4:] + whole[:4]
    return int("".join(str(int(char, 36)) for char in turned)) % 97 == 1
