"""What identifies a step of the close: the same key means the same answer, so the step need not run again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from .. import __version__
from .manifest import digest_of, file_sha256
from .parameters import Value

if TYPE_CHECKING:
    from ..book import Book

#: The notebooks of a close; each step starts from what the ones before it posted and found.
CHAIN = (
    "payment_matching",
    "credit_note_matching",
    "bank_reconciliation",
    "customer_reconciliation",
    "aging_review",
    "exchange_differences",
    "over_180",
    "provision",
    "close_checklist",
)
#: Those that put applications into the book.
POSTING = CHAIN[:2]
#: The family of a run outside the close: it never passes for a step of one.
ALONE = "alone"
#: Parameters that do not change what a run finds.
NOT_INPUT = ("write",)


@dataclass(frozen=True)
class Step:
    """One notebook of one period and company, with everything its answer depends on."""

    notebook: str
    notebook_sha256: str
    parameters: Mapping[str, Value]
    policy_version: str
    policy_sha256: str
    book_fingerprint: str
    upstream: tuple[str, ...]  # keys of the steps before it
    family: str  # whose step it is: family_of(period, company) in a close, ALONE outside

    @property
    def key(self) -> str:
        """Family and SHA-256 of all of it, and of the workbench's version: other code may find others."""
        inputs = {name: value for name, value in self.parameters.items() if name not in NOT_INPUT}
        hashed = digest_of(
            [
                ("workbench", __version__),
                ("notebook", self.notebook),
                ("notebook_sha256", self.notebook_sha256),
                ("parameters", json.dumps(inputs, sort_keys=True)),
                ("policy", f"{self.policy_version} {self.policy_sha256}"),
                ("book", self.book_fingerprint),
                ("upstream", " ".join(self.upstream)),
            ]
        )
        return f"{self.family}/{hashed}"


def parameters_sha256(directory: Path) -> str:
    """One hash over the files that rule a run: policy, withholdings, organisation, calendar."""
    names = ("policy.yaml", "withholdings.yaml", "organisation.yaml", "closing_calendar.yaml")
    present = [directory / name for name in names if (directory / name).is_file()]
    return digest_of((path.name, file_sha256(path)) for path in present)


def family_of(period: str, company: str) -> str:
    """What the keys of one period's and company's close have in common."""
    return f"{period}/{company or 'all'}"


def fingerprint_of(book: Book, *, company: str, as_of: dt.date, family: str) -> str:
    """Everything in the book that a close starts from: what files, people and other runs put in.

    What closes of the same family posted is left out, being what they found from the same start; postings
    effective after ``as_of`` change nothing on that day. A close opens with what earlier periods stated, and
    approved exceptions change what is provided.
    """
    from ..book import fingerprint, read

    posted = read.applications(book, company=company)
    others = posted[
        posted["step_key"].ne("")
        & ~posted["step_key"].str.startswith(f"{family}/")
        & (posted["effective_date"] <= pd.Timestamp(as_of))
    ]
    stated: set[str] = set()
    for read_stated in (read.provision_balances, read.revaluations):
        earlier = read_stated(book, company=company, as_of=as_of)
        stated |= set(earlier.loc[(earlier["period"] < f"{as_of:%Y-%m}").to_numpy(), "operation_id"])
    cases = read.cases(book, company=company, kind="provision_exception")
    return digest_of(
        [
            ("inputs", fingerprint(book, company)),
            ("others", " ".join(sorted(others["application_id"]))),
            ("stated", " ".join(sorted(stated))),
            ("exceptions", " ".join(sorted(cases["case_id"] + " " + cases["state"]))),
        ]
    )
