"""The tests' own PostgreSQL hands out empty books only, whatever forked children did with theirs."""

from __future__ import annotations

import os

import postgres_server
import pytest
from book_world import Clock, import_receipts
from faults.forked import END, Tell, fork

from workbench import book as books


def freed() -> str:
    """A database that was taken, given back, and is the next to be handed out."""
    url, taken = postgres_server.take_empty_book(), postgres_server.taken()
    postgres_server.give_back(taken - 1)
    return postgres_server.database_of(url)


@pytest.mark.skipif(os.name == "nt", reason="children are forked")
def test_a_book_that_a_child_filled_is_not_handed_to_another_test() -> None:
    postgres_server.server()
    free = freed()

    def work(tell: Tell) -> None:
        url = postgres_server.take_empty_book()
        with books.open_book(url, clock=Clock()) as book:
            import_receipts(book, {"receipt_id": "left behind"})
        tell(postgres_server.database_of(url))

    child = fork(work)
    own, end = child.words()
    assert (end, child.wait()) == (END, 0)
    assert own != free, "it took what its parent holds to be empty"
    with postgres_server.admin() as server:
        left = server.execute("SELECT datname FROM pg_database WHERE datname = %s", [own]).fetchall()
    assert left == [], "what a child made is dropped with it"
    with books.open_book(postgres_server.take_empty_book()) as book:
        assert books.read.receipts(book).empty


def test_a_book_with_something_in_it_is_never_handed_out_as_empty() -> None:
    postgres_server.server()
    with books.open_book(postgres_server.url_of(freed()), clock=Clock()) as book:
        import_receipts(book, {"receipt_id": "left behind"})
    with pytest.raises(AssertionError, match="handed out as an empty book"):
        postgres_server.take_empty_book()
