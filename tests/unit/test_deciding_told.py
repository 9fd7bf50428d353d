"""What an import of decisions says came of them: applied, on account, waiting, refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from deciding_world import bring_back, fill, make_book, write_sheet

from workbench import spoken


def test_what_waits_is_told_apart_and_is_not_in_the_sum_stored(
    tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = make_book(tmp_path)
    parameters = tmp_path / "parameters"
    shutil.copytree(root / "parameters", parameters)
    policy = parameters / "policy.yaml"
    policy.write_text(policy.read_text().replace("approval: {}", 'approval: {COP: "99.99"}'))
    said = {0: {"decision": "Aceptar"}, 3: {"decision": "A cuenta"}}
    result = bring_back(book, fill(write_sheet(book, tmp_path / "s.xlsx"), said), root, parameters=parameters)
    assert result.sums == {"COP": 40_00}
    told = result.to_json()
    assert told["outcomes"] == {
        "waiting": {"COP": {"count": 1, "amount": "100.00"}},
        "on_account": {"COP": {"count": 1, "amount": "40.00"}},
    }
    spoken.show_imports([told])
    out = capsys.readouterr().out
    assert "1 · 100,00 COP" in out
    assert "workbench approve" in out


def test_what_is_applied_and_what_is_refused_are_counted_by_receipt(tmp_path: Path, root: Path) -> None:
    book = make_book(tmp_path)
    said = {1: {"decision": "Aceptar"}, 3: {"decision": "A cuenta", "decided_amounts": "40,01"}}
    result = bring_back(book, fill(write_sheet(book, tmp_path / "s.xlsx"), said), root)
    assert result.to_json()["outcomes"] == {
        "applied": {"COP": {"count": 1, "amount": "100.00"}},
        "refused": {"COP": {"count": 1, "amount": "40.00"}},
    }
