"""Ids that name a folder or a file: what they may look like, once for whoever asks.

A company's id becomes a folder of its results, so what a folder cannot be called is no company.
"""

from __future__ import annotations

import re

_FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", re.ASCII)
_FILE = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)
#: Names that Windows keeps for devices.
_DEVICES = frozenset("con prn aux nul".split()) | {f"{p}{n}" for p in ("com", "lpt") for n in range(10)}
#: The folder of a run over every company.
EVERY_COMPANY = "all"


def is_company(name: str) -> bool:
    """Whether this can be the id of one company: a folder's name, no device, and not the word for all."""
    return bool(_FOLDER.fullmatch(name)) and name.lower() not in _DEVICES | {EVERY_COMPANY}


def can_name_a_file(name: str) -> bool:
    """Letters, digits, ``-`` and ``_``, and no device: nothing that leads elsewhere or is filled in later."""
    return bool(_FILE.fullmatch(name)) and name.lower() not in _DEVICES
