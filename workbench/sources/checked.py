"""Cells to typed columns, row by row judged: what every kind of table has in common."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import FileRefusedError
from ..ids import is_company
from ..money import RATE_SCALE, currency_decimals
from .control_line import prove_control
from .fields import FIELDS, NEEDED
from .grammar import choose_style, read_amounts, read_dates, read_ids
from .parsed import REJECTED, Context, Parsed, sums_by_currency, to_json
from .raw_table import NUMBER, OTHER, Texts, raw_reader, shown
from .sheets import Sheet
from .totals import MoneyColumn, compare_totals

_MISSING = {
    "id": "id-missing",
    "text": "id-missing",
    "date": "date-missing",
    "currency": "currency",
    "money": "amount-missing",
}


@dataclass(frozen=True)
class Typed:
    """Every field of the kind, whether the file has its column or not."""

    frame: pd.DataFrame
    has_value: dict[str, npt.NDArray[np.bool_]]  # money fields only


def read_fields(sheet: Sheet, context: Context) -> Typed:
    """Texts, days and minor units of each row; rows that break a rule are marked in ``sheet``."""
    mapping, count = sheet.mapping, len(sheet.index)
    types = FIELDS[mapping.kind]
    columns: dict[str, npt.NDArray[Any]] = {"row": sheet.row_numbers}
    _refuse_long(sheet)
    _refuse_formulas(sheet)
    for name in [name for name in types if types[name] in ("id", "text")]:
        columns[name] = _read_text(sheet, name)
        if types[name] == "id":
            _refuse_missing(sheet, name, columns[name] == "")
    _refuse_odd_companies(sheet, columns.get("company_id"))
    for name in [name for name in types if types[name] == "currency"]:
        codes = _filled(sheet, name, _plain(sheet, name))
        columns[name] = codes
        _refuse_currencies(sheet, name, codes, context)
    for name in [name for name in types if types[name] == "date"]:
        cells = _filled(sheet, name, sheet.cells.get(name))
        days, rules = read_dates(cells, mapping.dates, serial_shift=sheet.raw.serial_shift)
        sheet.refuse_each(rules, name)
        _refuse_missing(sheet, name, np.isnat(days) & (rules == ""))
        columns[name] = days
    has_value: dict[str, npt.NDArray[np.bool_]] = {}
    money = [name for name in types if types[name] == "money"]
    for name in [name for name in types if types[name] == "text"]:
        _refuse_missing(sheet, name, columns[name] == "")
    currency_field = "to_currency" if mapping.kind == "rates" else "currency"
    currencies = columns.get(currency_field, np.full(count, "", dtype=object))
    read: dict[str, MoneyColumn] = {}
    for name in money:
        present = sheet.cells.get(name)
        if present is None:
            columns[name] = np.zeros(count, dtype=np.int64)
            has_value[name] = np.zeros(count, dtype=bool)
            continue
        style = choose_style(present[sheet.is_good], mapping.amounts)
        if style is None:
            raise FileRefusedError("amount-style-ambiguous", file=sheet.raw.file, column=sheet.headings[name])
        places = len(str(RATE_SCALE)) - 1 if mapping.kind == "rates" else None
        amounts = read_amounts(present, currencies, style, mapping.amounts, places=places)
        sheet.refuse_each(amounts.rules, name)
        if mapping.strict.is_typed and sheet.raw.is_workbook:
            sheet.refuse(~_is_number(present) & amounts.has_value, "amount-format", name)
        columns[name], has_value[name] = amounts.minor, amounts.has_value
        read[name] = MoneyColumn(amounts.minor, amounts.rules != "", style)
        _refuse_missing(sheet, name, ~amounts.has_value)
    if mapping.kind != "rates":
        compare_totals(sheet, read, currencies)
    return Typed(pd.DataFrame(columns), has_value)


def _plain(sheet: Sheet, name: str) -> Texts | None:
    """A column of free text: what a workbook holds as a number or a day shows as its digits."""
    cells = sheet.cells.get(name)
    if cells is None:
        return None
    if "\x00" not in "".join(cells):
        return cells
    codes, distinct = pd.factorize(cells)
    texts = np.empty(len(distinct), dtype=object)
    for place, cell in enumerate(distinct):
        text = shown(cell)
        texts[place] = text[:-2] if cell.startswith("\x00n") and text.endswith(".0") else text
    result: Texts = texts[codes]
    return result


def _filled(sheet: Sheet, name: str, cells: Texts | None) -> Texts:
    """The column with the mapping's constant over it and its default where it is empty."""
    count = len(sheet.index)
    constant = sheet.mapping.constants.get(name)
    if constant is not None or cells is None:
        return np.full(count, constant or sheet.mapping.defaults.get(name, ""), dtype=object)
    default = sheet.mapping.defaults.get(name)
    return np.where(cells == "", default, cells).astype(object) if default else cells


def _read_text(sheet: Sheet, name: str) -> Texts:
    mapping = sheet.mapping
    if FIELDS[mapping.kind][name] == "text" or name not in sheet.cells:
        return _filled(sheet, name, _plain(sheet, name))
    ids, rules = read_ids(
        sheet.cells[name],
        drops_decimal_zero=name in mapping.ids.drop_decimal_zero,
        is_strict_text=mapping.action("id-not-text") == "reject",
    )
    if name == "customer_id" and mapping.action("unknown-customer") == "reject":
        # An id that nobody may have is one that nobody has: a letter of another alphabet is no damage.
        rules = np.where(rules == "id-format", "unknown-customer", rules)
    sheet.refuse_each(rules, name)
    return _filled(sheet, name, ids)


def _is_number(cells: Texts) -> npt.NDArray[np.bool_]:
    return np.fromiter((cell.startswith(NUMBER) for cell in cells), dtype=bool, count=len(cells))


def _refuse_missing(sheet: Sheet, name: str, is_empty: npt.NDArray[np.bool_]) -> None:
    if name in NEEDED[sheet.mapping.kind] or name in sheet.mapping.strict.filled:
        kind = FIELDS[sheet.mapping.kind][name]
        rule = sheet.mapping.strict.empty_amount if kind == "money" else _MISSING[kind]
        sheet.refuse(is_empty, rule, name)


def _refuse_formulas(sheet: Sheet) -> None:
    """A formula whose value the workbook did not keep is no data; one with a value is as the mapping says."""
    is_refused = sheet.mapping.action("formula-cell") == "reject"
    taken: list[int] = []
    for name, places in sheet.formulas.items():
        for place in places:
            if is_refused or sheet.cells[name][place].startswith(OTHER):
                mask = np.zeros(len(sheet.index), dtype=bool)
                mask[place] = True
                sheet.refuse(mask, "formula-cell", name)
            else:
                taken.append(int(sheet.row_numbers[place]))
    if taken:
        rows = sorted(set(taken))
        sheet.findings.add(
            "formula-values", level="note", rows=", ".join(map(str, rows[:20])), count=len(rows)
        )


def _refuse_long(sheet: Sheet) -> None:
    most = sheet.mapping.limits.field_chars
    for name, cells in sheet.cells.items():
        if max(map(len, cells), default=0) <= most:
            continue
        codes, distinct = pd.factorize(cells)
        long = np.fromiter((len(text) > most for text in distinct), dtype=bool, count=len(distinct))
        if long.any():
            sheet.refuse(long[codes], "field-too-long", name, limit=most)


def _refuse_odd_companies(sheet: Sheet, companies: npt.NDArray[Any] | None) -> None:
    """A company that could not be asked for afterwards: a close of it has a folder by its name."""
    if companies is None:
        return
    codes, distinct = pd.factorize(companies)
    odd = [bool(name) and not is_company(name) for name in distinct]
    for place in np.flatnonzero(odd).tolist():
        sheet.refuse(codes == place, "company-odd", "company_id", value=distinct[place][:60])


def _refuse_currencies(sheet: Sheet, name: str, codes: Texts, context: Context) -> None:
    places, distinct = pd.factorize(codes)
    allowed = context.currencies
    wrong = np.fromiter(
        (
            currency_decimals(code) is None or (allowed is not None and code not in allowed)
            for code in distinct
        ),
        dtype=bool,
        count=len(distinct),
    )
    sheet.refuse(wrong[places], "currency", name)


def check_rows(
    sheet: Sheet, check: str, mask: npt.NDArray[np.bool_], name: str = "", **values: object
) -> None:
    """Do what the mapping says where a check is met: nothing, a warning each, or refuse the rows."""
    action = sheet.mapping.action(check)
    if action == "reject":
        sheet.refuse(mask, check, name, **values)
    elif action == "warn":
        for place in np.flatnonzero(mask & sheet.is_good).tolist():
            told = {**sheet.about(name, place), **values}
            sheet.findings.add(check, row=int(sheet.row_numbers[place]), values=told)


def check_cash_day(
    sheet: Sheet, frame: pd.DataFrame, name: str, context: Context, *, posting: pd.Series | None = None
) -> None:
    """Cash after the day asked for, or posted (``posting``, else its own day) in a period that is closed."""
    days = frame[name].to_numpy()
    if context.as_of is not None:
        check_rows(sheet, "date-future", days > np.datetime64(context.as_of), name)
    days = days if posting is None else posting.to_numpy()
    for company, last in context.closed_through.items():
        mine = np.ones(len(frame), dtype=bool) if not company else (frame["company_id"] == company).to_numpy()
        check_rows(sheet, "period-closed", mine & (days <= np.datetime64(last)), name, closed_through=last)


def check_customers(sheet: Sheet, frame: pd.DataFrame, context: Context) -> None:
    """Customers that the book does not know, where the mapping minds."""
    if context.customer_ids is None or sheet.mapping.action("unknown-customer") == "accept":
        return
    known = {(company, customer) for company, ids in context.customer_ids.items() for customer in ids}
    named = frame["customer_id"].to_numpy()
    pairs = zip(frame["company_id"], named, strict=True)
    unknown = np.fromiter((pair not in known for pair in pairs), dtype=bool, count=len(frame))
    check_rows(sheet, "unknown-customer", unknown & (named != ""), "customer_id")


def restore_leading_zeros(sheet: Sheet, frame: pd.DataFrame, context: Context) -> None:
    """Give customers back the zeros that a spreadsheet ate, only where the padded customer is known."""
    width = sheet.mapping.ids.pad.get("customer_id")
    if not width:
        return
    codes, distinct = pd.factorize(frame["customer_id"].to_numpy())
    known = {text for text in distinct if len(text) == width} | context.every_customer()
    counts = np.bincount(codes, minlength=len(distinct))
    restored = distinct.copy()
    for place, text in enumerate(distinct):
        if not (text.isascii() and text.isdigit() and len(text) < width) or text in context.every_customer():
            continue
        padded = text.zfill(width)
        first = int(frame["row"].iloc[int(np.argmax(codes == place))])
        is_known = padded in known
        sheet.findings.add(
            "leading-zeros-restored" if is_known else "leading-zeros-lost",
            key=padded if is_known else text,
            value=text,
            padded=padded,
            count=int(counts[place]),
            first_row=first,
        )
        if is_known:
            restored[place] = padded
    frame["customer_id"] = restored[codes]


def group_codes(frame: pd.DataFrame, columns: list[str]) -> npt.NDArray[np.int64]:
    """One integer for each distinct combination, whatever the columns' types."""

    def join(left: npt.NDArray[np.int64], name: str) -> npt.NDArray[np.int64]:
        right, distinct = pd.factorize(frame[name].to_numpy(), use_na_sentinel=False)
        codes: npt.NDArray[np.int64] = pd.factorize(left * max(len(distinct), 1) + right)[0].astype(np.int64)
        return codes

    return reduce(join, columns, np.zeros(len(frame), dtype=np.int64))


def settle_rivals(
    sheet: Sheet,
    frame: pd.DataFrame,
    *,
    key: list[str],
    content: list[str],
    name: str,
    parts: list[str] | None = None,
) -> npt.NDArray[np.bool_]:
    """Which rows repeat an earlier one; rows of one key that do not agree are refused, all of them.

    ``name``: the field that a finding shows as the key. ``parts``: columns in which rows of one key may
    differ and both be right. Only rows that were good take part.
    """
    good = np.flatnonzero(sheet.is_good)
    taken = frame.iloc[good]
    keys = group_codes(taken, key)
    if int(keys.max(initial=-1)) + 1 == len(keys):  # no key twice
        return np.zeros(len(frame), dtype=bool)
    contents = group_codes(taken.assign(_key=keys), ["_key", *content])
    firsts = ~pd.Series(contents).duplicated().to_numpy()
    versions = np.bincount(keys[firsts], minlength=int(keys.max(initial=-1)) + 1)
    disputed = versions[keys] > 1
    rows_alike = group_codes(taken.assign(_content=contents), ["_content", *(parts or [])])
    repeats = pd.Series(rows_alike).duplicated().to_numpy()
    for code in pd.unique(keys[disputed]):
        members = good[keys == code]
        rows = sheet.row_numbers[members].tolist()
        differing = [column for column in content if frame[column].iloc[members].nunique(dropna=False) > 1]
        rivals_text = "; ".join(sheet.raw.raw(int(sheet.index[member]))[:200] for member in members[:5])
        mask = np.zeros(len(frame), dtype=bool)
        mask[members] = True
        sheet.refuse(
            mask,
            "key-conflict",
            key=str(frame[name].iloc[members[0]]),
            rows=", ".join(map(str, rows)),
            columns=", ".join(sheet.headings.get(column, column) for column in differing),
            rivals=rivals_text,
        )
    duplicate = np.zeros(len(frame), dtype=bool)
    duplicate[good[repeats & ~disputed]] = True
    if sheet.mapping.action("duplicate-in-file") == "reject":
        for place in np.flatnonzero(duplicate).tolist():
            sheet.rules[place] = "duplicate-in-file"
            row = int(sheet.row_numbers[place])
            sheet.values[place] = {"key": str(frame[name].iloc[place]), "rows": str(row), "count": 1}
        return np.zeros(len(frame), dtype=bool)
    if duplicate.any():
        numbers = sheet.row_numbers[duplicate].tolist()
        sheet.findings.add(
            "duplicate-in-file", rows=", ".join(map(str, numbers[:20])), count=len(numbers), key=""
        )
    return duplicate


def finish(
    sheet: Sheet,
    frame: pd.DataFrame,
    duplicate: npt.NDArray[np.bool_],
    *,
    sum_of: str | None = None,
    sum_amounts: npt.NDArray[np.int64] | None = None,
    **others: object,
) -> Parsed:
    """The parsed file: good rows, refused rows with their raw text, findings, counts and sums."""
    refused = np.flatnonzero(~sheet.is_good).tolist()
    if sheet.control and sum_of:
        prove_control(sheet.control, len(sheet.index), frame[sum_of], frame["currency"], file=sheet.raw.file)
    for place in refused:
        sheet.findings.add(
            str(sheet.rules[place]),
            level="error",
            row=int(sheet.row_numbers[place]),
            values=sheet.values.get(place, {}),
        )
    rejected = pd.DataFrame(
        {
            "row": sheet.row_numbers[refused],
            "raw": [sheet.raw.raw(int(sheet.index[place])) for place in refused],
            "rule": [sheet.rules[place] for place in refused],
            "values": [to_json(sheet.values.get(place, {})) for place in refused],
        }
    )
    kept = sheet.is_good & ~duplicate
    good = frame[kept].reset_index(drop=True)
    amounts = good[sum_of].to_numpy() if sum_of else sum_amounts[kept] if sum_amounts is not None else None
    return Parsed(
        kind=sheet.mapping.kind,
        frame=good,
        rejected=REJECTED.conform(rejected),
        findings=sheet.findings.frame(),
        rows_in=len(sheet.index),
        rows_duplicate=int(duplicate.sum()),
        rows_total=sheet.rows_total,
        sums=sums_by_currency(amounts, good["currency"]) if amounts is not None else {},
        raw_of=raw_reader(sheet.raw),
        **others,  # type: ignore[arg-type]  # the optional fields of Parsed, by name
    )


def extract_date(sheet: Sheet, frame: pd.DataFrame) -> dt.date | None:
    """The day the extract speaks of, by the mapping's rule; ``None`` when who imports has to say it."""
    rule = sheet.mapping.extract_date
    if rule.rule == "file-name":
        found = re.search(rule.pattern or r"(20[0-9]{6})", sheet.raw.file)
        try:
            return dt.datetime.strptime(found[1], "%Y%m%d").date() if found else None  # noqa: DTZ007
        except (ValueError, IndexError):
            return None
    if rule.rule == "latest-date":
        days = [frame.loc[sheet.is_good, name].max() for name in rule.columns if name in frame]
        known = [day for day in days if not pd.isna(day)]
        return max(known).date() if known else None
    return None
