"""Show what a signature was made on beside what is seen now: which pages differ, where, and their pictures."""

from __future__ import annotations

from api.actions.verify_document import verification_document
from api.callers import Caller
from api.services import Services
from verifier.drawing.rendering import RenderingError, render_page
from verifier.drawing.signed_version import SignedVersion, compare_with_signed
from verifier.policy import load_policy
from verifier.process.workers import WorkerFailedError


def signed_version(services: Services, caller: Caller, verification_id: str, signature: int) -> SignedVersion | None:
    """Compare a verified PDF with what its ``signature``-th signature (from 0) covers; None where nothing can be shown.

    Raises:
        Refused: UNKNOWN_VERIFICATION.
    """
    _, data = verification_document(services, caller, verification_id)
    limit = load_policy(services.settings.policy_id).max_signatures
    try:
        return services.validation.workers.run(compare_with_signed, data, signature, limit)
    except WorkerFailedError:
        return None


def signed_page_picture(
    services: Services, caller: Caller, verification_id: str, revision_end: int, page: int, width_px: int
) -> bytes | None:
    """PNG picture of a page (from 0) of the version that ends at byte ``revision_end``; None where it cannot be drawn.

    Raises:
        Refused: UNKNOWN_VERIFICATION.
    """
    _, data = verification_document(services, caller, verification_id)
    if not 0 < revision_end <= len(data):
        return None
    try:
        return services.validation.workers.run(render_page, data, page, width_px, None, revision_end)
    except (WorkerFailedError, RenderingError):
        return None
