"""What a server tells its kernels of the disk; ``runs.surroundings`` reads it there."""

from __future__ import annotations

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

    @property
    def variables(self) -> dict[str, str]:
        return {
            "WORKBENCH_BOOK": self.book_url,
            "WORKBENCH_PARAMETERS": str(self.parameters),
            "WORKBENCH_OUT": str(self.out),
        }


def absolute_book(book_url: str) -> str:
    """A book in a file by its whole path; any other address as it is."""
    scheme, separator, path = book_url.partition(":///")
    is_file = scheme.startswith("sqlite") and bool(separator) and path not in ("", ":memory:")
    return f"{scheme}:///{Path(path).resolve()}" if is_file else book_url
