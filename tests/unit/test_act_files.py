"""Lists of an act as people save them: what Spanish Excel writes, and the close's own file."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.errors import FileRefusedError, WorkbenchError
from workbench.sources.act_files import read_actions, read_differences

HEAD = ["cause", "document_id", "ours", "theirs", "amount", "owner", "due_date"]
WHOSE = {"company": "CO01", "customer": "C1", "currency": "COP"}


def written(folder: Path, rows: list[list[str]], separator: str = ";", encoding: str = "utf-8") -> Path:
    path = folder / "d.csv"
    path.write_text("\r\n".join(separator.join(row) for row in rows) + "\r\n", encoding=encoding)
    return path


@pytest.mark.parametrize("separator", [";", "\t", ","])
@pytest.mark.parametrize("day", ["2026-11-09", "09/11/2026", "9/11/2026"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_every_separator_day_and_encoding_of_excel_says_the_same(
    tmp_path: Path, separator: str, day: str, encoding: str
) -> None:
    amount = "42899500.00" if separator == "," else "42.899.500,00"
    rows = [HEAD, ["retención", "F1", amount, "", amount, "ana", day]]
    (found,) = read_differences(written(tmp_path, rows, separator, encoding), **WHOSE)
    assert found == {"cause": "retención", "document_id": "F1", "ours": 4289950000, "amount": 4289950000,
                     "owner": "ana", "due_date": "2026-11-09", "note": ""}  # fmt: skip


def test_actions_are_read_the_same_way(tmp_path: Path) -> None:
    path = written(tmp_path, [["action", "owner", "due_date"], ["Pedir, y cobrar", "ana", "09/11/2026"]])
    assert read_actions(path) == [{"action": "Pedir, y cobrar", "owner": "ana", "due_date": "2026-11-09"}]


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([["cause"], ["x"]], "act-list-columns"),
        ([HEAD, ["x", "F1", "", "", "400.000", "ana", ""]], "act-list-amount"),
        ([HEAD, ["x", "F1", "", "", "", "ana", "31/02/2026"]], "date-wrong"),
        ([HEAD, ["x", "F1", "", "", "1,00", "ana", "", "", "more"]], "csv-syntax"),
    ],
)
def test_what_cannot_be_read_one_way_is_refused(tmp_path: Path, rows: list[list[str]], rule: str) -> None:
    with pytest.raises(WorkbenchError) as refused:
        read_differences(written(tmp_path, rows), **WHOSE)
    assert refused.value.cause == rule


CLOSE = ["company_id", "customer_id", "currency", "side", "cause", "document_id", "reference", "our_amount",
         "their_amount", "difference_amount", "owner", "due_date", "difference_id"]  # fmt: skip


def test_the_file_of_the_close_gives_the_rows_of_this_customer_and_currency(tmp_path: Path) -> None:
    path = written(tmp_path, [
        CLOSE,
        ["CO01", "C1", "COP", "ours", "timing", "18001", "FE1", "10.00", "0.00", "10.00", "ana",
         "2026-11-09", "d1"],
        ["CO01", "C1", "USD", "ours", "timing", "18002", "FE2", "20.00", "0.00", "20.00", "ana", "", "d2"],
        ["CO01", "C2", "COP", "ours", "timing", "18003", "FE3", "30.00", "0.00", "30.00", "ana", "", "d3"],
        ["CO02", "C1", "COP", "ours", "timing", "18004", "FE4", "40.00", "0.00", "40.00", "ana", "", "d4"],
    ], ",")  # fmt: skip
    (found,) = read_differences(path, **WHOSE)
    assert found == {"cause": "timing", "document_id": "FE1", "ours": 1000, "amount": 1000, "owner": "ana",
                     "note": "", "due_date": "2026-11-09", "difference_id": "d1"}  # fmt: skip
    with pytest.raises(FileRefusedError) as refused:
        read_differences(path, company="CO01", customer="C9", currency="COP")
    assert refused.value.cause == "act-list-of-others"
