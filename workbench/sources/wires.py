"""Wires from abroad (giros del exterior) and their papers: one row a wire, as the list of a day has it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import FileRefusedError
from ..money import currency_decimals
from ..tables import WIRES
from .checked import (
    check_customers,
    check_rows,
    extract_date,
    finish,
    read_fields,
    restore_leading_zeros,
    settle_rivals,
)
from .fields import KIND_WORDS
from .grammar import choose_style, read_amounts
from .parsed import Context, Parsed
from .raw_table import plain_words
from .sheets import Sheet
from .simple_tables import as_read

WIRE_ROWS = as_read(WIRES, "observed_date", "recorded_at")
_LISTS = ("export_declarations", "documents")


def read_wires(sheet: Sheet, context: Context) -> Parsed:
    """Wires by the bank's reference (SWIFT); all amounts positive, the sent one in its own currency.

    Without a currency of its own what was sent is in the one received. A bearer that is no OUR, SHA or BEN is
    refused; an empty one is nobody's word. Declarations and documents may be parted by commas, semicolons or
    spaces. The same wire twice with other content: both rows are refused.
    """
    frame = read_fields(sheet, context).frame
    restore_leading_zeros(sheet, frame, context)
    check_customers(sheet, frame, context)
    frame["sent_currency"] = np.where(
        frame["sent_currency"] == "", frame["currency"], frame["sent_currency"].str.upper()
    )
    frame["sent_amount"] = _sent(sheet, frame["sent_currency"].to_numpy(dtype=object))
    for name in ("sent_amount", "received_amount", "charges_amount"):
        sheet.refuse((frame[name] < 0).to_numpy(), "sign", name)
    check_rows(sheet, "zero-amount", (frame["received_amount"] == 0).to_numpy(), "received_amount")
    frame["bearer"] = _bearers(sheet, frame["bearer"])
    for name in _LISTS:
        frame[name] = frame[name].str.replace(r"[,;\s]+", " ", regex=True).str.strip()
    if context.as_of is not None:
        late = frame["value_date"].to_numpy() > np.datetime64(context.as_of)
        check_rows(sheet, "date-future", late, "value_date")
    key = list(WIRES.key)
    content = [name for name in WIRE_ROWS.columns if name not in ("row", *key)]
    duplicate = settle_rivals(sheet, frame, key=key, content=content, name="wire_id")
    rows = WIRE_ROWS.conform(frame)
    return finish(sheet, rows, duplicate, sum_of="received_amount", extract_date=extract_date(sheet, frame))


def _sent(sheet: Sheet, currencies: npt.NDArray[np.object_]) -> npt.NDArray[np.int64]:
    """What the remitter sent, minor units of ``currencies``; 0 where the list does not say."""
    known = np.array([currency_decimals(code) is not None for code in currencies.tolist()], dtype=bool)
    sheet.refuse(~known, "currency", "sent_currency")
    cells = sheet.cells.get("sent_amount")
    if cells is None:
        return np.zeros(len(currencies), dtype=np.int64)
    style = choose_style(cells[sheet.is_good], sheet.mapping.amounts)
    if style is None:
        raise FileRefusedError(
            "amount-style-ambiguous", file=sheet.raw.file, column=sheet.headings["sent_amount"]
        )
    read = read_amounts(cells, np.where(known, currencies, "USD"), style, sheet.mapping.amounts)
    sheet.refuse_each(read.rules, "sent_amount")
    return read.minor


def _bearers(sheet: Sheet, said: pd.Series) -> npt.NDArray[np.object_]:
    words = {plain_words(word): bearer for word, bearer in sheet.mapping.kinds.items()}
    words |= {plain_words(bearer): bearer for bearer in KIND_WORDS["wires"]}
    found = np.array([words.get(plain_words(one), "?") if one else "" for one in said], dtype=object)
    sheet.refuse(found == "?", "kind-unknown", "bearer")
    return np.where(found == "?", "", found).astype(object)
