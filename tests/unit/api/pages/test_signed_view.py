"""What was signed, on the officer's page and on paper: as it is written, told as no verdict, and whose paper it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.actions.verify_document import StoredVerification
from api.dossiers.outcomes import Applicant, decide_outcome
from api.dossiers.profiles import OutcomeCode, load_profiles
from api.i18n.texts import load_texts
from api.pages.next_step import next_step
from api.pages.printed import printed_report
from api.pages.report_view import Speaker
from api.pages.signed_view import signed_view
from api.report_json import report_to_json
from tests.unit.api.report_samples import AT, BROKEN, CITIZEN, PASSED, STATUS_UNKNOWN, report
from verifier.report import DocumentFormat, Finding, Severity, SignedContent, ValidationReport

CONTENT = SignedContent(
    type="HDon",
    title="",
    fields=(("seller", "CÔNG TY TNHH DEMO"), ("amount", "17712000"), ("/GhiChu", "đã giao")),
    columns=("line-name", "line-amount"),
    lines=(("Xi măng", "15000000"), ("Cát vàng", "1400000")),
)
SELLERS = (Finding("EINVOICE-OF-SELLER", Severity.INFO),)
DEPARTMENTS = (Finding("EINVOICE-OF-TAX-DEPARTMENT", Severity.INFO),)


def with_content(made: ValidationReport) -> ValidationReport:
    return replace(made, signed_content=CONTENT)


@pytest.mark.parametrize(("language", "label"), [("vi", "Người bán"), ("en", "Seller")])
def test_the_fields_have_names_and_the_values_stand_as_written(language: str, label: str) -> None:
    view = signed_view(with_content(report(PASSED)), Speaker(load_texts(), language))
    assert view is not None
    assert (view.rows[0].label, view.rows[0].value) == (label, "CÔNG TY TNHH DEMO")
    assert view.rows[2].label == "GhiChu"
    assert [column.look for column in view.columns] == ["sentence", "figure"]
    assert view.lines[1] == ("Cát vàng", "1400000")


def test_a_failed_file_is_not_shown_as_a_good_one() -> None:
    speaker = Speaker(load_texts(), "vi")
    failed = signed_view(with_content(report(BROKEN)), speaker)
    passed = signed_view(with_content(report(PASSED)), speaker)
    assert failed is not None and passed is not None
    assert failed.note != passed.note and "không hợp lệ" in failed.note
    assert signed_view(report(PASSED), speaker) is None


def test_the_contracts_object() -> None:
    made = replace(with_content(report(PASSED)), format=DocumentFormat.XML)
    answer = report_to_json(made, load_texts(), None)["signed_content"]
    assert report_to_json(replace(made, signed_content=None), load_texts(), None)["signed_content"] is None
    assert answer["type"] == "HDon" and answer["title"] == "Hoá đơn điện tử"
    assert answer["fields"][1] == {
        "name_vi": "Tổng tiền thanh toán",
        "name_en": "Amount to pay",
        "value": "17712000",
    }
    assert answer["lines"] == [["Xi măng", "15000000"], ["Cát vàng", "1400000"]]


@pytest.mark.parametrize("facts", [PASSED, BROKEN, replace(PASSED, algorithms_acceptable=False), STATUS_UNKNOWN])
@pytest.mark.parametrize("findings", [SELLERS, DEPARTMENTS])
def test_nobody_is_asked_to_sign_anothers_paper(facts: object, findings: tuple[Finding, ...]) -> None:
    step = next_step(report(facts, findings=findings), None, Speaker(load_texts(), "vi"), "hd.xml")  # type: ignore[arg-type]
    for words in (step.officer, step.citizen or ""):
        assert "ký lại" not in words and "ký số lại" not in words
    if facts is BROKEN:
        giver = "bên bán" if findings is SELLERS else "cơ quan thuế"
        assert f"xin {giver} cấp lại" in step.officer and f"xin {giver} cấp lại" in (step.citizen or "")


def test_a_good_paper_of_anothers_is_for_the_officer_and_no_supplement() -> None:
    seller = replace(CITIZEN, name="CÔNG TY TNHH DEMO", cccd=None, mst="6200000000")
    made = report(replace(PASSED, signer=seller), findings=SELLERS)
    outcome = decide_outcome(
        made, Applicant("Nguyễn Thị Hoà", cccd="012345678901"), load_profiles()["lao-cai-24-2021"], True
    )
    assert (outcome.code, outcome.reason) == (OutcomeCode.OFFICER_DECIDES, "OFFICER-PAPER-OF-ANOTHER")


def test_it_is_printed() -> None:
    stored = StoredVerification("1", "officer:1", AT, "5f" * 32, "hd.xml", None, with_content(report(PASSED)))
    lines = printed_report(stored, Speaker(load_texts(), "vi"), "http://x").lines
    texts = [line.text for line in lines]
    assert "CÔNG TY TNHH DEMO" in texts and "17712000" in texts
    assert any("Xi măng" in text and "15000000" in text for text in texts)
