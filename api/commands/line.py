"""What every command needs: the words, the time, the two output streams, and how help and failure are said."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from api.clock import Clock, system_clock
from api.i18n.texts import Language, Texts, load_texts

VIETNAM = timezone(timedelta(hours=7))
"""A time typed without a zone is Vietnam's (no daylight saving since 1975)."""

DID_NOT_WORK = 1
WRONG_ARGUMENTS = 2


PIPE_WIDTH = 200
"""Columns of a table that no terminal cuts off."""


def _console(*, stderr: bool) -> Console:
    wide = None if (sys.stderr if stderr else sys.stdout).isatty() else PIPE_WIDTH
    return Console(stderr=stderr, highlight=False, soft_wrap=stderr, width=wide)


@dataclass(frozen=True)
class CommandLine:
    """One call of ``antin``: built once in ``main`` and handed to the command as ``ctx.obj``."""

    texts: Texts
    language: Language
    environ: Mapping[str, str]
    clock: Clock
    out: Console = field(default_factory=lambda: _console(stderr=False))
    err: Console = field(default_factory=lambda: _console(stderr=True))

    @classmethod
    def of_process(cls) -> CommandLine:
        """The real one: Vietnamese unless ``ANTIN_LANG=en``."""
        language = Language.EN if os.environ.get("ANTIN_LANG", "").lower().startswith("en") else Language.VI
        return cls(load_texts(), language, os.environ, system_clock)

    def say(self, code: str, /, **parameters: object) -> str:
        """A sentence of the catalogue in the language of this call."""
        return self.texts.say(code, self.language, **parameters)

    def failure(self, code: str, /, **parameters: object) -> CommandFailed:
        """The command could not do its work (exit status 1)."""
        return CommandFailed(self.say(code, **parameters))

    def wrong(self, code: str, /, **parameters: object) -> CommandFailed:
        """The arguments were wrong (exit status 2)."""
        return WrongArguments(self.say(code, **parameters))


class CommandFailed(click.ClickException):
    """Ends the command with one line on stderr."""

    exit_code = DID_NOT_WORK


class WrongArguments(CommandFailed):
    """The same, where the caller could have known."""

    exit_code = WRONG_ARGUMENTS


pass_line = click.make_pass_decorator(CommandLine)


class SpokenOption(click.Option):
    """An option whose ``help`` is a code of the catalogue."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The option and its sentence in the language of the call."""
        record = super().get_help_record(ctx)
        if record is None:
            return None
        code = self.help or ""
        return record[0], record[1].replace(code, ctx.find_object(CommandLine).say(code))  # type: ignore[union-attr]


def option(*declarations: str, **attributes: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``click.option`` that speaks from the catalogue."""
    return click.option(*declarations, cls=SpokenOption, **attributes)


class _Spoken(click.Command):
    """Help from the catalogue: ``cli.help.trust-import``, an example from ``cli.example.trust-import``."""

    def _code(self, kind: str, ctx: click.Context) -> str:
        names: list[str] = []
        here: click.Context | None = ctx
        while here is not None and here.parent is not None:
            names.insert(0, here.info_name or "")
            here = here.parent
        return f"cli.{kind}.{'-'.join(names) or 'antin'}"

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What the command does."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(ctx.find_object(CommandLine).say(self._code("help", ctx)))  # type: ignore[union-attr]

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """How it is called."""
        line = ctx.find_object(CommandLine)
        code = self._code("example", ctx)
        if line is None or code not in line.texts:
            return
        with formatter.section(line.say("cli.example-heading")):
            for example in line.say(code).splitlines():
                formatter.write(f"{'':>{formatter.current_indent}}{example}\n")


class SpokenCommand(_Spoken):
    """A command with help and example from the catalogue."""


class SpokenGroup(_Spoken, click.Group):
    """A group whose commands are imported when they are called, so that ``antin --help`` and every error are quick.

    ``lazy`` maps the command's name to ``module:attribute``.
    """

    def __init__(self, *arguments: Any, lazy: Mapping[str, str] | None = None, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self._lazy = dict(lazy or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order in which they were declared."""
        return [*self._lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of the command and return it."""
        target = self._lazy.get(cmd_name)
        if target is None:
            return super().get_command(ctx, cmd_name)
        from importlib import import_module

        module, attribute = target.split(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One line each, without importing any of them."""
        line = ctx.find_object(CommandLine)
        assert line is not None
        own = self._code("help", ctx)
        prefix = "cli.help." if own == "cli.help.antin" else f"{own}-"
        with formatter.section(line.say("cli.commands-heading")):
            formatter.write_dl([(name, _first_sentence(line.say(prefix + name))) for name in self.list_commands(ctx)])


def _first_sentence(text: str) -> str:
    head, _, _ = text.partition(". ")
    return head.rstrip(".")


class TimeType(click.ParamType[datetime]):
    """ISO 8601; without a zone it is Vietnam's time, without a time of day the day's beginning."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """To aware UTC."""
        if isinstance(value, datetime):
            return value
        try:
            time = datetime.fromisoformat(str(value))
        except ValueError:
            line = ctx.find_object(CommandLine) if ctx is not None else None
            self.fail(line.say("cli.error.time", value=value) if line else f"{value!r}: ISO 8601", param, ctx)
        return (time if time.tzinfo is not None else time.replace(tzinfo=VIETNAM)).astimezone(UTC)


def argument_bytes(line: CommandLine, path: Path) -> bytes:
    """A file named by an option; one that cannot be read is a wrong argument."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise line.wrong("cli.error.argument-file", file=path, reason=error.strerror) from error


def secret_text(line: CommandLine, path: Path) -> str:
    """A password from a file, its line end left off."""
    try:
        return argument_bytes(line, path).decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise line.wrong("cli.error.password-encoding", file=path) from error


def local_time(time: datetime) -> str:
    """As it is printed in Vietnam (NĐ 30/2020 in its digital form): ``dd.MM.yyyy HH:mm:ss +07:00``."""
    return time.astimezone(VIETNAM).strftime("%d.%m.%Y %H:%M:%S +07:00")


def readable(name: str) -> str:
    """A file's name with what is not UTF-8 shown as question marks."""
    return name.encode("utf-8", "replace").decode("utf-8")


def joined(parts: Sequence[str | None], separator: str = " · ") -> str:
    """The parts that are there."""
    return separator.join(part for part in parts if part)
