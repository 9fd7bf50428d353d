"""A small company with its book, and tiny notebooks, for the tests of runs; all real, nothing mocked."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import nbformat

from workbench import book, intake
from workbench.sample import make_sample

ROOT = Path(__file__).resolve().parent.parent
PARAMETERS = """period: str = "2026-10"  # accounting period
company: str = ""  # company id
as_of: str = ""
known_at: str = ""
write: bool = False"""
START = (
    'run = runs.start("tiny", period=period, company=company, as_of=as_of, known_at=known_at, write=write)'
)


def make_company(folder: Path, *, customers: int = 12, months: int = 2) -> Path:
    """A folder with ``book.sqlite`` of a small sample company; gives the book's path."""
    path = folder / "book.sqlite"
    fill_book(f"sqlite:///{path}", folder, customers=customers, months=months)
    return path


def fill_book(url: str, folder: Path, *, customers: int = 12, months: int = 2) -> None:
    """The small sample company into that book, its files below ``folder``."""
    with book.open_book(url, create=True) as opened:
        files = make_sample(folder / "sample", customers=customers, months=months, through="2026-10")
        for item in files.imports:
            intake.import_file(
                opened,
                folder / "sample" / item.file,
                item.source,
                parameters=ROOT / "parameters",
                extract_date=item.extract_date,
                today=dt.date(2026, 11, 3),
            )


def copied(source: Path, folder: Path) -> str:
    """The URL of a copy of that book, to be changed at will."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, folder / "book.sqlite")
    return f"sqlite:///{folder / 'book.sqlite'}"


def empty_book(folder: Path) -> str:
    """The URL of a new book without data."""
    url = f"sqlite:///{folder / 'book.sqlite'}"
    book.open_book(url, create=True).close()
    return url


def write_notebook(folder: Path, name: str, *cells: str, parameters: str = PARAMETERS) -> Path:
    """A notebook with a heading, its parameters and these code cells."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.cells = [
        nbformat.v4.new_markdown_cell("# Prueba\n*Test*"),
        nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        *(nbformat.v4.new_code_cell(cell) for cell in cells),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.ipynb"
    nbformat.write(notebook, path)
    return path
