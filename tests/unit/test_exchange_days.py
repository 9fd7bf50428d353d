"""Rates of many days at once: every day of the real TRM, crosses of three legs, amounts of a million days."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_frames import rates
from tries import tries

from workbench import exchange
from workbench.exchange import OfficialRates
from workbench.money import RATE_SCALE, round_half_away
from workbench.sources import Context, load_mapping, read_content

DAY = dt.date(2026, 2, 2)
TABLE = (
    ("trm", "USD", "COP", "2026-02-01", "2026-02-02", 4_000_000_000),
    ("trm", "USD", "COP", "2026-02-03", "2026-02-05", 4_100_000_000),
    ("ecb", "EUR", "USD", "2026-02-01", "2026-02-05", 1_100_000),
    ("ecb", "EUR", "GBP", "2026-02-01", "2026-02-05", 850_000),
    ("ecb", "EUR", "JPY", "2026-02-01", "2026-02-05", 170_000_000),
)


def test_sterling_reaches_pesos_through_the_euro_and_the_dollar() -> None:
    table = rates(*TABLE)
    told = exchange.rate_in_force(table, from_currency="GBP", to_currency="COP", on=DAY)
    assert told == round_half_away(4_000_000_000 * 1_100_000 * RATE_SCALE, 850_000 * RATE_SCALE)
    assert OfficialRates(table).ratio("GBP", "COP", DAY) == OfficialRates(table).ratio("EUR", "COP", DAY) / (
        OfficialRates(table).ratio("EUR", "GBP", DAY)
    )


@given(
    st.lists(
        st.tuples(
            st.integers(-(2**40), 2**40),
            st.sampled_from(["USD", "EUR", "GBP", "JPY", "COP", "CAD"]),
            st.integers(0, 6),
        ),
        max_size=20,
    )
)
@settings(max_examples=tries(30), deadline=None)
def test_amounts_of_many_days_are_each_what_their_day_makes_of_them(rows: list[tuple[int, str, int]]) -> None:
    table = rates(*TABLE)
    days = [dt.date(2026, 2, 1) + dt.timedelta(days=shift) for _, _, shift in rows]
    valued = OfficialRates(table).values(
        np.array([amount for amount, _, _ in rows], dtype=np.int64),
        [currency for _, currency, _ in rows],
        np.array(days, dtype="datetime64[s]"),
        to_currency="COP",
    )
    for place, ((amount, currency, _), day) in enumerate(zip(rows, days, strict=True)):
        frame = pd.DataFrame({"currency": [currency], "amount": [amount]})
        missing = exchange.missing_rates([currency], table, on=day, to_currency="COP")
        assert valued.is_known[place] == missing.empty
        if missing.empty:
            made = exchange.translate(frame, ["amount"], table, on=day, to_currency="COP")
            assert valued.amounts[place] == made["amount"].item()
            told = exchange.rate_in_force(table, from_currency=currency, to_currency="COP", on=day)
            assert valued.rates[place] == told
        else:
            assert valued.amounts[place] == 0


def test_a_row_without_a_day_has_no_rate() -> None:
    days = np.array(["NaT", "2026-02-01"], dtype="datetime64[s]")
    valued = OfficialRates(rates(*TABLE)).values(
        np.array([1_00, 1_00]), ["USD", "USD"], days, to_currency="COP"
    )
    assert valued.is_known.tolist() == [False, True]


def _real_trm(shared: Path, root: Path) -> tuple[pd.DataFrame, list[tuple[dt.date, dt.date, int]]]:
    """The file through our own reader, and its rows of 2024 read independently."""
    file = shared / "data/fx/TRM_datosgov_20250824.csv"
    parsed = read_content(
        file.read_bytes(), load_mapping(root / "parameters", "trm_rates"), file=file.name, context=Context()
    )
    rows = []
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            first, last = (
                dt.date(*(int(part) for part in reversed(row[name].split("/"))))
                for name in ("VIGENCIADESDE", "VIGENCIAHASTA")
            )
            rows.append((first, last, int(row["VALOR"].strip("$").replace(",", "").replace(".", ""))))
    return parsed.frame.assign(recorded_at=pd.Timestamp(0, tz="UTC")), rows


def test_every_day_of_a_year_has_the_real_trm_in_force_weekends_and_holidays_too(
    shared: Path, root: Path
) -> None:
    table, rows = _real_trm(shared, root)
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=number) for number in range(366)]
    wanted = {}
    for first, last, hundredths in rows:
        for day in days:
            if first <= day <= last:
                assert day not in wanted
                wanted[day] = hundredths
    valued = OfficialRates(table).values(
        np.full(366, 1_00), ["USD"] * 366, np.array(days, dtype="datetime64[s]"), to_currency="COP"
    )
    assert valued.is_known.all()
    assert valued.amounts.tolist() == [wanted[day] for day in days]
    weekends = [place for place, day in enumerate(days) if day.weekday() == 6]
    assert all(valued.amounts[place] == valued.amounts[place - 1] for place in weekends)


def test_euros_cross_at_the_real_rates_of_both_publishers(shared: Path, root: Path) -> None:
    table, rows = _real_trm(shared, root)
    file = shared / "data/fx/eurofxref-hist.csv"
    ecb = read_content(
        file.read_bytes(), load_mapping(root / "parameters", "ecb_rates"), file=file.name, context=Context()
    ).frame
    day = dt.date(2024, 3, 29)  # Good Friday: neither publishes, both keep the last
    both = pd.concat([table, ecb.assign(recorded_at=pd.Timestamp(0, tz="UTC"))])
    dollar = next(hundredths for first, last, hundredths in rows if first <= day <= last)
    told = exchange.rate_in_force(both, from_currency="EUR", to_currency="COP", on=day)
    with file.open(encoding="utf-8", newline="") as stream:
        known = {row["Date"]: row["USD"] for row in csv.DictReader(stream)}
    euro = known[max(text for text in known if text <= str(day))]
    assert told == round_half_away(
        dollar * int(euro.replace(".", "")) * RATE_SCALE, 100 * 10 ** len(euro[2:])
    )


def test_a_day_after_the_file_has_no_rate(shared: Path, root: Path) -> None:
    table, _ = _real_trm(shared, root)
    assert OfficialRates(table).ratio("USD", "COP", dt.date(2025, 8, 26)) is None
    assert OfficialRates(table).nearest("USD", "COP", dt.date(2025, 8, 26)) == "2025-08-25"
    with pytest.raises(exchange.MissingRateError):
        exchange.rate_in_force(table, from_currency="USD", to_currency="COP", on=dt.date(2025, 8, 26))
