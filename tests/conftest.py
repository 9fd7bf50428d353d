"""What every test may use: the repository, the shared real inputs, and a Spanish default."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import postgres_server
import pytest

from workbench import words

#: Modules whose tests run on both databases at the desk.
QUICK_ON_SERVER = ("test_book_cash.py", "test_book_walls.py", "test_book_rights.py")
#: A worker may have a PostgreSQL, a browser and a close of its own.
MOST_WORKERS = 4
#: Examples of a property at the desk. The long tests try each property again, with all of them.
QUICK_EXAMPLES = 6
ROOT = Path(__file__).resolve().parent.parent


def pytest_configure(config: pytest.Config) -> None:
    """Before any test is read, since it asks then: what a person sets, stands."""
    if config.option.markexpr == "not slow":
        os.environ.setdefault("WORKBENCH_EXAMPLES", str(QUICK_EXAMPLES))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """A process a core for a whole suite; named files and tests run in this one, ready at once.

    ``-n 0`` and ``-n 4`` say otherwise, ``PYTEST_XDIST_AUTO_NUM_WORKERS`` for a whole machine.
    """
    told = os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS", "")
    is_whole = config.args_source is not pytest.Config.ArgsSource.ARGS
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return (int(told) if told else min(cores, MOST_WORKERS)) if is_whole else 0


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real inputs kept outside the repository: ``WORKBENCH_SHARED`` or ``../shared``; skips when absent."""
    folder = Path(os.environ.get("WORKBENCH_SHARED") or ROOT.parent / "shared")
    if not (folder / "data").is_dir():
        pytest.skip("the shared real inputs are not here (WORKBENCH_SHARED or ../shared)")
    return folder


@pytest.fixture(scope="session", params=postgres_server.DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn, for ``book_world.new_book``: what holds on one holds on the other."""
    if request.param == "postgresql":
        postgres_server.server()  # or a skip, with a clear word
    return str(request.param)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL the walls, cash and rights are tried at the desk; all the rest with the long tests.

    Properties run with both: with a few examples at the desk, with all of them among the long tests.
    """
    for item in items:
        chosen = getattr(item, "callspec", None)
        is_property = item.path.parent.name == "properties" or getattr(
            getattr(item, "obj", None), "is_hypothesis_test", False
        )
        if is_property and config.option.markexpr == "slow":
            item.add_marker(pytest.mark.slow)
        if chosen and chosen.params.get("database") == "postgresql" and item.path.name not in QUICK_ON_SERVER:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def _language_given_back(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command that speaks English in one test leaves the next one its Spanish."""
    monkeypatch.setenv("WORKBENCH_LANG", os.environ.get("WORKBENCH_LANG") or "es")
    before = words._chosen.get()
    yield
    words._chosen.set(before)


@pytest.fixture(autouse=True)
def _databases_given_back() -> Iterator[None]:
    """What a test took from the server is free again after it, and its connections are closed."""
    count = postgres_server.taken()
    yield
    if "book_world" in sys.modules:
        sys.modules["book_world"].close_books()
    postgres_server.give_back(count)
