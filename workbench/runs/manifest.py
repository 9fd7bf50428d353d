"""The manifest of a run: what went in, what came out, what agreed; and the result a command prints."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from .folders import MANIFEST, flush

Status = Literal["done", "stopped", "failed"]
Json = dict[str, object]

#: What people and machines read of a run; notebook, HTML and manifest lie outside the content hash.
CONTENT_SUFFIXES = (".csv", ".xlsx", ".json")
NOT_CONTENT = (MANIFEST,)
FINDING_LEVELS = ("error", "warning")


@dataclass(frozen=True)
class TieOut:
    """Two figures that must agree; money as ``{currency: decimal text}``, a count as an integer."""

    name: str
    expected: object
    actual: object
    passed: bool

    def to_json(self) -> Json:
        return {"name": self.name, "expected": self.expected, "actual": self.actual, "passed": self.passed}


@dataclass(frozen=True)
class RunResult:
    """What a run came to, as ``workbench run`` prints it; a list of these is a close."""

    run_id: str
    notebook: str
    status: Status
    folder: str
    tie_outs: tuple[TieOut, ...] = ()
    findings: tuple[Json, ...] = ()  # one for each rule: rule, level, count, message, remedy
    failed_step: str = ""
    message: str = ""
    remedy: str = ""
    failed_exit_code: int = 1
    content_sha256: str = ""
    step_key: str = field(default="", repr=False)
    told: tuple[str, ...] = ()  # what a parameter asked to be told, such as one receipt

    @property
    def exit_code(self) -> int:
        """0 done, 3 done with findings, 4 stopped, else the code of the error that ended it."""
        if self.status == "done":
            return 3 if any(finding["level"] in FINDING_LEVELS for finding in self.findings) else 0
        return 4 if self.status == "stopped" else self.failed_exit_code

    def to_json(self) -> Json:
        return {
            "run_id": self.run_id,
            "notebook": self.notebook,
            "status": self.status,
            "folder": self.folder,
            "tie_outs": [tie_out.to_json() for tie_out in self.tie_outs],
            "findings": list(self.findings),
            "failed_step": self.failed_step,
            "message": self.message,
            "remedy": self.remedy,
            "content_sha256": self.content_sha256,
            **({"told": list(self.told)} if self.told else {}),
        }

    @classmethod
    def from_manifest(cls, folder: Path) -> RunResult:
        """The same object that the run returned when it ended."""
        manifest = read_manifest(folder)
        failure = manifest.get("failure") or {}
        return cls(
            run_id=manifest["run_id"],
            notebook=manifest["notebook"],
            status=manifest["status"],
            folder=folder.as_posix(),
            tie_outs=tuple(TieOut(**tie_out) for tie_out in manifest["tie_outs"]),
            findings=tuple(manifest["findings"]),
            failed_step=failure.get("step", ""),
            message=failure.get("message", ""),
            remedy=failure.get("remedy", ""),
            failed_exit_code=failure.get("exit_code", 1),
            content_sha256=manifest["content_sha256"],
            step_key=manifest["run"].get("step_key", ""),
        )


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a finished run."""
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return manifest


def write_manifest(folder: Path, manifest: Json) -> None:
    """Written last, in a stable order of keys."""
    path = folder / MANIFEST
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=False, default=str)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
    flush(path)


def file_sha256(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def content_files(folder: Path) -> list[Path]:
    """Result tables, findings and workbooks: what the content hash covers."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix in CONTENT_SUFFIXES and path.name not in NOT_CONTENT
    )


def content_sha256(folder: Path, *, ignoring: Sequence[str] = ()) -> str:
    """One hash over names and content of every content file, the same for the same results.

    A workbook counts by what it says, without the texts of ``ignoring`` (its run's id and instant).
    """
    return digest_of(
        (path.relative_to(folder).as_posix(), _content_of(path, ignoring)) for path in content_files(folder)
    )


def _content_of(path: Path, ignoring: Sequence[str]) -> str:
    if path.suffix != ".xlsx":
        return file_sha256(path)
    from ..views.workbooks import content_sha256 as workbook_sha256

    return workbook_sha256(path, ignoring=ignoring)


def digest_of(parts: Iterable[tuple[str, str]]) -> str:
    """SHA-256 over named parts, in the order given."""
    whole = hashlib.sha256()
    for name, value in parts:
        whole.update(f"{len(name)}:{name}={len(value)}:{value}\n".encode())
    return whole.hexdigest()


def is_untouched(folder: Path) -> bool:
    """Whether every output still has the SHA-256 its manifest says."""
    for output in read_manifest(folder)["outputs"]:
        path = folder / output["file"]
        if not path.is_file() or file_sha256(path) != output["sha256"]:
            return False
    return True
