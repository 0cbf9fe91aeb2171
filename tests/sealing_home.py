"""A home directory that can seal: the demo's trust, and an agency whose keys are in PKCS#12 files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from api.actions.dossiers import DossierData
from api.actions.seals import SealOrder
from api.settings import Settings
from demo.documents import Applicant, permit
from demo.pki import PASSPHRASE, DemoPki
from tests.installation import APPLICANT, CITIZEN_CCCD, now, prepare_home

AGENCY = "so-tnmt"
SIGNATORY = "giam-doc"
DOSSIER = "000.00.12.H35-261118-0042"


def sealing_settings(home: Path, pki: DemoPki, **changes: Any) -> Settings:
    """Make the home directory and give its settings."""
    settings = replace(
        Settings.from_environment({"ANTIN_HOME": str(home)}),
        public_url="https://kiem-tra.example",
        tsa_urls=(pki.tsa_url(),),
        **changes,
    )
    prepare_home(settings, pki)
    (home / "passphrase").write_bytes(PASSPHRASE)

    def key(slug: str) -> str:
        return f'{{ kind = "pkcs12", path = "{pki.pkcs12_path(slug)}", passphrase_file = "passphrase" }}'

    settings.agencies_path.write_text(
        f"""\
[agency.{AGENCY}]
name = "Sở Tài nguyên và Môi trường DEMO"
code = "H35.16"
seal_key = {key("agency")}

[[agency.{AGENCY}.signatory]]
id = "{SIGNATORY}"
name = "Phạm Thị Mẫu"
title = "Giám đốc"
key = {key("officer")}
""",
        encoding="utf-8",
    )
    return settings


def dossier_data(**changes: Any) -> DossierData:
    """A dossier of the demo's citizen."""
    data = DossierData(
        regulation="lai-chau-03-2017",
        procedure_code="1.000047",
        procedure_name="Phê duyệt khai thác tận dụng lâm sản",
        signature_required=True,
        level=4,
        applicant_name=APPLICANT.name,
        applicant_cccd=CITIZEN_CCCD,
        applicant_mst=None,
        submitted_at=now(),
    )
    return replace(data, **changes)


@lru_cache
def result_paper(applicant: Applicant = APPLICANT) -> bytes:
    """A permit that is not signed yet."""
    return permit(applicant, "118/GP-STNMT", date(2026, 11, 18), "Phạm Thị Mẫu", "1.200")


def seal_order(**changes: Any) -> SealOrder:
    """An order to seal the permit; B-B unless asked otherwise, because it needs no time stamp."""
    order = SealOrder(
        agency=AGENCY,
        signatory=SIGNATORY,
        dossier=DOSSIER,
        document=result_paper(),
        level="B-B",
        title="Giấy phép khai thác tận dụng lâm sản",
        number="118/GP-STNMT",
        holder_name="Nguyễn Thị Hoa",
        issued_on=date(2026, 11, 18),
        valid_until=date(2027, 11, 18),
    )
    return replace(order, **changes)
