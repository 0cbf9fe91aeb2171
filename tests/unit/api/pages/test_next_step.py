"""The next step, and the very sentence that the citizen gets, with a regulation and without one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.dossiers.outcomes import Applicant, decide_outcome
from api.dossiers.profiles import load_profiles
from api.i18n.texts import load_texts
from api.pages.next_step import Case, applicant_line, headline_in_case, next_step
from api.pages.report_view import Speaker, Tone
from tests.unit.api.report_samples import (
    APPLICANT_CCCD,
    BROKEN,
    PASSED,
    STATUS_UNKNOWN,
    STRANGER,
    report,
)
from verifier.report import Conclusion, Finding, Severity, ValidationReport

VI, EN = (Speaker(load_texts(), language) for language in ("vi", "en"))
APPLICANT = Applicant("Nguyễn Thị Hoà", APPLICANT_CCCD, None)


def case(judged: ValidationReport, regulation: str = "kon-tum-08-2018", applicant: Applicant = APPLICANT) -> Case:
    profile = load_profiles()[regulation]
    outcome = decide_outcome(judged, applicant, profile, True)
    return Case("A-1", "Cấp giấy phép", profile.name, applicant, outcome)


class TestWithoutDossier:
    def test_a_failed_paper_gets_the_sentence_of_the_regulations(self) -> None:
        step = next_step(report(BROKEN), None, VI)
        assert step.officer.startswith("Yêu cầu bổ sung")
        assert "Không tiếp nhận như giấy tờ không có chữ ký" in step.officer
        assert step.citizen == VI("SUPPLEMENT-CHANGED", paper=VI("paper-default"))
        assert step.citizen_other_language == EN("SUPPLEMENT-CHANGED", paper=EN("paper-default"))

    def test_an_open_question_asks_nothing_of_the_citizen_yet(self) -> None:
        step = next_step(report(STATUS_UNKNOWN), None, VI)
        assert "chưa từ chối" in step.officer
        assert step.citizen is not None
        assert "chưa phải làm gì" in step.citizen

    def test_a_password_is_named_as_the_way_out(self) -> None:
        judged = report(conclusion=Conclusion.UNREADABLE, findings=(Finding("PASSWORD-NEEDED", Severity.ERROR),))
        step = next_step(judged, None, VI)
        assert step.citizen is not None
        assert "mật khẩu" in step.citizen

    @pytest.mark.parametrize("conclusion", list(Conclusion))
    def test_every_conclusion_has_a_step_and_a_sentence_in_both_languages(self, conclusion: Conclusion) -> None:
        for speaker in (VI, EN):
            step = next_step(report(conclusion=conclusion), None, speaker)
            assert step.officer and step.citizen and step.citizen_other_language
            assert step.citizen != step.citizen_other_language
            assert not step.officer.startswith("STEP-")


class TestWithDossier:
    @pytest.mark.parametrize(
        ("regulation", "words"),
        [
            ("lao-cai-33-2009", "đối chiếu với bản chính khi trả kết quả"),
            ("lai-chau-03-2017", "mức độ 3"),
            ("kon-tum-08-2018", "qua bưu điện"),
            ("son-la-2556-2017", "qua bưu điện"),
            ("lao-cai-24-2021", "Yêu cầu bổ sung"),
        ],
    )
    def test_an_unsigned_paper_goes_the_way_of_the_regulation(self, regulation: str, words: str) -> None:
        judged = report()
        step = next_step(judged, case(judged, regulation), VI)
        assert words in step.officer
        assert step.article

    def test_a_good_signature_by_the_applicant_is_green(self) -> None:
        judged = report(PASSED)
        shown = headline_in_case(judged, case(judged), VI)
        line = applicant_line(judged, case(judged), VI)
        assert shown.tone is Tone.OK
        assert line is not None and line.tone is Tone.OK

    def test_a_good_signature_by_somebody_else_is_not(self) -> None:
        judged = report(replace(PASSED, signer=STRANGER))
        shown = headline_in_case(judged, case(judged), VI)
        line = applicant_line(judged, case(judged), VI)
        step = next_step(judged, case(judged), VI)
        assert (shown.tone, shown.title) == (Tone.WARN, "Chữ ký đúng, nhưng không phải của người nộp hồ sơ")
        assert line is not None and line.tone is Tone.WARN
        assert step.officer.startswith("Yêu cầu bổ sung")
        assert step.citizen == VI("SUPPLEMENT-SIGNED-BY-ANOTHER", paper=VI("paper-default"))

    def test_an_applicant_without_number_leaves_it_to_the_officer(self) -> None:
        judged = report(PASSED)
        asked = case(judged, applicant=Applicant("Nguyễn Thị Hoà", None, None))
        assert headline_in_case(judged, asked, VI).tone is Tone.WARN
        step = next_step(judged, asked, VI)
        assert step.why == VI("OFFICER-APPLICANT-WITHOUT-NUMBER")

    def test_a_failed_paper_stays_failed(self) -> None:
        judged = report(BROKEN)
        assert headline_in_case(judged, case(judged), VI).tone is Tone.BAD
