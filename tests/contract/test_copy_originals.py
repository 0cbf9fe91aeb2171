"""Extracts of an electronic original on file: its signatures are judged before the agency certifies anything."""

from __future__ import annotations

import hashlib
import io
from datetime import date
from typing import Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from werkzeug.test import TestResponse

from api.actions import rights
from api.callers import OPERATOR, Right
from demo.documents import forge, permit
from demo.pki import DemoPki
from demo.responders import Responders
from tests.contract.test_attachments import AUTHORITY
from tests.contract.test_copies import PERMIT, make
from tests.installation import APPLICANT, Installation, sign_as, unsigned_declaration

EXTRACT = {"form": "trich-sao", "source": "electronic", "converter": None, "dossier": "ORIGINAL-1"}


@pytest.fixture(scope="module")
def desk(service: Installation) -> Installation:
    rights.change_rights(service.services, OPERATOR, service.key.split("_")[1], give=list(Right))
    service.put_dossier("ORIGINAL-1")
    service.put_dossier("ORIGINAL-2")
    return service


@pytest.fixture(scope="module")
def original(pki: DemoPki) -> bytes:
    return sign_as(pki, "citizen", unsigned_declaration())


def extract(desk: Installation, key: str, original: bytes | None, **changes: Any) -> TestResponse:
    named = {} if original is None else {"original_sha256": hashlib.sha256(original).hexdigest()}
    return make(desk, key, PERMIT, **{**EXTRACT, **named, **changes})


def on_file(desk: Installation, data: bytes, dossier: str = "ORIGINAL-1") -> bytes:
    assert desk.add_paper(dossier, data).status_code in (200, 201)
    return data


def test_an_extract_of_a_signed_paper_of_the_dossier_is_certified(desk: Installation, original: bytes) -> None:
    made = extract(desk, "passed", on_file(desk, original), certified=True)
    assert made.status_code == 201, made.text
    assert made.json is not None
    assert made.json["entry"]["original_sha256"] == hashlib.sha256(original).hexdigest()
    reader = PdfFileReader(io.BytesIO(desk.get(made.json["document_url"]).data), strict=False)
    assert [one.field_name for one in reader.embedded_signatures] == ["AnTin-NguoiKy", "AnTin-CoQuan"]
    assert extract(desk, "passed", original, certified=True).json == {**made.json, "replayed": True}


def refused(desk: Installation, answer: TestResponse, before: dict[str, int]) -> str:
    assert answer.status_code == 422, answer.text
    assert answer.json is not None and answer.json["text_vi"] != answer.json["text_en"]
    assert desk.stored() == before
    return answer.text


@pytest.mark.parametrize("certified", [True, False])
def test_what_is_not_worth_certifying_is_refused_with_the_reason(
    certified: bool, desk: Installation, original: bytes
) -> None:
    forged = on_file(desk, forge(original, unsigned_declaration("9.999")))
    unsigned = on_file(desk, unsigned_declaration("3.333"))
    elsewhere = on_file(desk, original + b"\n", "ORIGINAL-2")
    before = desk.stored()
    for code, named in (
        ("COPY-ORIGINAL-NOT-PASSED", forged),
        ("COPY-ORIGINAL-NOT-SIGNED", unsigned),
        ("COPY-ORIGINAL-UNKNOWN", elsewhere),
        ("COPY-ORIGINAL-UNKNOWN", b"never seen"),
    ):
        answer = extract(desk, f"{code}-{certified}-{len(named)}", named, certified=certified)
        assert code in refused(desk, answer, before)


def test_without_its_original_an_extract_is_made_but_not_certified(desk: Installation) -> None:
    before = desk.stored()
    answer = extract(desk, "missing", None, certified=True)
    assert "COPY-ORIGINAL-MISSING" in refused(desk, answer, before)
    assert extract(desk, "own-word", None).status_code == 201


def test_a_certificate_revoked_in_the_meantime_counts_now(
    desk: Installation, pki: DemoPki, responders: Responders
) -> None:
    """The paper passed when it came; what is asked is whether it passes when the extract is certified."""
    claimed_later = on_file(desk, sign_as(pki, "deputy", unsigned_declaration("4.444")))
    responders.revoke("deputy", at=pki.made_at)
    answer = extract(desk, "revoked", claimed_later, certified=True)
    assert answer.status_code == 422
    assert "COPY-ORIGINAL-NOT-PASSED" in answer.text and "REVOKED" in answer.text


def test_a_result_of_the_agency_is_an_original_until_it_is_withdrawn(desk: Installation) -> None:
    paper = permit(APPLICANT, "118/GP-STNMT", date(2026, 11, 20), "Phạm Thị Mẫu", "5.555")
    sealed = desk.seal("result", paper, level="B-B", dossier="ORIGINAL-2").json
    assert sealed is not None
    data = desk.get(sealed["document_url"]).data
    assert extract(desk, "of-result", data, certified=True).status_code == 201
    body = {"reason": "false-documents", "authority": AUTHORITY}
    headers = {**desk.headers, "Idempotency-Key": "withdraw"}
    done = desk.client.post(f"/v1/results/{sealed['result_code']}/withdrawal", json=body, headers=headers)
    assert done.status_code == 201, done.text
    answer = extract(desk, "of-withdrawn", data, certified=True)
    assert answer.status_code == 422 and "COPY-ORIGINAL-NOT-IN-FORCE" in answer.text


def test_a_paper_has_no_electronic_original(desk: Installation, original: bytes) -> None:
    changes = {"form": "sao-y", "source": "paper", "converter": "Văn thư"}
    assert extract(desk, "paper", original, **changes).status_code == 400
