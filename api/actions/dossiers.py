"""Dossiers and their papers: record, check, and say what the province's regulation makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from api.actions.verify_document import StoredVerification, Upload
from api.callers import Caller
from api.services import Services

if TYPE_CHECKING:
    from api.dossiers.outcomes import Outcome


@dataclass(frozen=True)
class DossierData:
    """What the portal says of a dossier.

    ``regulation`` is the id of a profile (``api/dossiers/profiles/<id>.toml``). ``signature_required``: does this
    procedure ask for a digital signature on its papers (NĐ 45/2020 Đ.9). ``level`` is the service level (3, 4).
    """

    regulation: str
    procedure_code: str
    procedure_name: str
    signature_required: bool
    level: int
    applicant_name: str
    applicant_cccd: str | None
    applicant_mst: str | None
    submitted_at: datetime


@dataclass(frozen=True)
class Paper:
    """One paper of a dossier with its present verification and outcome; ``number`` counts from 1 in the dossier."""

    id: str
    number: int
    name: str
    received_at: datetime
    verification: StoredVerification
    outcome: Outcome


@dataclass(frozen=True)
class Dossier:
    """A dossier as recorded; ``results`` are the result codes sealed for it."""

    code: str
    data: DossierData
    created_at: datetime
    changed_at: datetime
    papers: tuple[Paper, ...]
    results: tuple[str, ...]


@dataclass(frozen=True)
class PutDossier:
    """Outcome of ``put_dossier``: ``created`` is False where the dossier was there already."""

    dossier: Dossier
    created: bool


def put_dossier(services: Services, caller: Caller, code: str, data: DossierData) -> PutDossier:
    """Record a dossier, or change what is known of it; the same data again changes nothing.

    Raises:
        Refused: INVALID_REQUEST (the code is no dossier code), UNKNOWN_PROFILE.
    """
    raise NotImplementedError


def get_dossier(services: Services, caller: Caller, code: str) -> Dossier:
    """A dossier with its papers and results.

    Raises:
        Refused: UNKNOWN_DOSSIER.
    """
    raise NotImplementedError


def add_paper(
    services: Services, caller: Caller, code: str, upload: Upload, *, name: str, content: bytes | None = None
) -> Paper:
    """Take in a paper, judge it and decide its outcome under the dossier's regulation, in one transaction.

    Raises:
        Refused: UNKNOWN_DOSSIER, UPLOAD_TOO_LARGE. Nothing is stored then.
    """
    raise NotImplementedError
