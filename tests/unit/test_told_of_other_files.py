"""A file that is not what the source reads: the refusal says what it lacks, what stands there, what it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from workbench import cli, words
from workbench.errors import FileRefusedError
from workbench.sources import load_mapping, read_content, read_mapping
from workbench.sources.raw_table import NUMBER
from workbench.sources.sheets import open_sheet
from workbench.sources.text_files import read_bytes

TABLE = "Cuenta;Fecha;Descripción;Valor;Moneda\nCO-1;31/10/2026;Pago;100,00;COP\n"
CAMT = (
    '<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">'
    "<BkToCstmrStmt></BkToCstmrStmt></Document>"
)


@pytest.fixture(autouse=True)
def _in_spanish(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    words.choose_language("es")


def refusal(text: str, source: str, file: str = "partidas.csv") -> FileRefusedError:
    with pytest.raises(FileRefusedError) as caught:
        read_content(text.encode("utf-8"), load_mapping(Path("parameters"), source), file=file)
    return caught.value


def test_missing_columns_are_named_by_the_headings_the_mapping_takes_and_the_nearest_one_found() -> None:
    said = str(
        refusal("cliente,documento,fecha_docmento,moneda,valor\nC1,1,2026-01-01,COP,5\n", "open_items")
    )
    assert "fecha_documento" in said.partition("faltan columnas:")[2].partition(". Trae")[0]
    assert "Trae: cliente, documento, fecha_docmento, moneda, valor." in said
    assert "fecha_docmento → fecha_documento" in said
    assert "original_amount" not in said


def test_a_line_cut_by_another_mark_than_the_mappings_says_so() -> None:
    said = str(refusal("cliente|documento|moneda\nC1|1|COP\n", "open_items"))
    assert "Parece separado por «|»" in said
    assert "Parece separado" not in str(refusal("cliente;documento;moneda\nC1;1;COP\n", "open_items"))


def test_text_under_the_name_of_a_workbook_says_so() -> None:
    assert "no es un libro de Excel" in str(refusal("hola\nadiós\n", "open_items", "partidas.xlsx"))
    assert "no es un libro de Excel" not in str(refusal("hola\nadiós\n", "open_items"))


@pytest.mark.parametrize("source", ["mt940", "ofx", "bai2", "asobancaria", "pse"])
def test_a_table_given_to_a_statements_reader_names_the_source_for_tables(source: str) -> None:
    refused = refusal(TABLE, source)
    assert (refused.cause, refused.values["source"]) == ("format-other", "bank_csv")


@pytest.mark.parametrize("source", ["camt053", "camt054"])
def test_a_reader_of_messages_says_itself_that_it_met_another(source: str) -> None:
    assert refusal(TABLE, source).cause == "type-mismatch"


@pytest.mark.parametrize("source", ["mt940", "ofx", "bank_csv"])
def test_a_statement_in_xml_given_to_another_reader_names_its_source(source: str) -> None:
    refused = refusal(CAMT, source)
    assert (refused.cause, refused.values["source"]) == ("format-other", "camt053")


def test_a_new_book_is_announced_and_an_old_one_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "clientes.csv"
    file.write_text("customer_id,customer_name\nC1,Uno\n", encoding="utf-8")
    book = f"sqlite:///{tmp_path / 'libro.sqlite'}"
    arguments = ["import", str(file), "--source", "customers", "--book", book]
    cli.main(arguments)
    assert "Se creó un libro nuevo en" in capsys.readouterr().err
    shutil.copy(file, tmp_path / "otra.csv")
    cli.main(arguments)
    assert "Se creó" not in capsys.readouterr().err


def test_a_folder_given_as_a_file_is_called_so(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError) as caught:
        read_bytes(tmp_path, most=10**9)
    assert caught.value.cause == "file-is-folder"
    assert "es una carpeta" in str(caught.value)


def test_a_customer_typed_as_a_number_is_shown_without_decimals_and_zeros_are_hinted_at(
    tmp_path: Path,
) -> None:
    (tmp_path / "numbers.yaml").write_text(
        "kind: customers\ncolumns: {customer_id: [customer_id]}\n", encoding="utf-8"
    )
    sheet = open_sheet(b"customer_id\nC1\n", read_mapping(tmp_path / "numbers.yaml"), "x.csv")
    sheet.cells["customer_id"][0] = NUMBER + "100001.0"
    said = words.sentence("unknown-customer", {"row": 2, **sheet.about("customer_id", 0)})
    assert "«100001»" in said
    assert "100001.0" not in said
    assert "ceros" in said
    assert "ceros" not in words.sentence("unknown-customer", {"row": 2, "value": "C1"})


@pytest.mark.parametrize("rule", ["book-server-absent", "book-server-refuses"])
def test_a_servers_own_words_end_before_what_to_do(rule: str) -> None:
    for lang in words.LANGUAGES:
        said = words.explain(rule, {"book": "b", "reason": 'database "x" does not exist'}, lang)
        assert "does not exist. " in said
