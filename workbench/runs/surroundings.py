"""Where a run notebook finds itself: under the runner (told by environment), or opened by a person."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

PREFIX = "WORKBENCH_RUN_"
DEFAULT_BOOK = "outputs/book.sqlite"


@dataclass(frozen=True)
class Surroundings:
    """``state`` is the file through which the notebook tells the runner how far it came; ``None`` alone."""

    book_url: str
    parameters_dir: Path
    notebooks_dir: Path
    out: Path
    run_id: str = ""
    step_key: str = ""
    excluded_steps: tuple[str, ...] = ()  # what these posted is not read: a repeat must find the same
    folder: Path | None = None
    state: Path | None = None
    made_at: str = ""
    upstream: tuple[str, ...] = ()  # run folders of the chain's steps before this one

    @property
    def is_under_runner(self) -> bool:
        return self.state is not None

    def to_environment(self, lang: str) -> dict[str, str]:
        """What the kernel is given; :meth:`of_environment` reads it back there."""
        return {
            "WORKBENCH_BOOK": self.book_url,
            "WORKBENCH_PARAMETERS": str(self.parameters_dir.absolute()),
            "WORKBENCH_LANG": lang,
            f"{PREFIX}NOTEBOOKS": str(self.notebooks_dir.absolute()),
            f"{PREFIX}OUT": str(self.out.absolute()),
            f"{PREFIX}ID": self.run_id,
            f"{PREFIX}STEP_KEY": self.step_key,
            f"{PREFIX}EXCLUDED_STEPS": json.dumps(self.excluded_steps),
            f"{PREFIX}FOLDER": str(self.folder.absolute()) if self.folder else "",
            f"{PREFIX}STATE": str(self.state.absolute()) if self.state else "",
            f"{PREFIX}MADE_AT": self.made_at,
            f"{PREFIX}UPSTREAM": json.dumps(self.upstream),
        }

    @classmethod
    def of_environment(cls) -> Surroundings:
        """Under the runner all is told; alone, the project's folder is found and its defaults hold."""
        told = os.environ
        root = project_root()
        book = told.get("WORKBENCH_BOOK") or f"sqlite:///{root / DEFAULT_BOOK}"
        folder, state = told.get(f"{PREFIX}FOLDER"), told.get(f"{PREFIX}STATE")
        return cls(
            book_url=book,
            parameters_dir=Path(told.get("WORKBENCH_PARAMETERS") or root / "parameters"),
            notebooks_dir=Path(told.get(f"{PREFIX}NOTEBOOKS") or root / "notebooks"),
            out=Path(told.get(f"{PREFIX}OUT") or told.get("WORKBENCH_OUT") or root / "outputs"),
            run_id=told.get(f"{PREFIX}ID", ""),
            step_key=told.get(f"{PREFIX}STEP_KEY", ""),
            excluded_steps=tuple(json.loads(told.get(f"{PREFIX}EXCLUDED_STEPS") or "[]")),
            folder=Path(folder) if folder else None,
            state=Path(state) if state else None,
            made_at=told.get(f"{PREFIX}MADE_AT", ""),
            upstream=tuple(json.loads(told.get(f"{PREFIX}UPSTREAM") or "[]")),
        )


def project_root() -> Path:
    """The folder with ``parameters/``: here or above (JupyterLab starts a notebook in its own folder)."""
    here = Path.cwd()
    for folder in (here, *here.parents[:3]):
        if (folder / "parameters").is_dir() and (folder / "notebooks").is_dir():
            return folder
    return here
