"""What part a signature has in a letter: initials, the person who signs it, the agency's clerk. Pure.

By the certificate's names and by where it stands (NĐ 30/2020 Đ.13, Đ.15 to 18); it decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from verifier.drawing.placed.bodies import is_agency
from verifier.report import Finding, SignatureKind, SignatureVerdict

INITIALS = frozenset({"DRAFTERS-INITIALS", "CHECKERS-INITIALS"})
ACT = "CLERK-ACT"


class Role(StrEnum):
    """The part of one signature."""

    INITIALS = "initials"
    PERSON = "person"
    AGENCY = "agency"


def role_of(verdict: SignatureVerdict) -> Role | None:
    """The part of a signature; None where nobody is named, and for a time stamp."""
    signer = verdict.facts.signer
    if signer is None or verdict.facts.kind is not SignatureKind.SIGNATURE:
        return None
    if is_agency(signer):
        return Role.AGENCY
    return Role.INITIALS if any(finding.code in INITIALS for finding in verdict.findings) else Role.PERSON


def acts(verdicts: Sequence[SignatureVerdict], findings: Iterable[Finding]) -> list[list[SignatureVerdict]]:
    """The verdicts in the order of the file, those of one act of the clerk together (``clerk_act.py``)."""
    told = [frozenset(dict(one.parameters).get("fields", "").split(", ")) for one in findings if one.code == ACT]
    groups: list[list[SignatureVerdict]] = []
    last: int | None = None
    for verdict in verdicts:
        number = next((n for n, fields in enumerate(told) if verdict.facts.field in fields), None)
        together = number is not None and number == last and role_of(verdict) is Role.AGENCY
        groups[-1].append(verdict) if together else groups.append([verdict])
        last = number
    return groups
