"""Bank statements: the balance is proved or the file is refused; ids and kinds of lines; rates in force."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from workbench import words
from workbench.errors import FileRefusedError
from workbench.sources import Context, Mapping, Parsed, load_mapping, read_content
from workbench.sources.mappings import read_mapping

BLOCK = """:20:STMT1
:25:CO-BOG-001
:28C:00001/001
:60F:C260930COP1000,00
:61:2610031003C500,00NTRFBK-0001//R1
:86:PAGO FV-000981 ALIMENTOS ANDINOS NIT 900123456-1
:61:2610061006D20,00NCHGNONREF//R2
:86:COMISION TRANSFERENCIA
:62F:C261006COP1480,00
"""


@pytest.fixture(scope="module")
def mt940(root: Path) -> Mapping:
    return load_mapping(root / "parameters", "mt940")


@pytest.fixture(scope="module")
def bank_csv(root: Path) -> Mapping:
    return load_mapping(root / "parameters", "bank_csv")


def read(text: str, mapping: Mapping, context: Context | None = None) -> Parsed:
    parsed = read_content(text.encode(), mapping, file="given", context=context)
    assert parsed.rows_in == len(parsed.frame) + parsed.rows_duplicate + len(parsed.rejected)
    for balance in parsed.balances.to_dict("records"):
        mine = parsed.frame[parsed.frame["account_id"] == balance["account_id"]]
        if len(parsed.balances) == 1:
            booked = mine["bank_amount"].sum()
            assert balance["opening_amount"] + booked == balance["closing_amount"]
    return parsed


def refusal(text: str, mapping: Mapping, context: Context | None = None) -> str:
    with pytest.raises(FileRefusedError) as caught:
        read(text, mapping, context)
    for lang in words.LANGUAGES:
        assert "–" not in words.explain(caught.value.cause, caught.value.values, lang)
    return caught.value.cause


def test_a_statement_gives_lines_with_the_banks_reference_and_its_balances(mt940: Mapping) -> None:
    parsed = read(BLOCK, mt940)
    lines = parsed.frame
    assert lines["line_id"].tolist() == ["R1", "R2"]
    assert lines["bank_amount"].tolist() == [50000, -2000]
    assert lines["line_kind"].tolist() == ["deposit", "fee"]
    assert lines["reference"].tolist() == ["BK-0001", ""]
    assert lines["payer_tax_id"].tolist() == ["900123456", ""]
    assert lines["row"].tolist() == [5, 7]
    assert lines["booking_date"].tolist() == [pd.Timestamp("2026-10-03"), pd.Timestamp("2026-10-06")]
    (balance,) = parsed.balances.to_dict("records")
    assert (balance["opening_amount"], balance["closing_amount"]) == (100000, 148000)


def test_many_statements_a_file_each_prove_themselves(mt940: Mapping) -> None:
    second = (
        BLOCK.replace("STMT1", "STMT2")
        .replace("C260930COP1000,00", "C261006COP1480,00")
        .replace("C261006COP1480,00\n:61", "C261006COP1480,00\n:61")
        .replace(":62F:C261006COP1480,00", ":62F:C261013COP1960,00")
        .replace("//R", "//S")
    )
    parsed = read(BLOCK + "-\n" + second, mt940)
    assert parsed.frame["statement"].tolist() == [1, 1, 2, 2]
    assert parsed.balances["closing_amount"].tolist() == [148000, 196000]
    assert parsed.findings.empty
    gap = second.replace("C261006COP1480,00", "C261006COP1580,00").replace("COP1960,00", "COP2060,00")
    assert read(BLOCK + gap, mt940).findings["rule"].tolist() == ["statement-gap"]


def test_pages_of_one_statement_are_one_balance(mt940: Mapping) -> None:
    first = BLOCK.replace(":62F:", ":62M:")
    second = (
        ":20:STMT1\n:25:CO-BOG-001\n:28C:00001/002\n:60M:C261006COP1480,00\n"
        ":61:2610061006RC480,00NRTINONREF//R3\n:86:CHEQUE DEVUELTO\n:62F:C261006COP1000,00\n"
    )
    parsed = read(first + second, mt940)
    (balance,) = parsed.balances.to_dict("records")
    assert (balance["opening_amount"], balance["closing_amount"]) == (100000, 100000)
    assert parsed.frame["bank_amount"].tolist() == [50000, -2000, -48000]
    assert parsed.frame["line_kind"].iloc[2] == "returned_cheque"


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("1480,00", "1480,01", "balance-mismatch"),
        ("C500,00", "C500.00", "amount-format"),
        ("2610031003", "2613031003", "date-invalid"),
        (":62F:C261006COP1480,00\n", "", "balance-missing"),
        (":60F:C260930COP1000,00\n", "", "balance-missing"),
        ("COP1480,00", "USD1480,00", "statement-currency"),
        ("C261006COP1480,00", "C261006105148,00", "statement-currency"),
        ("//R2", "//R1", "key-conflict"),
        (":25:CO-BOG-001\n", "", "mt940-no-account"),
        (":20:STMT1\n", "", "mt940-no-statement"),
        ("C500,00N", "X500,00N", "mt940-line"),
        ("C500,00N", "C500,001N", "amount-precision"),
    ],
)
def test_a_statement_that_cannot_be_proved_is_refused(mt940: Mapping, old: str, new: str, rule: str) -> None:
    assert old in BLOCK
    assert refusal(BLOCK.replace(old, new), mt940) == rule


def test_lines_without_a_reference_are_known_by_content_and_occurrence(mt940: Mapping) -> None:
    twin = ":61:2610031003C500,00NTRFBK-0001\n:86:PAGO FV-000981\n"
    text = ":20:S\n:25:A\n:60F:C260930COP0,00\n" + twin + twin + ":62F:C261003COP1000,00\n"
    parsed = read(text, mt940)
    first, second = parsed.frame["line_id"]
    assert first != second
    assert first.removesuffix("1") == second.removesuffix("2")
    assert parsed.findings["rule"].tolist() == ["line-without-reference"]
    again = read(text.replace(":20:S", ":20:OTHER"), mt940)
    assert again.frame["line_id"].tolist() == parsed.frame["line_id"].tolist()


def test_an_account_that_is_not_ours_is_said_or_refused(mt940: Mapping, tmp_path: Path) -> None:
    ours = Context(accounts={"CO-BOG-001": ("CO02", "COP")})
    assert set(read(BLOCK, mt940, ours).frame["company_id"]) == {"CO02"}
    others = Context(accounts={"X": ("CO01", "COP")})
    assert read(BLOCK, mt940, others).findings["rule"].tolist() == ["unknown-account"]
    assert refusal(BLOCK, mt940, Context(accounts={"CO-BOG-001": ("CO01", "USD")})) == "account-currency"
    (tmp_path / "strict.yaml").write_text(
        "kind: bank_statement\nformat: mt940\nbank: {unknown_account: reject}\n", encoding="utf-8"
    )
    assert refusal(BLOCK, read_mapping(tmp_path / "strict.yaml"), others) == "unknown-account"


CSV = """Cuenta;CO-1
Moneda;COP
Desde;01/10/2026
Hasta;31/10/2026
Saldo inicial;1.000,00
Fecha;Documento;Descripción;Valor;Saldo
01/10/2026;B1;CONSIGNACION;500,00;1.500,00
02/10/2026;B2;GMF 4X1000;2,00-;1.498,00
03/10/2026;B3;IVA COMISION;-0,50;1.497,50
31/10/2026;B4;INTERESES GANADOS;10,00;1.507,50
Saldo final;1.507,50
"""


def test_a_table_statement_is_proved_by_the_lines_round_it(bank_csv: Mapping) -> None:
    parsed = read(CSV, bank_csv)
    assert parsed.frame["bank_amount"].tolist() == [50000, -200, -50, 1000]
    assert parsed.frame["line_kind"].tolist() == ["deposit", "tax", "tax", "interest"]
    assert parsed.frame["account_id"].unique().tolist() == ["CO-1"]
    assert parsed.frame["row"].tolist() == [7, 8, 9, 10]
    (balance,) = parsed.balances.to_dict("records")
    assert (balance["opening_amount"], balance["closing_amount"]) == (100000, 150750)
    assert balance["closing_date"] == pd.Timestamp("2026-10-31")


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("Saldo final;1.507,50", "Saldo final;1.507,51", "balance-mismatch"),
        ("Saldo inicial;1.000,00", "Saldo inicial;999,00", "balance-mismatch"),
        ("B2;GMF 4X1000;2,00-;1.498,00\n", "", "balance-step"),
        ("500,00;1.500,00", "5x0,00;1.500,00", "amount-format"),
        ("02/10/2026", "31/02/2026", "date-invalid"),
        ("Saldo inicial;1.000,00", "Saldo inicial;mil", "label-wrong"),
        ("Moneda;COP", "Moneda;pesos", "currency"),
        ("Cuenta;CO-1\n", "", "id-missing"),
        ("02/10/2026;B2", "02/10/2026;B1", "key-conflict"),
    ],
)
def test_a_table_statement_that_does_not_hold_is_refused(
    bank_csv: Mapping, old: str, new: str, rule: str
) -> None:
    assert old in CSV
    text = CSV.replace("02/10/2026;" + old, "") if old.startswith("B2;GMF") else CSV.replace(old, new)
    assert refusal(text, bank_csv) == rule


def test_a_running_balance_alone_proves_oldest_or_newest_first(bank_csv: Mapping) -> None:
    head, *lines = [
        "Fecha,Cuenta,Moneda,Documento,Descripcion,Retiros,Consignaciones,Saldo",
        "2026-10-01,A,COP,1,uno,,10.50,110.50",
        "2026-10-02,A,COP,2,dos,5.25,,105.25",
        "2026-10-03,A,COP,3,tres,,1.00,106.25",
    ]
    for ordered in (lines, lines[::-1]):
        parsed = read("\n".join([head, *ordered]), bank_csv)
        (balance,) = parsed.balances.to_dict("records")
        assert (balance["opening_amount"], balance["closing_amount"]) == (10000, 10625)
    assert refusal("\n".join([head, lines[0], lines[2]]), bank_csv) == "balance-step"


def test_without_any_balance_a_statement_needs_a_mapping_that_says_so(
    bank_csv: Mapping, tmp_path: Path, root: Path
) -> None:
    head = "Fecha;Cuenta;Moneda;Documento;Descripción;Valor\n"
    text = head + "01/10/2026;A;COP;1;uno;1,50\n02/10/2026;A;COP;2;x;z\n"
    good = text.rsplit("02/10", 1)[0]
    assert refusal(good, bank_csv) == "balance-missing"
    shipped = (root / "parameters" / "sources" / "bank_csv.yaml").read_text(encoding="utf-8")
    (tmp_path / "loose.yaml").write_text(
        shipped.replace("proof: required ", "proof: when-stated "), encoding="utf-8"
    )
    parsed = read(text, read_mapping(tmp_path / "loose.yaml"))
    assert parsed.frame["bank_amount"].tolist() == [150]
    assert parsed.rejected["rule"].tolist() == ["amount-format"]
    assert set(parsed.findings["rule"]) == {"amount-format", "balance-not-stated"}


def test_rates_are_ranges_and_gaps_are_said(root: Path) -> None:
    mapping = load_mapping(root / "parameters", "trm_rates")
    text = (
        '"VALOR","UNIDAD","VIGENCIADESDE","VIGENCIAHASTA"\n"$4,008.70","COP","23/08/2025","25/08/2025"\n'
        '"$4,034.18","COP","21/08/2025","21/08/2025"\n"$0","COP","20/08/2025","20/08/2025"\n'
    )
    parsed = read_content(text.encode(), mapping, file="trm.csv")
    assert parsed.frame["rate"].tolist() == [4_008_700_000, 4_034_180_000]
    assert parsed.rejected["rule"].tolist() == ["zero-amount"]
    assert set(parsed.findings["rule"]) == {"rates-gap", "zero-amount"}


def test_a_rate_of_the_central_bank_holds_until_the_next_one(root: Path) -> None:
    mapping = load_mapping(root / "parameters", "ecb_rates")
    text = "Date,USD,JPY,\n2026-10-30,1.1172,175.68,\n2026-10-28,1.11,N/A,\n2026-10-27,1.1,170,\n"
    rates = read_content(text.encode(), mapping, file="ecb.csv").frame
    dollars = rates[rates["to_currency"] == "USD"].set_index("valid_from")
    assert dollars["rate"].tolist() == [1_100_000, 1_110_000, 1_117_200]
    through = [str(day.date()) for day in dollars["valid_through"]]
    assert through == ["2026-10-27", "2026-10-29", "2026-11-05"]
    yen = rates[rates["to_currency"] == "JPY"]
    assert str(yen["valid_through"].iloc[0].date()) == "2026-10-29"
    with pytest.raises(FileRefusedError):
        read_content((text + "2026-10-27,1.2,170,\n").encode(), mapping, file="ecb.csv")
