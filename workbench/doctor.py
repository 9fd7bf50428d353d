"""What is missing or too old here, with the way out; the floors are the package's own metadata."""

from __future__ import annotations

import platform
import sys
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from . import words
from .errors import MissingBookError

DISTRIBUTION = "workbench-cartera"


@dataclass(frozen=True)
class Complaint:
    """One thing looked at: ``ok`` or not, and the remedy in the reader's language."""

    what: str
    found: str
    needed: str
    ok: bool
    remedy: str = ""

    def to_json(self) -> dict[str, object]:
        """As the command prints it."""
        return asdict(self)


def examine(parameters: Path, book_url: str) -> list[Complaint]:
    """Python, every required library against its floor, the folders here, the book's rights."""
    return [_python(), *_libraries(), *_folders(parameters), *_book(book_url)]


def _python() -> Complaint:
    ok = sys.version_info >= (3, 11)
    return Complaint(
        "Python", platform.python_version(), ">=3.11", ok, "" if ok else words.say("cli.doctor_python")
    )


def _libraries() -> list[Complaint]:
    from packaging.requirements import Requirement

    complaints = []
    for text in metadata.requires(DISTRIBUTION) or []:
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            found = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            found = ""
        ok = bool(found) and requirement.specifier.contains(found, prereleases=True)
        remedy = "" if ok else words.say("cli.doctor_library", requirement=text)
        complaints.append(Complaint(requirement.name, found or "–", str(requirement.specifier), ok, remedy))
    return complaints


def _folders(parameters: Path) -> list[Complaint]:
    complaints = []
    for folder in (parameters, Path("notebooks")):
        ok = folder.is_dir()
        found = words.say("cli.doctor_there" if ok else "cli.doctor_absent")
        remedy = "" if ok else words.say("cli.doctor_folder", folder=folder)
        complaints.append(Complaint(f"{folder}/", found, words.say("cli.doctor_there"), ok, remedy))
    return complaints


def _book(url: str) -> list[Complaint]:
    """Whether it opens, and with no more rights than needed; nothing where there is no book."""
    from . import book

    needed = words.say("cli.doctor_there")
    try:
        with book.open_book(url) as opened:
            worries = opened.worries()
    except MissingBookError as error:
        if error.cause == MissingBookError.rule:
            return []
        return [Complaint("book", str(error), needed, False, words.remedy(error.cause, error.values))]
    values: dict[str, object] = {"book": book.shown_url(url)}
    rule = next(iter(worries), "")
    found = words.sentence(rule, values) if rule else str(values["book"])
    return [Complaint("book", found, needed, not rule, words.remedy(rule, values) if rule else "")]
