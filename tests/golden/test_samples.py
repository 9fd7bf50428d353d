"""Each mapping's made-up sample gives its expected rows: ``samples/<mapping>/input.*`` and ``expected.csv``.

``expected.csv`` has the columns that matter, one line a good row in the file's order: money as decimal text
with the book's sign (credits of customers negative; cash in positive), ISO days. Rows that the file must have
refused stand in ``rejected.csv`` (``row, rule``). ``workbench import … --dry-run`` shows the same values.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from workbench.sources import Context, load_mapping, read_content
from workbench.sources.shown_rows import shown_rows

SAMPLES = Path(__file__).parent / "samples"


@pytest.mark.parametrize("folder", sorted(SAMPLES.iterdir()), ids=lambda folder: folder.name)
def test_a_sample_is_read_as_it_is_expected(folder: Path, root: Path) -> None:
    (file,) = folder.glob("input.*")
    mapping = load_mapping(root / "parameters", folder.name)
    parsed = read_content(file.read_bytes(), mapping, file=file.name, context=Context())
    wanted, columns = listed(folder / "expected.csv")
    got = [{name: row[name] for name in columns} for row in shown_rows(parsed.frame, mapping.kind)]
    assert got == wanted
    refused, _ = listed(folder / "rejected.csv")
    told = parsed.rejected[["row", "rule"]].astype(str).to_dict("records")
    assert told == refused


def listed(file: Path) -> tuple[list[dict[str, str]], list[str]]:
    """The lines of a csv file and its columns; nothing where it is not there."""
    if not file.is_file():
        return [], []
    with file.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        return list(reader), list(reader.fieldnames or ())
