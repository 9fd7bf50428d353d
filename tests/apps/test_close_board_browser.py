"""The close board in a real browser: tasks, who blocks whom, and what ties."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from desk_world import Reader

pytestmark = pytest.mark.slow


def test_the_analyst_sees_what_blocks_and_what_does_not_tie(reader: Callable[..., Reader]) -> None:
    analyst = reader("analista")
    analyst.open("close_board")
    page = analyst.page
    text = page.inner_text("main")
    assert "octubre de 2026" in text
    assert "7.654.321,00" in text
    assert "no cuadra" in text
    page.get_by_label("Buscar").fill("bancaria")
    page.locator(".wb-shell table.dataTable tbody tr td").first.click()
    page.wait_for_selector(".wb-side .wb-facts")
    assert analyst.elsewhere() == []
    assert analyst.complaints == []


def test_a_supervisor_of_one_cluster_sees_whether_it_ties_and_no_amount(
    reader: Callable[..., Reader],
) -> None:
    sup = reader("sup.norte")
    sup.open("close_board", "?lang=en")
    text = sup.page.inner_text("main")
    assert "October 2026" in text
    assert "7,654,321" not in sup.page.content()
    assert "7654321" not in sup.page.content()
    assert "some clusters only" in text
    assert sup.elsewhere() == []
