"""What every desk begins with: who looks, the book in their scope, and a refusal said in place."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from .. import calendar, words
from ..errors import WorkbenchError
from . import identity

if TYPE_CHECKING:
    from ..book import Book
    from ..sources.organisation import Organisation


@dataclass(frozen=True)
class Desk:
    """A desk that is open: ``book`` shows what ``person`` may see and takes no writing from a page."""

    book: Book
    person: identity.Person
    organisation: Organisation
    parameters: Path
    out: Path
    lang: words.Language
    dark: bool

    @property
    def sees_every_cluster(self) -> bool:
        """Whether totals of the whole company tell this person nothing that is not theirs to know."""
        return self.person.sees_all or self.person.clusters >= frozenset(self.organisation.clusters)

    @property
    def scope(self) -> str:
        """The clusters in words."""
        if self.sees_every_cluster:
            return words.say("apps.scope_all", self.lang)
        if not self.person.clusters:
            return words.say("apps.scope_none", self.lang)
        names = [self.organisation.clusters[name].name for name in sorted(self.person.clusters)]
        return words.say("apps.scope", self.lang, clusters=", ".join(names))


def open_desk(build: Callable[[Desk], Any]) -> Any:
    """The desk's widget; what stops it is said in the reader's words, in its place."""
    lang = words.language()
    try:
        return build(_desk(lang))
    except WorkbenchError as error:
        return notice(words.explain(error.cause, error.values, lang), "wrong")


def _desk(lang: words.Language) -> Desk:
    from .. import book
    from ..runs.surroundings import Surroundings
    from ..sources.organisation import load_organisation

    around = Surroundings.of_environment()
    person = identity.at_the_desk(around.parameters_dir)
    opened = book.open_book(around.book_url)
    return Desk(
        book=opened if person.sees_all else opened.scoped(person.clusters),
        person=person,
        organisation=load_organisation(around.parameters_dir),
        parameters=around.parameters_dir,
        out=around.out,
        lang=lang,
        dark=os.environ.get("WORKBENCH_THEME") == "dark",
    )


def notice(text: str, tone: str = "note") -> Any:
    """A message as a widget."""
    from ipywidgets import HTML

    return HTML(f'<p class="wb-notice wb-{tone}" role="status">{escape(text)}</p>')


def instant_text(instant: dt.datetime, lang: words.Language) -> str:
    """A moment on the wall clock of Bogotá: ``03/11/2026 09:05``."""
    local = instant.astimezone(ZoneInfo(calendar.BOGOTA))
    return f"{words.formats.date_text(local.date(), lang)} {local:%H:%M}"


def today() -> dt.date:
    """The local day in Bogotá."""
    return dt.datetime.now(ZoneInfo(calendar.BOGOTA)).date()
