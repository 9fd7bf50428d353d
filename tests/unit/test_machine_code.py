"""Machine code that is kept for the next process is made of today's constants, wherever they stand."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
import pytest

from workbench.matching import figures
from workbench.matching.differences import sieve
from workbench.subsets.machine_code import machine_code

numba = pytest.importorskip("numba")

KERNELS = """
from .constants import FACTOR, SHARES

def shared(place):
    return SHARES[place]

def reckon(number):
    return number * FACTOR + shared(1)
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))


def kernels_with(folder: Path, factor: int, shares: list[int]) -> ModuleType:
    package = folder / "copied_kernels"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").touch()
    if not (package / "kernels.py").exists():
        (package / "kernels.py").write_text(KERNELS, encoding="utf-8")
    text = f"import numpy as np\nFACTOR = {factor}\nSHARES = np.array({shares})\n"
    (package / "constants.py").write_text(text, encoding="utf-8")
    for kept in package.glob("__pycache__/*"):
        kept.unlink()
    for name in [name for name in sys.modules if name.startswith("copied_kernels")]:
        del sys.modules[name]
    importlib.invalidate_caches()
    return importlib.import_module("copied_kernels.kernels")


def test_a_constant_of_another_module_is_not_kept_from_the_last_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    said = []
    for factor, shares in ((2, [1, 5]), (3, [1, 5]), (3, [1, 7]), (2, [1, 5])):
        module = kernels_with(tmp_path, factor, shares)
        made = machine_code(module.shared, module.reckon)
        assert made is not None
        said.append((made[-1](10), module.reckon(10), sum(made[-1].stats.cache_hits.values())))
    assert said == [(25, 25, 0), (35, 35, 0), (37, 37, 0), (25, 25, 1)]


def changed(function: Callable[..., Any], **constants: object) -> Callable[..., Any]:
    """The same function of the same file, where its module had imported other constants."""
    plain = function
    assert isinstance(plain, FunctionType)
    return FunctionType(plain.__code__, {**plain.__globals__, **constants}, plain.__name__)


def compiled(function: Callable[..., Any], **constants: object) -> Callable[..., Any]:
    made = machine_code(changed(function, **constants))
    assert made is not None
    return made[0]


def test_the_kernels_follow_the_figures_of_their_neighbours() -> None:
    amounts = np.array([119_00, 238_00, 455_31])
    spread = figures.SPREAD
    once, twice = (
        compiled(figures.chance_at_random, SPREAD=one)(amounts, 357_00, 1, 0) for one in (spread, 2 * spread)
    )
    assert once == pytest.approx(figures.chance_at_random(amounts, 357_00, 1, 0), rel=1e-12)
    assert twice == pytest.approx(once / 2, rel=1e-12)
    scale = sieve.WITHHOLDING_SCALE
    rates, units = np.array([2_500]), np.array([1])
    found = [
        compiled(sieve.withheld, WITHHOLDING_SCALE=one)(1_000_000, rates, units).tolist()
        for one in (scale, 10 * scale)
    ]
    assert found == [[0, 25_000], [0, 2_500]]
