"""The report as the contract's JSON object: one shape for the command line, REST and the pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.i18n.texts import Language, Texts
from certs.watch import ExpiryWarning
from verifier.conformance import conformance
from verifier.report import (
    DocumentFormat,
    Finding,
    SignatureFacts,
    SignatureVerdict,
    SignedContent,
    Signer,
    ValidationReport,
)


def report_to_json(report: ValidationReport, texts: Texts, file: str | None) -> dict[str, Any]:
    """The contract's object for one document, ready for ``json.dumps``; times are ISO 8601 with zone.

    Args:
        report: the verdict.
        texts: sentences for the findings.
        file: the name the caller gave the document, None where it has none.
    """
    answer = {
        "file": file,
        "sha256": report.sha256,
        "format": report.format.value,
        "conclusion": report.conclusion.value,
        "findings": [finding_to_json(finding, texts) for finding in report.findings],
        "signatures": [_signature(verdict, texts) for verdict in report.verdicts],
    }
    if report.format is not DocumentFormat.XML:
        return answer
    return {**answer, "signed_content": signed_content_to_json(report.signed_content, texts)}


def finding_to_json(finding: Finding, texts: Texts) -> dict[str, str]:
    """A finding with its sentence in both languages; ``about`` only where it is somebody's in particular."""
    shown = {
        "code": finding.code,
        "severity": finding.severity.value,
        "text_vi": texts.finding(finding, "vi"),
        "text_en": texts.finding(finding, "en"),
    }
    return shown if finding.about is None else {**shown, "about": finding.about.value}


def _signature(verdict: SignatureVerdict, texts: Texts) -> dict[str, Any]:
    facts = verdict.facts
    return {
        "kind": facts.kind.value,
        "field": facts.field,
        "indication": verdict.indication.value,
        "sub_indication": None if verdict.sub_indication is None else verdict.sub_indication.value,
        **_state(facts),
        "signer": None if facts.signer is None else _signer(facts.signer),
        "regime": facts.regime,
        "trusted": verdict.trusted,
        "revocation": facts.revocation.value,
        "claimed_signing_time": time_to_json(facts.claimed_signing_time),
        "best_signature_time": time_to_json(facts.best_signature_time),
        "conformance": _conformance(facts),
        "findings": [finding_to_json(finding, texts) for finding in verdict.findings],
    }


def signed_content_to_json(content: SignedContent | None, texts: Texts) -> dict[str, Any] | None:
    """What was signed of an XML document, with the names of its fields and columns in both languages."""
    if content is None:
        return None
    return {
        "type": content.type,
        "title": content_title(content, texts, Language.VI),
        "fields": [{**_names(code, texts), "value": value} for code, value in content.fields],
        "columns": [_names(code, texts) for code in content.columns],
        "lines": [list(line) for line in content.lines],
    }


def content_title(content: SignedContent, texts: Texts, language: str) -> str:
    """The document's own title, else what its type is called."""
    code = f"signed.type.{content.type}"
    return content.title or (texts.say(code, language) if code in texts else content.type)


def content_name(code: str, texts: Texts, language: str) -> str:
    """What a field is called; an element of a document of no known type has its own name."""
    return code.removeprefix("/") if code.startswith("/") else texts.say(f"signed.field.{code}", language)


def _names(code: str, texts: Texts) -> dict[str, str]:
    return {f"name_{language.value}": content_name(code, texts, language) for language in Language}


def _state(facts: SignatureFacts) -> dict[str, str | None]:
    return {
        "integrity": facts.integrity.value,
        "coverage": facts.coverage.value,
        "changes_after": facts.changes_after.value,
        "level": None if facts.level is None else facts.level.value,
    }


def _conformance(facts: SignatureFacts) -> dict[str, Any]:
    """Conformance to the list in force, apart from validity (contract)."""
    found = conformance(facts)
    return {"instrument": found.instrument, "conforms": found.conforms, "reasons": list(found.reasons)}


def _signer(signer: Signer) -> dict[str, str | None]:
    return {
        "name": signer.name,
        "organization": signer.organization,
        "cccd": signer.cccd,
        "mst": signer.mst,
        "issuer": signer.issuer,
    }


def time_to_json(time: datetime | None) -> str | None:
    """ISO 8601 with its zone.

    Raises:
        ValueError: the time has no zone.
    """
    if time is None:
        return None
    if time.tzinfo is None:
        raise ValueError("a time without a zone says nothing")
    return time.isoformat()


def warning_to_json(warning: ExpiryWarning, texts: Texts) -> dict[str, Any]:
    """What expires soon, with its sentence in both languages."""
    text_vi, text_en = texts.both(warning.code, name=warning.name, until=f"{warning.until:%d.%m.%Y %H:%M}Z")
    return {
        "kind": warning.kind.value,
        "name": warning.name,
        "until": time_to_json(warning.until),
        "expired": warning.expired,
        "text_vi": text_vi,
        "text_en": text_en,
    }
