"""Starts the desks' server as a process of its own, as the command does; tests talk to it by HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def main() -> None:
    from workbench.apps import server

    options = json.loads(sys.argv[1])
    server.serve(
        **{name: Path(options.pop(name)) for name in ("parameters_dir", "notebooks_dir", "out")},
        limits=server.Limits(**options.pop("limits", {})),
        **options,
        on_ready=lambda ready: print(json.dumps(ready), flush=True),
    )


def _path() -> str:
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))


class Served:
    """A running server: its ready line, and its end."""

    def __init__(self, *, folder: Path, forked: bool = False, cwd: Path = ROOT, **options: Any) -> None:
        defaults = {
            "book_url": f"sqlite:///{folder / 'book.sqlite'}",
            "parameters_dir": str(ROOT / "parameters"),
            "notebooks_dir": str(ROOT / "notebooks" / "apps"),
            "out": str(folder / "outputs"),
            "port": 0,
            "lang": "es",
        }
        self.log = folder / "server.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(Path(__file__)), json.dumps({**defaults, **options})],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=cwd,
                env={**os.environ, "PYTHONPATH": _path(), "WORKBENCH_FORK": "1" if forked else "0"},
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.log.read_text()
        self.ready: dict[str, Any] = json.loads(line)
        self.url: str = self.ready["url"]

    def kernels(self) -> list[int]:
        """The processes that the server, or its fork server, has as children, by id."""
        found = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True)
        rows = [line.split(None, 2) for line in found.stdout.splitlines()]
        parents = {self.process.pid}
        parents |= {
            int(pid) for pid, parent, args in rows if int(parent) in parents and "fork_server" in args
        }
        is_kernel = {int(pid) for pid, parent, args in rows if int(parent) in parents}
        return sorted(is_kernel - parents)

    def stop(self) -> int:
        self.process.terminate()
        code = self.process.wait(timeout=60)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


if __name__ == "__main__":
    main()
