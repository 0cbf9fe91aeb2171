"""How this installation judges a document: its policy and trust store, its worker processes, where it may ask.

The only way from the actions to ``verifier``: untrusted bytes are parsed in a worker process, never here.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from api.settings import Settings, SettingsError
from certs.anchors import TrustDirectory, TrustStore, TrustStoreError
from certs.catalogue import Catalogue, CatalogueError, load_catalogue
from certs.fetch import Fetcher, fetcher_for
from certs.refresh import RefreshState
from certs.revocation import OnlineSource, RevocationSource
from certs.watch import ExpiryWarning, expiry_warnings, load_thresholds
from verifier.policy import UnknownPolicyError, ValidationPolicy, load_policy
from verifier.process.workers import LimitedWorkers
from verifier.report import ValidationReport
from verifier.verify import Environment, VerificationInput

MAX_WAITING_BYTES = 512 << 20
"""Documents that wait for a worker in one serving process, together: they lie in its memory."""

_Stamp = tuple[tuple[str, int, int], ...]


class Validation:
    """Judges documents under the installation's settings. Thread-safe; the trust store is read anew when it changes.

    Args:
        settings: of the installation.
        max_wait_s: how long a document waits for a worker; None: until it is its turn.
    """

    def __init__(self, settings: Settings, *, max_wait_s: float | None = None) -> None:
        self._settings = settings
        self._policy = _configured_policy(settings)
        self._lock = threading.Lock()
        self._stamp: _Stamp | None = None
        self._loaded: tuple[Catalogue, TrustStore] | None = None
        self._load()
        self.workers = LimitedWorkers(
            workers=settings.verify_workers,
            memory_bytes=settings.verify_memory_bytes,
            max_wait_s=max_wait_s,
            max_waiting_bytes=MAX_WAITING_BYTES,
        )

    @property
    def catalogue(self) -> Catalogue:
        """The shipped catalogue with the operator's additions."""
        return self._load()[0]

    @property
    def trust(self) -> TrustStore:
        """The pinned certificates."""
        return self._load()[1]

    @property
    def fetcher(self) -> Fetcher:
        """What may be fetched: the catalogue's addresses and the configured time stamp services."""
        return fetcher_for(self.catalogue, self._settings.tsa_addresses, offline=self._settings.offline)

    def warnings(self, at: datetime) -> tuple[ExpiryWarning, ...]:
        """What of the trust store, and of the CRLs last seen, expires soon."""
        held = TrustDirectory(self._settings.trust_dir).list(self.catalogue)
        crls = RefreshState.load(self._settings.refresh_path).crls.values()
        return expiry_warnings(held, crls, load_thresholds(), at)

    def environment(self, policy_id: str | None = None) -> Environment:
        """With what a document is judged.

        Raises:
            UnknownPolicyError: there is no policy of that name.
        """
        catalogue, trust = self._load()
        sources: tuple[RevocationSource, ...] = ()
        if not self._settings.offline:
            sources = (OnlineSource(self.fetcher, catalogue),)
        return Environment(policy=self._policy_of(policy_id), trust=trust, catalogue=catalogue, sources=sources)

    def judge(self, document: VerificationInput, at: datetime, policy_id: str | None = None) -> ValidationReport:
        """The report on a document, made in a worker process.

        Raises:
            UnknownPolicyError: there is no policy of that name.
            WorkersUnavailableError: all workers were in use for too long, or somebody ended them.
        """
        return self.workers.verify(document, self.environment(policy_id), at)

    def close(self) -> None:
        """Stop the worker processes."""
        self.workers.close()

    def _policy_of(self, policy_id: str | None) -> ValidationPolicy:
        return self._policy if policy_id in (None, self._policy.id) else load_policy(policy_id or "")

    def _load(self) -> tuple[Catalogue, TrustStore]:
        stamp = _stamp([self._settings.catalogue_path, *sorted(self._settings.trust_dir.glob("*"))])
        with self._lock:
            if self._loaded is None or stamp != self._stamp:
                self._loaded, self._stamp = _read(self._settings), stamp
            return self._loaded


def _read(settings: Settings) -> tuple[Catalogue, TrustStore]:
    try:
        catalogue = load_catalogue(settings.catalogue_path if settings.catalogue_path.exists() else None)
        return catalogue, TrustDirectory(settings.trust_dir).load(catalogue)
    except (CatalogueError, TrustStoreError) as error:
        raise SettingsError(str(error)) from error


def _configured_policy(settings: Settings) -> ValidationPolicy:
    try:
        return load_policy(settings.policy_id)
    except UnknownPolicyError as error:
        raise SettingsError(f"policy_id: there is no policy {settings.policy_id!r}") from error


def _stamp(paths: Sequence[Path]) -> _Stamp:
    """Names, sizes and times of files: equal as long as nobody wrote one."""
    stamps = []
    for path in paths:
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        stamps.append((str(path), status.st_size, status.st_mtime_ns))
    return tuple(stamps)
