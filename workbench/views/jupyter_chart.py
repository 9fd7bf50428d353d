"""Charts in apps without the internet: Altair's widget with its JavaScript bundle made once and kept.

``JupyterChart.enable_offline()`` bundles 900 KB of JavaScript in every kernel (2.5 s of CPU, 100 MB). Here
the bundle is made once a machine and pair of versions. The private attributes of Altair that this needs
are touched in this module only; where anything is not as expected, ``enable_offline()`` serves.
"""

from __future__ import annotations

import os
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

#: What the bundle must define for the widget to run; a file cut short lacks the end.
_SIGNS = ("export", "render")


def offline_chart(chart: alt.Chart | alt.LayerChart) -> Any:
    """The chart as a widget (``altair.JupyterChart``) that asks nothing of the internet.

    Assign another chart to its ``chart`` to redraw in place.
    """
    import altair

    make_offline(altair.JupyterChart)
    return altair.JupyterChart(chart, embed_options={"actions": False, "renderer": "svg"})


def make_offline(widget: Any, directory: Path | None = None) -> None:
    """Give Altair's widget class its bundle from the cache; fill the cache where it is empty."""
    if widget._is_offline:
        return
    file = (directory or cache_directory()) / bundle_name()
    bundle = _read(file)
    if bundle is not None and isinstance(getattr(widget, "_esm", None), str | Path):
        widget._esm = bundle
        widget._is_offline = True
        return
    widget.enable_offline()
    _keep(file, str(widget._esm))


def bundle_name() -> str:
    """A new Altair or vl-convert makes a new bundle."""
    return f"chart-{version('altair')}-{version('vl-convert-python')}.js"


def cache_directory() -> Path:
    """The person's own cache: nobody else may put JavaScript there."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "workbench"


def _read(file: Path) -> str | None:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return text if all(sign in text for sign in _SIGNS) else None


def _keep(file: Path, bundle: str) -> None:
    """Whole or not at all; a machine where nothing can be kept bundles anew each time."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False, encoding="utf-8") as partial:
            partial.write(bundle)
        os.replace(partial.name, file)
    except OSError:
        return
