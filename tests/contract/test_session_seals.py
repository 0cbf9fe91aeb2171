"""A session as the first signature of a result: the token on the desk signs, the agency's seal follows, once."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from api.actions import identities, releases
from api.actions.rights import change_rights
from api.callers import OPERATOR, Right
from api.v1.schemas import SCHEMAS
from demo.pictures import signature_picture
from demo.pki import DemoPki
from demo.responders import Responders
from tests.contract.test_seals import PERMIT
from tests.contract.test_signing_sessions import (
    DeskToken,
    attributes,
    certificates,
    kind,
    put,
    session_of,
    token,
)
from tests.installation import OFFICER_PASSWORD, Installation, installation, sign_as, unsigned_declaration

__all__ = ["token"]

AGENCIES = """
[agency.so-tnmt]
name = "Sở Tài nguyên và Môi trường DEMO"
code = "H35.16"
seal_key = { kind = "pkcs12", path = "agency.p12", passphrase_file = "passphrase" }
[[agency.so-tnmt.signatory]]
id = "giam-doc"
name = "Phạm Thị Mẫu"
title = "Giám đốc"
signature_picture = "picture.png"
key = { kind = "elsewhere", certificate = "officer.pem" }
"""
TWO = AGENCIES.replace("so-tnmt", "so-hai").replace("code =", "release_within_hours = 24\ncode =")
SEAL = {
    "agency": "so-tnmt",
    "signatory": "giam-doc",
    "level": "B-B",
    "title": "Giấy phép khai thác tận dụng lâm sản",
    "number": "118/GP-STNMT",
    "holder_name": "Nguyễn Văn Mẫu",
    "issued_on": "2026-11-20",
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki) -> Iterator[Installation]:
    home: Path = tmp_path_factory.mktemp("session-seals") / "home"
    with installation(home, pki, agencies=AGENCIES + TWO) as service:
        (home / "officer.pem").write_bytes(pki.holder("officer").certificate.public_bytes(Encoding.PEM))
        (home / "picture.png").write_bytes(signature_picture())
        (home / "officer.p12").unlink()
        service.put_dossier("SEAL-1")
        yield service


def opened(desk: Installation, pki: DemoPki, key: str, slug: str = "officer", **changes: Any) -> TestResponse:
    order = {"certificates": certificates(pki, slug), "level": "B-B", "dossier": "SEAL-1", "seal": SEAL, **changes}
    body = {"file": (io.BytesIO(PERMIT), "giay-phep.pdf"), "order": json.dumps(order)}
    return desk.client.post("/v1/signing-sessions", data=body, headers={**desk.headers, "Idempotency-Key": key})


def test_the_seal_follows_the_tokens_signature_over_its_picture(
    desk: Installation, pki: DemoPki, token: DeskToken
) -> None:
    session = session_of(opened(desk, pki, "first"))
    assert session["seal"] == {"result_code": None, "release": None, "letter": None}
    value = token.sign(attributes(session))
    signed = session_of(put(desk, session, value))
    schema = {"$ref": "#/components/schemas/SigningSession", "components": {"schemas": SCHEMAS}}
    Draft202012Validator(schema).validate(signed)
    assert signed["state"] == "signed"
    code = signed["seal"]["result_code"]
    first = desk.get(signed["result"]["document_url"]).data
    sealed = desk.get(f"/v1/results/{code}/document").data
    assert sealed.startswith(first) and first.startswith(PERMIT)
    report = desk.verify(sealed).json
    assert report is not None and report["conclusion"] == "TOTAL-PASSED"
    shown = [(one["field"], one["signer"]["name"]) for one in report["signatures"]]
    assert shown == [("AnTin-NguoiKy", "Phạm Thị Mẫu"), ("AnTin-CoQuan", "Sở Tài nguyên và Môi trường DEMO")]
    record = desk.get(f"/v1/seals/{code}").json
    assert record is not None
    assert (record["signatory"], record["number"]) == ("giam-doc", "118/GP-STNMT")
    before = desk.stored()
    assert session_of(put(desk, session, value)) == signed
    assert session_of(desk.get(f"/v1/signing-sessions/{session['id']}")) == signed
    assert desk.stored() == before


def test_a_wrong_value_seals_nothing(desk: Installation, pki: DemoPki, token: DeskToken) -> None:
    session = session_of(opened(desk, pki, "wrong"))
    before = desk.stored()["results"]
    assert kind(put(desk, session, token.sign(PERMIT)), 422) == "signature-wrong"
    assert desk.stored()["results"] == before


def test_a_seal_that_did_not_follow_is_made_by_the_same_value_again(
    desk: Installation, pki: DemoPki, token: DeskToken, responders: Responders
) -> None:
    """The agency's certificate is revoked between the two signatures; the person's is kept, and asked for no more."""
    session, before = session_of(opened(desk, pki, "later")), desk.stored()["results"]
    value = token.sign(attributes(session))
    responders.revoke("agency")
    assert kind(put(desk, session, value), 422) == "seal-refused"
    left = session_of(desk.get(f"/v1/signing-sessions/{session['id']}"))
    assert (left["state"], left["seal"]["result_code"], desk.stored()["results"]) == ("signed", None, before)
    responders.reset()
    codes = {session_of(put(desk, session, value))["seal"]["result_code"] for _ in range(2)}
    assert len(codes) == 1 and None not in codes
    assert desk.stored()["results"] == before + 1


def test_with_two_people_the_seal_waits_for_the_second(desk: Installation, pki: DemoPki, token: DeskToken) -> None:
    session = session_of(opened(desk, pki, "two", seal={**SEAL, "agency": "so-hai"}))
    signed = session_of(put(desk, session, token.sign(attributes(session))))
    assert (signed["state"], signed["seal"]["result_code"]) == ("signed", None)
    identities.create_officer(desk.services, OPERATOR, "son.lv", "son.lv", OFFICER_PASSWORD)
    change_rights(desk.services, OPERATOR, "son.lv", give=[Right.RELEASE_SEALS])
    officer = identities.sign_in(desk.services, "son.lv", OFFICER_PASSWORD, "127.0.0.1")
    assert officer is not None
    done = releases.release(desk.services, officer.caller, signed["seal"]["release"])
    assert done.result_code is not None
    found = session_of(desk.get(f"/v1/signing-sessions/{session['id']}"))
    assert found["seal"]["result_code"] == done.result_code


@pytest.mark.parametrize(
    ("changes", "status", "problem"),
    [
        ({"slug": "deputy"}, 422, "seal-refused"),
        ({"seal": {**SEAL, "signatory": "ai-do"}}, 400, "unknown-signatory"),
        ({"seal": {**SEAL, "agency": "so-khac"}}, 400, "unknown-agency"),
        ({"seal": {**SEAL, "title": " "}}, 400, "invalid-request"),
        ({"seal": {**SEAL, "issued_on": "2026-02-31"}}, 400, "invalid-request"),
        ({"dossier": None}, 400, "invalid-request"),
        ({"dossier": "NOBODYS"}, 404, "unknown-dossier"),
        ({"name": "Người khác"}, 400, "invalid-request"),
    ],
)
def test_what_could_not_be_sealed_is_not_given_to_be_signed(
    changes: dict[str, Any], status: int, problem: str, desk: Installation, pki: DemoPki
) -> None:
    before = desk.stored()
    answer = opened(desk, pki, f"no-{problem}-{len(str(changes))}", **changes)
    assert kind(answer, status) == problem
    assert desk.stored() == before


def test_without_the_persons_signature_the_agency_does_not_seal_nor_certify(desk: Installation) -> None:
    answer = desk.seal("unsigned", PERMIT, level="B-B")
    assert kind(answer, 422) == "seal-refused"
    assert "NOT-SIGNED-BY-AUTHORISED-PERSON" in answer.text


def test_a_copy_is_not_certified_by_whom_cannot_sign_here(desk: Installation, pki: DemoPki) -> None:
    original = sign_as(pki, "citizen", unsigned_declaration())
    assert desk.add_paper("SEAL-1", original).status_code in (200, 201)
    order = {**SEAL, "dossier": "SEAL-1", "form": "trich-sao", "source": "electronic", "certified": True}
    order["original_sha256"] = hashlib.sha256(original).hexdigest()
    body = {"file": (io.BytesIO(PERMIT), "trich-sao.pdf"), "order": json.dumps(order)}
    answer = desk.client.post("/v1/copies", data=body, headers={**desk.headers, "Idempotency-Key": "certified"})
    assert kind(answer, 422) == "seal-refused"
    assert "CERTIFIER-ELSEWHERE" in answer.text
