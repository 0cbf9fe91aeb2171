"""The description is OpenAPI 3.1, complete, and true: answers fit its schemas."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.test import TestResponse

from api.errors import PROBLEMS
from api.v1.description import openapi
from api.v1.examples import EXAMPLES
from api.v1.schemas import SCHEMAS
from demo.pki import DemoPki
from tests.installation import Installation, sign_as, unsigned_declaration


def _fits(value: object, schema: str) -> None:
    rooted = {"$ref": f"#/components/schemas/{schema}", "components": {"schemas": SCHEMAS}}
    Draft202012Validator(rooted, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(value)


def test_the_description_is_openapi_3_1() -> None:
    description = openapi()
    assert re.fullmatch(r"3\.1\.\d+", description["openapi"])
    OpenAPIV31SpecValidator(description).validate()


def test_the_service_hands_the_description_out(service: Installation) -> None:
    answer = service.client.get("/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json == openapi()


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_example_fits_its_schema(name: str) -> None:
    _fits(EXAMPLES[name], name)


def test_every_operation_is_described_in_full() -> None:
    identifiers = set()
    for path, methods in openapi()["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert operation["operationId"] not in identifiers, where
            identifiers.add(operation["operationId"])
            assert any(status.startswith("2") for status in operation["responses"]), where
            assert "500" in operation["responses"], where
            if operation["security"]:
                assert {"401", "403"} <= set(operation["responses"]), where
            for name in re.findall(r"\{([^}]+)\}", path):
                assert any(p.get("name") == name and p["in"] == "path" for p in operation["parameters"]), where


def test_every_problem_has_a_status_the_description_knows() -> None:
    described = {
        int(status)
        for methods in openapi()["paths"].values()
        for operation in methods.values()
        for status in operation["responses"]
    }
    assert {row.status for row in PROBLEMS.values()} <= described | {404, 405}


def test_the_page_beside_it_shows_every_operation_and_needs_nothing_from_elsewhere(service: Installation) -> None:
    page = service.client.get("/v1/docs").get_data(as_text=True)
    for methods in openapi()["paths"].values():
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in page
    assert "<script" not in page
    assert not re.search(r"""(src|href)=["']https?://""", page)


def _json(answer: TestResponse, status: int) -> Any:
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.json


def test_answers_fit_their_schemas(service: Installation, pki: DemoPki) -> None:
    signed = sign_as(pki, "citizen", unsigned_declaration())
    report = _json(service.verify(signed), 200)
    _fits(report, "VerificationAnswer")
    again = _json(service.get(f"/v1/verifications/{report['id']}"), 200)
    assert again == report
    _fits(_json(service.put_dossier("FIT-1"), 201), "Dossier")
    _fits(_json(service.add_paper("FIT-1", signed), 201), "Paper")
    dossier = _json(service.get("/v1/dossiers/FIT-1"), 200)
    _fits(dossier, "Dossier")
    _fits(_json(service.verify(signed, dossier="FIT-1"), 200), "VerificationAnswer")
    _fits(_json(service.get("/v1/events"), 200), "Events")
    _fits(_json(service.client.get("/v1/public/results/XXXX"), 200), "PublicAnswer")
    _fits(_json(service.client.get(f"/v1/public/digests/{'0' * 64}"), 200), "PublicAnswer")
    _fits(_json(service.client.get("/healthz"), 200), "Health")
    _fits(_json(service.client.get("/readyz"), 200), "Readiness")
    _fits(_json(service.get("/v1/dossiers/none"), 404), "Problem")


def test_what_an_account_is_given_is_kept_by_no_cache(service: Installation) -> None:
    service.put_dossier("CACHE-1")
    for path in ("/v1/dossiers/CACHE-1", "/v1/events", "/v1/dossiers/none"):
        assert "no-store" in service.get(path).headers["Cache-Control"]
    assert "no-store" in service.client.get("/v1/public/results/XXXX").headers["Cache-Control"]


def test_revocation_cannot_be_skipped_by_rest(service: Installation, pki: DemoPki) -> None:
    """``--revocation skip`` is the command line's alone: no field, header or query of REST asks for it."""
    text = str(openapi())
    assert "skip" not in text
    stranger = sign_as(pki, "citizen", unsigned_declaration())
    answer = _json(service.verify(stranger, revocation="skip"), 200)
    assert answer["signatures"][0]["revocation"] == "good"


class TestEvents:
    def test_the_feed_is_paged_without_gaps(self, service: Installation) -> None:
        for number in range(7):
            service.put_dossier(f"FEED-{number}")
        whole = _json(service.get("/v1/events?limit=500"), 200)
        numbers = [event["number"] for event in whole["events"]]
        assert numbers == list(range(1, len(numbers) + 1))
        seen: list[dict[str, Any]] = []
        after, pages = 0, 0
        while True:
            page = _json(service.get(f"/v1/events?after={after}&limit=3"), 200)
            seen += page["events"]
            after, pages = page["last"], pages + 1
            if not page["more"]:
                break
        assert seen == whole["events"]
        assert pages >= 3
        assert _json(service.get(f"/v1/events?after={after}"), 200) == {"events": [], "last": after, "more": False}

    def test_events_carry_no_personal_data(self, service: Installation) -> None:
        service.put_dossier("PRIVATE-1")
        text = service.get("/v1/events?limit=500").get_data(as_text=True)
        assert "Nguyễn" not in text and "012345678901" not in text and "to-khai" not in text


class TestDossiers:
    def test_the_same_put_again_changes_nothing(self, service: Installation) -> None:
        first = _json(service.put_dossier("SAME-1"), 201)
        last = _json(service.get("/v1/events?limit=500"), 200)["last"]
        assert _json(service.put_dossier("SAME-1"), 200) == first
        assert _json(service.get("/v1/events?limit=500"), 200)["last"] == last

    def test_the_same_paper_again_is_the_same_paper(self, service: Installation) -> None:
        service.put_dossier("SAME-2")
        first = _json(service.add_paper("SAME-2", unsigned_declaration()), 201)
        assert _json(service.add_paper("SAME-2", unsigned_declaration()), 200) == first

    def test_a_change_of_the_dossier_decides_its_papers_anew(self, service: Installation) -> None:
        service.put_dossier("CHANGE-1")
        paper = _json(service.add_paper("CHANGE-1", unsigned_declaration()), 201)
        assert paper["outcome"]["code"] == "SUPPLEMENT-NEEDED"
        dossier = _json(service.put_dossier("CHANGE-1", regulation="kon-tum-08-2018"), 200)
        assert dossier["papers"][0]["outcome"]["code"] == "SEND-BY-POST"
