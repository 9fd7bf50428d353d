"""A sheet of text as it stands in a file, before any heading is looked for.

A cell is text. One that a workbook holds as a number, a day, a truth or an error carries a mark in front
(``NUMBER``, ``DATE``, …), a control character that no text of a readable file may hold; so every column
stays plain text, fast to count, and a grammar still knows ``1`` from ``"1"``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

NUMBER, DATE, INSTANT, TRUTH, OTHER = "\x00n", "\x00d", "\x00t", "\x00b", "\x00x"
MARK_LENGTH = 2

Texts = npt.NDArray[np.object_]


@dataclass(frozen=True)
class RawTable:
    """Rows of cells, each with its number as a person counts in the file (line, or row of the sheet)."""

    file: str
    rows: list[list[str]]
    numbers: npt.NDArray[np.int64]
    raw: Callable[[int], str]  # the text of rows[i] as it stood in the file
    is_workbook: bool = False
    serial_shift: int = 0  # days to add to a date serial: 1462 in a workbook that counts from 1904
    rows_hidden: int = 0
    formulas: Mapping[tuple[int, int], bool] = field(default_factory=dict)  # (row, column) → has a value


def shown(cell: str) -> str:
    """A cell as a person sees it, without its mark."""
    return cell[MARK_LENGTH:] if cell.startswith("\x00") else cell


@lru_cache(maxsize=65536)
def plain_words(text: str) -> str:
    """Text for comparing headings and words: no accents, capitals or punctuation, single blanks.

    ``Nº documento``, ``N° Documento`` and ``no documento`` are one; a text of signs only, such as ``**``,
    stays as it is.
    """
    folded = unicodedata.normalize("NFKD", shown(text).replace("°", "o").replace("$", " "))
    letters = "".join(sign for sign in folded if not unicodedata.combining(sign)).casefold()
    return re.sub(r"[^\w]+|_", " ", letters).strip() or text.strip()


def raw_reader(raw: RawTable) -> Callable[[int], str]:
    """The text of a row by its number; holds on to the file's text, not to the cells made of it."""
    numbers, text_of = raw.numbers, raw.raw

    def read(number: int) -> str:
        return text_of(int(np.searchsorted(numbers, number)))

    return read
