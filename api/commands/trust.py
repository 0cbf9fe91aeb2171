"""``antin trust``: what the configured trust store holds, and how a certificate gets into it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from api.commands.installation import catalogue_of, settings_of
from api.commands.line import CommandLine, SpokenCommand, SpokenGroup, local_time, option, pass_line
from certs.anchors import Imported, NotInCatalogue, TrustDirectory, TrustStoreError
from certs.catalogue import Catalogue
from certs.fetch import fetcher_for
from certs.refresh import Refreshed, RefreshLine, RefreshState, refresh
from certs.watch import expiry_warnings, load_thresholds

CERTIFICATE_SUFFIXES = frozenset({".pem", ".cer", ".crt", ".der", ".p7b", ".p7c"})


@click.group(cls=SpokenGroup)
def trust() -> None:
    """See ``cli.help.trust`` in the catalogue."""


@trust.command("list", cls=SpokenCommand)
@option("--json", "as_json", is_flag=True, help="cli.option.json")
@pass_line
def list_certificates(line: CommandLine, as_json: bool) -> None:
    """See ``cli.help.trust-list`` in the catalogue."""
    settings = settings_of(line)
    try:
        held = TrustDirectory(settings.trust_dir).list(catalogue_of(line, settings))
    except TrustStoreError as error:
        raise line.failure("cli.error.trust-store", reason=error) from error
    crls = RefreshState.load(settings.refresh_path).crls.values()
    warnings = expiry_warnings(held, crls, load_thresholds(), line.clock())
    if as_json:
        for item in held:
            click.echo(json.dumps(_row(item), ensure_ascii=False))
    elif not held:
        line.out.print(line.say("cli.trust.empty", directory=settings.trust_dir))
    else:
        line.out.print(_table(line, held))
    for warning in warnings:
        words = line.say(warning.code, name=warning.name, until=local_time(warning.until))
        line.err.print(f"⚠ {words}", markup=False)


@trust.command("refresh", cls=SpokenCommand)
@option("--json", "as_json", is_flag=True, help="cli.option.json")
@pass_line
def refresh_certificates(line: CommandLine, as_json: bool) -> None:
    """See ``cli.help.trust-refresh`` in the catalogue."""
    settings = settings_of(line)
    catalogue = catalogue_of(line, settings)
    fetcher = fetcher_for(catalogue, offline=settings.offline)
    state = RefreshState.load(settings.refresh_path)
    told: list[Refreshed] = []
    try:
        for found in refresh(TrustDirectory(settings.trust_dir), catalogue, fetcher, state, line.clock()):
            told.append(found.outcome)
            _tell(line, found, as_json)
    except TrustStoreError as error:
        raise line.failure("cli.error.trust-store", reason=error) from error
    settings.home.mkdir(parents=True, exist_ok=True)
    state.save(settings.refresh_path)
    if told and all(outcome is Refreshed.FAILED for outcome in told):
        raise line.failure("cli.error.trust-refresh", addresses=len(told))


def _tell(line: CommandLine, found: RefreshLine, as_json: bool) -> None:
    if as_json:
        row = {"outcome": found.outcome.value, "address": found.address, "name": found.name, "detail": found.detail}
        click.echo(json.dumps(row, ensure_ascii=False))
        return
    values = {"address": found.address, "name": found.name, "detail": found.detail}
    line.out.print(line.say(f"cli.refresh.{found.outcome.value}", **values), markup=False, soft_wrap=True)


@trust.command("import", cls=SpokenCommand)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@pass_line
def import_certificates(line: CommandLine, paths: tuple[Path, ...]) -> None:
    """See ``cli.help.trust-import`` in the catalogue."""
    settings = settings_of(line)
    directory, catalogue = TrustDirectory(settings.trust_dir), catalogue_of(line, settings)
    offered = [(file, path.is_dir()) for path in paths for file in _files(path)]
    refused = [file for file, swept in offered if not _take_in(line, directory, catalogue, file, swept=swept)]
    if refused:
        raise line.failure("cli.error.trust-refused", refused=len(refused), of=len(offered))


def _files(path: Path) -> list[Path]:
    """A directory stands for every file in it."""
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file())
    return [path]


def _take_in(line: CommandLine, directory: TrustDirectory, catalogue: Catalogue, file: Path, *, swept: bool) -> bool:
    """Import one file; ``swept``: it only lay in the directory that was named, and may be no certificate."""
    try:
        imported = directory.import_certificate(file.read_bytes(), catalogue)
    except OSError as error:
        line.err.print(line.say("cli.trust.refused", file=file, reason=error.strerror), markup=False)
        return False
    except NotInCatalogue as error:
        line.err.print(line.say("cli.trust.refused", file=file, reason=error), markup=False)
        return False
    except TrustStoreError as error:
        if swept and file.suffix.lower() not in CERTIFICATE_SUFFIXES:
            line.err.print(line.say("cli.trust.skipped", file=file), markup=False)
            return True
        line.err.print(line.say("cli.trust.unreadable", file=file, reason=error), markup=False)
        return False
    for item in imported:
        values = {"name": item.entry.name, "sha256": item.entry.sha256}
        line.out.print(line.say("cli.trust.imported", file=file, **values), markup=False, soft_wrap=True)
    return True


def _row(item: Imported) -> dict[str, Any]:
    entry = item.entry
    return {
        "name": entry.name,
        "regime": entry.regime.value,
        "role": entry.role.value,
        "valid_from": entry.not_before.isoformat(),
        "valid_until": entry.not_after.isoformat(),
        "sha256": entry.sha256,
        "file": str(item.path),
    }


def _table(line: CommandLine, held: tuple[Imported, ...]) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for column in ("name", "regime", "role", "valid", "sha256"):
        table.add_column(line.say(f"cli.trust.column.{column}"))
    for item in held:
        entry = item.entry
        period = f"{entry.not_before:%d.%m.%Y} – {entry.not_after:%d.%m.%Y}"
        regime = line.say(f"cli.regime.{entry.regime.value}")
        table.add_row(entry.name, regime, entry.role.value, period, f"{entry.sha256[:16]}…")
    return table
