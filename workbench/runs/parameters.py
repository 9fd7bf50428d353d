"""The parameters of a run, judged before any kernel starts: names, types, days and choices.

papermill only warns of a name it does not know and then runs the default, and it pastes names into code
unescaped; so nothing reaches it that the notebook's own ``parameters`` cell has not declared.
"""

from __future__ import annotations

import ast
import difflib
import json
import keyword
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..calendar import Period, parse_date, parse_instant
from ..errors import ParameterRefusedError
from ..ids import is_company
from ..money import check_currency
from ..policy import BASES, CREDITS_MODES

Value = str | int | bool
KINDS: dict[str, type[Value]] = {"str": str, "int": int, "bool": bool}


@dataclass(frozen=True)
class Declared:
    """One line of a ``parameters`` cell: ``period: str = "2026-10"  # accounting period, YYYY-MM``."""

    name: str
    kind: str
    default: Value
    help: str


def declared_parameters(notebook: Path) -> dict[str, Declared]:
    """What the notebook's one ``parameters`` cell declares, by name, in its order."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except FileNotFoundError:
        known = sorted(path.stem for path in notebook.parent.glob("*.ipynb"))
        raise ParameterRefusedError(
            "notebook-missing", notebook=notebook.stem, known=", ".join(known) or "–"
        ) from None
    except (ValueError, KeyError, OSError) as error:
        raise ParameterRefusedError(
            "notebook-unreadable", notebook=notebook.name, reason=str(error)
        ) from None
    tagged = [cell for cell in cells if "parameters" in cell.get("metadata", {}).get("tags", [])]
    if len(tagged) != 1:
        raise ParameterRefusedError("notebook-without-parameters", notebook=notebook.name, count=len(tagged))
    source = "".join(tagged[0]["source"])
    return {line.name: line for line in _declarations(source, notebook.name)}


def _declarations(source: str, notebook: str) -> list[Declared]:
    lines = source.splitlines()
    found = []
    for node in ast.parse(source).body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=ast.Name(id=kind), value=ast.Constant()):
                default = node.value.value if isinstance(node.value, ast.Constant) else None
                if kind in KINDS and isinstance(default, str | int) and type(default) is KINDS[kind]:
                    comment = lines[node.lineno - 1].partition("#")[2].strip()
                    found.append(Declared(name, kind, default, comment))
                    continue
        raise ParameterRefusedError(
            "parameter-cell-wrong", notebook=notebook, line=ast.get_source_segment(source, node) or ""
        )
    return found


def checked_parameters(
    declared: Mapping[str, Declared],
    *,
    notebook: str,
    settings: Mapping[str, object] | None = None,
    given: Mapping[str, str] | None = None,
) -> dict[str, Value]:
    """Every declared parameter with its value: what was given, else the settings file, else the default.

    ``settings`` comes typed from ``parameters/runs/<notebook>.yaml``; ``given`` is text from a command.
    The first name or value that is no good raises :class:`ParameterRefusedError`.
    """
    settings, given = settings or {}, given or {}
    for name in [*settings, *given]:
        _check_name(name, declared, notebook)
    values: dict[str, Value] = {}
    for name, line in declared.items():
        value: object = line.default
        if name in settings:
            value = settings[name]
        if name in given:
            value = _from_text(given[name], line)
        values[name] = _checked_value(value, line)
    return values


def _check_name(name: object, declared: Mapping[str, Declared], notebook: str) -> None:
    if not isinstance(name, str) or not name.isascii() or not name.isidentifier() or keyword.iskeyword(name):
        raise ParameterRefusedError("parameter-name-odd", name=ascii(name)[:60])
    if name in declared:
        return
    close = difflib.get_close_matches(name, declared, n=1, cutoff=0.6)
    known = ", ".join(declared)
    if close:
        raise ParameterRefusedError(
            "parameter-misspelt", name=name, notebook=notebook, suggestion=close[0], known=known
        )
    raise ParameterRefusedError("parameter-unknown", name=name, notebook=notebook, known=known)


def _from_text(text: str, line: Declared) -> object:
    if line.kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if line.kind == "int" and re.fullmatch(r"-?[0-9]{1,18}", text):
        return int(text)
    return text


def _checked_value(value: object, line: Declared) -> Value:
    # bool is an int to Python, not to a person: types must be equal, not derived.
    if type(value) is not KINDS[line.kind] or not isinstance(value, (str, int, bool)):
        raise ParameterRefusedError("parameter-mistyped", name=line.name, kind=line.kind, value=_shown(value))
    if isinstance(value, str) and not value.isprintable():
        raise ParameterRefusedError("parameter-unprintable", name=line.name, value=_shown(value))
    check = _MEANINGS.get(line.name)
    if check is not None and isinstance(value, str):
        check(value)
    return value


def _shown(value: object) -> str:
    return value[:60] if isinstance(value, str) and value.isprintable() else ascii(value)[:60]


def check_company(company: str) -> None:
    """Refuse a company id that cannot name a folder; empty means all companies."""
    if company and not is_company(company):
        raise ParameterRefusedError("company-odd", name="company", value=_shown(company))


def _choice(name: str, choices: tuple[str, ...]) -> Callable[[str], object]:
    def check(value: str) -> None:
        if value and value not in choices:
            raise ParameterRefusedError(
                "parameter-choice", name=name, value=value, choices=", ".join(choices)
            )

    return check


_MEANINGS: dict[str, Callable[[str], object]] = {
    "period": Period.parse,
    "company": check_company,
    "as_of": lambda text: parse_date(text, name="as_of") if text else None,
    "known_at": lambda text: parse_instant(text) if text else None,
    "basis": _choice("basis", BASES),
    "credits": _choice("credits", CREDITS_MODES),
    "in_currency": lambda text: check_currency(text) if text else None,
}
