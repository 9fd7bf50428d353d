"""Parameters of a run are judged before any kernel starts."""

from __future__ import annotations

from pathlib import Path

import pytest
from runs_world import write_notebook

from workbench.errors import ParameterRefusedError
from workbench.runs.parameters import check_company, checked_parameters, declared_parameters

CELL = 'period: str = "2026-10"  # accounting period\nrows: int = 5\nwrite: bool = False\nbasis: str = ""'


@pytest.fixture
def declared(tmp_path: Path):
    return declared_parameters(write_notebook(tmp_path, "tiny", parameters=CELL))


def refusal(declared, *, settings=None, given=None) -> ParameterRefusedError:
    with pytest.raises(ParameterRefusedError) as caught:
        checked_parameters(declared, notebook="tiny", settings=settings, given=given)
    return caught.value


def test_the_parameters_cell_tells_names_types_defaults_and_help(declared):
    assert list(declared) == ["period", "rows", "write", "basis"]
    assert (declared["period"].kind, declared["period"].default) == ("str", "2026-10")
    assert declared["period"].help == "accounting period"


def test_what_is_given_wins_over_the_settings_and_these_over_the_default(declared):
    values = checked_parameters(
        declared,
        notebook="tiny",
        settings={"period": "2026-09", "rows": 7},
        given={"rows": "-3", "write": "true"},
    )
    assert values == {"period": "2026-09", "rows": -3, "write": True, "basis": ""}


def test_a_misspelt_name_is_refused_with_the_name_that_was_meant(declared):
    error = refusal(declared, given={"perod": "2026-10"})
    assert error.cause == "parameter-misspelt"
    assert error.exit_code == 2
    assert "period" in str(error)


def test_a_name_like_no_other_is_refused_with_the_names_there_are(declared):
    error = refusal(declared, settings={"zzz": 1})
    assert error.cause == "parameter-unknown"
    assert "rows" in str(error)


@pytest.mark.parametrize(
    "name", ["x=1\nimport os\ny", "a b", "1a", "", "class", "período", "__import__('os')"]
)
def test_a_name_that_is_no_identifier_is_refused_and_shown_harmlessly(declared, name):
    error = refusal(declared, given={name: "1"})
    assert error.cause == "parameter-name-odd"
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    "given",
    [{"rows": "5.0"}, {"rows": "0x10"}, {"rows": "true"}, {"write": "yes"}, {"write": "1"}, {"rows": ""}],
)
def test_text_that_is_not_of_the_type_is_refused(declared, given):
    assert refusal(declared, given=given).cause == "parameter-mistyped"


@pytest.mark.parametrize(
    "settings", [{"rows": True}, {"write": 1}, {"period": 202610}, {"rows": None}, {"period": ["2026-10"]}]
)
def test_a_setting_of_another_type_is_refused(declared, settings):
    assert refusal(declared, settings=settings).cause == "parameter-mistyped"


@pytest.mark.parametrize("value", ["2026-13", "2026-1", "10-2026", "２０２６-10", "2026-10\n"])
def test_a_period_that_is_none_is_refused(declared, value):
    assert refusal(declared, given={"period": value}).cause in ("period-wrong", "parameter-unprintable")


def test_balances_in_a_currency_that_there_is_not_are_refused(tmp_path: Path) -> None:
    told = declared_parameters(write_notebook(tmp_path, "tiny", parameters='in_currency: str = ""'))
    assert refusal(told, given={"in_currency": "CPO"}).cause == "currency-unknown"
    assert checked_parameters(told, notebook="tiny", given={"in_currency": "COP"})["in_currency"] == "COP"


def test_a_choice_that_the_policy_does_not_know_is_refused(declared):
    error = refusal(declared, given={"basis": "invoice"})
    assert error.cause == "parameter-choice"
    assert "reception" in str(error)


@pytest.mark.parametrize(
    "company", ["../x", "a/b", ".hidden", "all", "CON", "nul", "com1", "x" * 33, "a b", "ñ"]
)
def test_a_company_that_cannot_name_a_folder_is_refused(company):
    with pytest.raises(ParameterRefusedError) as caught:
        check_company(company)
    assert caught.value.cause == "company-odd"


@pytest.mark.parametrize("company", ["", "CO01", "72", "A_b-9"])
def test_usual_company_ids_pass(company):
    check_company(company)


@pytest.mark.parametrize(
    "cell", ["period = '2026-10'", "rows: float = 1.5", "import os", "rows: int = True", "x: list = []"]
)
def test_a_parameters_cell_that_holds_anything_else_is_refused(tmp_path, cell):
    with pytest.raises(ParameterRefusedError) as caught:
        declared_parameters(write_notebook(tmp_path, "odd", parameters=cell))
    assert caught.value.cause == "parameter-cell-wrong"


def test_a_notebook_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    write_notebook(tmp_path, "aging_review")
    with pytest.raises(ParameterRefusedError) as caught:
        declared_parameters(tmp_path / "ageing.ipynb")
    assert caught.value.cause == "notebook-missing"
    assert "aging_review" in str(caught.value)
