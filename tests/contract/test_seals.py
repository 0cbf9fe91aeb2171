"""Sealing through REST: once per key, fetched by those who may, checked by everybody."""

from __future__ import annotations

import hashlib
import io
from datetime import date
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from api.actions import identities
from api.callers import OPERATOR
from api.v1.schemas import SCHEMAS
from demo.documents import permit
from tests.installation import APPLICANT, Installation

PERMIT = permit(APPLICANT, "118/GP-STNMT", date(2026, 11, 20), "Phạm Thị Mẫu", "1.200")


def _fits(value: object, schema: str) -> None:
    Draft202012Validator({"$ref": f"#/components/schemas/{schema}", "components": {"schemas": SCHEMAS}}).validate(value)


@pytest.fixture(scope="module")
def sealed(service: Installation) -> dict[str, Any]:
    """One sealed result."""
    service.put_dossier("SEAL-1")
    answer = service.seal("first", PERMIT)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    assert answer.json is not None
    assert answer.headers["Location"] == f"/v1/seals/{answer.json['result_code']}"
    seal: dict[str, Any] = answer.json
    return seal


def test_a_sealed_result_has_its_codes_and_passed_its_own_check(service: Installation, sealed: dict[str, Any]) -> None:
    _fits(sealed, "Seal")
    assert sealed["result_code"] == "SEAL-1-KQ1"
    assert sealed["replayed"] is False
    document = service.get(sealed["document_url"])
    assert (document.status_code, document.content_type) == (200, "application/pdf")
    assert hashlib.sha256(document.data).hexdigest() == sealed["sha256"]
    report = service.verify(document.data).json
    assert report is not None
    assert report["conclusion"] == "TOTAL-PASSED"
    signatures = [one for one in report["signatures"] if one["kind"] == "signature"]
    assert [one["regime"] for one in signatures] == ["official", "official"]


def test_the_same_request_again_is_the_same_seal(service: Installation, sealed: dict[str, Any]) -> None:
    before = service.stored()
    again = service.seal("first", PERMIT)
    assert again.status_code == 201
    assert again.json == {**sealed, "replayed": True}
    assert service.stored() == before


@pytest.mark.usefixtures("sealed")
def test_a_reused_key_with_another_body_is_422_and_seals_nothing(service: Installation) -> None:
    before = service.stored()
    for answer in (service.seal("first", PERMIT, number="119/GP-STNMT"), service.seal("first", PERMIT + b"\n%")):
        assert answer.status_code == 422
        assert answer.json is not None
        assert answer.json["type"] == "/v1/problems/idempotency-key-reused"
        assert answer.json["text_vi"] and answer.json["text_en"]
    assert service.stored() == before


def test_the_record_and_the_file_are_for_those_with_an_account(service: Installation, sealed: dict[str, Any]) -> None:
    record = service.get(f"/v1/seals/{sealed['result_code']}")
    assert record.json == sealed
    stranger = service.app.test_client()
    assert stranger.get(sealed["document_url"]).status_code == 401
    assert stranger.get(f"/v1/seals/{sealed['result_code']}").status_code == 401


def test_anybody_checks_by_code_and_by_digest_and_learns_the_minimum(
    service: Installation, sealed: dict[str, Any]
) -> None:
    client = service.app.test_client()
    by_code = client.get(f"/v1/public/results/{sealed['verification_code'].lower().replace('-', '')}")
    by_digest = client.get(f"/v1/public/digests/{sealed['sha256'].upper()}")
    for answer in (by_code, by_digest):
        assert answer.status_code == 200
        assert answer.json is not None
        _fits(answer.json, "PublicAnswer")
        assert answer.json["state"] == "in-force"
        assert answer.json["result"]["holder"] == "N*** V** M**"
        assert APPLICANT.name not in answer.get_data(as_text=True)
        assert "SEAL-1" not in answer.get_data(as_text=True), "the result code can be guessed: not for the public"


def test_the_guessable_code_opens_nothing_in_public(service: Installation, sealed: dict[str, Any]) -> None:
    answer = service.app.test_client().get(f"/v1/public/results/{sealed['result_code']}")
    assert answer.json is not None
    assert answer.json["state"] in ("malformed", "unknown")
    assert answer.json["result"] is None


class TestRefusals:
    @pytest.mark.parametrize(
        ("change", "status", "kind"),
        [
            ({"agency": "so-khac"}, 400, "unknown-agency"),
            ({"signatory": "ai-do"}, 400, "unknown-signatory"),
            ({"dossier": "NOBODYS"}, 404, "unknown-dossier"),
            ({"level": "B-X"}, 400, "invalid-request"),
            ({"issued_on": "2026-02-31"}, 400, "invalid-request"),
            ({"valid_until": "2020-01-01"}, 400, "invalid-request"),
            ({"title": " "}, 400, "invalid-request"),
            ({"revocation": "skip"}, 400, "invalid-request"),
        ],
    )
    def test_an_order_that_cannot_be_carried_out(
        self, service: Installation, change: dict[str, Any], status: int, kind: str
    ) -> None:
        service.put_dossier("SEAL-1")
        before = service.stored()
        answer = service.seal(f"refused-{kind}-{next(iter(change))}", PERMIT, **change)
        assert answer.status_code == status, answer.get_data(as_text=True)
        assert answer.json is not None
        assert answer.json["type"] == f"/v1/problems/{kind}"
        assert service.stored() == before

    def test_what_the_signer_refuses_is_said_in_words(self, service: Installation) -> None:
        service.put_dossier("SEAL-1")
        answer = service.seal("not-a-pdf", b"no PDF at all")
        assert answer.status_code == 422
        assert answer.json is not None
        assert answer.json["type"] == "/v1/problems/seal-refused"
        assert answer.json["code"]
        assert answer.json["text_vi"] not in ("", answer.json["code"])

    def test_a_key_for_another_agency_seals_nothing_for_this_one(self, service: Installation) -> None:
        other = identities.create_api_key(service.services, OPERATOR, "sở khác", agencies=("so-khac",))
        body = {"file": (io.BytesIO(PERMIT), "x.pdf"), "order": _order()}
        headers = {"Authorization": f"Bearer {other.text}", "Idempotency-Key": "other"}
        answer = service.client.post("/v1/seals", data=body, headers=headers)
        assert answer.status_code == 403
        assert answer.json is not None
        assert answer.json["type"] == "/v1/problems/agency-not-allowed"


def _order() -> str:
    import json

    from tests.installation import seal_order

    return json.dumps(seal_order())
