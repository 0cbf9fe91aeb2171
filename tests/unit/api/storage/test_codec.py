"""Values survive their way through JSON; the whole vocabulary of a report does."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum

import pytest

from api.storage.codec import decode, decode_report, encode, encode_report
from verifier.conclude import conclude_document, conclude_signature
from verifier.report import (
    ChangesAfter,
    Coverage,
    DocumentFormat,
    Finding,
    Integrity,
    PathOutcome,
    Revocation,
    Severity,
    SignatureFacts,
    SignatureKind,
    SignatureLevel,
    Signer,
    ValidationReport,
)

AT = datetime(2026, 11, 21, 2, 30, 0, 123456, tzinfo=UTC)

SIGNER = Signer(
    "Nguyễn Thị Hoa", None, "012345678901", None, None, "VNPT Certification Authority", "ab" * 32, "17", AT, AT
)

FACTS = SignatureFacts(
    kind=SignatureKind.SIGNATURE,
    field="Signature1",
    validation_time=AT,
    integrity=Integrity.INTACT,
    coverage=Coverage.WHOLE_FILE,
    changes_after=ChangesAfter.NONE,
    level=SignatureLevel.PADES_LTA,
    signer=SIGNER,
    regime="public",
    path=PathOutcome.TRUSTED,
    ca_valid_at_time=True,
    revocation=Revocation.GOOD,
    findings=(Finding("SOMETHING", Severity.INFO, (("name", "giá trị"),)),),
    evidence=("cd" * 32,),
)


def _report(facts: SignatureFacts) -> ValidationReport:
    verdict = conclude_signature(facts)
    return ValidationReport(
        sha256="00" * 32,
        size_bytes=5,
        format=DocumentFormat.PDF,
        conclusion=conclude_document([verdict]),
        validation_time=AT,
        policy_id="vn-2025.1",
        policy_sha256="11" * 32,
        trust_store_sha256="22" * 32,
        findings=(Finding("OTHER", Severity.WARNING),),
        verdicts=(verdict,),
        pages=3,
        evidence={"cd" * 32: b"DER"},
    )


@pytest.mark.parametrize("facts", [FACTS, replace(FACTS, integrity=Integrity.BROKEN, signer=None, field=None)])
def test_a_report_survives_without_the_bytes_of_its_evidence(facts: SignatureFacts) -> None:
    report = _report(facts)
    stored = json.loads(json.dumps(encode_report(report)))
    assert stored["evidence"] == ["cd" * 32]
    assert decode_report(stored) == replace(report, evidence={})


def test_a_report_stored_before_a_field_was_added_takes_the_default() -> None:
    stored = encode_report(_report(FACTS))
    del stored["pages"], stored["verdicts"][0]["facts"]["ca_revoked"]
    assert decode_report(stored).pages is None


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Sample:
    day: date
    colour: Colour | None
    pair: tuple[str, int]
    names: frozenset[str]
    table: dict[str, tuple[Colour, ...]]


def test_every_kind_of_field_survives() -> None:
    sample = Sample(date(2026, 2, 28), Colour.RED, ("a", 1), frozenset({"x", "y"}), {"k": (Colour.RED,)})
    assert decode(Sample, json.loads(json.dumps(encode(sample)))) == sample
    assert decode(Sample, encode(replace(sample, colour=None))).colour is None


def test_what_cannot_be_stored_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot store a bytes"):
        encode(b"DER")
    with pytest.raises(TypeError, match="lacks day"):
        decode(Sample, {"colour": "red"})
