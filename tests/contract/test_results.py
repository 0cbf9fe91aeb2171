"""Decisions about results through REST and the command line, and what anybody is told from then on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from api.actions import rights
from api.actions.decisions import Reason
from api.callers import OPERATOR, Right
from api.commands.result import REASONS
from api.v1.schemas import SCHEMAS
from demo.documents import permit
from tests.installation import APPLICANT, Installation

PERMIT = permit(APPLICANT, "118/GP-STNMT", date(2026, 11, 20), "Phạm Thị Mẫu", "1.200")
WITHDRAWAL = {
    "reason": "false-documents",
    "authority": {"decided_by": "Giám đốc Sở", "decision_number": "512/QĐ-STNMT", "decision_date": "2026-11-20"},
    "note": "Kết luận kiểm tra số 77/KL-TTr",
}


def _fits(value: object, schema: str) -> None:
    Draft202012Validator({"$ref": f"#/components/schemas/{schema}", "components": {"schemas": SCHEMAS}}).validate(value)


@pytest.fixture(scope="module")
def portal(service: Installation) -> Installation:
    """The portal's key has both rights, and a dossier."""
    rights.change_rights(service.services, OPERATOR, service.key.split("_")[1], give=list(Right))
    service.put_dossier("SEAL-1")
    return service


def _sealed(service: Installation, key: str) -> dict[str, Any]:
    answer = service.seal(key, PERMIT, level="B-B")
    assert answer.status_code == 201, answer.get_data(as_text=True)
    assert answer.json is not None
    seal: dict[str, Any] = answer.json
    return seal


def _decide(service: Installation, code: str, kind: str, body: dict[str, Any], key: str = "d") -> TestResponse:
    headers = {**service.headers, "Idempotency-Key": f"{code}-{kind}-{key}"}
    return service.client.post(f"/v1/results/{code}/{kind}", json=body, headers=headers)


def test_withdrawn_by_rest_is_withdrawn_for_everybody(portal: Installation) -> None:
    seal = _sealed(portal, "w")
    before = portal.get(f"/v1/results/{seal['result_code']}").json
    _fits(before, "Result")
    assert before is not None and (before["state"], before["changes"]) == ("in-force", [])
    answer = _decide(portal, seal["result_code"], "withdrawal", WITHDRAWAL)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    _fits(answer.json, "Result")
    assert answer.json is not None and answer.json["state"] == "withdrawn"
    again = _decide(portal, seal["result_code"], "withdrawal", WITHDRAWAL)
    assert again.json == {**answer.json, "replayed": True}
    public = portal.app.test_client()
    for path in (f"results/{seal['verification_code']}", f"digests/{seal['sha256']}"):
        shown = public.get(f"/v1/public/{path}")
        _fits(shown.json, "PublicAnswer")
        assert shown.json is not None and shown.json["state"] == "withdrawn"
        assert shown.json["result"]["change"]["reason"]["text_vi"].startswith("hồ sơ đề nghị cấp")
        assert shown.headers["Cache-Control"] == "no-store"
        assert "77/KL-TTr" not in shown.get_data(as_text=True)
    page = public.get(f"/kiem-tra/{seal['verification_code']}")
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    text = page.get_data(as_text=True)
    assert "Chữ ký hợp lệ, nhưng kết quả đã bị thu hồi" in text and "512/QĐ-STNMT" in text
    assert "77/KL-TTr" not in text and "đang có hiệu lực" not in text.partition("<template")[0]
    report = portal.verify(portal.get(seal["document_url"]).data).json
    assert report is not None and report["conclusion"] == "TOTAL-PASSED", "the signatures are what they were"


def test_replaced_and_corrected_by_rest(portal: Installation) -> None:
    old, new = _sealed(portal, "old"), _sealed(portal, "new")
    note = {"public_note": "Số đúng là 119/GP-STNMT", "facts": {"number": "119/GP-STNMT", "valid_until": None}}
    corrected = _decide(portal, new["result_code"], "correction", {**WITHDRAWAL, **note})
    assert corrected.status_code == 201, corrected.get_data(as_text=True)
    _fits(corrected.json, "Result")
    assert corrected.json is not None
    assert (corrected.json["number"], corrected.json["valid_until"]) == ("119/GP-STNMT", None)
    body = {**WITHDRAWAL, "successor": new["result_code"]}
    replaced = _decide(portal, old["result_code"], "replacement", body)
    assert replaced.status_code == 201, replaced.get_data(as_text=True)
    shown = portal.client.get(f"/v1/public/results/{old['verification_code']}").json
    _fits(shown, "PublicAnswer")
    assert shown is not None and shown["result"]["successor"]["number"] == "119/GP-STNMT"
    types = [event["type"] for event in portal.get("/v1/events?limit=500").json["events"]]  # type: ignore[index]
    assert {"result.withdrawn", "result.replaced", "result.corrected"} <= set(types)


@pytest.mark.parametrize(
    ("kind", "change", "status", "problem"),
    [
        ("withdrawal", {"reason": "because"}, 400, "invalid-request"),
        ("withdrawal", {"successor": "X-KQ1"}, 400, "invalid-request"),
        ("withdrawal", {"authority": {"decided_by": "x"}}, 400, "invalid-request"),
        ("replacement", {}, 400, "invalid-request"),
        ("replacement", {"successor": "SEAL-1-KQ999"}, 422, "successor-not-usable"),
        ("correction", {"public_note": ""}, 400, "invalid-request"),
        ("correction", {"public_note": "x", "facts": {"agency": "y"}}, 400, "invalid-request"),
        ("correction", {"public_note": "x", "facts": {"issued_on": "2026-02-31"}}, 400, "invalid-request"),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(
    portal: Installation, kind: str, change: dict[str, Any], status: int, problem: str
) -> None:
    code = _sealed(portal, "wrong")["result_code"]
    before = portal.stored()
    answer = _decide(portal, code, kind, {**WITHDRAWAL, **change})
    assert (answer.status_code, answer.json["type"]) == (status, f"/v1/problems/{problem}")  # type: ignore[index]
    assert "…" not in answer.json["text_vi"] + answer.json["text_en"], "every value has its words"  # type: ignore[index]
    assert portal.stored() == before


def test_without_the_right_nothing_is_withdrawn(portal: Installation) -> None:
    code = _sealed(portal, "right")["result_code"]
    holder = portal.key.split("_")[1]
    rights.change_rights(portal.services, OPERATOR, holder, take=[Right.WITHDRAW_RESULTS])
    try:
        answer = _decide(portal, code, "withdrawal", WITHDRAWAL)
        assert (answer.status_code, answer.json["type"]) == (403, "/v1/problems/right-missing")  # type: ignore[index]
    finally:
        rights.change_rights(portal.services, OPERATOR, holder, give=[Right.WITHDRAW_RESULTS])
    no_key = portal.client.post(f"/v1/results/{code}/withdrawal", json=WITHDRAWAL, headers=portal.headers)
    assert no_key.json["type"] == "/v1/problems/idempotency-key-missing"  # type: ignore[index]


def test_the_command_line_knows_every_reason() -> None:
    assert set(REASONS) == {reason.value for reason in Reason}
