"""The ageing explorer in a real browser: own cluster only, the signed figures, nothing from the internet."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from desk_world import SIGNED, Company, Reader
from served import Served

from workbench import words

pytestmark = pytest.mark.slow


def test_a_supervisor_drills_from_cluster_to_document_within_their_cluster(
    reader: Callable[..., Reader], company: Company, tmp_path: Path
) -> None:
    sup = reader("sup.norte")
    page = sup.page
    sup.open("aging_explorer", "?cluster=SUR")
    assert f"Igual al centavo a la corrida {SIGNED}" in page.inner_text("main")
    assert "desde el cierre del 30/09/2026" in page.inner_text("main")
    cells = page.locator(".wb-shell table.dataTable tbody tr td:first-child")
    assert cells.all_inner_texts() == ["NORTE"]

    seen = [page.content()]
    for dimension in ("NORTE", "supervisor", "customer"):
        page.locator(".wb-shell table.dataTable tbody tr td").first.click()
        page.wait_for_selector(".wb-side button.mod-primary:visible")
        page.click(".wb-side button.mod-primary")
        page.wait_for_function(
            "depth => document.querySelectorAll('.wb-crumbs button').length === depth",
            arg={"NORTE": 2, "supervisor": 3, "customer": 4}[dimension],
            timeout=60_000,
        )
        page.wait_for_timeout(1_000)
        seen.append(page.content())
    assert "Documento" in page.inner_text(".wb-shell table.dataTable thead")

    with page.expect_download() as handed:
        page.get_by_role("button", name="CSV").click()
    path = tmp_path / "taken.csv"
    handed.value.save_as(path)
    # For a person's spreadsheet in Spanish: marked as UTF-8, semicolons, headings in words.
    with path.open(encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    own = set(company.customers.loc[company.customers["cluster_id"] == "NORTE", "customer_id"])
    assert rows
    assert {row[words.say("columns.customer_id", "es")] for row in rows} <= own

    everything = "\n".join([*seen, path.read_text(encoding="utf-8")])
    assert not [name for name in company.foreign("NORTE") if name in everything]
    assert sup.elsewhere() == []
    assert sup.complaints == []


def test_the_analyst_sees_every_cluster_and_takes_a_workbook(
    reader: Callable[..., Reader], company: Company, tmp_path: Path
) -> None:
    import openpyxl

    analyst = reader("analista")
    analyst.open("aging_explorer", "?lang=en&theme=dark")
    page = analyst.page
    cells = page.locator(".wb-shell table.dataTable tbody tr td:first-child").all_inner_texts()
    assert len(cells) > 1
    assert "Equal to the cent" in page.inner_text("main")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 24, 39)"
    with page.expect_download() as handed:
        page.get_by_role("button", name="Excel").click()
    path = tmp_path / "taken.xlsx"
    handed.value.save_as(path)
    assert len(openpyxl.load_workbook(path).sheetnames) >= 2
    assert analyst.elsewhere() == []


def test_a_page_on_a_phone_is_as_wide_as_the_phone(reader: Callable[..., Reader]) -> None:
    phone = reader("sup.sur")
    phone.page.set_viewport_size({"width": 390, "height": 844})
    phone.open("aging_explorer")
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert phone.page.evaluate("document.documentElement.scrollHeight") > 844


def test_closing_the_page_ends_its_kernel(reader: Callable[..., Reader], desks: Served) -> None:
    before = set(desks.kernels())
    sup = reader("sup.centro")
    sup.open("aging_explorer")
    ours = set(desks.kernels()) - before
    assert len(ours) == 1
    sup.page.close(run_before_unload=True)
    end = time.monotonic() + 60
    while ours & set(desks.kernels()) and time.monotonic() < end:
        time.sleep(0.2)
    assert not ours & set(desks.kernels())
