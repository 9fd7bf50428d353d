"""Colombian holidays: the ``holidays`` package, and a file over it for what the package does not know yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from ..calendar import parse_date
from ..errors import ParameterRefusedError, PolicyError
from .strict_yaml import read_yaml
from .yaml_shapes import Shape


def colombian_holidays(years: Iterable[int], directory: Path | None = None) -> set[dt.date]:
    """The public holidays of these years (Ley Emiliani moved), less and plus ``holidays.yaml`` if there.

    The file of a parameters directory has the lists ``add`` and ``remove`` of ISO days.
    """
    import holidays

    wanted = set(years)
    found = set(holidays.country_holidays("CO", years=sorted(wanted))) if wanted else set()
    path = Path(directory) / "holidays.yaml" if directory is not None else None
    if path is not None and path.is_file():
        top = Shape.of(read_yaml(path), file=path.name, error=PolicyError)
        found -= _days(top, "remove")
        found |= {day for day in _days(top, "add") if day.year in wanted}
        top.nothing_else()
    return found


def _days(top: Shape, name: str) -> set[dt.date]:
    days = set()
    for text in top.texts_of(name):
        try:
            days.add(parse_date(text))
        except ParameterRefusedError:
            top.wrong(name, text)
    return days
