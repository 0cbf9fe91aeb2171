"""The transfer note: made once on a kept check, printed in Vietnamese, seen by nobody else's agency."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from jsonschema import Draft202012Validator
from pikepdf import Pdf

from api.actions import identities
from api.actions.transfer_notes import NEUTRAL, VIOLATIONS, Requirement, transfer_note
from api.callers import OPERATOR
from api.i18n.texts import load_texts
from api.v1.schemas import SCHEMAS
from demo.pki import DemoPki
from tests.installation import Installation, installation
from tests.unit.verifier.scans.foreign import scan_with
from tests.unit.verifier.scans.scan_maker import DPI, add_scan, paper, saved

SAID = {
    "scanned_by": "Trần Thị Bích, Bộ phận Một cửa",
    "scanned_at": "2026-11-20T08:14:00+07:00",
    "device": "Máy quét Ví Dụ 300",
    "source": "original",
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("home"), pki) as running:
        running.put_dossier("NOTE-1")
        yield running


def checked(service: Installation, data: bytes) -> str:
    body = {"file": (io.BytesIO(data), "quet.pdf"), "dossier": "NOTE-1"}
    answer = service.client.post("/v1/scans/checks", data=body, headers=service.headers)
    return str(answer.json["id"])  # type: ignore[index]


@pytest.fixture(scope="module")
def check(service: Installation) -> str:
    pdf = Pdf.new()
    add_scan(pdf, 1)
    data = saved(pdf, min_version="1.4")
    service.add_paper("NOTE-1", data, "Giấy xác nhận")
    return checked(service, data)


def noted(service: Installation, check: str, **changes: Any) -> Any:
    path = f"/v1/scans/checks/{check}/transfer-note"
    return service.client.post(path, json={**SAID, **changes}, headers=service.headers)


def test_a_note_is_made_once_and_says_which_checks_passed(service: Installation, check: str) -> None:
    answer = noted(service, check)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    rooted = {"$ref": "#/components/schemas/TransferNote", "components": {"schemas": SCHEMAS}}
    Draft202012Validator(rooted).validate(answer.json)
    assert answer.json["passed"] == {requirement.value: True for requirement in Requirement}
    assert answer.json["paper"] == 1
    assert noted(service, check).json == answer.json
    assert noted(service, check, device="máy khác").status_code == 409
    assert service.get(f"/v1/scans/checks/{check}/transfer-note").json == answer.json
    with service.services.database.reading() as transaction:
        found = transfer_note(transaction, "NOTE-1", answer.json["sha256"])
    assert found is not None
    assert found.record_sha256 == answer.json["record_sha256"]


def test_what_was_added_is_not_passed(service: Installation) -> None:
    passed = noted(service, checked(service, saved(scan_with("white box and text", 1), min_version="1.4"))).json[
        "passed"
    ]
    assert [name for name, held in passed.items() if not held] == ["nothing-added"]


def test_of_what_cannot_be_read_nothing_is_said_to_hold(service: Installation) -> None:
    passed = noted(service, checked(service, b"%PDF-1.7 nothing")).json["passed"]
    assert True not in passed.values()


def test_it_is_printed_in_vietnamese(service: Installation, check: str) -> None:
    noted(service, check)
    answer = service.get(f"/v1/scans/checks/{check}/transfer-note.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    document = pypdfium2.PdfDocument(answer.data)
    text = document[0].get_textpage().get_text_bounded()
    for words in ("PHIẾU CHUYỂN GIẤY TỜ", "Trần Thị Bích", "Máy quét Ví Dụ 300", "bản chính", "Từ 200 dpi", "08:14:00"):
        assert words in text
    document.close()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"scanned_at": "2099-01-01T00:00:00+07:00"}, 400),
        ({"source": "x"}, 400),
        ({"device": " "}, 400),
        ({"x": 1}, 400),
    ],
)
def test_what_is_not_right_is_refused(service: Installation, check: str, changes: dict[str, Any], status: int) -> None:
    assert noted(service, check, **changes).status_code == status


def test_another_agency_sees_and_makes_none(service: Installation, check: str) -> None:
    key = identities.create_api_key(service.services, OPERATOR, "cổng khác", ["another"])
    headers = {"Authorization": f"Bearer {key.text}"}
    for path in ("transfer-note", "transfer-note.pdf"):
        assert service.client.get(f"/v1/scans/checks/{check}/{path}", headers=headers).status_code == 404
    made = service.client.post(f"/v1/scans/checks/{check}/transfer-note", json=SAID, headers=headers)
    assert made.status_code == 404


def test_every_finding_of_a_scan_speaks_for_or_against_something() -> None:
    judged = {code for codes in VIOLATIONS.values() for code in codes} | NEUTRAL
    said = {code for code in load_texts().codes() if re.fullmatch(r"SCAN-[A-Z-]+", code)}
    assert said - judged == set()


def test_every_finding_in_the_code_has_its_place() -> None:
    code = "".join(
        path.read_text(encoding="utf-8") for path in (Path(__file__).parents[2] / "verifier" / "scans").glob("*.py")
    )
    judged = {each for codes in VIOLATIONS.values() for each in codes} | NEUTRAL
    assert set(re.findall(r'"(SCAN-[A-Z-]+)"', code)) - judged == set()


def test_where_the_regulation_asks_for_one_paper_a_file_it_is_said(service: Installation) -> None:
    service.put_dossier("KON-TUM-1", regulation="kon-tum-08-2018")
    out = io.BytesIO()
    paper(1).save(out, "PDF", resolution=DPI, save_all=True, append_images=[paper(2)], quality=50)
    data = out.getvalue()
    for dossier, said in (("KON-TUM-1", True), ("NOTE-1", False)):
        body = {"file": (io.BytesIO(data), "quet.pdf"), "dossier": dossier}
        answer = service.client.post("/v1/scans/checks", data=body, headers=service.headers).json
        assert ("SCAN-ONE-PAPER-PER-FILE" in {finding["code"] for finding in answer["findings"]}) is said  # type: ignore[index]
        assert answer["conforms"]  # type: ignore[index]
