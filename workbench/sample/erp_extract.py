"""The ERP's extract of customer line items, as SAP's FBL5N exports it to a workbook in Spanish."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np

from ..money import to_major
from .customers import COMPANY
from .days import NO_DAY, to_date
from .history import History
from .numbers import Numbers, clearing_numbers
from .shape import Shape

#: Heading, width; the order of the columns.
COLUMNS = (
    ("Sociedad", 9),
    ("Cuenta", 12),
    ("Nombre 1", 34),
    ("Ejercicio", 9),
    ("Clase de documento", 8),
    ("Nº documento", 12),
    ("Posición", 8),
    ("Referencia", 11),
    ("Fecha de documento", 12),
    ("Vencimiento neto", 12),
    ("Moneda del documento", 9),
    ("Importe en moneda doc.", 18),
    ("Base imponible", 18),
    ("IVA", 16),
    ("Fecha de compensación", 12),
    ("Doc.compensación", 12),
    ("Referencia a factura", 12),
    ("Texto", 30),
    ("Condiciones de pago", 9),
    ("Indicador CME", 5),
    ("Bloqueo de pago", 5),
    ("Nivel de reclamación", 5),
)
#: Workbooks carry a moment of creation: always this one, so that the same seed gives the same bytes.
CREATED = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
TEXTS = {"RV": "Factura de venta", "ND": "Nota débito", "DG": "Nota crédito", "DZ": "Pago de cliente"}


def write_extract(folder: Path, history: History, numbers: Numbers, shape: Shape) -> list[Path]:
    """Writes the workbooks (one, or several of ``rows_a_workbook`` rows) and gives their paths."""
    items = history.items
    order = np.lexsort((items.item, items.group, items.document_day, items.customer))
    parts = [
        order[start : start + shape.rows_a_workbook] for start in range(0, len(order), shape.rows_a_workbook)
    ]
    day = to_date(history.months.last).isoformat()
    clearing = clearing_numbers(items, numbers)
    paths = []
    for index, part in enumerate(parts, start=1):
        suffix = f"_{index:02d}" if len(parts) > 1 else ""
        paths.append(folder / f"cartera_sap_{day}{suffix}.xlsx")
        _write(paths[-1], part.tolist(), history, numbers, clearing)
    return paths


def _write(path: Path, places: list[int], history: History, numbers: Numbers, clearing: list[str]) -> None:
    import xlsxwriter

    items, customers = history.items, history.customers
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "default_date_format": "dd/mm/yyyy"})
    book.set_properties({"title": "Partidas individuales de deudores", "created": CREATED})
    head = book.add_format({"bold": True, "bg_color": "#DDE6EE"})
    money = book.add_format({"num_format": "#,##0.00"})
    date = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet("Partidas")
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(places), len(COLUMNS) - 1)
    for column, (heading, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading, head)
    ids, names, currencies = (
        customers.ids,
        list(customers.table["customer_name"]),
        customers.currency.tolist(),
    )
    offset = 25569  # days from the workbook's epoch to ours
    for row, place in enumerate(places, start=1):
        who = items.customer[place]
        kind = str(items.document_type[place])
        currency = currencies[who]
        texts = {
            0: COMPANY,
            1: ids[who],
            2: names[who],
            3: numbers.year[place],
            4: kind,
            5: numbers.number[place],
            6: numbers.item[place],
            7: numbers.reference[place],
            10: currency,
            15: clearing[place],
            16: numbers.reference[items.refers_to[place]] if items.refers_to[place] >= 0 else "",
            17: TEXTS[kind],
            18: f"Z{history.customers.terms[who]:03d}",
            19: str(items.special_gl[place]),
            20: str(items.blocked[place]),
            21: _dunning(history, place),
        }
        amounts = {11: items.amount[place], 12: items.base[place], 13: items.tax[place]}
        days = {8: items.document_day[place], 9: items.due_day[place], 14: items.clearing_day[place]}
        for column in range(len(COLUMNS)):
            if column in texts:
                if texts[column]:
                    sheet.write_string(row, column, texts[column])
            elif column in amounts:
                if amounts[column]:
                    sheet.write_number(row, column, float(to_major(amounts[column], currency)), money)
            elif days[column] != NO_DAY:
                sheet.write_number(row, column, int(days[column]) + offset, date)
    book.close()


def _dunning(history: History, place: int) -> str:
    """A reminder level for every thirty days overdue, up to three; none on credits and cleared items."""
    items = history.items
    if items.clearing_day[place] != NO_DAY or items.amount[place] < 0 or items.due_day[place] == NO_DAY:
        return ""
    overdue = history.months.last - int(items.due_day[place])
    return str(min(3, overdue // 30)) if overdue >= 30 else ""
