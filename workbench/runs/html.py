"""The report of a run: its notebook as one HTML file in our look, with nothing from the internet."""

from __future__ import annotations

from base64 import b64encode
from copy import deepcopy
from html import escape
from importlib import resources
from pathlib import Path
from string import Template

from nbformat import NotebookNode

from ..words import Language, say


def write_report(
    path: Path, notebook: NotebookNode, *, title: str, lang: Language, failure: tuple[str, str] | None = None
) -> None:
    """Write the report; ``failure`` (what happened, what to do) stands on top of a run that broke off."""
    from nbconvert import HTMLExporter

    from ..views import theme

    # "basic" is the body alone: the whole pages that nbconvert makes link to content networks.
    exporter = HTMLExporter(template_name="basic")  # type: ignore[no-untyped-call]  # nbconvert is not typed
    body, _ = exporter.from_notebook_node(_with_described_charts(notebook))
    page = Template((resources.files(__package__) / "report.html").read_text(encoding="utf-8"))
    said = page.substitute(
        lang=lang,
        title=escape(title),
        light=theme.css_variables(),
        fonts=theme.FONTS,
        show_code=escape(say("runs.show-code", lang)),
        banner=_banner(failure, lang),
        body=body,
    )
    path.write_text(said, encoding="utf-8", newline="\n")


def _with_described_charts(notebook: NotebookNode) -> NotebookNode:
    """A copy whose drawings are pictures with a text for those who cannot see them."""
    copied = deepcopy(notebook)
    outputs = [output for cell in copied.cells for output in cell.get("outputs", [])]
    for output in outputs:
        drawn = output.get("data", {}).pop("image/svg+xml", None)
        if drawn is not None:
            described = output.metadata.get("image/svg+xml", {}).get("alt", "")
            source = b64encode(drawn.encode()).decode()
            output.data["text/html"] = (
                f'<img alt="{escape(described)}" src="data:image/svg+xml;base64,{source}">'
            )
    return copied


def _banner(failure: tuple[str, str] | None, lang: Language) -> str:
    if failure is None:
        return ""
    happened, remedy = (escape(text) for text in failure)
    said = escape(say("runs.stopped-here", lang))
    return f'<div class="banner"><b>✗ {said}</b><p>{happened}</p><p>{remedy}</p></div>'
