"""Asobancaria 2001: what proves the file is read; one changed digit, a swap, a cut or a glue is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from book_world import ledger_hash, new_book
from hypothesis import given, settings
from hypothesis import strategies as st
from tries import tries

from workbench import intake, words
from workbench.book import read
from workbench.errors import FileRefusedError
from workbench.matching.returns import returned_receipts
from workbench.policy import Policy
from workbench.reconciliation import reconcile_bank
from workbench.sources import Context, Mapping, Parsed, load_mapping, read_content
from workbench.sources.mappings import read_mapping

OURS = load_mapping(Path(__file__).resolve().parents[2] / "parameters", "asobancaria")
#: Reference, cents, sequence, cause of a return.
Payment = tuple[str, int, int, str]
GOOD: list[list[Payment]] = [
    [("FE1001", 1_800_000, 2, "000"), ("0000010590", 1_500_050, 3, ""), ("77", 20_000, 4, "005")],
    [],
    [("FE1002", 100, 2, "000")],
]


def made(
    lots: Sequence[Sequence[Payment]] = GOOD,
    *,
    modifier: str = "A",
    nit: str = "9000000018",
    day: str = "20261005",
) -> list[str]:
    """The records of a file whose controls all hold."""
    lines = [f"01{nit:0>10}{day}007{'12345':0>17}202610060213{modifier}01".ljust(162)]
    for number, lot in enumerate(lots, start=1):
        lines.append(f"05{'7709998888487':>13}{number:04}".ljust(162))
        for reference, cents, sequence, cause in lot:
            lines.append(
                f"06{reference:0>48}{cents:014}0101{0:06}{0:06}007{4097:04}{sequence:07}{cause:3}".ljust(162)
            )
        lines.append(f"08{len(lot):09}{sum(p[1] for p in lot):018}{number:04}".ljust(162))
    total = sum(payment[1] for lot in lots for payment in lot)
    lines.append(f"09{sum(map(len, lots)):09}{total:018}")
    return lines


@pytest.fixture(scope="module")
def mapping(root: Path) -> Mapping:
    return load_mapping(root / "parameters", "asobancaria")


def taken(lines: list[str], mapping: Mapping, context: Context | None = None, ends: str = "\r\n") -> Parsed:
    parsed = read_content(ends.join(lines).encode(), mapping, file="recaudo.txt", context=context)
    assert parsed.rows_in == len(parsed.frame) + parsed.rows_duplicate + len(parsed.rejected)
    return parsed


def refusal(lines: list[str], mapping: Mapping, context: Context | None = None) -> str:
    with pytest.raises(FileRefusedError) as caught:
        taken(lines, mapping, context)
    for lang in words.LANGUAGES:
        said = words.explain(caught.value.cause, caught.value.values, lang)
        assert caught.value.cause not in said
    return caught.value.cause


def test_each_payment_is_a_line_and_what_came_back_is_negative(mapping: Mapping) -> None:
    parsed = taken(made(), mapping)
    lines = parsed.frame
    assert lines["bank_amount"].tolist() == [1_800_000, 1_500_050, -20_000, 100]
    assert lines["line_kind"].tolist() == ["collected", "collected", "collected_return", "collected"]
    assert lines["reference"].tolist()[1] == "0000010590".zfill(48)
    assert lines["line_id"].tolist()[0] == "20261005A-7709998888487-0001-0000002"
    assert lines["line_id"].is_unique
    assert set(lines["account_id"]) == {"12345"}
    assert lines["row"].tolist() == [3, 4, 5, 10]
    assert parsed.sums == {"COP": 3_280_150}
    assert parsed.balances.empty
    assert parsed.findings[["rule", "row", "amount"]].to_numpy().tolist() == [
        ["payment-returned", 5, -20_000]
    ]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r", "\r\n\r\n"])
def test_line_ends_and_missing_blanks_do_not_matter(mapping: Mapping, ends: str) -> None:
    whole = taken(made(), mapping).frame
    short = [line.rstrip() for line in made()]
    assert taken(short, mapping, ends=ends).frame.drop(columns="row").equals(whole.drop(columns="row"))
    assert len(taken([*made(), "", "\x1a"], mapping).frame) == 4


def swapped(lines: list[str], one: int, two: int) -> list[str]:
    lines[one], lines[two] = lines[two], lines[one]
    return lines


def with_(line: int, start: int, text: str) -> list[str]:
    lines = made()
    lines[line] = lines[line][:start] + text + lines[line][start + len(text) :]
    return lines


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        (swapped(made(), 2, 3), "asobancaria-sequence"),
        (made([[("1", 1, 2, ""), ("2", 1, 2, "")]]), "asobancaria-sequence"),
        (swapped(made(), 1, 2), "asobancaria-order"),
        (made()[1:], "asobancaria-order"),
        (made()[:-1], "asobancaria-incomplete"),
        (made()[:3], "asobancaria-incomplete"),
        ([*made()[:2], *made()[3:]], "asobancaria-lot-count"),
        ([*made()[:3], *made()[2:]], "asobancaria-lot-count"),
        (made() + made(modifier="B"), "asobancaria-glued"),
        (made()[:-1] + made(modifier="B"), "asobancaria-glued"),
        ([*made(), made()[2]], "asobancaria-order"),
        (with_(5, 29, "0009"), "asobancaria-lot-number"),
        (with_(5, 10, "4"), "asobancaria-lot-count"),
        (with_(5, 20, "1"), "asobancaria-lot-total"),
        (with_(-1, 10, "5"), "asobancaria-file-count"),
        (with_(-1, 20, "1"), "asobancaria-file-total"),
        (with_(2, 63, "X"), "asobancaria-field"),
        (with_(2, 60, "١٢"), "asobancaria-field"),
        (with_(2, 87, "       "), "asobancaria-field"),
        (with_(2, 0, "07"), "asobancaria-record-unknown"),
        (with_(2, 160, "XXXX"), "asobancaria-line-too-long"),
        (with_(0, 12, "20261305"), "date-invalid"),
        (["".join(made())], "asobancaria-line-too-long"),
        (["Fecha;Valor", "2026-10-05;1"], "asobancaria-record-unknown"),
        ([" "], "empty-file"),
    ],
)
def test_a_file_that_is_not_proved_is_refused_with_its_own_reason(
    mapping: Mapping, lines: list[str], rule: str
) -> None:
    assert refusal(lines, mapping) == rule


def test_two_lots_of_one_number_and_service_are_refused(mapping: Mapping) -> None:
    lines = made([[("1", 1, 2, "")], [("2", 2, 2, "")]])
    lines[4], lines[6] = lines[4].replace("0002", "0001"), lines[6][:29] + "0001"
    assert refusal(lines, mapping) == "key-conflict"


payments = st.lists(
    st.tuples(
        st.text("0123456789ABCXYZ-", min_size=1, max_size=12),
        st.integers(0, 10**12),
        st.just(0),
        st.sampled_from(["000", "", "001", "R02"]),
    ),
    max_size=4,
)


@settings(deadline=None, max_examples=tries(25))
@given(st.lists(payments, min_size=1, max_size=3), st.data())
def test_one_changed_digit_of_an_amount_or_a_control_is_always_found(
    lots: list[list[Payment]], data: st.DataObject
) -> None:
    mapping = OURS
    lots = [[(p[0], p[1], number, p[3]) for number, p in enumerate(lot, start=2)] for lot in lots]
    lines = made(lots)
    parsed = taken(lines, mapping)
    said = [p[1] if p[3] in ("000", "") else -p[1] for lot in lots for p in lot]
    assert parsed.frame["bank_amount"].tolist() == said
    places = [
        (at, start + place)
        for at, line in enumerate(lines)
        for start, length in {"06": [(50, 14)], "08": [(2, 31)], "09": [(2, 27)]}.get(line[:2], [])
        for place in range(length)
    ]
    at, place = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != lines[at][place]]))
    lines[at] = lines[at][:place] + other + lines[at][place + 1 :]
    assert refusal(lines, mapping).startswith("asobancaria-")


@pytest.mark.parametrize(("nit", "ours"), [("9000000018", True), ("900000001", True), ("900000002", False)])
def test_our_nit_counts_with_and_without_its_check_digit(mapping: Mapping, nit: str, ours: bool) -> None:
    context = Context(accounts={"00012345": ("CO02", "COP")}, tax_ids={"CO02": "900.000.001-8"})
    parsed = taken(made([[]], nit=nit), mapping, context)
    assert parsed.findings["rule"].tolist() == ([] if ours else ["nit-not-ours"])
    stranger = Context(accounts={}, tax_ids={"CO02": "900000001-8"})
    parsed = taken(made(nit=nit), mapping, stranger)
    assert set(parsed.frame["company_id"]) == {"CO02" if ours else "CO01"}


def test_a_strict_mapping_refuses_what_is_not_ours(root: Path, tmp_path: Path) -> None:
    text = (root / "parameters/sources/asobancaria.yaml").read_text(encoding="utf-8")
    (tmp_path / "strict.yaml").write_text(text.replace(": accept", ": reject"), encoding="utf-8")
    strict = read_mapping(tmp_path / "strict.yaml")
    assert refusal(made(nit="1"), strict, Context(tax_ids={"CO01": "900000001-8"})) == "nit-not-ours"
    assert refusal(made(), strict, Context(accounts={})) == "unknown-account"


def test_a_file_made_long_after_its_day_or_before_it_is_told(mapping: Mapping) -> None:
    for day in ("20261007", "20260801"):
        assert "collection-day-odd" in taken(made(day=day), mapping).findings["rule"].tolist()


def test_several_files_of_a_day_are_stored_and_the_same_one_is_a_duplicate(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    book, today = new_book(tmp_path), dt.date(2026, 11, 1)

    def put(name: str, lines: list[str]) -> intake.ImportResult:
        (tmp_path / name).write_text("\r\n".join(lines), encoding="ascii")
        return intake.import_file(book, tmp_path / name, "asobancaria", today=today)

    first = put("a.txt", made())
    assert (first.status, first.rows_stored, first.sums) == ("accepted", 4, {"COP": 3_280_150})
    second = put("b.txt", made(modifier="B"))
    assert (second.status, second.rows_stored) == ("accepted", 4)
    again = put("again.txt", [line.rstrip() for line in made()])
    assert (again.status, again.rows_stored, again.rows_duplicate) == ("duplicate", 0, 4)
    assert "line-vanished" not in set(again.findings["rule"])
    less = put("less.txt", made(GOOD[:2]))
    assert less.findings["rule"].tolist().count("line-vanished") == 1
    receipts = read.receipts(book)
    assert sorted(receipts["received_amount"]) == sorted([1_800_000, 1_500_050, 100] * 2)
    assert receipts["text"].str.contains("10590").any()
    assert read.bank_lines(book)["line_kind"].eq("collected_return").sum() == 2
    before = ledger_hash(book)
    broken = made(modifier="C")
    broken[2] = broken[2][:63] + "9" + broken[2][64:]
    assert put("c.txt", broken).status == "rejected"
    assert ledger_hash(book) == before


def test_a_payment_that_came_back_pays_nothing(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    book, today = new_book(tmp_path), dt.date(2026, 11, 1)
    for name, lines in {
        "a.txt": made([[("FE1", 500_00, 2, ""), ("FE2", 500_00, 3, "")]]),
        "b.txt": made([[("FE2", 500_00, 2, "001")]], day="20261007"),
    }.items():
        (tmp_path / name).write_text("\n".join(lines), encoding="ascii")
        intake.import_file(book, tmp_path / name, "asobancaria", today=today)
    receipts = read.receipts(book)
    assert len(receipts) == 2
    back = returned_receipts(receipts, read.bank_lines(book), pd.Timestamp("2026-10-31"))
    assert [receipts.loc[row, "text"][-3:] for row in back] == ["FE2"]


def test_the_statement_shows_the_same_money_again_and_it_counts_once(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    book, today = new_book(tmp_path), dt.date(2026, 11, 1)
    text = (root / "parameters/sources/bank_csv.yaml").read_text(encoding="utf-8")
    kinds = "line_kinds:\n    - {kind: collection, patterns: [recaudo]}"
    (tmp_path / "bank.yaml").write_text(text.replace("line_kinds:", kinds), encoding="utf-8")
    lines = "2026-10-05;S1;RECAUDO DEL DIA;1000,00;1100,00\n2026-10-05;S2;CONSIGNACION FV-9;50,00;1150,00\n"
    head = "Cuenta;12345\nMoneda;COP\nSaldo inicial;100,00\nFecha;Documento;Descripción;Valor;Saldo\n"
    (tmp_path / "bank.csv").write_text(head + lines, encoding="utf-8")
    payments = [("FE1", 600_00, 2, ""), ("FE2", 400_00, 3, "")]
    (tmp_path / "recaudo.txt").write_text("\n".join(made([payments])), encoding="ascii")
    statement = read_mapping(tmp_path / "bank.yaml")
    for name, source in {"recaudo.txt": "asobancaria", "bank.csv": statement}.items():
        assert intake.import_file(book, tmp_path / name, source, today=today).status == "accepted"
    assert sorted(read.receipts(book)["received_amount"]) == [50_00, 400_00, 600_00]
    again = intake.import_file(book, tmp_path / "recaudo.txt", "asobancaria", today=today)
    assert again.status == "duplicate"
    bank, balances = read.bank_lines(book), read.bank_balances(book)
    reconciled = reconcile_bank(
        bank, balances, read.book_lines(book), as_of=today, policy=Policy().reconciliation
    )
    assert reconciled.outstanding_bank["line_id"].tolist() == ["S1", "S2"]
    assert "bank-proof-broken" not in set(reconciled.findings["rule"])
    assert reconciled.proof["bank_amount"].tolist() == [1_150_00]
