"""What every test may use: the repository, the shared real inputs, and a Spanish default."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real inputs kept outside the repository: ``WORKBENCH_SHARED`` or ``../shared``; skips when absent."""
    folder = Path(os.environ.get("WORKBENCH_SHARED") or ROOT.parent / "shared")
    if not (folder / "data").is_dir():
        pytest.skip("the shared real inputs are not here (WORKBENCH_SHARED or ../shared)")
    return folder
