"""The file that a scan check or a comparison is about: uploaded, or a paper that a dossier holds already."""

from __future__ import annotations

from dataclasses import dataclass

from api.actions.dossier_access import visible_dossier
from api.actions.verify_document import Upload
from api.callers import Caller
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage.scans import paper_bytes_of


@dataclass(frozen=True)
class StoredPaper:
    """A paper of the dossier by its number, in the place of an upload."""

    number: int


Side = Upload | StoredPaper


def file_of(services: Services, caller: Caller, side: Side, dossier: str | None, field: str) -> Upload:
    """The bytes of a side; those of a stored paper only for who may see its dossier.

    Raises:
        Refused: UNKNOWN_DOSSIER, UNKNOWN_PAPER, INVALID_REQUEST (a stored paper without its dossier).
    """
    if dossier is not None:
        with services.database.reading() as transaction:
            visible_dossier(transaction, caller, dossier)
    if isinstance(side, Upload):
        return side
    if dossier is None:
        raise Refused(RefusalKind.INVALID_REQUEST, field="dossier", reason="required")
    with services.database.reading() as transaction:
        found = paper_bytes_of(transaction, dossier, side.number)
    if found is None:
        raise Refused(RefusalKind.UNKNOWN_PAPER, dossier=dossier, number=str(side.number))
    _, name, sha256 = found
    return Upload(services.documents.get(sha256), name)
