"""An officer is known by a registered certificate; equal names bring a paper to a human, no further."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from api.dossiers.officers import OfficerMatch, OfficerRegister, PaperSigner, RegisteredOfficer
from api.dossiers.outcomes import Applicant, Outcome, decide_outcome
from api.dossiers.profiles import Column, OutcomeCode, load_profiles
from tests.unit.api.report_samples import APPLICANT_CCCD, AT, BROKEN, CITIZEN, PASSED, STATUS_UNKNOWN, report
from verifier.conclude import conclude_signature
from verifier.report import Conclusion, Finding, Severity, SignatureFacts, SignatureKind

PROFILE = load_profiles()["lao-cai-24-2021"]
APPLICANT = Applicant("Nguyễn Thị Hoà", APPLICANT_CCCD)
SIGNER = replace(
    CITIZEN,
    name="Lò Thị Cán Bộ",
    organization="UBND tỉnh Mẫu",
    units=("Trung tâm Hành chính công",),
    cccd=None,
    email="canbo@mau.gov.vn",
    certificate_sha256="cc" * 32,
)
SCAN = replace(PASSED, regime="official", signer=SIGNER)
OFFICER = RegisteredOfficer(
    certificate_sha256=SIGNER.certificate_sha256,
    name=SIGNER.name,
    email=SIGNER.email,
    organization=SIGNER.organization,
    units=SIGNER.units,
    agency="so-tnmt",
)


def _register(*officers: RegisteredOfficer, agency: str | None = "so-tnmt") -> OfficerRegister:
    return OfficerRegister(officers or (OFFICER,), agency)


def _match(facts: SignatureFacts, register: OfficerRegister) -> OfficerMatch:
    return register.match(conclude_signature(facts))


@pytest.mark.parametrize("agency", ["so-tnmt", None])
def test_the_very_certificate_is_the_officer_whatever_the_name(agency: str | None) -> None:
    renamed = replace(SCAN, signer=replace(SIGNER, name="Somebody", email=None, organization=None, units=()))
    assert _match(renamed, _register(agency=agency)) is OfficerMatch.REGISTERED


def test_a_certificate_registered_for_all_agencies_serves_each() -> None:
    assert _match(SCAN, _register(replace(OFFICER, agency=None))) is OfficerMatch.REGISTERED


def test_a_certificate_of_another_agency_is_not_this_ones() -> None:
    assert _match(SCAN, _register(agency="so-nv")) is OfficerMatch.OTHER_AGENCY
    both = _register(OFFICER, replace(OFFICER, agency="so-nv"), agency="so-nv")
    assert _match(SCAN, both) is OfficerMatch.REGISTERED


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({}, OfficerMatch.ALIKE),
        ({"organization": "Đơn vị khác"}, OfficerMatch.ALIKE),  # the OU still agrees
        ({"units": ()}, OfficerMatch.ALIKE),  # the O still agrees
        ({"name": "LÒ THỊ CÁN BỘ", "email": "CanBo@mau.gov.vn"}, OfficerMatch.ALIKE),
        ({"organization": "Đơn vị khác", "units": ("Phòng khác",)}, OfficerMatch.UNKNOWN),
        ({"organization": None, "units": ()}, OfficerMatch.UNKNOWN),
        ({"email": None}, OfficerMatch.UNKNOWN),
        ({"email": "khac@mau.gov.vn"}, OfficerMatch.UNKNOWN),
        ({"name": "Lò Thị Khác"}, OfficerMatch.UNKNOWN),
    ],
)
def test_equal_words_are_a_hint_only_where_all_three_agree(changes: dict[str, object], match: OfficerMatch) -> None:
    other = replace(SIGNER, certificate_sha256="dd" * 32, **changes)  # type: ignore[arg-type]
    assert _match(replace(SCAN, signer=other), _register()) is match


def test_a_public_certificate_with_an_officers_words_is_nobodys() -> None:
    assert _match(replace(SCAN, regime="public"), _register()) is OfficerMatch.UNKNOWN
    assert _match(replace(SCAN, regime="unknown"), _register()) is OfficerMatch.UNKNOWN


def test_a_time_stamp_is_no_officers_signature() -> None:
    assert _match(replace(SCAN, kind=SignatureKind.DOCUMENT_TIMESTAMP), _register()) is OfficerMatch.UNKNOWN


def test_a_withdrawn_certificate_counts_for_what_was_signed_before() -> None:
    later, earlier = AT + timedelta(days=1), AT - timedelta(days=1)
    assert _match(SCAN, _register(replace(OFFICER, withdrawn_at=later))) is OfficerMatch.REGISTERED
    assert _match(SCAN, _register(replace(OFFICER, withdrawn_at=earlier))) is OfficerMatch.ALIKE
    unproven = replace(SCAN, best_signature_time=None, claimed_signing_time=earlier, validation_time=later)
    ended = _register(replace(OFFICER, withdrawn_at=AT))
    assert _match(unproven, ended) is OfficerMatch.ALIKE, "a claimed time proves nothing"


def _scanned(facts: SignatureFacts | None, register: OfficerRegister, *, required: bool = True) -> Outcome:
    found = report(conclusion=Conclusion.NO_SIGNATURE) if facts is None else report(facts)
    return decide_outcome(found, APPLICANT, PROFILE, required, register, PaperSigner.OFFICER)


@pytest.mark.parametrize("required", [True, False])
def test_a_counter_scan_signed_by_a_registered_officer_is_accepted(required: bool) -> None:
    outcome = _scanned(SCAN, _register(), required=required)
    assert (outcome.code, outcome.article, outcome.reason) == (OutcomeCode.ACCEPTED, "TT 01/2023/TT-VPCP", None)


@pytest.mark.parametrize(
    ("facts", "register", "column", "reason"),
    [
        (SCAN, _register(agency="so-nv"), Column.INDETERMINATE, "OFFICER-OF-ANOTHER-AGENCY"),
        (
            replace(SCAN, signer=replace(SIGNER, certificate_sha256="dd" * 32)),
            _register(),
            Column.INDETERMINATE,
            "OFFICER-CERTIFICATE-NOT-REGISTERED",
        ),
        (SCAN, OfficerRegister(), Column.FAILED, "SUPPLEMENT-SCAN-NOT-BY-OFFICER"),
        (
            replace(SCAN, regime="public", signer=replace(SIGNER, cccd="098765432109")),
            _register(),
            Column.FAILED,
            "SUPPLEMENT-SCAN-NOT-BY-OFFICER",
        ),
        (None, _register(), Column.UNSIGNED, "SUPPLEMENT-SCAN-UNSIGNED"),
        (replace(BROKEN, regime="official", signer=SIGNER), _register(), Column.FAILED, "SUPPLEMENT-CHANGED"),
        (
            replace(STATUS_UNKNOWN, regime="official", signer=SIGNER),
            _register(),
            Column.INDETERMINATE,
            "OFFICER-STATUS-UNKNOWN",
        ),
    ],
)
@pytest.mark.parametrize("required", [True, False])
def test_a_counter_scan_needs_its_officers_good_signature(
    facts: SignatureFacts | None, register: OfficerRegister, column: Column, reason: str, required: bool
) -> None:
    """Also where the procedure asks the applicant for none (TT 01/2023/TT-VPCP)."""
    outcome = _scanned(facts, register, required=required)
    assert (outcome.column, outcome.reason) == (column, reason)


def test_the_applicants_own_signature_is_more_than_an_officers() -> None:
    assert _scanned(PASSED, OfficerRegister()).code is OutcomeCode.ACCEPTED


def test_what_was_filled_in_after_the_officer_signed_is_for_the_officer() -> None:
    filled = replace(SCAN, findings=(Finding("FIELD-FILLED-LATER", Severity.INFO),))
    assert _scanned(filled, _register()).reason == "OFFICER-FILLED-LATER"


def test_an_officers_signature_where_the_applicants_is_missed_is_for_the_officer() -> None:
    """Nobody said that it was a counter scan: it could be a paper that the officer once signed for somebody else."""
    outcome = decide_outcome(report(SCAN), APPLICANT, PROFILE, True, _register())
    assert (outcome.code, outcome.reason) == (OutcomeCode.OFFICER_DECIDES, "OFFICER-SIGNED-BY-OFFICER")
    assert decide_outcome(report(SCAN), APPLICANT, PROFILE, True).reason == "SUPPLEMENT-SIGNED-BY-AGENCY"


def test_who_is_known_by_an_old_identity_card_is_the_applicant_by_it() -> None:
    older = replace(CITIZEN, cccd=None, numbers=(("cmnd", "123456789"),))
    known = Applicant("Nguyễn Thị Hoà", "123456789")
    assert decide_outcome(report(replace(PASSED, signer=older)), known, PROFILE, True).code is OutcomeCode.ACCEPTED
    other = Applicant("Nguyễn Thị Hoà", "987654321")
    assert decide_outcome(report(replace(PASSED, signer=older)), other, PROFILE, True).code is not OutcomeCode.ACCEPTED


@pytest.mark.parametrize("label", ["hc", "bhxh", "mns"])
def test_a_number_of_another_kind_is_no_cccd(label: str) -> None:
    """Equal digits under another label are another thing; with the same name it is for the officer."""
    labelled = replace(CITIZEN, cccd=None, numbers=((label, APPLICANT_CCCD),))
    found = decide_outcome(report(replace(PASSED, signer=labelled)), APPLICANT, PROFILE, True)
    assert found.reason == "OFFICER-SIGNER-WITHOUT-NUMBER"
