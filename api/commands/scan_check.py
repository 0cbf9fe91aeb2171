"""``antin scan check``: is each file a proper scan, page by page, and how it is put right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from api.actions.check_scan import scan_to_json
from api.commands.installation import settings_of
from api.commands.line import (
    DID_NOT_WORK,
    CommandLine,
    SpokenCommand,
    option,
    pass_line,
    readable,
    secret_text,
)
from verifier.process.workers import LimitedWorkers
from verifier.scans.check import check_scan
from verifier.scans.report import ScanReport, unreadable

_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}


@click.command(cls=SpokenCommand)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@option("--password-file", type=click.Path(path_type=Path), metavar="FILE", help="cli.option.password-file")
@option("--json", "as_json", is_flag=True, help="cli.option.json")
@pass_line
def check(line: CommandLine, files: tuple[Path, ...], password_file: Path | None, as_json: bool) -> int:
    """See ``cli.help.scan-check`` in the catalogue."""
    password = None if password_file is None else secret_text(line, password_file)
    limit = settings_of(line).max_upload_bytes
    every_file_was_read = True
    with LimitedWorkers() as workers:
        for path in files:
            data = _bytes(path, limit)
            if isinstance(data, bytes):
                report = unreadable("FILE-TOO-LARGE") if len(data) > limit else check_scan(workers, data, password)
            else:
                report, every_file_was_read = data, False
            answer = scan_to_json(report, line.texts)
            if as_json:
                click.echo(json.dumps(answer, ensure_ascii=False))
            else:
                _print(line, path, answer)
    return 0 if every_file_was_read else DID_NOT_WORK


def _bytes(path: Path, limit: int) -> bytes | ScanReport:
    """A byte more than the limit at most; the report where there is no file."""
    try:
        with path.open("rb") as stream:
            return stream.read(limit + 1)
    except OSError as error:
        code = "FILE-NOT-FOUND" if isinstance(error, FileNotFoundError) else "FILE-NOT-READABLE"
        return unreadable(code, file=readable(str(path)), reason=error.strerror or "")


def _print(line: CommandLine, path: Path, answer: dict[str, Any]) -> None:
    mark, colour = ("✔", "green") if answer["conforms"] else ("✘", "red")
    said = line.say("scan.conforms" if answer["conforms"] else "scan.does-not-conform")
    line.out.print(Text.assemble((f"{mark} ", colour), (readable(str(path)), "bold")))
    line.out.print(Text.assemble("  ", (line.say(f"scan.kind.{answer['kind']}"), "bold"), " · ", (said, colour)))
    if answer["pages"]:
        line.out.print(Padding(_table(line, answer["pages"]), (0, 0, 0, 2), expand=False))
    for finding in [*answer["findings"], *(one for page in answer["pages"] for one in page["findings"])]:
        bullet = ("• ", _COLOURS[finding["severity"]])
        text = Text.assemble(bullet, finding[f"text_{line.language}"], (f"  [{finding['code']}]", "dim"))
        line.out.print(Padding(text, (0, 0, 0, 2), expand=False))
    line.out.print()


def _table(line: CommandLine, pages: list[dict[str, Any]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in ("page", "dpi", "colour", "size", "skew"):
        table.add_column(line.say(f"scan.column.{name}"), justify="right" if name != "colour" else "left")
    for number, page in enumerate(pages, 1):
        dpi = "–" if page["dpi"] is None else " × ".join(f"{value:.0f}" for value in page["dpi"])
        size = " × ".join(f"{value:.0f}" for value in page["size_mm"])
        colour = line.say(f"scan.colour.{page['colour']}")
        table.add_row(str(number), dpi, colour, size, f"{page['skew_degrees']:.1f}°")
    return table
