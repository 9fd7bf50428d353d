"""Where a desk finds the book, the parameters and the runs, whoever started its kernel."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Places:
    """What a kernel needs to know of the disk; ``variables`` tells another process the same."""

    book_url: str
    parameters: Path
    out: Path

    @classmethod
    def of(cls, book_url: str, parameters: Path, out: Path) -> Places:
        """The same places from any folder: a kernel works in the folder of its notebook."""
        return cls(absolute_book(book_url), parameters.resolve(), out.resolve())

    @classmethod
    def here(cls) -> Places:
        """As the server or ``workbench lab`` said; else those of the project around the notebook."""
        home = _project(Path.cwd())
        return cls.of(
            os.environ.get("WORKBENCH_BOOK") or f"sqlite:///{home / 'outputs' / 'book.sqlite'}",
            Path(os.environ.get("WORKBENCH_PARAMETERS") or home / "parameters"),
            Path(os.environ.get("WORKBENCH_OUT") or home / "outputs"),
        )

    @property
    def variables(self) -> dict[str, str]:
        return {
            "WORKBENCH_BOOK": self.book_url,
            "WORKBENCH_PARAMETERS": str(self.parameters),
            "WORKBENCH_OUT": str(self.out),
        }


def _project(folder: Path) -> Path:
    """The nearest folder upwards that has parameters; the folder itself where none has."""
    return next((place for place in (folder, *folder.parents) if (place / "parameters").is_dir()), folder)


def absolute_book(book_url: str) -> str:
    """A book in a file by its whole path; any other address as it is."""
    scheme, separator, path = book_url.partition(":///")
    is_file = scheme.startswith("sqlite") and bool(separator) and path not in ("", ":memory:")
    return f"{scheme}:///{Path(path).resolve()}" if is_file else book_url
