"""XML of a stranger: refused where its harm shows, with bounded memory and never a connection."""

from __future__ import annotations

import socket
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import FileRefusedError
from workbench.sources import Mapping, load_mapping, read_content
from workbench.sources.safe_xml import MOST_DEPTH, MOST_ELEMENTS, read_parts

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


@pytest.fixture(scope="module")
def camt053(root: Path) -> Mapping:
    return load_mapping(root / "parameters", "camt053")


def refusal(content: bytes, mapping: Mapping) -> str:
    with pytest.raises(FileRefusedError) as caught:
        read_content(content, mapping, file="given.xml")
    return caught.value.cause


def test_parts_come_as_they_end_without_those_cut_out_of_them() -> None:
    content = b"<a><b x='1'><c>one</c></b><b><c> two </c><d/></b></a>"
    parts = list(read_parts(content, {"c", "b"}, file="x", most_text=10))
    assert [(part.name, part.text, len(part.children)) for part in parts] == [
        ("c", "one", 0),
        ("b", "", 0),
        ("c", "two", 0),
        ("b", "", 1),
    ]
    assert parts[1].attributes == {"x": "1"}
    assert parts[2].above == ("a", "b")


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b'<?xml version="1.0"?><!DOCTYPE d><d/>', "xml-dtd"),
        (b'<!DOCTYPE d [<!ENTITY a "b"><!ENTITY c "&a;&a;&a;&a;">]><d>&c;</d>', "xml-dtd"),
        (b'<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd"><d/>', "xml-dtd"),
        (b'<!DOCTYPE d [<!ENTITY % x SYSTEM "file:///etc/hostname"> %x;]><d/>', "xml-dtd"),
        ('<!DOCTYPE d [<!ENTITY a "b">]><d>&a;</d>'.encode("utf-16"), "xml-dtd"),
        (b"<d>&undeclared;</d>", "xml-syntax"),
        (b"<d>&#1;</d>", "xml-syntax"),
        (b"<d>\x00</d>", "xml-syntax"),
        (b"<d><e></d>", "xml-syntax"),
        (b"<d/><d/>", "xml-syntax"),
        (b'\n<?xml version="1.0"?><d/>', "xml-syntax"),
        ("<d>ñ</d>".encode("latin-1"), "xml-syntax"),
        (b'<?xml version="1.0" encoding="klingon"?><d/>', "encoding"),
        (b'<?xml version="1.0" encoding="shift_jis"?><d>\x82\xa0</d>', "encoding"),
        (b"PK\x03\x04 not xml", "type-mismatch"),
        (b"%PDF-1.7", "type-mismatch"),
        (b"<d/>", "type-mismatch"),
        (b"<a>" * (MOST_DEPTH + 1), "xml-depth"),
        (b"<a>" * 1_000_000, "xml-depth"),
        (b"<a><b>" + b"x" * 100_000 + b"</b></a>", "field-too-long"),
        (b"<a>" + b"<b/>" * (MOST_ELEMENTS + 1) + b"</a>", "xml-part-too-large"),
    ],
)
def test_what_is_hostile_or_broken_is_refused_by_its_rule(
    camt053: Mapping, content: bytes, rule: str
) -> None:
    assert refusal(content, camt053) == rule


def test_as_deep_as_allowed_is_no_harm(camt053: Mapping) -> None:
    content = b"<a>" * MOST_DEPTH + b"</a>" * MOST_DEPTH
    assert refusal(content, camt053) == "type-mismatch"  # well-formed, and no statement


def test_no_connection_is_ever_opened(camt053: Mapping, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    content = (
        f'<Document xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="http://127.0.0.1:9/a http://127.0.0.1:9/a.xsd">'
        '<?xml-stylesheet href="http://127.0.0.1:9/s.xsl"?><xi:include '
        'xmlns:xi="http://www.w3.org/2001/XInclude" href="http://127.0.0.1:9/i"/></Document>'
    )
    assert refusal(content.encode(), camt053) == "type-mismatch"


@pytest.mark.parametrize(
    "bomb", [b"<a>" * 7_000_000, b"<a>" + b"<b/>" * 5_000_000, b"<a>" + b"x" * 20_000_000]
)
def test_a_bomb_is_refused_before_it_fills_the_memory(camt053: Mapping, bomb: bytes) -> None:
    tracemalloc.start()
    try:
        refusal(bomb, camt053)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 20_000_000
