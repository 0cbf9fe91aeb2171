"""How a result would look when it is sealed, and why it cannot be: nothing is signed, stored or numbered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.callers import Caller
from api.i18n.texts import Language
from api.refused import RefusalKind, Refused
from api.services import Services

if TYPE_CHECKING:
    from signer.preview import SealPreview

DEFAULT_WIDTH_PX = 1000


@dataclass(frozen=True)
class PreviewOrder:
    """Which document, sealed by whom; ids of ``agencies.toml``."""

    agency: str
    signatory: str
    document: bytes
    width_px: int = DEFAULT_WIDTH_PX


def preview_seal(services: Services, caller: Caller, order: PreviewOrder, language: Language) -> SealPreview:
    """The page with the seals on it; no key is opened and no code claimed (the picture shows a specimen code).

    Raises:
        Refused: SEALING_NOT_CONFIGURED, AGENCY_NOT_ALLOWED, UPLOAD_TOO_LARGE, UNKNOWN_AGENCY, UNKNOWN_SIGNATORY,
            SEAL_REFUSED (``refusal``: why it could not be sealed so).
    """
    if services.sealing is None:
        raise Refused(RefusalKind.SEALING_NOT_CONFIGURED)
    if not caller.may_seal_for(order.agency):
        raise Refused(RefusalKind.AGENCY_NOT_ALLOWED, agency=order.agency)
    limit = services.settings.max_upload_bytes
    if len(order.document) > limit:
        raise Refused(RefusalKind.UPLOAD_TOO_LARGE, limit_bytes=str(limit))
    return services.sealing.preview(order, services.clock(), order.width_px, language)
