"""Attachments in files of their own: sealed by the agency alone, for a main document that is signed and in force."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from api.actions import rights
from api.callers import OPERATOR, Right
from api.v1.schemas import SCHEMAS
from tests.contract.test_seals import PERMIT
from tests.installation import Installation, unsigned_declaration
from tests.unit.signer.papers import text

NUMBER = "118/GP-STNMT"
LIST = unsigned_declaration()
AUTHORITY = {"decided_by": "Giám đốc Sở", "decision_number": "512/QĐ-STNMT", "decision_date": "2026-11-20"}


@pytest.fixture(scope="module")
def main(service: Installation) -> dict[str, Any]:
    """A sealed permit."""
    rights.change_rights(service.services, OPERATOR, service.key.split("_")[1], give=list(Right))
    service.put_dossier("SEAL-1")
    service.put_dossier("SEAL-2")
    return made(service.seal("main", PERMIT, level="B-B", valid_until="2027-11-20"))


def made(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 201, answer.get_data(as_text=True)
    assert answer.json is not None
    schema = {"$ref": "#/components/schemas/Seal", "components": {"schemas": SCHEMAS}}
    Draft202012Validator(schema).validate(answer.json)
    sealed: dict[str, Any] = answer.json
    return sealed


def attach(service: Installation, key: str, main: dict[str, Any], **changes: Any) -> TestResponse:
    wishes = {"title": "Danh sách kèm theo", "valid_until": None, "attachment_of": main["result_code"], **changes}
    return service.seal(key, LIST, level="B-B", **wishes)


def public(service: Installation, sealed: dict[str, Any]) -> dict[str, Any]:
    answer = service.app.test_client().get(f"/v1/public/digests/{sealed['sha256']}").json
    schema = {"$ref": "#/components/schemas/PublicAnswer", "components": {"schemas": SCHEMAS}}
    Draft202012Validator(schema).validate(answer)
    assert answer is not None
    found: dict[str, Any] = answer
    return found


def test_an_attachment_says_number_and_time_top_right_and_is_signed_by_the_agency_alone(
    service: Installation, main: dict[str, Any], tmp_path: Path
) -> None:
    sealed = made(attach(service, "list", main))
    assert sealed["attachment_of"] == main["result_code"] and main["attachment_of"] is None
    path = tmp_path / "attachment.pdf"
    path.write_bytes(service.get(sealed["document_url"]).data)
    report = service.verify(path.read_bytes()).json
    assert report is not None and report["conclusion"] == "TOTAL-PASSED"
    assert [one["field"] for one in report["signatures"]] == ["AnTin-CoQuan"]
    added = text(path.read_bytes()).replace(text(LIST), "")
    assert re.search(NUMBER + r",? \d\d\.\d\d\.20\d\d \d\d:\d\d:\d\d \+07:00", added)
    boxes = subprocess.run(["pdftotext", "-bbox", "-l", "1", path, "-"], capture_output=True, text=True, check=True)
    number = re.search(rf'<word xMin="([\d.]+)" yMin="([\d.]+)".*>{NUMBER}', boxes.stdout)
    assert number is not None and float(number[1]) > 595 / 2 and float(number[2]) < 842 * 0.12
    found = public(service, sealed)
    assert found["state"] == "in-force"
    assert (found["result"]["main"]["number"], found["result"]["main"]["state"]) == (NUMBER, "in-force")
    assert found["result"]["valid_until"] == "2027-11-20", "it holds as long as its main document"
    page = service.app.test_client().get(f"/kiem-tra/{sealed['verification_code']}").get_data(as_text=True)
    assert "Kèm theo văn bản" in page and page.count(NUMBER) == 2


def test_without_being_one_the_same_paper_is_signed_by_the_person_too(
    service: Installation, main: dict[str, Any]
) -> None:
    sealed = made(attach(service, "no-attachment", main, attachment_of=None))
    report = service.verify(service.get(sealed["document_url"]).data).json
    assert report is not None
    assert [one["field"] for one in report["signatures"]] == ["AnTin-NguoiKy", "AnTin-CoQuan"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"attachment_of": "SEAL-1-KQ99"}, "ATTACHMENT-MAIN-UNKNOWN"),
        ({"attachment_of": "nothing"}, "ATTACHMENT-MAIN-UNKNOWN"),
        ({"dossier": "SEAL-2"}, "ATTACHMENT-MAIN-UNKNOWN"),
        ({"number": "119/GP-STNMT"}, "ATTACHMENT-NUMBER"),
    ],
)
def test_what_is_no_attachment_of_a_signed_document_is_refused(
    changes: dict[str, Any], code: str, service: Installation, main: dict[str, Any]
) -> None:
    before = service.stored()
    answer = attach(service, f"no-{changes}".replace(" ", ""), main, **changes)
    assert answer.status_code == 422, answer.get_data(as_text=True)
    assert code in answer.get_data(as_text=True)
    assert service.stored() == before


def test_an_attachment_has_no_attachments(service: Installation, main: dict[str, Any]) -> None:
    sealed = made(attach(service, "outer", main))
    answer = attach(service, "inner", sealed)
    assert answer.status_code == 422 and "ATTACHMENT-MAIN-NO-RESULT" in answer.get_data(as_text=True)


def test_what_ends_the_main_document_ends_its_attachments(service: Installation, main: dict[str, Any]) -> None:
    other = made(service.seal("other", PERMIT, level="B-B"))
    sealed = made(attach(service, "of-other", other))
    body = {"reason": "false-documents", "authority": AUTHORITY}
    headers = {**service.headers, "Idempotency-Key": "withdraw-other"}
    done = service.client.post(f"/v1/results/{other['result_code']}/withdrawal", json=body, headers=headers)
    assert done.status_code == 201, done.get_data(as_text=True)
    found = public(service, sealed)
    assert (found["state"], found["result"]["main"]["state"]) == ("withdrawn", "withdrawn")
    assert found["result"]["change"]["decision_number"] == "512/QĐ-STNMT"
    page = service.app.test_client().get(f"/kiem-tra/{sealed['verification_code']}").get_data(as_text=True)
    assert "đã bị thu hồi" in page
    answer = attach(service, "too-late", other)
    assert answer.status_code == 422 and "ATTACHMENT-MAIN-NOT-IN-FORCE" in answer.get_data(as_text=True)
    assert made(attach(service, "of-other", other)) == {**sealed, "replayed": True}
