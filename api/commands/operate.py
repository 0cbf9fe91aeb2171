"""The operator's commands: portal keys, officers' accounts, the database."""

from __future__ import annotations

from pathlib import Path

import click
from rich.table import Table

from api.callers import ALL_AGENCIES, OPERATOR
from api.commands.installation import opened_services, settings_of
from api.commands.line import CommandLine, SpokenCommand, SpokenGroup, local_time, option, pass_line, secret_text


@click.group(cls=SpokenGroup)
def key() -> None:
    """See ``cli.help.key`` in the catalogue."""


@key.command("create", cls=SpokenCommand)
@click.argument("name")
@option("--agency", "agencies", multiple=True, metavar="ID", help="cli.option.agency")
@pass_line
def create_key(line: CommandLine, name: str, agencies: tuple[str, ...]) -> None:
    """See ``cli.help.key-create`` in the catalogue. The key alone goes to stdout, so that it can be piped."""
    from api.actions.identities import create_api_key

    with opened_services(line) as services:
        made = create_api_key(services, OPERATOR, name, agencies or (ALL_AGENCIES,))
    click.echo(made.text)
    line.err.print(line.say("cli.key.created", name=made.name, id=made.id), markup=False)


@key.command("list", cls=SpokenCommand)
@pass_line
def list_keys(line: CommandLine) -> None:
    """See ``cli.help.key-list`` in the catalogue."""
    from api.actions.identities import list_api_keys

    with opened_services(line) as services:
        keys = list_api_keys(services, OPERATOR)
    table = table_of(line, "id", "name", "agencies", "since", "until")
    for one in keys:
        until = "" if one.revoked_at is None else local_time(one.revoked_at)
        table.add_row(one.id, one.name, " ".join(sorted(one.agencies)), local_time(one.created_at), until)
    line.out.print(table)


@key.command("revoke", cls=SpokenCommand)
@click.argument("key_id", metavar="ID")
@pass_line
def revoke_key(line: CommandLine, key_id: str) -> None:
    """See ``cli.help.key-revoke`` in the catalogue."""
    from api.actions.identities import list_api_keys, revoke_api_key

    with opened_services(line) as services:
        if key_id not in {one.id for one in list_api_keys(services, OPERATOR)}:
            raise line.failure("cli.error.unknown-key", id=key_id)
        revoke_api_key(services, OPERATOR, key_id)
    line.out.print(line.say("cli.key.revoked", id=key_id), markup=False)


@click.group(cls=SpokenGroup, lazy={"certificate": "api.commands.officer_certificates:certificate"})
def officer() -> None:
    """See ``cli.help.officer`` in the catalogue."""


@officer.command("add", cls=SpokenCommand)
@click.argument("sign_in_name")
@click.argument("name")
@option("--agency", "agencies", multiple=True, metavar="ID", help="cli.option.agency")
@option("--password-file", type=click.Path(path_type=Path), metavar="FILE", help="cli.option.officer-password")
@pass_line
def add_officer(
    line: CommandLine, sign_in_name: str, name: str, agencies: tuple[str, ...], password_file: Path | None
) -> None:
    """See ``cli.help.officer-add`` in the catalogue."""
    from api.actions.identities import create_officer

    password = _password(line, password_file)
    with opened_services(line) as services:
        create_officer(services, OPERATOR, sign_in_name, name, password, agencies or (ALL_AGENCIES,))
    line.out.print(line.say("cli.officer.added", name=sign_in_name), markup=False)


@officer.command("password", cls=SpokenCommand)
@click.argument("sign_in_name")
@option("--password-file", type=click.Path(path_type=Path), metavar="FILE", help="cli.option.officer-password")
@pass_line
def set_password(line: CommandLine, sign_in_name: str, password_file: Path | None) -> None:
    """See ``cli.help.officer-password`` in the catalogue."""
    from api.actions.identities import set_officer_password

    password = _password(line, password_file)
    with opened_services(line) as services:
        set_officer_password(services, OPERATOR, sign_in_name, password)
    line.out.print(line.say("cli.officer.password-set", name=sign_in_name), markup=False)


@officer.command("disable", cls=SpokenCommand)
@click.argument("sign_in_name")
@pass_line
def disable_officer(line: CommandLine, sign_in_name: str) -> None:
    """See ``cli.help.officer-disable`` in the catalogue."""
    from api.actions import identities

    with opened_services(line) as services:
        identities.disable_officer(services, OPERATOR, sign_in_name)
    line.out.print(line.say("cli.officer.disabled", name=sign_in_name), markup=False)


@officer.command("list", cls=SpokenCommand)
@pass_line
def list_officers(line: CommandLine) -> None:
    """See ``cli.help.officer-list`` in the catalogue."""
    from api.actions import identities

    with opened_services(line) as services:
        officers = identities.list_officers(services, OPERATOR)
    table = table_of(line, "sign-in-name", "name", "agencies", "since", "until")
    for one in officers:
        until = "" if one.disabled_at is None else local_time(one.disabled_at)
        table.add_row(one.sign_in_name, one.name, " ".join(sorted(one.agencies)), local_time(one.created_at), until)
    line.out.print(table)


@click.group(cls=SpokenGroup)
def database() -> None:
    """See ``cli.help.database`` in the catalogue."""


@database.command("upgrade", cls=SpokenCommand)
@pass_line
def upgrade(line: CommandLine) -> None:
    """See ``cli.help.database-upgrade`` in the catalogue."""
    from api.storage.migrate import upgrade_database

    settings = settings_of(line)
    upgrade_database(settings)
    line.out.print(line.say("cli.database.upgraded", home=settings.home), markup=False)


def table_of(line: CommandLine, *columns: str) -> Table:
    """An empty table of an operator's list, with these columns (``cli.column.…``)."""
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(line.say(f"cli.column.{column}"))
    return table


def _password(line: CommandLine, file: Path | None) -> str:
    if file is not None:
        return secret_text(line, file)
    answer: str = click.prompt(line.say("cli.prompt.password"), hide_input=True, confirmation_prompt=True, err=True)
    return answer
