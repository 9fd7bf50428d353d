"""``provision:`` of policy.yaml: the shipped file says the defaults, and a wrong setting is named."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from workbench.errors import PolicyError
from workbench.policy import Insured, ProvisionPolicy
from workbench.sources.policy_file import load_policy, read_policy


def read(folder: Path, text: str) -> ProvisionPolicy:
    path = folder / "policy.yaml"
    path.write_text(f'version: "1"\nprovision: {text}\n', encoding="utf-8")
    return read_policy(path).provision


def test_the_shipped_settings_are_the_defaults_spelt_out(root: Path) -> None:
    assert load_policy(root / "parameters").provision == ProvisionPolicy()


def test_an_insurance_and_percentages_are_read_exactly(tmp_path: Path) -> None:
    policy = read(
        tmp_path,
        '{matrix: {lgd_percent: "45.5", forward_percent: "112.25", segment_by: [country],'
        " insured: [{company_id: CO01, customer_id: C1, covered_permille: 900,"
        ' limits: {USD: "50000.50"}, insurer: X, valid_through: 2026-12-31}]}}',
    )
    assert (policy.matrix.lgd_ppm, policy.matrix.forward_ppm) == (455_000, 1_122_500)
    assert policy.matrix.insured == (
        Insured("CO01", "C1", 900, {"USD": 5_000_050}, "X", dt.date(2026, 12, 31)),
    )


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("{booked: ledger}", "provision.booked"),
        ("{matrix: {segment_by: [colour]}}", "provision.matrix.segment_by"),
        ('{matrix: {lgd_percent: "101"}}', "provision.matrix.lgd_percent"),
        ('{matrix: {fallback: [{through_days: 30, percent: "2"}, {through_days: 0, percent: "1"}]}}',
         "provision.matrix.fallback"),
        ("{matrix: {fallback: [{through_days: 30}]}}", "provision.matrix.fallback[1].percent"),
        ("{matrix: {least_count: 0}}", "provision.matrix.least_count"),
        ("{tax: {method: both}}", "provision.tax.method"),
        ("{tax: {general: []}}", "provision.tax.general"),
        ("{tax: {rate: 5}}", "provision.tax.rate"),
        ("{tax: {deferred_permille: 1001}}", "provision.tax.deferred_permille"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_refused_by_its_name(tmp_path: Path, text: str, setting: str) -> None:
    with pytest.raises(PolicyError) as refused:
        read(tmp_path, text)
    assert refused.value.values["setting"] == setting
