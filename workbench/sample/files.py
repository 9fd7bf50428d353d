"""Writes every file of the sample, and the list of what to import."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from . import ImportItem, SampleFiles
from .bank_files import write_statements
from .bank_ledger import make_ledger, write_ledgers
from .bank_lines import BankLines, make_bank_lines
from .bank_text import deposit_texts
from .bank_timing import LEDGER_MONTHS, make_timed
from .close_calendar import write_calendar
from .customer_ledgers import write_customer_ledgers
from .customers import write_customers
from .days import to_date
from .erp_extract import write_extract
from .history import History
from .numbers import number_documents
from .rates import write_ecb, write_trm
from .remittances import write_advices, write_unidentified
from .shape import Shape
from .truth import write_truth
from .wires import write_wires


def write_files(out: Path, history: History, shape: Shape, seed: np.random.SeedSequence) -> SampleFiles:
    """All files into ``out``; extracts are taken on the last day of the closing month."""
    chance = [np.random.default_rng(stream) for stream in seed.spawn(12)]
    numbers = number_documents(history.items, history.customers)
    references, texts = deposit_texts(history, numbers, chance[0])
    timed = [
        make_timed(code, history.months, rng) for code, rng in zip(("COP", "USD"), chance[10:], strict=True)
    ]
    pesos = make_bank_lines("COP", history, references, texts, timed[0], chance[1])
    dollars = make_bank_lines("USD", history, references, texts, timed[1], chance[2])
    receipt_ids = receipt_ids_of(history, [pesos, dollars])
    write_customers(out / "clientes.csv", history.customers)
    extracts = write_extract(out, history, numbers, shape)
    statements = [write_statements(out, lines, history) for lines in (pesos, dollars)]
    truths = write_truth(out, history, numbers, receipt_ids)
    day, month = history.months.closing.last_day, history.months.closing
    ledgers = [
        (lines, make_ledger(lines, own, history, rng))
        for lines, own, rng in zip((pesos, dollars), timed, chance[3:5], strict=True)
    ]
    # Of earlier months the ledger has the receipts already: their statements bring lines, and no receipts.
    earlier = [
        (path, source)
        for paths, source in zip(statements, ("bank_csv_history", "mt940_history"), strict=True)
        for path in paths[-LEDGER_MONTHS:-1]
    ]
    to_import = [
        (out / "clientes.csv", "customers"),
        *((path, "sap_line_items") for path in extracts),
        (write_trm(out / "trm.csv", history.months, chance[5]), "trm_rates"),
        (write_ecb(out / "ecb.csv", history.months, chance[6]), "ecb_rates"),
        (
            write_unidentified(out / "por_identificar.csv", history, receipt_ids, references, texts),
            "receipts",
        ),
        *earlier,
        (statements[0][-1], "bank_csv"),
        (statements[1][-1], "mt940"),
        *((path, "bank_ledger") for path in write_ledgers(out, ledgers, history)),
        (
            write_advices(
                out / f"avisos_de_pago_{month}.csv", history, numbers, receipt_ids, shape, chance[7]
            ),
            "remittances",
        ),
        (write_wires(out / f"giros_{month}.csv", history, numbers, receipt_ids, chance[8]), "wires"),
    ]
    lists, listed = write_customer_ledgers(out, history, numbers, chance[9])
    imports = (
        *(ImportItem(path.name, source, day) for path, source in to_import),
        *(ImportItem(path.name, "customer_ledger", to_date(last)) for path, last in lists),
    )
    rows = [
        "file,source,extract_date",
        *(f"{item.file},{item.source},{item.extract_date}" for item in imports),
    ]
    (out / "imports.csv").write_text("\n".join(rows) + "\n", encoding="utf-8", newline="")
    others = [write_calendar(out / f"calendario_cierre_{month}.csv", history.months)]
    others += [*(path for path, _ in lists), listed]
    others += [path for paths in statements for path in paths[:-LEDGER_MONTHS]]
    paths = [out / "imports.csv", *(path for path, _ in to_import), *truths, *others]
    return SampleFiles(out, imports, tuple(paths))


def receipt_ids_of(history: History, accounts: list[BankLines]) -> list[str]:
    """The bank's own reference of each receipt."""
    ids = [""] * len(history.receipts)
    for lines in accounts:
        for place in np.flatnonzero(lines.receipt >= 0).tolist():
            ids[int(lines.receipt[place])] = lines.line_id[place]
    return ids
