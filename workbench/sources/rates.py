"""Exchange rates: ranges of days in force (TRM) and one column a currency (European Central Bank)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..errors import FileRefusedError
from ..exchange import valid_until_next
from ..money import RATE_SCALE, currency_decimals
from ..tables import RATES
from .checked import finish, read_fields, settle_rivals
from .grammar import read_amounts, read_dates
from .mappings import Mapping
from .parsed import REJECTED, Context, Findings, Parsed, to_json
from .sheets import Sheet
from .simple_tables import as_read
from .text_files import split_rows

RATE_ROWS = as_read(RATES, "recorded_at")
_PLACES = len(str(RATE_SCALE)) - 1


def read_rates(sheet: Sheet, context: Context) -> Parsed:
    """Rates as ranges: to-currency per one from-currency, × ``RATE_SCALE``; gaps and overlaps are said."""
    frame = read_fields(sheet, context).frame
    sheet.refuse((frame["rate"] <= 0).to_numpy(), "zero-amount", "rate")
    sheet.refuse((frame["valid_through"] < frame["valid_from"]).to_numpy(), "date-order", "valid_through")
    key = ["source", "from_currency", "to_currency", "valid_from"]
    duplicate = settle_rivals(sheet, frame, key=key, content=["valid_through", "rate"], name="valid_from")
    _say_gaps(sheet, frame[sheet.is_good & ~duplicate])
    return finish(sheet, RATE_ROWS.conform(frame), duplicate)


def _say_gaps(sheet: Sheet, rates: pd.DataFrame) -> None:
    ordered = rates.sort_values(["source", "from_currency", "to_currency", "valid_from"])
    pair = ordered["source"] + ordered["from_currency"] + ordered["to_currency"]
    step = (ordered["valid_from"] - ordered["valid_through"].shift()).dt.days
    odd = ordered[(pair == pair.shift()) & (step != 1)]
    for row, days in zip(odd.itertuples(), step[odd.index], strict=True):
        rule = "rates-overlap" if days < 1 else "rates-gap"
        sheet.findings.add(rule, row=int(row.row), day=row.valid_from.date(), days=abs(int(days) - 1))


def read_ecb(text: str, mapping: Mapping, *, file: str) -> Parsed:
    """The history of euro reference rates: ``EUR → USD`` is dollars per euro; one row a currency and day.

    A rate is in force until the day before the next publication of its currency, the newest for
    ``last_valid_days`` days. Cells without a rate (``N/A``) are no rows.
    """
    raw = split_rows(text, mapping.delimiters[0], file=file)
    header = [cell.strip() for cell in raw.rows[0]]
    currencies = {place: name for place, name in enumerate(header) if place and name}
    if header[0].casefold() != "date" or not currencies:
        raise FileRefusedError("columns-missing", file=file, columns="Date", mapping=mapping.name)
    unknown = [name for name in currencies.values() if currency_decimals(name) is None]
    if unknown:
        raise FileRefusedError("currency-columns", file=file, columns=", ".join(unknown))
    body = [(number, row) for number, row in zip(raw.numbers.tolist(), raw.rows, strict=True) if any(row)][1:]
    if not body:
        raise FileRefusedError("no-data-rows", file=file)
    lines, days, names, cells = [], [], [], []
    for number, row in body:
        for place, name in currencies.items():
            cell = row[place].strip() if place < len(row) else ""
            if cell not in mapping.missing_words:
                lines.append(number)
                days.append(row[0].strip())
                names.append(name)
                cells.append(cell)
    count = len(cells)
    dates, date_rules = read_dates(np.array(days, dtype=object), mapping.dates)
    rates = read_amounts(
        np.array(cells, dtype=object),
        np.full(count, "", dtype=object),
        mapping.amounts.styles[0],
        mapping.amounts,
        places=_PLACES,
    )
    rules = np.where(date_rules != "", date_rules, rates.rules)
    rules = np.where((rules == "") & (rates.minor <= 0), "zero-amount", rules)
    frame = pd.DataFrame(
        {
            "row": lines,
            "source": mapping.constants.get("source", "ecb"),
            "from_currency": mapping.constants.get("from_currency", "EUR"),
            "to_currency": names,
            "valid_from": dates,
            "rate": rates.minor,
        }
    )
    findings = Findings(file, "rates")
    bad = np.flatnonzero(rules != "").tolist()
    for place in bad:
        findings.add(rules[place], level="error", row=lines[place], column=names[place], value=cells[place])
    good = frame[rules == ""].sort_values(["to_currency", "valid_from"], kind="stable").reset_index(drop=True)
    repeated = good.duplicated(["to_currency", "valid_from"], keep=False)
    if repeated.any():
        day = good.loc[repeated, "valid_from"].iloc[0].date()
        raise FileRefusedError("rates-repeated", file=file, day=day)
    good = valid_until_next(good, last_days=mapping.last_valid_days)
    values = [to_json({"column": names[place], "value": cells[place]}) for place in bad]
    rejected = pd.DataFrame(
        {"row": [lines[p] for p in bad], "raw": [cells[p] for p in bad], "rule": rules[bad], "values": values}
    )
    return Parsed(
        kind="rates",
        frame=RATE_ROWS.conform(good),
        rejected=REJECTED.conform(rejected),
        findings=findings.frame(),
        rows_in=count,
    )
