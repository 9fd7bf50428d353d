"""Tables by mapping: csv and workbooks, headings, totals, duplicates, conflicts; nothing dropped silently."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest

from workbench import words
from workbench.errors import FileRefusedError, MissingColumnsError
from workbench.sources import Context, Mapping, Parsed, load_mapping, read_content, read_file
from workbench.sources.mappings import read_mapping

HEAD = "company_id,customer_id,document_id,document_type,document_date,due_date,currency,amount,open_amount"


@pytest.fixture(scope="module")
def mappings(root: Path) -> dict[str, Mapping]:
    names = "open_items cleared_items sap_line_items receipts customers bank_ledger remittances".split()
    return {name: load_mapping(root / "parameters", name) for name in names}


def read(text: str | bytes, mapping: Mapping, context: Context | None = None) -> Parsed:
    content = text.encode() if isinstance(text, str) else text
    parsed = read_content(content, mapping, file="given.csv", context=context)
    assert parsed.rows_in == len(parsed.frame) + parsed.rows_duplicate + len(parsed.rejected)
    return parsed


def workbook(rows: list[list[object]], **sheets: list[list[object]]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    for row in rows:
        book.active.append(row)
    for name, others in sheets.items():
        sheet = book.create_sheet(name)
        for row in others:
            sheet.append(row)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def refusal(content: str | bytes, mapping: Mapping) -> str:
    with pytest.raises(FileRefusedError) as caught:
        read(content, mapping)
    for lang in words.LANGUAGES:
        said = words.explain(caught.value.cause, caught.value.values, lang)
        assert "–" not in said, said  # every value of its sentence is given
        assert said != caught.value.cause
    return caught.value.cause


def test_the_good_row_has_minor_units_and_the_line_it_stands_on(mappings: dict[str, Mapping]) -> None:
    parsed = read(
        f"{HEAD}\n\nCO01,0001,FV-1,INV,2026-10-01,2026-10-31,COP,100.50,40.25\n", mappings["open_items"]
    )
    (row,) = parsed.frame.to_dict("records")
    assert row["row"] == 3
    assert (row["original_amount"], row["open_amount"]) == (10050, 4025)
    assert (row["customer_id"], row["document_kind"], row["is_original_stated"]) == ("0001", "invoice", True)
    assert parsed.sums == {"COP": 4025}


def test_an_amount_alone_in_open_items_is_what_is_open(mappings: dict[str, Mapping]) -> None:
    text = "customer_id,document_id,document_date,currency,amount\nC1,F1,2026-10-01,COP,-100\n"
    (row,) = read(text, mappings["open_items"]).frame.to_dict("records")
    assert (row["open_amount"], row["has_open_amount"], row["is_original_stated"]) == (-10000, True, False)
    assert (row["document_kind"], row["company_id"]) == ("credit_note", "CO01")


def test_a_document_cleared_in_parts_is_no_conflict(mappings: dict[str, Mapping]) -> None:
    head = (
        "customer_id,document_id,document_date,currency,amount,clearing_date,clearing_document,cleared_amount"
    )
    rows = [
        "C1,F1,2026-09-01,COP,100.00,2026-10-01,Z1,60.00",
        "C1,F1,2026-09-01,COP,100.00,2026-10-05,Z2,40.00",
        "C1,F1,2026-09-01,COP,100.00,2026-10-05,Z2,40.00",
        "C1,F2,2026-09-01,COP,100.00,2026-10-05,Z2,100.01",
        "C1,F3,2026-09-01,COP,100.00,2026-10-05,Z2,",
        "C1,F3,2026-09-01,COP,100.00,2026-10-06,Z3,",
    ]
    parsed = read("\n".join([head, *rows]), mappings["cleared_items"])
    assert parsed.frame["cleared_amount"].tolist() == [6000, 4000]
    assert parsed.rows_duplicate == 1
    assert parsed.rejected["rule"].tolist() == ["cleared-gt-original", "key-conflict", "key-conflict"]


def test_rows_of_one_document_that_disagree_are_all_refused_with_their_rivals(
    mappings: dict[str, Mapping],
) -> None:
    rows = [
        "CO01,C1,F1,INV,2026-10-01,2026-10-31,COP,100.00,100.00",
        "CO01,C1,F2,INV,2026-10-01,2026-10-31,COP,50.00,50.00",
        "CO01,C1,F1,INV,2026-10-01,2026-10-31,COP,120.00,100.00",
        "CO01,C1,F1,INV,2026-10-01,2026-10-31,COP,100.00,100.00",
        "CO02,C1,F1,INV,2026-10-01,2026-10-31,COP,7.00,7.00",
    ]
    parsed = read("\n".join([HEAD, *rows]), mappings["open_items"])
    assert parsed.frame["row"].tolist() == [3, 6]
    assert parsed.rejected["row"].tolist() == [2, 4, 5]
    assert parsed.rejected["raw"].tolist() == [rows[0], rows[2], rows[3]]
    values = json.loads(parsed.rejected["values"].iloc[0])
    assert values["rows"] == "2, 4, 5"
    assert values["columns"] == "amount"
    assert rows[2] in values["rivals"]


def test_a_row_twice_is_counted_and_kept_once(mappings: dict[str, Mapping]) -> None:
    row = "CO01,C1,F1,INV,2026-10-01,2026-10-31,COP,100.00,100.00"
    parsed = read("\n".join([HEAD, row, row, row]), mappings["open_items"])
    assert (len(parsed.frame), parsed.rows_duplicate, parsed.sums) == (1, 2, {"COP": 10000})
    assert parsed.findings["rule"].tolist() == ["duplicate-in-file"]


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("CO01,C1,,INV,2026-10-01,2026-10-31,COP,1,1", "id-missing"),
        ("CO01,,F9,INV,2026-10-01,2026-10-31,COP,1,1", "id-missing"),
        ("CO01,C1,1.2E+17,INV,2026-10-01,2026-10-31,COP,1,1", "id-damaged"),
        ("CO01,C1,F9,INV,2026-10-01,2026-10-31,cop,1,1", "currency"),
        ("CO01,C1,F9,INV,2026-02-30,2026-10-31,COP,1,1", "date-invalid"),
        ("CO01,C1,F9,INV,,2026-10-31,COP,1,1", "date-missing"),
        ("CO01,C1,F9,INV,2026-10-01,31/10/2026,COP,1,1", "date-format"),
        ("CO01,C1,F9,INV,2026-10-01,2026-10-31,COP,1.005,1", "amount-precision"),
        ("CO01,C1,F9,INV,2026-10-01,2026-10-31,COP,uno,1", "amount-format"),
        ("CO01,C1,F9,INV,2026-10-01,2026-10-31,COP,,", "amount-missing"),
        ("CO01,C1,F9,INV,2026-10-01,2026-10-31,COP,1,2", "open-gt-original"),
        ("CO01,C1,F9,INV,2026-10-01,2026-10-31,COP,1,-1", "sign"),
        ("CO01,C1,F9,INV,2026-10-01,2026-10-31,COP,1,1,more", "row-width"),
        ("CO01,C1,F9,INV", "row-width"),
        (HEAD, "repeated-header"),
    ],
)
def test_a_bad_row_is_kept_with_its_text_and_the_good_one_goes_on(
    mappings: dict[str, Mapping], row: str, rule: str
) -> None:
    good = "CO01,C1,F1,INV,2026-10-01,2026-10-31,COP,100.00,100.00"
    parsed = read("\n".join([HEAD, good, row]), mappings["open_items"])
    assert len(parsed.frame) == 1
    (refused,) = parsed.rejected.to_dict("records")
    assert (refused["row"], refused["raw"], refused["rule"]) == (3, row, rule)
    (finding,) = parsed.findings.to_dict("records")
    for lang in words.LANGUAGES:
        values = json.loads(finding["values"])
        assert "–" not in words.explain(rule, values, lang), rule
        assert words.has_words(f"rules.{rule}.remedy", lang)


def test_a_missing_due_date_is_no_fault(mappings: dict[str, Mapping]) -> None:
    parsed = read(f"{HEAD}\nCO01,C1,F1,INV,2026-10-01,,COP,1,1", mappings["open_items"])
    assert parsed.frame["due_date"].isna().tolist() == [True]


def test_text_that_looks_null_and_leading_zeros_stay(mappings: dict[str, Mapping]) -> None:
    rows = [
        f"CO01,{name},0{i},INV,2026-10-01,,COP,1,1" for i, name in enumerate(["NA", "null", "nan", "007"])
    ]
    parsed = read("\n".join([HEAD, *rows]), mappings["open_items"])
    assert parsed.frame["customer_id"].tolist() == ["NA", "null", "nan", "007"]
    assert parsed.frame["document_number"].tolist() == ["00", "01", "02", "03"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_an_encoding_of_the_mapping_reads_accents(mappings: dict[str, Mapping], encoding: str) -> None:
    text = "customer_id,customer_name\nC1,Peña & Hijos\n".replace(",", "\t" if encoding == "utf-16" else ",")
    parsed = read(text.encode(encoding), mappings["customers"])
    assert parsed.frame["customer_name"].tolist() == ["Peña & Hijos"]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "empty-file"),
        (b" \n ", "empty-file"),
        (HEAD.encode(), "no-data-rows"),
        ((HEAD + '\nCO01,"C1').encode(), "csv-syntax"),
        ((HEAD + "\nCO01,\x00").encode(), "binary-content"),
        (b"\x1f\x8b\x08\x00abc", "binary-content"),
        (b"customer_id,document_id\n1,2\n", "columns-missing"),
        ((HEAD + ", Amount \nx").encode(), "duplicate-header"),
        (b"PK\x03\x04not a zip", "zip-damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "encrypted-or-ole"),
    ],
)
def test_what_cannot_be_used_as_a_whole_is_refused(
    mappings: dict[str, Mapping], content: bytes, rule: str
) -> None:
    assert refusal(content, mappings["open_items"]) == rule


def test_an_encoding_that_the_mapping_does_not_name_is_never_guessed(tmp_path: Path) -> None:
    (tmp_path / "strict.yaml").write_text(
        "kind: customers\ncolumns: {customer_id: [customer_id], customer_name: [customer_name]}\n"
        "defaults: {company_id: CO01}\nencodings: [utf-8]\n",
        encoding="utf-8",
    )
    mapping = read_mapping(tmp_path / "strict.yaml")
    assert refusal("customer_id,customer_name\nC1,Peña\n".encode("cp1252"), mapping) == "encoding"


def test_missing_columns_are_named_in_the_words_of_the_nearest_row(mappings: dict[str, Mapping]) -> None:
    with pytest.raises(MissingColumnsError, match=r"currency.*amount"):
        read("customer_id;document_id;document_date\n1;2;3\n", mappings["open_items"])


def test_a_file_that_is_not_there_and_one_too_large_are_refused(
    mappings: dict[str, Mapping], tmp_path: Path
) -> None:
    with pytest.raises(FileRefusedError) as caught:
        read_file(tmp_path / "nothing.csv", mappings["open_items"])
    assert caught.value.cause == "file-missing"
    (tmp_path / "small.yaml").write_text(
        "kind: customers\ncolumns: {customer_id: [customer_id]}\nlimits: {bytes: 20, rows: 1}\n",
        encoding="utf-8",
    )
    mapping = read_mapping(tmp_path / "small.yaml")
    (tmp_path / "large.csv").write_text("customer_id\n" + "C1\n" * 100, encoding="utf-8")
    with pytest.raises(FileRefusedError) as caught:
        read_file(tmp_path / "large.csv", mapping)
    assert caught.value.cause == "file-too-large"
    assert refusal("customer_id\nC1\nC2\n", mapping) == "too-many-rows"


SAP_ES = [
    "Sociedad",
    "Ejercicio",
    "Clase de documento",
    "Nº documento",
    "Posición",
    "Cuenta",
    "Fecha de documento",
    "Vencimiento neto",
    "Moneda",
    "Importe en moneda doc.",
    "Fecha compensación",
    "Doc.compensación",
    "Indicador CME",
    "Bloqueo de pago",
    "Nivel de reclamación",
    "Referencia",
]
SAP_EN = [
    "Company Code",
    "Fiscal Year",
    "Document Type",
    "Document Number",
    "Line item",
    "Account",
    "Document Date",
    "Net due date",
    "Document currency",
    "Amount in doc. curr.",
    "Clearing date",
    "Clearing document",
    "Special G/L ind.",
    "Payment block",
    "Dunning level",
    "Reference",
]


@pytest.mark.parametrize("headings", [SAP_ES, SAP_EN, [name.upper() for name in SAP_ES]])
def test_sap_line_items_as_text_in_either_language(mappings: dict[str, Mapping], headings: list[str]) -> None:
    rows = [
        ["Cartera de clientes al 31.10.2026"],
        [],
        headings,
        "CO01|2026|RV|0090000001|001|0000100001|01.10.2026|31.10.2026|COP|1.234.567,89|||||2|FE1".split("|"),
        "CO01|2026|DG|0090000002|001|0000100001|05.10.2026|05.10.2026|COP|1.000,00-|||||| FE2".split("|"),
        "CO01|2026|DZ|1400000001|001|0000100001|06.10.2026||COP|(500,25)|||A|R||".split("|"),
        "CO01|2026|RV|0090000003|001|0000100001|01.09.2026|30.09.2026|COP|10,00|15.10.2026|1400000009||||".split(
            "|"
        ),
        "||||||||COP|1.233.077,64||||||".split("|"),
        "Total|||||||||1.233.077,64||||||".split("|"),
    ]
    text = "\n".join("\t".join(row) for row in rows)
    parsed = read(text.encode("cp1252"), mappings["sap_line_items"])
    items = parsed.frame
    assert items["original_amount"].tolist() == [123456789, -100000, -50025, 1000]
    assert items["document_kind"].tolist() == ["invoice", "credit_note", "payment", "invoice"]
    assert items["open_amount"].tolist() == [123456789, -100000, -50025, 0]
    assert items["has_open_amount"].tolist() == [True, True, True, False]
    assert items["document_number"].iloc[0] == "0090000001"
    assert items["clearing_document"].iloc[3] == "1400000009"
    assert (items["special_gl"].iloc[2], items["payment_block"].iloc[2]) == ("A", "R")
    assert items["dunning_level"].iloc[0] == "2"
    assert items["row"].tolist() == [4, 5, 6, 7]
    assert (parsed.rows_in, parsed.rows_total) == (4, 2)
    assert parsed.findings["rule"].tolist() == ["totals-line"]


def test_a_customer_called_total_is_no_totals_line(mappings: dict[str, Mapping]) -> None:
    parsed = read(f"{HEAD}\n,Total,F1,INV,2026-10-01,,COP,1,1\n", mappings["open_items"])
    assert parsed.frame["customer_id"].tolist() == ["Total"]
    without_id = read(
        f"{HEAD}\nCO01,C1,F1,INV,2026-10-01,,COP,1,1\nCO01,C1,,INV,,,COP,1,1", mappings["open_items"]
    )
    assert without_id.rejected["rule"].tolist() == ["id-missing"]


def test_a_workbook_keeps_text_as_text_and_numbers_exact(mappings: dict[str, Mapping]) -> None:
    import datetime as dt

    row: list[object] = ["CO01", 2026, "RV", "0000000001", "001", "0000100001", dt.date(2026, 10, 1)]
    row += ["31.10.2026", "COP", 0.1 + 0.2, None, None, None, None, None, "=texto"]
    row[-1] = "FE-1"
    serial: list[object] = ["CO01", 2026, "RV", "0000000002", "001", 100001, 46296, None, "COP", "1.500,50-"]
    parsed = read(workbook([SAP_ES, row, serial + [None] * 6]), mappings["sap_line_items"])
    items = parsed.frame
    assert items["document_number"].tolist() == ["0000000001", "0000000002"]
    assert items["original_amount"].tolist() == [30, -150050]
    assert items["fiscal_year"].tolist() == ["2026", "2026"]
    assert items["due_date"].iloc[0] == pd.Timestamp("2026-10-31")
    assert items["document_date"].tolist() == [pd.Timestamp("2026-10-01")] * 2
    assert items["customer_id"].tolist() == ["0000100001", "0000100001"]  # known from the row above
    assert parsed.findings["rule"].tolist() == ["leading-zeros-restored"]
    assert items["row"].tolist() == [2, 3]


def test_lost_zeros_come_back_only_where_the_customer_is_known(mappings: dict[str, Mapping]) -> None:
    rows = [SAP_ES, ["CO01", 2026, "RV", "1", "1", "100001", "01.10.2026", "", "COP", "5,50", *[""] * 6]]
    text = "\n".join("\t".join(str(cell) for cell in row) for row in rows)
    alone = read(text, mappings["sap_line_items"])
    assert alone.frame["customer_id"].tolist() == ["100001"]
    assert alone.findings["rule"].tolist() == ["leading-zeros-lost"]
    known = read(text, mappings["sap_line_items"], Context(customer_ids={"CO01": {"0000100001"}}))
    assert known.frame["customer_id"].tolist() == ["0000100001"]
    itself = read(text, mappings["sap_line_items"], Context(customer_ids={"CO01": {"100001", "0000100001"}}))
    assert itself.frame["customer_id"].tolist() == ["100001"]
    assert itself.findings.empty


def test_a_column_that_two_styles_read_differently_is_refused(mappings: dict[str, Mapping]) -> None:
    rows = [SAP_ES, ["CO01", 2026, "RV", "1", "1", "C1", "01.10.2026", "", "COP", "1.234", *[""] * 6]]
    text = "\n".join("\t".join(str(cell) for cell in row) for row in rows)
    assert refusal(text, mappings["sap_line_items"]) == "amount-style-ambiguous"


def test_two_sheets_with_data_are_refused_and_an_empty_one_is_not(mappings: dict[str, Mapping]) -> None:
    rows: list[list[object]] = [["customer_id", "customer_name"], ["C1", "Uno"]]
    assert refusal(workbook(rows, Otra=rows), mappings["customers"]) == "sheet-ambiguous"
    assert len(read(workbook(rows, Vacia=[]), mappings["customers"]).frame) == 1


def test_hostile_workbooks_are_refused_before_they_are_parsed(mappings: dict[str, Mapping]) -> None:
    good = workbook([["customer_id", "customer_name"], ["C1", "Uno"]])

    def changed(name: str, content: bytes, extra: int = 0) -> bytes:
        stream = BytesIO()
        with zipfile.ZipFile(BytesIO(good)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
            for member in old.namelist():
                new.writestr(member, content if member == name else old.read(member))
            for place in range(extra):
                new.writestr(f"x{place}.txt", "")
        return stream.getvalue()

    sheet = "xl/worksheets/sheet1.xml"
    assert refusal(changed(sheet, b"0" * 200_000_000), mappings["customers"]) == "zip-bomb"
    assert refusal(changed("", b"", extra=300), mappings["customers"]) == "zip-bomb"
    entity = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'
    assert refusal(changed(sheet, entity), mappings["customers"]) == "xml-dtd"
    assert refusal(good[: len(good) // 2], mappings["customers"]) == "zip-damaged"
    assert refusal(b"<html><table><tr><td>customer_id", mappings["customers"]) == "type-mismatch"


def test_receipts_are_positive_and_one_id_is_one_receipt(mappings: dict[str, Mapping]) -> None:
    head = "receipt_id,receipt_date,currency,amount,customer_id"
    rows = ["R1,2026-10-01,COP,10,C1", "R2,2026-10-01,COP,-10,C1", "R3,2026-10-01,COP,0,C1"]
    rows += ["R4,2026-10-01,COP,5,", "R4,2026-10-02,COP,5,", "R1,2026-10-01,COP,10,C1"]
    parsed = read("\n".join([head, *rows]), mappings["receipts"])
    assert parsed.frame["receipt_id"].tolist() == ["R1"]
    assert parsed.rejected["rule"].tolist() == ["sign", "zero-amount", "key-conflict", "key-conflict"]
    assert parsed.rows_duplicate == 1


def test_checks_against_the_book_are_what_the_mapping_asks_for(tmp_path: Path) -> None:
    import datetime as dt

    base = (
        "kind: receipts\ncolumns:\n  receipt_id: [id]\n  receipt_date: [date]\n  currency: [currency]\n"
        "  received_amount: [amount]\n  customer_id: [customer]\ndefaults: {company_id: CO01}\n"
    )
    strict = "checks: {date-future: reject, period-closed: reject, unknown-customer: reject}\n"
    warned = strict.replace("reject", "warn")
    rows = ["1,2025-11-01,COP,1,C1", "2,2025-09-30,COP,1,C1", "3,2025-10-01,COP,1,X"]
    text = "\n".join(["id,date,currency,amount,customer", *rows])
    context = Context(
        customer_ids={"CO01": {"C1"}},
        as_of=dt.date(2025, 10, 31),
        closed_through={"CO01": dt.date(2025, 9, 30)},
    )
    rules = ["date-future", "period-closed", "unknown-customer"]
    for checks, rejected, accepted in ((strict, 3, 0), (warned, 0, 3), ("", 0, 3)):
        (tmp_path / "mine.yaml").write_text(base + checks, encoding="utf-8")
        parsed = read(text, read_mapping(tmp_path / "mine.yaml"), context)
        assert (len(parsed.rejected), len(parsed.frame)) == (rejected, accepted)
        assert sorted(parsed.findings["rule"]) == (sorted(rules) if checks else [])


def test_ledger_lines_are_debit_positive_and_told_apart(mappings: dict[str, Mapping]) -> None:
    text = (
        "Cuenta bancaria;Asiento;Fecha contabilización;Moneda;Texto;Débito;Crédito\n"
        "Saldo inicial;;;;;;100,00\n"
        "B1;A1;01/10/2026;COP;consignación;1.000,50;\n"
        "B1;A1;01/10/2026;COP;comisión;;12,00\n"
    )
    lines = read(text, mappings["bank_ledger"])
    assert lines.frame["book_amount"].tolist() == [100050, -1200]
    assert lines.frame["line_id"].tolist() == ["A1", "A1#2"]
    assert lines.rows_total == 1


def test_an_advice_line_belongs_to_a_receipt_or_to_a_payer_and_day(mappings: dict[str, Mapping]) -> None:
    text = (
        "receipt_id,payer_name,advice_date,reference,amount,deduction,reason\n"
        "R1,,,F1,10,,\nR1,,,F2,5,1.50,RFTE\n,Uno SAS,2026-10-01,F3,7,,\n,Uno SAS,,F4,7,,\n"
    )
    parsed = read(text, mappings["remittances"])
    assert parsed.frame["remittance_id"].tolist() == ["R1", "R1", "Uno SAS|2026-10-01"]
    assert parsed.frame["line"].tolist() == [1, 2, 1]
    assert parsed.frame["deduction"].tolist() == [0, 150, 0]
    assert parsed.rejected["rule"].tolist() == ["advice-of-nobody"]


def test_lines_drawn_between_the_rows_of_a_printed_list_are_no_data(mappings: dict[str, Mapping]) -> None:
    row = "|CO01|2026|RV|0090000001|001|0000100001|01.10.2026|31.10.2026|COP|1.234,56||||||FE1|"
    heading = "|" + "|".join(SAP_ES) + "|"
    ruled = "|" + "|".join("-" * len(name) for name in SAP_ES) + "|"
    text = "\n".join(["-" * 90, heading, ruled, row, "-" * 90, ""])
    parsed = read(text.encode("cp1252"), mappings["sap_line_items"])
    assert (parsed.rows_in, len(parsed.frame), len(parsed.rejected)) == (1, 1, 0)
    assert parsed.frame["row"].tolist() == [4]


@pytest.mark.parametrize("company", ["CO 01", "CO.01", "CON", "a/b", "todas las compañías"])
def test_a_company_that_no_close_could_be_asked_for_is_refused(
    mappings: dict[str, Mapping], company: str
) -> None:
    rows = [f"{one},C1,F1,INV,2026-10-01,2026-10-31,COP,1.00,1.00" for one in ("CO-01_b", company)]
    parsed = read("\n".join([HEAD, *rows]), mappings["open_items"])
    assert parsed.frame["company_id"].tolist() == ["CO-01_b"]
    assert parsed.rejected["rule"].iloc[0] in ("company-odd", "id-format")
    values = json.loads(parsed.rejected["values"].iloc[0])
    assert company in words.sentence(parsed.rejected["rule"].iloc[0], {"row": 3, **values}, "en")
