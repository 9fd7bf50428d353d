"""What a proposal may do where nothing is proven."""

from __future__ import annotations

from typing import Literal

DifferenceAction = Literal["suggest", "apply"]
DIFFERENCE_ACTIONS: tuple[DifferenceAction, ...] = ("suggest", "apply")
