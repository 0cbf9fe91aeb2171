"""What a verdict rests on, handed out as one file; and its destruction when it need no longer be kept (TT 15/2025)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from api.actions.verify_document import get_verification
from api.callers import Caller
from api.i18n.texts import Texts
from api.refused import RefusalKind, Refused
from api.report_json import report_to_json, time_to_json
from api.services import Services
from api.storage.journal import Plain, add_act
from api.storage.records import (
    evidence_digests,
    evidence_recorded,
    forget_evidence,
    is_evidence_named,
)
from verifier.bundle.bundle import bundle_of, write_bundle


@dataclass(frozen=True)
class Destroyed:
    """What was destroyed: of how many verifications, how many pieces, how many files are gone from the disk by now."""

    verifications: int
    pieces: int
    files: int


def evidence_bundle(services: Services, caller: Caller, verification_id: str, texts: Texts) -> bytes:
    """The evidence of a verification as a ZIP (``verifier/bundle/bundle.py``); whoever may see the verdict may have it.

    Where a report key is configured its manifest is sealed: the times in it are then the service's word.

    Raises:
        Refused: UNKNOWN_VERIFICATION, EVIDENCE_DESTROYED; TEMPORARILY_UNAVAILABLE, the report key cannot be used now.
    """
    stored = get_verification(services, caller, verification_id)
    with services.database.reading() as transaction:
        digests = evidence_digests(transaction, verification_id)
        recorded = evidence_recorded(transaction, verification_id)
    if recorded > len(digests):
        raise Refused(RefusalKind.EVIDENCE_DESTROYED, verification=verification_id)
    evidence = {sha256: services.evidence.get(sha256) for sha256 in digests}
    about = {
        "made_by": f"antin {version('antin')}",
        "verification": stored.id,
        "created_at": time_to_json(stored.created_at),
    }
    sealing = services.report_sealing

    def seal(manifest: bytes) -> bytes:
        assert sealing is not None
        return sealing.seal_bytes(manifest, services.clock(), caller.id, f"evidence:{verification_id}")

    return write_bundle(
        bundle_of(stored.report, evidence, stored.content_sha256),
        "\n\n".join(texts.both("evidence.readme")) + "\n",
        report_to_json(stored.report, texts, stored.filename or None),
        about,
        None if sealing is None else seal,
    )


def destroy_evidence(services: Services, caller: Caller, before: datetime) -> Destroyed:
    """Destroy the evidence of all verifications made before that time; documents and verdicts stay.

    Pieces that a later verification rests on as well stay for it. Rows and act are one transaction; the files follow,
    those that were used within the last day with the worker's next sweep.
    """
    now = services.clock()
    with services.database.writing() as transaction:
        verifications, pieces = forget_evidence(transaction, before)
        if verifications:
            facts: dict[str, Plain] = {"before": before.isoformat(), "verifications": verifications, "pieces": pieces}
            add_act(transaction, caller.id, "evidence.destroyed", now, "evidence", facts)

    def is_named(sha256: str) -> bool:
        with services.database.reading() as transaction:
            return is_evidence_named(transaction, sha256)

    files = services.evidence.sweep(is_named, now) if verifications else 0
    return Destroyed(verifications, pieces, files)
