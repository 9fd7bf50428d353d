"""The orders of open and settled documents by what they are called; made when first asked for."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ..references import ReferenceIndex


class OrderIndex:
    """Orders by company, and the items of each, as positions in the trade's order.

    ``items``: ``company_id`` and ``order_id`` by position; items without an order are in none.
    """

    def __init__(self, items: pd.DataFrame) -> None:
        held = items[["company_id", "order_id"]].reset_index(drop=True)
        held = held[held["order_id"].ne("").to_numpy()]
        codes = held.groupby(["company_id", "order_id"], sort=False).ngroup().to_numpy()
        in_order = np.argsort(codes, kind="stable")
        bounds = np.flatnonzero(np.diff(codes[in_order])) + 1
        self._items = [part.tolist() for part in np.split(held.index.to_numpy()[in_order], bounds)]
        names: dict[str, list[tuple[int, str, int, int]]] = {}
        orders = held.drop_duplicates()
        for code, (company, order) in enumerate(orders.itertuples(index=False, name=None)):
            names.setdefault(company, []).append((0, order, code, code))
        self._names = {company: ReferenceIndex(known) for company, known in names.items()}

    def names(self, company: str) -> ReferenceIndex | None:
        """The company's orders by name; what it finds are codes for :meth:`items`."""
        return self._names.get(company)

    def items(self, codes: Iterable[int]) -> list[int]:
        """Positions of the documents of these orders."""
        return [position for code in codes for position in self._items[code]]
