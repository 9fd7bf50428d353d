"""Totals lines are held against their rows; signs by side, days with hours, what is endless is refused."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from workbench import words
from workbench.errors import FileRefusedError
from workbench.sources import Mapping, Parsed, load_mapping, read_content
from workbench.sources.mappings import read_mapping

HEAD = "kind: bank_statement\nformat: csv\nconstants: {company_id: CO01, account_id: A1}\n"
COLUMNS = (
    "columns: {booking_date: [Day], text: [Text], currency: [Currency], bank_amount: [Amount],"
    " debit: [Out], credit: [In], debit_credit: [Side], balance: [Balance]}\nrequired: [booking_date]\n"
    "totals: {words: [Total, Saldo final], blank: [booking_date]}\nbank: {proof: when-stated}\n"
    "identity: content\n"
)


def mapped(folder: Path, more: str = "defaults: {currency: COP}\n") -> Mapping:
    (folder / "bank.yaml").write_text(HEAD + COLUMNS + more, encoding="utf-8")
    return read_mapping(folder / "bank.yaml")


def read(text: str, mapping: Mapping) -> Parsed:
    return read_content(text.encode(), mapping, file="given")


def told(parsed: Parsed) -> list[tuple[int, int]]:
    found = parsed.findings[parsed.findings["rule"] == "totals-differ"]
    for values in found["values"]:
        assert "–" not in words.explain("totals-differ", json.loads(values), "es")
    return list(zip(found["row"], found["amount"], strict=True))


@pytest.mark.parametrize(
    ("lines", "differences"),
    [
        ("2026-10-01,A,10.00\n2026-10-02,B,-3.00\nTotal,,7.00\n", []),
        ("2026-10-01,A,10.00\n2026-10-02,B,-3.00\nTotal,,7.01\n", [(4, 1)]),
        ("Total,,7.00\n2026-10-01,A,10.00\n2026-10-02,B,-3.00\n", []),  # totals above their rows
        ("2026-10-01,A,10.00\nTotal,,10.00\n2026-10-02,B,-3.00\nTotal,,-3.00\nTotal,,7.00\n", []),
        ("2026-10-01,A,10.00\nTotal,,10.00\n2026-10-02,B,-3.00\nTotal,,-4.00\nTotal,,7.00\n", [(5, -100)]),
        ("2026-10-01,A,10.00\nSaldo final,,99.00\n", []),  # a balance is no sum
        ("2026-10-01,A,10.00\nTotal,,two rows\n", []),
        ("2026-10-01,A,10..00\n2026-10-02,B,1.00\nTotal,,11.00\n", []),  # the unread row is told itself
        ("2026-10-01,A,10.00\n2026-10-01,A,10.00\nTotal,,20.00\n", []),
    ],
)
def test_a_total_that_no_sum_of_rows_explains_is_a_finding(
    tmp_path: Path, lines: str, differences: list[tuple[int, int]]
) -> None:
    parsed = read("Day,Text,Amount\n" + lines, mapped(tmp_path))
    assert told(parsed) == differences
    assert "totals-line" in parsed.findings["rule"].tolist()


def test_totals_are_held_by_currency_and_by_column(tmp_path: Path) -> None:
    rows = "2026-10-01,A,COP,10.00,\n2026-10-01,B,USD,,4.00\n2026-10-02,C,USD,,1.00\n"
    head = "Day,Text,Currency,In,Out\n"
    mapping = mapped(tmp_path)
    assert told(read(f"{head}{rows}Total,,COP,10.00,0.00\nTotal,,USD,,5.00\n", mapping)) == []
    assert told(read(f"{head}{rows}Total,,COP,10.00,0.00\nTotal,,USD,,6.00\n", mapping)) == [(6, 100)]
    assert told(read(f"{head}{rows}Total,,,10.00,5.00\n", mapping)) == [], "nobody adds pesos to dollars"


def test_a_strict_mapping_refuses_totals_that_differ(tmp_path: Path) -> None:
    strict = mapped(tmp_path, "defaults: {currency: COP}\nchecks: {totals-differ: reject}\n")
    with pytest.raises(FileRefusedError) as caught:
        read("Day,Text,Amount\n2026-10-01,A,10.00\nTotal,,11.00\n", strict)
    assert caught.value.cause == "totals-differ"
    silent = mapped(tmp_path, "defaults: {currency: COP}\nchecks: {totals-differ: accept}\n")
    assert told(read("Day,Text,Amount\n2026-10-01,A,10.00\nTotal,,11.00\n", silent)) == []


def test_where_the_side_says_the_sign_the_amounts_own_sign_says_nothing(tmp_path: Path) -> None:
    more = "defaults: {currency: COP}\nsign: by_side\ndebit_words: [D]\ncredit_words: [C]\n"
    one = read("Day,Text,Amount,Side\n2026-10-01,A,-5.00,D\n2026-10-01,B,-7.00,C\n", mapped(tmp_path, more))
    assert one.frame["bank_amount"].tolist() == [-500, 700]
    two = read("Day,Text,Out,In\n2026-10-01,A,-5.00,\n2026-10-01,B,,7.00\n", mapped(tmp_path, more))
    assert two.frame["bank_amount"].tolist() == [-500, 700]


@pytest.mark.parametrize(
    ("form", "written", "day"),
    [
        ("dd/mm/yy", "01/04/20", "2020-04-01"),
        ("yyyy-mm-dd hh:mm:ss", "2021-01-05 00:21:32", "2021-01-05"),
        ("yyyy-mm-dd hh:mm:ss", "2021-01-05", None),
        ("dd/mm/yy", "01/04/2020", None),
    ],
)
def test_days_may_have_two_digits_of_year_or_an_hour(
    tmp_path: Path, form: str, written: str, day: str | None
) -> None:
    mapping = mapped(tmp_path, f'defaults: {{currency: COP}}\ndates: {{formats: ["{form}"]}}\n')
    parsed = read(f"Day,Text,Amount\n{written},A,1.00\n", mapping)
    assert parsed.frame["booking_date"].astype(str).tolist() == ([day] if day else [])
    assert parsed.rejected["rule"].tolist() == ([] if day else ["date-format"])


def test_a_plus_is_a_sign_only_where_the_mapping_says_so(tmp_path: Path) -> None:
    text = "Day,Text,Amount\n2026-10-01,A,+1.00\n"
    assert read(text, mapped(tmp_path)).rejected["rule"].tolist() == ["amount-format"]
    plus = mapped(tmp_path, "defaults: {currency: COP}\namounts: {negative: [leading, plus]}\n")
    assert read(text, plus).frame["bank_amount"].tolist() == [100]


@pytest.mark.parametrize(
    ("source", "text", "rule"),
    [
        ("ofx", "<OFX>" + "<!--" * 200_000, "ofx-incomplete"),
        ("ofx", "<OFX>" + "<A>" * 200_000, "xml-depth"),
        ("bai2", "01,A,B,261001,,1,,,2/\n" + "88,x\n" * 200_000, "field-too-long"),
        ("bai2", "01,A,B,261001,,1,,,2/\n" + "xxxxxxxx\n" * 200_000, "field-too-long"),
        ("asobancaria", "01" + "0" * 10_000_000, "asobancaria-line-too-long"),
        ("pse", "1" + "0" * 10_000_000, "fixed-line-too-long"),
    ],
)
def test_what_never_ends_is_refused_where_it_begins(source: str, text: str, rule: str, root: Path) -> None:
    with pytest.raises(FileRefusedError) as caught:
        read(text, load_mapping(root / "parameters", source))
    assert caught.value.cause == rule


def test_a_text_longer_than_any_bank_writes_refuses_the_statement(root: Path) -> None:
    ofx = (
        "<OFX><STMTRS><CURDEF>COP<BANKACCTFROM><ACCTID>1</BANKACCTFROM><BANKTRANLIST><STMTTRN>"
        f"<DTPOSTED>20261001<TRNAMT>1<FITID>1<MEMO>{'x' * 5000}</STMTTRN></BANKTRANLIST></STMTRS></OFX>"
    )
    with pytest.raises(FileRefusedError) as caught:
        read(ofx, load_mapping(root / "parameters", "ofx"))
    assert caught.value.cause == "field-too-long"


@pytest.mark.parametrize(
    ("source", "folder"), [("asobancaria", "asobancaria2001"), ("ofx", "ofx"), ("bai2", "bai2")]
)
def test_a_damaged_real_file_is_read_or_refused_with_words(
    source: str, folder: str, root: Path, shared: Path
) -> None:
    mapping, chance = load_mapping(root / "parameters", source), random.Random(2001)
    files = [path.read_bytes() for path in sorted((shared / "data/statements" / folder).iterdir())]
    files = [content for content in files if content]
    for _ in range(30):
        content = bytearray(chance.choice(files))
        place = chance.randrange(len(content))
        cut = chance.choice([0, 1, 7, 200])
        content[place : place + cut] = chance.choice([b"", b"<", b"/", b"88,", b"\n", b"1e5", content[:cut]])
        rule, parsed = "", None
        try:
            parsed = read_content(bytes(content), mapping, file="damaged")
        except FileRefusedError as refusal:
            rule = refusal.cause
        if parsed is None:
            assert words.has_words(f"rules.{rule}", "es"), rule
            continue
        assert parsed.rows_in == len(parsed.frame) + parsed.rows_duplicate + len(parsed.rejected)
