"""The preview of a seal: a picture or the reason, and nothing signed, stored or numbered."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from datetime import date

import zxingcpp
from jsonschema import Draft202012Validator
from PIL import Image
from werkzeug.test import TestResponse

from api.codes import CodeError, VerificationCode
from api.sealing import SPECIMEN_CODE
from api.v1.schemas import SCHEMAS
from demo.documents import permit
from tests.installation import APPLICANT, Installation

PERMIT = permit(APPLICANT, "118/GP-STNMT", date(2026, 11, 20), "Phạm Thị Mẫu", "1.200")


def _preview(service: Installation, document: bytes, **changes: object) -> TestResponse:
    order: Mapping[str, object] = {"agency": "so-tnmt", "signatory": "giam-doc", **changes}
    body = {"file": (io.BytesIO(document), "ket-qua.pdf"), "order": json.dumps(order)}
    return service.client.post("/v1/seals/previews", data=body, headers=service.headers)


def test_a_preview_shows_the_seals_between_title_and_name_and_stores_nothing(service: Installation) -> None:
    before = service.stored()
    answer = _preview(service, PERMIT, width_px=800)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.json is not None
    schema = {"$ref": "#/components/schemas/SealPreview", "components": {"schemas": SCHEMAS}}
    Draft202012Validator(schema).validate(answer.json)
    assert (answer.json["page"], answer.json["pages"], answer.json["method"]) == (1, 1, "text")
    assert answer.json["size_mm"] == [210.0, 297.0]
    assert [seal["role"] for seal in answer.json["seals"]] == ["authorised-person", "agency"]
    shown = Image.open(io.BytesIO(base64.b64decode(answer.json["picture"])))
    assert shown.width == 800
    assert service.stored() == before


def test_the_code_in_a_preview_is_nobodys(service: Installation) -> None:
    answer = _preview(service, PERMIT)
    assert answer.json is not None
    shown = Image.open(io.BytesIO(base64.b64decode(answer.json["picture"])))
    (code,) = zxingcpp.read_barcodes(shown)
    assert code.text.endswith(SPECIMEN_CODE)
    try:
        VerificationCode.parse(SPECIMEN_CODE)
    except CodeError as error:
        assert error.args
    else:
        raise AssertionError("the specimen is a code")


def test_a_preview_says_why_a_document_cannot_be_sealed(service: Installation) -> None:
    before = service.stored()
    picture = Image.new("RGB", (1240, 1754), (40, 40, 40))
    dark = io.BytesIO()
    picture.save(dark, "PDF", resolution=150)
    for document, refusal in ((dark.getvalue(), "NO-FREE-SPACE"), (b"%PDF-1.7 nothing", "DOCUMENT-DAMAGED")):
        answer = _preview(service, document)
        assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
        assert answer.json is not None
        assert answer.json["type"] == "/v1/problems/seal-refused"
        assert refusal in answer.get_data(as_text=True)
        assert answer.json["text_vi"] != answer.json["text_en"]
    assert service.stored() == before


def test_a_preview_is_for_those_who_may_seal(service: Installation) -> None:
    body = {"file": (io.BytesIO(PERMIT), "x.pdf"), "order": json.dumps({"agency": "so-tnmt", "signatory": "giam-doc"})}
    assert service.app.test_client().post("/v1/seals/previews", data=body).status_code == 401
    for changes, kind in (({"agency": "nobody"}, "unknown-agency"), ({"signatory": "nobody"}, "unknown-signatory")):
        answer = _preview(service, PERMIT, **changes)
        assert answer.status_code == 400
        assert answer.json is not None
        assert answer.json["type"] == f"/v1/problems/{kind}"
