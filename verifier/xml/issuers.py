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


def with_issuer(facts: SignatureFacts, checked: Checked, others: Sequence[Checked]) -> SignatureFacts:
    """Of every document that this signature signs or stands in: has its issuer signed; if not, an officer looks."""
    if facts.signer is None or not checked.is_intact:
        return facts
    root = checked.parsed.element.getroottree().getroot()
    concerned = [(kind, unit) for kind, unit in units(root) if _concerns(checked, kind, unit)]
    if all(_is_issued(kind, unit, facts.signer, checked, others) for kind, unit in concerned):
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


def _concerns(checked: Checked, kind: DocumentType, unit: Element) -> bool:
    return unit in checked.parsed.element.iterancestors() or _signs(checked, kind, unit)


def _signs(checked: Checked, kind: DocumentType, unit: Element) -> bool:
    data = kind.find(unit, kind.main)
    return bool(data) and all(checked.covers(one) for one in data)


def _is_issued(kind: DocumentType, unit: Element, signer: Signer, checked: Checked, others: Sequence[Checked]) -> bool:
    issuers = issuers_of(kind, unit)
    if not issuers:
        return True
    signing = [one for one in (checked, *others) if one.is_intact and _signs(one, kind, unit)]
    standing = [place_in(one.parsed.element) for one in signing]
    if any(place is not None and place[1].party in issuers for place in standing):
        return True
    if checked not in signing or place_in(checked.parsed.element) is not None:
        return False
    located = Located(kind, unit, "", Part.FRAME)  # in no place, over the whole document: by the issuer's own numbers
    places = [place for place in kind.places.values() if place.party in issuers and place.numbers]
    return any(has_numbers_of(signer, checked, located, place) for place in places)
