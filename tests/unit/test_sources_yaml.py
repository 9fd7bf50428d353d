"""Parameter files: YAML without its surprises, settings spelt right, and the files that are shipped."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from workbench import words
from workbench.errors import FileRefusedError, MappingError, ParameterRefusedError, PolicyError
from workbench.policy import DifferencePolicy, DiscountTerm, Policy, Tolerance
from workbench.runs.steps import CHAIN
from workbench.sources import load_mapping, mapping_names, read_mapping
from workbench.sources.close_parameters import read_close_parameters
from workbench.sources.closing_calendar import load_closing_calendar
from workbench.sources.holidays_file import colombian_holidays
from workbench.sources.organisation import load_organisation
from workbench.sources.policy_file import load_policy, read_policy
from workbench.sources.strict_yaml import Unquoted, parse_yaml, read_yaml
from workbench.sources.withholdings_file import load_withholdings

NAMES = (
    "highradius_open_items highradius_closed_items sap_line_items customers open_items cleared_items receipts"
    " mt940 bank_csv bank_ledger remittances trm_rates ecb_rates"
).split()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a: !!python/object:os.system x", "yaml-tag"),
        ("a: !x 1", "yaml-tag"),
        ("a: &x 1\nb: *x", "yaml-alias"),
        ("a: 1\na: 2", "duplicate-key"),
        ("a: 1\n---\nb: 2", "yaml-syntax"),
        ("a: [1", "yaml-syntax"),
        ("", "empty-file"),
        ("  \n", "empty-file"),
    ],
)
def test_a_dubious_document_is_refused(text: str, rule: str) -> None:
    with pytest.raises(FileRefusedError) as refusal:
        parse_yaml(text, file="x.yaml")
    assert refusal.value.cause == rule


def test_text_stays_text() -> None:
    read = parse_yaml(
        'a: NO\nb: 012\nc: 1:30\nd: 0.5\ne: 2026-10-31\nf: "5"\ng: 7\nh: true\ni: null\nj: yes', file="x"
    )
    assert read == {
        "a": "NO",
        "b": "012",
        "c": "1:30",
        "d": "0.5",
        "e": "2026-10-31",
        "f": "5",
        "g": 7,
        "h": True,
        "i": None,
        "j": "yes",
    }
    assert isinstance(read, dict)
    assert [name for name, value in read.items() if isinstance(value, Unquoted)] == list("abcdej")


def test_another_encoding_than_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes("a: ñ".encode("latin-1"))
    with pytest.raises(FileRefusedError) as refusal:
        read_yaml(tmp_path / "x.yaml")
    assert refusal.value.cause == "encoding"


def test_every_shipped_mapping_is_read(root: Path) -> None:
    assert set(NAMES) <= set(mapping_names(root / "parameters"))
    for name in mapping_names(root / "parameters"):
        assert load_mapping(root / "parameters", name).name == name


def test_an_unknown_source_names_those_there_are(root: Path) -> None:
    with pytest.raises(ParameterRefusedError, match="sap_line_items"):
        load_mapping(root / "parameters", "sap_lines")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("kind: itemz\ncolumns: {customer_id: a}", "mapping-setting-wrong"),
        ("kind: items\ncolumns: {customer: a}", "mapping-setting-wrong"),
        ("kind: items\ncolumns: {customer_id: a}\nrequired: [due_date]", "mapping-setting-wrong"),
        ("kind: items\ncolumns: {customer_id: a}\namounts: {stile: plain}", "mapping-setting-unknown"),
        ("kind: items\ncolumns: {customer_id: a}\namounts: {style: french}", "mapping-setting-wrong"),
        ("kind: items\ncolumns: {customer_id: a}\ncomplete: NO", "mapping-setting-wrong"),
        ("kind: items\ncolumns: {customer_id: a}\nencodings: [klingon]", "mapping-setting-wrong"),
        ("kind: items\ncolumns: {customer_id: a}\nchecks: {zero: reject}", "mapping-setting-wrong"),
        ("kind: items\ncolumns: {customer_id: a}\ndates: {formats: [dd/mm/yyyy, mm/dd/yyyy]}", "wrong"),
        ("columns: {customer_id: a}", "mapping-setting-missing"),
        ("[1]", "mapping-setting-wrong"),
    ],
)
def test_a_misspelt_or_impossible_setting_is_refused(tmp_path: Path, text: str, rule: str) -> None:
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(MappingError) as refusal:
        read_mapping(tmp_path / "mine.yaml")
    assert refusal.value.cause.endswith(rule)
    assert "mine.yaml" in str(refusal.value)


def test_the_shipped_policy_is_the_default_one(root: Path) -> None:
    policy = read_policy(root / "parameters" / "policy.yaml")
    assert policy == Policy(version=policy.version)


def test_the_policy_of_a_directory_knows_its_withholdings(root: Path, tmp_path: Path) -> None:
    assert load_policy(root / "parameters").matching.withholdings.uvt[2025] == 4_979_900
    (tmp_path / "policy.yaml").write_text('version: "1"', encoding="utf-8")
    assert load_policy(tmp_path).matching.withholdings.rates == ()


@pytest.mark.parametrize(
    "line",
    [
        "rates: [{tax: RFTE, concept: a, rate: 2500, valid_from: 2025-13-01}]",
        "rates: [{tax: IVA, concept: a, rate: 2500, valid_from: 2025-01-01}]",
        "rates: [{tax: RFTE, concept: a, rate: 2.5, valid_from: 2025-01-01}]",
        "rates: [{tax: RFTE, concept: a, rate: 100000, valid_from: 2025-01-01}]",
        "rates: [{tax: RFTE, concept: a, rate: 1, valid_from: 2025-01-01, valid_until: 2025-02-01}]",
        "uvt: {2025: -1}",
        "currency: CPO",
        "uvt: {25: 49799}",
        "customers: {C1: [RETE]}",
        """rates:
  - {tax: RFTE, concept: a, rate: 2500, valid_from: 2025-01-01}
  - {tax: RFTE, concept: a, rate: 2600, valid_from: 2025-06-01}""",
    ],
)
def test_wrong_withholdings_are_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "withholdings.yaml").write_text(line, encoding="utf-8")
    with pytest.raises(PolicyError):
        load_withholdings(tmp_path)


def test_differences_are_read_as_a_person_writes_them(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(
        """version: "1"
matching:
  exact_differences: {withheld: 100}
  differences:
    tolerance: {amounts: {COP: "1000.50", JPY: 5}, percent: 0.5}
    tolerances: {"C1": {percent: 10}}
    tolerance_caps: {COP: 5000}
    discounts: [{terms: Z030, percent: "2", days: 10, of: base, valid_from: 2025-01-01}]
    wire_charges: {USD: "50.00"}
    bearer: OUR
    partial: apply
    surplus: apply
""",
        encoding="utf-8",
    )
    matching = read_policy(tmp_path / "policy.yaml").matching
    assert matching.exact_differences["withheld"] == 100
    assert matching.differences == DifferencePolicy(
        tolerance=Tolerance({"COP": 100_050, "JPY": 5}, 5_000),
        tolerances={"C1": Tolerance({}, 100_000)},
        tolerance_caps={"COP": 500_000},
        discounts=(DiscountTerm("Z030", 20_000, 10, "base", dt.date(2025, 1, 1)),),
        wire_charges={"USD": 5_000},
        bearer="OUR",
        partial="apply",
        surplus="apply",
    )


@pytest.mark.parametrize(
    "text",
    [
        'version: "1"\naging: {bukets: [0, 30]}',
        'version: "1"\naging: {buckets: [5, 30]}',
        'version: "1"\naging: {basis: paid}',
        'version: "1"\nprovision: {rate_permille: 1001}',
        'version: "1"\nprovision: {over_days: "180"}',
        'version: "1"\nbase_currency: pesos',
        'version: "1"\nbase_currency: CPO',  # three capitals, and no currency
        'version: "1"\nmatching: {approval: {CPO: 100}}',
        'version: "1"\nwrite_offs: {limits: {supervisor: {CPO: 100}}}',
        'version: "1"\nmatching: {differences: {tolerance: {percent: 101}}}',
        'version: "1"\nmatching: {differences: {tolerance: {amounts: {COP: "1.001"}}}}',
        'version: "1"\nmatching: {differences: {tolerance: {amounts: {pesos: 1}}}}',
        'version: "1"\nmatching: {differences: {wire_charges: {USD: -1}}}',
        'version: "1"\nmatching: {differences: {partial: always}}',
        'version: "1"\nmatching: {differences: {bearer: XXX}}',
        'version: "1"\nmatching: {exact_differences: {withhold: 10}}',
        'version: "1"\nmatching: {differences: {discounts: [{terms: Z, percent: 2, days: -1}]}}',
        "version: 1",
        'version: "1"\nprovision: {exceptions: [{company_id: CO01}]}',
    ],
)
def test_a_wrong_policy_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "policy.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError):
        load_policy(tmp_path)


def test_an_exception_to_the_provision_has_who_and_until_when(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        'version: "2"\nprovision:\n  exceptions:\n    - {company_id: CO01, customer_id: "0000100001",'
        " rate_permille: 0, reason: asegurado, approved_by: contralor, valid_through: 2026-12-31}\n",
        encoding="utf-8",
    )
    (exception,) = read_policy(tmp_path / "mine.yaml").provision.exceptions
    assert (exception.customer_id, exception.valid_through) == ("0000100001", dt.date(2026, 12, 31))


def test_the_shipped_organisation_holds_together(root: Path) -> None:
    organisation = load_organisation(root / "parameters")
    assert organisation.accounts["CO-BOG-USD-001"] == ("CO01", "USD")
    assert set(organisation.users["sup.norte"].clusters) == {"NORTE"}
    assert {"sup.norte", "sup.export"} <= set(organisation.supervisors)


@pytest.mark.parametrize(
    "text",
    [
        "users: {ana: {name: Ana, role: analyst, clusters: [NORTE]}}",
        "clusters: {NORTE: {name: {es: Norte}, supervisor: ana}}",
        "bank_accounts: {X: {company: CO01, currency: COP}}",
        "companies: {CO01: {name: Uno, base_currency: PESO}}",
        "companies: {CO01: {name: Uno, base_currency: CPO}}",
        "companies: {CO01: {name: Uno, base_currency: COP}}\n"
        "bank_accounts: {X: {company: CO01, currency: CPO}}",
        "users: {ana: {name: Ana, role: queen}}",
    ],
)
def test_names_that_lead_nowhere_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "organisation.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError):
        load_organisation(tmp_path)


def test_a_close_in_a_currency_that_there_is_not_is_refused_where_any_is_dealt_in(tmp_path: Path) -> None:
    (tmp_path / "organisation.yaml").write_text(
        "users: {ana: {name: Ana, role: supervisor}}\n"
        "clusters: {NORTE: {name: {es: Norte, en: North}, supervisor: ana}}",
        encoding="utf-8",
    )
    organisation = load_organisation(tmp_path)
    assert organisation.currencies == frozenset()
    text = (
        'period: "2026-10"\nas_of: 2026-10-31\nclusters: [NORTE]\ntolerance: "0.01"\noutput_name: x\n'
        "currency: "
    )
    path = tmp_path / "close.yml"
    path.write_text(f"{text}COP", encoding="utf-8")
    assert read_close_parameters(path, organisation).currency == "COP"
    path.write_text(f"{text}CPO", encoding="utf-8")
    with pytest.raises(FileRefusedError) as refusal:
        read_close_parameters(path, organisation)
    assert refusal.value.cause == "currency"


def test_the_shipped_calendar_runs_the_close_in_both_languages(root: Path) -> None:
    tasks = load_closing_calendar(root / "parameters")
    notebooks = {task.notebook for task in tasks if task.notebook}
    assert notebooks == set(CHAIN)
    by_id = {task.task_id: task for task in tasks}
    for task in tasks:  # a task that checks itself never waits for a person
        assert all(by_id[name].notebook for name in task.predecessors if task.notebook), task.task_id
    assert [task.working_day for task in tasks] == sorted(task.working_day for task in tasks)
    words.choose_language("en")
    try:
        english = load_closing_calendar(root / "parameters")
    finally:
        words.choose_language("es")
    assert all(one.name and two.name for one, two in zip(tasks, english, strict=True))
    assert by_id["provision"].name != english[[t.task_id for t in tasks].index("provision")].name


@pytest.mark.parametrize(
    "text",
    [
        "tasks: [{id: a, working_day: 0}]",
        "tasks: [{id: a, working_day: 1, after: [b]}]",
        "tasks: [{id: a, working_day: 1, after: [b]}, {id: b, working_day: 1, after: [a]}]",
        "tasks: []",
        "tasks: [{id: a, working_day: 1, notebok: x}]",
    ],
)
def test_a_calendar_that_cannot_be_done_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "closing_calendar.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError):
        load_closing_calendar(tmp_path)


def test_a_file_stands_over_the_holidays_of_the_package(tmp_path: Path) -> None:
    plain = colombian_holidays([2026])
    assert dt.date(2026, 11, 2) in plain
    (tmp_path / "holidays.yaml").write_text(
        "add: [2026-10-30, 2031-01-01]\nremove: [2026-11-02]\n", encoding="utf-8"
    )
    assert colombian_holidays([2026], tmp_path) == plain - {dt.date(2026, 11, 2)} | {dt.date(2026, 10, 30)}
