"""Exchange rates: TRM as datos.gov.co publishes it, reference rates as the ECB does. Drawn, not real."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .days import Months, day_number, to_date

#: The ECB's columns here, with about what a euro costs.
EURO = {"USD": 1.12, "JPY": 172.0, "GBP": 0.84, "CHF": 0.93, "CAD": 1.57, "BRL": 6.0, "MXN": 21.0}


def write_trm(path: Path, months: Months, rng: np.random.Generator) -> Path:
    """Newest first. The rate of a working day is in force from the next day through the next working day."""
    working = _working_days(months)
    steps = np.exp(np.cumsum(rng.normal(0.0, 0.005, len(working))))
    hundredths = np.rint(405_000 * steps).astype(np.int64)
    rows = ['"VALOR","UNIDAD","VIGENCIADESDE","VIGENCIAHASTA"']
    for place in range(len(working) - 2, -1, -1):
        whole, part = divmod(int(hundredths[place]), 100)
        first, last = to_date(working[place] + 1), to_date(working[place + 1])
        rows.append(f'"${whole:,}.{part:02d}","COP","{first:%d/%m/%Y}","{last:%d/%m/%Y}"')
    path.write_text("\n".join(rows) + "\n", encoding="utf-8", newline="")
    return path


def write_ecb(path: Path, months: Months, rng: np.random.Generator) -> Path:
    """Newest first, Monday to Friday; one column a currency, a comma behind the last as the ECB leaves it."""
    days = np.arange(_first(months), months.last + 1)
    days = days[np.is_busday(days.astype("datetime64[D]"))]
    steps = np.exp(np.cumsum(rng.normal(0.0, 0.003, (len(days), len(EURO))), axis=0))
    rates = np.array(list(EURO.values())) * steps
    rows = [",".join(("Date", *EURO, ""))]
    for place in range(len(days) - 1, -1, -1):
        shown = (f"{rate:.2f}" if rate > 100 else f"{rate:.4f}" for rate in rates[place].tolist())
        rows.append(",".join((to_date(days[place]).isoformat(), *shown, "")))
    path.write_text("\n".join(rows) + "\n", encoding="utf-8", newline="")
    return path


def _first(months: Months) -> int:
    """Rates reach back to the oldest items: two years before the history begins."""
    start = months.periods[0]
    return day_number(start.first_day.replace(year=start.year - 2))


def _working_days(months: Months) -> np.ndarray:
    """From the first day of the rates to the first working day after the closing month."""
    after = int(months.shift(np.array([months.last + 1]), np.array([0]))[0])
    days = np.arange(_first(months), after + 1)
    return days[months.is_working(days)]
