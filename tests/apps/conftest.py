"""The sample company in a book with two signed closes, served; and a real browser."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from closes import leave_run, sign_ageing
from desk_world import BEFORE, LAST, SIGNED, Company, Reader
from served import ROOT, Served


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    from workbench import book, intake
    from workbench.sample import make_sample

    folder = tmp_path_factory.mktemp("company")
    url, out = f"sqlite:///{folder / 'book.sqlite'}", folder / "outputs"
    files = make_sample(folder / "sample", customers=24, months=4, through="2026-10")
    with book.open_book(url, create=True) as opened:
        for item in files.imports:
            result = intake.import_file(
                opened, folder / "sample" / item.file, item.source, parameters=ROOT / "parameters",
                extract_date=item.extract_date, today=dt.date(2026, 11, 3),
            )  # fmt: skip
            assert result.status != "rejected", item.file
        sign_ageing(opened, out, as_of=BEFORE, run_id="20261002T140500Z-aaaaaa")
        sign_ageing(opened, out, as_of=LAST, run_id=SIGNED)
        customers = book.read.customers(opened)
    wrong = {
        "name": "bank",
        "expected": {"COP": "7654321.00"},
        "actual": {"COP": "7654320.00"},
        "passed": False,
    }
    leave_run(out, "bank_reconciliation", as_of=LAST, run_id=SIGNED, status="stopped", tie_outs=[wrong])
    return Company(folder, url, out, customers)


@pytest.fixture(scope="session")
def desks(company: Company) -> Iterator[Served]:
    running = Served(folder=company.folder, book_url=company.book_url, out=str(company.out), forked=True)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@pytest.fixture
def reader(desks: Served, chromium: Any) -> Iterator[Any]:
    contexts = []

    def sign_in(user: str, **options: Any) -> Reader:
        password = next(found["password"] for found in desks.ready["users"] if found["user"] == user)
        context = chromium.new_context(
            viewport={"width": 1280, "height": 900}, accept_downloads=True, **options
        )
        contexts.append(context)
        reading = Reader(context.new_page(), desks.url)
        reading.page.on("request", lambda request: reading.asked.append(request.url))
        reading.page.on("websocket", lambda socket: reading.asked.append(socket.url))
        reading.page.on(
            "console", lambda said: reading.complaints.append(said.text) if said.type == "error" else None
        )
        reading.page.goto(desks.url)
        reading.page.fill("#user", user)
        reading.page.fill("#password", password)
        reading.page.click("button.wb-button")
        reading.page.wait_for_selector(".wb-cards")
        return reading

    yield sign_in
    for context in contexts:
        context.close()
