"""Which column of the regulation's table applies, and which sentence is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.dossiers.outcomes import _INDETERMINATE, Applicant, decide_outcome
from api.dossiers.profiles import Column, OutcomeCode, load_profiles
from api.i18n.texts import load_texts
from tests.unit.api.report_samples import (
    APPLICANT_CCCD,
    AT,
    BROKEN,
    CITIZEN,
    OFFICIAL,
    PASSED,
    STATUS_UNKNOWN,
    STRANGER,
    report,
)
from verifier.report import (
    ChangesAfter,
    Conclusion,
    Coverage,
    Finding,
    Indication,
    Integrity,
    Revocation,
    Severity,
    SignatureFacts,
    SignatureKind,
    SubIndication,
    ValidationReport,
)

PROFILE = load_profiles()["lao-cai-24-2021"]
APPLICANT = Applicant("Nguyễn Thị Hoà", APPLICANT_CCCD)


def _reason(found: ValidationReport, applicant: Applicant = APPLICANT) -> str | None:
    return decide_outcome(found, applicant, PROFILE, signature_required=True).reason


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (BROKEN, "SUPPLEMENT-CHANGED"),
        (replace(BROKEN, integrity_failure=SubIndication.SIG_CRYPTO_FAILURE), "SUPPLEMENT-SIGNATURE-WRONG"),
        (replace(PASSED, changes_after=ChangesAfter.SUSPICIOUS, changes_visible=True), "SUPPLEMENT-CHANGED"),
        (replace(PASSED, coverage=Coverage.PARTIAL), "SUPPLEMENT-PARTLY-SIGNED"),
        (replace(BROKEN, resaved=True, coverage=Coverage.PARTIAL), "SUPPLEMENT-RESAVED"),
        (
            replace(PASSED, integrity=Integrity.UNKNOWN, integrity_failure=SubIndication.FORMAT_FAILURE),
            "SUPPLEMENT-SIGNATURE-DAMAGED",
        ),
        (replace(PASSED, revocation=Revocation.REVOKED, revoked_at=AT), "SUPPLEMENT-REVOKED"),
        (replace(PASSED, signer=replace(CITIZEN, valid_until=CITIZEN.valid_from)), "SUPPLEMENT-EXPIRED"),
        (replace(PASSED, signer=replace(CITIZEN, valid_from=CITIZEN.valid_until)), "SUPPLEMENT-NOT-YET-VALID"),
    ],
)
def test_each_failure_has_its_own_sentence_for_the_citizen(facts: SignatureFacts, reason: str) -> None:
    assert report(facts).conclusion is Conclusion.TOTAL_FAILED
    assert _reason(report(facts)) == reason
    vietnamese = load_texts().say(reason, "vi", paper="Tờ khai")
    assert "Tờ khai" in vietnamese and "Ông/Bà" in vietnamese and "Đề nghị" in vietnamese


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("EMPTY-FILE", "SUPPLEMENT-EMPTY"),
        ("PASSWORD-NEEDED", "SUPPLEMENT-PASSWORD"),
        ("TOO-COSTLY", "SUPPLEMENT-TOO-COSTLY"),
        ("ANYTHING-ELSE", "SUPPLEMENT-DAMAGED"),
    ],
)
@pytest.mark.parametrize("signature_required", [True, False])
def test_a_file_that_cannot_be_read_is_asked_for_again(code: str, reason: str, signature_required: bool) -> None:
    found = report(conclusion=Conclusion.UNREADABLE, findings=(Finding(code, Severity.ERROR),))
    outcome = decide_outcome(found, APPLICANT, PROFILE, signature_required)
    assert (outcome.code, outcome.reason) == (OutcomeCode.SUPPLEMENT_NEEDED, reason)


def test_an_unsupported_format_is_never_called_unsigned() -> None:
    for profile in load_profiles().values():
        for required in (True, False):
            outcome = decide_outcome(report(conclusion=Conclusion.UNSUPPORTED_FORMAT), APPLICANT, profile, required)
            assert (outcome.code, outcome.reason) == (OutcomeCode.SUPPLEMENT_NEEDED, "SUPPLEMENT-FORMAT")


def test_a_failed_signature_is_never_unsigned_even_where_none_is_required() -> None:
    for profile in load_profiles().values():
        outcome = decide_outcome(report(BROKEN), APPLICANT, profile, signature_required=False)
        assert outcome.code is OutcomeCode.SUPPLEMENT_NEEDED


def test_every_indeterminate_sub_indication_has_a_sentence_for_the_officer() -> None:
    expected = {sub for sub in SubIndication if sub.indication is Indication.INDETERMINATE}
    assert set(_INDETERMINATE) == expected
    assert all(code in load_texts() for code in _INDETERMINATE.values())


class TestApplicant:
    def test_the_same_cccd_is_the_applicant_whatever_the_name(self) -> None:
        facts = replace(PASSED, signer=replace(CITIZEN, name="NGUYEN THI HOA"))
        assert decide_outcome(report(facts), APPLICANT, PROFILE, True).code is OutcomeCode.ACCEPTED

    def test_the_same_mst_is_the_applicant(self) -> None:
        company = replace(CITIZEN, cccd=None, mst="0101234567")
        applicant = Applicant("Công ty", mst="0101234567")
        assert decide_outcome(report(replace(PASSED, signer=company)), applicant, PROFILE, True).code == "ACCEPTED"

    @pytest.mark.parametrize("turned", [False, True])
    def test_a_tax_number_of_twelve_digits_is_the_persons_own(self, turned: bool) -> None:
        number = CITIZEN.cccd
        signer = replace(CITIZEN, cccd=None, mst=number) if turned else CITIZEN
        applicant = Applicant("A", cccd=number) if turned else Applicant("Hộ kinh doanh A", mst=number)
        assert decide_outcome(report(replace(PASSED, signer=signer)), applicant, PROFILE, True).code == "ACCEPTED"
        other = replace(applicant, cccd="098765432109") if turned else replace(applicant, mst="098765432109")
        assert _reason(report(replace(PASSED, signer=signer)), other) == "SUPPLEMENT-SIGNED-BY-ANOTHER"

    def test_a_branch_is_not_its_company(self) -> None:
        branch = replace(CITIZEN, cccd=None, mst="0101234567-001")
        applicant = Applicant("Công ty", mst="0101234567")
        assert _reason(report(replace(PASSED, signer=branch)), applicant) == "SUPPLEMENT-SIGNED-BY-ANOTHER"

    def test_the_same_name_with_another_cccd_is_somebody_else(self) -> None:
        namesake = replace(CITIZEN, cccd="098765432109")
        assert _reason(report(replace(PASSED, signer=namesake))) == "SUPPLEMENT-SIGNED-BY-ANOTHER"

    def test_the_same_name_without_any_number_is_for_the_officer(self) -> None:
        unnumbered = replace(CITIZEN, cccd=None, name="NGUYỄN THỊ  HOÀ")
        outcome = decide_outcome(report(replace(PASSED, signer=unnumbered)), APPLICANT, PROFILE, True)
        assert (outcome.code, outcome.reason) == (OutcomeCode.OFFICER_DECIDES, "OFFICER-SIGNER-WITHOUT-NUMBER")

    def test_a_person_of_the_applying_company_is_for_the_officer(self) -> None:
        company = Applicant("Công ty TNHH Mẫu", mst="0100109106")
        director = replace(CITIZEN, organization="CÔNG TY TNHH MẪU", cccd="098765432109", mst=None)
        assert _reason(report(replace(PASSED, signer=director)), company) == "OFFICER-SIGNER-WITHOUT-NUMBER"
        stranger = replace(director, organization="Công ty khác")
        assert _reason(report(replace(PASSED, signer=stranger)), company) == "SUPPLEMENT-SIGNED-BY-ANOTHER"

    def test_a_member_of_the_applying_company_with_its_tax_number_is_for_the_officer(self) -> None:
        """Every employee has such a certificate; the company's own carries no person's number."""
        company = Applicant("Công ty TNHH Mẫu", mst="0100109106")
        member = replace(CITIZEN, organization="MST:0100109106", cccd="098765432109", mst="0100109106")
        assert _reason(report(replace(PASSED, signer=member)), company) == "OFFICER-SIGNED-BY-MEMBER"
        older = replace(member, cccd=None, numbers=(("cmnd", "123456789"),))
        assert _reason(report(replace(PASSED, signer=older)), company) == "OFFICER-SIGNED-BY-MEMBER"
        for number in (("hc", "B1234567"), ("bhxh", "0123456789")):
            assert _reason(report(replace(PASSED, signer=replace(older, numbers=(number,)))), company) == (
                "OFFICER-SIGNED-BY-MEMBER"
            )
        nameless = replace(member, cccd=None, numbers=(), mst_of_organization=True)
        assert _reason(report(replace(PASSED, signer=nameless)), company) == "OFFICER-SIGNED-BY-MEMBER"
        trader = replace(member, organization=None)
        assert decide_outcome(report(replace(PASSED, signer=trader)), company, PROFILE, True).code == "ACCEPTED"

    def test_a_name_without_accents_is_for_the_officer(self) -> None:
        plain = replace(CITIZEN, name="DO THI HOA", cccd=None, mst=None)
        applicant = Applicant("Đỗ Thị Hoà", APPLICANT_CCCD)
        assert _reason(report(replace(PASSED, signer=plain)), applicant) == "OFFICER-SIGNER-WITHOUT-NUMBER"

    @pytest.mark.parametrize(
        ("one", "other"), [("0100109106-001", "0100109106001"), ("0100109106001", "0100109106-001")]
    )
    def test_a_branch_is_the_same_with_and_without_its_dash(self, one: str, other: str) -> None:
        signer = replace(CITIZEN, cccd=None, mst=one)
        assert _reason(report(replace(PASSED, signer=signer)), Applicant("Chi nhánh", mst=other)) is None
        another = Applicant("Chi nhánh", mst="0100109106-002")
        assert _reason(report(replace(PASSED, signer=signer)), another) == "SUPPLEMENT-SIGNED-BY-ANOTHER"

    def test_what_was_filled_in_after_the_applicant_signed_is_for_the_officer(self) -> None:
        later = Finding("FIELD-FILLED-LATER", Severity.INFO, (("fields", "dien_tich"),))
        filled = replace(PASSED, changes_after=ChangesAfter.PERMITTED, findings=(later,))
        assert _reason(report(filled)) == "OFFICER-FILLED-LATER"
        assert _reason(report(filled, PASSED)) is None, "the applicant signed again what was filled in"

    def test_an_agency_is_not_the_applicant_even_under_the_applicants_name(self) -> None:
        facts = replace(PASSED, regime="official", signer=replace(OFFICIAL, name=CITIZEN.name))
        assert _reason(report(facts)) == "SUPPLEMENT-SIGNED-BY-AGENCY"

    def test_one_of_several_signers_is_enough(self) -> None:
        found = report(replace(PASSED, signer=STRANGER), PASSED)
        assert decide_outcome(found, APPLICANT, PROFILE, True).code is OutcomeCode.ACCEPTED

    def test_the_weakest_signature_governs_even_if_the_applicants_passed(self) -> None:
        stranger = replace(BROKEN, signer=STRANGER)
        assert decide_outcome(report(PASSED, stranger), APPLICANT, PROFILE, True).column is Column.FAILED
        unsure = replace(STATUS_UNKNOWN, signer=STRANGER)
        assert decide_outcome(report(PASSED, unsure), APPLICANT, PROFILE, True).column is Column.INDETERMINATE

    def test_a_time_stamp_under_the_applicants_number_is_no_signature(self) -> None:
        stamp = replace(PASSED, kind=SignatureKind.DOCUMENT_TIMESTAMP)
        found = report(replace(PASSED, signer=STRANGER), stamp)
        assert _reason(found) == "SUPPLEMENT-SIGNED-BY-ANOTHER"

    def test_a_dossier_without_a_number_cannot_be_decided_by_a_program(self) -> None:
        outcome = decide_outcome(report(PASSED), Applicant("Nguyễn Thị Hoà"), PROFILE, True)
        assert (outcome.code, outcome.reason) == (OutcomeCode.OFFICER_DECIDES, "OFFICER-APPLICANT-WITHOUT-NUMBER")

    def test_where_no_signature_is_required_anybodys_valid_one_does(self) -> None:
        found = report(replace(PASSED, regime="official", signer=OFFICIAL))
        assert decide_outcome(found, APPLICANT, PROFILE, signature_required=False).code is OutcomeCode.ACCEPTED


def test_only_a_missing_answer_is_retried() -> None:
    assert decide_outcome(report(STATUS_UNKNOWN), APPLICANT, PROFILE, True).retry is True
    unjudged = replace(PASSED, integrity=Integrity.UNKNOWN)
    assert decide_outcome(report(unjudged), APPLICANT, PROFILE, True).retry is False
