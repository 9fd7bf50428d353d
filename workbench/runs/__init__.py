"""One run = one folder with a manifest: notebooks, kernels, locks, and the chain that closes a month.

A notebook needs one name of this room: ``run = runs.start("aging_review", period=period, …)``. Commands use
``runner.run_notebook`` and ``chain.close_period``.
"""

from __future__ import annotations

from .run import Run, start

__all__ = ["Run", "start"]
