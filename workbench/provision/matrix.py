"""The IFRS 9 provision matrix (deterioro, enfoque simplificado): loss rates by days overdue on every debt.

Σ of a range's balance × its loss rate, less what is insured; rates: ``roll_rates``. Source: DOMAIN, section
7.1 and "Standard formulas"; IFRS 9 B5.5.35.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from ..aging_kernel import bucket_codes
from ..applications import collect_findings, finding
from ..errors import PolicyError
from ..exchange import OfficialRates, in_minor_units
from ..money import Amounts, checked_sum
from ..policy import Insured, MatrixPolicy
from ..roll_rates import NOT_OBSERVED, PPM, estimate_rates, in_segments

_KEYS = ["company_id", "currency", "segment", "bucket"]


@dataclass(frozen=True)
class Matrix:
    """``items``: the debts with segment, rate and amounts; ``findings``: what has no rate, what lapsed."""

    items: pd.DataFrame
    findings: pd.DataFrame


def debts_of(aged: pd.DataFrame, customers: pd.DataFrame, *, policy: MatrixPolicy) -> pd.DataFrame:
    """The debts among aged items, with the matrix's ``segment`` and ``bucket``; credits are left out.

    Sorted by company, customer, currency, document. The ageing's own range is replaced: the matrix needs
    ranges of one month.
    """
    debts = aged[(aged["open_amount"] > 0).to_numpy()]
    debts = debts.sort_values(["company_id", "customer_id", "currency", "document_id", "document_key"])
    codes = bucket_codes(debts["days_overdue"].to_numpy(), policy.buckets.upper)
    names = pd.array(list(policy.buckets.names), dtype="str")
    segmented = in_segments(debts, customers, policy=policy)
    return segmented.assign(bucket=names.take(codes)).reset_index(drop=True)


def provide_matrix(
    debts: pd.DataFrame, rates: pd.DataFrame, *, policy: MatrixPolicy, as_of: dt.date
) -> Matrix:
    """Each debt with ``loss_ppm``, ``rate_source``, ``insured_amount``, ``gross_amount``, ``ifrs9_amount``.

    ``debts``: :func:`debts_of`; ``rates``: ``roll_rates.LOSS_RATES``. Minor units; ``gross_amount`` is the
    loss expected without insurance, ``ifrs9_amount`` of what is not insured; each is rounded once an item,
    half away from zero. A debt whose range has no rate is provided with nothing and an error finding
    ``provision-rate-not-observed`` says how much of what: nobody takes it for a zero.
    """
    by_key = rates.drop_duplicates(_KEYS).set_index(_KEYS)[["loss_ppm", "rate_source"]]
    found = by_key.reindex(pd.MultiIndex.from_frame(debts[_KEYS]))
    loss = found["loss_ppm"].fillna(NOT_OBSERVED).to_numpy(dtype=np.int64)
    amounts: Amounts = debts["open_amount"].to_numpy(dtype=np.int64)
    in_force, lapsed = _insurances(policy, as_of)
    insured = _insured(debts, amounts, in_force)
    charged = np.maximum(loss, 0)
    items = debts.assign(
        loss_ppm=loss,
        rate_source=found["rate_source"].fillna("none").astype("str").to_numpy(),
        insured_amount=insured,
        gross_amount=share_ppm(amounts, charged),
        ifrs9_amount=share_ppm(amounts - insured, charged),
    )
    findings = [*_without_rate(items, policy), *_lapsed_findings(lapsed, debts)]
    return Matrix(items, collect_findings(findings))


def share_ppm(amounts: Amounts, ppm: Amounts) -> Amounts:
    """``amounts`` × rate in parts per million, each rounded half away from zero; exact for rates to 100 %.

    Whole millions and the rest are taken apart so that no product leaves 64 bits.
    """
    size = np.abs(amounts)
    whole, rest = size // PPM, size % PPM
    share: Amounts = whole * ppm + (2 * rest * ppm + PPM) // (2 * PPM)
    return np.sign(amounts) * share


def _insurances(policy: MatrixPolicy, as_of: dt.date) -> tuple[dict[tuple[str, str], Insured], list[Insured]]:
    in_force: dict[tuple[str, str], Insured] = {}
    lapsed: list[Insured] = []
    for one in policy.insured:
        name = (one.company_id, one.customer_id)
        if one.valid_through < as_of:
            lapsed.append(one)
        elif name in in_force:
            raise PolicyError("provision-insurance-twice", company=name[0], customer=name[1])
        else:
            in_force[name] = one
    return in_force, [one for one in lapsed if (one.company_id, one.customer_id) not in in_force]


def _insured(debts: pd.DataFrame, amounts: Amounts, in_force: dict[tuple[str, str], Insured]) -> Amounts:
    """What of each debt somebody else answers for; a limit is used up by what is longest overdue."""
    insured = np.zeros(len(debts), dtype=np.int64)
    company, customer = debts["company_id"].to_numpy(), debts["customer_id"].to_numpy()
    for (company_id, customer_id), one in in_force.items():
        own = np.flatnonzero((company == company_id) & (customer == customer_id))
        for currency in sorted(set(debts["currency"].to_numpy()[own])):
            rows = own[debts["currency"].to_numpy()[own] == currency]
            rows = rows[np.argsort(-debts["days_overdue"].to_numpy()[rows], kind="stable")]
            covered = share_ppm(amounts[rows], np.full(len(rows), one.covered_permille * 1000))
            if currency in one.limits:
                before = np.cumsum(covered) - covered
                covered = np.clip(one.limits[currency] - before, 0, covered)
            insured[rows] = covered
    return insured


def _without_rate(items: pd.DataFrame, policy: MatrixPolicy) -> list[dict[str, object]]:
    upper = policy.buckets.upper
    spans = [
        "≤ 0",
        *(f"{low + 1}–{high}" for low, high in pairwise(upper)),
        f"> {upper[-1]}",
    ]
    days = dict(zip(policy.buckets.names, spans, strict=True))
    unknown = items[(items["loss_ppm"] == NOT_OBSERVED).to_numpy()]
    return [
        finding(
            "provision-rate-not-observed",
            table="loss_rates",
            key=" ".join(part for part in (company, segment, bucket) if part),
            level="error",
            amount=checked_sum(rows["open_amount"].to_numpy()),
            currency=str(currency),
            segment=segment or "–",
            days=days[bucket],
            count=len(rows),
        )
        for (company, currency, segment, bucket), rows in unknown.groupby(_KEYS, sort=True)
    ]


def _lapsed_findings(lapsed: list[Insured], debts: pd.DataFrame) -> list[dict[str, object]]:
    """Where the cover that ended would have mattered."""
    found = []
    for one in lapsed:
        own = debts[((debts["company_id"] == one.company_id) & (debts["customer_id"] == one.customer_id))]
        for currency, rows in own.groupby("currency", sort=True):
            found.append(
                finding(
                    "provision-insurance-lapsed",
                    table="policy",
                    key=one.customer_id,
                    amount=checked_sum(rows["open_amount"].to_numpy()),
                    currency=str(currency),
                    customer=one.customer_id,
                    insurer=one.insurer,
                    valid_through_day=one.valid_through.isoformat(),
                )
            )
    return found


def rates_for(
    debts: pd.DataFrame,
    rolls: pd.DataFrame,
    rates: pd.DataFrame,
    *,
    policy: MatrixPolicy,
    as_of: dt.date,
    base_currency: str,
) -> pd.DataFrame:
    """The loss rates (``roll_rates.LOSS_RATES``) that these debts need, from the rolls known by ``as_of``.

    ``debts``: :func:`debts_of`. ``rates``: ``tables.RATES``; a currency that has one on ``as_of`` takes part
    in the rates of the whole portfolio.
    """
    official = OfficialRates(rates)
    ratios = {}
    for currency in sorted({*debts["currency"], *rolls["currency"]}):
        ratio = official.ratio(currency, base_currency, as_of)
        if ratio is not None:
            ratios[currency] = in_minor_units(ratio, currency, base_currency)
    return estimate_rates(rolls, policy=policy, through=as_of, segments=debts, ratios=ratios)
