"""The help of every command and of what stands inside it, in both languages: no inside key is shown."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from workbench import cli, words


def _all(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, click.Group):
        for name, inside in command.commands.items():
            yield from _all(inside, (*path, name))


COMMANDS = sorted(_all(cli.workbench))


@pytest.fixture(autouse=True)
def _spanish_after() -> Iterator[None]:
    yield
    words.choose_language("es")


def test_the_walk_meets_the_commands_inside_groups() -> None:
    assert {("move",), ("over-180", "plan"), ("acts", "send"), ("bank", "begin")} <= set(COMMANDS)


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_no_help_shows_an_inside_key(lang: words.Language, capsys: pytest.CaptureFixture[str]) -> None:
    words.choose_language(lang)
    shown = {}
    for path in COMMANDS:
        assert cli.main([*path, "--help"]) == 0
        said = capsys.readouterr().out
        keys = [word for word in said.split() if word.startswith("cli.")]
        if keys:
            shown[" ".join(path)] = keys
    assert shown == {}
