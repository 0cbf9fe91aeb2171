"""``antin scan``: scanned papers."""

from __future__ import annotations

import click

from api.commands.line import SpokenGroup

COMMANDS = {
    "check": "api.commands.scan_check:check",
    "compare": "api.commands.scan_compare:compare",
    "same": "api.commands.scan_same:same",
}


@click.group(cls=SpokenGroup, lazy=COMMANDS)
def scan() -> None:
    """See ``cli.help.scan`` in the catalogue."""
