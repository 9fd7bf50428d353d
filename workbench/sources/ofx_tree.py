"""OFX as a tree of tags, whatever its version: SGML that leaves tags open (1.x) and XML (2.x) alike.

A tag with text is a leaf, whether it is closed or not; one without text that nobody closes is an empty
leaf. There is no XML parser in between, so a document type or an entity has nobody to open it: both are
refused. Source: OFX 1.6 and 2.2, chapter 2.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from ..errors import FileRefusedError

MOST_DEPTH = 64
_TAG = re.compile(r"<(/?)([A-Za-z0-9][A-Za-z0-9._:-]*)([^<>]*)>([^<]*)")
_ROOT = re.compile(r"<OFX[ >]", re.IGNORECASE)


@dataclass
class Tag:
    """One element: its name in capitals, its text, what stands inside, and its line in the file."""

    name: str
    text: str
    line: int
    inside: list[Tag] = field(default_factory=list)

    def first(self, path: str) -> Tag | None:
        """The first element at ``path`` (``PAYEE/NAME``), ``None`` where there is none."""
        found: Tag | None = self
        for name in path.split("/"):
            found = next((tag for tag in found.inside if tag.name == name), None) if found else None
        return found

    def said(self, path: str) -> str:
        """Its text with single blanks, ``""`` where there is none."""
        found = self.first(path)
        return " ".join(found.text.split()) if found else ""

    def walk(self) -> Iterator[Tag]:
        """This element and every one below, in the order of the file."""
        yield self
        for tag in self.inside:
            yield from tag.walk()


def read_tree(text: str, *, file: str) -> Tag:
    """The ``OFX`` element; what stands before it is its header and says nothing about money.

    Refused: no ``OFX`` (``ofx-none``), a document type or entity (``xml-dtd``), tags that do not close each
    other (``ofx-syntax``), a file cut off (``ofx-incomplete``), another file behind it (``ofx-glued``).
    """
    plain = _replaced(text, "<!--", "-->", lambda inside: "\n" * inside.count("\n"), file)
    plain = _replaced(plain, "<![CDATA[", "]]>", lambda inside: html.escape(inside, quote=False), file)
    start = _ROOT.search(plain)
    odd = re.search(r"<![A-Za-z\[]", plain)
    if odd:
        raise FileRefusedError("xml-dtd", file=file, member=file, line=plain.count("\n", 0, odd.start()) + 1)
    if start is None:
        raise FileRefusedError("ofx-none", file=file)
    return _Reader(plain, start.start(), file).read()


def _replaced(text: str, begin: str, end: str, by: Callable[[str], str], file: str) -> str:
    """The text with what stands between two marks replaced, in one walk however many marks there are."""
    if begin not in text:
        return text
    parts: list[str] = []
    place = 0
    while (start := text.find(begin, place)) >= 0:
        stop = text.find(end, start + len(begin))
        if stop < 0:
            raise FileRefusedError("ofx-incomplete", file=file, tag=begin)
        parts += [text[place:start], by(text[start + len(begin) : stop])]
        place = stop + len(end)
    return "".join([*parts, text[place:]])


class _Reader:
    def __init__(self, text: str, start: int, file: str) -> None:
        self.text, self.place, self.file = text, start, file
        self.line = text.count("\n", 0, start) + 1
        self.open: list[Tag] = []

    def read(self) -> Tag:
        root: Tag | None = None
        leaf = ""  # the name of a leaf that its own closing tag may still follow
        while self.place < len(self.text):
            found = _TAG.match(self.text, self.place)
            if found is None:
                self._refuse(self.text[self.place : self.place + 30])
            closes, name, rest, text = found[1], found[2].upper(), found[3], found[4]
            has_text = bool(text.strip())
            if root is not None and not self.open:
                self._refuse_more()
            if closes:
                if has_text and len(self.open) > 1:
                    self._refuse(text.strip())
                if name != leaf:
                    self._close(name)
                leaf = ""
            else:
                tag = Tag(name, html.unescape(text).strip() if has_text else "", self.line)
                if self.open:
                    self.open[-1].inside.append(tag)
                root = root or tag
                if has_text and tag is not root:
                    leaf = name
                elif not rest.endswith("/"):
                    leaf = ""
                    self.open.append(tag)
                    if len(self.open) > MOST_DEPTH:
                        raise FileRefusedError("xml-depth", file=self.file, line=self.line, limit=MOST_DEPTH)
            self.line += found[0].count("\n")
            self.place = found.end()
            if closes and not self.open and has_text:
                self._refuse_more()
        if root is None or self.open:
            raise FileRefusedError(
                "ofx-incomplete", file=self.file, tag=self.open[-1].name if self.open else ""
            )
        return root

    def _close(self, name: str) -> None:
        """Close ``name``; tags above it were empty leaves, and what seemed inside them stands beside them."""
        if all(tag.name != name for tag in self.open):
            self._refuse(f"</{name}>")
        while (tag := self.open.pop()).name != name:
            self.open[-1].inside.extend(tag.inside)
            tag.inside = []

    def _refuse(self, value: str) -> NoReturn:
        raise FileRefusedError("ofx-syntax", file=self.file, line=self.line, value=value[:40])

    def _refuse_more(self) -> NoReturn:
        raise FileRefusedError("ofx-glued", file=self.file, line=self.line)
