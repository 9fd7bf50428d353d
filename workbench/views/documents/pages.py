"""A page of plain data becomes a PDF: the same data, the same bytes, on every machine.

Typst sets it from the templates beside this module, with the fonts that Typst brings (the machine's own are
never looked at), as PDF/A-3: what it says lies inside as ``content.json``, whose SHA-256 is in the footer.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from .act import act_data
from .checked import check_sums
from .content import REPLACEMENT, content_bytes
from .shapes import ActPage, Page, StatementPage
from .statement import statement_data

if TYPE_CHECKING:
    import typst

#: Stands before ``inputs_sha256`` among the PDF's keywords, where anybody finds it without unpacking.
MARK = "inputs-sha256:"
#: Points, as Typst's papers are.
_HEIGHTS = {"letter": 792.0, "a4": 841.8897637795276}
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_MISSING = re.compile(r"the text `\"(.+?)\"` could not be displayed")


@dataclass(frozen=True)
class Made:
    """A document: its bytes, the hash of what it says (the one in its footer), and of the file.

    ``missing``: letters that no font has, once each; they print as ``�``, while ``content.json`` has them.
    """

    pdf: bytes
    content_sha256: str
    file_sha256: str
    missing: str = ""


@dataclass(frozen=True)
class SignatureBox:
    """Room for a visible signature, in PDF points from the page's lower left corner; ``page`` from 0."""

    key: str  # side and place: ``us-0``, ``them-1``
    page: int
    left: float
    bottom: float
    right: float
    top: float


def make_pdf(page: Page, *, fonts: str = "") -> Made:
    """The PDF of a statement or an act; ``fonts``: a folder of further fonts for names in other scripts.

    Sums that do not hold raise ``TieOutError``, an amount with too many decimals ``ParameterRefusedError``.
    """
    return make_project(project_of(page), fonts=fonts)


@dataclass(frozen=True)
class Project:
    """A page ready to be set: the files Typst takes, all in memory.

    ``inputs_sha256`` covers all of them and Typst's version: a PDF that carries it need not be made again.
    """

    files: dict[str, bytes]
    at: dt.datetime
    content_sha256: str
    inputs_sha256: str


def project_of(page: Page) -> Project:
    """The page's texts, checked and laid out for its template."""
    files, content_sha256 = _files(page)
    inputs = hashlib.sha256(version("typst").encode())
    for name in sorted(files):
        inputs.update(hashlib.sha256(files[name]).digest())
    mark = f"{MARK}{inputs.hexdigest()}"
    files["mark.json"] = json.dumps([mark]).encode()
    return Project(files, _instant(page), content_sha256, inputs.hexdigest())


def make_project(project: Project, *, fonts: str = "") -> Made:
    """The PDF of a page that was made ready."""
    pdf, _, missing = _without_missing(project.files, lambda files: compile_project(files, fonts, project.at))
    return Made(pdf, project.content_sha256, hashlib.sha256(pdf).hexdigest(), missing)


def signature_boxes(page: ActPage, *, fonts: str = "") -> list[SignatureBox]:
    """Where the act's signature blocks leave room, for ``signing.sign_pdf`` to put a visible field."""
    import typst

    files = project_of(page).files
    _, files, _ = _without_missing(files, lambda files: compile_project(files, fonts, _instant(page)))
    asked: Any = files
    found = json.loads(
        typst.query(
            asked, "<signature-box>", field="value", font_paths=_fonts(fonts), ignore_system_fonts=True
        )
    )
    height = _HEIGHTS[page.paper]
    return [
        SignatureBox(
            one["key"],
            one["page"] - 1,
            one["x"],
            height - one["y"] - one["height"],
            one["x"] + one["width"],
            height - one["y"],
        )
        for one in found
    ]


def typeset(template: str, data: dict[str, object], at: dt.datetime) -> bytes:
    """The PDF of a template that needs nothing but data: the seal of a visible signature."""
    files = {"main.typ": _template(template), "data.json": json.dumps(data, ensure_ascii=False).encode()}
    return _without_missing(files, lambda files: compile_project(files, "", at))[0]


def _files(page: Page) -> tuple[dict[str, bytes], str]:
    """Typst's project, in memory: the template, its parts, the data and what is attached."""
    check_sums(page)
    content = content_bytes(page)
    sha256 = hashlib.sha256(content).hexdigest()
    if isinstance(page, StatementPage):
        template, data = "statement.typ", statement_data(page, sha256)
    else:
        template, data = "act.typ", act_data(page, sha256)
    return {
        "main.typ": _template(template),
        "house.typ": _template("house.typ"),
        "data.json": json.dumps(data, ensure_ascii=False).encode(),
        "content.json": content,
    }, sha256


def _without_missing(
    files: dict[str, bytes], compile_pdf: Callable[[dict[str, bytes]], bytes]
) -> tuple[bytes, dict[str, bytes], str]:
    """The PDF, the files it is of, and the letters that had to be replaced because no font has them.

    PDF/A forbids letters without a shape, so Typst names them instead of printing empty boxes.
    """
    import typst

    missing: dict[str, None] = {}
    while True:
        try:
            return compile_pdf(files), files, "".join(missing)
        except typst.TypstError as error:
            letters = [
                one for text in _MISSING.findall(error.diagnostic) for one in _to_replace(text, missing)
            ]
            if not letters:
                raise
        missing.update(dict.fromkeys(letters))
        without = str.maketrans(dict.fromkeys(missing, REPLACEMENT))
        said = files["data.json"].decode().translate(without)
        files = {**files, "data.json": said.encode()}


def _to_replace(text: str, known: Collection[str]) -> list[str]:
    """Of letters that Typst names, some written ``\\u{591}``, those that no font has: marks before others.

    A digit under a strange accent is named beside it and stays as it is, here and in every amount.
    """
    letters = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    new = [one for one in letters if one not in known and not (one.isascii() and one.isprintable())]
    return [one for one in new if unicodedata.category(one).startswith("M")] or new


def compile_project(files: dict[str, bytes], fonts: str, at: dt.datetime) -> bytes:
    """Typst's compile alone: the files of a project to a PDF, with our fonts and settings."""
    import typst

    project: Any = files  # Typst takes a folder in memory; its types name only paths and bytes
    made = typst.compile(
        project,
        font_paths=_fonts(fonts),
        ignore_system_fonts=True,
        pdf_standards=["a-3b"],
        # Tags double the size and half again the time; a statement is a table that reads in its order.
        pdf_tags=False,
        timestamp=at,
    )
    return bytes(made)


def _instant(page: Page) -> dt.datetime:
    """The instant a document says it was made: what was known then, never the clock."""
    proof = page.proof
    if proof.known_at is not None:
        return proof.known_at.astimezone(dt.UTC).replace(microsecond=0)
    return dt.datetime.combine(proof.as_of, dt.time(), tzinfo=dt.UTC)


@lru_cache(maxsize=4)
def _fonts(folder: str) -> typst.Fonts:
    """The fonts Typst brings and those of the folder; the machine's own would differ from one to another."""
    import typst

    paths: Any = [folder] if folder else []
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=paths)


@lru_cache
def _template(name: str) -> bytes:
    return (resources.files(__package__) / "templates" / name).read_bytes()
