"""Every statement of the sample's month becomes a page whose sums hold, in its customer's language."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from documents_world import text_of

from workbench import book as books
from workbench.acting.ledger_now import read_facts
from workbench.policy import Buckets
from workbench.sample.into_book import fill_book
from workbench.statements import Statements, make_statements
from workbench.views.documents.bulk import write_documents
from workbench.views.documents.checked import check_sums
from workbench.views.documents.shapes import Party, Proof, StatementPage
from workbench.views.documents.statement_pages import Head, statement_pages

AS_OF = dt.date(2026, 10, 31)
PROOF = Proof(AS_OF, dt.datetime(2026, 11, 3, 14, 5, tzinfo=dt.UTC), "ab" * 32, 22)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, root: Path) -> tuple[Statements, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("statements")
    url = f"sqlite:///{folder / 'book.sqlite'}"
    fill_book(url, folder, through="2026-10", parameters=root / "parameters", today=dt.date(2026, 11, 3))
    with books.open_book(url) as book:
        made = make_statements(read_facts(book), from_date=dt.date(2026, 10, 1), as_of=AS_OF)
        return made, books.read.customers(book)


@pytest.fixture(scope="module")
def pages(sample: tuple[Statements, pd.DataFrame]) -> list[StatementPage]:
    made, customers = sample
    head = Head(Party("Comercializadora Ejemplo S.A.S.", "900000001-8", country="CO"), "a4")
    return list(
        statement_pages(
            made,
            period="2026-10",
            heads={"CO01": head},
            customers=customers,
            ranges=tuple(Buckets().names),
            proof=PROOF,
        )
    )


def test_every_page_adds_up_and_has_a_number_of_its_own(
    sample: tuple[Statements, pd.DataFrame], pages: list[StatementPage]
) -> None:
    assert len(pages) == len(sample[0].summarised) >= 50
    assert len({page.statement_id for page in pages}) == len(pages)
    for page in pages:
        check_sums(page)
    assert sum(len(page.movements) for page in pages) == len(sample[0].movements)
    assert sum(len(page.open_items) for page in pages) == len(sample[0].open_list)


def test_customers_abroad_read_both_languages(pages: list[StatementPage]) -> None:
    told = {(page.customer.country, page.language, page.first_language) for page in pages}
    assert ("CO", "es", "es") in told
    assert ("US", "both", "en") in told
    assert {page.customer.tax_id_kind for page in pages if page.customer.country == "US"} == {"foreign"}


def test_a_document_goes_by_the_number_on_its_paper(pages: list[StatementPage], tmp_path: Path) -> None:
    page = next(page for page in pages if page.customer.country == "US" and len(page.movements) > 5)
    invoice = next(one for one in page.movements if one.kind == "invoice")
    assert invoice.document.startswith("EX")
    (written,) = write_documents([page], tmp_path)
    said = text_of((tmp_path / written.file).read_bytes())
    assert invoice.document in said
    assert "United States" in said
