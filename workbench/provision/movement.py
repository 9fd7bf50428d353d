"""How the provision came from the last close to this one: opening + charge − reversal − write-off ± exchange.

By calculation, customer and currency of the debts; once in that currency, where exchange is nothing, and once
in base currency. What was written off uses the allowance up; where it exceeds it, the excess is charged.
Exchange is the opening balance at the closing rate less what it was carried at, so charges and reversals are
those of the debts themselves, at the closing rate. Both identities hold row by row, to the cent.
Source: DOMAIN, section 7, "Movement"; IFRS 7.35H.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..exchange import has_rate, translate
from ..ledger import active_applications
from ..money import Amounts, sums_by
from ..tables import RECOVERED_RULE, WRITE_OFF_KIND, Table
from .balances import Opening

MOVEMENT = Table(
    "provision_movement",
    ("calculation", "company_id", "customer_id", "held_currency"),
    {
        "calculation": "text",
        "company_id": "text",
        "customer_id": "text",
        "held_currency": "text",  # of the debts
        "currency": "text",  # of the amounts
        "opening_amount": "money",
        "charge_amount": "money",  # positive
        "reversal_amount": "money",  # positive
        "write_off_amount": "money",  # positive: used up
        "exchange_amount": "money",  # signed
        "closing_amount": "money",
    },
)
#: What debts were written off, less what was taken back, in minor units of their currency.
WRITTEN_OFF = Table(
    "written_off",
    ("company_id", "customer_id", "currency"),
    {"company_id": "text", "customer_id": "text", "currency": "text", "write_off_amount": "money"},
)
_WHOSE = ["company_id", "customer_id", "currency"]


@dataclass(frozen=True)
class Movement:
    """``held``: in the debts' own currencies; ``base``: the same in base currency (``MOVEMENT`` both)."""

    held: pd.DataFrame
    base: pd.DataFrame


def move_provisions(
    opening: pd.DataFrame,
    closing: pd.DataFrame,
    written_off: pd.DataFrame,
    rates: pd.DataFrame,
    *,
    as_of: dt.date,
    base_currency: str,
) -> Movement:
    """Every calculation from ``opening`` to ``closing``, customer by customer.

    ``opening``: ``opening_balances``; ``closing``: ``provision_balances``; ``written_off``: ``WRITTEN_OFF``,
    of the period. ``opening + charge − reversal − write_off + exchange = closing`` in every row. A write-off
    of a customer that no book knows is shown as charged and used at once. Minor units; the rows of both
    frames answer each other, but that a currency without a rate on ``as_of`` has none in base currency.
    """
    keys = ["calculation", *_WHOSE]
    amounts = ["provision_amount", "base_provision_amount"]
    began = opening.groupby(keys)[amounts].sum()
    ended = closing.groupby(keys)[amounts].sum()
    calculations = sorted({*opening["calculation"], *closing["calculation"]})
    lost = written_off.merge(pd.DataFrame({"calculation": calculations}, dtype="str"), how="cross")
    used = lost.groupby(keys)["write_off_amount"].sum()
    every = began.index.union(ended.index).union(used.index).sort_values()
    rows = every.to_frame(index=False)

    def taken(sums: pd.Series) -> Amounts:
        # Not reindex: integers would pass through floats.
        known = np.append(sums.to_numpy(dtype=np.int64), 0)
        found: Amounts = known[sums.index.get_indexer(every)]
        return found

    held = _balanced(
        taken(began["provision_amount"]),
        taken(used),
        np.zeros(len(rows), np.int64),
        taken(ended["provision_amount"]),
    )
    at_closing = rows.assign(opening=held["opening_amount"], used=held["write_off_amount"])
    known = has_rate(rows["currency"], rates, on=as_of, to_currency=base_currency)
    at_closing.loc[known] = translate(
        at_closing[known], ["opening", "used"], rates, on=as_of, to_currency=base_currency
    )
    carried = taken(began["base_provision_amount"])
    exchange = at_closing["opening"].to_numpy() - carried
    base = _balanced(carried, at_closing["used"].to_numpy(), exchange, taken(ended["base_provision_amount"]))
    named = rows.rename(columns={"currency": "held_currency"})
    frames = (named.assign(currency=rows["currency"], **held), named.assign(currency=base_currency, **base))
    amounts = [name for name, kind in MOVEMENT.columns.items() if kind == "money"]
    stands = np.any([(frame[amounts] != 0).any(axis=1).to_numpy() for frame in frames], axis=0)
    held_rows, base_rows = (
        MOVEMENT.conform(frame[shown]) for frame, shown in zip(frames, (stands, stands & known), strict=True)
    )
    return Movement(held_rows, base_rows)


def written_off_in(
    documents: pd.DataFrame,
    applications: pd.DataFrame,
    reversals: pd.DataFrame,
    opening: Opening,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
) -> pd.DataFrame:
    """What was written off through ``as_of`` since the close that ``opening`` stands for, by customer.

    What that close did not know yet counts here, whatever its day, and so does a month without a close. A
    company that never closed counts from the first day of its period. A write-off taken back
    counts against them, whenever it was made; the cash of a recovery does not, for it is income by its own
    entry (``writing_off``), and what it paid stays used up.
    """
    own = applications[
        ((applications["kind"] == WRITE_OFF_KIND) | (applications["rule"] == RECOVERED_RULE)).to_numpy()
    ]
    items = documents.drop_duplicates("document_key")
    ended = active_applications(own, reversals, as_of=as_of, known_at=known_at)
    parts = [_whose(ended, items).assign(sign=1)]
    begun = opening.balances.groupby("company_id").agg(
        day=("as_of_date", "max"), instant=("recorded_at", "max")
    )
    for company in sorted(items["company_id"].unique()):
        day, instant = opening.first_day - dt.timedelta(days=1), known_at
        if company in begun.index:
            day, instant = (begun.at[company, name].to_pydatetime() for name in ("day", "instant"))
            day = day.date()
        of_company = items[(items["company_id"] == company).to_numpy()]
        before = active_applications(own, reversals, as_of=day, known_at=instant)
        parts.append(_whose(before, of_company).assign(sign=-1))
    legs = pd.concat(parts, ignore_index=True)
    signed = legs.assign(write_off_amount=legs["applied_amount"] * legs["sign"])
    sums = signed.groupby(_WHOSE, sort=True)["write_off_amount"].sum().reset_index()
    return WRITTEN_OFF.conform(sums[(sums["write_off_amount"] != 0).to_numpy()])


def _whose(legs: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """The legs on these documents, with whose they are."""
    places = pd.Index(items["document_key"].to_numpy()).get_indexer(legs["document_key"].to_numpy())
    own = items.iloc[places[places >= 0]][_WHOSE].reset_index(drop=True)
    return own.assign(applied_amount=legs["applied_amount"].to_numpy(dtype=np.int64)[places >= 0])


def of_calculation(rows: pd.DataFrame, calculation: str) -> pd.DataFrame:
    """The rows of one calculation: a sum over several would say one debt three times."""
    return rows[(rows["calculation"] == calculation).to_numpy()].reset_index(drop=True)


def summarise_movement(movement: pd.DataFrame) -> pd.DataFrame:
    """The movement by calculation, company and currencies, all customers together (same amounts)."""
    keys = ["calculation", "company_id", "held_currency", "currency"]
    amounts = [name for name, kind in MOVEMENT.columns.items() if kind == "money"]
    group = movement.groupby(keys, sort=True)
    codes, count = group.ngroup().to_numpy(), group.ngroups
    found = group.size().reset_index()[keys]
    return found.assign(**{name: sums_by(codes, movement[name].to_numpy(), count) for name in amounts})


def _balanced(opening: Amounts, used: Amounts, exchange: Amounts, closing: Amounts) -> dict[str, Amounts]:
    net = closing - opening + used - exchange
    return {
        "opening_amount": opening,
        "charge_amount": np.maximum(net, 0),
        "reversal_amount": np.maximum(-net, 0),
        "write_off_amount": used,
        "exchange_amount": exchange,
        "closing_amount": closing,
    }
