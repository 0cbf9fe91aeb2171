"""Copies (NĐ 30/2020 Đ.25) and certified copies (NĐ 45/2020 Đ.10): sealed as results are, and entered in the register.

The same intents as any seal (``api.actions.seals``): once per idempotency key, never half.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.actions import seals
from api.actions.seal_order import Seal, SealOrder
from api.callers import Caller
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage.copies import CopyRow, copy_of_result, register_of

MAX_ENTRIES = 500
"""Of one page of the register."""


@dataclass(frozen=True)
class Copy:
    """A copy that was made: its seal, and its entry in the register."""

    seal: Seal
    entry: CopyRow


def make_copy(services: Services, caller: Caller, idempotency_key: str, order: SealOrder) -> Copy:
    """Sign, seal and enter a copy; the same key and order again give the same copy.

    Raises:
        Refused: as ``seals.seal``; SEAL_REFUSED with COPY-DIRECTION, COPY-CONVERTER-MISSING,
            COPY-CONVERTER-WITHOUT-PAPER or COPY-NOT-A-SCAN where the law does not know such a copy, COPY-ORIGINAL-…
            where its electronic original is not on file or not worth certifying.
    """
    if order.copy is None:
        raise Refused(RefusalKind.INVALID_REQUEST, field="form", reason="required")
    seal = seals.seal(services, caller, idempotency_key, order)
    with services.database.reading() as transaction:
        entry = copy_of_result(transaction, seal.result_code)
    if entry is None:
        raise RuntimeError(f"the copy {seal.result_code} is not in the register")
    return Copy(seal, entry)


def copy_register(
    services: Services, caller: Caller, agency: str, year: int, after: int = 0, limit: int = 100
) -> list[CopyRow]:
    """A page of an agency's register of a year.

    Raises:
        Refused: AGENCY_NOT_ALLOWED.
    """
    if not caller.may_seal_for(agency):
        raise Refused(RefusalKind.AGENCY_NOT_ALLOWED, agency=agency)
    with services.database.reading() as transaction:
        return register_of(transaction, agency, year, after, min(limit, MAX_ENTRIES))
