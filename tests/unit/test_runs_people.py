"""Findings name people as the organisation does; where none is stated, by their ids."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.runs import people


def test_without_an_organisation_nobody_has_a_name_and_nothing_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_PARAMETERS", str(tmp_path))
    assert people.names() == {}
    (tmp_path / "organisation.yaml").write_text("users: {ana: {name: Ana, role: analyst}}", encoding="utf-8")
    assert people.names() == {"ana": "Ana"}
