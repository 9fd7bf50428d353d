"""PSE: only state 1 is money, a CUS counts once, what waits too long is told; lines of fixed places."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from book_world import new_book

from workbench import intake, words
from workbench.book import read
from workbench.errors import FileRefusedError, MappingError
from workbench.sources import Context, Mapping, Parsed, load_mapping, read_content
from workbench.sources.mappings import read_mapping


def header(day: str = "20261008") -> str:
    return f"1{1:08}{day}1730002{7:08}"


def detail(state: str, cus: str, cents: int, nit: str = "900000001") -> str:
    return f"2{state}{cus:>8}{nit:>15}N{cents:018}{cents // 10:018}{'AUT' + cus:<50}"


GOOD = [
    header(),
    detail("1", "00012345", 1_000_050),
    detail("2", "12346", 70_000),
    detail("3", "12347", 80_000),
    detail("4", "12348", 90_000),
    detail("4", "12349", 10_000),
    detail("1", "12350", 25_000_000),
    "3subtotales 1000",
]


@pytest.fixture(scope="module")
def mapping(root: Path) -> Mapping:
    return load_mapping(root / "parameters", "pse")


def taken(lines: list[str], mapping: Mapping, context: Context | None = None) -> Parsed:
    parsed = read_content("\r\n".join(lines).encode(), mapping, file="pse.txt", context=context)
    assert parsed.rows_in == len(parsed.frame) + parsed.rows_duplicate + len(parsed.rejected)
    for finding in parsed.findings.to_dict("records"):
        for lang in words.LANGUAGES:
            assert "–" not in words.explain(finding["rule"], json.loads(finding["values"]), lang)
    return parsed


def test_only_state_one_is_money_and_the_rest_is_kept_with_its_sum(mapping: Mapping) -> None:
    parsed = taken(GOOD, mapping)
    assert parsed.frame["receipt_id"].tolist() == ["00012345", "12350"]
    assert parsed.frame["received_amount"].tolist() == [1_000_050, 25_000_000]
    assert set(parsed.frame["receipt_date"].dt.date) == {dt.date(2026, 10, 8)}
    assert parsed.sums == {"COP": 26_000_050}
    assert parsed.rejected["rule"].tolist() == [
        "pse-not-authorised",
        "pse-pending",
        "pse-failed",
        "pse-failed",
    ]
    assert parsed.rejected["raw"].tolist()[0] == GOOD[2].rstrip()
    told = parsed.findings[["level", "rule", "amount"]].to_numpy().tolist()
    assert told == [
        ["note", "pse-not-authorised", 70_000],
        ["note", "pse-pending", 80_000],
        ["note", "pse-failed", 100_000],
    ]


def test_a_cus_that_stands_twice_is_no_money_at_all(mapping: Mapping) -> None:
    for state in ("1", "3"):
        parsed = taken([*GOOD, detail(state, "12350", 25_000_000)], mapping)
        assert parsed.frame["receipt_id"].tolist() == ["00012345"]
        assert parsed.rejected["rule"].tolist().count("pse-cus-repeated") == 2
        assert parsed.findings["level"].tolist().count("error") == 2


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (detail("5", "1", 100), "pse-state-unknown"),
        (detail("1", "", 100), "id-missing"),
        (detail("1", "1", 100).replace(f"{100:018}", "0000000000000001x0"), "amount-format"),
        (detail("1", "1", 0), "zero-amount"),
    ],
)
def test_a_line_that_cannot_be_read_is_kept_aside(mapping: Mapping, line: str, rule: str) -> None:
    parsed = taken([*GOOD, line], mapping)
    assert parsed.rejected["rule"].tolist()[-1] == rule
    assert len(parsed.frame) == 2


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        (GOOD[1:], "fixed-header-missing"),
        (GOOD + GOOD, "fixed-header-repeated"),
        ([*GOOD, "7"], "fixed-line-unknown"),
        ([*GOOD, "2" * 1000], "fixed-line-too-long"),
        ([header()], "no-data-rows"),
        ([header("20261308"), *GOOD[1:]], "date-invalid"),
    ],
)
def test_a_file_that_is_no_reconciliation_is_refused(mapping: Mapping, lines: list[str], rule: str) -> None:
    with pytest.raises(FileRefusedError) as caught:
        taken(lines, mapping)
    assert caught.value.cause == rule
    assert "–" not in words.explain(rule, caught.value.values, "es")


@pytest.mark.parametrize(
    ("as_of", "is_late"),
    [
        (None, False),
        (dt.date(2026, 10, 9), False),  # the cycle is of a Thursday: one banking day later
        (dt.date(2026, 10, 11), False),  # a Sunday
        (dt.date(2026, 10, 12), False),  # a holiday
        (dt.date(2026, 10, 13), True),
    ],
)
def test_pending_for_more_than_a_banking_day_is_told(
    mapping: Mapping, as_of: dt.date | None, is_late: bool
) -> None:
    rules = taken(GOOD, mapping, Context(as_of=as_of)).findings["rule"].tolist()
    assert ("pse-pending-late" in rules) is is_late


def test_the_company_is_the_one_whose_nit_the_line_names(mapping: Mapping) -> None:
    lines = [*GOOD, detail("1", "9", 100, nit="111")]
    parsed = taken(lines, mapping, Context(tax_ids={"CO07": "900000001-8"}))
    assert parsed.frame["company_id"].tolist() == ["CO07", "CO07", "CO01"]
    assert parsed.findings["rule"].tolist().count("nit-not-ours") == 1


def test_the_same_attempt_in_a_later_file_is_the_same_receipt(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    book = new_book(tmp_path)
    for name, lines in {"a": GOOD, "b": [*GOOD, detail("1", "12399", 500)]}.items():
        (tmp_path / name).write_text("\n".join(lines), encoding="ascii")
    first, second = (intake.import_file(book, tmp_path / n, "pse", today=dt.date(2026, 11, 1)) for n in "ab")
    assert (first.status, first.rows_in, first.rows_stored, first.rows_rejected) == ("partial", 6, 2, 4)
    assert (second.rows_stored, second.rows_duplicate, second.sums) == (1, 2, {"COP": 500})
    assert sorted(read.receipts(book)["received_amount"]) == [500, 1_000_050, 25_000_000]


def test_any_table_may_stand_in_fixed_places(tmp_path: Path) -> None:
    (tmp_path / "bank.yaml").write_text(
        "kind: bank_statement\nformat: fixed\nconstants: {account_id: A1, currency: COP, company_id: CO01}\n"
        "fixed:\n  width: 40\n  data: D\n  others: [T]\n  fields:\n"
        "    day: {start: 1, length: 8}\n    value: {start: 9, length: 12, decimals: 2}\n"
        "    side: {start: 21, length: 1}\n    words: {start: 22, length: 18}\n"
        "columns: {booking_date: [day], bank_amount: [value], debit_credit: [side], text: [words]}\n"
        "required: [booking_date]\ndates: {formats: [yyyymmdd]}\n"
        "debit_words: [D]\ncredit_words: [C]\nbank: {proof: when-stated}\n",
        encoding="utf-8",
    )
    text = "D20261001000000012345CPago de FV-1\nD20261002000000000100DComision\nT2\n"
    parsed = read_content(text.encode(), read_mapping(tmp_path / "bank.yaml"), file="f")
    assert parsed.frame["bank_amount"].tolist() == [12_345, -100]
    assert parsed.frame["row"].tolist() == [1, 2]
    assert parsed.frame["text"].tolist() == ["Pago de FV-1", "Comision"]


@pytest.mark.parametrize(
    "wrong",
    ["width: 20", "fields: {state: {start: -1, length: 1}}", "fields: {state: {start: 1}}", "heigth: 1"],
)
def test_a_layout_that_cannot_be_is_refused_with_its_setting(tmp_path: Path, wrong: str) -> None:
    fields = "" if wrong.startswith("fields") else "  fields: {state: {start: 1, length: 40}}\n"
    text = f"kind: receipts\nformat: pse\nfixed:\n  {wrong}\n{fields}"
    (tmp_path / "odd.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(MappingError):
        read_mapping(tmp_path / "odd.yaml")
