"""An attachment in a file of its own: the agency signs it alone, so its main document has to be signed and in force.

NĐ 30/2020 Phụ lục I: an attachment carries the number and symbol of the main document. The main document is a result of
the same dossier that this service sealed for the same agency: its authorised person's signature is on record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.actions.seal_order import SealOrder
from api.services import Services
from api.storage.attachments import main_of
from api.storage.copies import copy_of_result
from api.storage.living import LegalState, state_of
from api.storage.seals import find_result

if TYPE_CHECKING:
    from api.sealing import Sealing


@dataclass(frozen=True)
class MainFacts:
    """What is on record of a main document (``signer.attachments.MainDocument``)."""

    number: str
    is_result: bool
    in_force: bool


def check_attachment(services: Services, sealing: Sealing, order: SealOrder) -> None:
    """May the agency sign this as an attachment; nothing to say of other orders.

    Raises:
        Refused: SEAL_REFUSED with ATTACHMENT-MAIN-UNKNOWN (also of another dossier or agency),
            ATTACHMENT-MAIN-NO-RESULT, ATTACHMENT-MAIN-NOT-IN-FORCE, ATTACHMENT-NUMBER.
    """
    if order.attachment_of is not None:
        sealing.check_attachment(order.attachment_of, order.number, _on_record(services, order, order.attachment_of))


def _on_record(services: Services, order: SealOrder, code: str) -> MainFacts | None:
    with services.database.reading() as transaction:
        found = find_result(transaction, code)
        if found is None or (found.dossier, found.agency) != (order.dossier, order.agency):
            return None
        other = copy_of_result(transaction, code) is not None or main_of(transaction, code) is not None
        in_force = state_of(transaction, code).state is LegalState.IN_FORCE
        return MainFacts(found.paper_number, not other, in_force)
