"""One function a desk: each opens the book in the scope of who looks and hands callables to its panel.

A notebook in ``notebooks/apps`` calls one of these; ``server`` publishes those notebooks, ``lab`` opens
them for analysts. Nothing heavy is imported before a desk is asked for: import time is page time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipywidgets import Widget

#: The notebooks that are published, in the order of the landing page.
DESKS = ("aging_explorer", "close_board")


def aging_explorer() -> Widget:
    """The receivables by age on any day, from the cluster down to the document (explorador de edades)."""
    from . import aging_desk

    return aging_desk.open_desk()


def close_board() -> Widget:
    """The month's closing tasks: what is done, what waits for what, which figures tie (tablero de cierre)."""
    from . import close_desk

    return close_desk.open_desk()
