"""The operator's commands for what is kept: evidence of verifications, the record of acts."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click

from api.callers import OPERATOR
from api.commands.installation import opened_services
from api.commands.line import CommandLine, SpokenCommand, SpokenGroup, TimeType, local_time, option, pass_line


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


@evidence.command("health", cls=SpokenCommand)
@option("--json", "as_json", is_flag=True, help="cli.option.health-json")
@pass_line
def health(line: CommandLine, as_json: bool) -> None:
    """See ``cli.help.evidence-health`` in the catalogue."""
    from api.actions.evidence_health import evidence_health, reason_code
    from api.storage.upkeep import Task

    with opened_services(line) as services:
        found = evidence_health(services, OPERATOR)
    if as_json:
        from api.v1.living_answers import health_to_json

        click.echo(json.dumps(health_to_json(found, line.texts), ensure_ascii=False))
        return
    due = {f"task.{task.value}": found.due.get(task, 0) for task in Task}
    said = ", ".join(f"{line.say(code)} {count}" for code, count in due.items())
    line.out.print(line.say("cli.evidence.due", due=said), markup=False, soft_wrap=True)
    if found.next_due is not None:
        line.out.print(line.say("cli.evidence.next", at=local_time(found.next_due)), markup=False, soft_wrap=True)
    for month in found.months:
        line.out.print(f"  {month.month}  {month.count}", markup=False)
    for row in found.stuck:
        until = "–" if row.expires_at is None else local_time(row.expires_at)
        words = {"code": row.result_code, "until": until, "reason": line.say(reason_code(row))}
        line.out.print(line.say("cli.evidence.stuck", **words), markup=False, soft_wrap=True)
    for quota in found.quotas:
        line.out.print(f"  {quota.address}  {quota.period}  {quota.used}/{quota.limit}", markup=False, soft_wrap=True)


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
