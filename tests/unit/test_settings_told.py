"""A setting that cannot be is refused with what it can be, and without printing the file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from workbench import words
from workbench.judging import check_file

TODAY = dt.date(2026, 11, 1)


@pytest.fixture(autouse=True)
def _in_spanish() -> None:
    words.choose_language("es")


def reason(tmp_path: Path, root: Path, text: str, kind: str, name: str = "x.yaml") -> str:
    """Why it is refused, in words; '' where it is accepted."""
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    result = check_file(
        file, kind, parameters=root / "parameters", today=TODAY, notebooks=tmp_path / "notebooks"
    )
    assert result.status in ("accepted", "rejected")
    return result.reason


@pytest.mark.parametrize(
    "setting",
    [
        "provision: {over_days: -5}",
        "matching: {advice_window_days: -1}",
        "matching: {wrong_per_million: 1000001}",
        "matching: {most_chance_permille: 1001}",
        "matching: {approval_days: -1}",
        "reconciliation: {days_before: -1}",
        "reconciliation: {days_after: -3}",
    ],
)
def test_a_number_that_no_policy_can_mean_is_refused(tmp_path: Path, root: Path, setting: str) -> None:
    told = reason(tmp_path, root, f'version: "1"\n{setting}\n', "policy")
    assert "Puede ser: 0 …" in told


def test_a_policy_with_its_edges_is_accepted(tmp_path: Path, root: Path) -> None:
    text = 'version: "1"\nprovision: {over_days: 0}\nmatching: {wrong_per_million: 1000000}\n'
    assert reason(tmp_path, root, text, "policy") == ""


def test_a_mistyped_choice_names_those_there_are(tmp_path: Path, root: Path) -> None:
    told = reason(tmp_path, root, "kind: itmes\n", "mapping")
    assert "«itmes»" in told
    assert "Puede ser: items, customers, receipts" in told
    told = reason(tmp_path, root, "kind: customers\ncolumns: {customer: [cliente]}\n", "mapping")
    assert "Puede ser: company_id, customer_id" in told


def test_a_table_taken_for_a_mapping_is_not_printed_whole(tmp_path: Path, root: Path) -> None:
    told = reason(tmp_path, root, "cliente;nombre\n" + "C1;Uno\n" * 500, "mapping", "x.csv")
    assert "tabla YAML" in told
    assert len(told) < 400


def test_parameters_of_a_run_without_notebooks_say_that_the_folder_is_not_there(
    tmp_path: Path, root: Path
) -> None:
    assert "La carpeta" in reason(tmp_path, root, "period: 2026-10\n", "run", "aging_review.yaml")
