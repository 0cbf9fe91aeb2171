"""A demo province with one dossier, for whatever wants to seal in it."""

from __future__ import annotations

from datetime import UTC, datetime

from api.actions.dossiers import DossierData
from demo.province import REGULATION

DOSSIER = "000.00.16.H35-261120-0077"


def dossier_data() -> DossierData:
    """The demo's citizen asks for a permit."""
    return DossierData(
        regulation=REGULATION,
        procedure_code="1.000047",
        procedure_name="Phê duyệt khai thác tận dụng lâm sản",
        signature_required=True,
        level=4,
        applicant_name="Nguyễn Văn Mẫu",
        applicant_cccd="012345678901",
        applicant_mst=None,
        submitted_at=datetime.now(UTC),
    )
