"""Signs of a workbook's part found letter by letter in arrays: depth, cells' places, shared texts, oddities.

A sign never refuses anything. What does not look as every office program writes it only asks for the close
look of ``workbook_cells``, which parses and decides; so a text that looks like a tag costs time, not truth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

#: Where a sheet of a workbook ends; a reader asked for more takes the machine's memory or starts anew at 1.
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_GATHERED = 12
_BLANK = ord(" ")
_ITEM_END = re.compile(rb"</(?:\w+:)?si\s*>|<(?:\w+:)?si\s*/>")

Places = npt.NDArray[np.int64]
Letters = npt.NDArray[np.uint8]


@dataclass
class CellSigns:
    """Of one piece. ``first`` and ``last``: the places of its first and last cell, row by row (0: none)."""

    cells: int = 0
    last_row: int = 0
    last_column: int = 0
    first: int = 0
    last: int = 0
    shared_cells: int = 0
    last_shared: int = -1
    has_errors: bool = False
    is_otherwise: bool = False


def letters_of(whole: bytes) -> Letters:
    """The bytes as numbers, with room behind them to look ahead."""
    return np.frombuffer(whole + b"\x00" * (_GATHERED + 4), dtype=np.uint8)


def tags_of(letters: Letters) -> Places:
    """Where a tag begins."""
    return np.flatnonzero(letters == ord("<"))


def steps_of_depth(letters: Letters, opens: Places) -> tuple[int, int]:
    """How deep the tags of a piece go from where it begins, and where it ends; for sound XML, exactly."""
    closes = np.flatnonzero(letters == ord(">"))
    if not len(opens):
        return 0, 0
    if len(opens) == len(closes):
        ends = closes
    else:  # a bracket in a text
        at = np.searchsorted(closes, opens)
        ends = np.append(closes, len(letters) - 1)[at]
    following = letters[opens + 1]
    steps = np.where(following == ord("/"), -1, 1)
    steps[letters[ends - 1] == ord("/")] = 0  # opened and closed by one tag: never below another
    steps[(following == ord("?")) | (following == ord("!"))] = 0
    depths = np.cumsum(steps)
    return int(depths.max()), int(depths[-1])


def ends_of_items(whole: bytes, letters: Letters, opens: Places) -> Places:
    """Where each shared text of a piece ends."""
    if b":si" in whole or b"<si/" in whole or re.search(rb"</?si\s", whole):  # rare, and right by pattern
        return np.array([match.end() for match in _ITEM_END.finditer(whole)], dtype=np.int64)
    closing = opens[letters[opens + 1] == ord("/")]
    is_item = (letters[closing + 2] == ord("s")) & (letters[closing + 3] == ord("i"))
    found: Places = closing[is_item & (letters[closing + 4] == ord(">"))] + 5
    return found


def cell_signs(letters: Letters, opens: Places) -> CellSigns:
    """The cells of a piece of a sheet, by their references and kinds."""
    signs = CellSigns()
    equals = np.flatnonzero(letters[2:-_GATHERED] == ord("=")) + 2
    before = letters[equals - 1]
    # Attributes with other quotes, or blanks round their sign: allowed, rare, and not seen below.
    signs.is_otherwise = bool((letters[equals + 1] != ord('"')).any() or (before <= _BLANK).any())
    is_short = letters[equals - 2] <= _BLANK
    count = _references(signs, letters, equals[is_short & (before == ord("r"))] + 2)
    following, behind = letters[opens + 1], letters[opens + 2]
    cells = opens[
        (following == ord("c")) & ((behind <= _BLANK) | (behind == ord(">")) | (behind == ord("/")))
    ]
    signs.is_otherwise |= count != len(cells) or bool((following == ord("!")).any())
    kinds = equals[is_short & (before == ord("t"))] + 2
    kinds = kinds[letters[kinds + 1] == ord('"')]
    signs.has_errors = bool((letters[kinds] == ord("e")).any())
    values = opens[(following == ord("v")) & (behind == ord(">"))]
    _shared(signs, letters, kinds[letters[kinds] == ord("s")], values, cells)
    return signs


def _references(signs: CellSigns, letters: Letters, starts: Places) -> int:
    """``A1`` as numbers; how many name a cell. Of a row's own number only the bounds are looked at."""
    if not len(starts):
        return 0
    found = letters[starts[:, None] + np.arange(_GATHERED)]
    length = np.argmax(found == ord('"'), axis=1)
    is_inside = np.arange(_GATHERED) < length[:, None]
    alpha, digit = (found | 0x20) - ord("a"), found - ord("0")
    is_alpha, is_digit = (alpha < 26) & is_inside, (digit < 10) & is_inside
    alphas = is_alpha.sum(axis=1)
    is_cell = alphas > 0
    is_first = np.arange(_GATHERED) < alphas[:, None]
    rows, columns = np.zeros((2, len(starts)), dtype=np.int64)
    for place in range(_GATHERED):
        rows = np.where(is_digit[:, place], rows * 10 + digit[:, place], rows)
    for place in range(4):
        columns = np.where(is_alpha[:, place], columns * 26 + alpha[:, place] + 1, columns)
    is_odd = (alphas + is_digit.sum(axis=1) != length) | (is_alpha & ~is_first).any(axis=1)
    is_odd |= (rows < 1) | (rows > LAST_ROW) | (columns > LAST_COLUMN) | (alphas > 3)
    signs.is_otherwise |= bool(is_odd.any())
    rows, columns = rows[is_cell & ~is_odd], columns[is_cell & ~is_odd]
    if len(rows):
        places = rows * (LAST_COLUMN + 1) + columns
        signs.is_otherwise |= bool((np.diff(places) <= 0).any())  # a cell twice, or not in its order
        signs.cells, signs.first, signs.last = len(rows), int(places[0]), int(places[-1])
        signs.last_row, signs.last_column = int(rows.max()), int(columns.max())
    return int(is_cell.sum())


def _shared(signs: CellSigns, letters: Letters, kinds: Places, values: Places, cells: Places) -> None:
    """The highest number of a shared text; a cell whose number is none that could be read asks for a look."""
    signs.shared_cells = len(kinds)
    if not len(kinds):
        return
    end = np.array([len(letters) - _GATHERED - 1])
    value = np.append(values, end)[np.searchsorted(values, kinds)]
    following = np.append(cells, end)[np.searchsorted(cells, kinds)]
    found = letters[value[:, None] + 3 + np.arange(10)] - ord("0")
    length = np.argmax(found > 9, axis=1)
    signs.is_otherwise |= bool((value >= following).any() or (length == 0).any() or (found[:, -1] < 10).any())
    numbers = np.zeros(len(kinds), dtype=np.int64)
    for place in range(10):
        numbers = np.where(length > place, numbers * 10 + found[:, place], numbers)
    after = letters[value + 3 + length]
    signs.is_otherwise |= bool((after != ord("<")).any())
    signs.last_shared = int(numbers[value < following].max(initial=-1))
