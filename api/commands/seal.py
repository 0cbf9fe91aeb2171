"""``antin seal``: the result of a dossier signed and sealed from the command line, by the same action as REST."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.callers import OPERATOR
from api.codes import ResultCode
from api.commands.installation import opened_services
from api.commands.line import VIETNAM, CommandLine, SpokenCommand, local_time, option, pass_line

if TYPE_CHECKING:
    from api.actions.issue_order import IssueWish
    from api.actions.seal_order import SealOrder
    from api.services import Services

LEVELS = ("B-B", "B-T", "B-LT", "B-LTA")
DAY = click.DateTime(["%Y-%m-%d"])


@click.command(cls=SpokenCommand)
@click.argument("file", type=click.Path(path_type=Path))
@option("--out", type=click.Path(path_type=Path), metavar="OUT", help="cli.option.out")
@option("--preview", type=click.Path(path_type=Path), metavar="OUT.png", help="cli.option.preview")
@option("--as", "agency", metavar="AGENCY", help="cli.option.as")
@option("--signatory", metavar="ID", help="cli.option.signatory")
@option("--code", metavar="DOSSIER-KQn", help="cli.option.code")
@option("--level", type=click.Choice(LEVELS), default="B-LTA", show_default=True, help="cli.option.level")
@option("--attachment-of", metavar="DOSSIER-KQn", help="cli.option.attachment-of")
@option("--title", help="cli.option.title")
@option("--number", help="cli.option.number")
@option("--holder", help="cli.option.holder")
@option("--issued-on", type=DAY, metavar="YYYY-MM-DD", help="cli.option.issued-on")
@option("--series", metavar="ID", help="cli.option.series")
@option("--sign", help="cli.option.number-sign")
@option("--valid-until", type=DAY, metavar="YYYY-MM-DD", help="cli.option.valid-until")
@option("--idempotency-key", metavar="KEY", help="cli.option.idempotency-key")
@pass_line
def seal(
    line: CommandLine,
    /,
    file: Path,
    out: Path | None,
    preview: Path | None,
    idempotency_key: str | None,
    **wishes: object,
) -> None:
    """See ``cli.help.seal`` in the catalogue."""
    from api.actions import seals

    if preview is None and out is None:
        raise _missing("--out")
    if wishes["code"] is None and wishes["attachment_of"] is not None:
        wishes["code"] = _dossier_and_number(str(wishes["attachment_of"]))[0]
    if preview is None and wishes["code"] is None:
        raise _missing("--code")
    try:
        document = file.read_bytes()
    except OSError as error:
        raise line.failure("cli.error.argument-file", file=file, reason=error.strerror) from error
    for wanted in (out, preview):
        if wanted is not None and wanted.exists():
            raise line.wrong("cli.error.out-exists", file=wanted)
    if preview is not None:
        _preview(line, document, preview, wishes)
        return
    if out is None:
        raise _missing("--out")
    with opened_services(line) as services:
        order = order_of_line(line, services, document, file, wishes)
        sealed = seals.seal(services, OPERATOR, idempotency_key or f"cli-{order.sha256}", order)
        _, data = seals.sealed_document(services, OPERATOR, sealed.result_code)
    write_new(line, out, data)
    facts = {"result_code": sealed.result_code, "code": sealed.verification_code, "url": sealed.check_url}
    done = line.say("cli.seal.replayed" if sealed.replayed else "cli.seal.done", out=out)
    line.out.print(done, markup=False, soft_wrap=True)
    at = local_time(sealed.sealed_at)
    if wishes["series"] is not None:
        number = line.say("cli.seal.number", number=sealed.number, day=f"{sealed.issued_on:%d/%m/%Y}")
        line.out.print(number, markup=False, soft_wrap=True)
    line.out.print(line.say("cli.seal.facts", level=sealed.level, at=at, **facts), markup=False, soft_wrap=True)


def _missing(name: str) -> click.UsageError:
    context = click.get_current_context()
    parameter = next(one for one in context.command.params if name in one.opts)
    return click.MissingParameter(ctx=context, param=parameter)


def _preview(line: CommandLine, document: bytes, out: Path, wishes: dict[str, object]) -> None:
    """The picture of the page with its seals; nothing is signed."""
    from api.actions.preview_seal import PreviewOrder, preview_seal

    with opened_services(line) as services:
        agency = _agency(line, services, wishes["agency"])
        order = PreviewOrder(agency, _signatory(line, services, agency, wishes["signatory"]), document)
        shown = preview_seal(services, OPERATOR, order, line.language)
    write_new(line, out, shown.png)
    way = line.say(f"seal.method.{shown.method or 'text'}")
    line.out.print(
        line.say("cli.seal.preview", out=out, page=shown.page, pages=shown.pages, method=way),
        markup=False,
        soft_wrap=True,
    )


def order_of_line(
    line: CommandLine, services: Services, document: bytes, file: Path, wishes: dict[str, object]
) -> SealOrder:
    """The order, completed with what the dossier, the agencies and the calendar say."""
    from api.actions.dossiers import get_dossier
    from api.actions.seal_order import SealOrder
    from api.actions.seals import get_seal

    dossier, number = _dossier_and_number(str(wishes["code"]))
    agency = _agency(line, services, wishes["agency"])
    known = get_dossier(services, OPERATOR, dossier)
    main = wishes.get("attachment_of")
    issue = _issue(line, wishes)
    usual_number = wishes["code"] if main is None else get_seal(services, OPERATOR, str(main)).number
    return SealOrder(
        agency=agency,
        signatory=_signatory(line, services, agency, wishes["signatory"]),
        dossier=dossier,
        document=document,
        level=str(wishes["level"]),
        title=str(wishes["title"] or known.data.procedure_name),
        number="" if issue is not None else str(wishes["number"] or usual_number),
        holder_name=str(wishes["holder"] or known.data.applicant_name),
        issued_on=None if issue is not None else _day(wishes["issued_on"]) or line.clock().astimezone(VIETNAM).date(),
        valid_until=_day(wishes["valid_until"]),
        filename=file.name,
        result_number=number,
        attachment_of=None if main is None else str(main),
        issue=issue,
    )


def _issue(line: CommandLine, wishes: dict[str, object]) -> IssueWish | None:
    """Number and date written in at issue: from the series, or those that were typed where the portal numbers it."""
    from api.actions.issue_order import IssueWish

    series, sign, typed = wishes.get("series"), wishes.get("sign"), wishes["number"]
    if series is None:
        if sign is not None:
            raise line.wrong("cli.error.sign-without-series")
        return None
    if typed is not None and not (str(typed).isascii() and str(typed).isdigit()):
        raise line.wrong("cli.error.series-number", number=typed)
    return IssueWish(
        series=str(series),
        sign=None if sign is None else str(sign),
        number=None if typed is None else int(str(typed)),
        issued_on=_day(wishes["issued_on"]),
    )


def _dossier_and_number(code: str) -> tuple[str, int | None]:
    try:
        parsed = ResultCode.parse(code)
    except ValueError:  # the dossier's code alone: the next free number
        return code, None
    return parsed.dossier, parsed.number


def _agency(line: CommandLine, services: Services, wished: object) -> str:
    agencies = services.sealing.agencies if services.sealing is not None else {}
    if wished is not None or not agencies:
        return str(wished or "")
    if len(agencies) > 1:
        raise line.wrong("cli.error.which-agency", agencies=", ".join(agencies))
    return next(iter(agencies))


def _signatory(line: CommandLine, services: Services, agency: str, wished: object) -> str:
    known = services.sealing.agencies.get(agency) if services.sealing is not None else None
    if wished is not None or known is None:
        return str(wished or "")
    if len(known.signatories) != 1:
        raise line.wrong("cli.error.which-signatory", signatories=", ".join(one.id for one in known.signatories))
    return known.signatories[0].id


def _day(value: object) -> date | None:
    return None if value is None else value.date()  # type: ignore[attr-defined]  # click.DateTime gives a datetime


def write_new(line: CommandLine, out: Path, data: bytes) -> None:
    """Write a new file whole or not at all; the seal itself is recorded and the same command gives it again."""
    draft = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with draft.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        draft.rename(out)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise line.failure("cli.error.out", file=out, reason=error.strerror) from error
