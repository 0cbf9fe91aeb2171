"""The installation a command works on: its settings, its catalogue, its object graph."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from api.commands.line import CommandLine
from api.settings import Settings, SettingsError
from certs.catalogue import Catalogue, CatalogueError, load_catalogue

if TYPE_CHECKING:
    from api.services import Services


def settings_of(line: CommandLine) -> Settings:
    """The settings of the installation that the process environment names."""
    try:
        return Settings.from_environment(line.environ)
    except SettingsError as error:
        raise line.failure("cli.error.settings", reason=error) from error


def catalogue_of(line: CommandLine, settings: Settings) -> Catalogue:
    """The shipped catalogue with the operator's additions."""
    try:
        return load_catalogue(settings.catalogue_path if settings.catalogue_path.exists() else None)
    except CatalogueError as error:
        raise line.failure("cli.error.settings", reason=error) from error


@contextmanager
def opened_services(line: CommandLine, *, offline: bool = False) -> Iterator[Services]:
    """The object graph of the installation; what an action refuses becomes the command's one line.

    The import stands here because the whole service takes a second to load and most commands do without it.
    """
    from api.refused import Refused
    from api.services import build_services

    settings = settings_of(line)
    try:
        with build_services(replace(settings, offline=offline or settings.offline), line.clock, line.environ) as built:
            yield built
    except SettingsError as error:
        raise line.failure("cli.error.settings", reason=error) from error
    except Refused as refused:
        from api.errors import Kind
        from api.problems import describe

        problem = describe(Kind(refused.kind.value), refused.parameters, line.texts)
        raise line.failure("cli.error.refused", words=problem.detail(line.language)) from refused
