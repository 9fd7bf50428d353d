"""PSE reconciliation files: every attempt to pay by PSE in a cycle, of which only state 1 is money.

The layout stands in the mapping (``fixed:``). Fields it needs: ``cycle_date`` of the header; ``state``,
``cus`` and ``amount`` of the detail. It may have ``receipt_date``, ``company_tax_id``, ``customer_id``,
``payer_name``, ``payer_tax_id``, ``payer_account`` and ``reference``. Source: DOMAIN, section 1; the
layout of the DIAN's case, published by ACH Colombia's users (psedianXX.AAAAMMDD.YY).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter

import numpy as np
import pandas as pd

from ..calendar import WorkingDays
from ..errors import FileRefusedError
from ..money import to_text
from .fixed_lines import FixedLine, read_fixed_lines
from .grammar import read_amounts, read_date
from .holidays_file import colombian_holidays
from .mappings import Mapping
from .parsed import REJECTED, Context, Findings, Parsed, sums_by_currency, to_json
from .raw_table import Texts
from .simple_tables import RECEIPT_ROWS

MONEY = "1"
PENDING = "3"
#: State → why such an attempt is no money.
_NO_MONEY = {"2": "pse-not-authorised", PENDING: "pse-pending", "4": "pse-failed"}
_TEXTS = ("customer_id", "payer_name", "payer_tax_id", "payer_account")


def read_pse(text: str, mapping: Mapping, *, file: str, context: Context) -> Parsed:
    """Attempts with state 1 as receipts, their id the CUS; the others are kept aside, raw, with their reason.

    What is no money is told once a state, with its count and sum. A CUS that stands twice is refused, all
    its rows: nobody can tell which is the payment. An attempt that is pending for more than a banking day
    is a warning.
    """
    lines = read_fixed_lines(text, mapping.fixed, file=file)
    findings = Findings(file, "receipts")
    currency = mapping.constants.get("currency") or mapping.defaults.get("currency", "COP")
    cells: Texts = np.array([line.cells["amount"] for line in lines], dtype=object)
    currencies = np.full(len(lines), currency, dtype=object)
    amounts = read_amounts(cells, currencies, mapping.amounts.styles[0], mapping.amounts)
    cycle = _day(lines[0], "cycle_date", mapping, file)
    days = [_row_day(line, cycle, mapping) for line in lines]
    times = Counter(line.cells["cus"] for line in lines)
    rules = [
        _rule(line, bool(times[line.cells["cus"]] > 1), str(rule), day, mapping, context)
        for line, rule, day in zip(lines, amounts.rules, days, strict=True)
    ]
    for at, rule in enumerate(rules):
        if rule and rule not in _NO_MONEY.values():
            findings.add(rule, level="error", row=lines[at].number, values=_values(rule, lines[at], days[at]))
    minor = amounts.minor.tolist()
    for state, rule in _NO_MONEY.items():
        left = [at for at, found in enumerate(rules) if found == rule]
        if left:
            total = sum(minor[at] for at in left)
            findings.add(
                rule,
                level="note",
                amount=total,
                currency=currency,
                state=state,
                count=len(left),
                left_money=f"{to_text(total, currency)} {currency}",
            )
    waiting = [at for at, rule in enumerate(rules) if rule == "pse-pending"]
    _say_late(waiting, lines, days, cycle, minor, currency, context, findings)
    good = [at for at, rule in enumerate(rules) if not rule]
    refused = [at for at, rule in enumerate(rules) if rule]
    frame = _receipts(good, lines, days, minor, currency, mapping, context, findings)
    rejected = {
        "row": [lines[at].number for at in refused],
        "raw": [lines[at].raw for at in refused],
        "rule": [rules[at] for at in refused],
        "values": [to_json(_values(rules[at], lines[at], days[at])) for at in refused],
    }
    return Parsed(
        kind="receipts",
        frame=frame,
        rejected=REJECTED.conform(pd.DataFrame(rejected)),
        findings=findings.frame(),
        rows_in=len(lines),
        sums=sums_by_currency(frame["received_amount"].to_numpy(), frame["currency"]),
        extract_date=cycle,
    )


def _day(line: FixedLine, name: str, mapping: Mapping, file: str) -> dt.date:
    day, rule = read_date(line.cells.get(name, ""), mapping.dates)
    if day is None:
        raise FileRefusedError(rule, file=file, row=1, column=name, value=line.cells.get(name, ""))
    return day


def _row_day(line: FixedLine, cycle: dt.date, mapping: Mapping) -> dt.date | None:
    """The attempt's own day where the layout has one, else the cycle's; ``None`` where it cannot be read."""
    own = line.cells.get("receipt_date", "")
    return read_date(own, mapping.dates)[0] if own else cycle


def _rule(
    line: FixedLine,
    is_repeated: bool,
    amount_rule: str,
    day: dt.date | None,
    mapping: Mapping,
    context: Context,
) -> str:
    """The first rule that a line breaks, ``""`` where it is money."""
    state = line.cells["state"]
    if not line.cells["cus"]:
        return "id-missing"
    if is_repeated:
        return "pse-cus-repeated"
    if state != MONEY and state not in _NO_MONEY:
        return "pse-state-unknown"
    if amount_rule or not line.cells["amount"]:
        return amount_rule or "amount-missing"
    if state != MONEY:
        return _NO_MONEY[state]
    if day is None:
        return "date-format"
    if not line.cells["amount"].strip("0.") and mapping.action("zero-amount") == "reject":
        return "zero-amount"
    is_future = context.as_of is not None and day > context.as_of
    return "date-future" if is_future and mapping.action("date-future") == "reject" else ""


def _values(rule: str, line: FixedLine, day: dt.date | None) -> dict[str, object]:
    name = {"id-missing": "cus", "pse-cus-repeated": "cus", "pse-state-unknown": "state"}.get(rule, "amount")
    if rule.startswith("date-"):
        name = "receipt_date" if "receipt_date" in line.cells else "cycle_date"
    told: dict[str, object] = {"column": name, "value": line.cells[name], "key": line.cells["cus"]}
    return {**told, "row": line.number, "date": day.isoformat() if day else ""}


def _say_late(
    waiting: list[int],
    lines: list[FixedLine],
    days: list[dt.date | None],
    cycle: dt.date,
    minor: list[int],
    currency: str,
    context: Context,
    findings: Findings,
) -> None:
    """Pending for more than one banking day, by the cycle's day or the day asked for, the later one."""
    until = max(cycle, context.as_of or cycle)
    begun = {at: day for at in waiting if (day := days[at]) is not None}
    if not begun:
        return
    years = range(min(begun.values()).year, until.year + 1)
    banking = WorkingDays.of(colombian_holidays(years))
    for at, day in begun.items():
        if banking.between(day + dt.timedelta(days=1), until + dt.timedelta(days=1)) > 1:
            findings.add(
                "pse-pending-late",
                row=lines[at].number,
                key=lines[at].cells["cus"],
                amount=minor[at],
                currency=currency,
                cus=lines[at].cells["cus"],
                date=day.isoformat(),
                until=until.isoformat(),
                pending_money=f"{to_text(minor[at], currency)} {currency}",
            )


def _receipts(
    good: list[int],
    lines: list[FixedLine],
    days: list[dt.date | None],
    minor: list[int],
    currency: str,
    mapping: Mapping,
    context: Context,
    findings: Findings,
) -> pd.DataFrame:
    usual = mapping.constants.get("company_id") or mapping.defaults.get("company_id", "")
    tax_ids = {line.cells.get("company_tax_id", "") for line in lines} - {""}
    companies = {tax_id: context.company_of(tax_id) for tax_id in sorted(tax_ids)}
    for tax_id, company in companies.items():
        if company is None:
            findings.add("nit-not-ours", nit=tax_id)
    rows = [
        {
            "row": lines[at].number,
            "receipt_id": lines[at].cells["cus"],
            "company_id": companies.get(lines[at].cells.get("company_tax_id", "")) or usual,
            "account_id": mapping.constants.get("account_id", ""),
            "receipt_date": pd.Timestamp(days[at]),
            "currency": currency,
            "received_amount": minor[at],
            "text": " ".join(part for part in ("PSE", lines[at].cells.get("reference", "")) if part),
            **{name: lines[at].cells.get(name, "") for name in _TEXTS},
        }
        for at in good
    ]
    frame = pd.DataFrame(rows, columns=list(RECEIPT_ROWS.columns))
    frame["receipt_date"] = pd.to_datetime(frame["receipt_date"]).astype("datetime64[s]")
    return RECEIPT_ROWS.conform(frame)
