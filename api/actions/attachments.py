"""An attachment in a file of its own: the agency signs it alone, so its main document has to be signed and in force.

NĐ 30/2020 Phụ lục I: an attachment carries the number and symbol of the main document. The main document is a result of
the same dossier that this service sealed for the same agency: its authorised person's signature is on record.
"""

from __future__ import annotations

from typing import NoReturn

from api.actions.seal_order import SealOrder
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage.attachments import main_of
from api.storage.copies import copy_of_result
from api.storage.database import Transaction
from api.storage.living import LegalState, state_of
from api.storage.seals import ResultRow, find_result


def check_attachment(services: Services, order: SealOrder) -> None:
    """May the agency sign this as an attachment; nothing to say of other orders.

    1 the main document is of this dossier and agency · 2 it is no copy and no attachment itself · 3 it is in force ·
    4 the number is its number and symbol.

    Raises:
        Refused: SEAL_REFUSED with ATTACHMENT-MAIN-UNKNOWN, ATTACHMENT-MAIN-NO-RESULT, ATTACHMENT-MAIN-NOT-IN-FORCE,
            ATTACHMENT-NUMBER.
    """
    if order.attachment_of is None:
        return
    with services.database.reading() as transaction:
        main = main_document(transaction, order)  # 1
        if copy_of_result(transaction, main.result_code) or main_of(transaction, main.result_code):  # 2
            _refuse("ATTACHMENT-MAIN-NO-RESULT", order)
        if state_of(transaction, main.result_code).state is not LegalState.IN_FORCE:  # 3
            _refuse("ATTACHMENT-MAIN-NOT-IN-FORCE", order)
        if order.number.strip() != main.paper_number.strip():  # 4
            _refuse("ATTACHMENT-NUMBER", order, main.paper_number)


def main_document(transaction: Transaction, order: SealOrder) -> ResultRow:
    """The main document that an order names.

    Raises:
        Refused: SEAL_REFUSED with ATTACHMENT-MAIN-UNKNOWN.
    """
    found = find_result(transaction, order.attachment_of or "")
    if found is None or (found.dossier, found.agency) != (order.dossier, order.agency):
        _refuse("ATTACHMENT-MAIN-UNKNOWN", order)
    return found


def _refuse(code: str, order: SealOrder, expected: str = "") -> NoReturn:
    raise Refused(RefusalKind.SEAL_REFUSED, refusal=code, main=order.attachment_of or "", expected=expected)
