"""What another MT940 library made of the public files: its kept results, read as plain text nodes."""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import yaml


@dataclass(frozen=True)
class PeerLine:
    amount: Decimal  # credit positive
    value_date: dt.date
    booking_date: dt.date | None
    reference: str
    bank_reference: str


@dataclass(frozen=True)
class PeerBalance:
    amount: Decimal
    currency: str
    day: dt.date


def _named(node: yaml.Node | None) -> dict[str, yaml.Node]:
    assert isinstance(node, yaml.MappingNode)
    return {str(key.value): value for key, value in node.value}


def _text(node: yaml.Node | None) -> str:
    return "" if node is None or node.tag.endswith(":null") else str(node.value)


def _amount(node: yaml.Node) -> Decimal:
    """``Amount`` holds ``Decimal('…')`` as a tagged list of one text."""
    return Decimal(_named(node)["amount"].value[0].value)


def _day(node: yaml.Node | None) -> dt.date | None:
    """A pickled day: two bytes of the year, the month, the day."""
    if node is None or not isinstance(node, yaml.SequenceNode):
        return None
    high, low, month, day = base64.b64decode(node.value[0].value)
    return dt.date(high * 256 + low, month, day)


def peer_lines(path: Path) -> list[PeerLine]:
    """The movements, without ever building an object out of the file."""
    tree = _named(yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader))
    lines = []
    for node in tree["transactions"].value:
        data = _named(_named(node)["data"])
        if "amount" not in data:
            continue
        value_date = _day(data["date"])
        assert value_date is not None
        lines.append(
            PeerLine(
                _amount(data["amount"]),
                value_date,
                _day(data.get("entry_date")),
                _text(data.get("customer_reference")),
                _text(data.get("bank_reference")),
            )
        )
    return lines


def peer_balances(path: Path) -> dict[str, PeerBalance]:
    """The balances the library found, by its names; debit negative."""
    data = _named(yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader))["data"]
    found = {}
    for name, node in _named(data).items():
        if name.endswith("_balance") and isinstance(node, yaml.MappingNode):
            parts = _named(node)
            amount = _named(parts["amount"])
            day = _day(parts["date"])
            assert day is not None
            found[name] = PeerBalance(_amount(parts["amount"]), _text(amount["currency"]), day)
    return found
