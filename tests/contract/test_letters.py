"""Outgoing letters by REST: series, numbers, orders that wait for the clerk, and a leader whose token is elsewhere."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from api.actions import identities
from api.actions.rights import change_rights
from api.callers import OPERATOR, Right
from api.v1.schemas import SCHEMAS
from demo.pki import DemoPki
from tests.contract.test_signing_sessions import DeskToken, attributes, certificates, put, session_of, token
from tests.installation import OFFICER_PASSWORD, Installation, installation
from tests.letter_making import SERIES, letter, this_year

__all__ = ["token"]

_HERE = '{ kind = "pkcs12", path = "officer.p12", passphrase_file = "passphrase" }'
_ELSEWHERE = '{ kind = "elsewhere", certificate = "officer.pem" }'
AGENCIES = f"""
[agency.so-tnmt]
name = "Sở Tài nguyên và Môi trường DEMO"
code = "H35.16"
certifies_first = true
seal_key = {{ kind = "pkcs12", path = "agency.p12", passphrase_file = "passphrase" }}
[[agency.so-tnmt.signatory]]
id = "giam-doc"
name = "Phạm Thị Mẫu"
title = "Giám đốc"
key = {_HERE}
[[agency.so-tnmt.signatory]]
id = "pho-giam-doc"
name = "Phạm Thị Mẫu"
title = "Giám đốc"
key = {_ELSEWHERE}
{SERIES}
"""
CLERK = "van-thu"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki) -> Iterator[Installation]:
    home: Path = tmp_path_factory.mktemp("letters") / "home"
    with installation(home, pki, agencies=AGENCIES) as service:
        (home / "officer.pem").write_bytes(pki.holder("officer").certificate.public_bytes(Encoding.PEM))
        identities.create_officer(service.services, OPERATOR, CLERK, "Trần Thị Bình", OFFICER_PASSWORD)
        change_rights(service.services, OPERATOR, CLERK, give=[Right.KEEP_NUMBERS])
        service.put_dossier("SEAL-1")
        yield service


@pytest.fixture(scope="module")
def clerk(desk: Installation) -> tuple[FlaskClient, dict[str, str]]:
    """The clerk's browser, and the form's token."""
    client = desk.app.test_client()
    assert client.post("/dang-nhap", data={"name": CLERK, "password": OFFICER_PASSWORD}).status_code == 303
    page = client.get("/can-bo").get_data(as_text=True)
    return client, {"X-CSRF-Token": page.split('name="csrf_token" value="')[1].split('"')[0]}


def fits(answer: TestResponse, schema: str, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    rooted = {"$ref": f"#/components/schemas/{schema}", "components": {"schemas": SCHEMAS}}
    Draft202012Validator(rooted, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(answer.json)
    body: dict[str, Any] = answer.get_json()
    return body


def problem(answer: TestResponse, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.get_json()
    return body | {"kind": body["type"].rpartition("/")[2]}


def ordered(desk: Installation, key: str, area: str, issue: dict[str, Any] | None, **changes: Any) -> TestResponse:
    order = {
        "agency": "so-tnmt",
        "signatory": "giam-doc",
        "dossier": "SEAL-1",
        "level": "B-B",
        "title": "Giấy phép khai thác tận dụng lâm sản",
        "holder_name": "Nguyễn Văn Mẫu",
        "issue": issue,
        **changes,
    }
    body = {"file": (io.BytesIO(letter(area)), "giay-phep.pdf"), "order": json.dumps(order)}
    return desk.client.post("/v1/seals", data=body, headers={**desk.headers, "Idempotency-Key": key})


def next_number(desk: Installation) -> int:
    found = fits(desk.get("/v1/series"), "SeriesList")["series"]
    return int(next(one["next_number"] for one in found if one["id"] == "giay-phep"))


def test_an_order_leaves_number_and_date_to_the_moment_of_issue(desk: Installation) -> None:
    coming = next_number(desk)
    sealed = fits(ordered(desk, "at-once", "1.001", {"series": "giay-phep"}), "Seal", 201)
    assert sealed["number"] == f"{coming:02d}/GP-STNMT"
    page = fits(desk.get(f"/v1/series/so-tnmt/giay-phep/{this_year()}?after={coming - 1}"), "NumberRegister")
    assert [(one["paper_number"], one["state"], one["result_code"]) for one in page["entries"]] == [
        (sealed["number"], "issued", sealed["result_code"])
    ]
    assert page["gaps"] == []
    report = desk.verify(desk.get(sealed["document_url"]).data).json
    assert report is not None and report["conclusion"] == "TOTAL-PASSED"
    written = [one["text_vi"] for one in report["findings"] if one["code"].startswith("CLERK-WROTE")]
    assert written and f"{coming:02d}" in written[0]


@pytest.mark.parametrize(
    ("issue", "changes", "field", "words"),
    [
        (None, {}, "number", "bắt buộc"),
        ({"series": "giay-phep"}, {"number": "1/GP"}, "number", "ghi khi phát hành"),
        ({"series": "giay-phep", "number": 3, "issued_on": "2026-01-02"}, {}, "issue.number", "do dịch vụ cấp"),
        ({"series": "cong"}, {}, "issue.number", "do cổng dịch vụ công cấp"),
        ({"series": "giay-phep", "ngay": 1}, {}, "issue.ngay", "không được dùng"),
        ({"series": "giay-phep", "number": 3, "issued_on": "2026-02-31"}, {}, "issued_on", "không có ngày này"),
    ],
)
def test_orders_that_contradict_themselves_are_refused_in_words(
    desk: Installation, issue: dict[str, Any] | None, changes: dict[str, Any], field: str, words: str
) -> None:
    told = problem(ordered(desk, "wrong", "1.002", issue, **changes), 400)
    assert (told["kind"], told["field"]) == ("invalid-request", field)
    assert words in told["text_vi"]
    assert told["text_en"] != told["text_vi"]


def test_an_unknown_series_and_a_letter_without_blanks_are_refused(desk: Installation) -> None:
    assert problem(ordered(desk, "u", "1.003", {"series": "khac"}), 404)["kind"] == "unknown-series"
    order = {"issue": {"series": "giay-phep"}}
    told = problem(desk.seal("no-blank", b"%PDF-1.7 nothing", **order, number=None), 400)
    assert told["field"] == "number"


def test_a_clerk_issues_what_waits_with_one_request(
    desk: Installation, clerk: tuple[FlaskClient, dict[str, str]]
) -> None:
    client, headers = clerk
    answer = ordered(desk, "clerk", "1.004", {"series": "giay-phep", "by_clerk": True})
    waits = fits(answer, "Letter", 202)
    assert answer.headers["Location"] == f"/v1/letters/{waits['id']}"
    assert waits["id"] in [one["id"] for one in fits(desk.get("/v1/letters"), "Letters")["letters"]]
    signed = desk.get(waits["document_url"]).data
    assert (
        problem(desk.client.post(f"/v1/letters/{waits['id']}/issue", headers=desk.headers), 403)["kind"] == "forbidden"
    )
    done = fits(client.post(f"/v1/letters/{waits['id']}/issue", headers=headers), "Letter")
    assert done["state"] == "issued"
    sealed = fits(ordered(desk, "clerk", "1.004", {"series": "giay-phep", "by_clerk": True}), "Seal", 201)
    assert (sealed["number"], sealed["result_code"]) == (done["number"], done["result_code"])
    assert desk.get(sealed["document_url"]).data.startswith(signed)


def test_a_returned_letter_is_told_to_whoever_ordered_it(
    desk: Installation, clerk: tuple[FlaskClient, dict[str, str]]
) -> None:
    client, headers = clerk
    wish = {"series": "giay-phep", "by_clerk": True}
    waits = fits(ordered(desk, "back", "1.005", wish), "Letter", 202)
    path = f"/v1/letters/{waits['id']}/return"
    assert fits(client.post(path, json={"reason": "Thiếu căn cứ"}, headers=headers), "Letter")["state"] == "returned"
    told = problem(ordered(desk, "back", "1.005", wish), 422)
    assert told["kind"] == "letter-returned" and "Thiếu căn cứ" in told["text_vi"]
    assert problem(client.post(f"/v1/letters/{waits['id']}/issue", headers=headers), 409)["kind"] == "letter-closed"
    assert problem(client.post("/v1/letters/none/issue", headers=headers), 404)["kind"] == "unknown-letter"


def test_paper_numbers_and_voids(desk: Installation, clerk: tuple[FlaskClient, dict[str, str]]) -> None:
    client, headers = clerk
    number, base = next_number(desk) + 1, "/v1/series/so-tnmt/giay-phep"
    paper = {"number": number, "dated_on": f"{this_year()}-01-05", "title": "Trên giấy"}
    assert problem(desk.client.post(f"{base}/paper-numbers", json=paper, headers=desk.headers), 403)["kind"] == (
        "right-missing"
    )
    kept = client.post(f"{base}/paper-numbers", json=paper, headers=headers)
    assert fits(kept, "RegisterNumber", 201)["state"] == "paper"
    other = client.post(f"{base}/paper-numbers", json=paper | {"title": "Khác"}, headers=headers)
    assert problem(other, 409)["kind"] == "number-taken"
    far = client.post(f"{base}/paper-numbers", json=paper | {"number": number + 500}, headers=headers)
    assert problem(far, 400)["field"] == "number"
    page = fits(desk.get(f"{base}/{this_year()}"), "NumberRegister")
    assert page["gaps"] == [{"from": number - 1, "to": number - 1}]
    void = f"{base}/{this_year()}/{number - 1}/void"
    assert fits(client.post(void, json={"reason": "Không dùng"}, headers=headers), "RegisterNumber")["state"] == "void"
    assert problem(client.post(void, json={"reason": "Khác"}, headers=headers), 409)["kind"] == "number-not-voidable"
    ahead = f"{base}/{this_year()}/{number + 400}/void"
    assert problem(client.post(ahead, json={"reason": "x"}, headers=headers), 404)["kind"] == "unknown-number"
    assert fits(desk.get(f"{base}/{this_year()}"), "NumberRegister")["gaps"] == []


class TestTheLeadersTokenIsElsewhere:
    def opened(self, desk: Installation, pki: DemoPki, key: str, area: str, **issue: Any) -> dict[str, Any]:
        seal = {
            "agency": "so-tnmt",
            "signatory": "pho-giam-doc",
            "level": "B-B",
            "holder_name": "Nguyễn Văn Mẫu",
            "title": "Giấy phép khai thác tận dụng lâm sản",
            "issue": {"series": "giay-phep", **issue},
        }
        order = {"certificates": certificates(pki, "officer"), "level": "B-B", "dossier": "SEAL-1", "seal": seal}
        body = {"file": (io.BytesIO(letter(area)), "giay-phep.pdf"), "order": json.dumps(order)}
        headers = {**desk.headers, "Idempotency-Key": key}
        return session_of(desk.client.post("/v1/signing-sessions", data=body, headers=headers))

    def test_number_date_and_seal_follow_the_tokens_signature(
        self, desk: Installation, pki: DemoPki, token: DeskToken
    ) -> None:
        coming = next_number(desk)
        session = self.opened(desk, pki, "token", "2.001")
        assert self.opened(desk, pki, "token", "2.001") == session
        assert next_number(desk) == coming, "nothing is numbered before the leader has signed"
        value = token.sign(attributes(session))
        signed = session_of(put(desk, session, value))
        sealed = fits(desk.get(f"/v1/seals/{signed['seal']['result_code']}"), "Seal")
        assert sealed["number"] == f"{coming:02d}/GP-STNMT"
        data = desk.get(sealed["document_url"]).data
        assert data.startswith(desk.get(signed["result"]["document_url"]).data)
        report = desk.verify(data).json
        assert report is not None and report["conclusion"] == "TOTAL-PASSED"
        assert session_of(put(desk, session, value)) == signed
        assert next_number(desk) == coming + 1

    def test_the_letter_waits_for_the_clerk_after_the_token_signed(
        self, desk: Installation, pki: DemoPki, token: DeskToken, clerk: tuple[FlaskClient, dict[str, str]]
    ) -> None:
        client, headers = clerk
        session = self.opened(desk, pki, "token-clerk", "2.002", by_clerk=True)
        signed = session_of(put(desk, session, token.sign(attributes(session))))
        letter_id = signed["seal"]["letter"]
        assert letter_id is not None and signed["seal"]["result_code"] is None
        done = fits(client.post(f"/v1/letters/{letter_id}/issue", headers=headers), "Letter")
        assert done["result_code"] is not None
        again = session_of(desk.get(f"/v1/signing-sessions/{session['id']}"))
        assert again["seal"]["result_code"] == done["result_code"]
