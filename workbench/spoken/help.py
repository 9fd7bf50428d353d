"""Help, usage and refusals in the reader's language, on click's own machinery."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import click

from .. import words
from ..errors import ParameterRefusedError, WorkbenchError


class _Spoken:
    """Help from ``words/catalogues/*/cli.po``: ``cli.<command>`` and ``cli.option.<name>``."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = _metavars(" ".join(self.collect_usage_pieces(ctx)))  # type: ignore[attr-defined]  # click's
        formatter.write_usage(ctx.command_path, pieces, prefix=words.say("cli.usage") + " ")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(words.say(f"cli.{_key(ctx)}"))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = []
        for parameter in ctx.command.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record and parameter.name:
                rows.append((_metavars(record[0]), _option_text(_key(ctx), parameter)))
        if rows:
            with formatter.section(words.say("cli.options")):
                formatter.write_dl(rows)


def _key(ctx: click.Context) -> str:
    """The command's words: ``import``; of a command in a group ``acts-send``."""
    names: list[str] = []
    here: click.Context | None = ctx
    while here is not None and here.parent is not None:
        names.insert(0, here.command.name or "")
        here = here.parent
    return "-".join(names) or ctx.command.name or ""


def _metavars(text: str) -> str:
    """``FILES``, ``INTEGER RANGE``, ``NAME=VALUE`` … in the reader's words; ``cli.metavar.<NAME>``."""

    def spoken(found: re.Match[str]) -> str:
        key = f"cli.metavar.{found.group()}"
        return words.say(key) if words.has_words(key) else found.group()

    return re.sub(r"\b[A-Z]{2,}\b", spoken, text.replace("INTEGER RANGE", "INTEGER"))


def _option_text(command: str, parameter: click.Parameter) -> str:
    if "--help" in parameter.opts:
        return words.say("cli.option.help")
    own = f"cli.option.{command}.{parameter.name}"
    text = words.say(own if words.has_words(own) else f"cli.option.{parameter.name}")
    is_shown = (
        isinstance(parameter, click.Option) and parameter.show_default and parameter.default is not None
    )
    return f"{text} [{parameter.default}]" if is_shown else text


class SpokenCommand(_Spoken, click.Command):
    pass


class SpokenGroup(_Spoken, click.Group):
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            raise ParameterRefusedError(
                "command-unknown", name=args[0], known=", ".join(self.list_commands(ctx))
            )
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        with formatter.section(words.say("cli.commands")):
            inside = f"{_key(ctx)}-" if ctx.parent is not None else ""
            formatter.write_dl([(name, words.say(f"cli.{inside}{name}")) for name in self.list_commands(ctx)])


def choose_language(arguments: Sequence[str]) -> None:
    """The language is needed before click parses, for its refusals and help are spoken too."""
    for position, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name == "--lang":
            following = arguments[position + 1] if position + 1 < len(arguments) else ""
            words.choose_language(value if equals else following)


def as_refusal(error: click.ClickException) -> WorkbenchError:
    """click's usage errors as ours, so that they are spoken and leave with exit code 2."""
    if isinstance(error, click.NoSuchOption):
        near = ", ".join(error.possibilities or ()) or "–"
        return ParameterRefusedError("option-unknown", name=error.option_name, near=near)
    if isinstance(error, click.MissingParameter):
        parameter = error.param
        name = parameter.opts[-1] if isinstance(parameter, click.Option) else getattr(parameter, "name", "")
        if name == "--source":
            return ParameterRefusedError("source-missing", name=name, known=_sources(error.ctx))
        return ParameterRefusedError("option-missing", name=name)
    if isinstance(error, click.BadParameter) and error.param is not None:
        return ParameterRefusedError("option-wrong", name=error.param.opts[-1], detail=error.message)
    return ParameterRefusedError("usage-wrong", detail=error.format_message())


def _sources(ctx: click.Context | None) -> str:
    """The names that ``--source`` takes, as the parameters' folder has them."""
    folder = Path((ctx.params.get("parameters") if ctx else None) or "parameters") / "sources"
    return ", ".join(sorted(path.stem for path in folder.glob("*.yaml"))) or "–"


def refuse(error: WorkbenchError, *, is_json: bool) -> int:
    """Says what happened and what to do; with ``--json`` standard output holds the same as an object."""
    click.echo(str(error), err=True)
    if is_json:
        refusal = {
            "error": type(error).__name__,
            "rule": error.cause,
            "message": words.sentence(error.cause, error.values),
            "remedy": words.remedy(error.cause, error.values),
            "exit_code": error.exit_code,
        }
        click.echo(json.dumps(refusal, ensure_ascii=False, indent=2))
    return error.exit_code
