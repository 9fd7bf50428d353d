"""Bank statements in csv or a workbook: signed or split amounts, balances proved by lines or row by row."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..errors import FileRefusedError
from ..money import to_text
from .bank_lines import Statement, finish_statements, moneys
from .checked import check_cash_day, check_rows, finish, read_fields
from .grammar import read_amounts, read_date
from .mappings import Mapping
from .parsed import Context, Parsed
from .raw_table import plain_words, shown
from .sheets import Sheet


def read_bank_table(sheet: Sheet, context: Context) -> Parsed:
    """Lines with credit positive, and each account's balances, proved as its mapping asks.

    The proof: opening + lines = closing by the lines above or below the table, and each running balance is
    the one before it and its line, oldest or newest first. A row that cannot be read leaves nothing to
    prove: with ``proof: required`` it refuses the file.
    """
    mapping, file = sheet.mapping, sheet.raw.file
    stated = _stated(sheet)
    for name in ("account_id", "currency"):
        if name in stated.texts and name not in sheet.cells:
            sheet.cells[name] = np.full(len(sheet.index), stated.texts[name], dtype=object)
    typed = read_fields(sheet, context)
    frame = typed.frame
    one_column = "bank_amount" in sheet.cells
    if mapping.sign == "by_side":  # the column, or the word beside it, says the side; the sign is ornament
        for name in ("bank_amount", "debit", "credit"):
            frame[name] = frame[name].abs()
    frame["bank_amount"] = frame["bank_amount"] if one_column else frame["credit"] - frame["debit"]
    if mapping.sign == "reversed":
        frame["bank_amount"] = -frame["bank_amount"]
    if one_column and "debit_credit" in sheet.cells:
        is_debit = frame["debit_credit"].isin(mapping.debit_words)
        known = is_debit | frame["debit_credit"].isin(mapping.credit_words)
        sheet.refuse(~known.to_numpy(), "debit-credit-unknown", "debit_credit")
        frame["bank_amount"] = frame["bank_amount"].where(~is_debit, -frame["bank_amount"])
    moved = ("bank_amount",) if one_column else ("debit", "credit")
    sheet.refuse(~np.any([typed.has_value[name] for name in moved], axis=0), "amount-missing", moved[0])
    check_rows(sheet, "zero-amount", (frame["bank_amount"] == 0).to_numpy(), moved[0])
    check_cash_day(sheet, frame, "booking_date", context)
    frame["value_date"] = frame["value_date"].fillna(frame["booking_date"])
    _refuse_unprovable(sheet)
    parsed = finish(sheet, frame, np.zeros(len(frame), dtype=bool), sum_of="bank_amount")
    lines = parsed.frame
    accounts = lines["account_id"] + "\n" + lines["currency"]
    lines["statement"] = pd.factorize(accounts)[0] + 1
    has_balance = typed.has_value["balance"][sheet.is_good]
    statements = [
        _statement(part, has_balance[part.index.to_numpy()], stated, mapping, file)
        for _, part in lines.groupby("statement", sort=True)
    ]
    return finish_statements(
        lines,
        statements,
        mapping,
        context,
        sheet.findings,
        file=file,
        rows_total=sheet.rows_total,
        rejected=parsed.rejected,
    )


@dataclass
class _Stated:
    """What the lines round the table say."""

    texts: dict[str, str] = field(default_factory=dict)
    days: dict[str, dt.date] = field(default_factory=dict)
    amounts: dict[str, str] = field(default_factory=dict)  # still text: the currency may stand in a column


def _stated(sheet: Sheet) -> _Stated:
    mapping, stated = sheet.mapping, _Stated()
    labels = {plain_words(word): name for name, words in mapping.bank.labels.items() for word in words}
    for row in sheet.around:
        filled = [cell for cell in row if cell]
        name = labels.get(plain_words(filled[0])) if len(filled) == 2 else None
        if name is None:
            continue
        value = filled[1]
        if name.endswith("_date"):
            day, rule = read_date(value, mapping.dates, serial_shift=sheet.raw.serial_shift)
            if day is None:
                raise FileRefusedError(
                    "label-wrong", file=sheet.raw.file, label=filled[0], value=shown(value), cause=rule
                )
            stated.days[name] = day
        elif name.endswith("_amount"):
            stated.amounts[name] = value
        else:
            stated.texts[name] = shown(value).removesuffix(".0") if value.startswith("\x00n") else value
    return stated


def _refuse_unprovable(sheet: Sheet) -> None:
    refused = np.flatnonzero(~sheet.is_good)
    if sheet.mapping.bank.proof == "required" and len(refused):
        place = int(refused[0])
        values = {name: value for name, value in sheet.values.get(place, {}).items() if name != "row"}
        raise FileRefusedError(
            str(sheet.rules[place]), file=sheet.raw.file, row=int(sheet.row_numbers[place]), **values
        )


def _statement(
    lines: pd.DataFrame, has_balance: np.ndarray, stated: _Stated, mapping: Mapping, file: str
) -> Statement:
    """One account's balances: as the lines round the table state them, else by its running balance."""
    account, currency = str(lines["account_id"].iloc[0]), str(lines["currency"].iloc[0])
    first_row = int(lines["row"].iloc[0])
    opening = _label_amount("opening_amount", stated, currency, mapping, file)
    closing = _label_amount("closing_amount", stated, currency, mapping, file)
    if has_balance.all():
        running = _running(lines, file)
        opening = running[0] if opening is None else opening
        closing = running[1] if closing is None else closing
        if (opening, closing) != running:
            raise FileRefusedError(
                "balance-mismatch",
                file=file,
                line=first_row,
                account=account,
                **moneys(
                    {
                        "opening": opening,
                        "booked": int(lines["bank_amount"].sum()),
                        "closing": closing,
                        "difference": closing - running[1],
                    },
                    currency,
                ),
            )
    return Statement(
        account_id=account,
        currency=currency,
        row=first_row,
        opening=opening,
        closing=closing,
        opening_date=stated.days.get("opening_date", lines["booking_date"].min().date()),
        closing_date=stated.days.get("closing_date", lines["booking_date"].max().date()),
    )


def _label_amount(name: str, stated: _Stated, currency: str, mapping: Mapping, file: str) -> int | None:
    """A balance stated round the table, in the styles of the mapping; two readings of it are refused."""
    text = stated.amounts.get(name)
    if text is None:
        return None
    cells, currencies = np.array([text], dtype=object), np.array([currency], dtype=object)
    read = [read_amounts(cells, currencies, style, mapping.amounts) for style in mapping.amounts.styles]
    values = {int(amounts.minor[0]) for amounts in read if amounts.rules[0] == ""}
    if len(values) != 1:
        cause = "amount-style-ambiguous" if values else "amount-format"
        raise FileRefusedError("label-wrong", file=file, label=name, value=shown(text), cause=cause)
    return values.pop()


def _running(lines: pd.DataFrame, file: str) -> tuple[int, int]:
    """Opening and closing by the running balance, oldest or newest row first; a broken step is refused."""
    amounts, balances = lines["bank_amount"].to_numpy(), lines["balance"].to_numpy()
    oldest_first = balances[1:] == balances[:-1] + amounts[1:]
    newest_first = balances[:-1] == balances[1:] + amounts[:-1]
    if oldest_first.all():
        return int(balances[0] - amounts[0]), int(balances[-1])
    if newest_first.all():
        return int(balances[-1] - amounts[-1]), int(balances[0])
    steps = oldest_first if oldest_first.sum() >= newest_first.sum() else newest_first
    broken = int(np.flatnonzero(~steps)[0])
    row = int(lines["row"].iloc[broken + 1 if steps is oldest_first else broken])
    currency = str(lines["currency"].iloc[0])
    raise FileRefusedError(
        "balance-step",
        file=file,
        row=row,
        account=str(lines["account_id"].iloc[0]),
        balance=to_text(int(lines.loc[lines["row"] == row, "balance"].iloc[0]), currency),
        currency=currency,
    )
