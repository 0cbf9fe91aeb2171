"""``antin scan compare``: a copy against its original, and where they differ."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.text import Text

from api.actions.compare_papers import compare_files, comparison_to_json
from api.commands.installation import settings_of
from api.commands.line import CommandLine, SpokenCommand, option, pass_line, readable
from api.services import comparison_workers
from verifier.scans.compare import Comparison, Outcome, not_comparable
from verifier.scans.differences import PageComparison

_COLOURS = {Outcome.MATCH: "green", Outcome.DIFFERENCES: "red", Outcome.NOT_COMPARABLE: "yellow"}
_MARKS = {Outcome.MATCH: "✔", Outcome.DIFFERENCES: "✘", Outcome.NOT_COMPARABLE: "●"}


@click.command(cls=SpokenCommand)
@click.argument("copy", metavar="COPY", type=click.Path(path_type=Path))
@click.argument("original", metavar="ORIGINAL", type=click.Path(path_type=Path))
@option("--picture", type=click.Path(path_type=Path), metavar="OUT.png", help="cli.option.comparison-picture")
@option("--json", "as_json", is_flag=True, help="cli.option.json")
@pass_line
def compare(line: CommandLine, copy: Path, original: Path, picture: Path | None, as_json: bool) -> None:
    """See ``cli.help.scan-compare`` in the catalogue."""
    limit = settings_of(line).max_upload_bytes
    pair = [file_bytes(line, path, limit) for path in (copy, original)]
    if max(map(len, pair)) > limit:
        found = not_comparable("FILE-TOO-LARGE")
    else:
        with comparison_workers() as workers:
            found = compare_files(workers, pair[0], pair[1], picture=picture is not None)
    if picture is not None and found.picture is not None:
        _write(line, picture, found.picture)
    if as_json:
        click.echo(json.dumps(comparison_to_json(found, line.texts), ensure_ascii=False))
    else:
        _print(line, copy, found)


def file_bytes(line: CommandLine, path: Path, limit: int) -> bytes:
    """A file of the pair; a byte more than ``limit`` at most.

    Raises:
        CommandFailed: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(limit + 1)
    except OSError as error:
        raise line.failure("cli.error.scan-file", file=readable(str(path)), reason=error.strerror or "") from error


def _write(line: CommandLine, path: Path, png: bytes) -> None:
    try:
        path.write_bytes(png)
    except OSError as error:
        raise line.failure("cli.error.scan-file", file=readable(str(path)), reason=error.strerror or "") from error


def _print(line: CommandLine, copy: Path, found: Comparison) -> None:
    colour = _COLOURS[found.outcome]
    line.out.print(Text.assemble((f"{_MARKS[found.outcome]} ", colour), (readable(str(copy)), "bold")))
    line.out.print(Text.assemble("  ", (line.say(f"comparison.outcome.{found.outcome.value}"), f"bold {colour}")))
    for finding in found.findings:
        line.out.print(Text(f"  • {line.texts.finding(finding, line.language)}"))
    for page in found.pages:
        _print_page(line, page)


def _print_page(line: CommandLine, page: PageComparison) -> None:
    for each in page.differences:
        left, top, right, bottom = (round(value) for value in each.box)
        line.out.print(
            Text(
                "    "
                + line.say(
                    "comparison.place",
                    page=page.copy_page,
                    kind=line.say(f"comparison.kind.{each.kind.value}"),
                    left=left,
                    top=top,
                    right=right,
                    bottom=bottom,
                )
            )
        )
