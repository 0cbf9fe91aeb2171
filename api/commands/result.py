"""``antin result``: what a result is now, and the decisions that withdraw, replace or correct it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from api.callers import OPERATOR, Right
from api.commands.installation import opened_services
from api.commands.line import CommandLine, SpokenCommand, SpokenGroup, local_time, option, pass_line

if TYPE_CHECKING:
    from api.actions.decisions import Authority, Decision, Facts
    from api.actions.living_results import LivingResult
    from api.services import Services

DAY = click.DateTime(["%Y-%m-%d"])
REASONS = (
    *("issued-in-error", "false-documents", "conditions-ended", "holder-request"),
    *("court-or-inspection", "content-changed", "mistake-in-writing", "other"),
)
"""As ``api.actions.decisions.Reason`` has them (a test compares): help must not load the service."""


@click.group(cls=SpokenGroup)
def result() -> None:
    """See ``cli.help.result`` in the catalogue."""


def _decision(command: Callable[..., Any]) -> Callable[..., Any]:
    """What every decision needs: which result, why, who decided."""
    for decorate in (
        option("--idempotency-key", metavar="KEY", help="cli.option.decision-key"),
        option("--note", help="cli.option.decision-note"),
        option("--decided-on", type=DAY, metavar="YYYY-MM-DD", required=True, help="cli.option.decided-on"),
        option("--decision", "decision_number", metavar="NUMBER", required=True, help="cli.option.decision-number"),
        option("--decided-by", required=True, help="cli.option.decided-by"),
        option("--reason", type=click.Choice(REASONS), required=True, help="cli.option.decision-reason"),
        click.argument("code", metavar="DOSSIER-KQn"),
    ):
        command = decorate(command)
    return command


@result.command("withdraw", cls=SpokenCommand)
@_decision
@pass_line
def withdraw(line: CommandLine, /, **wishes: Any) -> None:
    """See ``cli.help.result-withdraw`` in the catalogue."""
    _decide(line, "withdrawal", wishes)


@result.command("replace", cls=SpokenCommand)
@_decision
@option("--by", "successor", metavar="DOSSIER-KQn", required=True, help="cli.option.successor")
@pass_line
def replace(line: CommandLine, /, **wishes: Any) -> None:
    """See ``cli.help.result-replace`` in the catalogue."""
    _decide(line, "replacement", wishes)


@result.command("correct", cls=SpokenCommand)
@_decision
@option("--public-note", required=True, help="cli.option.public-note")
@option("--title", help="cli.option.title")
@option("--number", help="cli.option.number")
@option("--holder", help="cli.option.holder")
@option("--issued-on", type=DAY, metavar="YYYY-MM-DD", help="cli.option.issued-on")
@option("--valid-until", type=DAY, metavar="YYYY-MM-DD", help="cli.option.valid-until")
@pass_line
def correct(line: CommandLine, /, **wishes: Any) -> None:
    """See ``cli.help.result-correct`` in the catalogue."""
    _decide(line, "correction", wishes)


@result.command("show", cls=SpokenCommand)
@click.argument("code", metavar="DOSSIER-KQn")
@pass_line
def show(line: CommandLine, code: str) -> None:
    """See ``cli.help.result-show`` in the catalogue."""
    from api.actions.living_results import get_result

    with opened_services(line) as services:
        _print(line, services, get_result(services, OPERATOR, code))


@result.command("rights", cls=SpokenCommand)
@click.argument("who", metavar="NAME|KEY")
@option("--give", multiple=True, type=click.Choice([right.value for right in Right]), help="cli.option.give")
@option("--take", multiple=True, type=click.Choice([right.value for right in Right]), help="cli.option.take")
@pass_line
def rights(line: CommandLine, who: str, give: tuple[str, ...], take: tuple[str, ...]) -> None:
    """See ``cli.help.result-rights`` in the catalogue."""
    from api.actions.rights import change_rights

    with opened_services(line) as services:
        held = change_rights(services, OPERATOR, who, [Right(one) for one in give], [Right(one) for one in take])
    said = " ".join(sorted(held)) or "–"
    line.out.print(line.say("cli.result.rights", who=who, rights=said), markup=False, soft_wrap=True)


def _decide(line: CommandLine, kind: str, wishes: dict[str, Any]) -> None:
    from api.actions.decisions import Authority, Decision, Reason
    from api.actions.living_results import change_result
    from api.storage.living import ChangeKind

    authority: Authority = Authority(wishes["decided_by"], wishes["decision_number"], wishes["decided_on"].date())
    decision: Decision = Decision(
        kind=ChangeKind(kind),
        result_code=wishes["code"],
        reason=Reason(wishes["reason"]),
        authority=authority,
        note=wishes["note"],
        successor=wishes.get("successor"),
        public_note=wishes.get("public_note"),
        facts=_facts(wishes),
    )
    key = wishes["idempotency_key"] or f"cli-{decision.sha256}"
    with opened_services(line) as services:
        found = change_result(services, OPERATOR, key, decision)
        code = "cli.result.replayed" if found.replayed else f"cli.result.{kind}"
        line.out.print(line.say(code, code=decision.result_code), markup=False, soft_wrap=True)
        _print(line, services, found)


def _facts(wishes: dict[str, Any]) -> Facts:
    from api.actions.decisions import Facts

    return Facts(
        title=wishes.get("title"),
        number=wishes.get("number"),
        holder_name=wishes.get("holder"),
        issued_on=_day(wishes.get("issued_on")),
        valid_until=_day(wishes.get("valid_until")),
    )


def _day(value: datetime | None) -> date | None:
    return None if value is None else value.date()


def _print(line: CommandLine, services: Services, found: LivingResult) -> None:
    """State, decisions, versions."""
    from api.actions.check_result import shown_state

    row, state = found.row, shown_state(found.row, found.state.state, services.clock())
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_row(row.result_code, line.say(f"state.{state.value}"))
    table.add_row(line.say("cli.check.title"), row.title)
    table.add_row(line.say("cli.check.number"), row.paper_number)
    for change in found.changes:
        by = {"number": change.decision_number, "date": f"{change.decision_date:%d.%m.%Y}", "by": change.decided_by}
        said = f"{line.say(f'change.reason.{change.reason}')}; {line.say('page.change.decision-value', **by)}"
        successor = "" if change.successor is None else f" → {change.successor}"
        table.add_row(line.say(f"page.change.{change.kind.value}") + successor, f"{said} ({local_time(change.at)})")
    for version in found.versions:
        name = line.say("cli.result.version", number=version.number)
        cause = line.say(f"version.{version.cause.value}")
        table.add_row(name, f"{version.level} · {cause} · {local_time(version.made_at)} · {version.document_sha256}")
    line.out.print(table)
