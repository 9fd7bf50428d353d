"""Who is in the desks' tests: the company that was signed, and a reader in a real browser."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

LAST, BEFORE = dt.date(2026, 10, 31), dt.date(2026, 9, 30)
SIGNED = "20261103T140500Z-1f9c2a"


@dataclass
class Company:
    """Where the book and the runs are, and what a visitor of one cluster must never meet."""

    folder: Path
    book_url: str
    out: Path
    customers: pd.DataFrame

    def foreign(self, cluster: str) -> list[str]:
        """Names and ids of the customers of all other clusters."""
        others = self.customers[self.customers["cluster_id"] != cluster]
        return [*others["customer_id"], *others["customer_name"]]


@dataclass
class Reader:
    """Somebody signed in, with everything that their browser asked for and complained about."""

    page: Any
    url: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, name: str, query: str = "") -> None:
        self.page.goto(f"{self.url}voila/render/{name}.ipynb{query}", timeout=120_000)
        self.page.wait_for_selector(".wb-shell table.dataTable tbody tr", timeout=120_000)

    def elsewhere(self) -> list[str]:
        """Requests to any host but our own server."""
        return [
            url
            for url in self.asked
            if not url.startswith((self.url, self.url.replace("http", "ws"), "data:", "blob:"))
        ]
