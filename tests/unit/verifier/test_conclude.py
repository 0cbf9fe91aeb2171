"""Every rule of the decider, every sub-indication it may give, and that it never raises anything."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.verifier.facts import AFTER_EXPIRY, NOW, PASSING, SIGNED, VALID_FROM, VALID_UNTIL, facts
from verifier.conclude import conclude_document, conclude_signature
from verifier.report import (
    ON_HOLD,
    About,
    ChangesAfter,
    Conclusion,
    Coverage,
    Finding,
    Indication,
    Integrity,
    PathOutcome,
    Revocation,
    Severity,
    SignatureKind,
    SignatureVerdict,
    SubIndication,
)

DAY = timedelta(days=1)

RULES: list[tuple[dict[str, Any], SubIndication, str]] = [
    ({"integrity": Integrity.BROKEN}, SubIndication.HASH_FAILURE, "INTEGRITY-BROKEN"),
    (
        {"integrity": Integrity.BROKEN, "integrity_failure": SubIndication.SIG_CRYPTO_FAILURE},
        SubIndication.SIG_CRYPTO_FAILURE,
        "SIGNATURE-VALUE-WRONG",
    ),
    ({"integrity": Integrity.UNKNOWN}, SubIndication.SIGNED_DATA_NOT_FOUND, "INTEGRITY-UNKNOWN"),
    (
        {"integrity": Integrity.UNKNOWN, "integrity_failure": SubIndication.FORMAT_FAILURE},
        SubIndication.FORMAT_FAILURE,
        "INTEGRITY-UNKNOWN",
    ),
    (
        {"integrity": Integrity.UNKNOWN, "integrity_failure": SubIndication.POLICY_PROCESSING_ERROR},
        SubIndication.POLICY_PROCESSING_ERROR,
        "INTEGRITY-UNKNOWN",
    ),
    ({"coverage": Coverage.PARTIAL}, SubIndication.FORMAT_FAILURE, "COVERAGE-PARTIAL"),
    ({"coverage": Coverage.NONE}, SubIndication.FORMAT_FAILURE, "COVERAGE-PARTIAL"),
    (
        {"changes_after": ChangesAfter.SUSPICIOUS, "changes_visible": True},
        SubIndication.FORMAT_FAILURE,
        "CHANGED-AFTER-SIGNING",
    ),
    (
        {"changes_after": ChangesAfter.SUSPICIOUS, "changes_visible": None},
        SubIndication.SIG_CONSTRAINTS_FAILURE,
        "CHANGED-AFTER-SIGNING-NOT-COMPARED",
    ),
    (
        {"changes_after": ChangesAfter.SUSPICIOUS, "changes_visible": False},
        SubIndication.SIG_CONSTRAINTS_FAILURE,
        "CHANGED-AFTER-SIGNING-INVISIBLE",
    ),
    (
        {"changes_after": ChangesAfter.SUSPICIOUS, "changes_visible": True, "changes_for_officer": True},
        SubIndication.SIG_CONSTRAINTS_FAILURE,
        "CHANGED-AFTER-SIGNING-FOR-OFFICER",
    ),
    ({"changes_after": ChangesAfter.UNKNOWN}, SubIndication.SIG_CONSTRAINTS_FAILURE, "CHANGES-UNKNOWN"),
    (
        {"path": PathOutcome.NO_SIGNING_CERTIFICATE},
        SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
        "NO-SIGNING-CERTIFICATE",
    ),
    ({"path": PathOutcome.NO_CHAIN}, SubIndication.NO_CERTIFICATE_CHAIN_FOUND, "NOT-TRUSTED"),
    ({"path": PathOutcome.NOT_EVALUATED}, SubIndication.NO_CERTIFICATE_CHAIN_FOUND, "PATH-NOT-EVALUATED"),
    ({"path": PathOutcome.CHAIN_INVALID}, SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE, "CHAIN-INVALID"),
    ({"path": PathOutcome.CHAIN_CONSTRAINTS}, SubIndication.CHAIN_CONSTRAINTS_FAILURE, "CHAIN-CONSTRAINTS"),
    ({"path": PathOutcome.CHAIN_WEAK}, SubIndication.CRYPTO_CONSTRAINTS_FAILURE, "CA-ALGORITHM-WEAK"),
    ({"signer": None}, SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE, "CHAIN-INVALID"),
    ({"revocation": Revocation.REVOKED}, SubIndication.REVOKED, "REVOKED"),
    ({"revocation": Revocation.REVOKED, "ca_revoked": True}, SubIndication.REVOKED_CA_NO_POE, "CA-REVOKED"),
    ({"ca_valid_at_time": False}, SubIndication.OUT_OF_BOUNDS_NO_POE, "CA-OUT-OF-BOUNDS"),
    ({"algorithms_acceptable": False}, SubIndication.CRYPTO_CONSTRAINTS_FAILURE, "ALGORITHM-NOT-ACCEPTABLE"),
    ({"purpose_allows": False}, SubIndication.CHAIN_CONSTRAINTS_FAILURE, "PURPOSE-NOT-ALLOWED"),
    ({"revocation": Revocation.UNKNOWN}, SubIndication.TRY_LATER, "REVOCATION-UNKNOWN"),
    ({"revocation": Revocation.NOT_CHECKED}, SubIndication.TRY_LATER, "REVOCATION-UNKNOWN"),
    (
        {"violations": ((SubIndication.TIMESTAMP_ORDER_FAILURE, "TIMESTAMP-ORDER"),)},
        SubIndication.TIMESTAMP_ORDER_FAILURE,
        "TIMESTAMP-ORDER",
    ),
    (
        {"violations": ((SubIndication.FORMAT_FAILURE, "CONTENT-TYPE-ATTRIBUTE"),)},
        SubIndication.FORMAT_FAILURE,
        "CONTENT-TYPE-ATTRIBUTE",
    ),
]


def test_the_passing_facts_pass() -> None:
    verdict = conclude_signature(PASSING)
    assert (verdict.indication, verdict.sub_indication, verdict.findings) == (Indication.TOTAL_PASSED, None, ())


@pytest.mark.parametrize(("changes", "sub_indication", "code"), RULES)
def test_each_rule_alone(changes: dict[str, Any], sub_indication: SubIndication, code: str) -> None:
    verdict = conclude_signature(facts(**changes))
    assert verdict.sub_indication is sub_indication
    assert verdict.indication is sub_indication.indication
    assert code in [finding.code for finding in verdict.findings]


@pytest.mark.parametrize("changes_after", [ChangesAfter.EXTENSION, ChangesAfter.PERMITTED])
def test_honest_additions_are_no_alarm(changes_after: ChangesAfter) -> None:
    assert conclude_signature(facts(changes_after=changes_after)).indication is Indication.TOTAL_PASSED


REVOKED_AT = datetime(2026, 6, 1, tzinfo=VALID_FROM.tzinfo)
TIMES: list[tuple[str, dict[str, Any], SubIndication | None]] = [
    ("revoked before the proven time", {"best_signature_time": REVOKED_AT + DAY}, SubIndication.REVOKED),
    ("revoked at the proven time", {"best_signature_time": REVOKED_AT}, SubIndication.REVOKED),
    ("revoked after the proven time", {"best_signature_time": REVOKED_AT - DAY}, None),
    (
        "a proof outweighs a claim from after the revocation",
        {"best_signature_time": REVOKED_AT - DAY, "claimed_signing_time": REVOKED_AT + DAY},
        None,
    ),
    ("revoked before the claimed time", {"claimed_signing_time": REVOKED_AT + DAY}, SubIndication.REVOKED),
    ("revoked at the claimed time", {"claimed_signing_time": REVOKED_AT}, SubIndication.REVOKED),
    ("revoked, an earlier claim, no proof", {"claimed_signing_time": REVOKED_AT - DAY}, SubIndication.REVOKED_NO_POE),
    ("revoked, neither claim nor proof", {"claimed_signing_time": None}, SubIndication.REVOKED_NO_POE),
    ("revoked, nobody knows since when", {"revoked_at": None}, SubIndication.REVOKED),
]


@pytest.mark.parametrize(("changes", "expected"), [case[1:] for case in TIMES], ids=[case[0] for case in TIMES])
def test_revocation_and_time(changes: dict[str, Any], expected: SubIndication | None) -> None:
    verdict = conclude_signature(facts(**{"revocation": Revocation.REVOKED, "revoked_at": REVOKED_AT, **changes}))
    assert verdict.sub_indication is expected


VALIDITY: list[tuple[str, dict[str, Any], SubIndication | None]] = [
    ("expired since, proven before", {"best_signature_time": SIGNED}, None),
    ("expired since, nothing proven", {}, SubIndication.OUT_OF_BOUNDS_NO_POE),
    ("proven after expiry", {"best_signature_time": VALID_UNTIL + DAY}, SubIndication.EXPIRED),
    ("claimed after expiry", {"claimed_signing_time": VALID_UNTIL + DAY}, SubIndication.EXPIRED),
    ("proven at the last moment", {"best_signature_time": VALID_UNTIL}, None),
    ("proven at the first moment", {"best_signature_time": VALID_FROM}, None),
    ("claimed at the last moment", {"claimed_signing_time": VALID_UNTIL}, SubIndication.OUT_OF_BOUNDS_NO_POE),
    ("neither claimed nor proven", {"claimed_signing_time": None}, SubIndication.OUT_OF_BOUNDS_NO_POE),
    ("proven before the certificate", {"best_signature_time": VALID_FROM - DAY}, SubIndication.NOT_YET_VALID),
]


@pytest.mark.parametrize(("changes", "expected"), [case[1:] for case in VALIDITY], ids=[case[0] for case in VALIDITY])
def test_validity_and_time(changes: dict[str, Any], expected: SubIndication | None) -> None:
    verdict = conclude_signature(facts(validation_time=AFTER_EXPIRY, **changes))
    assert verdict.sub_indication is expected


def test_a_certificate_of_the_future_is_not_yet_valid() -> None:
    verdict = conclude_signature(facts(validation_time=VALID_FROM - DAY))
    assert verdict.sub_indication is SubIndication.NOT_YET_VALID


def test_failed_outranks_indeterminate_and_both_are_said() -> None:
    verdict = conclude_signature(facts(path=PathOutcome.NO_CHAIN, coverage=Coverage.PARTIAL))
    assert verdict.sub_indication is SubIndication.FORMAT_FAILURE
    assert {finding.code for finding in verdict.findings} == {"COVERAGE-PARTIAL", "NOT-TRUSTED"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"integrity": Integrity.UNKNOWN, "coverage": Coverage.PARTIAL}, SubIndication.FORMAT_FAILURE),
        ({"path": PathOutcome.NO_CHAIN, "validation_time": VALID_FROM - DAY}, SubIndication.NOT_YET_VALID),
        ({"changes_after": ChangesAfter.UNKNOWN, "integrity": Integrity.BROKEN}, SubIndication.HASH_FAILURE),
        (
            {"path": PathOutcome.NO_CHAIN, "revocation": Revocation.REVOKED, "revoked_at": None},
            SubIndication.REVOKED,
        ),
    ],
)
def test_a_failed_rule_outranks_an_indeterminate_one_before_it(
    changes: dict[str, Any], expected: SubIndication
) -> None:
    assert conclude_signature(facts(**changes)).sub_indication is expected


def test_a_file_saved_again_is_failed_in_one_sentence() -> None:
    saved = {"resaved": True, "integrity": Integrity.BROKEN, "coverage": Coverage.PARTIAL}
    verdict = conclude_signature(facts(changes_after=ChangesAfter.UNKNOWN, **saved))
    assert verdict.sub_indication is SubIndication.HASH_FAILURE
    assert [finding.code for finding in verdict.findings] == ["RESAVED-AFTER-SIGNING"]
    intact = conclude_signature(facts(**{**saved, "integrity": Integrity.INTACT}))
    assert {"COVERAGE-PARTIAL"} <= {finding.code for finding in intact.findings}


@pytest.mark.parametrize("coverage", [Coverage.PARTIAL, Coverage.NONE])
def test_a_lone_time_stamp_that_covers_a_part_is_a_failure(coverage: Coverage) -> None:
    stamp = conclude_signature(facts(coverage=coverage, **STAMP))
    assert conclude_document([stamp]) is Conclusion.TOTAL_FAILED
    assert conclude_document([conclude_signature(facts(**STAMP))]) is Conclusion.NO_SIGNATURE


def test_findings_stand_worst_first_and_once() -> None:
    known = (Finding("NOT-TRUSTED", Severity.WARNING), Finding("USAGE-RIGHTS", Severity.INFO))
    verdict = conclude_signature(facts(path=PathOutcome.NO_CHAIN, coverage=Coverage.NONE, findings=known))
    assert [finding.code for finding in verdict.findings] == ["COVERAGE-PARTIAL", "NOT-TRUSTED", "USAGE-RIGHTS"]


def test_a_reason_that_fails_is_an_error_and_one_that_leaves_it_open_a_warning() -> None:
    verdict = conclude_signature(facts(path=PathOutcome.NO_CHAIN, coverage=Coverage.NONE))
    assert verdict.findings == (Finding("COVERAGE-PARTIAL", Severity.ERROR), Finding("NOT-TRUSTED", Severity.WARNING))


def test_reasons_of_a_document_time_stamp_are_told_as_its_own() -> None:
    stamp = conclude_signature(facts(path=PathOutcome.NO_CHAIN, **STAMP))
    assert [finding.about for finding in stamp.findings] == [About.DOCUMENT_TIMESTAMP]
    signature = conclude_signature(facts(path=PathOutcome.NO_CHAIN))
    assert [finding.about for finding in signature.findings] == [None]


@pytest.mark.parametrize("path", [outcome for outcome in PathOutcome if outcome is not PathOutcome.TRUSTED])
def test_without_a_trusted_path_nobody_asks_for_a_status(path: PathOutcome) -> None:
    verdict = conclude_signature(facts(path=path, revocation=Revocation.UNKNOWN))
    assert "REVOCATION-UNKNOWN" not in {finding.code for finding in verdict.findings}


def test_skipped_revocation_passes_with_a_warning() -> None:
    verdict = conclude_signature(facts(revocation=Revocation.NOT_CHECKED, revocation_required=False))
    assert verdict.indication is Indication.TOTAL_PASSED
    assert verdict.findings == (Finding("REVOCATION-NOT-CHECKED", Severity.WARNING),)


def test_a_verdict_has_no_truth_value_and_no_foreign_sub_indication() -> None:
    verdict = conclude_signature(PASSING)
    with pytest.raises(TypeError):
        bool(verdict)
    with pytest.raises(ValueError, match="does not belong"):
        SignatureVerdict(PASSING, Indication.TOTAL_FAILED, SubIndication.TRY_LATER, ())
    with pytest.raises(ValueError, match="no sub-indication"):
        SignatureVerdict(PASSING, Indication.TOTAL_PASSED, SubIndication.TRY_LATER, ())


STAMP = {"kind": SignatureKind.DOCUMENT_TIMESTAMP}


@pytest.mark.parametrize(
    ("changed", "conclusion"),
    [
        ([], Conclusion.NO_SIGNATURE),
        ([{}], Conclusion.TOTAL_PASSED),
        ([{}, {"revocation": Revocation.UNKNOWN}], Conclusion.INDETERMINATE),
        ([{"revocation": Revocation.UNKNOWN}, {"coverage": Coverage.NONE}], Conclusion.TOTAL_FAILED),
        ([STAMP], Conclusion.NO_SIGNATURE),
        ([{}, {**STAMP, "path": PathOutcome.NO_CHAIN}], Conclusion.TOTAL_PASSED),
        ([{}, {**STAMP, "revocation": Revocation.REVOKED}], Conclusion.TOTAL_PASSED),
        ([{}, {**STAMP, "integrity": Integrity.BROKEN}], Conclusion.TOTAL_PASSED),
        ([{**STAMP, "integrity": Integrity.BROKEN}], Conclusion.TOTAL_FAILED),
        (
            [{**STAMP, "integrity": Integrity.BROKEN, "integrity_failure": SubIndication.SIG_CRYPTO_FAILURE}],
            Conclusion.TOTAL_FAILED,
        ),
        ([{**STAMP, "revocation": Revocation.REVOKED}], Conclusion.NO_SIGNATURE),
        ([{**STAMP, "best_signature_time": VALID_UNTIL + DAY}], Conclusion.NO_SIGNATURE),
    ],
)
def test_the_document_is_worth_its_weakest_signature(changed: list[dict[str, Any]], conclusion: Conclusion) -> None:
    assert conclude_document([conclude_signature(facts(**changes)) for changes in changed]) is conclusion


MOMENTS = st.datetimes(VALID_FROM.replace(tzinfo=None) - DAY, AFTER_EXPIRY.replace(tzinfo=None)).map(
    lambda moment: moment.replace(tzinfo=VALID_FROM.tzinfo)
)
ANY_FACTS = st.builds(
    facts,
    validation_time=st.sampled_from([NOW, AFTER_EXPIRY]),
    integrity=st.sampled_from(Integrity),
    coverage=st.sampled_from(Coverage),
    changes_after=st.sampled_from(ChangesAfter),
    changes_visible=st.sampled_from([True, False, None]),
    changes_for_officer=st.booleans(),
    path=st.sampled_from(PathOutcome),
    ca_valid_at_time=st.sampled_from([True, False, None]),
    revocation=st.sampled_from(Revocation),
    revoked_at=st.none() | MOMENTS,
    ca_revoked=st.booleans(),
    revocation_required=st.booleans(),
    algorithms_acceptable=st.booleans(),
    purpose_allows=st.booleans(),
    claimed_signing_time=st.none() | MOMENTS,
    best_signature_time=st.none() | MOMENTS,
)


@given(ANY_FACTS)
def test_any_facts_get_a_verdict(anything: Any) -> None:
    verdict = conclude_signature(anything)
    sure = (
        anything.integrity is Integrity.INTACT
        and anything.coverage in (Coverage.WHOLE_FILE, Coverage.WHOLE_REVISION)
        and anything.path is PathOutcome.TRUSTED
        and anything.changes_after not in (ChangesAfter.SUSPICIOUS, ChangesAfter.UNKNOWN)
        and anything.algorithms_acceptable
        and anything.purpose_allows
    )
    assert sure or verdict.indication is not Indication.TOTAL_PASSED


@pytest.mark.parametrize(
    ("changes", "sub_indication", "code"),
    [
        ({"best_signature_time": REVOKED_AT + DAY}, SubIndication.REVOKED, "SUSPENDED"),
        ({"claimed_signing_time": REVOKED_AT + DAY}, SubIndication.REVOKED, "SUSPENDED"),
        ({"claimed_signing_time": REVOKED_AT - DAY}, SubIndication.REVOKED_NO_POE, "SUSPENDED-NO-PROOF-OF-TIME"),
        ({"best_signature_time": REVOKED_AT - DAY}, None, None),
    ],
)
def test_a_certificate_on_hold_is_judged_as_revoked_and_told_otherwise(
    changes: dict[str, Any], sub_indication: SubIndication | None, code: str | None
) -> None:
    held = {"revocation": Revocation.REVOKED, "revoked_at": REVOKED_AT, "revocation_reason": ON_HOLD}
    verdict = conclude_signature(facts(**held, **changes))
    assert verdict.sub_indication is sub_indication
    assert [finding.code for finding in verdict.findings] == ([] if code is None else [code])
