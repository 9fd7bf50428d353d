"""XML of a stranger, read part by part: no document type, no entities, no depth, nothing from elsewhere.

The parser (defusedxml over expat) never opens a file or a connection. A part is handed over as soon as it
is complete and then forgotten, so memory is bounded by the largest part, not by the file; what is hostile is
refused at the byte where it shows. Source: TRUST, row "Hostile files".
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Set
from functools import lru_cache
from typing import Any

from ..errors import FileRefusedError

MOST_DEPTH = 64
#: Elements that may be held at once: what one part may consist of.
MOST_ELEMENTS = 20_000
_CHUNK = 1 << 16
_BLANKS = b" \t\r\n"
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_DECLARED = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


@lru_cache(maxsize=4096)
def local_name(tag: str) -> str:
    """A tag without its namespace."""
    return tag.rpartition("}")[2]


@lru_cache(maxsize=1024)
def _names(path: str) -> tuple[str, ...]:
    return tuple(path.split("/"))


class Node:
    """One element: ``name`` without its namespace, stripped ``text``, ``children`` but for parts cut out.

    ``line`` is where it starts in the file; ``above`` are the full tags of the elements round it, outermost
    first; ``start`` and ``end`` are byte offsets (``end`` 0 but for parts).
    """

    __slots__ = ("above", "attributes", "children", "end", "held", "line", "name", "start", "tag", "text")

    def __init__(self, tag: str, attributes: dict[str, str], line: int, start: int) -> None:
        self.tag, self.attributes, self.line, self.start = tag, attributes, line, start
        self.name = local_name(tag)
        self.text, self.end = "", 0
        self.children: list[Node] = []
        self.above: tuple[str, ...] = ()
        self.held = 0  # how many elements were held when it began

    def find(self, path: str) -> Node | None:
        """The first element at ``path`` (``Tp/CdOrPrtry/Cd``), ``None`` where there is none."""
        node = self
        for name in _names(path):
            for child in node.children:
                if child.name == name:
                    node = child
                    break
            else:
                return None
        return node

    def all(self, path: str) -> list[Node]:
        """Every element at ``path``, in the order of the file."""
        nodes = [self]
        for name in _names(path):
            nodes = [child for node in nodes for child in node.children if child.name == name]
        return nodes

    def said(self, path: str) -> str:
        """The text at ``path``, ``""`` where there is none."""
        node = self.find(path)
        return node.text if node else ""


class _Builder:
    """What the parser calls: builds the parts that are asked for, and stops what goes too far."""

    def __init__(self, parts: Set[str], most_text: int, file: str) -> None:
        self.parts, self.most_text, self.file = parts, most_text, file
        self.open: list[Node] = []
        self.ready: deque[Node] = deque()
        self.pieces: list[str] = []
        self.held = self.text_held = 0
        self.expat: Any = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        expat = self.expat
        line = expat.CurrentLineNumber
        if len(self.open) >= MOST_DEPTH:
            raise FileRefusedError("xml-depth", file=self.file, line=line, limit=MOST_DEPTH)
        self.held += 1
        if self.held > MOST_ELEMENTS:
            raise FileRefusedError("xml-part-too-large", file=self.file, line=line, limit=MOST_ELEMENTS)
        if self.pieces:
            self.pieces.clear()
        self.text_held = 0
        node = Node(tag, attributes, line, expat.CurrentByteIndex)
        if node.name in self.parts:
            node.above = tuple(outer.tag for outer in self.open)
            node.held = self.held - 1
        self.open.append(node)

    def data(self, text: str) -> None:
        self.text_held += len(text)
        if self.text_held > self.most_text and self.open and (text := text.strip()):
            raise FileRefusedError(
                "field-too-long",
                file=self.file,
                row=self.expat.CurrentLineNumber,
                column=self.open[-1].name,
                limit=self.most_text,
            )
        self.pieces.append(text)

    def end(self, tag: str) -> None:
        node = self.open.pop()
        if self.pieces:
            if not node.children:
                node.text = "".join(self.pieces).strip()
            self.pieces.clear()
        self.text_held = 0
        if node.name in self.parts:
            node.end = self.expat.CurrentByteIndex
            self.ready.append(node)
            self.held = node.held
        elif self.open:
            self.open[-1].children.append(node)

    def close(self) -> None:
        """Nothing is left to be built."""


def read_parts(content: bytes, parts: Set[str], *, file: str, most_text: int) -> Iterator[Node]:
    """Every element named in ``parts``, inner ones before the outer one that they are cut out of.

    Refused (:class:`FileRefusedError`): ``type-mismatch`` no XML at all, ``xml-dtd`` a document type, entity
    or external reference, ``xml-depth``, ``xml-syntax`` (cut short too), ``encoding`` one that is not known,
    ``field-too-long`` text over ``most_text`` characters, ``xml-part-too-large``.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser

    if not _without_mark(content).lstrip(_BLANKS + b"\x00")[:1] == b"<":
        raise FileRefusedError("type-mismatch", file=file, expected="XML", reason="<")
    builder = _Builder(parts, most_text, file)
    parser = DefusedXMLParser(target=builder, forbid_dtd=True)
    builder.expat = parser.parser
    try:
        for start in range(0, len(content), _CHUNK):
            parser.feed(content[start : start + _CHUNK])
            while builder.ready:
                yield builder.ready.popleft()
        parser.close()
    except DefusedXmlException:
        line = builder.expat.CurrentLineNumber
        raise FileRefusedError("xml-dtd", file=file, member=file, line=line) from None
    except ParseError as error:
        line, column = error.position
        raise FileRefusedError("xml-syntax", file=file, line=line, column=column, reason=str(error)) from None
    except (LookupError, ValueError):
        raise FileRefusedError("encoding", file=file, encodings=encoding_of(content)) from None
    yield from builder.ready


def raw_text(content: bytes, node: Node) -> str:
    """A part as it stood in the file, from its first to its last bracket."""
    end = content.find(b">", node.end) + 1
    encoding = encoding_of(content)
    if encoding.startswith("utf-16"):
        end += end % 2
    return content[node.start : end].decode(encoding, errors="replace")


def encoding_of(content: bytes) -> str:
    """By the file's mark, else by what it declares, else UTF-8, as XML has it."""
    if content[:2] in _MARKS or content[:4] in (b"<\x00?\x00", b"\x00<\x00?"):
        return "utf-16-be" if content[:2] == b"\xfe\xff" or content[:1] == b"\x00" else "utf-16-le"
    declared = _DECLARED.match(_without_mark(content)[:200])
    return declared[1].decode("ascii").lower() if declared else "utf-8"


def _without_mark(content: bytes) -> bytes:
    head = content[:400]
    for mark in _MARKS:
        head = head.removeprefix(mark)
    return head
