"""Large evidence comes out of the worker once, and every report has all of its own."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from verifier.process.handback import LARGE_BYTES, HandedBack, LargeEvidence
from verifier.report import Conclusion, DocumentFormat, ValidationReport

LARGE = b"x" * LARGE_BYTES
SMALL = b"y"


def report(**evidence: bytes) -> ValidationReport:
    return ValidationReport(
        sha256="0" * 64,
        size_bytes=1,
        format=DocumentFormat.PDF,
        conclusion=Conclusion.NO_SIGNATURE,
        validation_time=datetime(2026, 1, 1, tzinfo=UTC),
        policy_id="p",
        policy_sha256="0" * 64,
        trust_store_sha256="0" * 64,
        findings=(),
        evidence=evidence,
    )


def test_what_came_over_completes_the_next_report() -> None:
    store = LargeEvidence()
    whole = report(large=LARGE, small=SMALL)
    assert store.held() == {}
    assert store.completed(HandedBack(whole, frozenset()), {}) == whole
    held = store.held()
    assert held == {"large": LARGE}
    handed = HandedBack(dataclasses.replace(whole, evidence={"small": SMALL}), frozenset({"large"}))
    assert store.completed(handed, held) == whole


def test_a_report_is_completed_though_its_evidence_was_dropped_meanwhile() -> None:
    store = LargeEvidence(max_bytes=LARGE_BYTES)
    store.completed(HandedBack(report(one=LARGE), frozenset()), {})
    held = store.held()
    store.completed(HandedBack(report(two=LARGE), frozenset()), {})
    assert store.held().keys() == {"two"}
    assert store.completed(HandedBack(report(), frozenset({"one"})), held).evidence == {"one": LARGE}


def test_a_worker_cannot_leave_out_what_it_was_not_told_of() -> None:
    with pytest.raises(KeyError):
        LargeEvidence().completed(HandedBack(report(), frozenset({"other"})), {})
