"""``antin officer certificate``: the register of certificates with which officers sign scans at the counter."""

from __future__ import annotations

from pathlib import Path

import click

from api.callers import OPERATOR
from api.commands.installation import catalogue_of, opened_services
from api.commands.line import (
    CommandLine,
    SpokenCommand,
    SpokenGroup,
    argument_bytes,
    local_time,
    option,
    pass_line,
)
from api.commands.operate import table_of
from certs.anchors import TrustDirectory, TrustStoreError


@click.group(cls=SpokenGroup)
def certificate() -> None:
    """See ``cli.help.officer-certificate`` in the catalogue."""


@certificate.command("add", cls=SpokenCommand)
@click.argument("file", type=click.Path(path_type=Path))
@option("--agency", metavar="ID", help="cli.option.certificate-agency")
@pass_line
def add(line: CommandLine, file: Path, agency: str | None) -> None:
    """See ``cli.help.officer-certificate-add`` in the catalogue."""
    from api.actions.officers import CertificateRefused, register_certificate

    data = argument_bytes(line, file)
    with opened_services(line) as services:
        try:
            store = TrustDirectory(services.settings.trust_dir).load(catalogue_of(line, services.settings))
            made = register_certificate(services, OPERATOR, data, store, agency)
        except TrustStoreError as error:
            raise line.failure("cli.error.trust-store", reason=error) from error
        except CertificateRefused as refused:
            raise line.failure(f"cli.officer-certificate.{refused.fault.value}", file=file) from refused
    values = {"name": made.name, "email": made.email or "–", "sha256": made.certificate_sha256}
    line.out.print(line.say("cli.officer-certificate.added", **values), markup=False, soft_wrap=True)


@certificate.command("remove", cls=SpokenCommand)
@click.argument("sha256", metavar="SHA256")
@pass_line
def remove(line: CommandLine, sha256: str) -> None:
    """See ``cli.help.officer-certificate-remove`` in the catalogue."""
    from api.actions.officers import withdraw_certificate

    digest = sha256.strip().replace(":", "").lower()
    with opened_services(line) as services:
        if not withdraw_certificate(services, OPERATOR, digest):
            raise line.failure("cli.error.unknown-certificate", sha256=sha256)
    line.out.print(line.say("cli.officer-certificate.removed", sha256=digest), markup=False, soft_wrap=True)


@certificate.command("list", cls=SpokenCommand)
@pass_line
def list_registered(line: CommandLine) -> None:
    """See ``cli.help.officer-certificate-list`` in the catalogue."""
    from api.actions.officers import list_certificates

    with opened_services(line) as services:
        registered = list_certificates(services, OPERATOR)
    table = table_of(line, "name", "email", "organization", "agencies", "since", "until", "certificate")
    for one in registered:
        until = "" if one.withdrawn_at is None else local_time(one.withdrawn_at)
        organization, agency = one.organization or "", one.agency or "*"
        since, name = local_time(one.registered_at), one.name
        table.add_row(name, one.email or "", organization, agency, since, until, one.certificate_sha256)
    line.out.print(table)
