"""One installation for tests of the surface: real storage, worker processes and responders, in a temporary home."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from sqlalchemy import inspect
from werkzeug.test import TestResponse

from api.actions import identities
from api.app import create_app
from api.callers import OPERATOR
from api.clock import Clock, system_clock
from api.dossiers.profiles import ProvinceProfile
from api.services import Services, build_services
from api.settings import Settings
from certs.anchors import TrustDirectory
from demo.documents import Applicant, declaration
from demo.pki import PASSPHRASE, DemoPki

CITIZEN_CCCD = "012345678901"
"""Of the demo's holder ``citizen``."""

APPLICANT = Applicant("Nguyễn Văn Mẫu", CITIZEN_CCCD, "bản Mẫu, xã Tả Lèng, tỉnh Lai Châu")

OFFICER_PASSWORD = "mật khẩu đủ dài của cán bộ"


@dataclass
class Installation:
    """A running service without a socket, and a portal's key to it."""

    services: Services
    app: Flask
    key: str
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    @property
    def headers(self) -> dict[str, str]:
        """What a portal sends."""
        return {"Authorization": f"Bearer {self.key}"}

    def get(self, path: str, **more: Any) -> TestResponse:
        """GET as the portal."""
        return self.client.get(path, headers={**self.headers, **more.pop("headers", {})}, **more)

    def verify(self, data: bytes, **form: str) -> TestResponse:
        """POST a document to be checked."""
        body = {"file": (io.BytesIO(data), "to-khai.pdf"), **form}
        return self.client.post("/v1/verifications", data=body, headers=self.headers)

    def put_dossier(self, code: str, **changes: Any) -> TestResponse:
        """PUT a dossier of the demo's citizen; ``changes`` replace members of the request."""
        return self.client.put(f"/v1/dossiers/{code}", json={**dossier_request(), **changes}, headers=self.headers)

    def add_paper(self, code: str, data: bytes, name: str = "Tờ khai") -> TestResponse:
        """POST a paper of a dossier."""
        body = {"file": (io.BytesIO(data), "to-khai.pdf"), "name": name}
        return self.client.post(f"/v1/dossiers/{code}/papers", data=body, headers=self.headers)

    def seal(self, key: str, document: bytes, **changes: Any) -> TestResponse:
        """POST a result to be sealed under an idempotency key; ``changes`` replace members of the order."""
        order = {**seal_order(), **changes}
        body = {"file": (io.BytesIO(document), "ket-qua.pdf"), "order": json.dumps(order)}
        return self.client.post("/v1/seals", data=body, headers={**self.headers, "Idempotency-Key": key})

    def stored(self) -> dict[str, int]:
        """How many rows every table holds, and how many files the stores: to see that nothing was half-stored."""
        with self.services.database.reading() as transaction:
            counts = {
                name: transaction.connection.exec_driver_sql(f'select count(*) from "{name}"').scalar_one()
                for name in inspect(transaction.connection).get_table_names()
            }
        for store in (self.services.settings.documents_dir, self.services.settings.evidence_dir):
            counts[store.name] = sum(1 for path in store.rglob("*") if path.is_file())
        return counts


def dossier_request(regulation: str = "lao-cai-24-2021", *, signature_required: bool = True) -> dict[str, Any]:
    """The body of ``PUT /v1/dossiers/{code}`` for the demo's citizen."""
    return {
        "regulation": regulation,
        "procedure": {
            "code": "1.000047",
            "name": "Phê duyệt khai thác tận dụng lâm sản",
            "level": 4,
            "signature_required": signature_required,
        },
        "applicant": {"name": APPLICANT.name, "cccd": CITIZEN_CCCD, "mst": None},
        "submitted_at": "2026-11-20T08:14:00+07:00",
    }


def seal_order() -> dict[str, Any]:
    """The part ``order`` of ``POST /v1/seals`` for the agency of ``prepare_home``."""
    return {
        "agency": "so-tnmt",
        "signatory": "giam-doc",
        "dossier": "SEAL-1",
        "level": "B-LT",
        "title": "Giấy phép khai thác tận dụng lâm sản",
        "number": "118/GP-STNMT",
        "holder_name": APPLICANT.name,
        "issued_on": "2026-11-20",
        "valid_until": "2027-11-20",
    }


@contextmanager
def installation(
    home: Path,
    pki: DemoPki,
    *,
    profiles: Mapping[str, ProvinceProfile] | None = None,
    clock: Clock = system_clock,
    agencies: str | None = None,
    serving: bool = False,
    **settings: Any,
) -> Iterator[Installation]:
    """Make a home with the demo's trust pinned, and run the service over it.

    ``serving``: requests wait for a worker no longer than the settings say, as in ``antin serve``.
    """
    asked = {"tsa_urls": (pki.tsa_url(),), **settings}
    configured = replace(Settings.from_environment({"ANTIN_HOME": str(home)}), **asked)
    prepare_home(configured, pki, agencies)
    with build_services(configured, clock, {}, serving=serving) as services:
        if profiles is not None:
            services = replace(services, profiles=profiles)
        key = identities.create_api_key(services, OPERATOR, "cổng dịch vụ công")
        app = create_app(services)
        app.testing = False
        yield Installation(services, app, key.text)


def prepare_home(settings: Settings, pki: DemoPki, agencies: str | None = None) -> None:
    """What an operator does first: additions to the catalogue, certificates pinned, one agency with its keys."""
    settings.home.mkdir(parents=True, exist_ok=True)
    settings.catalogue_path.write_bytes(pki.catalogue_path.read_bytes())
    trust = TrustDirectory(settings.trust_dir)
    for path in sorted(pki.trust_directory.iterdir()):
        trust.import_certificate(path.read_bytes(), pki.catalogue())
    settings.agencies_path.write_text(agencies or _AGENCIES, encoding="utf-8")
    for slug in ("agency", "officer"):
        (settings.home / f"{slug}.p12").write_bytes(pki.pkcs12_path(slug).read_bytes())
    (settings.home / "passphrase").write_bytes(PASSPHRASE)


_AGENCIES = """
[agency.so-tnmt]
name = "Sở Tài nguyên và Môi trường DEMO"
code = "H35.16"
seal_key = { kind = "pkcs12", path = "agency.p12", passphrase_file = "passphrase" }
[[agency.so-tnmt.signatory]]
id = "giam-doc"
name = "Phạm Thị Mẫu"
title = "Giám đốc"
key = { kind = "pkcs12", path = "officer.p12", passphrase_file = "passphrase" }
"""


@lru_cache
def unsigned_declaration(area_m2: str = "1.200") -> bytes:
    """A paper as the citizen filled it in, not signed."""
    return declaration(APPLICANT, area_m2)


def sign_as(pki: DemoPki, slug: str, data: bytes, field_name: str = "Signature1") -> bytes:
    """Sign a PDF (PAdES B-B) as one of the demo's holders, with pyHanko alone: what a citizen's own program does."""
    signer = signers.SimpleSigner.load_pkcs12(str(pki.pkcs12_path(slug)), passphrase=PASSPHRASE)
    assert signer is not None
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    metadata = signers.PdfSignatureMetadata(
        field_name=field_name, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
    )
    out = signers.sign_pdf(writer, metadata, signer=signer)
    return bytes(out.getvalue())


def now() -> datetime:
    """The present, for the edge of tests."""
    return datetime.now(UTC)
