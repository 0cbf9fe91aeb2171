"""Batches for tests: dossiers, different permits, an order for them, and their documents sent."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from api.actions import batches, dossiers
from api.actions.batch_order import BatchItem, BatchOrder
from api.callers import OPERATOR, Caller
from api.services import Services
from demo.documents import permit
from tests.installation import APPLICANT
from tests.sealing_home import AGENCY, SIGNATORY, dossier_data


@dataclass(frozen=True)
class Papers:
    """Results of as many dossiers, and an order for them."""

    order: BatchOrder
    documents: tuple[bytes, ...]


@lru_cache
def result(number: int) -> bytes:
    """The number-th permit."""
    return permit(APPLICANT, f"{number}/GP-STNMT", date(2026, 11, 18), "Phạm Thị Mẫu", f"{number}.200")


def papers(count: int, prefix: str = "LO", documents: Sequence[bytes] = (), **changes: Any) -> Papers:
    """So many permits for dossiers ``<prefix>-<n>``; some ``documents`` come first in place of a permit."""
    made = tuple(documents) + tuple(result(number) for number in range(len(documents) + 1, count + 1))
    items = tuple(
        BatchItem(
            dossier=f"{prefix}-{number}",
            document=hashlib.sha256(document).hexdigest(),
            title="Giấy phép khai thác tận dụng lâm sản",
            number=f"{number}/GP-STNMT",
            holder_name="Nguyễn Thị Hoa",
            issued_on=date(2026, 11, 18),
            filename=f"giay-phep-{number}.pdf",
        )
        for number, document in enumerate(made, 1)
    )
    order = BatchOrder(name="Giấy phép tháng 11", agency=AGENCY, signatory=SIGNATORY, level="B-B", items=items)
    return Papers(replace(order, **changes), made)


def put_dossiers(services: Services, made: Papers, caller: Caller = OPERATOR) -> None:
    """The dossiers that the items name."""
    for item in made.order.items:
        dossiers.put_dossier(services, caller, item.dossier, dossier_data())


def ready_batch(services: Services, made: Papers, key: str = "k", caller: Caller = OPERATOR) -> str:
    """A batch with all its documents; its id."""
    put_dossiers(services, made, caller)
    batch = batches.create_batch(services, caller, key, made.order)
    for item, document in zip(made.order.items, made.documents, strict=True):
        batches.put_document(services, caller, batch.id, item.document, document)
    return batch.id
