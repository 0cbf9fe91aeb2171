"""The object graph, built once per process; every action takes it as its first argument."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.clock import Clock, system_clock
from api.settings import Settings

if TYPE_CHECKING:
    from api.sealing import Sealing
    from api.storage.database import Database
    from api.storage.documents import DocumentStore
    from api.validation import Validation


@dataclass(frozen=True)
class Services:
    """What one process of the service works with. Close it when done (``with build_services(…) as services``).

    ``evidence`` is a second store like ``documents``, for certificates, CRLs and OCSP answers. ``validation`` judges
    documents in worker processes; ``sealing`` is None where no agency is configured (a verify-only deployment).
    ``secret`` keys the surface's form tokens.
    """

    settings: Settings
    clock: Clock
    database: Database
    documents: DocumentStore
    evidence: DocumentStore
    validation: Validation
    sealing: Sealing | None
    secret: bytes

    def __enter__(self) -> Services:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the worker processes, close keys and connections."""
        raise NotImplementedError


def build_services(settings: Settings, clock: Clock = system_clock) -> Services:
    """Build the graph and bring the database up to date.

    Raises:
        SettingsError: something configured cannot be used; the message says what.
    """
    raise NotImplementedError


def read_or_make_secret(settings: Settings) -> bytes:
    """The installation's 32-byte secret; made at the first start, readable by its owner only."""
    path = settings.secret_file
    try:
        return path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process of this installation was quicker
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(32))
    return path.read_bytes()
