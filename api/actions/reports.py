"""A stored verdict as a document of its own: the ETSI report in XML, the page to be printed."""

from __future__ import annotations

from api.actions.verify_document import get_verification
from api.callers import Caller
from api.i18n.texts import Texts
from api.report_xml import report_xml, to_bytes
from api.services import Services
from api.storage.documents import DocumentMissing
from api.storage.records import evidence_digests
from verifier.bundle.bundle import PieceKind, kind_of


def etsi_report(services: Services, caller: Caller, verification_id: str, texts: Texts) -> bytes:
    """The verification as an ETSI TS 119 102-2 report, sealed where a report key is configured.

    Raises:
        Refused: UNKNOWN_VERIFICATION; TEMPORARILY_UNAVAILABLE where the report key cannot be used now.
    """
    stored = get_verification(services, caller, verification_id)
    sealing = services.report_sealing
    root = report_xml(
        stored.report,
        _kinds(services, verification_id),
        texts,
        service=services.settings.public_url,
        seal_certificate=None if sealing is None else sealing.certificate(),
    )
    if sealing is not None:
        sealing.seal(root, services.clock(), caller.id, f"verification:{verification_id}")
    return to_bytes(root)


def _kinds(services: Services, verification_id: str) -> dict[str, PieceKind]:
    """What each piece of evidence is; one that was destroyed is of no kind any more."""
    with services.database.reading() as transaction:
        digests = evidence_digests(transaction, verification_id)
    kinds = {}
    for sha256 in digests:
        try:
            kinds[sha256] = kind_of(services.evidence.get(sha256))
        except DocumentMissing:
            kinds[sha256] = PieceKind.OTHER
    return kinds
