"""The customers: clusters with supervisors, parents and children, NITs, accounts and habits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from .names import bank_spelling, foreign_names, national_names
from .shape import Shape
from .tax_ids import format_nits

COMPANY = "CO01"
#: Cluster and supervisor ids, as in ``parameters/organisation.yaml``.
CLUSTERS = ("NORTE", "CENTRO", "SUR", "EXPORT")
SUPERVISORS = ("sup.norte", "sup.centro", "sup.sur", "sup.export")
COUNTRIES = ("US", "US", "US", "PA", "EC", "DE", "ES", "CA")

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Customers:
    """One place a customer in every array; ``table`` is what the customer file shows."""

    table: pd.DataFrame
    is_export: Flags
    parent: Ints  # place of the parent, -1 without one
    weight: npt.NDArray[np.float64]  # how much business, mean 1
    scale: npt.NDArray[np.float64]  # how large its invoices are
    terms: Ints  # days
    lateness: Ints  # how many days after due it usually pays
    rete_ica: Ints  # per 100,000 of the base
    is_large_taxpayer: Flags  # withholds IVA
    is_round: Flags
    is_recurring: Flags
    payer_names: list[str]  # as the bank prints them

    def __len__(self) -> int:
        return len(self.weight)

    @property
    def ids(self) -> list[str]:
        return list(self.table["customer_id"])

    @property
    def currency(self) -> npt.NDArray[np.str_]:
        return np.where(self.is_export, "USD", "COP")


def make_customers(count: int, shape: Shape, rng: np.random.Generator) -> Customers:
    """``count`` customers; the last ones of the list are the exports."""
    exports = round(count * shape.export_share) if count > 1 else 0
    is_export = np.arange(count) >= count - exports
    weight = 1 + rng.pareto(shape.weight_tail, count)
    weight = np.minimum(weight, shape.largest_weight)
    weight /= weight.mean()
    cluster = np.where(is_export, 3, rng.integers(0, 3, count))
    parent = _parents(count, is_export, shape, rng)
    countries = [
        COUNTRIES[i] if export else "CO"
        for i, export in zip(rng.integers(0, 8, count), is_export, strict=True)
    ]
    names = national_names(count - exports, rng) + foreign_names(countries[count - exports :], rng)
    ids = [f"{100001 + 7 * place:010d}" for place in range(count)]
    table = pd.DataFrame(
        {
            "company_id": COMPANY,
            "customer_id": ids,
            "customer_name": names,
            "tax_id": _tax_ids(countries, rng),
            "country": countries,
            "cluster_id": [CLUSTERS[i] for i in cluster],
            "supervisor_id": [SUPERVISORS[i] for i in cluster],
            "parent_customer_id": [ids[i] if i >= 0 else "" for i in parent],
            "payer_account": _accounts(countries, rng),
        }
    )
    return Customers(
        table=table,
        is_export=is_export,
        parent=parent,
        weight=weight,
        scale=rng.lognormal(0.0, 0.45, count),
        terms=rng.choice(np.array([30, 30, 45, 60, 60, 90]), count),
        lateness=rng.choice(np.array([-2, 3, 8, 15, 30]), count, p=[0.15, 0.3, 0.25, 0.2, 0.1]),
        rete_ica=rng.choice(np.array(shape.rete_ica), count),
        is_large_taxpayer=rng.random(count) < 0.4,
        is_round=(rng.random(count) < shape.round_price_share) & ~is_export,
        is_recurring=rng.random(count) < shape.recurring_share,
        payer_names=[bank_spelling(name) for name in names],
    )


def _parents(count: int, is_export: Flags, shape: Shape, rng: np.random.Generator) -> Ints:
    """Two levels only: a child has one parent in the same half of the company, a parent has none."""
    parent = np.full(count, -1, dtype=np.int64)
    is_child = rng.random(count) < shape.child_share
    for export in (False, True):
        group = np.flatnonzero(is_export == export)
        heads, children = group[~is_child[group]], group[is_child[group]]
        if len(heads):
            # A few heads, so that a family has more than one child.
            few = heads[: max(1, len(children) // 2)]
            parent[children] = rng.choice(few, len(children))
    return parent


def _tax_ids(countries: list[str], rng: np.random.Generator) -> list[str]:
    nits = 800_000_000 + rng.choice(150_000_000, len(countries), replace=False).astype(np.int64)
    foreign = rng.choice(9_000_000, len(countries), replace=False) + 1_000_000
    return [
        nit if country == "CO" else f"{country}{number}"
        for nit, number, country in zip(format_nits(nits), foreign.tolist(), countries, strict=True)
    ]


def _accounts(countries: list[str], rng: np.random.Generator) -> list[str]:
    numbers = rng.choice(9_000_000_000, len(countries), replace=False) + 1_000_000_000
    return [
        f"{number:011d}" if country == "CO" else f"{country}{number:012d}"
        for number, country in zip(numbers.tolist(), countries, strict=True)
    ]


def write_customers(path: Path, customers: Customers) -> None:
    """The customer file (source ``customers``)."""
    customers.table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
