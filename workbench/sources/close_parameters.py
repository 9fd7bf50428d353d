"""The parameters of a close as a file: judged before anything runs, and refused for the first thing wrong.

The file is strict YAML: ``period`` (quoted YYYY-MM), ``as_of`` (a day of the period), ``clusters`` (known
names), ``currency``, ``tolerance`` (quoted decimal, not negative), ``output_name`` (letters, digits, ``-``
and ``_``), and where wanted ``comment``. Source: ``badfiles/SPEC.md``, ``close_params``.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

from ..calendar import Period
from ..errors import FileRefusedError, ParameterRefusedError
from ..ids import can_name_a_file
from ..money import check_currency
from .organisation import Organisation
from .strict_yaml import Unquoted, Value, lines_of_keys, read_yaml, read_yaml_text

REQUIRED = ("period", "as_of", "clusters", "currency", "tolerance", "output_name")
OPTIONAL = ("comment",)
_PERIOD = re.compile(r"([0-9]{4})-([0-9]{2})", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_DECIMAL = re.compile(r"(-?)([0-9]{1,18})(\.[0-9]{1,6})?", re.ASCII)


@dataclass(frozen=True)
class CloseParameters:
    """What a close is asked for; ``tolerance`` in major units of ``currency``."""

    period: Period
    as_of: dt.date
    clusters: tuple[str, ...]
    currency: str
    tolerance: Decimal
    output_name: str
    comment: str = ""


def read_close_parameters(path: Path, organisation: Organisation) -> CloseParameters:
    """The file, checked against the organisation's clusters, currencies and what is closed.

    Rules: those of strict YAML, ``type``, ``missing-key``, ``unknown-key``, ``range``, ``cluster``,
    ``currency``, ``output-name``, ``period-closed``.
    """
    judge = _Judge(path.name, read_yaml(path), lines_of_keys(read_yaml_text(path)))
    period = judge.period()
    last = period.last_day
    if organisation.closed_through is not None and last <= organisation.closed_through:
        judge.refuse("period-closed", "period", closed_through=organisation.closed_through.isoformat())
    as_of = judge.day()
    if not period.first_day <= as_of <= last:
        judge.refuse("range", "as_of")
    return CloseParameters(
        period,
        as_of,
        judge.clusters(organisation),
        judge.currency(organisation),
        judge.tolerance(),
        judge.output_name(),
        judge.comment(),
    )


class _Judge:
    """The values by name, with the file for whoever has to be told."""

    def __init__(self, file: str, found: Value, lines: dict[str, tuple[int, bool]]) -> None:
        self.file, self.lines = file, lines
        self.plain = {key for key, (_, is_plain) in lines.items() if is_plain}
        self.values: dict[str, Value] = found if isinstance(found, dict) else {}
        if found is None:
            raise FileRefusedError("empty-file", file=file)
        if not isinstance(found, dict):
            self.refuse("type", "", value=type(found).__name__)
        for key in found:
            if key not in REQUIRED + OPTIONAL:
                self.refuse("unknown-key", key)
        for key in REQUIRED:
            if found.get(key) is None:
                self.refuse("missing-key", key)

    def refuse(self, rule: str, key: str, **more: object) -> NoReturn:
        shown = str(self.values.get(key, ""))[:80]
        told = {"row": self.lines.get(key, (1, False))[0], "key": key, "column": key, "value": shown, **more}
        raise FileRefusedError(rule, file=self.file, **told)

    def _text(self, key: str) -> str:
        """Text, and not what YAML would make a number, a day or a truth of."""
        value = self.values[key]
        if not isinstance(value, str) or isinstance(value, Unquoted):
            self.refuse("type", key)
        return value

    def period(self) -> Period:
        found = _PERIOD.fullmatch(self._text("period"))
        if found is None or "period" in self.plain:
            self.refuse("type", "period")
        if not 1 <= int(found[2]) <= 12 or int(found[1]) < 1:
            self.refuse("range", "period")
        return Period(int(found[1]), int(found[2]))

    def day(self) -> dt.date:
        value = self.values["as_of"]
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            self.refuse("type", "as_of")
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            self.refuse("type", "as_of")

    def clusters(self, organisation: Organisation) -> tuple[str, ...]:
        value = self.values["clusters"]
        if not isinstance(value, list):
            self.refuse("type", "clusters")
        names = [name for name in value if isinstance(name, str) and name in organisation.clusters]
        if len(names) < len(value) or not names or len(set(names)) < len(names):
            self.refuse("cluster", "clusters", known=", ".join(organisation.clusters) or "–")
        return tuple(names)

    def currency(self, organisation: Organisation) -> str:
        currency = self._text("currency")
        try:
            check_currency(currency)
        except ParameterRefusedError:
            self.refuse("currency", "currency")
        if organisation.currencies and currency not in organisation.currencies:
            self.refuse("currency", "currency")
        return currency

    def tolerance(self) -> Decimal:
        text = self._text("tolerance")
        found = _DECIMAL.fullmatch(text)
        if found is None or "tolerance" in self.plain:
            self.refuse("type", "tolerance")
        if found[1] and Decimal(text) < 0:
            self.refuse("range", "tolerance")
        return Decimal(text)

    def output_name(self) -> str:
        name = self._text("output_name")
        if not can_name_a_file(name):
            self.refuse("output-name", "output_name")
        return name

    def comment(self) -> str:
        return self._text("comment") if self.values.get("comment") is not None else ""
