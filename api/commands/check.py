"""``antin check``: is this result genuine and in force; by its code, by its file, by a picture of its QR code."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import click
from rich.padding import Padding
from rich.table import Table

from api.commands.installation import opened_services
from api.commands.line import CommandLine, SpokenCommand, local_time, option, pass_line

if TYPE_CHECKING:
    from api.actions.check_result import PublicAnswer, PublicResult, PublicSuccessor
    from api.services import Services

CHECK_PATH = "/kiem-tra/"
_COLOURS = {
    "in-force": "green",
    "expired": "yellow",
    "withdrawn": "red",
    "replaced": "red",
    "unknown": "red",
    "malformed": "red",
}


@click.command(cls=SpokenCommand)
@click.argument("what", metavar="CODE|FILE|IMAGE")
@option("--offline", is_flag=True, help="cli.option.offline")
@pass_line
def check(line: CommandLine, what: str, offline: bool) -> None:
    """See ``cli.help.check`` in the catalogue."""
    path = Path(what)
    data = _read(line, path) if path.exists() or _looks_like_a_path(what) else None
    with opened_services(line, offline=offline) as services:
        if data is None:
            _by_code(line, services, what)
        elif _is_picture(data):
            _by_picture(line, services, data)
        else:
            _by_file(line, services, path, data)


def _looks_like_a_path(what: str) -> bool:
    return "/" in what or Path(what).suffix.lower() in {".pdf", ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff"}


def _read(line: CommandLine, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise line.failure("cli.error.argument-file", file=path, reason=error.strerror) from error


def _is_picture(data: bytes) -> bool:
    from verifier.formats import sniff
    from verifier.report import DocumentFormat

    return sniff(data).format is DocumentFormat.IMAGE


def _by_code(line: CommandLine, services: Services, typed: str) -> None:
    from api.actions.check_result import ResultState, public_by_code

    answer = public_by_code(services, typed)
    if answer.state is ResultState.MALFORMED:
        raise line.wrong("page.result.malformed.title")
    _print(line, answer, of_file=False)


def _by_picture(line: CommandLine, services: Services, data: bytes) -> None:
    """Read the QR code in a worker process: a picture is untrusted bytes too."""
    codes = _codes_on(line, services, data)
    ours = [code for code in codes if _is_ours(services, code)]
    if not codes:
        raise line.failure("cli.check.no-code")
    if not ours:
        raise line.failure("cli.check.foreign-code", address=urlsplit(codes[0]).netloc or codes[0])
    _by_code(line, services, unquote(urlsplit(ours[0]).path.rpartition(CHECK_PATH)[2]))


def _codes_on(line: CommandLine, services: Services, data: bytes) -> tuple[str, ...]:
    from api.intake.printed_code import NotAPicture, read_codes
    from verifier.process.workers import WorkerFailedError

    try:
        return services.validation.workers.run(read_codes, data)
    except (NotAPicture, WorkerFailedError) as error:
        raise line.failure("cli.check.unreadable-picture") from error


def _is_ours(services: Services, text: str) -> bool:
    """Does the code lead to this installation's own check, and nowhere else."""
    own, address = urlsplit(services.settings.public_url), urlsplit(text)
    return (address.scheme, address.netloc) == (own.scheme, own.netloc) and CHECK_PATH in address.path


def _by_file(line: CommandLine, services: Services, path: Path, data: bytes) -> None:
    """Look the digest up, then check the signatures now: the first knows withdrawal, the second knows revocation."""
    from api.actions.check_result import public_by_digest
    from api.commands.report_view import print_report
    from api.report_json import report_to_json
    from verifier.verify import VerificationInput

    _print(line, public_by_digest(services, hashlib.sha256(data).hexdigest()), of_file=True)
    report = services.validation.judge(VerificationInput(data), services.clock())
    print_report(line, report_to_json(report, line.texts, str(path)), report)


def _print(line: CommandLine, answer: PublicAnswer, *, of_file: bool) -> None:
    colour, result = _COLOURS[answer.state.value], answer.result
    code = f"page.result.{'file-' if of_file else ''}{answer.state.value}"
    values = {} if result is None else {"agency": result.agency, "valid_until": _day(result.valid_until)}
    line.out.print(line.say(f"{code}.title", **values), style=f"bold {colour}", markup=False)
    line.out.print(line.say(f"{code}.text", **values), markup=False)
    if result is not None:
        _print_decisions(line, result)
        table = Table(show_header=False, box=None, padding=(0, 2, 0, 0), pad_edge=False)
        rows = {
            "title": result.title,
            "number": result.number,
            "issued-on": _day(result.issued_on),
            "agency": result.agency,
            "holder": result.holder,
            "valid-until": _day(result.valid_until),
            "sealed-at": local_time(result.sealed_at),
        }
        if result.main is not None:
            rows["main"] = _named(line, result.main)
        for name, value in rows.items():
            table.add_row(line.say(f"cli.check.{name}"), value)
        line.out.print(Padding(table, (0, 0, 0, 2), expand=False))
    for part in answer.not_checked:
        line.out.print(f"  – {line.say(f'not-checked.{part.value}')}", style="dim", markup=False)


def _print_decisions(line: CommandLine, result: PublicResult) -> None:
    if result.earlier_version:
        line.out.print(line.say("page.result.earlier-version"), markup=False)
    ending = [] if result.change is None else [result.change]
    for change in (*ending, *reversed(result.corrections)):
        day, kind = _day(change.decision_date), line.say(f"page.change.{change.kind.value}")
        by = {"number": change.decision_number, "date": day, "by": change.decided_by}
        said = [line.say("page.change.decision-value", **by), line.say(f"change.reason.{change.reason}")]
        if change.note is not None:
            said.insert(0, change.note)
        line.out.print(f"{kind}: {'; '.join(said)} ({local_time(change.at)})", markup=False, soft_wrap=True)
    if result.successor is not None:
        text = _named(line, result.successor)
        line.out.print(f"{line.say('page.change.successor')}: {text}", markup=False, soft_wrap=True)


def _named(line: CommandLine, other: PublicSuccessor) -> str:
    """Another result in words, with what is to be said of it now."""
    about = {"title": other.title, "number": other.number, "date": _day(other.issued_on)}
    return line.say("page.change.successor-value", **about, state=line.say(f"state.{other.state.value}"))


def _day(day: date | None) -> str:
    return "–" if day is None else f"{day:%d.%m.%Y}"
