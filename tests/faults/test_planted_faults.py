"""Faults planted in the book are caught, each by the check there is for it, which passes without them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from faults.planted import CHECKS, FAULTS, Fault, outcome

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="children are forked")]
TABLE: list[tuple[str, str, str, float]] = []


@pytest.fixture(scope="module", autouse=True)
def _table() -> Iterator[None]:
    yield
    for name, check, seen, seconds in TABLE:
        print(f"\n{name:48} {check:18} {seconds:5.1f} s  {seen}", end="")
    print(f"\n{len(TABLE)} of {len(FAULTS)} caught")


@pytest.mark.parametrize("check", CHECKS)
def test_each_check_passes_on_the_product_as_it_is(check: str) -> None:
    assert outcome(check) == ""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_caught(fault: Fault) -> None:
    began = time.monotonic()
    seen = outcome(fault.check, fault)
    assert seen, "the fault is in, and nothing was seen"
    assert "plant this fault anew" not in seen, seen
    last = [
        line for line in seen.replace("\\n", "\n").splitlines() if line and not line.startswith((" ", "'"))
    ]
    TABLE.append((fault.name, fault.check, last[-1][:60], time.monotonic() - began))
