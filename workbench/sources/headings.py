"""What is said where headings are missing: which ones a mapping takes, which stand there, which are near."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from ..errors import MissingColumnsError
from .mappings import Mapping
from .raw_table import plain_words, shown

_MOST_NAMES, _MOST_HEADINGS = 3, 15
_SEPARATORS = (";", ",", "\t", "|")


def missing_columns(
    fields: Sequence[str], row: Sequence[str], mapping: Mapping, *, file: str, found: int
) -> MissingColumnsError:
    """The refusal: ``fields`` are missing (``a / b``: one of them), ``row`` is the nearest to headings.

    Values named ``…_note`` are said where they hold something: a heading written nearly so, a separator that
    the mapping does not have, text under the name of a workbook.
    """
    lacking = [name for field in fields for name in field.split(" / ")]
    cells = [shown(cell).strip() for cell in row]
    seen = [cell for cell in cells if cell]
    near: list[str] = []
    taken = {plain_words(h) for headings in mapping.columns.values() for h in headings}
    by_words = {plain_words(cell): cell for cell in seen if plain_words(cell) not in taken}
    for name in lacking:
        for heading in accepted_headings(name, mapping):
            close = get_close_matches(plain_words(heading), list(by_words), n=1, cutoff=0.8)
            if close:
                near.append(f"{by_words[close[0]]} → {heading}")
                break
    notes = {
        "found_note": ", ".join(seen[:_MOST_HEADINGS]) + (" …" if len(seen) > _MOST_HEADINGS else ""),
        "near_note": "; ".join(near),
        "separator_note": _other_separator(seen, mapping),
        "text_note": file if file.lower().endswith((".xlsx", ".xlsm")) and len(row) <= 1 else "",
    }
    names = [" / ".join(_few(field, mapping)) for field in fields]
    return MissingColumnsError(
        file=file, columns=", ".join(dict.fromkeys(names)), mapping=mapping.name, found=found, **notes
    )


def accepted_headings(name: str, mapping: Mapping) -> list[str]:
    """Those that a field may have, the ones that people write before the name it has inside."""
    return sorted(mapping.columns[name], key=lambda heading: plain_words(heading) == plain_words(name))


def _few(field: str, mapping: Mapping) -> list[str]:
    names = field.split(" / ")
    most = _MOST_NAMES if len(names) == 1 else 1
    return [heading for name in names for heading in accepted_headings(name, mapping)[:most]]


def _other_separator(seen: Sequence[str], mapping: Mapping) -> str:
    """A mark that cuts the one cell of a line into several, where the mapping does not cut there."""
    if len(seen) != 1:
        return ""
    counts = {mark: seen[0].count(mark) for mark in _SEPARATORS if mark not in mapping.delimiters}
    mark = max(counts, key=lambda mark: counts[mark], default="")
    return ("TAB" if mark == "\t" else mark) if counts.get(mark, 0) > 0 else ""
