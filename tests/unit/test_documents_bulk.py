"""A month of documents: whole or not there, none made twice, the same bytes wherever they are made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from documents_world import CUSTOMER, statement

from workbench.errors import ParameterRefusedError, TieOutError
from workbench.views.documents import bulk
from workbench.views.documents.bulk import file_name, write_documents
from workbench.views.documents.shapes import StatementPage
from workbench.workers import InProcesses


def month(count: int) -> Iterator[StatementPage]:
    for number in range(count):
        yield replace(statement(3, 3), statement_id=f"EC-{number:04d}", customer_id=f"C{number}")


def test_each_document_lies_under_its_number_and_the_count_is_told(tmp_path: Path) -> None:
    counted: list[int] = []
    written = list(write_documents(month(5), tmp_path, progress=counted.append))
    assert [one.file for one in written] == [f"EC-{number:04d}.pdf" for number in range(5)]
    assert counted == [1, 2, 3, 4, 5]
    assert sorted(path.name for path in tmp_path.iterdir()) == [one.file for one in written]
    assert all(one.is_new and one.bytes == (tmp_path / one.file).stat().st_size for one in written)


def test_a_stopped_run_is_taken_up_and_ends_with_the_same_bytes(tmp_path: Path) -> None:
    whole = {one.file: one.file_sha256 for one in write_documents(month(6), tmp_path / "whole")}
    stopped = write_documents(month(6), tmp_path / "stopped")
    first = [next(stopped).file for _ in range(3)]
    del stopped
    (tmp_path / "stopped" / ".EC-0003.pdf.partial").write_bytes(b"%PDF-half")
    again = list(write_documents(month(6), tmp_path / "stopped"))
    assert [one.file for one in again if not one.is_new] == first
    assert {one.file: one.file_sha256 for one in again} == whole
    assert not list((tmp_path / "stopped").glob(".*"))


def test_what_changed_is_made_again_and_nothing_else(tmp_path: Path) -> None:
    list(write_documents(month(3), tmp_path))
    pages = list(month(3))
    pages[1] = replace(pages[1], customer=replace(CUSTOMER, city="Cali"))
    assert [one.is_new for one in write_documents(pages, tmp_path)] == [False, True, False]


def test_a_damaged_or_foreign_file_in_the_way_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "EC-0000.pdf").write_bytes(b"%PDF-1.7 something else")
    (written,) = write_documents(month(1), tmp_path)
    assert written.is_new
    cut = (tmp_path / "EC-0000.pdf").read_bytes()[:-200]
    (tmp_path / "EC-0000.pdf").write_bytes(cut)
    (again,) = write_documents(month(1), tmp_path)
    assert again.is_new
    assert again.file_sha256 == written.file_sha256


def test_pages_are_taken_one_by_one(tmp_path: Path) -> None:
    taken = 0

    def pages() -> Iterator[StatementPage]:
        nonlocal taken
        for page in month(50):
            taken += 1
            yield page

    run = write_documents(pages(), tmp_path)
    next(run)
    assert taken == 1


def test_a_page_that_does_not_add_up_stops_the_run_and_keeps_what_was_written(tmp_path: Path) -> None:
    pages = list(month(3))
    pages[2] = replace(pages[2], closing=pages[2].closing + 1)
    with pytest.raises(TieOutError):
        list(write_documents(pages, tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["EC-0000.pdf", "EC-0001.pdf"]


def test_two_documents_of_one_number_are_refused(tmp_path: Path) -> None:
    pages = [replace(statement(1, 1), statement_id=name) for name in ("ec-1", "EC-1")]
    with pytest.raises(ParameterRefusedError) as caught:
        list(write_documents(pages, tmp_path))
    assert caught.value.cause == "document-number-twice"


@pytest.mark.parametrize(
    "number",
    ["../../etc/passwd", "A/B", "A_B", "CON:1", "con", "NUL", "ñ" * 300, "..", "", "\ud800", "x" * 500],
)
def test_a_number_never_leaves_its_folder(number: str) -> None:
    name = file_name(number)
    assert name == Path(name).name
    assert name.isascii()
    assert 4 < len(name) < 160
    assert not name.startswith(".")
    assert name.upper().partition(".")[0] not in ("CON", "NUL")


def test_numbers_that_differ_only_in_odd_signs_have_files_of_their_own() -> None:
    assert len({file_name(number) for number in ("A/B", "A:B", "A_B", "A B")}) == 4


@pytest.mark.slow
def test_processes_beside_one_another_write_the_same_bytes(tmp_path: Path) -> None:
    alone = {one.file: one.file_sha256 for one in write_documents(month(12), tmp_path / "alone")}
    beside = write_documents(month(12), tmp_path / "beside", executor=InProcesses(2))
    assert {one.file: one.file_sha256 for one in beside} == alone
    assert bulk.file_name("EC-0000") in alone
