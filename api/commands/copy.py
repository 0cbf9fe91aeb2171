"""``antin copy``: a copy made of a scan or an extract, by the same action as REST."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from api.callers import OPERATOR
from api.commands.installation import opened_services
from api.commands.line import CommandLine, SpokenCommand, local_time, option, pass_line
from api.commands.seal import DAY, LEVELS, order_of_line, write_new

FORMS = ("sao-y", "sao-luc", "trich-sao")
SOURCES = ("paper", "electronic")
"""As ``api.actions.copy_order`` has them (a test compares): help must not load the service."""


@click.command(cls=SpokenCommand)
@click.argument("file", type=click.Path(path_type=Path))
@option("--out", required=True, type=click.Path(path_type=Path), metavar="OUT", help="cli.option.out")
@option("--form", type=click.Choice(FORMS), required=True, help="cli.option.copy-form")
@option("--from", "source", type=click.Choice(SOURCES), required=True, help="cli.option.copy-source")
@option("--certified", is_flag=True, help="cli.option.copy-certified")
@option("--converter", metavar="NAME", help="cli.option.copy-converter")
@option("--converted-on", type=DAY, metavar="YYYY-MM-DD", help="cli.option.copy-converted-on")
@option("--original", type=click.Path(path_type=Path), metavar="FILE", help="cli.option.copy-original")
@option("--as", "agency", metavar="AGENCY", help="cli.option.as")
@option("--signatory", metavar="ID", help="cli.option.signatory")
@option("--code", metavar="DOSSIER-KQn", required=True, help="cli.option.code")
@option("--level", type=click.Choice(LEVELS), default="B-LTA", show_default=True, help="cli.option.level")
@option("--title", help="cli.option.title")
@option("--number", help="cli.option.number")
@option("--holder", help="cli.option.holder")
@option("--issued-on", type=DAY, metavar="YYYY-MM-DD", help="cli.option.issued-on")
@option("--idempotency-key", metavar="KEY", help="cli.option.idempotency-key")
@pass_line
def copy(line: CommandLine, /, file: Path, out: Path, idempotency_key: str | None, **wishes: object) -> None:
    """See ``cli.help.copy`` in the catalogue."""
    from dataclasses import replace

    from api.actions import copies, seals
    from api.actions.copy_order import CopyWish

    try:
        document = file.read_bytes()
    except OSError as error:
        raise line.failure("cli.error.argument-file", file=file, reason=error.strerror) from error
    if out.exists():
        raise line.wrong("cli.error.out-exists", file=out)
    converted_on, original = wishes["converted_on"], wishes.pop("original")
    try:
        original_sha256 = None if original is None else hashlib.sha256(Path(str(original)).read_bytes()).hexdigest()
    except OSError as error:
        raise line.failure("cli.error.argument-file", file=original, reason=error.strerror) from error
    wish = CopyWish(
        form=str(wishes["form"]),
        source=str(wishes["source"]),
        certified=bool(wishes["certified"]),
        converter=None if wishes["converter"] is None else str(wishes["converter"]),
        original_sha256=original_sha256,
        converted_on=None if converted_on is None else converted_on.date(),  # type: ignore[attr-defined]  # click.DateTime
    )
    with opened_services(line) as services:
        order = replace(order_of_line(line, services, document, file, {**wishes, "valid_until": None}), copy=wish)
        made = copies.make_copy(services, OPERATOR, idempotency_key or f"cli-{order.sha256}", order)
        _, data = seals.sealed_document(services, OPERATOR, made.seal.result_code)
    write_new(line, out, data)
    said = "cli.copy.replayed" if made.seal.replayed else "cli.copy.done"
    line.out.print(line.say(said, out=out), markup=False, soft_wrap=True)
    line.out.print(
        line.say(
            "cli.copy.facts",
            number=made.entry.number,
            year=made.entry.year,
            code=made.seal.verification_code,
            result_code=made.seal.result_code,
            at=local_time(made.seal.sealed_at),
        ),
        markup=False,
        soft_wrap=True,
    )
