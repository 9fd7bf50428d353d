"""What analysts' files look like beyond the neat ones: blanks, signs, days, labels as programs write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.sources import Mapping, Parsed, load_mapping, read_content

HEAD = "Cuenta;123456789\nMoneda;COP\nFecha;Descripción;Referencia;Valor;Saldo\n"
LINES = "01/10/2026;PAGO FV 981;R1;1.500,50;2.500,50\n02/10/2026;COMISION;R2;-20,00;2.480,50\n"


@pytest.fixture(scope="module")
def bank_csv(root: Path) -> Mapping:
    return load_mapping(root / "parameters", "bank_csv")


@pytest.fixture(scope="module")
def sap(root: Path) -> Mapping:
    return load_mapping(root / "parameters", "sap_line_items")


def read(text: str, mapping: Mapping) -> Parsed:
    parsed = read_content(text.encode(), mapping, file="given.csv")
    assert parsed.rows_in == len(parsed.frame) + parsed.rows_duplicate + len(parsed.rejected)
    return parsed


@pytest.mark.parametrize(
    "written",
    ["-20,00", "20,00-", "(20,00)", "-$20,00", "-$ 20,00", "$ -20,00", "$-20,00", "\u00a0-20,00\u00a0"],
)
def test_a_withdrawal_is_one_however_its_minus_is_written(written: str, bank_csv: Mapping) -> None:
    lines = read(HEAD + LINES.replace("-20,00", written), bank_csv).frame
    assert lines["bank_amount"].tolist() == [150_050, -2_000]


@pytest.mark.parametrize("written", ["$-$20,00", "-$-20,00", "$ --20,00", "$$20,00"])
def test_a_sign_too_many_is_no_amount(written: str, bank_csv: Mapping) -> None:
    from workbench.sources.grammar import read_digits

    assert read_digits(written, "spanish", bank_csv.amounts) is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("1/10/2026", "2/10/2026"),
        ("01-10-2026", "02-10-2026"),
        ("20261001", "20261002"),
        ("2026-10-01", "2026-10-02"),
        ("01/10/2026 10:11:12", "02/10/2026 00:00:00"),
    ],
)
def test_the_days_of_a_bank_list_are_day_month_year(first: str, second: str, bank_csv: Mapping) -> None:
    text = HEAD + LINES.replace("01/10/2026", first).replace("02/10/2026", second)
    assert read(text, bank_csv).frame["booking_date"].dt.strftime("%Y-%m-%d").tolist() == [
        "2026-10-01",
        "2026-10-02",
    ]


def test_a_day_in_six_digits_is_never_taken_for_a_workbooks_number(sap: Mapping) -> None:
    """261001 as a number of days would be in the year 2614."""
    head = "Sociedad\tCuenta\tNº documento\tClase\tFecha de documento\tImporte en moneda doc.\tMoneda\n"
    parsed = read(f"{head}CO01\t1\t18\tRV\t261001\t100,00\tCOP\nCO01\t1\t19\tRV\t46296\t100,00\tCOP\n", sap)
    assert parsed.rejected["rule"].tolist() == ["date-format"]
    assert parsed.frame["document_date"].dt.strftime("%Y-%m-%d").tolist() == ["2026-10-01"]


@pytest.mark.parametrize(
    "label",
    [
        "Cuenta: 123456789\nMoneda: COP\n",
        "Cuenta:;123456789;;;\n;Moneda : COP;;;\n",
        "Cuenta:123456789;\nMoneda;COP\n",
    ],
)
def test_a_label_and_its_value_may_share_a_cell(label: str, bank_csv: Mapping) -> None:
    parsed = read(label + HEAD.split("\n", 2)[2] + LINES, bank_csv)
    assert parsed.frame["account_id"].unique().tolist() == ["123456789"]


def test_labels_of_one_cell_below_the_table_are_no_rows(bank_csv: Mapping) -> None:
    head = HEAD.replace(";Saldo", "")
    lines = LINES.replace(";2.500,50", "").replace(";2.480,50", "")
    parsed = read(f"{head}{lines}Saldo inicial: 1.000,00\nSaldo final: $ 2.480,50\n", bank_csv)
    assert (parsed.rows_in, parsed.balances["closing_amount"].tolist()) == (2, [248_050])


def test_a_date_of_zeros_is_no_date_where_the_mapping_says_so(sap: Mapping) -> None:
    names = "Sociedad;Cuenta;Nº documento;Clase;Fecha de documento;Compensación;Importe en moneda doc.;Moneda"
    head = names.replace(";", "\t") + "\n"
    parsed = read(f"{head}CO01\t1\t18\tRV\t01.10.2026\t00.00.0000\t100,00\tCOP\n", sap)
    assert parsed.frame["clearing_date"].isna().all()
    missing = read(f"{head}CO01\t1\t18\tRV\t00.00.0000\t\t100,00\tCOP\n", sap)
    assert missing.rejected["rule"].tolist() == ["date-missing"]
