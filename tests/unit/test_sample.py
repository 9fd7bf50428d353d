"""The sample company: the same seed gives the same files, and every figure in them ties to another one."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from python_calamine import CalamineWorkbook

from workbench import book as books
from workbench import intake, ledger
from workbench.calendar import Period
from workbench.policy import ReconciliationPolicy
from workbench.reconciliation import CATEGORIES, reconcile_bank
from workbench.sample import SampleFiles, Shape, make_sample
from workbench.sample.shape import MIX
from workbench.sample.tax_ids import check_digits

CLOSING = "2026-10"
LAST_DAY = dt.date(2026, 10, 31)
PARAMETERS = Path(__file__).parents[2] / "parameters"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleFiles:
    return make_sample(tmp_path_factory.mktemp("sample"), through=CLOSING)


@pytest.fixture(scope="module")
def items(sample: SampleFiles) -> dict[str, dict[str, object]]:
    return extract_of(sample)


def extract_of(sample: SampleFiles) -> dict[str, dict[str, object]]:
    """The ERP's items by document id, read without the project."""
    found = {}
    for path in sample.paths:
        if path.suffix == ".xlsx":
            heads, *rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
            for row in rows:
                item = dict(zip(heads, row, strict=True))
                item["amount"] = Decimal(str(item["Importe en moneda doc."]))
                found["/".join(map(str, (item["Nº documento"], item["Ejercicio"], item["Posición"])))] = item
    return found


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def spanish(text: str) -> Decimal:
    return Decimal(text.replace(".", "").replace(",", "."))


def statement(path: Path) -> tuple[Decimal, list[tuple[str, Decimal]], Decimal]:
    """Opening balance, (id, amount) of each line and closing balance of a bank file."""
    text = path.read_text("utf-8")
    if path.suffix == ".csv":
        rows = [line.split(";") for line in text.splitlines()]
        labels = {row[0]: row[1] for row in rows if len(row) == 2}
        lines = [(row[2], spanish(row[8])) for row in rows if len(row) == 10 and row[0] != "Fecha"]
        return spanish(labels["Saldo inicial"]), lines, spanish(labels["Saldo final"])
    opening, closing = re.findall(r":6[02]F:C\d{6}USD([\d,]+)", text)
    found = re.findall(r":61:\d{10}([CD])([\d,]+)N\w{3}NONREF//(\w+)", text)
    lines = [(line_id, spanish(amount) * (1 if mark == "C" else -1)) for mark, amount, line_id in found]
    return spanish(opening), lines, spanish(closing)


def statements(sample: SampleFiles, account: str) -> list[Path]:
    return sorted(path for path in sample.paths if path.name.startswith(f"extracto_{account}"))


def digest(sample: SampleFiles) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sample.paths}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    one, again, other = (
        digest(make_sample(tmp_path / name, customers=9, months=3, seed=seed, through=CLOSING))
        for name, seed in (("one", 7), ("again", 7), ("other", 8))
    )
    assert one == again
    assert len(one) == 25
    assert {name for name in one if one[name] == other[name]} == {
        "calendario_cierre_2026-10.csv",
        "imports.csv",
    }


@pytest.mark.parametrize(
    ("customers", "months", "through"), [(1, 1, "2024-02"), (2, 1, "2026-12"), (130, 2, "2026-01")]
)
def test_any_size_and_month_is_written_and_its_statements_add_up(
    tmp_path: Path, customers: int, months: int, through: str
) -> None:
    sample = make_sample(tmp_path, customers=customers, months=months, seed=3, through=through)
    assert all(path.stat().st_size for path in sample.paths)
    assert len(rows_of(tmp_path / "clientes.csv")) == customers
    for account in ("CO-BOG-COP-001", "CO-BOG-USD-001"):
        files = statements(sample, account)
        assert len(files) == months
        for path in files:
            opening, lines, closing = statement(path)
            assert opening + sum(amount for _, amount in lines) == closing


def test_a_statement_opens_with_what_the_one_before_closed_with(sample: SampleFiles) -> None:
    for account in ("CO-BOG-COP-001", "CO-BOG-USD-001"):
        previous = None
        for path in statements(sample, account):
            opening, lines, closing = statement(path)
            assert previous in (None, opening)
            assert len(lines) > 20
            previous = closing


def test_the_cash_of_each_receipt_is_what_the_bank_received(sample: SampleFiles) -> None:
    cash: dict[str, Decimal] = defaultdict(Decimal)
    for leg in rows_of(sample.truth):
        if leg["kind"] in ("payment", "credit_note"):
            cash[leg["receipt_id"]] += Decimal(leg["amount"])
    received = {
        row["receipt_id"]: Decimal(row["amount"]) for row in rows_of(sample.out / "truth_receipts.csv")
    }
    assert len(cash) > 200
    assert {receipt: received[receipt] for receipt in cash} == cash
    in_files = {
        row["receipt_id"]: Decimal(row["amount"]) for row in rows_of(sample.out / "por_identificar.csv")
    }
    for account in ("CO-BOG-COP-001", "CO-BOG-USD-001"):
        in_files |= {
            line: amount for line, amount in statement(statements(sample, account)[-1])[1] if line in received
        }
    assert in_files == received


def test_what_a_receipt_takes_stands_open_in_the_erp_and_is_taken_whole_and_once(
    sample: SampleFiles, items: dict[str, dict[str, object]]
) -> None:
    taken: dict[str, Decimal] = defaultdict(Decimal)
    days = {row["receipt_id"]: row["receipt_date"] for row in rows_of(sample.out / "truth_receipts.csv")}
    for leg in rows_of(sample.truth):
        item = items[leg["document_id"]]
        assert item["Doc.compensación"] == ""
        assert item["Indicador CME"] == item["Bloqueo de pago"] == ""
        assert item["Fecha de documento"].isoformat() <= days[leg["receipt_id"]]
        taken[leg["document_id"]] += Decimal(leg["amount"])
    assert all(amount == items[document]["amount"] for document, amount in taken.items())


def test_each_clearing_of_the_erp_adds_to_zero_and_follows_its_documents(
    items: dict[str, dict[str, object]],
) -> None:
    clearings: dict[tuple[object, object], Decimal] = defaultdict(Decimal)
    for item in items.values():
        if item["Doc.compensación"]:
            clearings[item["Doc.compensación"], item["Cuenta"]] += item["amount"]
            assert item["Fecha de documento"] <= item["Fecha de compensación"]
    assert len(clearings) > 1000
    assert set(clearings.values()) == {Decimal(0)}


def test_cash_is_counted_once(sample: SampleFiles) -> None:
    """Only the closing month's bank files bring receipts, and no earlier receipt they repeat."""
    sources = {item.file: item.source for item in sample.imports}
    banks = {path.name for path in sample.paths if path.name.startswith("extracto_")}
    assert {name for name in banks if sources.get(name) in ("bank_csv", "mt940")} == {
        name for name in banks if CLOSING in name
    }
    earlier = {sources[name] for name in banks & set(sources) if CLOSING not in name}
    assert earlier == {"bank_csv_history", "mt940_history"}
    closing = {
        line
        for account in ("CO-BOG-COP-001", "CO-BOG-USD-001")
        for line, _ in statement(statements(sample, account)[-1])[1]
    }
    listed = {row["receipt_id"] for row in rows_of(sample.out / "por_identificar.csv")}
    assert listed
    assert not listed & closing


def test_the_closing_month_has_the_mix_of_kinds(tmp_path: Path) -> None:
    sample = make_sample(tmp_path, customers=300, months=2, through=CLOSING)
    rows = [row for row in rows_of(tmp_path / "truth_receipts.csv") if row["receipt_date"] >= "2026-10-01"]
    kinds = [row["kind"] for row in rows if row["kind"] != "returned_cheque"]
    for kind, share in MIX.items():
        assert kinds.count(kind) / len(kinds) == pytest.approx(share, abs=0.004), kind
    assert sample.truth.exists()


def test_a_shape_changes_the_mix_in_one_place(tmp_path: Path) -> None:
    shape = replace(Shape(), mix={"single_amount": 1.0}, returned_cheque_share=0.0)
    make_sample(tmp_path, customers=5, months=1, through=CLOSING, shape=shape)
    kinds = {row["kind"] for row in rows_of(tmp_path / "truth_receipts.csv")}
    assert kinds <= {"single_amount", "returned_cheque"}


def test_a_whole_statement_pays_everything_open_or_everything_due(
    sample: SampleFiles, items: dict[str, dict[str, object]]
) -> None:
    taken_before: dict[str, str] = {}
    legs = defaultdict(set)
    receipts = {row["receipt_id"]: row for row in rows_of(sample.out / "truth_receipts.csv")}
    for leg in rows_of(sample.truth):
        legs[leg["receipt_id"]].add(leg["document_id"])
        taken_before[leg["document_id"]] = leg["receipt_id"]
    whole = [row for row in receipts.values() if row["kind"] == "whole_statement"]
    assert len(whole) >= 8
    for row in whole:
        day = dt.date.fromisoformat(row["receipt_date"])
        open_then = {
            document: item
            for document, item in items.items()
            if item["Cuenta"] == row["customer_id"]
            and not item["Doc.compensación"]
            and item["Fecha de documento"] <= day
            and not item["Indicador CME"]
            and not item["Bloqueo de pago"]
            and taken_before.get(document, row["receipt_id"]) == row["receipt_id"]
        }
        due = {
            name
            for name, item in open_then.items()
            if not item["Vencimiento neto"] or item["Vencimiento neto"] <= day
        }
        assert legs[row["receipt_id"]] in (set(open_then), due)


def test_items_of_every_age_and_sort_are_there(items: dict[str, dict[str, object]]) -> None:
    still_open = [item for item in items.values() if not item["Doc.compensación"]]
    ages = [
        (LAST_DAY - item["Vencimiento neto"]).days
        for item in still_open
        if item["Vencimiento neto"] and item["amount"] > 0
    ]
    counts, _ = np.histogram(ages, [-400, 1, 31, 61, 91, 121, 181, 361, 1000])
    assert min(counts) >= 20
    old_credits = [
        i for i in still_open if i["amount"] < 0 and (LAST_DAY - i["Fecha de documento"]).days > 180
    ]
    assert len(old_credits) >= 5
    assert any(not item["Vencimiento neto"] for item in still_open)
    assert {item["Indicador CME"] for item in still_open} == {"", "A", "G"}
    assert {item["Posición"] for item in still_open} >= {"001", "002", "003"}
    assert {item["Moneda del documento"] for item in still_open} == {"COP", "USD"}
    assert any(i["Referencia a factura"] for i in still_open if i["Clase de documento"] == "DG")
    assert any(not i["Referencia a factura"] for i in still_open if i["Clase de documento"] == "DG")
    assert any(i["Referencia a factura"] for i in still_open if i["Clase de documento"] == "DZ")


@pytest.mark.parametrize(("nit", "digit"), [(800197268, 4), (899999068, 1), (860034313, 7), (890903938, 8)])
def test_the_check_digit_of_a_known_nit(nit: int, digit: int) -> None:
    assert check_digits(np.array([nit])).tolist() == [digit]


def test_every_national_customer_has_a_nit_with_its_check_digit_and_a_living_parent(
    sample: SampleFiles,
) -> None:
    customers = {row["customer_id"]: row for row in rows_of(sample.out / "clientes.csv")}
    assert {row["cluster_id"] for row in customers.values()} == {"NORTE", "CENTRO", "SUR", "EXPORT"}
    for row in customers.values():
        if row["country"] == "CO":
            nit, digit = row["tax_id"].split("-")
            assert check_digits(np.array([int(nit)])).tolist() == [int(digit)]
        parent = customers.get(row["parent_customer_id"])
        assert (parent is None) == (row["parent_customer_id"] == "")
        assert parent is None or parent["parent_customer_id"] == ""
    assert any(row["parent_customer_id"] for row in customers.values())
    assert len({row["customer_name"] for row in customers.values()}) == len(customers)


def test_a_long_extract_is_cut_into_workbooks_that_hold_every_item_once(tmp_path: Path) -> None:
    whole = make_sample(tmp_path / "whole", customers=6, months=2, through=CLOSING)
    parts = make_sample(
        tmp_path / "parts", customers=6, months=2, through=CLOSING, shape=replace(Shape(), rows_a_workbook=50)
    )
    assert sum(item.source == "sap_line_items" for item in parts.imports) > 3
    assert extract_of(parts) == extract_of(whole)


@pytest.fixture(scope="module")
def filled(sample: SampleFiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[books.Book]:
    """A book with the sample's imports, in their order."""
    url = f"sqlite:///{tmp_path_factory.mktemp('book') / 'book.sqlite'}"
    with books.open_book(url, create=True) as book:
        for item in sample.imports:
            result = intake.import_file(
                book,
                sample.out / item.file,
                item.source,
                parameters=PARAMETERS,
                extract_date=item.extract_date,
                today=LAST_DAY,
            )
            assert (result.status, result.rows_rejected, result.rows_duplicate) == ("accepted", 0, 0), item
            assert result.rows_stored == result.rows_in > 0
        yield book


def test_the_book_shows_the_ids_and_amounts_of_the_truth(
    sample: SampleFiles, filled: books.Book, items: dict[str, dict[str, object]]
) -> None:
    received = books.read.receipts(filled)
    told = {row["receipt_id"]: row for row in rows_of(sample.out / "truth_receipts.csv")}
    in_book = dict(zip(received["receipt_id"], received["received_amount"].tolist(), strict=True))
    assert in_book == {receipt: int(Decimal(row["amount"]) * 100) for receipt, row in told.items()}
    open_items = ledger.open_items_as_of(
        *(
            getattr(books.read, name)(filled)
            for name in ("documents", "observations", "clearings", "applications", "reversals")
        ),
        as_of=LAST_DAY,
    )
    open_in_book = dict(zip(open_items["document_id"], open_items["open_amount"].tolist(), strict=True))
    assert open_in_book == {
        document: int(item["amount"] * 100)
        for document, item in items.items()
        if not item["Doc.compensación"]
    }


def test_the_bank_reconciles_to_zero_month_after_month_with_every_sort_of_difference(
    filled: books.Book,
) -> None:
    frames = books.read.bank_lines(filled), books.read.bank_balances(filled), books.read.book_lines(filled)
    rules: set[str] = set()
    stood: dict[object, int] = {}
    for month in ("2026-08", "2026-09", "2026-10"):
        reconciled = reconcile_bank(
            *frames, as_of=Period.parse(month).last_day, policy=ReconciliationPolicy()
        )
        assert reconciled.proof["difference"].tolist() == [0, 0], month
        # The ledger carries its balance forward, and it is the one that the statement opens with.
        assert "book-opening-assumed" not in reconciled.findings["rule"].tolist()
        rules |= set(reconciled.matched["rule"])
        moved = reconciled.carried.set_index(["account_id", "side"])
        expected = moved["opening_amount"] + moved["new_amount"] - moved["solved_amount"]
        assert expected.tolist() == moved["amount"].tolist()
        if month > "2026-08":
            assert moved["opening_amount"].to_dict() == stood, month
        stood = moved["amount"].to_dict()
    assert set(reconciled.classified["category"]) == set(CATEGORIES)
    assert {"transposed_digits", "wrong_sign", "booked_twice"} <= set(reconciled.classified["detail"])
    assert {
        "grouped-deposit-slip", "grouped-deposit-sum", "split-payment-sum", "cheque-number",
        "reference-amount-later", "reversed-in-books",
    } <= rules  # fmt: skip
    assert len(reconciled.solved) > 10
