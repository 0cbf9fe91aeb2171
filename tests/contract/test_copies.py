"""Copies through REST: the law's directions, certified ones with two signatures, once per key, in the register."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from jsonschema import Draft202012Validator
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader
from werkzeug.test import TestResponse

from api.actions.copy_order import COPY_FORMS, COPY_SOURCES
from api.commands import copy as copy_command
from api.v1.schemas import SCHEMAS
from demo.documents import permit
from tests.installation import APPLICANT, Installation
from verifier.drawing.rendering import RenderedDocument

YEAR = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).year
PERMIT = permit(APPLICANT, "118/GP-STNMT", date(2026, 11, 20), "Phạm Thị Mẫu", "1.200")


@cache
def scan() -> bytes:
    """The permit on paper, scanned at 200 dpi in colour."""
    with RenderedDocument(PERMIT) as document:
        page = Image.fromarray(document.picture(0, 200 / 72))
    output = io.BytesIO()
    page.save(output, "PDF", resolution=200, quality=70)
    return output.getvalue()


@pytest.fixture(scope="module", autouse=True)
def _dossier(service: Installation) -> None:
    service.put_dossier("COPY-1")


def order(**changes: Any) -> dict[str, Any]:
    return {
        "agency": "so-tnmt",
        "signatory": "giam-doc",
        "dossier": "COPY-1",
        "level": "B-B",
        "title": "Giấy phép khai thác tận dụng lâm sản",
        "number": "118/GP-STNMT",
        "holder_name": APPLICANT.name,
        "issued_on": "2026-11-20",
        "form": "sao-y",
        "source": "paper",
        "converter": "Trần Thị Bình (Văn thư)",
        **changes,
    }


def make(service: Installation, key: str, document: bytes, **changes: Any) -> TestResponse:
    body = {"file": (io.BytesIO(document), "ban-quet.pdf"), "order": json.dumps(order(**changes))}
    return service.app.test_client().post("/v1/copies", data=body, headers={**service.headers, "Idempotency-Key": key})


def signatures(service: Installation, made: dict[str, Any]) -> list[str]:
    document = service.get(made["document_url"])
    report = service.verify(document.data).json
    assert report is not None and report["conclusion"] == "TOTAL-PASSED"
    return [one["field"] for one in report["signatures"]]


def test_a_copy_is_the_agencys_own_and_a_certified_one_has_two_signatures(service: Installation) -> None:
    plain, certified = make(service, "plain", scan()), make(service, "certified", scan(), certified=True)
    for answer in (plain, certified):
        assert answer.status_code == 201, answer.get_data(as_text=True)
        schema = {"$ref": "#/components/schemas/Copy", "components": {"schemas": SCHEMAS}}
        Draft202012Validator(schema).validate(answer.json)
    assert plain.json is not None and certified.json is not None
    assert signatures(service, plain.json) == ["AnTin-CoQuan"]
    assert signatures(service, certified.json) == ["AnTin-NguoiKy", "AnTin-CoQuan"]
    assert (plain.json["entry"]["signatory"], certified.json["entry"]["signatory"]) == (None, "giam-doc")
    assert certified.json["entry"]["number"] == plain.json["entry"]["number"] + 1


def test_a_certified_copy_is_sealed_with_the_transfer_note_of_its_scan(service: Installation) -> None:
    body = {"file": (io.BytesIO(scan()), "quet.pdf"), "dossier": "COPY-1"}
    check = service.client.post("/v1/scans/checks", data=body, headers=service.headers).json
    assert check is not None
    path = f"/v1/scans/checks/{check['id']}/transfer-note"
    said = {"scanned_by": "Trần Thị Bình", "scanned_at": "2026-11-20T08:14:00+07:00", "device": "Máy quét"}
    note = service.client.post(path, json={**said, "source": "original"}, headers=service.headers).json
    assert note is not None
    plain, certified = make(service, "no-note", scan()), make(service, "with-note", scan(), certified=True)
    assert plain.json is not None and plain.json["entry"]["transfer_note"] is None
    assert certified.json is not None
    taken = certified.json["entry"]["transfer_note"]
    assert taken == {"check": check["id"], "url": path, "record_sha256": note["record_sha256"]}
    assert service.get(taken["url"]).json == note
    reasons = [str(one["/Reason"]) for one in signed_objects(service, certified.json)]
    assert len(reasons) == 2 and all(note["record_sha256"] in reason for reason in reasons)
    assert not any("/Reason" in one for one in signed_objects(service, plain.json))
    assert entries(service)[-1] == certified.json["entry"]
    assert make(service, "with-note", scan(), certified=True).json == {**certified.json, "replayed": True}


def signed_objects(service: Installation, made: dict[str, Any]) -> list[Any]:
    reader = PdfFileReader(io.BytesIO(service.get(made["document_url"]).data), strict=False)
    return [one.sig_object for one in reader.embedded_signatures]


def test_the_same_key_gives_the_same_copy_and_one_entry(service: Installation) -> None:
    first = make(service, "once", scan())
    before = service.stored()
    again = make(service, "once", scan())
    assert first.json is not None
    assert again.json == {**first.json, "replayed": True}
    assert make(service, "once", scan(), form="sao-luc").status_code == 422
    assert service.stored() == before


@pytest.mark.parametrize(
    ("document", "changes", "code"),
    [
        ("text", {"source": "electronic", "converter": None}, "COPY-DIRECTION"),
        ("text", {"source": "electronic", "form": "sao-luc", "converter": None}, "COPY-DIRECTION"),
        ("text", {"source": "electronic", "form": "trich-sao"}, "COPY-CONVERTER-WITHOUT-PAPER"),
        ("scan", {"converter": None}, "COPY-CONVERTER-MISSING"),
        ("text", {}, "COPY-NOT-A-SCAN"),
    ],
)
def test_what_the_law_does_not_know_is_refused_and_takes_no_number(
    document: str, changes: dict[str, Any], code: str, service: Installation
) -> None:
    before = service.stored()
    answer = make(service, f"no-{code}-{len(changes)}", PERMIT if document == "text" else scan(), **changes)
    assert answer.status_code == 422
    assert answer.json is not None and answer.json["type"] == "/v1/problems/seal-refused"
    assert code in answer.get_data(as_text=True) and answer.json["text_vi"] != answer.json["text_en"]
    after = service.stored()
    assert {name for name in after if after[name] != before[name]} <= {"documents"}


def test_an_extract_of_an_electronic_paper_is_made(service: Installation) -> None:
    answer = make(service, "extract", PERMIT, source="electronic", form="trich-sao", converter=None)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    assert answer.json is not None
    assert signatures(service, answer.json) == ["AnTin-CoQuan"]


def test_a_copy_that_finds_no_room_gives_its_number_back(service: Installation) -> None:
    last = entries(service)[-1]["number"]
    dark = io.BytesIO()
    Image.new("RGB", (1654, 2339), (60, 60, 60)).save(dark, "PDF", resolution=200)
    answer = make(service, "dark", dark.getvalue())
    assert answer.status_code == 422
    answer = make(service, "after-dark", scan())
    assert answer.json is not None and answer.json["entry"]["number"] == last + 1


def test_copies_ordered_at_once_have_numbers_in_a_row(service: Installation) -> None:
    last = entries(service)[-1]["number"]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda n: make(service, f"at-once-{n}", scan()), range(3)))
    numbers = sorted(answer.json["entry"]["number"] for answer in answers if answer.json is not None)
    assert numbers == [last + 1, last + 2, last + 3]


def entries(service: Installation) -> list[dict[str, Any]]:
    answer = service.get(f"/v1/copies/registers/so-tnmt/{YEAR}?limit=500")
    assert answer.json is not None
    found: list[dict[str, Any]] = answer.json["entries"]
    return found


def test_the_register_is_paged_and_for_the_agency_alone(service: Installation) -> None:
    all_entries = entries(service)
    schema = {"$ref": "#/components/schemas/CopyEntry", "components": {"schemas": SCHEMAS}}
    for entry in all_entries:
        Draft202012Validator(schema).validate(entry)
    page = service.get(f"/v1/copies/registers/so-tnmt/{YEAR}?limit=2").json
    assert page == {"entries": all_entries[:2], "next_after": all_entries[1]["number"]}
    assert service.app.test_client().get("/v1/copies/registers/so-tnmt/2026").status_code == 401
    assert service.get("/v1/copies/registers/so-tnmt/2001").json == {"entries": [], "next_after": None}


def test_the_command_offers_what_the_action_takes() -> None:
    assert (copy_command.FORMS, copy_command.SOURCES) == (COPY_FORMS, COPY_SOURCES)
