"""YAML without its surprises: one UTF-8 document, no tags, no aliases, no key twice, text stays text.

Plain ``true`` and ``false`` are booleans, plain whole numbers integers, ``null`` and nothing ``None``.
Whatever else YAML 1.1 would turn into something (``NO``, ``12:30``, ``0.5``, ``2026-10-31``, ``010``) comes
as :class:`Unquoted`: still text, but known to have stood there without quotes, so that who asks for money
can insist on quotes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import yaml

from ..errors import FileRefusedError
from .text_files import CONTROL

Value: TypeAlias = "str | int | bool | list[Value] | dict[str, Value] | None"

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)
#: Bytes of a parameter file and how deep it may be nested: far more than a person writes.
_LARGEST, _DEEPEST = 200_000, 40
_OPENING = (yaml.FlowSequenceStartToken, yaml.FlowMappingStartToken, yaml.BlockSequenceStartToken,
            yaml.BlockMappingStartToken)  # fmt: skip
_CLOSING = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)


class Unquoted(str):
    """Text that stood in the file without quotes where YAML would read a number, a date or a truth."""

    __slots__ = ()


def read_yaml(path: Path) -> Value:
    """The file's one value; anything dubious raises :class:`FileRefusedError` with file and line."""
    return parse_yaml(read_yaml_text(path), file=path.name)


def read_yaml_text(path: Path) -> str:
    """The file's text: UTF-8, of a size that a person writes, without control characters."""
    name = path.name
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise FileRefusedError("file-missing", file=name) from None
    except OSError as error:
        raise FileRefusedError("file-unreadable", file=name, reason=error.strerror or str(error)) from None
    if len(content) > _LARGEST:
        raise FileRefusedError("file-too-large", file=name, bytes=len(content), limit=_LARGEST)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileRefusedError("encoding", file=name, encodings="utf-8", byte=error.start) from None
    found = CONTROL.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise FileRefusedError("binary-content", file=name, line=line)
    return text


def lines_of_keys(text: str) -> dict[str, tuple[int, bool]]:
    """The names of the outermost table of a text that parses: its line, and whether it has no quotes."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {
        str(key.value): (_line(key), isinstance(value, yaml.ScalarNode) and not value.style)
        for key, value in node.value
    }


def parse_yaml(text: str, *, file: str) -> Value:
    """The same for a text; ``file`` names it in errors."""
    return _value(_composed(text, file), file)


@lru_cache(maxsize=128)  # a run asks for the same few files again and again; a refusal is worked out anew
def _composed(text: str, file: str) -> yaml.Node | None:
    if not text.strip():
        raise FileRefusedError("empty-file", file=file)
    try:
        depth = 0
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
            if depth > _DEEPEST:
                line = token.start_mark.line + 1
                raise FileRefusedError("yaml-syntax", file=file, line=line, reason=f"> {_DEEPEST}")
            if isinstance(token, yaml.TagToken | yaml.DirectiveToken):
                raise FileRefusedError("yaml-tag", file=file, line=token.start_mark.line + 1)
            if isinstance(token, yaml.AliasToken | yaml.AnchorToken):
                raise FileRefusedError("yaml-alias", file=file, line=token.start_mark.line + 1)
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise FileRefusedError("yaml-syntax", file=file, line=line, reason=error.problem or "") from None
    except (yaml.YAMLError, RecursionError):
        raise FileRefusedError("yaml-syntax", file=file, line=0, reason="") from None


def _value(node: yaml.Node | None, file: str) -> Value:
    if node is None:
        return None
    if isinstance(node, yaml.SequenceNode):
        return [_value(entry, file) for entry in node.value]
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Value] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise FileRefusedError("yaml-syntax", file=file, line=_line(key_node), reason="key")
            key = str(key_node.value)
            if key in found:
                raise FileRefusedError("duplicate-key", file=file, line=_line(key_node), key=key)
            found[key] = _value(value_node, file)
        return found
    return _scalar(node) if isinstance(node, yaml.ScalarNode) else None


def _scalar(node: yaml.ScalarNode) -> Value:
    text = str(node.value)
    if node.style:  # quoted, or a block of text
        return text
    if text in ("true", "false"):
        return text == "true"
    if text in ("", "~", "null"):
        return None
    if _INTEGER.fullmatch(text):
        return int(text)
    return text if node.tag == "tag:yaml.org,2002:str" else Unquoted(text)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
