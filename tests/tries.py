"""How many examples a property tries: a few at the desk, all with the long tests, thousands in a night."""

from __future__ import annotations

import os

#: What ``conftest.py`` says for the mode, or a person: WORKBENCH_EXAMPLES=5000 for a night.
EXAMPLES = int(os.environ.get("WORKBENCH_EXAMPLES") or 25)


def tries(usual: int) -> int:
    """So many of 25; two are always tried."""
    return max(usual * EXAMPLES // 25, 2)
