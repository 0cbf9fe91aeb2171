"""The dry run of one item: what a sealing checks before a key is used, where everything would stand, and a picture.

Nothing is signed, nothing recorded and no number claimed: what is drawn carries a specimen code.
"""

from __future__ import annotations

from typing import Any

from api.actions.batch_order import item_of_facts, seal_order_of
from api.actions.batch_view import visible_batch
from api.actions.check_result import VIETNAM
from api.actions.dossier_access import visible_dossier
from api.actions.issue_order import check_issue, numbered, sign_of
from api.actions.number_giving import likely_number
from api.actions.preview_seal import PreviewOrder, preview_seal
from api.actions.seal_order import SealOrder
from api.callers import Caller
from api.codes import ResultCode, VerificationCode
from api.i18n.texts import Language
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage.batches import find_item, is_number_taken

CHECK_WIDTH_PX = 200
"""Of the picture that a dry run draws only to see that it can be drawn."""


def rehearse(services: Services, caller: Caller, order: SealOrder) -> list[dict[str, Any]]:
    """Try an order out; where its visible signatures would stand.

    Raises:
        Refused: what ``seals.seal`` would refuse before it uses a key.
    """
    if services.sealing is None:
        raise Refused(RefusalKind.SEALING_NOT_CONFIGURED)
    with services.database.reading() as transaction:
        visible_dossier(transaction, caller, order.dossier)
        number = order.result_number
        if number is not None and is_number_taken(transaction, order.dossier, number):
            raise Refused(RefusalKind.RESULT_CODE_TAKEN, code=str(ResultCode(order.dossier, number)))
    order = _as_if_numbered(services, order)
    request = services.sealing.request(order, ResultCode(order.dossier, number or 1), VerificationCode.random())
    services.sealing.check(request, services.clock())
    shown = PreviewOrder(order.agency, order.signatory, order.document, CHECK_WIDTH_PX)
    seen = preview_seal(services, caller, shown, Language.VI)
    return [{"what": seal.role.value, "page": seal.page, "box_mm": list(seal.box_mm)} for seal in seen.seals]


def _as_if_numbered(services: Services, order: SealOrder) -> SealOrder:
    """A letter with the number and date that it would have now: none is taken."""
    if order.issue is None or services.sealing is None:
        return order
    check_issue(services, order, services.clock().astimezone(VIETNAM).date())
    with services.database.reading() as transaction:
        number, day = likely_number(transaction, services, order)
    services.sealing.letters.read(order.document, number, day)
    return numbered(order, number, sign_of(services, order, day), day)


def placement_picture(
    services: Services, caller: Caller, batch_id: str, position: int, width_px: int, language: Language
) -> bytes:
    """The page of an item that carries the seals, as it would look sealed, as PNG.

    Raises:
        Refused: UNKNOWN_BATCH (also for an item that is not there), or why it cannot be sealed.
    """
    with services.database.reading() as transaction:
        batch = visible_batch(transaction, caller, batch_id)
        item = find_item(transaction, batch_id, position)
    if item is None or not item.received:
        raise Refused(RefusalKind.UNKNOWN_BATCH)
    document = services.documents.get(item.document_sha256)
    order = seal_order_of(item_of_facts(item.order), batch.agency, batch.signatory, batch.level, document)
    shown = PreviewOrder(order.agency, order.signatory, order.document, width_px)
    return preview_seal(services, caller, shown, language).png
