"""Writes every file of the sample, and the list of what to import."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from . import ImportItem, SampleFiles
from .bank_files import write_statements
from .bank_lines import BankLines, make_bank_lines
from .bank_text import deposit_texts
from .customers import write_customers
from .erp_extract import write_extract
from .history import History
from .numbers import number_documents
from .shape import Shape
from .truth import write_truth


def write_files(out: Path, history: History, shape: Shape, seed: np.random.SeedSequence) -> SampleFiles:
    """All files into ``out``; extracts are taken on the last day of the closing month."""
    text_rng, cop_rng, usd_rng = (np.random.default_rng(stream) for stream in seed.spawn(3))
    numbers = number_documents(history.items, history.customers)
    references, texts = deposit_texts(history, numbers, text_rng)
    pesos = make_bank_lines("COP", history, references, texts, cop_rng)
    dollars = make_bank_lines("USD", history, references, texts, usd_rng)
    receipt_ids = receipt_ids_of(history, [pesos, dollars])
    write_customers(out / "clientes.csv", history.customers)
    extracts = write_extract(out, history, numbers, shape)
    statements = [write_statements(out, lines, history) for lines in (pesos, dollars)]
    truths = write_truth(out, history, numbers, receipt_ids)
    to_import = [
        (out / "clientes.csv", "customers"),
        *((path, "sap_line_items") for path in extracts),
        (statements[0][-1], "bank_csv"),
        (statements[1][-1], "mt940"),
    ]
    day = history.months.closing.last_day
    imports = tuple(ImportItem(path.name, source, day) for path, source in to_import)
    rows = [
        "file,source,extract_date",
        *(f"{item.file},{item.source},{item.extract_date}" for item in imports),
    ]
    (out / "imports.csv").write_text("\n".join(rows) + "\n", encoding="utf-8", newline="")
    others = [path for paths in statements for path in paths[:-1]]
    paths = [out / "imports.csv", *(path for path, _ in to_import), *truths, *others]
    return SampleFiles(out, imports, tuple(paths))


def receipt_ids_of(history: History, accounts: list[BankLines]) -> list[str]:
    """The bank's own reference of each receipt."""
    ids = [""] * len(history.receipts)
    for lines in accounts:
        for place in np.flatnonzero(lines.receipt >= 0).tolist():
            ids[int(lines.receipt[place])] = lines.line_id[place]
    return ids
