"""Files to checked tables: one module a format, one mapping a source.

``load_mapping(directory, name)`` reads ``parameters/sources/<name>.yaml``; ``read_file(path, mapping)``
gives a :class:`Parsed`: good rows with money in minor units and the inside sign, refused rows with their raw
text and rule, findings, counts and sums. The parameter files have readers of their own: ``policy_file``,
``organisation``, ``closing_calendar``, ``holidays_file``.
"""

from __future__ import annotations

from .mappings import Mapping, load_mapping, mapping_names, read_mapping
from .parsed import Context, Parsed
from .reading import read_content, read_file

__all__ = [
    "Context",
    "Mapping",
    "Parsed",
    "load_mapping",
    "mapping_names",
    "read_content",
    "read_file",
    "read_mapping",
]
