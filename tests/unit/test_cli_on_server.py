"""The commands on a book on a server: what they print of its address, its roles and its refusals."""

from __future__ import annotations

import json
import os
from typing import Any

import postgres_server
import pytest

from workbench import cli

PASSWORD = "s3cret-of-nobody"


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any, str]:
    """Exit code, the JSON answered, and what was said beside it; never with the password."""
    code = cli.main([*arguments, "--json", "--lang", "en"])
    told = capsys.readouterr()
    assert PASSWORD not in told.out + told.err
    return code, json.loads(told.out or "null"), told.err


def address(login: str = "") -> str:
    """Of a new database, which belongs to that login if one is given."""
    postgres_server.server()
    if os.environ.get("WORKBENCH_TEST_POSTGRES"):
        pytest.skip("the server of others asks for passwords, and this one is made up")
    name = postgres_server.empty_database()
    if login:
        with postgres_server.admin() as connection:
            connection.execute(f'DROP ROLE IF EXISTS "{login}"')
            connection.execute(f'CREATE ROLE "{login}" LOGIN')
            connection.execute(f'ALTER DATABASE "{name}" OWNER TO "{login}"')
    return postgres_server.url_of(name, user=login or "postgres", password=PASSWORD)


def test_init_makes_the_book_and_prints_no_password(capsys: pytest.CaptureFixture[str]) -> None:
    url = address()
    code, told, _ = call(capsys, "init", "--book", url, "--as-of", "2026-10-31")
    assert (code, told["findings"], told["imported"]) == (0, [], [])
    assert told["book"] == url.replace(PASSWORD, "***")
    assert call(capsys, "init", "--book", url)[0] == 0
    code, checks, _ = call(capsys, "verify", "--book", url)
    assert code == 0
    assert {one["check"]: one["ok"] for one in checks}["triggers"] is True
    code, complaints, _ = call(capsys, "doctor", "--book", url)
    assert [one["ok"] for one in complaints if one["what"] == "book"] == [True]


def test_init_and_doctor_say_when_the_owner_has_more_rights_than_are_good(
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = address("wb_powerless")
    with postgres_server.admin() as connection:  # the server's roles may not be there yet
        for role in ("workbench_reader", "workbench_writer"):
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(f"CREATE ROLE {role}")
    code, told, _ = call(capsys, "init", "--book", url)
    assert (code, [one["rule"] for one in told["findings"]]) == (3, ["book-works-as-owner"])
    code, complaints, _ = call(capsys, "doctor", "--book", url)
    assert code == 1
    assert [one["remedy"][:35] for one in complaints if not one["ok"]] == [told["findings"][0]["remedy"][:35]]


def test_a_server_that_is_not_there_is_refused_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    url = f"postgresql://ana:{PASSWORD}@127.0.0.1:1/cartera"
    for arguments in (("init",), ("verify",), ("close", "--period", "2026-10")):
        code, _, said = call(capsys, *arguments, "--book", url)
        assert code == 2
        assert "ana:***@127.0.0.1:1/cartera" in said
