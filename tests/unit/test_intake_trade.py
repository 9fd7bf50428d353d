"""Orders, notes of the distribution centres, claims and control balances: from a file to the book."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from book_world import CUSTOMER, START, Clock, faults, import_rows, made_once, new_book

from workbench import book as books
from workbench import intake, tables
from workbench.book import read
from workbench.errors import MappingError
from workbench.sources.mappings import read_mapping

TODAY = dt.date(2026, 11, 1)
ORDERS = """pedido;cliente;fecha;entrega;moneda;valor;valor_entregado;valor_facturado;estado;cedi;plazo
P1;C1;2026-10-01;2026-10-10;COP;1000.00;400.00;400.00;Confirmado;BOG;Z030
P2;C2;2026-10-02;;COP;500.00;;;Retenido;CAL;Z060
P3;C1;2026-10-03;;USD;20.50;;;En ruta;BOG;Z030
Total;;;;;1520.50;;;;;
"""
NOTES = """nota,tipo,cedi,cliente,factura,valor,motivo,fecha_solicitud,fecha_compromiso,estado,responsable
N1,NC,BOG,C1,1800001,100.00,CALI,2026-10-05,2026-10-12,Aprobada,Marta
N2,Nota crédito,BOG,C1,1800002,-50.00,PREC,2026-10-06,,Solicitada,
N3,ND,CAL,C2,,30.00,FLET,2026-10-07,,Pendiente,
N4,,CAL,C2,,-10.00,CALI,2026-10-07,,,
"""
CLAIMS = """claim_id,kind,customer,invoice,amount,reason,opened,deadline,area,owner,state,text
K1,reclamo,C1,1800001,250.00,PREC,2026-10-05,2026-10-12,Comercial,Luis,En análisis,precio errado
K2,requerimiento,C2,,,,2026-10-06,2026-10-09,Cartera,Ana,Nuevo,paz y salvo
K3,,C2,1800003,80.00,CANT,2026-10-07,,,,Cerrado,faltante
"""
BALANCES = """cuenta,fecha_corte,moneda,saldo
130505,2026-10-31,COP,1500.00
130510,2026-10-31,USD,20.50
280505,2026-10-31,COP,-200.00
"""


@made_once
def filled(folder: Path, database: str = "sqlite") -> books.Book:
    book = new_book(folder, database=database)
    for name, cluster in (("C1", "SUR"), ("C2", "NORTE")):
        import_rows(book, "customers", CUSTOMER, {"customer_id": name, "cluster_id": cluster})
    return book


@pytest.fixture
def book(tmp_path: Path, database: str) -> books.Book:
    return filled(tmp_path, database)


@pytest.fixture(autouse=True)
def _in_repository(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)


def bring(
    book: books.Book, folder: Path, text: str, source: str, on: dt.date | None = None
) -> intake.ImportResult:
    path = folder / f"{source}.csv"
    path.write_text(text, encoding="utf-8")
    return intake.import_file(book, path, source, today=TODAY, extract_date=on)


def rules(result: intake.ImportResult) -> list[str]:
    return result.findings["rule"].tolist()


def test_orders_come_in_with_their_amounts_and_their_state_in_the_trades_words(
    book: books.Book, tmp_path: Path
) -> None:
    result = bring(book, tmp_path, ORDERS, "orders")
    assert (result.status, result.rows_in, result.rows_stored) == ("accepted", 3, 3)
    assert result.to_json()["sums"] == {"COP": "1500.00", "USD": "20.50"}
    assert rules(result) == ["totals-line", "status-unknown"]  # «En ruta» counts in full, as an open order
    orders = read.orders(book)
    assert orders["status"].tolist() == ["confirmed", "held", "open"]
    assert orders["status_text"].tolist() == ["Confirmado", "Retenido", "En ruta"]
    first = orders.iloc[0]
    assert (first["ordered_amount"], first["delivered_amount"], first["invoiced_amount"]) == (
        1000_00,
        400_00,
        400_00,
    )
    assert (first["centre_id"], first["payment_terms"]) == ("BOG", "Z030")
    assert first["promised_date"] == pd.Timestamp("2026-10-10")
    assert orders.iloc[1]["promised_date"] is pd.NaT


def test_a_note_has_the_sign_of_what_it_does_to_the_debt_however_its_file_writes_it(
    book: books.Book, tmp_path: Path
) -> None:
    result = bring(book, tmp_path, NOTES, "notes")
    notes = read.notes(book)
    assert notes["note_amount"].tolist() == [-100_00, -50_00, 30_00, -10_00]
    assert notes["note_kind"].tolist() == ["credit_note", "credit_note", "debit_note", "credit_note"]
    assert notes["status"].tolist() == ["approved", "requested", "requested", "requested"]
    assert result.to_json()["sums"] == {"COP": "-130.00"}


def test_a_note_that_could_be_either_kind_and_a_debit_note_with_a_minus_are_kept_aside(
    book: books.Book, tmp_path: Path
) -> None:
    text = NOTES.splitlines()[0] + "\nN5,,BOG,C1,,40.00,,2026-10-05,,,\nN6,ND,BOG,C1,,-40.00,,2026-10-05,,,\n"
    text += "N7,XX,BOG,C1,,40.00,,2026-10-05,,,\n"
    result = bring(book, tmp_path, text, "notes")
    assert result.status == "rejected"
    assert rules(result) == ["note-kind-missing", "sign", "kind-unknown"]
    assert len(read.rejected_rows(book)) == 3
    assert read.notes(book).empty


def test_a_request_disputes_nothing_and_a_claim_disputes_its_amount(book: books.Book, tmp_path: Path) -> None:
    result = bring(book, tmp_path, CLAIMS, "claims")
    claims = read.claims(book)
    assert claims["claim_kind"].tolist() == ["dispute", "request", "dispute"]
    assert claims["disputed_amount"].tolist() == [250_00, 0, 80_00]
    assert claims["status"].tolist() == ["in_analysis", "new", "closed"]
    assert result.to_json()["sums"] == {"COP": "330.00"}
    wrong = (
        CLAIMS.splitlines()[0]
        + "\nK4,requerimiento,C1,,5.00,,2026-10-05,,,,,\nK5,reclamo,C1,,,,2026-10-05,,,,,\n"
    )
    again = bring(book, tmp_path, wrong, "claims")
    assert again.status == "partial"
    assert sorted(rules(again)) == ["claim-without-amount", "request-with-amount"]


def test_a_control_balance_is_debit_positive(book: books.Book, tmp_path: Path) -> None:
    result = bring(book, tmp_path, BALANCES, "control_balances")
    assert result.to_json()["sums"] == {"COP": "1300.00", "USD": "20.50"}
    columns = "cuenta,fecha_corte,moneda,debe,haber\n130505,2026-11-30,COP,10.00,4.00\n"
    assert bring(book, tmp_path, columns, "control_balances").sums == {"COP": 6_00}
    assert bring(book, tmp_path, BALANCES, "control_balances").status == "duplicate"


def test_another_control_balance_of_the_same_account_and_day_is_refused_with_both_values(
    book: books.Book, tmp_path: Path
) -> None:
    bring(book, tmp_path, BALANCES, "control_balances")
    changed = BALANCES.replace("1500.00", "1501.00") + "130505,2026-11-30,COP,1600.00\n"
    result = bring(book, tmp_path, changed, "control_balances")
    assert (result.status, result.rows_stored, result.rows_duplicate, result.rows_rejected) == (
        "partial", 1, 2, 1,
    )  # fmt: skip
    (said,) = result.to_json()["findings"]
    assert (said["rule"], said["row"]) == ("key-conflict", 2)
    told = said["message"] + said["remedy"]
    assert "1.500,00 COP" in told
    assert "1.501,00 COP" in told
    assert "130505" in told
    assert read.control_balances(book)["balance_amount"].tolist() == [1500_00, 1600_00, 20_50, -200_00]
    assert not faults(book)
    twice = "\n".join([*BALANCES.splitlines(), "130505,2026-10-31,COP,1.00"]).replace("10-31", "12-31")
    assert rules(bring(book, tmp_path, twice, "control_balances")) == ["key-conflict", "key-conflict"]


def test_the_same_words_again_are_duplicates_and_a_change_is_one_new_row(
    book: books.Book, tmp_path: Path
) -> None:
    bring(book, tmp_path, ORDERS, "orders")
    again = bring(book, tmp_path, ORDERS, "orders")
    assert (again.status, again.rows_stored, again.rows_duplicate) == ("duplicate", 0, 3)
    grown = bring(book, tmp_path, ORDERS.replace("500.00;;;Retenido", "700.00;;;Liberado"), "orders")
    assert (grown.status, grown.rows_stored, grown.rows_duplicate) == ("accepted", 1, 2)
    assert grown.sums == {"COP": 700_00}
    assert read.orders(book)["ordered_amount"].tolist() == [1000_00, 700_00, 20_50]
    assert not faults(book)


def test_what_was_known_then_and_what_held_on_a_day_are_both_told(tmp_path: Path, database: str) -> None:
    clock = Clock()
    with new_book(tmp_path, database=database, clock=clock) as book:
        clock.now = START + dt.timedelta(hours=1)
        bring(book, tmp_path, CLAIMS, "claims", on=dt.date(2026, 10, 20))
        before = clock.now + dt.timedelta(minutes=1)
        clock.now = START + dt.timedelta(days=5)
        bring(book, tmp_path, CLAIMS.replace("En análisis", "Cerrado"), "claims", on=dt.date(2026, 10, 31))
        assert read.claims(book)["status"].tolist() == ["closed", "new", "closed"]
        assert read.claims(book, known_at=before)["status"].tolist() == ["in_analysis", "new", "closed"]
        assert read.claims(book, as_of=dt.date(2026, 10, 30))["status"].tolist() == [
            "in_analysis",
            "new",
            "closed",
        ]
        # An older list that comes late does not undo the newer one.
        bring(book, tmp_path, CLAIMS.replace("En análisis", "Asignado"), "claims", on=dt.date(2026, 10, 25))
        assert read.claims(book)["status"].tolist() == ["closed", "new", "closed"]
        assert read.claims(book, as_of=dt.date(2026, 10, 30))["status"].tolist() == [
            "assigned",
            "new",
            "closed",
        ]


def test_a_scoped_book_shows_only_its_own_customers(book: books.Book, tmp_path: Path) -> None:
    for text, source in (
        (ORDERS, "orders"),
        (NOTES, "notes"),
        (CLAIMS, "claims"),
        (BALANCES, "control_balances"),
    ):
        bring(book, tmp_path, text, source)
    scoped = book.scoped(["NORTE"])
    assert read.orders(scoped)["order_id"].tolist() == ["P2"]
    assert read.notes(scoped)["note_id"].tolist() == ["N3", "N4"]
    assert read.claims(scoped)["claim_id"].tolist() == ["K2", "K3"]
    assert read.control_balances(scoped).empty
    assert read.orders(book, customers=["C1"])["order_id"].tolist() == ["P1", "P3"]
    assert read.orders(book, "CO02").empty


@pytest.mark.parametrize(
    ("table", "name"),
    [(tables.ORDERS, "orders"), (tables.NOTES, "notes"), (tables.CLAIMS, "claims"),
     (tables.CONTROL_BALANCES, "control_balances")],
)  # fmt: skip
def test_an_empty_read_and_a_full_one_have_the_tables_columns(
    book: books.Book, tmp_path: Path, table: tables.Table, name: str
) -> None:
    texts = {"orders": ORDERS, "notes": NOTES, "claims": CLAIMS, "control_balances": BALANCES}
    reader = getattr(read, name)
    for _ in range(2):
        frame = reader(book)
        assert {column: str(kind) for column, kind in frame.dtypes.items()} == {
            column: tables.DTYPES[kind] for column, kind in table.columns.items()
        }
        bring(book, tmp_path, texts[name], name)
    assert len(frame)


def test_the_same_order_twice_in_a_file_with_other_content_is_refused_whole(
    book: books.Book, tmp_path: Path
) -> None:
    lines = ORDERS.splitlines()
    result = bring(book, tmp_path, "\n".join([*lines[:2], lines[1].replace("1000.00", "900.00")]), "orders")
    assert rules(result) == ["key-conflict", "key-conflict"]
    assert read.orders(book).empty


def test_a_status_that_is_no_word_of_the_trade_is_a_wrong_mapping(root: Path, tmp_path: Path) -> None:
    text = (root / "parameters/sources/orders.yaml").read_text(encoding="utf-8")
    (tmp_path / "orders.yaml").write_text(text.replace("abierto: open", "abierto: opne"), encoding="utf-8")
    with pytest.raises(MappingError) as wrong:
        read_mapping(tmp_path / "orders.yaml")
    assert wrong.value.values["setting"] == "states"
