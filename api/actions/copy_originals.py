"""An electronic original on file is judged before an extract of it is certified, as it is at that moment.

On file is a paper of the copy's own dossier, or a file that is or was a result of the copying agency.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.actions.recording import judge
from api.actions.seal_order import SealOrder
from api.services import Services
from api.storage.dossiers import papers_of
from api.storage.living import LegalState, state_of
from api.storage.seals import result_of_document
from verifier.report import Indication, ValidationReport

if TYPE_CHECKING:
    from api.sealing import Sealing


@dataclass(frozen=True)
class OriginalFacts:
    """What is found of an original: its verdict, which signatures do not pass, is it (as a result) still in force."""

    report: ValidationReport
    weak: str
    in_force: bool


def check_original(services: Services, sealing: Sealing, order: SealOrder) -> None:
    """May the copy be made by what its original is worth; nothing to say of other orders.

    Raises:
        Refused: SEAL_REFUSED with COPY-ORIGINAL-MISSING, COPY-ORIGINAL-UNKNOWN, COPY-ORIGINAL-NOT-SIGNED,
            COPY-ORIGINAL-NOT-PASSED, COPY-ORIGINAL-NOT-IN-FORCE.
    """
    if order.copy is not None:
        named = order.copy.original_sha256
        found = None if named is None else _found(services, order, named)
        sealing.check_original(order.copy, found)


def _found(services: Services, order: SealOrder, sha256: str) -> OriginalFacts | None:
    with services.database.reading() as transaction:
        result = result_of_document(transaction, sha256)
        in_force = True
        if result is not None and result.agency == order.agency:
            in_force = state_of(transaction, result.result_code).state is LegalState.IN_FORCE
        elif sha256 not in {paper.document_sha256 for paper in papers_of(transaction, order.dossier)}:
            return None
    report = judge(services, services.documents.get(sha256), "", services.clock(), None, None).report
    weak = [one for one in report.verdicts if one.indication is not Indication.TOTAL_PASSED]
    said = "; ".join(f"{one.facts.field or '?'}: {one.sub_indication}" for one in weak)
    return OriginalFacts(report, said or ", ".join(finding.code for finding in report.findings), in_force)
