"""Reading a YAML value by the shape it must have: every wrong or unknown setting raises with its path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..errors import RefusedError
from .strict_yaml import Value

_MOST_SHOWN = 60


def short(value: object) -> str:
    """A value for a sentence: a whole file that was taken for a setting is not printed."""
    text = " ".join(str(value).split())
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "…"


@dataclass
class Shape:
    """A value with where it stands (``policy.yaml``, ``aging.buckets``); asked names are ticked off."""

    value: Value
    file: str
    path: str
    error: type[RefusedError]
    asked: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, value: Value, *, file: str, error: type[RefusedError]) -> Shape:
        """The whole document, which must be a table of names."""
        shape = cls(value, file, "", error)
        if not isinstance(value, dict):
            shape.wrong("", value)
        return shape

    def wrong(self, name: str, value: object, allowed: Iterable[str] = ()) -> None:
        """Raise: this setting cannot be that value; ``allowed``: those that it can be, where they are few."""
        setting = self._at(name)
        raise self.error(
            "mapping-setting-wrong",
            file=self.file,
            setting=setting or "–",
            value=short(value),
            allowed_note=", ".join(allowed),
            whole_note="" if setting else self.file,
        )

    def _at(self, name: str) -> str:
        return ".".join(part for part in (self.path, name) if part)

    def _get(self, name: str) -> Value:
        self.asked.add(name)
        return self.value.get(name) if isinstance(self.value, dict) else None

    def _child(self, name: str, value: Value) -> Shape:
        return Shape(value, self.file, self._at(name), self.error)

    def nothing_else(self) -> None:
        """A name that nobody asked for is a misspelt one."""
        if isinstance(self.value, dict):
            for name in self.value:
                if name not in self.asked:
                    raise self.error("mapping-setting-unknown", file=self.file, setting=self._at(name))

    def has(self, name: str) -> bool:
        return isinstance(self.value, dict) and self.value.get(name) is not None

    def inner(self, name: str) -> Shape:
        """A table of names inside this one; absent is empty."""
        value = self._get(name)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            self.wrong(name, value)
        return self._child(name, value)

    def items(self, name: str) -> Iterator[tuple[str, Shape]]:
        """Names and values of an inner table."""
        inner = self.inner(name)
        if isinstance(inner.value, dict):
            for key, value in inner.value.items():
                yield key, inner._child(key, value)

    def entries(self, name: str) -> list[Shape]:
        """The entries of a list of tables."""
        value = self._get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.wrong(name, value)
            return []
        shapes = []
        for index, entry in enumerate(value):
            child = self._child(f"{name}[{index + 1}]", entry)
            if not isinstance(entry, dict):
                child.wrong("", entry)
            shapes.append(child)
        return shapes

    def text(self) -> str:
        if not isinstance(self.value, str):
            self.wrong("", self.value)
        return str(self.value)

    def integer(self) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            self.wrong("", self.value)
            return 0
        return self.value

    def texts(self) -> tuple[str, ...]:
        values = self.value if isinstance(self.value, list) else [self.value]
        if not all(isinstance(value, str) for value in values):
            self.wrong("", self.value)
        return tuple(str(value) for value in values)

    def one_of(self, allowed: tuple[str, ...]) -> str:
        text = self.text()
        if text not in allowed:
            self.wrong("", text, allowed)
        return text

    def text_of(self, name: str, default: str | None = None) -> str:
        value = self._get(name)
        if value is None:
            if default is None:
                raise self.error("mapping-setting-missing", file=self.file, setting=self._at(name))
            return default
        return self._child(name, value).text()

    def number_of(self, name: str) -> str:
        """A decimal, with quotes or without, as it was written."""
        value = self._get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self.text_of(name)

    def texts_of(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        value = self._get(name)
        return default if value is None else self._child(name, value).texts()

    def integer_of(
        self, name: str, default: int | None = None, *, least: int | None = None, most: int | None = None
    ) -> int:
        """A whole number, from ``least`` to ``most``."""
        value = self._get(name)
        if value is None:
            if default is None:
                raise self.error("mapping-setting-missing", file=self.file, setting=self._at(name))
            return default
        number = self._child(name, value).integer()
        if (least is not None and number < least) or (most is not None and number > most):
            self.wrong(name, number, [f"{least} … {'' if most is None else most}".strip()])
        return number

    def integers_of(self, name: str, default: tuple[int, ...]) -> tuple[int, ...]:
        value = self._get(name)
        if value is None:
            return default
        if not isinstance(value, list):
            self.wrong(name, value)
            return default
        return tuple(self._child(name, entry).integer() for entry in value)

    def truth_of(self, name: str, default: bool) -> bool:
        value = self._get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.wrong(name, value)
        return bool(value)

    def choice(self, name: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        text = self.text_of(name, default)
        if text not in allowed:
            self.wrong(name, text, allowed)
        return text

    def choices(self, name: str, allowed: tuple[str, ...], default: tuple[str, ...]) -> tuple[str, ...]:
        texts = self.texts_of(name, default)
        for text in texts:
            if text not in allowed:
                self.wrong(name, text, allowed)
        return texts
