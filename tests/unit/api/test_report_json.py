"""The contract's JSON object, member by member."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import pytest

from api.i18n.texts import load_texts
from api.report_json import report_to_json, time_to_json
from tests.unit.api.report_samples import BROKEN, PASSED, report
from verifier.report import Conclusion, Finding, Severity

SIGNATURE_MEMBERS = {
    "kind", "field", "indication", "sub_indication", "integrity", "coverage", "changes_after", "level", "signer",
    "regime", "trusted", "revocation", "claimed_signing_time", "best_signature_time", "conformance", "findings",
}  # fmt: skip


def test_the_object_has_exactly_the_contracts_members() -> None:
    answer = report_to_json(report(PASSED), load_texts(), "to-khai.pdf")
    assert set(answer) == {"file", "sha256", "format", "conclusion", "findings", "signatures"}
    (signature,) = answer["signatures"]
    assert set(signature) == SIGNATURE_MEMBERS
    assert set(signature["signer"]) == {"name", "organization", "cccd", "mst", "issuer"}
    assert json.loads(json.dumps(answer)) == answer


def test_a_passed_signature() -> None:
    answer = report_to_json(report(PASSED), load_texts(), None)
    (signature,) = answer["signatures"]
    assert answer["file"] is None
    assert (answer["format"], answer["conclusion"]) == ("pdf", "TOTAL-PASSED")
    assert (signature["indication"], signature["sub_indication"], signature["trusted"]) == ("TOTAL-PASSED", None, True)
    assert signature["claimed_signing_time"] == "2026-11-20T01:14:00+00:00"


def test_a_broken_signature_says_why_in_both_languages() -> None:
    (signature,) = report_to_json(report(BROKEN), load_texts(), "x")["signatures"]
    assert (signature["integrity"], signature["sub_indication"]) == ("broken", "HASH_FAILURE")
    first = signature["findings"][0]
    assert set(first) == {"code", "severity", "text_vi", "text_en"}
    assert (first["code"], first["severity"]) == ("INTEGRITY-BROKEN", "error")


def test_what_is_not_known_is_null() -> None:
    unknown = replace(PASSED, signer=None, level=None, claimed_signing_time=None, best_signature_time=None, field=None)
    (signature,) = report_to_json(report(unknown), load_texts(), "x")["signatures"]
    for member in ("signer", "level", "claimed_signing_time", "best_signature_time", "field"):
        assert signature[member] is None


def test_findings_of_the_document_stand_beside_the_conclusion() -> None:
    found = report(conclusion=Conclusion.UNREADABLE, findings=(Finding("EMPTY-FILE", Severity.ERROR),))
    answer = report_to_json(found, load_texts(), "x")
    assert (answer["conclusion"], answer["signatures"]) == ("UNREADABLE", [])
    assert [finding["code"] for finding in answer["findings"]] == ["EMPTY-FILE"]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        time_to_json(datetime(2026, 1, 1))  # noqa: DTZ001 - the very mistake
