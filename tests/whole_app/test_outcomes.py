"""Law to outcome, through REST: 5 regulations by 4 columns, each with its article, each falling with its value.

The table below is law.md's, written out once more by hand: a profile's value that is changed makes a test fail, and
``test_a_changed_value_changes_the_outcome`` proves that for each of the twenty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

import pytest

from api.dossiers.profiles import Cell, Column, OutcomeCode, ProvinceProfile, load_profiles
from demo.documents import forge
from demo.pki import DemoPki
from tests.installation import Installation, dossier_request, installation, sign_as, unsigned_declaration

REGULATIONS = ("lao-cai-33-2009", "lai-chau-03-2017", "kon-tum-08-2018", "son-la-2556-2017", "lao-cai-24-2021")

TABLE = [
    ("lao-cai-33-2009", Column.PASSED, "ACCEPTED", "Lào Cai 33/2009 Đ.7.1b"),
    ("lao-cai-33-2009", Column.UNSIGNED, "ACCEPTED-COMPARE-AT-HANDOVER", "Lào Cai 33/2009 Đ.9.2"),
    ("lao-cai-33-2009", Column.FAILED, "SUPPLEMENT-NEEDED", "Lào Cai 33/2009 Đ.8.2"),
    ("lao-cai-33-2009", Column.INDETERMINATE, "OFFICER-DECIDES", "TT 15/2025 Đ.6"),
    ("lai-chau-03-2017", Column.PASSED, "ACCEPTED", "Lai Châu 03/2017 Đ.10"),
    ("lai-chau-03-2017", Column.UNSIGNED, "LEVEL-3", "Lai Châu 03/2017 Đ.10"),
    ("lai-chau-03-2017", Column.FAILED, "SUPPLEMENT-NEEDED", "Lai Châu 03/2017 Đ.2.10"),
    ("lai-chau-03-2017", Column.INDETERMINATE, "OFFICER-DECIDES", "TT 15/2025 Đ.6"),
    ("kon-tum-08-2018", Column.PASSED, "ACCEPTED", "Kon Tum 08/2018 Đ.7"),
    ("kon-tum-08-2018", Column.UNSIGNED, "SEND-BY-POST", "Kon Tum 08/2018 Đ.7"),
    ("kon-tum-08-2018", Column.FAILED, "SUPPLEMENT-NEEDED", "Kon Tum 08/2018 Đ.7"),
    ("kon-tum-08-2018", Column.INDETERMINATE, "OFFICER-DECIDES", "TT 15/2025 Đ.6"),
    ("son-la-2556-2017", Column.PASSED, "ACCEPTED", "Sơn La 2556/2017 Đ.12"),
    ("son-la-2556-2017", Column.UNSIGNED, "SEND-BY-POST", "Sơn La 2556/2017 Đ.12"),
    ("son-la-2556-2017", Column.FAILED, "SUPPLEMENT-NEEDED", "Sơn La 2556/2017 Đ.12"),
    ("son-la-2556-2017", Column.INDETERMINATE, "OFFICER-DECIDES", "TT 15/2025 Đ.6"),
    ("lao-cai-24-2021", Column.PASSED, "ACCEPTED", "NĐ 45/2020 Đ.9 (Lào Cai 24/2021)"),
    ("lao-cai-24-2021", Column.UNSIGNED, "SUPPLEMENT-NEEDED", "NĐ 45/2020 Đ.9 (Lào Cai 24/2021)"),
    ("lao-cai-24-2021", Column.FAILED, "SUPPLEMENT-NEEDED", "NĐ 45/2020 Đ.9 (Lào Cai 24/2021)"),
    ("lao-cai-24-2021", Column.INDETERMINATE, "OFFICER-DECIDES", "TT 15/2025 Đ.6"),
]
ROWS = [pytest.param(*row, id=f"{row[3]} - {row[1].value} - {row[0]}") for row in TABLE]

CONCLUSIONS = {
    Column.PASSED: "TOTAL-PASSED",
    Column.UNSIGNED: "NO-SIGNATURE",
    Column.FAILED: "TOTAL-FAILED",
    Column.INDETERMINATE: "INDETERMINATE",
}

Papers = Mapping[Column, bytes]


@pytest.fixture(scope="module")
def papers(pki: DemoPki) -> Papers:
    """One paper for each column: signed by the applicant, unsigned, changed after signing, signed by nobody we know."""
    unsigned = unsigned_declaration()
    signed = sign_as(pki, "citizen", unsigned)
    return {
        Column.PASSED: signed,
        Column.UNSIGNED: unsigned,
        Column.FAILED: forge(signed, unsigned_declaration("9.200")),
        Column.INDETERMINATE: sign_as(pki, "stranger", unsigned),
    }


def _outcome(
    service: Installation, regulation: str, paper: bytes, code: str, *, required: bool = True
) -> dict[str, object]:
    """Send a paper of a dossier under a regulation; its outcome with the document's conclusion."""
    put = service.client.put(
        f"/v1/dossiers/{code}",
        json=dossier_request(regulation, signature_required=required),
        headers=service.headers,
    )
    assert put.status_code in (200, 201), put.json
    answer = service.add_paper(code, paper)
    assert answer.status_code in (200, 201), answer.json
    assert answer.json is not None
    return {**answer.json["outcome"], "conclusion": answer.json["verification"]["conclusion"]}


@pytest.mark.parametrize(("regulation", "column", "code", "article"), ROWS)
def test_law_to_outcome(
    service: Installation, papers: Papers, regulation: str, column: Column, code: str, article: str
) -> None:
    outcome = _outcome(service, regulation, papers[column], f"{regulation}-{column.value}")
    assert outcome["conclusion"] == CONCLUSIONS[column]
    assert (outcome["code"], outcome["article"], outcome["column"]) == (code, article, column.value)
    if code in ("SUPPLEMENT-NEEDED", "OFFICER-DECIDES"):
        assert isinstance(outcome["reason"], dict)
        assert outcome["reason"]["text_vi"] and outcome["reason"]["text_en"]
    if code == "SUPPLEMENT-NEEDED":
        assert isinstance(outcome["reason"], dict)
        assert "Tờ khai" in outcome["reason"]["text_vi"] and "Ông/Bà" in outcome["reason"]["text_vi"]


@pytest.mark.parametrize(
    "regulation", [pytest.param(key, id=f"NĐ 45/2020 Đ.9 - none required - {key}") for key in REGULATIONS]
)
def test_an_unsigned_paper_is_accepted_where_the_procedure_asks_for_no_signature(
    service: Installation, papers: Papers, regulation: str
) -> None:
    outcome = _outcome(service, regulation, papers[Column.UNSIGNED], f"{regulation}-none", required=False)
    assert (outcome["code"], outcome["article"]) == ("ACCEPTED-NONE-REQUIRED", "NĐ 45/2020 Đ.9")


@pytest.mark.parametrize(
    "regulation", [pytest.param(key, id=f"a broken signature is never unsigned - {key}") for key in REGULATIONS]
)
def test_a_broken_signature_is_never_unsigned(service: Installation, papers: Papers, regulation: str) -> None:
    outcome = _outcome(service, regulation, papers[Column.FAILED], f"{regulation}-broken", required=False)
    assert outcome["code"] == "SUPPLEMENT-NEEDED"
    assert isinstance(outcome["reason"], dict)
    assert outcome["reason"]["text_vi"].startswith("Tờ khai Ông/Bà nộp không còn như khi ký số. Đề nghị")


@pytest.mark.parametrize(
    "regulation", [pytest.param(key, id=f"passed, but by somebody else - {key}") for key in REGULATIONS]
)
@pytest.mark.parametrize(
    ("signer", "reason"), [("citizen-ec", "SUPPLEMENT-SIGNED-BY-ANOTHER"), ("officer", "SUPPLEMENT-SIGNED-BY-AGENCY")]
)
def test_somebody_elses_signature_is_not_the_applicants(
    service: Installation, pki: DemoPki, regulation: str, signer: str, reason: str
) -> None:
    paper = sign_as(pki, signer, unsigned_declaration())
    outcome = _outcome(service, regulation, paper, f"{regulation}-{signer}")
    assert (outcome["conclusion"], outcome["code"]) == ("TOTAL-PASSED", "SUPPLEMENT-NEEDED")
    assert isinstance(outcome["reason"], dict)
    assert outcome["reason"]["code"] == reason


def test_the_regulation_follows_from_the_province_and_the_day(service: Installation) -> None:
    request = dossier_request()
    del request["regulation"]
    for day, regulation in (("2015-06-01", "lao-cai-33-2009"), ("2026-06-01", "lao-cai-24-2021")):
        body = {**request, "province": "lao-cai", "submitted_at": f"{day}T08:00:00+07:00"}
        answer = service.client.put(f"/v1/dossiers/by-day-{day}", json=body, headers=service.headers)
        assert answer.status_code == 201
        assert answer.json is not None
        assert answer.json["regulation"] == regulation
    for number, time in enumerate(("2021-06-01T08:00:00+07:00", "2020-12-31T20:00:00Z")):  # 2021 has begun in Vietnam
        unsure = {**request, "province": "lao-cai", "submitted_at": time}
        answer = service.client.put(f"/v1/dossiers/unsure-{number}", json=unsure, headers=service.headers)
        assert answer.status_code == 400
        assert answer.json is not None
        assert answer.json["type"] == "/v1/problems/ambiguous-profile"


def _with(regulation: str, column: Column, code: OutcomeCode) -> Mapping[str, ProvinceProfile]:
    """Every profile as shipped but for one value."""
    profiles = dict(load_profiles())
    profile = profiles[regulation]
    changed = {**profile.outcomes, column: Cell(code, profile.outcomes[column].article)}
    profiles[regulation] = replace(profile, outcomes=MappingProxyType(changed))
    return profiles


@pytest.fixture(scope="module")
def mutated(
    tmp_path_factory: pytest.TempPathFactory, pki: DemoPki
) -> Iterator[Callable[[Mapping[str, ProvinceProfile]], Installation]]:
    """The same service over other profiles."""
    with installation(tmp_path_factory.mktemp("mutated"), pki) as running:

        def over(profiles: Mapping[str, ProvinceProfile]) -> Installation:
            from api.app import create_app

            services = replace(running.services, profiles=profiles)
            return Installation(services, create_app(services), running.key)

        yield over


@pytest.mark.parametrize(("regulation", "column", "code", "article"), ROWS)
def test_a_changed_value_changes_the_outcome(
    mutated: Callable[[Mapping[str, ProvinceProfile]], Installation],
    papers: Papers,
    regulation: str,
    column: Column,
    code: str,
    article: str,
) -> None:
    other = OutcomeCode.SEND_BY_POST if code != OutcomeCode.SEND_BY_POST else OutcomeCode.LEVEL_3
    service = mutated(_with(regulation, column, other))
    outcome = _outcome(service, regulation, papers[column], f"{regulation}-{column.value}")
    assert outcome["code"] == other.value != code
