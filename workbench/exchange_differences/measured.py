"""Realised and unrealised differences in exchange of a period (diferencia en cambio), document by document.

Realised, at each settlement: settled × (rate of the payment − rate of the document). Unrealised, at each
close: what is open × (closing rate − rate of the document), reversed on the first day of the next period.
Accounting counts both (IAS 21); tax law counts the realised alone, when it is paid (ET art. 288).
Source: DOMAIN, section 20.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from .. import ledger
from ..applications import collect_findings, finding
from ..exchange import OfficialRates
from ..money import Amounts, checked_sum, sums_by
from ..policy import ExchangePolicy
from ..tables import RATES
from .late import settled_late, touched_since
from .results import COMPARED, REALISED, REVALUED, STATEMENT, Measured
from .settlements import Facts, days_of, find_settlements

_ALL = ["company_id", "customer_id", "currency", "base_currency"]


def measure_differences(
    facts: Facts,
    receipts: pd.DataFrame,
    rates: pd.DataFrame,
    *,
    before: dt.date,
    as_of: dt.date,
    base_currency: str,
    policy: ExchangePolicy,
    known_at: dt.datetime | None = None,
    issued_at: dt.datetime | None = None,
) -> Measured:
    """The differences of the days after ``before`` through ``as_of``, of all debts not in ``base_currency``.

    ``before``: the close before, whose revaluation this period takes back. Credit notes and payments that
    stand open count with their sign; marks of ``policy.not_revalued`` not at all. Every amount is rounded
    once: each settlement by itself, each document at each close; the cents that are left of a document with
    nothing open are cleared. A document without a rate stays out whole and is an error among the findings,
    with whose it is, never a guess.

    ``issued_at``: until when facts counted in the close before. What it did not know of its own days is
    realised here, apart (``late``), and the opening is what it stated; without it nothing is late.
    """
    known = facts.known(known_at)
    foreign = _foreign(known, base_currency, policy, before=before, as_of=as_of, issued_at=issued_at)
    foreign_then = foreign.known(issued_at)
    official = OfficialRates(rates)
    documents = foreign.documents.drop_duplicates("document_key").reset_index(drop=True)
    settled = find_settlements(foreign, receipts, as_of=as_of)
    lacking = _Lacking(official, base_currency)
    documents = _at_own_rates(documents, official, base_currency, lacking)
    settled = _realised(settled, official, base_currency, policy, lacking)
    restated = _revalued(documents, settled, official, base_currency, before, lacking)
    opening, settled_then = restated, settled[settled["settled_date"] <= pd.Timestamp(before)]
    if issued_at is not None:
        settled_then = find_settlements(foreign_then, receipts, as_of=before)
        settled_then = _realised(settled_then, official, base_currency, policy, lacking)
        known_then = documents[documents["document_key"].isin(foreign_then.documents["document_key"])]
        opening = _revalued(known_then, settled_then, official, base_currency, before, lacking)
    closing = _revalued(documents, settled, official, base_currency, as_of, lacking)
    out = lacking.keys
    opening, restated, closing, settled, settled_then = (
        one[~one["document_key"].isin(out)].reset_index(drop=True)
        for one in (opening, restated, closing, settled, settled_then)
    )
    is_new = settled["settled_date"] > pd.Timestamp(before)
    in_period = settled[is_new].reset_index(drop=True)
    late = settled_late(settled[~is_new], settled_then)
    statement = _statement(opening, restated, closing, in_period, late, before)
    return Measured(
        settlements=REALISED.conform(in_period),
        late=late,
        opening=REVALUED.conform(opening),
        restated=REVALUED.conform(restated),
        closing=REVALUED.conform(closing),
        statement=statement,
        compared=_compared(statement, in_period, late, opening, closing),
        findings=lacking.findings(),
        left_out=frozenset(out),
    )


def _foreign(
    facts: Facts,
    base_currency: str,
    policy: ExchangePolicy,
    *,
    before: dt.date,
    as_of: dt.date,
    issued_at: dt.datetime | None,
) -> Facts:
    """The facts of the documents in other currencies that were open at the close before or moved since, or
    of which something became known since."""
    documents = facts.documents
    is_revalued = (documents["currency"] != base_currency) & ~documents["special_gl"].isin(
        policy.not_revalued
    )
    mine = facts.of(documents.loc[is_revalued, "document_key"])
    was_open = ledger.open_items_as_of(*mine, as_of=before)
    days = days_of(mine, as_of)
    moved = days.loc[days["day"] > pd.Timestamp(before), "document_key"]
    dated = mine.documents["document_date"]
    new = mine.documents[~(dated <= pd.Timestamp(before)) & ~(dated > pd.Timestamp(as_of))]
    keys = [was_open["document_key"], moved, new["document_key"]]
    if issued_at is not None:
        # What was open then and is no more was settled by what is known since: it is touched.
        keys.append(touched_since(mine, issued_at))
    return mine.of(pd.concat(keys))


class _Lacking:
    """The documents that lack a rate, by currency and day."""

    def __init__(self, official: OfficialRates, base: str) -> None:
        self._official, self._base = official, base
        self._asked: dict[tuple[str, str], pd.DataFrame] = {}
        self.keys: set[int] = set()

    def remember(
        self, frame: pd.DataFrame, days: npt.NDArray[np.datetime64], is_known: npt.NDArray[np.bool_]
    ) -> None:
        """The rows of documents whose rate of their day is not known."""
        if is_known.all():
            return
        without = frame[~is_known].assign(_day=pd.Series(days).to_numpy()[~is_known])
        self.keys |= set(without["document_key"].tolist())
        for (currency, day), rows in without.groupby(["currency", "_day"], sort=True, dropna=False):
            said = "–" if pd.isna(day) else pd.Timestamp(day).date().isoformat()
            self._asked.setdefault((str(currency), said), rows)

    def findings(self) -> pd.DataFrame:
        """One a currency and day: how many documents ask for it, and the first of them with its customer."""
        found = []
        for (currency, said), rows in sorted(self._asked.items(), key=lambda one: one[0]):
            first = rows.sort_values(["company_id", "customer_id", "document_id"]).iloc[0]
            day = None if said == "–" else dt.date.fromisoformat(said)
            nearest = self._official.nearest(currency, self._base, day) if day else "–"
            found.append(
                finding(
                    "debt-without-rate",
                    level="error",
                    table=RATES.name,
                    key=f"{currency}/{self._base}",
                    from_currency=currency,
                    to_currency=self._base,
                    on=said,
                    nearest=nearest,
                    count=rows["document_key"].nunique(),
                    document=first["document_id"],
                    customer=first["customer_id"],
                )
            )
        return collect_findings(found)


def _at_own_rates(
    documents: pd.DataFrame, official: OfficialRates, base: str, lacking: _Lacking
) -> pd.DataFrame:
    days = documents["document_date"].to_numpy()
    valued = official.values(
        documents["original_amount"].to_numpy(), documents["currency"], days, to_currency=base
    )
    lacking.remember(documents, days, valued.is_known)
    return documents.assign(initial_base=valued.amounts, initial_rate=valued.rates, base_currency=base)


def _realised(
    settled: pd.DataFrame,
    official: OfficialRates,
    base: str,
    policy: ExchangePolicy,
    lacking: _Lacking,
) -> pd.DataFrame:
    """Each settlement at its document's rate and at its own."""
    amounts = settled["settled_amount"].to_numpy()
    released = official.values(
        amounts, settled["currency"], settled["document_date"].to_numpy(), to_currency=base
    )
    days = settled["rate_date"].to_numpy()
    paid = official.values(amounts, settled["currency"], days, to_currency=base)
    lacking.remember(settled, days, paid.is_known)
    realised = paid.amounts - released.amounts
    is_taxed = ~settled["kind"].isin(policy.not_taxed).to_numpy()
    return settled.assign(
        initial_rate=released.rates,
        settled_rate=paid.rates,
        base_currency=base,
        released_base=released.amounts,
        paid_base=paid.amounts,
        realised_base=realised,
        taxed_base=np.where(is_taxed, realised, 0),
    )


def _revalued(
    documents: pd.DataFrame,
    settled: pd.DataFrame,
    official: OfficialRates,
    base: str,
    on: dt.date,
    lacking: _Lacking,
) -> pd.DataFrame:
    """Each document of that day as it stands at the close ``on``."""
    day = pd.Timestamp(on)
    there = documents[documents["document_date"] <= day].reset_index(drop=True)
    by_then = settled[settled["settled_date"] <= day]
    place = pd.Index(there["document_key"]).get_indexer(by_then["document_key"])
    found = place >= 0
    gone, released = (
        sums_by(place[found], by_then[name].to_numpy()[found], len(there))
        for name in ("settled_amount", "released_base")
    )
    open_amount: Amounts = there["original_amount"].to_numpy() - gone
    days = np.full(len(there), np.datetime64(on, "s"))
    valued = official.values(open_amount, there["currency"], days, to_currency=base)
    lacking.remember(there, days, valued.is_known | (open_amount == 0))
    left = there["initial_base"].to_numpy() - released
    residue = np.where(open_amount == 0, left, 0)
    carried = left - residue
    return there.assign(
        open_amount=open_amount,
        closing_rate=valued.rates,
        released_base=released,
        residue_base=residue,
        unrealised_base=valued.amounts - carried,
        carrying_base=valued.amounts,
        tax_base=carried,
        temporary_base=valued.amounts - carried,
    )


def _statement(
    opening: pd.DataFrame,
    restated: pd.DataFrame,
    closing: pd.DataFrame,
    in_period: pd.DataFrame,
    late: pd.DataFrame,
    before: dt.date,
) -> pd.DataFrame:
    new = closing[closing["document_date"] > pd.Timestamp(before)]
    # Documents dated before that the close before did not know come in now.
    known_late = restated[~restated["document_key"].isin(opening["document_key"])]
    new = pd.concat([new, known_late], ignore_index=True)
    # A payment that the ERP has booked is money that came, whichever of its debts it clears, and when.
    is_cash = (new["document_kind"] == "payment").to_numpy()
    parts = [
        opening.assign(
            opening_base=opening["carrying_base"],
            reversed_base=-opening["unrealised_base"],
            residue_base=opening["residue_base"],
        )[[*_ALL, "opening_base", "reversed_base", "residue_base"]],
        new.assign(
            documents_base=np.where(is_cash, 0, new["initial_base"]),
            collected_base=np.where(is_cash, -new["initial_base"], 0),
        )[[*_ALL, "documents_base", "collected_base"]],
        in_period.assign(collected_base=in_period["paid_base"])[[*_ALL, "collected_base", "realised_base"]],
        late.assign(collected_base=late["paid_base"], late_base=late["realised_base"])[
            [*_ALL, "collected_base", "late_base"]
        ],
        closing.assign(closing_base=closing["carrying_base"], residue_base=-closing["residue_base"])[
            [*_ALL, "unrealised_base", "residue_base", "closing_base", "open_amount"]
        ],
    ]
    return STATEMENT.conform(sum_money(parts, _ALL, STATEMENT.money_columns()))


def _compared(
    statement: pd.DataFrame,
    in_period: pd.DataFrame,
    late: pd.DataFrame,
    opening: pd.DataFrame,
    closing: pd.DataFrame,
) -> pd.DataFrame:
    by = ["company_id", "currency", "base_currency"]
    settled = pd.concat([in_period, late], ignore_index=True)
    counted = ["realised_base", "late_base", "reversed_base", "unrealised_base", "residue_base"]
    parts = [
        statement[[*by, *counted]],
        settled.assign(
            tax_base=settled["taxed_base"],
            permanent_base=settled["realised_base"] - settled["taxed_base"],
        )[[*by, "tax_base", "permanent_base"]],
        opening.assign(temporary_opening_base=opening["temporary_base"])[[*by, "temporary_opening_base"]],
        closing.assign(temporary_closing_base=closing["temporary_base"])[[*by, "temporary_closing_base"]],
    ]
    sums = sum_money(parts, by, COMPARED.money_columns())
    # The cents are settled for good: tax law counts them with the document that they end.
    sums["tax_base"] += sums["residue_base"]
    sums["accounting_base"] = sums[counted].sum(axis=1)
    sums["temporary_change_base"] = sums["temporary_closing_base"] - sums["temporary_opening_base"]
    return COMPARED.conform(sums)


def sum_money(parts: Sequence[pd.DataFrame], by: list[str], columns: list[str]) -> pd.DataFrame:
    """The parts together, one row a combination of ``by``, in order; money that a part lacks is 0 there."""
    # Each part whole before they meet: an absent amount would make floats of the others.
    filled = [part.assign(**{name: 0 for name in columns if name not in part.columns}) for part in parts]
    whole = pd.concat([part[[*by, *columns]] for part in filled], ignore_index=True)
    for name in columns:
        checked_sum(whole[name].abs().to_numpy(dtype=np.int64))
    return whole.groupby(by, sort=True)[columns].sum().reset_index()
