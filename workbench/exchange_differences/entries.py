"""The entries that a period's differences ask for (comprobantes), and what the close keeps of each document.

Realised at its own day, or on the period's first where the month of that day was posted without it; what the
close before had revalued taken back on the period's first day, as it was posted; this close's revaluation and
cleared cents on the last. Gains go to one account and losses to another
(PUC 421020, 530525 by ``policy.accounts``), always against the foreign customers' account.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..applications import collect_findings, finding
from ..calendar import Period
from ..journal import PROPOSED, double_entry
from ..money import checked_sum
from ..policy import Accounts, ExchangePolicy
from ..tables import JOURNAL_LINES, REVALUATIONS, Table
from .measured import sum_money
from .results import Measured

#: Where an entry comes from; ``origin`` of its lines, and the part of its id that tells it from the others.
REALISED, LATE, REVERSED, UNREALISED, CLEARED = (
    "exchange_realised", "exchange_late", "exchange_reversed", "exchange_unrealised", "exchange_residue",
)  # fmt: skip
#: The lines as a person reads them, before the book has them.
ENTRY_LINES = Table("entry_lines", ("entry_id", "line"), {n: JOURNAL_LINES.columns[n] for n in PROPOSED})
#: What each origin comes to in base currency; positive is a gain.
PARTS = Table(
    "exchange_parts",
    ("origin", "company_id", "currency"),
    {"origin": "text", "company_id": "text", "currency": "text", "result_base": "money"},
)
_WHO = ["company_id", "customer_id", "currency", "base_currency"]


@dataclass(frozen=True)
class Entries:
    """``lines`` (``ENTRY_LINES``), ``parts``: what each origin comes to, ``revaluations``: what the next
    period takes back, and ``findings``."""

    lines: pd.DataFrame
    parts: pd.DataFrame
    revaluations: pd.DataFrame
    findings: pd.DataFrame


def propose_entries(
    measured: Measured,
    posted: pd.DataFrame,
    *,
    accounts: Accounts,
    policy: ExchangePolicy,
    period: Period,
) -> Entries:
    """What the period's differences would book; every entry sums to zero in base currency.

    ``posted``: the book's ``REVALUATIONS``; of the period before, the newest of each company is what is taken
    back, to the cent, whatever is known by now, and a change is a finding. Where nothing was posted, it is
    what the close before would have made. Realised entries are left out where ``policy.posts_realised`` says
    that the ERP makes them. Σ lines on the customers' account = accounting result of the period.
    """
    opening = _posted_before(measured.opening, posted, period)
    days = {
        REALISED: measured.settlements.assign(
            result_base=measured.settlements["realised_base"], on=measured.settlements["settled_date"]
        ),
        # The months of their own days are posted: they are booked in this one.
        LATE: measured.late.assign(
            result_base=measured.late["realised_base"], on=pd.Timestamp(period.first_day)
        ),
        REVERSED: opening.assign(result_base=-opening["unrealised_base"], on=pd.Timestamp(period.first_day)),
        UNREALISED: measured.closing.assign(
            result_base=measured.closing["unrealised_base"], on=pd.Timestamp(period.last_day)
        ),
        CLEARED: _cleared(measured).assign(on=pd.Timestamp(period.last_day)),
    }
    if not policy.posts_realised:
        del days[REALISED], days[LATE]
    made = [_lines(rows, origin, accounts, period) for origin, rows in days.items()]
    parts = [rows.assign(origin=origin, currency=rows["base_currency"]) for origin, rows in days.items()]
    return Entries(
        lines=ENTRY_LINES.conform(pd.concat(made, ignore_index=True)),
        parts=PARTS.conform(sum_money(parts, ["origin", "company_id", "currency"], ["result_base"])),
        revaluations=_kept(measured.closing),
        findings=_changed(measured.restated, opening),
    )


def on_account(lines: pd.DataFrame, account: str) -> pd.DataFrame:
    """The lines of one account, told in base currency."""
    own = lines[lines["account"] == account]
    return own.assign(currency=own["base_currency"]).reset_index(drop=True)


def _posted_before(opening: pd.DataFrame, posted: pd.DataFrame, period: Period) -> pd.DataFrame:
    """What the close before put into the book, of each company its newest; else what was made here."""
    own = posted[posted["period"] == str(period.previous())]
    newest = own.groupby("company_id")["recorded_at"].transform("max")
    own = own[own["recorded_at"] == newest]
    told = own.assign(unrealised_base=own["revalued_amount"] - own["carried_amount"])
    columns = [*_WHO, "document_key", "unrealised_base"]
    without = opening[~opening["company_id"].isin(told["company_id"])]
    return pd.concat([told[columns], without[columns]], ignore_index=True)


def _cleared(measured: Measured) -> pd.DataFrame:
    """The cents cleared since the close before, as a result: positive is a gain."""
    both = pd.concat(
        [
            measured.opening.assign(result_base=measured.opening["residue_base"]),
            measured.closing.assign(result_base=-measured.closing["residue_base"]),
        ]
    )
    return both.groupby([*_WHO, "document_id"], sort=True)["result_base"].sum().reset_index()


def _lines(rows: pd.DataFrame, origin: str, accounts: Accounts, period: Period) -> pd.DataFrame:
    """One movement a customer, currency and side; realised ones a document and day."""
    rows = rows[rows["result_base"] != 0]
    checked_sum(rows["result_base"].abs().to_numpy())
    # A revaluation taken back goes to the account to which it went: a gain's negative is no loss.
    sign = -1 if origin == REVERSED else 1
    is_gain = (sign * rows["result_base"] > 0).to_numpy()
    detail = ["document_id"] if origin in (REALISED, LATE, CLEARED) else []
    by = ["on", *_WHO, *detail, "is_gain"]
    sums = rows.assign(is_gain=is_gain).groupby(by, sort=True)["result_base"].sum().reset_index()
    gain = sums["is_gain"].to_numpy(dtype=bool)
    days = sums["on"].dt.strftime("%Y%m%d")
    movements = sums.assign(
        entry_id=origin + "/" + sums["company_id"] + "/" + sums["currency"] + "/" + days,
        debit_account=np.where(gain, accounts.foreign_receivables, accounts.exchange_loss),
        credit_account=np.where(gain, accounts.exchange_gain, accounts.foreign_receivables),
        document_id=sums["document_id"] if detail else "",
        case_id="",
        amount=0,
        base_amount=np.where(gain, 1, -1) * sums["result_base"].to_numpy(dtype=np.int64),
        text="DIFC " + sums["currency"] + f" {period}",
    )
    made = double_entry(movements, origin=origin, on=pd.Timestamp(period.last_day))
    dates = dict(zip(movements["entry_id"], movements["on"], strict=True))
    return made.assign(posting_date=made["entry_id"].map(dates).astype("datetime64[s]"))


def _kept(closing: pd.DataFrame) -> pd.DataFrame:
    """Each document with something open, as ``REVALUATIONS`` without what the posting sets."""
    standing = closing[closing["open_amount"] != 0]
    kept = standing.assign(carried_amount=standing["tax_base"], revalued_amount=standing["carrying_base"])
    columns = [*_WHO, "document_key", "open_amount", "carried_amount", "revalued_amount"]
    return kept[[name for name in REVALUATIONS.columns if name in columns]].reset_index(drop=True)


def _changed(restated: pd.DataFrame, taken_back: pd.DataFrame) -> pd.DataFrame:
    """What the close before would say today against what it posted: one finding a company and currency."""
    by = ["company_id", "currency", "base_currency"]
    now, then = (frame.set_index("document_key")["unrealised_base"] for frame in (restated, taken_back))
    both = pd.concat([restated[[*by, "document_key"]], taken_back[[*by, "document_key"]]])
    both = both.drop_duplicates("document_key")
    keys = both["document_key"]
    difference = [int(now.get(key, 0)) - int(then.get(key, 0)) for key in keys.tolist()]
    changed = both.assign(change=np.array(difference, dtype=np.int64))
    changed = changed[changed["change"] != 0]
    return collect_findings(
        [
            finding(
                "revaluation-changed", table="revaluations", key=f"{company}/{currency}",
                amount=int(rows["change"].sum()), currency=str(base), company=company,
                document_currency=currency, count=len(rows),
            )
            for (company, currency, base), rows in changed.groupby(by, sort=True)
        ]
    )  # fmt: skip
