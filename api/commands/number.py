"""``antin number``: the registers of outgoing letters, as the clerk keeps them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from api.callers import OPERATOR
from api.commands.installation import opened_services
from api.commands.line import VIETNAM, CommandLine, SpokenCommand, SpokenGroup, local_time, option, pass_line
from api.commands.operate import table_of
from api.dossiers.numbering import paper_number

if TYPE_CHECKING:
    from api.storage.numbers import NumberRow

DAY = click.DateTime(["%Y-%m-%d"])


@click.group(cls=SpokenGroup)
def number() -> None:
    """See ``cli.help.number`` in the catalogue."""


def _register(command: Callable[..., Any]) -> Callable[..., Any]:
    """What names a series."""
    return click.argument("agency")(click.argument("series")(command))


@number.command("list", cls=SpokenCommand)
@pass_line
def list_series(line: CommandLine) -> None:
    """See ``cli.help.number-list`` in the catalogue."""
    from api.actions import numbers

    with opened_services(line) as services:
        found = numbers.list_series(services, OPERATOR)
    table = table_of(line, "agency", "series", "name", "signs", "numbers-from", "last-number", "next-number")
    for one in found:
        origin = line.say(f"number.from.{one.numbers_from}")
        coming = "" if one.next_number is None else str(one.next_number)
        table.add_row(one.agency, one.id, one.name, ", ".join(one.signs), origin, str(one.last_number), coming)
    line.out.print(table)


@number.command("show", cls=SpokenCommand)
@_register
@option("--year", type=int, metavar="YYYY", help="cli.option.number-year")
@pass_line
def show(line: CommandLine, /, agency: str, series: str, year: int | None) -> None:
    """See ``cli.help.number-show`` in the catalogue."""
    from api.actions import numbers

    asked = year or line.clock().astimezone(VIETNAM).year
    rows: list[NumberRow] = []
    after: int | None = 0
    with opened_services(line) as services:
        while after is not None:
            page = numbers.read_register(services, OPERATOR, agency, series, asked, after)
            rows += page.entries
            after = page.next_after
    line.out.print(line.say("cli.number.register", name=page.series.name, year=asked), markup=False)
    table = table_of(line, "paper-number", "dated-on", "title", "signatory", "recipient", "state", "note")
    for row in rows:
        table.add_row(*_cells(line, row))
    line.out.print(table)
    if page.gaps:
        line.out.print(line.say("cli.number.gaps", gaps=_ranges(page.gaps)), markup=False, soft_wrap=True)


@number.command("paper", cls=SpokenCommand)
@_register
@click.argument("digits", metavar="NUMBER", type=click.IntRange(min=1))
@option("--dated-on", type=DAY, metavar="YYYY-MM-DD", required=True, help="cli.option.number-dated-on")
@option("--title", required=True, help="cli.option.number-title")
@option("--sign", help="cli.option.number-sign")
@option("--recipient", default="", help="cli.option.number-recipient")
@option("--signatory", default="", help="cli.option.number-signatory")
@option("--meant", is_flag=True, help="cli.option.number-meant")
@pass_line
def paper(line: CommandLine, /, digits: int, dated_on: datetime, **facts: Any) -> None:
    """See ``cli.help.number-paper`` in the catalogue."""
    from api.actions import numbers

    with opened_services(line) as services:
        asked = numbers.PaperNumber(number=digits, dated_on=dated_on.date(), **facts)
        row = numbers.record_paper_number(services, OPERATOR, asked)
    said = line.say("cli.number.recorded", number=paper_number(row.number, row.sign), year=row.year)
    line.out.print(said, markup=False)


@number.command("void", cls=SpokenCommand)
@_register
@click.argument("digits", metavar="NUMBER", type=click.IntRange(min=1))
@option("--reason", required=True, help="cli.option.number-reason")
@option("--year", type=int, metavar="YYYY", help="cli.option.number-year")
@pass_line
def void(line: CommandLine, /, agency: str, series: str, digits: int, reason: str, year: int | None) -> None:
    """See ``cli.help.number-void`` in the catalogue."""
    from api.actions import numbers

    asked = year or line.clock().astimezone(VIETNAM).year
    with opened_services(line) as services:
        row = numbers.void_number(services, OPERATOR, agency, series, asked, digits, reason)
    said = line.say("cli.number.voided", number=paper_number(row.number, row.sign), year=row.year)
    line.out.print(said, markup=False)


@number.command("waiting", cls=SpokenCommand)
@pass_line
def waiting(line: CommandLine) -> None:
    """See ``cli.help.number-waiting`` in the catalogue."""
    from api.actions import letters

    with opened_services(line) as services:
        found = letters.waiting(services, OPERATOR)
    table = table_of(line, "id", "agency", "series", "dossier", "title", "since", "paper-number")
    for one in found:
        since = local_time(one.signed_at)
        table.add_row(one.id, one.agency, one.series or "", one.dossier, one.title, since, one.number or "")
    line.out.print(table)


@number.command("issue", cls=SpokenCommand)
@click.argument("letter")
@pass_line
def issue(line: CommandLine, /, letter: str) -> None:
    """See ``cli.help.number-issue`` in the catalogue."""
    from api.actions import letters

    with opened_services(line) as services:
        done = letters.issue(services, OPERATOR, letter)
        if done.refusal is not None:
            raise done.refusal
    one = done.letter
    if one.number is None or one.dated_on is None:
        line.out.print(line.say("page.letter.called"), markup=False)
        return
    day, code = f"{one.dated_on:%d/%m/%Y}", one.result_code
    line.out.print(line.say("cli.number.issued", number=one.number, day=day, code=code), markup=False, soft_wrap=True)


@number.command("return", cls=SpokenCommand)
@click.argument("letter")
@option("--reason", required=True, help="cli.option.letter-reason")
@pass_line
def send_back(line: CommandLine, /, letter: str, reason: str) -> None:
    """See ``cli.help.number-return`` in the catalogue."""
    from api.actions import letters

    with opened_services(line) as services:
        returned = letters.send_back(services, OPERATOR, letter, reason)
    line.out.print(line.say("page.letter.returned", title=returned.title), markup=False, soft_wrap=True)


def _cells(line: CommandLine, row: NumberRow) -> Sequence[str]:
    dated = "" if row.dated_on is None else row.dated_on.strftime("%d/%m/%Y")
    note = row.void_reason or row.result_code or row.dossier or ""
    state = line.say(f"number.state.{row.state.value}")
    return paper_number(row.number, row.sign), dated, row.title, row.signatory, row.recipient, state, note


def _ranges(gaps: Sequence[tuple[int, int]]) -> str:
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in gaps)
