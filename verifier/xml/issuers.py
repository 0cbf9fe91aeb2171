"""Did whoever issues a document sign it: the seller his invoice, the tax department its notice, the taxpayer his own.

Each signature stands for its own signer only. A buyer's on an invoice shows what the buyer agreed to, not that there is
a seller; a taxpayer's on a notice does not make it one of the tax department.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from verifier.report import Finding, Severity, SignatureFacts, Signer, SubIndication
from verifier.xml.covering import Checked
from verifier.xml.document_types import DocumentType, Located, Part, Party, units
from verifier.xml.parties import has_numbers_of, place_in
from verifier.xml.safety import Element

Unissued = Sequence[tuple[DocumentType, Element]]
"""Documents, each by its type and root element, that none of its issuers signed in his place."""


def unissued(root: Element, checked: Sequence[Checked]) -> Unissued:
    """Those of a file's documents that no intact signature in an issuer's place signs."""
    placed = [(one, place_in(one.parsed.element)) for one in checked if one.is_intact]
    standing = [(one, place[1].party) for one, place in placed if place is not None]
    found = []
    for kind, unit in units(root):
        issuers, data = issuers_of(kind, unit), kind.find(unit, kind.main)
        if issuers and not any(party in issuers and _signs(one, data) for one, party in standing):
            found.append((kind, unit))
    return found


def with_issuer(facts: SignatureFacts, checked: Checked, lacking: Unissued) -> SignatureFacts:
    """Does this signature sign or stand in a document whose issuer did not sign: then an officer looks."""
    if facts.signer is None or not checked.is_intact:
        return facts
    signer = facts.signer
    if not any(_concerns(checked, kind, unit) and not _issues(signer, checked, kind, unit) for kind, unit in lacking):
        return facts
    finding = Finding("EINVOICE-NO-ISSUER", Severity.WARNING)
    violation = (SubIndication.SIG_CONSTRAINTS_FAILURE, finding.code)
    return dataclasses.replace(facts, violations=(*facts.violations, violation), findings=(*facts.findings, finding))


def issuers_of(kind: DocumentType, unit: Element) -> frozenset[Party]:
    """Who issues a document of this type; a notice's form may say that the taxpayer does."""
    for path, beginning, party in kind.issuers_by_form:
        forms = ["".join(one.itertext()).strip() for one in kind.find(unit, path)]
        if forms and all(form.startswith(beginning) for form in forms):
            return frozenset({party})
    return kind.issuers


def _signs(checked: Checked, data: Sequence[Element]) -> bool:
    return bool(data) and all(checked.covers(one) for one in data)


def _concerns(checked: Checked, kind: DocumentType, unit: Element) -> bool:
    return unit in checked.parsed.element.iterancestors() or _signs(checked, kind.find(unit, kind.main))


def _issues(signer: Signer, checked: Checked, kind: DocumentType, unit: Element) -> bool:
    """In no place, over the whole document: the issuer's signature where the numbers it signs are its own."""
    if place_in(checked.parsed.element) is not None:
        return False
    issuers, located = issuers_of(kind, unit), Located(kind, unit, "", Part.FRAME)
    places = [place for place in kind.places.values() if place.party in issuers]
    return any(has_numbers_of(signer, checked, located, place) for place in places)
