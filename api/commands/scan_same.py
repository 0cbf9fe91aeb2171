"""``antin scan same``: is a file the same scan as another."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.text import Text

from api.actions.paper_prints import bind_files
from api.commands.installation import settings_of
from api.commands.line import CommandLine, SpokenCommand, option, pass_line
from api.commands.scan_compare import file_bytes
from api.services import comparison_workers


@click.command(cls=SpokenCommand)
@click.argument("copy", metavar="COPY", type=click.Path(path_type=Path))
@click.argument("original", metavar="ORIGINAL", type=click.Path(path_type=Path))
@option("--json", "as_json", is_flag=True, help="cli.option.json")
@pass_line
def same(line: CommandLine, copy: Path, original: Path, as_json: bool) -> None:
    """See ``cli.help.scan-same`` in the catalogue."""
    limit = settings_of(line).max_upload_bytes
    pair = [file_bytes(line, path, limit) for path in (copy, original)]
    with comparison_workers() as workers:
        found = None if max(map(len, pair)) > limit else bind_files(workers, pair[0], pair[1])
    name = "unreadable" if found is None else found.value
    if as_json:
        click.echo(json.dumps({"binding": name}))
    else:
        line.out.print(Text(line.say(f"binding.{name}"), "bold"))
