"""The stored report as an ETSI TS 119 102-2 validation report (XML, v1.2.1); produced from values, nothing is judged.

Evidence stands in it by digest: the bytes are in the evidence bundle. ``api/report_sealing.py`` puts the service's own
seal around it; without one the report says that it is unsealed.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from lxml import etree

from api.i18n.texts import Language, Texts
from verifier.bundle.bundle import PieceKind
from verifier.conformance import conformance
from verifier.report import (
    ChangesAfter,
    Conclusion,
    Coverage,
    Finding,
    Indication,
    Integrity,
    PathOutcome,
    Revocation,
    SignatureFacts,
    SignatureVerdict,
    ValidationReport,
)

Element: TypeAlias = Any
"""An lxml element; the library ships no types."""

VR = "http://uri.etsi.org/19102/v1.2.1#"
DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
TSL = "http://uri.etsi.org/02231/v2#"
PREFIXES = {"vr": VR, "ds": DS, "xades": XADES, "tsl": TSL}

SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"

MAIN_INDICATIONS = {
    Indication.TOTAL_PASSED: "urn:etsi:019102:mainindication:total-passed",
    Indication.TOTAL_FAILED: "urn:etsi:019102:mainindication:total-failed",
    Indication.INDETERMINATE: "urn:etsi:019102:mainindication:indeterminate",
}
NO_SIGNATURE = "urn:cef:dss:mainindication:noSignatureFound"
"""The standard has no word for it; this is the one that EU DSS writes."""

_OBJECT_TYPES = {
    PieceKind.CERTIFICATE: "urn:etsi:019102:validationObject:certificate",
    PieceKind.CRL: "urn:etsi:019102:validationObject:CRL",
    PieceKind.OCSP: "urn:etsi:019102:validationObject:OCSPResponse",
    PieceKind.TIME_STAMP: "urn:etsi:019102:validationObject:timestamp",
    PieceKind.OTHER: "urn:etsi:019102:validationObject:other",
}

_SIGNED_DATA = "urn:etsi:019102:validationObject:signedData"

_PASSED, _FAILED, _OPEN = "passed", "failed", "indeterminate"


def report_xml(
    report: ValidationReport,
    kinds: Mapping[str, PieceKind],
    texts: Texts,
    *,
    service: str,
    seal_certificate: bytes | None,
) -> Element:
    """The root element ``ValidationReport``, not sealed yet.

    Args:
        report: the stored report.
        kinds: what each piece of evidence is, by hex SHA-256.
        texts: sentences for the findings.
        service: address of the service, for the description of the validator.
        seal_certificate: DER of the certificate that will seal the report; None leaves it unsealed, and saying so.
    """
    root = etree.Element(_vr("ValidationReport"), nsmap=PREFIXES)
    if seal_certificate is None:
        root.append(etree.Comment(" Unsealed: no report key is configured. Báo cáo này không được ký số. "))
    for number, verdict in enumerate(report.verdicts, 1):
        _signature_report(root, report, verdict, number, texts)
    if not report.verdicts:
        _no_signature(root, report, texts)
    used = [sha256 for verdict in report.verdicts for sha256 in _references(verdict.facts)]
    _objects(root, report.sha256, dict.fromkeys([*used, *kinds]), kinds)
    _validator(root, service, seal_certificate)
    return root


def to_bytes(root: Element) -> bytes:
    """The document as it is handed out."""
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _signature_report(
    root: Element, report: ValidationReport, verdict: SignatureVerdict, number: int, texts: Texts
) -> None:
    facts = verdict.facts
    one = _add(root, "SignatureValidationReport")
    identifier = _add(one, "SignatureIdentifier", id=f"signature-{number}")
    if facts.signed_sha256 is not None:
        _digest(identifier, bytes.fromhex(facts.signed_sha256))
    _add(identifier, "HashOnly", "false")
    _add(identifier, "DocHashOnly", "false")
    _add(identifier, "DAIdentifier", facts.field or f"#{number}")
    _constraints(one, report, facts)
    _times(one, report, facts)
    _document(one, report)
    if facts.claimed_signing_time is not None:
        signing_time = _add(_add(one, "SignatureAttributes"), "SigningTime", Signed="true")
        _add(signing_time, "Time", _time(facts.claimed_signing_time))
    if facts.signer is not None:
        signer = _add(one, "SignerInformation", Pseudonym="false")
        _add(signer, "SignerCertificate", VOReference=_id(facts.signer.certificate_sha256))
        _add(signer, "Signer", facts.signer.name)
    quality = _add(one, "SignatureQuality")
    _add(quality, "SignatureQualityInformation", f"urn:antin:regime:{facts.regime}")
    if facts.level is not None:
        _add(quality, "SignatureQualityInformation", f"urn:antin:level:{facts.level.value}")
    for told in _conformance(facts):
        _add(quality, "SignatureQualityInformation", f"urn:antin:conformance:{told}")
    process = _add(one, "SignatureValidationProcess")
    _add(process, "SignatureValidationProcessID", f"urn:etsi:019102:validationprocess:{_process(facts)}")
    _status(one, verdict, (*report.findings, *verdict.findings), texts)


def _conformance(facts: SignatureFacts) -> tuple[str, ...]:
    """``TT-15-2025-TT-BKHCN:false`` and the codes of the reasons, for the instrument has no word of its own here."""
    found = conformance(facts)
    instrument = found.instrument.replace("/", "-").replace(" ", "-")
    answer = "unknown" if found.conforms is None else str(found.conforms).lower()
    return (f"{instrument}:{answer}", *(f"{instrument}:{code}" for code in found.reasons))


def _status(one: Element, verdict: SignatureVerdict, findings: tuple[Finding, ...], texts: Texts) -> None:
    facts = verdict.facts
    status = _add(one, "SignatureValidationStatus")
    _add(status, "MainIndication", MAIN_INDICATIONS[verdict.indication])
    if verdict.sub_indication is not None:
        _add(status, "SubIndication", f"urn:etsi:019102:subindication:{verdict.sub_indication.value}")
    data = _add(status, "AssociatedValidationReportData")
    if facts.signer is not None:
        certificate = _id(facts.signer.certificate_sha256)
        _add(_add(data, "CertificateChain"), "SigningCertificate", VOReference=certificate)
    for sha256 in facts.evidence:
        _add(data, "RelatedValidationObject", VOReference=_id(sha256))
    if facts.signer is not None and facts.revoked_at is not None:
        revoked = _add(data, "RevocationStatusInformation")
        _add(revoked, "ValidationObjectId", VOReference=_id(facts.signer.certificate_sha256))
        _add(revoked, "RevocationTime", _time(facts.revoked_at))
    _told(data, findings, texts)


def _told(data: Element, findings: tuple[Finding, ...], texts: Texts) -> None:
    """Findings as typed data: the code in the type, the Vietnamese sentence as value."""
    if not findings:
        return
    additional = _add(data, "AdditionalValidationReportData")
    for finding in findings:
        entry = _add(additional, "ReportData")
        _add(entry, "Type", f"urn:antin:finding:{finding.severity.value}:{finding.code}")
        value = _add(entry, "Value", texts.finding(finding, Language.VI))
        value.set("{http://www.w3.org/XML/1998/namespace}lang", "vi")


def _constraints(one: Element, report: ValidationReport, facts: SignatureFacts) -> None:
    """The policy by its digest, and what TT 15/2025 Đ.6 asks to be checked, each with its own answer."""
    evaluation = _policy(one, report)
    for name, outcome in _checks(facts).items():
        constraint = _add(evaluation, "ValidationConstraint")
        _add(constraint, "ValidationConstraintIdentifier", f"urn:antin:constraint:{name}")
        state = "disabled" if outcome is None else "applied"
        _add(_add(constraint, "ConstraintStatus"), "Status", f"urn:etsi:019102:constraintStatus:{state}")
        if outcome is not None:
            status = _add(constraint, "ValidationStatus")
            _add(status, "MainIndication", f"urn:etsi:019102:mainindication:{outcome}")


def _policy(one: Element, report: ValidationReport) -> Element:
    """The evaluation report with the policy, by id and digest; its constraints are to be added."""
    evaluation = _add(one, "ValidationConstraintsEvaluationReport")
    policy = _add(evaluation, "SignatureValidationPolicy")
    policy_id = _add(_add(policy, "SignaturePolicyIdentifier"), "SignaturePolicyId", space=XADES)
    identifier = _add(policy_id, "SigPolicyId", space=XADES)
    _add(identifier, "Identifier", f"urn:antin:policy:{report.policy_id}", space=XADES)
    digest = _add(policy_id, "SigPolicyHash", space=XADES)
    _digest_values(digest, bytes.fromhex(report.policy_sha256))
    _add(policy, "PolicyName", report.policy_id)
    return evaluation


def _checks(facts: SignatureFacts) -> dict[str, str | None]:
    """Name of each check and its answer; None: not asked for."""
    integrity = {Integrity.INTACT: _PASSED, Integrity.BROKEN: _FAILED, Integrity.UNKNOWN: _OPEN}
    coverage = {Coverage.WHOLE_FILE: _PASSED, Coverage.WHOLE_REVISION: _PASSED}
    changes = {ChangesAfter.SUSPICIOUS: _FAILED, ChangesAfter.UNKNOWN: _OPEN}
    paths = {PathOutcome.TRUSTED: _PASSED, PathOutcome.CHAIN_INVALID: _FAILED}
    status = {Revocation.GOOD: _PASSED, Revocation.REVOKED: _FAILED, Revocation.UNKNOWN: _OPEN}
    return {
        "integrity": integrity[facts.integrity],
        "coverage": coverage.get(facts.coverage, _FAILED),
        "changes-after-signing": changes.get(facts.changes_after, _PASSED),
        "path-to-recognised-root": paths.get(facts.path, _OPEN),
        "revocation": status.get(facts.revocation),
        "algorithms": _PASSED if facts.algorithms_acceptable else _FAILED,
        "certificate-purpose": _PASSED if facts.purpose_allows else _FAILED,
    }


def _times(one: Element, report: ValidationReport, facts: SignatureFacts) -> None:
    """Without any proof the best signature time is the time of validation (EN 319 102-1 §5.5.4 step 1)."""
    times = _add(one, "ValidationTimeInfo")
    _add(times, "ValidationTime", _time(report.validation_time))
    best = _add(times, "BestSignatureTime")
    _add(best, "POETime", _time(facts.best_signature_time or report.validation_time))
    own = facts.best_signature_time is not None and facts.best_signature_time == report.received_at
    _add(best, "TypeOfProof", f"urn:etsi:019102:poetype:{'provided' if own else 'validation'}")


def _document(one: Element, report: ValidationReport) -> None:
    """The document by its digest, and as the validation object that the schema wants a reference to."""
    document = _add(one, "SignersDocument")
    _digest(document, bytes.fromhex(report.sha256))
    _add(document, "SignersDocumentRepresentation", VOReference=_id(report.sha256))


def _no_signature(root: Element, report: ValidationReport, texts: Texts) -> None:
    """A document without signatures, or one that could not be read."""
    one = _add(root, "SignatureValidationReport")
    _policy(one, report)
    times = _add(one, "ValidationTimeInfo")
    _add(times, "ValidationTime", _time(report.validation_time))
    best = _add(times, "BestSignatureTime")
    _add(best, "POETime", _time(report.validation_time))
    _add(best, "TypeOfProof", "urn:etsi:019102:poetype:validation")
    _document(one, report)
    status = _add(one, "SignatureValidationStatus")
    none = report.conclusion is Conclusion.NO_SIGNATURE
    _add(status, "MainIndication", NO_SIGNATURE if none else MAIN_INDICATIONS[Indication.INDETERMINATE])
    if not none:
        _add(status, "SubIndication", f"urn:antin:subindication:{report.conclusion.value}")
    _told(_add(status, "AssociatedValidationReportData"), report.findings, texts)


def _objects(root: Element, document: str, digests: Mapping[str, None], kinds: Mapping[str, PieceKind]) -> None:
    """The document and each piece of evidence, by digest."""
    objects = _add(root, "SignatureValidationObjects")
    types = {document: _SIGNED_DATA} | {sha: _OBJECT_TYPES[kinds.get(sha, PieceKind.OTHER)] for sha in digests}
    for sha256, kind in types.items():
        entry = _add(objects, "ValidationObject", id=_id(sha256))
        _add(entry, "ObjectType", kind)
        _digest(_add(entry, "ValidationObjectRepresentation"), bytes.fromhex(sha256))


def _validator(root: Element, service: str, seal_certificate: bytes | None) -> None:
    digital_id = _add(_add(root, "SignatureValidator"), "DigitalId")
    if seal_certificate is None:
        _add(digital_id, "X509SubjectName", f"CN={service},OU=unsealed report", space=TSL)
    else:
        _add(digital_id, "X509Certificate", base64.b64encode(seal_certificate).decode(), space=TSL)


def _references(facts: SignatureFacts) -> tuple[str, ...]:
    own = () if facts.signer is None else (facts.signer.certificate_sha256,)
    return (*own, *facts.evidence)


def _process(facts: SignatureFacts) -> str:
    """Which validation process of EN 319 102-1 the level calls for (§5.3, §5.5, §5.6)."""
    level = "" if facts.level is None else facts.level.value
    if level.endswith("LTA"):
        return "LTA"
    return "LTVM" if level.endswith(("-T", "-LT")) else "Basic"


def _digest(parent: Element, digest: bytes) -> None:
    _digest_values(_add(parent, "DigestAlgAndValue"), digest)


def _digest_values(parent: Element, digest: bytes) -> None:
    _add(parent, "DigestMethod", space=DS, Algorithm=SHA256)
    _add(parent, "DigestValue", base64.b64encode(digest).decode(), space=DS)


def _id(sha256: str) -> str:
    """An XML name must not begin with a digit."""
    return f"object-{sha256}"


def _time(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _vr(name: str) -> str:
    return f"{{{VR}}}{name}"


def _add(parent: Element, name: str, text: str | None = None, *, space: str = VR, **attributes: str) -> Element:
    """Append an element; what XML cannot carry (control characters of a stranger's document) is left out."""
    element = etree.SubElement(parent, f"{{{space}}}{name}", attributes)
    if text is not None:
        element.text = "".join(
            c for c in text if c in "\t\n" or (c >= " " and not 0xD800 <= ord(c) <= 0xDFFF and c not in "\ufffe\uffff")
        )
    return element
