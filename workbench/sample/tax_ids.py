"""Tax ids: the NIT and its check digit (dígito de verificación)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

#: From the right, one a digit (DOMAIN, section 2).
WEIGHTS = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71)


def check_digits(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The check digit of each NIT: r = Σ digit × weight mod 11; r below 2 stands, else 11 − r."""
    total = np.zeros_like(numbers)
    rest = numbers.copy()
    for weight in WEIGHTS:
        total += rest % 10 * weight
        rest //= 10
    remainder = total % 11
    return np.where(remainder < 2, remainder, 11 - remainder)


def format_nits(numbers: npt.NDArray[np.int64]) -> list[str]:
    """``900123456-8``: the NIT with its check digit, as an invoice prints it."""
    return [
        f"{nit}-{digit}" for nit, digit in zip(numbers.tolist(), check_digits(numbers).tolist(), strict=True)
    ]
