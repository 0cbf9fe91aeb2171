"""What a signature covers, as facts: with the other signatures of the document, one of which may vouch for the rest."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lxml import etree

from verifier.cms.rules import SigningCertificate
from verifier.report import ChangesAfter, Coverage, Finding, Integrity, Severity, SignatureFacts, SubIndication
from verifier.xml.coverage import (
    XmlCoverage,
    content_names,
    content_targets,
    coverage_of,
    speaks_like,
    unsigned_stylesheets,
    words_apart,
)
from verifier.xml.document_types import Part, locate
from verifier.xml.properties import has_text
from verifier.xml.safety import Element, XmlDocument
from verifier.xml.signature import XmlIntegrity, XmlSignature
from verifier.xml.transforms import DS, SIGNATURE
from verifier.xml.xades import COUNTER_SIGNATURE, Properties

_MANIFEST = f"{DS}Manifest"

Violation = tuple[SubIndication, str]


@dataclass(frozen=True)
class Checked:
    """One signature: its parts, its certificate, and what of the document it signs."""

    parsed: XmlSignature
    properties: Properties | None
    chosen: SigningCertificate
    intact: XmlIntegrity

    @property
    def is_intact(self) -> bool:
        """Do its digests and its value hold."""
        return self.intact.integrity is Integrity.INTACT

    def covers(self, element: Element) -> bool:
        """Is this element, with all below it, among what it signs."""
        return any(one.covers(element) for one in self.intact.signed)


def with_coverage(
    facts: SignatureFacts,
    checked: Checked,
    others: Sequence[Checked],
    document: XmlDocument,
    is_an_agencys: Callable[[Checked], bool],
) -> SignatureFacts:
    """What the signature covers; parts that another one signs together with all of this one's are its affair."""

    def signed_elsewhere(parts: Sequence[Element]) -> bool:
        return any(other.is_intact and all(map(other.covers, parts)) for other in others)

    covered = coverage_of(document.root, checked.parsed.element, checked.intact.named, signed_elsewhere)
    findings: list[Finding] = []
    violations = [*facts.violations, *_violations(checked, covered, document)]
    coverage, changes = covered.coverage, facts.changes_after
    if coverage is Coverage.NONE and checked.intact.failure is SubIndication.SIGNED_DATA_NOT_FOUND:
        alone = checked.parsed.element is document.root  # a signature of a file that is elsewhere
        coverage = Coverage.WHOLE_FILE if alone else coverage
    if coverage is Coverage.PARTIAL:
        parts = (("parts", names_of(covered.outside)),)
        vouching = _vouching(checked, others, covered.outside)
        if vouching:
            coverage, changes = Coverage.WHOLE_REVISION, ChangesAfter.PERMITTED
            findings.append(Finding("XML-PART-SIGNED-BY-ANOTHER", Severity.INFO, parts))
            if _looks_alike(checked, covered.outside) and not any(map(is_an_agencys, vouching)):
                violations.append((SubIndication.SIG_CONSTRAINTS_FAILURE, "XML-PART-LOOKS-LIKE-SIGNED"))
        elif _signed_apart(checked, covered.outside, others):
            coverage = Coverage.WHOLE_REVISION
            findings.append(Finding("XML-PARTS-SIGNED-APART", Severity.WARNING, parts))
            violations.append((SubIndication.SIG_CONSTRAINTS_FAILURE, "XML-PARTS-SIGNED-APART"))
        else:
            findings.append(Finding("XML-PART-NOT-SIGNED", Severity.ERROR, parts))
    if covered.by_design:
        parts = (("parts", names_of(_outermost(covered.by_design))),)
        findings.append(Finding("XML-OUTSIDE-BY-DESIGN", Severity.INFO, parts))
    if covered.documents:
        findings.append(Finding("XML-OTHER-DOCUMENTS", Severity.INFO, (("count", str(len(covered.documents))),)))
    if covered.frame:
        parts = (("parts", names_of(covered.frame)),)
        findings.append(Finding("XML-FRAME-NOT-SIGNED", Severity.WARNING, parts))
    if any(child.tag in COUNTER_SIGNATURE for child in checked.parsed.element.iter()):
        findings.append(Finding("XML-COUNTER-SIGNATURE", Severity.INFO))
    return dataclasses.replace(
        facts,
        coverage=coverage,
        changes_after=changes,
        violations=tuple(violations),
        findings=(*facts.findings, *findings),
    )


def _violations(checked: Checked, covered: XmlCoverage, document: XmlDocument) -> list[Violation]:
    """Rules of the format that leave the answer to an officer."""
    named = checked.intact.named
    rules = {
        "XML-FRAME-NOT-SIGNED": bool(covered.frame),
        "XML-PLACE-UNKNOWN": covered.misplaced and covered.coverage is not Coverage.WHOLE_FILE,
        "XML-STYLESHEET-NOT-SIGNED": unsigned_stylesheets(document.root, named),
        "XML-COMMENT-IN-TEXT": words_apart(named),
        "XML-READS-AS-ANOTHER-FORMAT": document.reads_otherwise,
        "XML-VALUE-IN-DER": checked.intact.value_in_der,
        # a manifest lists digests that the core rules do not check (XMLDSig §5.1): what it names is not vouched for
        "XML-MANIFEST": any(one.type == _MANIFEST or one.target.tag == f"{{{DS}}}Manifest" for one in named),
    }
    return [(SubIndication.SIG_CONSTRAINTS_FAILURE, code) for code, broken in rules.items() if broken]


def _vouching(checked: Checked, others: Sequence[Checked], outside: Sequence[Element]) -> list[Checked]:
    """Other intact signatures that each cover those parts and everything that this one covers.

    No signature vouches for words that a signature splits: it leaves the one out, and so reads the words together.
    """
    parts = [*content_targets(checked.parsed.element, checked.intact.signed), *outside]
    if any(part.tag == SIGNATURE for part in parts) or any(_is_split(part) for part in outside):
        return []
    return [other for other in others if other.is_intact and all(other.covers(part) for part in parts)]


def _signed_apart(checked: Checked, outside: Sequence[Element], others: Sequence[Checked]) -> bool:
    """Is what this one signs data of the type, and what it leaves out the other data, signed in its place by another.

    The tax department's over MCCQT alone, beside the seller's over DLHDon: both hold, and nobody signed that the one
    belongs to the other.
    """
    located = [locate(part) for part in (*content_targets(checked.parsed.element, checked.intact.signed), *outside)]
    data = [one for one in located if one is not None and one.part is Part.DATA]
    paths = {(one.unit, one.path) for one in data}
    if len(paths) != len(located) or len({unit for unit, _ in paths}) != 1:
        return False
    return all(any(one.is_intact and _in_place(one) and one.covers(part) for one in others) for part in outside)


def _in_place(checked: Checked) -> bool:
    holder = checked.parsed.element.getparent()
    located = None if holder is None else locate(holder)
    return located is not None and located.part is Part.PLACE


def _is_split(part: Element) -> bool:
    return has_text(part) and any(True for _ in part.iterchildren(SIGNATURE))


def _looks_alike(checked: Checked, outside: Sequence[Element]) -> bool:
    """Is something in those parts called like something that this one signed."""
    return speaks_like(outside, content_names(content_targets(checked.parsed.element, checked.intact.signed)))


def _outermost(leaves: Iterable[Element]) -> list[Element]:
    """The frame that a leaf stands in, where it is not the document itself: ``TTChung`` for its eight leaves."""
    found = []
    for leaf in leaves:
        located, holder = locate(leaf), leaf.getparent()
        found.append(holder if located is not None and "/" in located.path else leaf)
    return found


def names_of(elements: Iterable[Element]) -> str:
    """The elements' names for a sentence."""
    return ", ".join(sorted({etree.QName(one).localname for one in elements}))[:200]
