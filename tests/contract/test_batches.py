"""Batches through REST: recorded, sent document by document, watched, controlled."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from api.actions import identities
from api.actions.batch_work import work_on_batches
from api.callers import OPERATOR
from api.v1.schemas import SCHEMAS
from tests.batch_making import result
from tests.installation import APPLICANT, Installation


def _fits(value: object, schema: str) -> None:
    Draft202012Validator({"$ref": f"#/components/schemas/{schema}", "components": {"schemas": SCHEMAS}}).validate(value)


def _item(number: int, document: bytes) -> dict[str, Any]:
    return {
        "dossier": f"BATCH-{number}",
        "document": hashlib.sha256(document).hexdigest(),
        "title": "Giấy phép khai thác tận dụng lâm sản",
        "number": f"{number}/GP-STNMT",
        "holder_name": APPLICANT.name,
        "issued_on": "2026-11-20",
        "filename": f"giay-phep-{number}.pdf",
    }


def _order(*documents: bytes, **changes: Any) -> dict[str, Any]:
    items = [_item(number, document) for number, document in enumerate(documents, 1)]
    order = {"name": "Giấy phép tháng 11", "agency": "so-tnmt", "signatory": "giam-doc", "level": "B-B"}
    return {**order, "items": items, **changes}


def _post(service: Installation, key: str, order: Any) -> TestResponse:
    return service.client.post("/v1/batches", json=order, headers={**service.headers, "Idempotency-Key": key})


def _put(service: Installation, batch: str, document: bytes, digest: str | None = None) -> TestResponse:
    address = f"/v1/batches/{batch}/documents/{digest or hashlib.sha256(document).hexdigest()}"
    return service.client.put(address, data=document, content_type="application/pdf", headers=service.headers)


def _do(service: Installation, batch: str, what: str) -> TestResponse:
    return service.client.post(f"/v1/batches/{batch}/{what}", headers=service.headers)


def _json(answer: TestResponse, status: int) -> Any:
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.json


def test_a_batch_from_its_order_to_its_results(service: Installation) -> None:
    documents = (result(1), b"no PDF at all", result(3))
    for number in range(1, 4):
        service.put_dossier(f"BATCH-{number}")
    batch = _json(_post(service, "whole", _order(*documents)), 201)
    _fits(batch, "Batch")
    assert (batch["state"], batch["missing"]) == ("collecting", 3)
    assert _json(_post(service, "whole", _order(*documents)), 201) == {**batch, "replayed": True}
    for document in documents:
        _fits(_json(_put(service, batch["id"], document), 200), "BatchDocument")
    assert _json(_do(service, batch["id"], "check"), 200)["state"] == "checking"
    work_on_batches(service.services, lambda: False)
    page = _json(service.get(f"/v1/batches/{batch['id']}"), 200)
    _fits(page, "BatchPage")
    assert page["batch"]["dry_run"] == {"passed": 2, "refused": 1}
    assert [place["what"] for place in page["items"][0]["placements"]] == ["authorised-person", "agency"]
    picture = service.get(page["items"][0]["picture_url"])
    assert (picture.status_code, picture.content_type) == (200, "image/png")
    assert _json(service.get(page["items"][1]["picture_url"]), 422)["code"] == "DOCUMENT-DAMAGED"
    assert _json(_do(service, batch["id"], "start"), 200)["state"] == "running"
    work_on_batches(service.services, lambda: False)
    page = _json(service.get(f"/v1/batches/{batch['id']}"), 200)
    _fits(page, "BatchPage")
    assert page["batch"]["state"] == "finished"
    assert [item["result_code"] for item in page["items"]] == ["BATCH-1-KQ1", None, "BATCH-3-KQ1"]
    reason = page["items"][1]["reason"]
    assert reason["code"] == "NOT-A-PDF"
    assert "PDF" in reason["text_vi"] and reason["text_en"] != reason["text_vi"]
    refused = _json(service.get(f"/v1/batches/{batch['id']}?state=refused"), 200)
    assert [item["position"] for item in refused["items"]] == [2]
    second = _json(service.get(f"/v1/batches/{batch['id']}?after=1&limit=1"), 200)
    assert ([item["position"] for item in second["items"]], second["last"], second["more"]) == ([2], 2, True)
    assert service.get("/v1/results/BATCH-1-KQ1/document").status_code == 200
    types = [event["type"] for event in _json(service.get("/v1/events?limit=500"), 200)["events"]]
    assert {"batch.recorded", "batch.checked", "batch.item-failed", "batch.finished"} <= set(types)
    assert _json(service.get("/v1/batches"), 200)["batches"][0]["id"] == batch["id"]


@pytest.mark.parametrize(
    ("change", "status", "kind", "field"),
    [
        ({"agency": "so-khac"}, 400, "unknown-agency", None),
        ({"signatory": "ai-do"}, 400, "unknown-signatory", None),
        ({"level": "B-X"}, 400, "invalid-request", "level"),
        ({"items": []}, 400, "invalid-request", "items"),
        ({"items": [{**_item(1, b""), "issued_on": "2026-02-31"}]}, 400, "invalid-request", "items.0.issued_on"),
        ({"items": [_item(1, b"a"), _item(1, b"a")]}, 400, "invalid-request", "items.1.document"),
        ({"items": [_item(1, b"a")] * 10_001}, 413, "batch-too-large", None),
        ({"revocation": "skip"}, 400, "invalid-request", "revocation"),
    ],
)
def test_an_order_that_cannot_be_carried_out_stores_nothing(
    service: Installation, change: dict[str, Any], status: int, kind: str, field: str | None
) -> None:
    before = service.stored()
    problem = _json(_post(service, "refused", _order(b"a", **change)), status)
    assert problem["type"] == f"/v1/problems/{kind}"
    assert problem.get("field") == field
    assert service.stored() == before


def test_a_document_with_other_bytes_or_of_nobody_is_refused(service: Installation) -> None:
    batch = _json(_post(service, "documents", _order(b"a", b"b")), 201)["id"]
    digest = hashlib.sha256(b"a").hexdigest()
    assert "SHA-256" in _json(_put(service, batch, b"other", digest), 400)["text_en"]
    assert _json(_put(service, batch, b"other"), 400)["field"] == "document"
    assert _json(_put(service, "none", b"a"), 404)["type"] == "/v1/problems/unknown-batch"
    address = f"/v1/batches/{batch}/documents/{digest}"
    assert service.client.put(address, data=b"a", headers=service.headers).status_code == 415


def test_what_cannot_be_done_now_is_409(service: Installation) -> None:
    batch = _json(_post(service, "states", _order(b"a")), 201)["id"]
    for what in ("check", "start", "pause", "resume", "repeat"):
        problem = _json(_do(service, batch, what), 409)
        assert problem["type"] == "/v1/problems/batch-state"
        assert "Đang nhận tệp" in problem["text_vi"]
    assert _json(_do(service, batch, "cancel"), 200)["state"] == "cancelled"
    assert _json(_put(service, batch, b"a"), 409)["type"] == "/v1/problems/batch-state"


@pytest.mark.parametrize("position", [0, 2, 2**31, 2**63, 10**30])
def test_a_position_that_the_batch_does_not_have_is_unknown(service: Installation, position: int) -> None:
    batch = _json(_post(service, "positions", _order(result(1))), 201)
    answer = service.get(f"/v1/batches/{batch['id']}/items/{position}/picture.png")
    assert answer.status_code == 404, answer.text


def test_another_agencys_batch_is_unknown(service: Installation) -> None:
    batch = _json(_post(service, "own", _order(b"a")), 201)["id"]
    other = identities.create_api_key(service.services, OPERATOR, "sở khác", agencies=("so-khac",))
    headers = {"Authorization": f"Bearer {other.text}"}
    assert service.client.get(f"/v1/batches/{batch}", headers=headers).status_code == 404
    assert service.client.post(f"/v1/batches/{batch}/cancel", headers=headers).status_code == 404
    assert service.client.get("/v1/batches", headers=headers).json == {"batches": []}
    answer = service.client.post("/v1/batches", json=_order(b"a"), headers={**headers, "Idempotency-Key": "own"})
    assert answer.status_code == 403
