"""``workbench lab``: JupyterLab on the project, told where the book is, without its news question."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from .. import words
from .places import Places

SETTINGS = Path(__file__).parent / "lab_settings"


def serve(
    *,
    book_url: str,
    parameters_dir: Path,
    port: int,
    lang: words.Language,
    open_browser: bool = True,
    out: Path = Path("outputs"),
) -> int:
    """Runs JupyterLab until it is ended, and returns its exit code (Ctrl-C, its ordinary end, is 0).

    Its root is the working directory, its address loopback with Jupyter's own token. Analysts may run any
    code and read all of the book: this is their door, not the supervisors'.
    """
    config_path = [str(SETTINGS), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    environment = {
        **os.environ,
        **Places.of(book_url, parameters_dir, out).variables,
        "WORKBENCH_LANG": lang,
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, config_path)),
    }
    command = [sys.executable, "-m", "jupyterlab", f"--port={port}", "--ServerApp.ip=127.0.0.1"]
    if not open_browser:
        command.append("--no-browser")
    process = subprocess.Popen(command, env=environment)
    try:
        return process.wait()
    except KeyboardInterrupt:
        # Ctrl-C reached JupyterLab too; it asks, or ends with the second one.
        process.terminate()
        process.wait()
        return 0
