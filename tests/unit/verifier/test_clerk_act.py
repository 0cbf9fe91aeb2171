"""The clerk's act is told once for a letter, its date beside the times of the signatures that wrote it."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.verifier.facts import SIGNER, facts
from verifier.changes.clerk_act import tell_clerk
from verifier.conclude import conclude_signature
from verifier.drawing.placed.heads import WrittenHead
from verifier.report import Finding, Severity, SignatureVerdict

SIGNED = datetime(2026, 5, 20, 3, tzinfo=UTC)
AGENCY = dataclasses.replace(SIGNER, name="SỞ Y TẾ", organization="SỞ Y TẾ", cccd=None, numbers=())


def _note(kind: str, field: str, read: str, year: str = "2026", month: str = "", sign: str = "") -> Finding:
    printed = (("day", ""), ("month", month), ("year", year), ("sign", sign))
    told = (("page", "1"), ("field", field), ("read", read), *printed)
    return Finding(f"CLERK-WROTE-{kind}", Severity.INFO, told)


def _signature(field: str, *notes: Finding, at: datetime = SIGNED) -> SignatureVerdict:
    made = facts(signer=AGENCY, findings=notes, best_signature_time=at, claimed_signing_time=at)
    return conclude_signature(dataclasses.replace(made, field=field))


def _told(day: str, month: str, at: datetime = SIGNED, year: str = "2026") -> set[str]:
    notes = (_note("DAY", "S2", day, year), _note("MONTH", "S3", month, year))
    verdicts = (_signature("S1", *notes), _signature("S2", *notes[1:], at=at), _signature("S3", at=at))
    kept, found = tell_clerk(verdicts)
    assert not any(finding.code.startswith("CLERK") for one in kept for finding in one.findings)
    return {finding.code for finding in found} - {"CLERK-ACT", "CLERK-NO-SEAL-PICTURE", "LETTER-DATE"}


WROTE = "CLERK-WROTE-DAY-MONTH"


@pytest.mark.parametrize(
    ("day", "month", "year", "warned"),
    [
        ("20", "05", "2026", None),
        ("05", "5", "2026", None),
        ("21", "05", "2026", "CLERK-DATE-AFTER-SIGNING"),
        ("20", "05", "2025", "CLERK-DATE-OTHER-YEAR"),
        ("31", "02", "2026", "CLERK-DATE-IS-NONE"),
        ("21", "05", "", "CLERK-DATE-AFTER-SIGNING"),
        ("31", "12", "", None),
    ],
)
def test_the_date_beside_the_time(day: str, month: str, year: str, warned: str | None) -> None:
    assert _told(day, month, year=year) == {WROTE, *([warned] if warned else [])}


def test_a_day_in_vietnam() -> None:
    """At 18:00 UTC on the 19th it is the 20th in Hà Nội."""
    assert _told("20", "05", datetime(2026, 5, 19, 18, tzinfo=UTC)) == {WROTE}


def test_signatures_of_one_agency_within_minutes_are_one_act() -> None:
    near = tuple(_signature(f"S{n}", at=SIGNED + timedelta(minutes=3 * n)) for n in range(3))
    (act,) = (f for f in tell_clerk(near)[1] if f.code == "CLERK-ACT")
    assert dict(act.parameters)["count"] == "3"
    far = tuple(_signature(f"S{n}", at=SIGNED + timedelta(hours=n)) for n in range(3))
    assert tell_clerk(far)[1] == ()


def test_what_cannot_be_read_is_said() -> None:
    found = tell_clerk((_signature("S1", _note("NUMBER", "S2", "")), _signature("S2")))[1]
    assert [(f.code, dict(f.parameters)) for f in found if "WROTE" in f.code] == [
        ("CLERK-WROTE-UNREAD", {"pages": "1"})
    ]


def test_the_number_with_its_sign_and_the_whole_date_are_told_of_the_letter() -> None:
    """The month was printed, the year written: what the head says is put together."""
    notes = (
        _note("NUMBER", "S2", "2118", sign="/SXD-QLN"),
        _note("DAY", "S3", "9", year="", month="5"),
        _note("YEAR", "S3", "26", year="", month="5"),
    )
    found = {f.code: dict(f.parameters) for f in tell_clerk((_signature("S1", *notes), _signature("S2")))[1]}
    assert found["LETTER-NUMBER"] == {"number": "2118/SXD-QLN"}
    assert found["LETTER-DATE"] == {"date": "09/05/2026"}
    assert (found["CLERK-WROTE-NUMBER-DAY"]["number"], found["CLERK-WROTE-YEAR"]["year"]) == ("2118", "26")


def test_what_is_printed_is_told_where_the_clerk_wrote_nothing() -> None:
    printed = WrittenHead("118/SXD-QLN", ("24", "06", "2026"))
    found = {f.code: dict(f.parameters) for f in tell_clerk((_signature("S1"),), None, printed)[1]}
    assert found == {"LETTER-NUMBER": {"number": "118/SXD-QLN"}, "LETTER-DATE": {"date": "24/06/2026"}}


def test_the_first_signature_may_be_the_clerks() -> None:
    first = (_note("NUMBER", "S1", "135"), Finding("CLERK-SEALED", Severity.INFO, (("page", "1"), ("field", "S1"))))
    codes = {f.code for f in tell_clerk((_signature("S1"), _signature("S2")), first)[1]}
    assert codes == {"CLERK-WROTE-NUMBER", "CLERK-ACT"}
    codes = {f.code for f in tell_clerk((_signature("S1"), _signature("S2")), first[:1])[1]}
    assert codes == {"CLERK-WROTE-NUMBER", "CLERK-ACT", "CLERK-NO-SEAL-PICTURE"}
