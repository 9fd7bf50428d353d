"""Totals lines held against the rows above them: a list that does not add up was cut or changed on its way.

A totals line carries the sum of the rows since the one before it, of all rows above it, or of all rows of
the file; it is right where it equals any of these, by currency where it names one. Balances are no sums.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..errors import FileRefusedError
from ..money import checked_sum, to_text
from .grammar import read_amounts
from .raw_table import Texts, shown
from .sheets import Sheet, TotalsLine

#: A line that begins with one of these states a balance, whatever column it stands in.
_BALANCES = ("saldo", "balance")
_SKIPPED = ("balance",)


@dataclass(frozen=True)
class MoneyColumn:
    """A column as read: minor units, which rows could not be read, and the style its text is in."""

    minor: npt.NDArray[np.int64]
    is_unread: npt.NDArray[np.bool_]
    style: str


def compare_totals(sheet: Sheet, columns: dict[str, MoneyColumn], currencies: Texts) -> None:
    """A finding (``totals-differ``) for each total that no sum of its rows explains; or the file is refused.

    What cannot be compared is passed over: rows of several currencies under a total that names none, and
    sums over a row that could not be read, which is a finding itself.
    """
    action = sheet.mapping.action("totals-differ")
    if action == "accept":
        return
    before = 0
    for line in sheet.totals:
        for name, column in columns.items():
            for values in _differences(sheet, line, name, column, currencies, before):
                if action == "reject":
                    raise FileRefusedError("totals-differ", file=sheet.raw.file, row=line.row, **values)
                currency = str(values.pop("currency"))
                difference = int(str(values.pop("difference")))
                sheet.findings.add(
                    "totals-differ", row=line.row, amount=difference, currency=currency, values=values
                )
        before = line.rows_above


def _differences(
    sheet: Sheet, line: TotalsLine, name: str, column: MoneyColumn, currencies: Texts, before: int
) -> Iterator[dict[str, object]]:
    """What the total says and what its rows add up to, where no sum of rows is what it says."""
    cell = line.cells.get(name, "")
    if not cell or name in _SKIPPED or line.first_word in _BALANCES:
        return
    named = line.cells.get("currency", "")
    spans = [(before, line.rows_above), (0, line.rows_above), (0, len(currencies))]
    found: list[int] = []
    currency = named
    for start, end in spans:
        mine = np.zeros(len(currencies), dtype=bool)
        mine[start:end] = True
        if named:
            mine &= currencies == named
        kinds = {str(one) for one in np.unique(currencies[mine].astype(str))}
        if len(kinds) != 1 or bool(column.is_unread[mine].any()):
            continue
        currency = kinds.pop()
        found.append(checked_sum(column.minor[mine]))
    if not found or not currency:
        return
    texts, codes = np.array([cell], dtype=object), np.array([currency], dtype=object)
    stated = read_amounts(texts, codes, column.style, sheet.mapping.amounts)
    if stated.rules[0] or int(stated.minor[0]) in found:
        return
    nearest = min(found, key=lambda total: abs(total - int(stated.minor[0])))
    yield {
        "column": sheet.headings[name],
        "value": shown(cell)[:60],
        "stated_money": f"{to_text(int(stated.minor[0]), currency)} {currency}",
        "found_money": f"{to_text(nearest, currency)} {currency}",
        "currency": currency,
        "difference": int(stated.minor[0]) - nearest,
    }
