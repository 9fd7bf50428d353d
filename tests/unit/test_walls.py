"""The walls of the house hold: import contracts, a trade without a clock, modules of one duty."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

TRADE = (
    "cases journal ledger instalments aging aging_kernel roll_rates exchange references applications subsets"
    " matching credit_notes decisions provision reconciliation close erp_postings over_180 write_offs acts"
    " statements withholdings"
    " policy tables calendar money"
).split()
MOST_LINES = 400


def _modules(root: Path) -> list[Path]:
    return sorted((root / "workbench").rglob("*.py"))


def _trade(root: Path) -> list[Path]:
    package = root / "workbench"
    return sorted(
        file for name in TRADE for file in (*package.glob(f"{name}.py"), *(package / name).rglob("*.py"))
    )


def test_import_contracts_hold(root: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as c; c()",
        "--no-cache",
    ]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_module_but_the_book_is_kept_from_sql(root: Path) -> None:
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    told = next(one for one in contracts if "SQL" in one["name"])["source_modules"]
    package = root / "workbench"
    there = {path.parent.name for path in package.glob("*/__init__.py")} | {
        path.stem for path in package.glob("*.py")
    }
    assert {name.removeprefix("workbench.") for name in told} == there - {"book", "__init__"}


def test_trade_modules_never_ask_the_clock(root: Path) -> None:
    asked = []
    for file in _trade(root):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow", "time_ns"}:
                asked.append(f"{file.name}:{node.lineno}")
    assert asked == []


def test_no_module_is_longer_than_its_duty(root: Path) -> None:
    long = {
        file.name: count
        for file in _modules(root)
        if (count := len(file.read_text().splitlines())) > MOST_LINES
    }
    assert long == {}


@pytest.mark.parametrize("name", ["altair", "sqlalchemy", "openpyxl", "papermill", "pandas"])
def test_importing_the_package_brings_nothing_heavy(name: str) -> None:
    code = f"import sys, workbench; sys.exit({name!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
