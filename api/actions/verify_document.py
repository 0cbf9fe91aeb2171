"""Check one uploaded document, keep what the verdict rests on, and answer with the report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.services import Services
from verifier.report import ValidationReport


@dataclass(frozen=True)
class Upload:
    """Bytes that came from outside, with the name the sender gave them (shown, never trusted)."""

    data: bytes
    filename: str = ""


@dataclass(frozen=True)
class StoredVerification:
    """A verification as kept: the report is never changed; a later look at the same bytes is a verification of its own.

    ``retry_at`` is set while an answer was missing (TRY_LATER) and the worker will ask again; ``replaced_by`` is the
    id of the later verification that the worker made.
    """

    id: str
    caller: str
    created_at: datetime
    document_sha256: str
    filename: str
    dossier: str | None
    report: ValidationReport
    retry_at: datetime | None = None
    replaced_by: str | None = None


def verify_upload(
    services: Services,
    caller: Caller,
    upload: Upload,
    *,
    dossier: str | None = None,
    policy: str | None = None,
    content: bytes | None = None,
) -> StoredVerification:
    """Judge an upload and store document, report, evidence, act and event in one transaction.

    1 accept (size; dossier and policy known) · 2 judge in a worker process · 3 keep the bytes · 4 record.

    Args:
        services: the object graph.
        caller: who asks; stands in the record of acts.
        upload: the document.
        dossier: code of a dossier it belongs to, if any.
        policy: id of a validation policy; the configured one if None.
        content: the signed file of a detached CMS.

    Raises:
        Refused: UPLOAD_TOO_LARGE, UNKNOWN_DOSSIER, UNKNOWN_POLICY. Nothing is stored then.
    """
    raise NotImplementedError


def get_verification(services: Services, caller: Caller, verification_id: str) -> StoredVerification:
    """Look up a verification: officers see all, a portal key what came in under its own key.

    Raises:
        Refused: UNKNOWN_VERIFICATION.
    """
    raise NotImplementedError


def list_verifications(
    services: Services, caller: Caller, *, before: datetime | None = None, limit: int = 20
) -> list[StoredVerification]:
    """The newest verifications this caller may see, newest first."""
    raise NotImplementedError


def verification_document(services: Services, caller: Caller, verification_id: str) -> tuple[str, bytes]:
    """File name and bytes of a verified document.

    Raises:
        Refused: UNKNOWN_VERIFICATION.
    """
    raise NotImplementedError


def page_pictures(services: Services, caller: Caller, verification_id: str, pages: range, width_px: int) -> list[bytes]:
    """PNG pictures of pages (numbered from 0) of a verified PDF, drawn in a worker process; [] where it has none.

    Raises:
        Refused: UNKNOWN_VERIFICATION.
    """
    raise NotImplementedError
