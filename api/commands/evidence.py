"""The operator's commands for what is kept: evidence of verifications, the record of acts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from api.callers import OPERATOR
from api.commands.installation import opened_services
from api.commands.line import CommandLine, SpokenCommand, SpokenGroup, TimeType, option, pass_line


@click.group(cls=SpokenGroup)
def evidence() -> None:
    """See ``cli.help.evidence`` in the catalogue."""


@evidence.command("export", cls=SpokenCommand)
@click.argument("verification", metavar="ID")
@option("--out", required=True, type=click.Path(path_type=Path), metavar="OUT", help="cli.option.evidence-out")
@pass_line
def export(line: CommandLine, verification: str, out: Path) -> None:
    """See ``cli.help.evidence-export`` in the catalogue."""
    from api.actions.evidence import evidence_bundle

    with opened_services(line) as services:
        data = evidence_bundle(services, OPERATOR, verification, line.texts)
    out.write_bytes(data)
    line.out.print(line.say("cli.evidence.written", file=out), markup=False)


@evidence.command("destroy", cls=SpokenCommand)
@option("--before", required=True, type=TimeType(), metavar="DATE", help="cli.option.evidence-before")
@pass_line
def destroy(line: CommandLine, before: datetime) -> None:
    """See ``cli.help.evidence-destroy`` in the catalogue."""
    from api.actions.evidence import destroy_evidence

    with opened_services(line) as services:
        gone = destroy_evidence(services, OPERATOR, before)
    values = {"verifications": gone.verifications, "pieces": gone.pieces, "files": gone.files}
    line.out.print(line.say("cli.evidence.destroyed", **values), markup=False)


@click.group(cls=SpokenGroup)
def log() -> None:
    """See ``cli.help.log`` in the catalogue."""


@log.command("check", cls=SpokenCommand)
@pass_line
def check(line: CommandLine) -> None:
    """See ``cli.help.log-check`` in the catalogue."""
    from api.storage.journal import verify_acts_chain

    with opened_services(line) as services, services.database.reading() as transaction:
        found = verify_acts_chain(transaction)
    values = {"count": found.count, "head": found.head_sha256}
    if found.first_bad is not None:
        raise line.failure("cli.error.log", number=found.first_bad, **values)
    line.out.print(line.say("cli.log.whole", **values), markup=False)
