"""OFX: tags left open or closed are one thing, each line is proved by itself, nothing hostile is opened."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from workbench import words
from workbench.errors import FileRefusedError
from workbench.sources import Mapping, Parsed, load_mapping, read_content

HEAD = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:USASCII\nCHARSET:1252\n\n"
LINE = (
    "<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261003120000[-5:COT]<TRNAMT>1500.50<FITID>F1<CHECKNUM>77"
    "<NAME>ALIMENTOS ANDINOS<MEMO>PAGO FV-981 NIT 900123456</STMTTRN>"
)
FEE = "<STMTTRN><TRNTYPE>SRVCHG<DTPOSTED>20261004<TRNAMT>-20<FITID>F2<NAME><MEMO>CARGO</STMTTRN>"


def statement(lines: str = LINE + FEE, account: str = "123-9", currency: str = "COP", kind: str = "") -> str:
    holder = "CCACCTFROM" if kind else "BANKACCTFROM"
    return (
        f"<{kind}STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><{kind}STMTRS><CURDEF>{currency}"
        f"<{holder}><ACCTID>{account}</{holder}><BANKTRANLIST><DTSTART>20261001<DTEND>20261031{lines}"
        f"</BANKTRANLIST><LEDGERBAL><BALAMT>2000.00<DTASOF>20261031</LEDGERBAL></{kind}STMTRS></{kind}STMTTRNRS>"
    )


def document(*statements: str, head: str = HEAD) -> str:
    return (
        f"{head}<OFX><SIGNONMSGSRSV1><SONRS><LANGUAGE>SPA</SONRS></SIGNONMSGSRSV1>{''.join(statements)}</OFX>"
    )


@pytest.fixture(scope="module")
def ofx(root: Path) -> Mapping:
    return load_mapping(root / "parameters", "ofx")


def read(text: str, mapping: Mapping) -> Parsed:
    parsed = read_content(text.encode(), mapping, file="given")
    assert parsed.rows_in == len(parsed.frame) + parsed.rows_duplicate + len(parsed.rejected)
    return parsed


def refusal(text: str, mapping: Mapping) -> str:
    with pytest.raises(FileRefusedError) as caught:
        read(text, mapping)
    for lang in words.LANGUAGES:
        said = words.explain(caught.value.cause, caught.value.values, lang)
        assert caught.value.cause not in said
        assert "–" not in said
    return caught.value.cause


def test_a_statement_gives_lines_by_their_own_ids(ofx: Mapping) -> None:
    parsed = read(document(statement()), ofx)
    lines = parsed.frame
    assert lines["line_id"].tolist() == ["F1", "F2"]
    assert lines["bank_amount"].tolist() == [150_050, -2_000]
    assert lines["line_kind"].tolist() == ["deposit", "fee"]
    assert lines["reference"].tolist() == ["77", ""]
    assert lines["text"].tolist() == ["ALIMENTOS ANDINOS PAGO FV-981 NIT 900123456", "CARGO"]
    assert lines["payer_tax_id"].tolist() == ["900123456", ""]
    assert lines["booking_date"].dt.date.tolist() == [dt.date(2026, 10, 3), dt.date(2026, 10, 4)]
    assert parsed.extract_date == dt.date(2026, 10, 31)
    assert parsed.balances.empty, "without an opening balance nothing is proved"
    assert parsed.findings[["level", "rule"]].to_numpy().tolist() == [["note", "balance-not-stated"]]


def test_closed_tags_and_open_ones_are_the_same_statement(ofx: Mapping) -> None:
    text = document(statement())
    closed = re.sub(r"<(\w+)>([^<\n]+)", r"<\1>\2</\1>\n", text).replace("<NAME>", "<NAME></NAME>", 2)
    closed = closed.replace("<NAME></NAME>ALIMENTOS", "<NAME>ALIMENTOS")
    version_2 = f'<?xml version="1.0"?>\n<?OFX OFXHEADER="200" VERSION="211"?>\n{closed[len(HEAD) :]}'
    expected = read(text, ofx).frame.drop(columns="row")
    small = re.sub(r"<[^>]+>", lambda tag: tag[0].lower(), text)
    for other in (closed, version_2, closed.replace("<CODE>", "<!-- <ACCTID>9 -->\n<CODE>"), small):
        found = read(other, ofx).frame.drop(columns="row")
        assert found["bank_amount"].tolist() == expected["bank_amount"].tolist()
        assert found["text"].tolist() == expected["text"].tolist()
        assert found["line_kind"].tolist() == expected["line_kind"].tolist()


def test_accounts_and_cards_of_one_file_stay_apart(ofx: Mapping) -> None:
    text = document(statement(), statement(account="4111", currency="USD", kind="CC"))
    parsed = read(text, ofx)
    assert parsed.frame["account_id"].tolist() == ["123-9", "123-9", "4111", "4111"]
    assert parsed.sums == {"COP": 148_050, "USD": 148_050}


@pytest.mark.parametrize(
    ("written", "minor"),
    [("-200,00", -20_000), ("+12.3", 1_230), ("5", 500), (".5", 50), ("-.25", -25), ("1500.500", 150_050)],
)
def test_amounts_may_have_a_point_or_a_comma(ofx: Mapping, written: str, minor: int) -> None:
    assert read(document(statement(LINE.replace("1500.50", written))), ofx).frame["bank_amount"].tolist() == [
        minor
    ]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("1500.50", "1.500,50", "amount-format"),
        ("1500.50", "12..34", "amount-format"),
        ("1500.50", "1e5", "amount-format"),
        ("1500.50", "NaN", "amount-format"),
        ("1500.50", "1500.505", "amount-precision"),
        ("<TRNAMT>1500.50", "", "amount-missing"),
        ("20261003120000[-5:COT]", "20261303", "date-invalid"),
        ("20261003120000[-5:COT]", "03/10/2026", "date-format"),
        ("<DTPOSTED>20261003120000[-5:COT]", "", "date-missing"),
        ("<FITID>F1", "<FITID>F1<CURRENCY><CURRATE>2<CURSYM>USD</CURRENCY>", "ofx-line-currency"),
        ("STMTTRN>", "STMTTRNP>", "not-booked"),
    ],
)
def test_a_line_that_cannot_be_taken_is_kept_aside(ofx: Mapping, old: str, new: str, rule: str) -> None:
    parsed = read(document(statement(LINE.replace(old, new) + FEE)), ofx)
    assert parsed.frame["line_id"].tolist() == ["F2"]
    assert parsed.rejected["rule"].tolist() == [rule]
    assert "ALIMENTOS" in parsed.rejected["raw"].iloc[0]
    assert parsed.findings["level"].tolist()[0] == "error"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (document(statement(LINE + LINE)), "duplicate-in-file"),
        (document(statement(LINE + LINE.replace("1500", "15"))), "key-conflict"),
        (document(statement(account="")), "ofx-no-account"),
        (document(statement(currency="PESOS")), "statement-currency"),
        (document(statement().replace("<SEVERITY>INFO", "<SEVERITY>ERROR<MESSAGE>no")), "ofx-status"),
        (document(statement()).removesuffix("</OFX>"), "ofx-incomplete"),
        (document(statement())[:-200], "ofx-incomplete"),
        (document(statement()) * 2, "ofx-glued"),
        (document(statement()).replace("</STATUS>", "</SONRS>"), "ofx-syntax"),
        (document(statement()).replace("<MEMO>PAGO", "<MEMO>3 < 4"), "ofx-syntax"),
        (document("<INVSTMTRS><CURDEF>USD</INVSTMTRS>"), "ofx-no-statement"),
        (document(), "ofx-no-statement"),
        ("OFXHEADER:100\n", "ofx-none"),
        ("Fecha;Valor\n1;2\n", "ofx-none"),
        (document(statement(), head='<!DOCTYPE OFX [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n'), "xml-dtd"),
        (document(statement(LINE.replace("PAGO", "<![INCLUDE[x]]>"))), "xml-dtd"),
        (document("<A>" * 100), "xml-depth"),
        (document(statement()).replace("2000.00<DTAS", "2.000,00<DTAS"), "amount-format"),
    ],
)
def test_a_file_that_is_no_statement_is_refused_with_its_reason(ofx: Mapping, text: str, rule: str) -> None:
    assert refusal(text, ofx) == rule


def test_entities_stay_text_and_verbatim_parts_are_read(ofx: Mapping) -> None:
    line = LINE.replace("PAGO", "A &amp; B &#60;c&#62; &nbsp;PAGO <![CDATA[<b> & d]]>")
    (text,) = read(document(statement(line)), ofx).frame["text"]
    assert "A & B <c>" in text
    assert "<b> & d" in text
    unknown = LINE.replace("PAGO", "&xxe; PAGO")
    assert "&xxe;" in read(document(statement(unknown)), ofx).frame["text"].iloc[0]


def test_an_investment_beside_an_account_is_told(ofx: Mapping) -> None:
    parsed = read(document(statement(), "<INVSTMTRS><CURDEF>USD</INVSTMTRS>"), ofx)
    assert "ofx-part-left-out" in parsed.findings["rule"].tolist()
