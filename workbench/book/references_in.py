"""Remittance advices and exchange rates into the book."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from ..money import RATE_SCALE
from ..tables import RATES, REMITTANCES
from .batches import Outcome, StoreResult, conclude, sums_of
from .frames import raw_column
from .lookups import enter_companies, existing
from .transactions import Posting

_CONTENT = [
    name for name in REMITTANCES.columns if name not in ("company_id", "remittance_id", "line", "recorded_at")
]


def store_remittances(posting: Posting, outcome: Outcome) -> StoreResult:
    """Advice lines, known by their content within the advice; a line said again adds nothing."""
    frame = outcome.batch.frame
    columns: dict[str, list[Any]] = {
        name: raw_column(frame[name], kind)
        if name in frame
        else [0 if kind in ("money", "integer") else ""] * len(frame)
        for name, kind in REMITTANCES.columns.items()
        if name != "recorded_at"
    }
    outcome.companies.update(columns["company_id"])
    enter_companies(posting, outcome.companies)
    advices = [
        (company, advice or receipt or f"{payer}|{day}")
        for company, advice, receipt, payer, day in zip(
            *(
                columns[name]
                for name in ("company_id", "remittance_id", "receipt_id", "payer_name", "advice_date")
            ),
            strict=True,
        )
    ]
    contents = list(zip(*(columns[name] for name in _CONTENT), strict=True))
    distinct = list(dict.fromkeys(advices))
    stored = existing(posting, "remittances", ["company_id", "remittance_id"], distinct, ["line", *_CONTENT])
    left: Counter[tuple[Any, ...]] = Counter()
    last_line: Counter[tuple[str, str]] = Counter()
    for number, line, *said in stored:
        left[(distinct[number], *said)] += 1
        last_line[distinct[number]] = max(last_line[distinct[number]], line)
    rows = []
    for position, (advice, content) in enumerate(zip(advices, contents, strict=True)):
        if left[(advice, *content)] > 0:
            left[(advice, *content)] -= 1
            continue
        last_line[advice] += 1
        rows.append((*advice, last_line[advice], *content, outcome.batch_key, outcome.rows[position]))
        outcome.stored.add(position)
    posting.insert(
        "remittances", ["company_id", "remittance_id", "line", *_CONTENT, "batch_key", "row"], rows
    )
    return conclude(
        posting, outcome, sums_of(sorted(outcome.stored), columns["advised_amount"], columns["currency"])
    )


def store_rates(posting: Posting, outcome: Outcome) -> StoreResult:
    """Rates by source, pair and first day; another rate for a known day is a conflict.

    Until when a rate holds may be learned later (the next publication): that is a newer row, not a conflict.
    """
    names = [name for name in RATES.columns if name != "recorded_at"]
    columns = {name: raw_column(outcome.batch.frame[name], RATES.columns[name]) for name in names}
    keys = list(zip(*(columns[name] for name in RATES.key), strict=True))
    known: dict[tuple[Any, ...], dict[str, int]] = {}
    for number, through, rate in existing(posting, "rates", list(RATES.key), keys, ["valid_through", "rate"]):
        known.setdefault(keys[number], {})[through] = rate
    rows = []
    for position, key in enumerate(keys):
        through, rate = columns["valid_through"][position], columns["rate"][position]
        said = known.setdefault(key, {})
        if any(other != rate for other in said.values()):
            text = " ".join(str(part) for part in key)
            before = next(other for other in said.values() if other != rate)
            outcome.refuse_conflict(
                position,
                key=text,
                amount=0,
                currency="",
                said={"rate": str(Decimal(rate) / RATE_SCALE)},
                stored={"rate": str(Decimal(before) / RATE_SCALE)},
            )
        elif through not in said:
            said[through] = rate
            rows.append((*(columns[name][position] for name in names), outcome.batch_key))
            outcome.stored.add(position)
    posting.insert("rates", [*names, "batch_key"], rows)
    return conclude(posting, outcome, {})
