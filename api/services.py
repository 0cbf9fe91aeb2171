"""The object graph, built once per process; every action takes it as its first argument."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.clock import Clock, system_clock
from api.dossiers.profiles import ProvinceProfile, load_profiles
from api.settings import Settings, SettingsError
from api.storage.database import Database
from api.storage.documents import DocumentStore
from api.storage.migrate import upgrade_database
from api.storage.stamp_counts import DatabaseLedger
from api.validation import Validation
from verifier.process.fork_server import start_ahead
from verifier.process.workers import LimitedWorkers

if TYPE_CHECKING:
    from api.report_sealing import ReportSealing
    from api.sealing import Sealing

SECRET_BYTES = 32
COMPARISON_CPU_S = 3600.0
"""Processor time at which a comparison is stopped that no count foresaw: 60 pages at 3 seconds need a twentieth."""
COMPARISON_MEMORY_BYTES = 3 << 29
"""Address space of one comparison; its memory in use stays below half of it."""


@dataclass(frozen=True)
class Services:
    """What one process of the service works with. Close it when done (``with build_services(…) as services``).

    ``evidence`` is a second store like ``documents``, for certificates, CRLs and OCSP answers. ``profiles`` are the
    provincial regulations. ``validation`` judges documents in worker processes, ``comparisons`` lays copies over
    originals in one of its own, with its own limits; ``sealing`` is None where no agency is
    configured (a verify-only deployment), ``report_sealing`` where no report key is.
    ``secret`` keys the surface's form tokens and the throttling of sign-ins.
    """

    settings: Settings
    clock: Clock
    database: Database
    documents: DocumentStore
    evidence: DocumentStore
    profiles: Mapping[str, ProvinceProfile]
    validation: Validation
    comparisons: LimitedWorkers
    sealing: Sealing | None
    secret: bytes
    report_sealing: ReportSealing | None = None

    def __enter__(self) -> Services:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the worker processes, close keys and connections."""
        self.validation.close()
        self.comparisons.close()
        self.database.close()


def build_services(
    settings: Settings,
    clock: Clock = system_clock,
    environ: Mapping[str, str] = os.environ,
    *,
    serving: bool = False,
) -> Services:
    """Build the graph and bring the database up to date.

    Args:
        settings: of this installation.
        clock: where "now" comes from.
        environ: where key passphrases and PINs named by a variable are read from.
        serving: requests are answered: they wait for a worker as long as the settings say. Else it is waited for.

    Raises:
        SettingsError: something configured cannot be used; the message says what.
    """
    start_ahead()  # before anything is opened that a document must not reach
    upgrade_database(settings)
    max_wait_s = float(settings.verify_wait_s) if serving else None
    validation = Validation(settings, max_wait_s=max_wait_s)
    database = Database(settings.database_url)
    return Services(
        settings=settings,
        clock=clock,
        database=database,
        documents=DocumentStore(settings.documents_dir),
        evidence=DocumentStore(settings.evidence_dir),
        profiles=load_profiles(),
        validation=validation,
        comparisons=comparison_workers(max_wait_s),
        sealing=_sealing(settings, validation, environ, database, clock),
        secret=read_or_make_secret(settings),
        report_sealing=_report_sealing(settings, environ, database, clock),
    )


def comparison_workers(max_wait_s: float | None = None) -> LimitedWorkers:
    """A worker with the limits of a comparison: pictures cost more than signatures."""
    return LimitedWorkers(cpu_s=COMPARISON_CPU_S, memory_bytes=COMPARISON_MEMORY_BYTES, max_wait_s=max_wait_s)


def _sealing(
    settings: Settings, validation: Validation, environ: Mapping[str, str], database: Database, clock: Clock
) -> Sealing | None:
    if not settings.agencies_path.exists():
        return None
    # Imported here: a verify-only deployment leaves the package ``signer`` out (design.md).
    from api.key_ledger import KeyLedger
    from api.sealing import build_sealing

    return build_sealing(settings, validation, environ, KeyLedger(database, clock), DatabaseLedger(database, clock))


def _report_sealing(
    settings: Settings, environ: Mapping[str, str], database: Database, clock: Clock
) -> ReportSealing | None:
    if settings.report_key is None:
        return None
    # Imported here as above: it imports ``signer``.
    from api.key_ledger import KeyLedger
    from api.report_sealing import build_report_sealing

    return build_report_sealing(settings, environ, KeyLedger(database, clock))


def read_or_make_secret(settings: Settings) -> bytes:
    """The installation's secret of at least 32 bytes; made at the first start, readable by its owner only.

    Raises:
        SettingsError: the file is too short.
    """
    path = settings.secret_file
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process of this installation was quicker: its secret holds
            path.hardlink_to(draft)
        draft.unlink()
    secret = path.read_bytes()
    if len(secret) < SECRET_BYTES:
        raise SettingsError(f"secret_file: {path} holds fewer than {SECRET_BYTES} bytes")
    return secret
