"""Every real file of collections, BAI2, OFX, tables and the odd formats: read, or refused for its reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from workbench import words
from workbench.errors import FileRefusedError
from workbench.sources import Mapping, Parsed, load_mapping, read_file
from workbench.sources.mappings import read_mapping

MAPPINGS = Path(__file__).parent / "mappings"
#: File → source, then its lines, sums by currency and balances, or the rule that refuses it.
Expected = tuple[str, int, dict[str, int], list[tuple[int, int]]]
READ: dict[str, Expected] = {
    "asobancaria2001/micros__ejemplos__11JULIO.TXT": ("asobancaria", 17, {"COP": 300_000_00}, []),
    "bai2/ministryofjustice__data__account_trailer_amount_blank_example.bai2": ("bai2", 0, {}, []),
    "bai2/ministryofjustice__data__nwb_example.bai2": ("bai2", 5, {"GBP": -26_76}, [(365_21, 338_45)]),
    "bai2/moov-io__testdata__sample1.txt": ("bai2", 17, {"CAD": 0}, []),
    "bai2/moov-io__testdata__sample3.txt": (
        "bai2",
        26,
        {"USD": -197_05},
        [
            *[(-35_00, -36_00), (0, 0), (0, 0), (-557_03, -864_06), (985_47, 985_47), (0, 0), (0, 0)],
            *[(6_252_66, 6_103_15), (-731_35, -787_59), (-40_78, 275_95), *([(0, 0)] * 5)],
        ],
    ),
    "ofx/csingley__data__stmtrs_euro.ofx": ("ofx", 2, {"USD": -500_00}, []),
    "ofx/jseutter__fail_nice__empty_balance.ofx": ("ofx", 1, {"CAD": 120_00}, []),
    "ofx/jseutter__fixtures__bank_medium.ofx": ("ofx", 3, {"CAD": -345_27}, []),
    "ofx/jseutter__fixtures__checking.ofx": ("ofx", 3, {"USD": -59_50}, []),
    "ofx/jseutter__fixtures__ofx-v102-empty-tags.ofx": ("ofx", 1, {"AUD": 12_34}, []),
    "ofx/oca__test_ofx_file__test_ofx.ofx": ("ofx", 4, {"USD": -360_00}, []),
    "csv_xlsx/oca__fixtures__debit_credit.csv": (
        "oca_debit_credit",
        2,
        {"USD": 1_500_00},
        [(10_00, 1_510_00)],
    ),
    "csv_xlsx/oca__fixtures__multi_currency.csv": ("oca_signed", 2, {"EUR": 1_525_00, "USD": -33_50}, []),
    "csv_xlsx/oca__fixtures__original_currency_empty.csv": ("oca_signed", 1, {"USD": 1_525_00}, []),
    "csv_xlsx/oca__fixtures__sample_statement_credit_card_inverse_sign_en.csv": (
        "oca_card",
        2,
        {"EUR": 1_525_00, "USD": -33_50},
        [],
    ),
    "csv_xlsx/oca__fixtures__sample_statement_en.xlsx": (
        "oca_signed",
        2,
        {"EUR": 1_525_00, "USD": -33_50},
        [],
    ),
    "csv_xlsx/oca__v13_fixtures__statement_es.csv": (
        "paypal",
        4,
        {"EUR": 131_08},
        [(4_579_22, 4_710_30)],
    ),
    "csv_xlsx/oca__v13_test_files__adyen_test.xlsx": ("adyen", 21, {"USD": 0}, []),
    "csv_xlsx/oca__v13_test_files__settlement_detail_report_batch_380.csv": ("adyen", 228, {"USD": 0}, []),
    "csv_xlsx/sebastienrousseau__golden__csv_european_decimals.csv": ("german", 3, {"EUR": 2_260_94}, []),
    "csv_xlsx/sebastienrousseau__golden__csv_garbled_amount.csv": ("plain", 1, {"EUR": 100_00}, []),
}
REFUSED: dict[str, tuple[str, str]] = {
    "asobancaria2001/jesusvillalbam__resources__asobancaria_test.txt": (
        "asobancaria",
        "asobancaria-lot-number",  # and its counts and totals: the controls were never filled in
    ),
    "asobancaria2001/micros__ejemplos__VACIO.TXT": ("asobancaria", "empty-file"),
    "bai2/moov-io__testdata__sample5-issue113.txt": ("bai2", "bai2-account-total"),  # amounts were changed
    "ofx/jseutter__fixtures__fidelity.ofx": ("ofx", "ofx-no-statement"),  # of investments
    "ofx/oca__test_ofx_file__test_ofx_wrong.ofx": ("ofx", "ofx-no-account"),
    "csv_xlsx/oca__fixtures__empty_statement_en.csv": ("oca_signed", "no-data-rows"),
    "csv_xlsx/oca__v13_fixtures__empty_activity.csv": ("paypal", "no-data-rows"),
    # 30,000.77 and its lines make 31,070.09, not 31,070.11
    "csv_xlsx/oca__fixtures__meta_data_separated_credit_debit.csv": ("oca_labels", "balance-mismatch"),
    "csv_xlsx/oca__v13_test_files__adyen_test_invalid.xls": ("adyen", "columns-missing"),
    "qif/oca__tests__test_qif.qif": ("bank_csv", "format-not-read"),
    "coda/tryton__tests__CODA.txt": ("bank_csv", "format-not-read"),
    "edi835/azoner__tests__835_mult_loops.txt": ("bank_csv", "format-not-read"),
}
FOLDERS = ("asobancaria2001", "bai2", "ofx", "csv_xlsx", "qif", "coda", "edi835")


def mapping_of(source: str, root: Path) -> Mapping:
    own = MAPPINGS / f"{source}.yaml"
    return read_mapping(own) if own.is_file() else load_mapping(root / "parameters", source)


def test_no_real_file_is_left_out(shared: Path) -> None:
    folder = shared / "data/statements"
    files = {
        f"{name}/{path.name}" for name in FOLDERS for path in (folder / name).iterdir() if path.is_file()
    }
    assert files == set(READ) | set(REFUSED)


@pytest.mark.parametrize("name", READ)
def test_a_real_file_is_read_to_the_cent(name: str, root: Path, shared: Path) -> None:
    source, count, sums, balances = READ[name]
    parsed = read_file(shared / "data/statements" / name, mapping_of(source, root))
    assert len(parsed.frame) == count
    assert parsed.sums == sums
    stated = zip(parsed.balances["opening_amount"], parsed.balances["closing_amount"], strict=True)
    assert [(int(one), int(two)) for one, two in stated] == balances
    assert parsed.rows_in == count + len(parsed.rejected)
    assert len(parsed.rejected) == (1 if "garbled" in name else 0)
    assert parsed.frame["line_id"].ne("").all()


@pytest.mark.parametrize("name", REFUSED)
def test_a_real_file_is_refused_for_its_reason(name: str, root: Path, shared: Path) -> None:
    source, rule = REFUSED[name]
    with pytest.raises(FileRefusedError) as refusal:
        read_file(shared / "data/statements" / name, mapping_of(source, root))
    assert refusal.value.cause == rule
    for lang in words.LANGUAGES:
        assert words.has_words(f"rules.{rule}", lang)


def test_collections_equal_the_offsets_of_the_standard(root: Path, shared: Path) -> None:
    path = shared / "data/statements/asobancaria2001/micros__ejemplos__11JULIO.TXT"
    details = [line for line in path.read_text(encoding="latin-1").splitlines() if line[:2] == "06"]
    lines = read_file(path, mapping_of("asobancaria", root)).frame
    assert lines["bank_amount"].tolist() == [int(line[50:64]) for line in details]
    assert lines["reference"].tolist() == [line[2:50] for line in details]
    assert set(lines["line_kind"]) == {"collected"}


def _amounts(parsed: Parsed) -> list[int]:
    return sorted(parsed.frame["bank_amount"].tolist())


def test_ofx_amounts_equal_those_that_stand_in_the_file(root: Path, shared: Path) -> None:
    for path in sorted((shared / "data/statements/ofx").iterdir()):
        if f"ofx/{path.name}" not in READ:
            continue
        found = re.findall(r"<TRNAMT>\s*([-+0-9.,]+)", path.read_text(encoding="latin-1"))
        cents = sorted(round(float(text.replace(",", ".")) * 100) for text in found)
        assert _amounts(read_file(path, mapping_of("ofx", root))) == cents, path.name


@pytest.mark.parametrize(
    ("name", "source", "rule", "right"),
    [
        ("ofx/jseutter__fixtures__checking.ofx", "mt940", "format-other", "ofx"),
        ("ofx/csingley__data__stmtrs_euro.ofx", "bank_csv", "format-other", "ofx"),
        ("bai2/moov-io__testdata__sample1.txt", "asobancaria", "format-other", "bai2"),
        ("asobancaria2001/micros__ejemplos__11JULIO.TXT", "bank_csv", "format-other", "asobancaria"),
        ("asobancaria2001/micros__ejemplos__11JULIO.TXT", "pse", "format-other", "asobancaria"),
        ("mt940/wolph__jejik__generic.sta", "ofx", "format-other", "mt940"),
        ("qif/oca__tests__test_qif.qif", "ofx", "format-not-read", ""),
        ("csv_xlsx/oca__fixtures__debit_credit.csv", "mt940", "format-other", "bank_csv"),
    ],
)
def test_a_file_of_another_format_is_told_by_its_name(
    name: str, source: str, rule: str, right: str, root: Path, shared: Path
) -> None:
    with pytest.raises(FileRefusedError) as refusal:
        read_file(shared / "data/statements" / name, mapping_of(source, root))
    assert (refusal.value.cause, refusal.value.values.get("source", "")) == (rule, right)
