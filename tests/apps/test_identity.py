"""Who is at a desk: what the server says, and nobody where it says nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench import book
from workbench.apps import identity


@pytest.fixture(scope="module")
def parameters(root: Path) -> Path:
    return root / "parameters"


def test_a_served_user_sees_the_clusters_of_the_organisation(parameters: Path) -> None:
    told = {identity.SERVED_VARIABLE: "1", identity.USER_VARIABLE: "sup.norte"}
    found = identity.at_the_desk(parameters, told)
    assert found.clusters == {"NORTE"}
    assert not found.sees_all


@pytest.mark.parametrize(
    "told",
    [
        {identity.SERVED_VARIABLE: "1"},
        {identity.SERVED_VARIABLE: "1", identity.USER_VARIABLE: ""},
        {identity.SERVED_VARIABLE: "1", identity.USER_VARIABLE: "nadie"},
        {identity.SERVED_VARIABLE: "1", identity.USER_VARIABLE: "SUP.NORTE"},
        {identity.USER_VARIABLE: "sup.norte"},
        {"SERVER_SOFTWARE": "voila/0.5.13"},
        {"SERVER_SOFTWARE": "voila/0.5.13", identity.USER_VARIABLE: "analista"},
    ],
)
def test_an_empty_or_unknown_user_or_another_server_sees_nothing(
    parameters: Path, tmp_path: Path, told: dict[str, str]
) -> None:
    found = identity.at_the_desk(parameters, told)
    assert found == identity.NOBODY
    assert not found.sees_all
    with book.open_book(f"sqlite:///{tmp_path / 'book.sqlite'}", create=True) as opened:
        assert book.read.customers(opened.scoped(found.clusters)).empty


def test_an_analyst_in_their_own_kernel_reads_the_book_they_hold(parameters: Path) -> None:
    assert identity.at_the_desk(parameters, {}).sees_all


def test_one_time_passwords_are_long_and_never_the_same() -> None:
    first, second = (identity.one_time_passwords(["ana", "sup"]) for _ in range(2))
    assert len({*first.values(), *second.values()}) == 4
    assert all(len(password) >= 12 for password in first.values())
    hashed = identity.hash_password(first["ana"])
    assert hashed.startswith("argon2:")
    assert first["ana"] not in hashed
    assert identity.is_password(hashed, first["ana"])
    assert not identity.is_password(hashed, second["ana"])
