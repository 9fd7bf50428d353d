"""The desks' server on its own: who gets in, what a kernel is told, what ends, what is refused."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from served import Served
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect
from visits import Visitor

from workbench.apps import identity
from workbench.errors import ParameterRefusedError

PAGE = "/voila/render/aging_explorer.ipynb"
PASSWORDS = {"ana": "llave-de-ana", "sup": "llave-de-sup"}
#: Tells what the kernel was told, and then fails, so that a trace would show.
TELLS = """\
import json, os
from IPython.display import HTML, display
told = {name: value for name, value in os.environ.items() if "WORKBENCH" in name}
display(HTML("told:" + json.dumps(told).replace('"', "'") + ":told"))
raise ValueError("secreto-de-la-traza")
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "execution_count": None}
    kernel = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    for name, code in (("aging_explorer", TELLS), ("close_board", "1 + 1")):
        notebook = {
            "cells": [{**cell, "source": code}],
            "metadata": kernel,
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        (notebooks / f"{name}.ipynb").write_text(json.dumps(notebook))
    # A configuration in the folder of work that would open the doors, had anybody read it.
    (folder / "voila.json").write_text(json.dumps({"VoilaConfiguration": {"show_tracebacks": True}}))
    hashes = {user: identity.hash_password(password) for user, password in PASSWORDS.items()}
    limits = {"pages": 3, "pages_of_one_user": 2, "idle_seconds": 6}
    running = Served(folder=folder, notebooks_dir=str(notebooks), users=hashes, limits=limits, cwd=folder)
    yield running
    running.stop()


@pytest.fixture
def ana(served: Served) -> Iterator[Visitor]:
    visitor = _signed_in(served, "ana")
    yield visitor
    visitor.ask("/logout", method="POST", form={"_xsrf": visitor.token()})


def _signed_in(served: Served, user: str) -> Visitor:
    visitor = Visitor(served.url)
    assert visitor.sign_in(user, PASSWORDS[user]).status == 200
    return visitor


def _kernel_of(page: str) -> str:
    found = re.search(r'"kernelId": "([0-9a-f-]{36})"', page)
    assert found, page[-2000:]
    return found[1]


def _told(page: str) -> dict[str, str]:
    found = re.search(r"told:(\{.*?\}):told", page)
    assert found, page[-2000:]
    told: dict[str, str] = json.loads(found[1].replace("\\u0027", '"').replace("'", '"'))
    return told


@pytest.mark.parametrize(
    "path",
    [
        "/",
        PAGE,
        "/voila/render/../render/close_board.ipynb",
        "/voila/static/voila.js",
        "/voila/templates/workbench/static/voila-style.js",
        "/voila/labextensions/anywidget/package.json",
        "/voila/api/themes/@jupyterlab/theme-light-extension/index.css",
        "/voila/api/contents/",
        "/voila/files/aging_explorer.ipynb",
        "/voila/tree",
        "/api/kernels",
        "/api/kernels/00000000-0000-0000-0000-000000000000",
        "/api/contents",
        "/static/logo/logo.png",
        "/nada",
    ],
)
def test_without_a_session_every_address_leads_to_the_sign_in_page(served: Served, path: str) -> None:
    answer = Visitor(served.url).ask(path, follow=False)
    assert answer.status in (302, 403)
    assert "Explorador" not in answer.text


def test_a_wrong_password_and_an_unknown_user_get_the_same_words(served: Served) -> None:
    wrong = Visitor(served.url).sign_in("ana", "no")
    unknown = Visitor(served.url).sign_in("nadie", "no")
    assert (wrong.status, unknown.status) == (401, 401)
    assert "no coinciden" in wrong.text
    assert re.sub(r'value="[^"]*"', "", wrong.text) == re.sub(r'value="[^"]*"', "", unknown.text)


def test_the_kernel_is_told_who_signed_in_whatever_the_browser_claims(served: Served, ana: Visitor) -> None:
    page = ana.ask(PAGE + "?user=sup&X-Workbench-User=sup", X_Workbench_User="sup", x_workbench_lang="xx")
    told = _told(page.text)
    assert told["HTTP_X_WORKBENCH_USER"] == "ana"
    assert told["WORKBENCH_SERVED"] == "1"
    assert told["WORKBENCH_LANG"] == "es"
    assert told["WORKBENCH_BOOK"].endswith("book.sqlite")


@pytest.mark.slow
def test_a_failing_cell_shows_our_words_and_no_trace(served: Served, ana: Visitor) -> None:
    page = ana.ask(PAGE)
    assert "secreto-de-la-traza" not in page.text
    assert "ValueError" not in page.text
    assert "No se pudo armar esta parte" in page.text


@pytest.mark.slow
def test_a_visitor_cannot_choose_another_template(served: Served, ana: Visitor) -> None:
    page = ana.ask("/voila/render/close_board.ipynb?template=lab&theme=NoSuchTheme")
    assert "wb-top" in page.text
    assert "fontawesome" not in page.text
    assert "NoSuchTheme" not in page.text


def test_only_the_desks_are_served_to_those_signed_in(served: Served, ana: Visitor) -> None:
    for path in (
        "/voila/render/otro.ipynb",
        "/voila/files/aging_explorer.ipynb",
        "/voila/api/contents/",
        "/nada",
    ):
        answer = ana.ask(path)
        assert answer.status == 404
        assert "Esta página no existe" in answer.text


def test_another_user_reaches_a_kernel_by_no_door(served: Served, ana: Visitor) -> None:
    kernel = _kernel_of(ana.ask("/voila/render/close_board.ipynb").text)
    assert ana.ask(f"/api/kernels/{kernel}").status == 200
    sup = _signed_in(served, "sup")
    token = sup.token()
    assert sup.ask(f"/api/kernels/{kernel}").status == 403
    assert sup.ask(f"/api/kernels/{kernel}", method="DELETE", X_XSRFToken=token).status == 403
    ours = served.url.rstrip("/")
    assert sup.ask(f"/voila/api/shutdown/{kernel}", method="POST", form={}, Origin=ours).status == 403
    socket = f"{ours.replace('http', 'ws')}/api/kernels/{kernel}/channels"
    assert _connect(socket, sup.cookie_header(), ours) == 403
    assert _connect(socket, "", ours) == 403
    assert _connect(socket, ana.cookie_header(), ours) == 101
    assert ana.ask(f"/api/kernels/{kernel}").status == 200


def _connect(address: str, cookie: str, origin: str) -> int:
    async def attempt() -> int:
        try:
            connection = await websocket_connect(
                HTTPRequest(address, headers={"Cookie": cookie, "Origin": origin})
            )
        except HTTPClientError as refusal:
            return refusal.code
        connection.close()
        return 101

    # In a thread of its own: the browser's tests keep a loop running in this one.
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(lambda: asyncio.run(attempt())).result(timeout=60)


@pytest.mark.slow
def test_a_closing_page_ends_its_kernel_and_a_page_elsewhere_cannot(served: Served, ana: Visitor) -> None:
    kernel = _kernel_of(ana.ask("/voila/render/close_board.ipynb").text)
    end = f"/voila/api/shutdown/{kernel}"
    assert ana.ask(end, method="POST", form={}, Origin="https://elsewhere.example").status == 403
    assert ana.ask(end, method="POST", form={}).status == 403
    assert ana.ask(f"/api/kernels/{kernel}").status == 200
    assert ana.ask(end, method="POST", form={}, Origin=served.url.rstrip("/")).status == 204
    assert ana.ask(f"/api/kernels/{kernel}").status in (403, 404)


@pytest.mark.slow
def test_a_full_house_is_a_friendly_page_and_no_further_kernel(served: Served, ana: Visitor) -> None:
    opened = [ana.ask("/voila/render/close_board.ipynb") for _ in range(2)]
    assert all(_kernel_of(page.text) for page in opened)
    full = ana.ask("/voila/render/close_board.ipynb")
    assert full.status == 503
    assert "Tiene demasiadas páginas abiertas" in full.text
    assert len(served.kernels()) == 2


@pytest.mark.slow
def test_signing_out_ends_the_session_and_its_pages(served: Served) -> None:
    sup = _signed_in(served, "sup")
    _kernel_of(sup.ask("/voila/render/close_board.ipynb").text)
    stolen = sup.cookie_header()
    sup.ask("/logout", method="POST", form={"_xsrf": sup.token()})
    assert served.kernels() == []
    assert Visitor(served.url).ask("/", follow=False, Cookie=stolen).status == 302


@pytest.mark.slow
def test_a_kernel_whose_browser_vanished_is_culled(served: Served, ana: Visitor) -> None:
    kernel = _kernel_of(ana.ask("/voila/render/close_board.ipynb").text)
    assert served.kernels()
    end = time.monotonic() + 60
    while served.kernels() and time.monotonic() < end:
        time.sleep(0.5)
    assert served.kernels() == []
    assert ana.ask(f"/api/kernels/{kernel}").status in (403, 404)


def test_a_name_rebound_to_loopback_is_refused(served: Served) -> None:
    assert Visitor(served.url).ask("/login", Host="evil.example").status == 403


def test_every_page_forbids_whatever_is_not_ours(served: Served) -> None:
    import urllib.request

    with urllib.request.urlopen(served.url + "login") as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "http:" not in policy
    assert "https:" not in policy


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.10"])
def test_an_address_beyond_this_machine_is_refused(address: str) -> None:
    from workbench.apps import server  # here: it takes seconds, and every worker reads this file

    with pytest.raises(ParameterRefusedError, match=re.escape(address)):
        server.refuse_beyond_loopback(address)


def test_a_prelaunch_hook_is_refused() -> None:
    from workbench.apps import server
    from workbench.errors import RefusedError

    app = server.AppsServer()
    app.voila_configuration = server.VoilaConfiguration(prelaunch_hook=print)
    with pytest.raises(RefusedError, match="prelaunch"):
        app.init_settings()


@pytest.mark.slow
def test_ending_the_server_ends_its_kernels(tmp_path: Path) -> None:
    running = Served(folder=tmp_path, users={"ana": identity.hash_password("x")})
    visitor = Visitor(running.url)
    visitor.sign_in("ana", "x")
    visitor.ask("/voila/render/close_board.ipynb")
    kernels = running.kernels()
    assert kernels
    assert running.stop() == 0
    assert not any(Path(f"/proc/{kernel}").exists() for kernel in kernels)


@pytest.mark.slow
def test_a_taken_port_is_refused_by_name(served: Served, tmp_path: Path) -> None:
    port = int(served.url.rstrip("/").rsplit(":", 1)[1])
    with pytest.raises(AssertionError, match=f"{port}"):
        Served(folder=tmp_path, port=port, users={"ana": identity.hash_password("x")})
