"""Signed XML files: XMLDSig and XAdES, enveloped, enveloping or detached within one document.

E-invoices, tax declarations and payment receipts: a data element with an ID, and signatures beside it over that ID.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from lxml import etree

from certs.anchors import Purpose, Regime
from verifier.cms.rules import SigningCertificate
from verifier.guard import Failure, UnreadableError, attempt
from verifier.inputs import Environment, VerificationInput
from verifier.pdf.destroyed import destroyed
from verifier.report import (
    ChangesAfter,
    Finding,
    MadeWith,
    PathOutcome,
    Severity,
    SignatureFacts,
    SignatureKind,
    SignatureLevel,
)
from verifier.signature.assessment import (
    Assessor,
    Examined,
    ExaminedFile,
    earliest_proof,
    readable_tokens,
    receipt,
    stamp_findings,
    stamp_violations,
    stamped_at,
    status_complete,
    unexamined,
)
from verifier.signature.embedded import gather, pieces_of
from verifier.signature.levels import XADES, StatusIndex, rung
from verifier.signature.made_with import xml_made_with
from verifier.signature.timestamps import StampFacts, judge_token
from verifier.signature.trust import CertificateJudge
from verifier.xml.algorithms import METHODS, algorithms_hold, weak_algorithms
from verifier.xml.content import signed_content
from verifier.xml.covering import Checked, with_coverage
from verifier.xml.einvoice import invoice_findings
from verifier.xml.issuers import unissued, with_issuer
from verifier.xml.parties import with_party
from verifier.xml.properties import local
from verifier.xml.safety import MAX_CANONICAL_STEPS, Element, XmlDocument, open_xml
from verifier.xml.signature import XmlSignature, check_xml_integrity, read_signature
from verifier.xml.transforms import SIGNATURE
from verifier.xml.xades import (
    COUNTER_SIGNATURE,
    Properties,
    are_signed,
    certificate_digest_names,
    choose_certificate,
    claimed_time,
    embedded_pieces,
    read_properties,
    signature_stamps,
    signs_foreign_properties,
)
from verifier.xml.xades_archive import is_archived

_PARTS = ("{*}SignatureValue", "{*}SignedInfo")
"""Of a signature, in whatever namespace (XMLDSig §4.2)."""


def examine_xml(document: VerificationInput, environment: Environment, at: datetime) -> ExaminedFile:
    """Steps 1, 2, 4 and 5 for an XML file.

    Raises:
        UnreadableError: not well-formed, a DTD, or more than the limits allow.
    """
    opened = open_xml(document.data)
    limit = environment.policy.max_signatures
    elements = [element for element in opened.root.iter(SIGNATURE) if not _is_counter_signature(element)]
    engine = _XmlEngine(opened, elements[:limit], environment, at, document.received_at)
    findings = [*engine.findings, *invoice_findings(opened.root, engine.checked)]
    findings.extend(_traces(opened.root))
    if opened.begins_late:
        findings.append(Finding("XML-BEGINS-LATE", Severity.WARNING))
    if len(elements) > limit:
        findings.append(Finding("TOO-MANY-SIGNATURES", Severity.WARNING, (("limit", str(limit)),)))
    content = signed_content(opened.root, engine.checked)
    return ExaminedFile(tuple(engine.examine()), tuple(findings), signed_content=content)


def _traces(root: Element) -> list[Finding]:
    """Parts of a signature that stand in none: its element was renamed or cut away around them."""
    parts = (one for one in root.iter(*_PARTS) if not any(True for _ in one.iterancestors(SIGNATURE)))
    first = next(parts, None)
    holder = None if first is None else first.getparent()
    return [] if first is None else [destroyed(local(first.tag if holder is None else holder.tag))]


def _is_counter_signature(element: Element) -> bool:
    """Inside another signature's unsigned properties, over its value only: said with that one."""
    parent = element.getparent()
    return parent is not None and parent.tag in COUNTER_SIGNATURE and any(True for _ in parent.iterancestors(SIGNATURE))


class _XmlEngine:
    """Examines the signatures of one document: integrity of all first, for one may vouch for what another left out."""

    def __init__(
        self,
        document: XmlDocument,
        elements: Sequence[Element],
        environment: Environment,
        at: datetime,
        received_at: datetime | None,
    ) -> None:
        self._document = document
        self._elements = elements
        self._environment = environment
        self._at = at
        self._received_at = receipt(received_at, at)
        parsed = [attempt("xml", partial(read_signature, element)) for element in elements]
        readable = [one for one in parsed if isinstance(one, XmlSignature)]
        if document.weight * sum(len(one.references) for one in readable) > MAX_CANONICAL_STEPS:
            raise UnreadableError("XML-TOO-LARGE")
        properties = {one.element: read_properties(one) for one in readable}
        places = [embedded_pieces(one, properties[one.element]) for one in readable]
        tokens = [stamp.token for one in readable for stamp in signature_stamps(one, properties[one.element])]
        places += [pieces_of(token) for token in readable_tokens(tokens)]
        self._evidence = gather(places, environment.policy)
        self._judge = CertificateJudge(environment, self._evidence, at)
        self._assessor = Assessor(self._judge, environment, at)
        self._status_index = StatusIndex(self._evidence)
        self._checked = [
            one if isinstance(one, Failure) else attempt("examine", partial(self._check, one, properties[one.element]))
            for one in parsed
        ]
        self.findings = self._evidence.findings
        self._unissued = unissued(document.root, self.checked)

    @property
    def checked(self) -> list[Checked]:
        """Those signatures whose parts could be read."""
        return [one for one in self._checked if isinstance(one, Checked)]

    def _others(self, number: int) -> list[Checked]:
        beside = [one for index, one in enumerate(self._checked) if index != number]
        return [one for one in beside if isinstance(one, Checked)]

    def examine(self) -> list[Examined]:
        """The facts of every signature, in document order."""
        return [self._guarded(number) for number in range(len(self._elements))]

    def _check(self, parsed: XmlSignature, properties: Properties | None) -> Checked:
        chosen = choose_certificate(parsed, properties, self._judge.known)
        intact = check_xml_integrity(parsed, chosen.certificate, self._document)
        if chosen.designated and properties is not None and not are_signed(properties, intact.signed):
            unsigned = Finding("XADES-PROPERTIES-NOT-SIGNED", Severity.WARNING)
            chosen = dataclasses.replace(chosen, designated=False, findings=(*chosen.findings, unsigned))
        if signs_foreign_properties(properties, intact.named):
            moved = Finding("XADES-PROPERTIES-NOT-ONE", Severity.WARNING)
            chosen = SigningCertificate(chosen.certificate, False, True, (moved,))
        return Checked(parsed, properties, chosen, intact)

    def _guarded(self, number: int) -> Examined:
        checked = self._checked[number]
        examined = (
            checked if isinstance(checked, Failure) else attempt("examine", partial(self._signature, number, checked))
        )
        return self._failed(number, examined) if isinstance(examined, Failure) else examined

    def _base(self, number: int) -> SignatureFacts:
        return SignatureFacts(
            kind=SignatureKind.SIGNATURE,
            field=place_of(self._elements[number]),
            validation_time=self._at,
            changes_after=ChangesAfter.NONE,
            revocation_required=self._environment.policy.revocation_required,
        )

    def _failed(self, number: int, failure: Failure) -> Examined:
        return unexamined(self._base(number), failure, "xml", "XML-SIGNATURE-UNREADABLE")

    def _signature(self, number: int, checked: Checked) -> Examined:
        """1 integrity and coverage 2 times 3 path and status at the best time 4 claims 5 level."""
        parsed, properties, chosen, intact = checked.parsed, checked.properties, checked.chosen, checked.intact
        facts = with_coverage(self._base(number), checked, self._others(number), self._document, self._is_an_agencys)
        stamps = self._stamps(checked)
        bound_by = certificate_digest_names(properties) if properties is not None else ()
        weak = weak_algorithms(parsed.method, (*intact.digests, *bound_by), self._at)
        named = Finding("XML-ALGORITHM-WEAK", Severity.WARNING, (("algorithms", ", ".join(weak).upper()),))
        facts = dataclasses.replace(
            facts,
            integrity=intact.integrity,
            integrity_failure=intact.failure,
            violations=(*facts.violations, *stamp_violations(stamps)),
            best_signature_time=earliest_proof(stamps, self._received_at),
            signed_sha256=hashlib.sha256(parsed.signed_info).hexdigest(),
            made_with=_made_with(parsed.method, intact.digests),
            findings=(
                *facts.findings,
                *intact.findings,
                *chosen.findings,
                *((named,) if weak else ()),
                *stamp_findings(stamps),
            ),
        )
        evidence = {digest: der for stamp in stamps for digest, der in stamp.evidence.items()}
        facts, chain = self._assessor.with_signer(
            facts,
            evidence,
            chosen,
            lambda certificate, at: algorithms_hold(parsed.method, intact.digests, certificate, at),
        )
        facts = with_party(self._with_claim(facts, checked, stamped_at(stamps)), checked)
        facts = with_issuer(facts, checked, self._unissued)
        stamped, status = status_complete(self._status_index, chain, stamps)
        archived = stamped and status and is_archived(parsed, properties, self._document)
        level = rung(XADES, stamped, status, archived) if chosen.designated else SignatureLevel.XMLDSIG
        return Examined(dataclasses.replace(facts, level=level, evidence=tuple(evidence)), evidence)

    def _is_an_agencys(self, checked: Checked) -> bool:
        """Does the signature's certificate lead to an anchor of the official regime."""
        certificate = checked.chosen.certificate
        if certificate is None or checked.chosen.mismatch:
            return False
        judged = self._judge.judge(certificate, self._received_at or self._at, Purpose.SIGNING)
        return judged.path is PathOutcome.TRUSTED and judged.regime == Regime.OFFICIAL.value

    def _stamps(self, checked: Checked) -> list[StampFacts]:
        control = self._received_at or self._at
        policy = self._environment.policy
        return [
            judge_token(stamp.token, stamp.stamped, control, self._at, self._judge, policy)
            for stamp in signature_stamps(checked.parsed, checked.properties)
        ]

    def _with_claim(self, facts: SignatureFacts, checked: Checked, stamped: datetime | None) -> SignatureFacts:
        claim = claimed_time(checked.parsed, checked.properties, checked.intact.signed)
        if claim is None:
            return facts
        facts = self._assessor.with_claim(facts, claim.time, stamped=stamped)
        if claim.zoned:
            return facts
        return dataclasses.replace(facts, findings=(*facts.findings, Finding("CLAIMED-TIME-NO-ZONE", Severity.INFO)))


def _made_with(address: str, digests: tuple[str, ...]) -> MadeWith:
    method = METHODS.get(address)
    return MadeWith() if method is None else xml_made_with(method.kind, (method.digest, *digests))


def place_of(element: Element) -> str:
    """Where the signature stands, in the document's own words: ``DSCKS/NBan``, else its Id, else its number's stead."""
    above = [etree.QName(node).localname for node in element.iterancestors()]
    if len(above) > 1:
        return "/".join(reversed(above[: min(2, len(above) - 1)]))
    return str(element.get("Id") or "Signature")[:100]
