"""What ended a cell of a notebook is noted, whatever it was, so that the manifest can say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .run import Run


def remember_errors(run: Run) -> None:
    """After each cell of the notebook, whatever ended it is noted."""
    try:
        from IPython import get_ipython
    except ImportError:
        return
    shell = get_ipython()
    if shell is None:
        return

    def after(result: object) -> None:
        error = getattr(result, "error_in_exec", None)
        if error is not None:
            run.remember_error(error)

    shell.events.register("post_run_cell", after)
