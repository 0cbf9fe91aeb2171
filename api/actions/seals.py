"""Seal a result exactly once: intent first, then the signature, then everything else in one transaction.

The only action that needs ``signer``; it comes through ``services.sealing``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from api.callers import Caller
from api.services import Services

Checkpoint = Callable[[str], None]
"""Told the name of each step of sealing as it is reached; tests kill the process there."""


@dataclass(frozen=True)
class SealOrder:
    """What to sign and seal, and what the public may learn about it.

    ``agency`` and ``signatory`` are ids of ``agencies.toml``. ``level`` is ``B-B``, ``B-T``, ``B-LT`` or ``B-LTA``.
    ``result_number`` asks for a certain n of ``<dossier>-KQ<n>``; the next free one if None. ``valid_until`` is the
    last day of validity; None means without limit.
    """

    agency: str
    signatory: str
    dossier: str
    document: bytes
    level: str
    title: str
    number: str
    holder_name: str
    issued_on: date
    valid_until: date | None = None
    filename: str = ""
    result_number: int | None = None


@dataclass(frozen=True)
class Seal:
    """A sealed result. ``replayed`` is True where the same order under the same key had been done before."""

    result_code: str
    verification_code: str
    check_url: str
    sha256: str
    size_bytes: int
    dossier: str
    agency: str
    signatory: str
    level: str
    title: str
    number: str
    issued_on: date
    valid_until: date | None
    sealed_at: datetime
    verification_id: str
    replayed: bool = False


def seal(
    services: Services,
    caller: Caller,
    idempotency_key: str,
    order: SealOrder,
    *,
    checkpoint: Checkpoint = lambda step: None,
) -> Seal:
    """Sign, seal and register a result; the same key and order again give the same seal.

    Raises:
        Refused: SEALING_NOT_CONFIGURED, UPLOAD_TOO_LARGE, INVALID_REQUEST, UNKNOWN_DOSSIER, UNKNOWN_AGENCY,
            UNKNOWN_SIGNATORY, AGENCY_NOT_ALLOWED, IDEMPOTENCY_KEY_REUSED (another order), SEAL_IN_PROGRESS (``retry_after_s``),
            RESULT_CODE_TAKEN, SEAL_REFUSED (``refusal``: the signer's code), TEMPORARILY_UNAVAILABLE (time stamps).
    """
    raise NotImplementedError


def get_seal(services: Services, caller: Caller, result_code: str) -> Seal:
    """The seal of a result.

    Raises:
        Refused: UNKNOWN_RESULT.
    """
    raise NotImplementedError


def sealed_document(services: Services, caller: Caller, result_code: str) -> tuple[str, bytes]:
    """File name and bytes of a sealed result.

    Raises:
        Refused: UNKNOWN_RESULT.
    """
    raise NotImplementedError


def resolve_intents(services: Services) -> int:
    """Finish the sealings whose process died; the number of intents that were resolved. Run by the worker."""
    raise NotImplementedError
