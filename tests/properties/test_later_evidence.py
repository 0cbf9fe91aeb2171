"""Evidence that comes later can decide what was open; it never makes a failed signature pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.verifier.test_conclude import ANY_FACTS
from verifier.conclude import conclude_signature
from verifier.report import Indication, Integrity, PathOutcome, Revocation, SignatureFacts


@settings(max_examples=500)
@given(ANY_FACTS, st.timedeltas(timedelta(0), timedelta(days=2000)), st.sampled_from(Revocation), st.booleans())
def test_later_evidence_never_turns_failed_into_passed(
    before: SignatureFacts, wait: timedelta, status: Revocation, chain_found: bool
) -> None:
    """A time stamp from after the claimed signing, a status that becomes known, a chain that is found."""
    earliest = before.claimed_signing_time or before.validation_time
    stamped = earliest + wait
    after = replace(
        before,
        best_signature_time=before.best_signature_time or stamped,
        revocation=before.revocation if before.revocation is Revocation.REVOKED else status,
        path=PathOutcome.TRUSTED if chain_found else before.path,
        integrity=before.integrity if before.integrity is not Integrity.UNKNOWN else Integrity.INTACT,
    )
    if conclude_signature(before).indication is not Indication.TOTAL_FAILED:
        return
    assert conclude_signature(after).indication is not Indication.TOTAL_PASSED
