"""What becomes of a submitted paper: its verdict, its applicant and the province's regulation to one outcome. Pure.

The table is the regulation's (``profiles/*.toml``); here is only which column applies and which sentence the citizen
gets. TT 15/2025 Đ.6, NĐ 45/2020 Đ.9.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from api.dossiers.officers import OfficerMatch, OfficerRegister, PaperSigner
from api.dossiers.profiles import Column, OutcomeCode, ProvinceProfile
from verifier.report import (
    Conclusion,
    DocumentFormat,
    Finding,
    Indication,
    SignatureKind,
    SignatureVerdict,
    Signer,
    SubIndication,
    ValidationReport,
)

OFFICIAL_REGIME = "official"

COUNTER_SCAN = "TT 01/2023/TT-VPCP"
"""Scans made at the counter carry the signature of the officer who made them, whatever the procedure asks."""

NOBODY = OfficerRegister()

_PERSONAL_NUMBERS = frozenset({"cmnd", "hc", "bhxh"})
_PERSONAL = re.compile(r"[0-9]{12}")
_DASHLESS_BRANCH = re.compile(r"[0-9]{13}")


@dataclass(frozen=True)
class Applicant:
    """Who submits the dossier: CCCD (12 digits) or MST (10 or 12 digits, branches ``-NNN``); the name only hints."""

    name: str | None = None
    cccd: str | None = None
    mst: str | None = None

    @property
    def has_number(self) -> bool:
        """Can a signer be recognised as this applicant at all."""
        return bool(self.cccd or self.mst)


@dataclass(frozen=True)
class Outcome:
    """What to do with one paper.

    ``reason`` is the code of the sentence for the citizen (a supplement) or for the officer (a decision), None where
    there is nothing to explain; ``article`` the clause the outcome rests on; ``retry`` is set where the check is to be
    repeated because a certificate's status could not be had; ``column`` the regulation's column, None where the
    outcome does not come from its table.
    """

    code: OutcomeCode
    reason: str | None
    article: str
    column: Column | None
    retry: bool = False


def decide_outcome(
    report: ValidationReport,
    applicant: Applicant,
    profile: ProvinceProfile,
    signature_required: bool,
    register: OfficerRegister = NOBODY,
    signed_by: PaperSigner = PaperSigner.APPLICANT,
) -> Outcome:
    """The outcome of one paper under one regulation.

    1 unreadable or unsupported: supplement · 2 failed: supplement · 3 indeterminate: the officer ·
    4 unsigned: the regulation's fallback, or accepted where the procedure asks for none · 5 passed: is the applicant
    among the signers (only where the procedure asks for a signature: a register's extract is signed by its agency), or
    a registered officer where the paper is a scan made at the counter.
    """
    if signed_by is PaperSigner.OFFICER:
        signature_required = True
    match report.conclusion:
        case Conclusion.UNREADABLE | Conclusion.UNSUPPORTED_FORMAT:
            article = profile.outcomes[Column.FAILED].article
            return Outcome(OutcomeCode.SUPPLEMENT_NEEDED, _unreadable_reason(report), article, None)
        case Conclusion.TOTAL_FAILED:
            return _from_table(profile, Column.FAILED, _failed_reason(report))
        case Conclusion.INDETERMINATE:
            return _from_table(
                profile, Column.INDETERMINATE, _indeterminate_reason(report), retry=_worth_retrying(report)
            )
        case Conclusion.NO_SIGNATURE:
            return _unsigned(profile, signature_required, signed_by)
        case Conclusion.TOTAL_PASSED:
            if signed_by is PaperSigner.OFFICER:
                return _counter_scan(report, applicant, profile, register)
            return _passed(report, applicant, profile, signature_required, register)


def supplement_reason(report: ValidationReport) -> str | None:
    """The citizen's sentence where the report alone, without any regulation, asks for a supplement; else None."""
    match report.conclusion:
        case Conclusion.UNREADABLE | Conclusion.UNSUPPORTED_FORMAT:
            return _unreadable_reason(report)
        case Conclusion.TOTAL_FAILED:
            return _failed_reason(report)
        case Conclusion.TOTAL_PASSED | Conclusion.INDETERMINATE | Conclusion.NO_SIGNATURE:
            return None


def _unsigned(profile: ProvinceProfile, signature_required: bool, signed_by: PaperSigner) -> Outcome:
    if not signature_required:
        return Outcome(OutcomeCode.ACCEPTED_NONE_REQUIRED, None, "NĐ 45/2020 Đ.9", None)
    scan = signed_by is PaperSigner.OFFICER
    return _from_table(profile, Column.UNSIGNED, "SUPPLEMENT-SCAN-UNSIGNED" if scan else "SUPPLEMENT-UNSIGNED")


def _counter_scan(
    report: ValidationReport, applicant: Applicant, profile: ProvinceProfile, register: OfficerRegister
) -> Outcome:
    """A scan made at the counter: by a registered officer, or signed by the applicant, which is more."""
    if any(v.facts.signer is not None and is_applicant(v.facts.signer, applicant) for v in _signatures(report)):
        return _passed(report, applicant, profile, True, register)
    found: dict[OfficerMatch, list[SignatureVerdict]] = {}
    for verdict in _signatures(report):
        found.setdefault(register.match(verdict), []).append(verdict)
    if own := found.get(OfficerMatch.REGISTERED):
        if all(_has(verdict.findings, "FIELD-FILLED-LATER") for verdict in own):
            return _from_table(profile, Column.INDETERMINATE, "OFFICER-FILLED-LATER")
        return replace(_from_table(profile, Column.PASSED, None), article=COUNTER_SCAN)
    if OfficerMatch.OTHER_AGENCY in found:
        return _from_table(profile, Column.INDETERMINATE, "OFFICER-OF-ANOTHER-AGENCY")
    if OfficerMatch.ALIKE in found:
        return _from_table(profile, Column.INDETERMINATE, "OFFICER-CERTIFICATE-NOT-REGISTERED")
    return replace(_from_table(profile, Column.FAILED, "SUPPLEMENT-SCAN-NOT-BY-OFFICER"), article=COUNTER_SCAN)


def _passed(
    report: ValidationReport,
    applicant: Applicant,
    profile: ProvinceProfile,
    signature_required: bool,
    register: OfficerRegister,
) -> Outcome:
    if not signature_required:
        return _from_table(profile, Column.PASSED, None)
    if not applicant.has_number:
        return _from_table(profile, Column.INDETERMINATE, "OFFICER-APPLICANT-WITHOUT-NUMBER")
    own = [v for v in _signatures(report) if v.facts.signer is not None and is_applicant(v.facts.signer, applicant)]
    if own and all(_filled_later(verdict, report) for verdict in own):
        return _from_table(profile, Column.INDETERMINATE, "OFFICER-FILLED-LATER")
    if own:
        return _from_table(profile, Column.PASSED, None)
    signers = [verdict.facts.signer for verdict in _signatures(report)]
    if any(one is not None and _is_a_member(one) and _same_tax_number(one, applicant) for one in signers):
        return _from_table(profile, Column.INDETERMINATE, "OFFICER-SIGNED-BY-MEMBER")
    if any(_may_be_applicant(verdict, applicant) for verdict in report.verdicts):
        return _from_table(profile, Column.INDETERMINATE, "OFFICER-SIGNER-WITHOUT-NUMBER")
    if any(register.match(verdict) is OfficerMatch.REGISTERED for verdict in _signatures(report)):
        return _from_table(profile, Column.INDETERMINATE, "OFFICER-SIGNED-BY-OFFICER")
    if any(_has(report.findings, code) for code in PAPERS_OF_ANOTHER):
        return _from_table(profile, Column.INDETERMINATE, "OFFICER-PAPER-OF-ANOTHER")
    if report.format is DocumentFormat.XML:
        return _from_table(profile, Column.INDETERMINATE, "OFFICER-SIGNED-BY-ITS-MAKER")
    if all(verdict.facts.regime == OFFICIAL_REGIME for verdict in _signatures(report)):
        return _from_table(profile, Column.FAILED, "SUPPLEMENT-SIGNED-BY-AGENCY")
    return _from_table(profile, Column.FAILED, "SUPPLEMENT-SIGNED-BY-ANOTHER")


PAPERS_OF_ANOTHER = frozenset(
    {"EINVOICE-OF-SELLER", "EINVOICE-OF-PAYER", "EINVOICE-OF-TAX-DEPARTMENT", "PUBLISHED-COPY"}
)
"""Findings that name a paper which its issuer signs: the applicant encloses it and is never asked to sign it."""


def _filled_later(verdict: SignatureVerdict, report: ValidationReport) -> bool:
    """Does the paper hold what this signer did not sign: a field, or a part of an XML file that another person signed.

    What an agency added (the tax authority's code on an e-invoice) is the agency's word and no surprise.
    """
    if _has(verdict.findings, "FIELD-FILLED-LATER"):
        return True
    others = [one for one in _signatures(report) if one is not verdict]
    by_person = any(one.facts.regime != OFFICIAL_REGIME for one in others)
    return by_person and _has(verdict.findings, "XML-PART-SIGNED-BY-ANOTHER")


def _from_table(profile: ProvinceProfile, column: Column, reason: str | None, *, retry: bool = False) -> Outcome:
    """The regulation's cell; the reason is kept where the outcome asks somebody to act on it."""
    cell = profile.outcomes[column]
    explained = cell.code in (OutcomeCode.SUPPLEMENT_NEEDED, OutcomeCode.OFFICER_DECIDES)
    return Outcome(cell.code, reason if explained else None, cell.article, column, retry)


def is_applicant(signer: Signer, applicant: Applicant) -> bool:
    """Same CCCD, or same MST, character by character once spaces are gone and a branch's dash is put in. Equal names
    prove nothing. Who is known to the dossier by an older identity card (9 digits) is known by ``CMND:`` too; a tax
    number of 12 digits is the person's own number (TT 86/2024/TT-BTC Đ.5, from 01/07/2025).
    """
    card = dict(signer.numbers).get("cmnd")
    return (
        _same_number(_person(signer.cccd, signer.mst), _person(applicant.cccd, applicant.mst))
        or _same_number(card, applicant.cccd)
        or (not _is_a_member(signer) and _same_tax_number(signer, applicant))
    )


def _is_a_member(signer: Signer) -> bool:
    """A person's certificate that names an organisation: a tax number in it is the organisation's, its holder one of
    many who have such a certificate.
    """
    numbered = bool(signer.cccd) or bool(_PERSONAL_NUMBERS & dict(signer.numbers).keys())
    return signer.mst_of_organization or (bool(signer.organization) and numbered)


def _same_tax_number(signer: Signer, applicant: Applicant) -> bool:
    return _same_number(canonical_mst(signer.mst or ""), canonical_mst(applicant.mst or ""))


def canonical_mst(number: str) -> str:
    """A tax number in the one form that is kept and compared: a branch's 13 digits as ``NNNNNNNNNN-NNN``."""
    digits = "".join(number.split())
    return f"{digits[:10]}-{digits[10:]}" if _DASHLESS_BRANCH.fullmatch(digits) else digits


def _person(cccd: str | None, mst: str | None) -> str | None:
    """The number of a person: CCCD, else a tax number that is one."""
    return cccd or (mst if _PERSONAL.fullmatch("".join((mst or "").split())) else None)


def _same_number(one: str | None, other: str | None) -> bool:
    return bool(one) and bool(other) and "".join((one or "").split()) == "".join((other or "").split())


def _may_be_applicant(verdict: SignatureVerdict, applicant: Applicant) -> bool:
    """An officer looks: the same name on a public certificate that carries no number (older CMND and passport
    holders), or a person's certificate that names the applying company as its organisation.
    """
    signer = verdict.facts.signer
    if signer is None or verdict.facts.regime == OFFICIAL_REGIME or signer.mst or not applicant.name:
        return False
    named = signer.organization if signer.cccd and applicant.mst else None if signer.cccd else signer.name
    return verdict.facts.kind is SignatureKind.SIGNATURE and _fold(named or "") == _fold(applicant.name)


def _fold(name: str) -> str:
    """A name without case and accents: older certificates carry none. It only brings the paper to an officer."""
    parts = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return " ".join("".join(part for part in parts if not unicodedata.combining(part)).split())


def _signatures(report: ValidationReport) -> list[SignatureVerdict]:
    return [verdict for verdict in report.verdicts if verdict.facts.kind is SignatureKind.SIGNATURE]


_UNREADABLE = {
    "EMPTY-FILE": "SUPPLEMENT-EMPTY",
    "PASSWORD-NEEDED": "SUPPLEMENT-PASSWORD",
    "PASSWORD-WRONG": "SUPPLEMENT-PASSWORD",
    "ENCRYPTED-FOR-RECIPIENTS": "SUPPLEMENT-ENCRYPTED",
    "TWO-FORMATS": "SUPPLEMENT-TWO-FORMATS",
    "TOO-COSTLY": "SUPPLEMENT-TOO-COSTLY",
    "WORKER-CRASHED": "SUPPLEMENT-TOO-COSTLY",
}
"""Finding of an unreadable file → the citizen's sentence; any other finding means that the file is damaged."""


def _unreadable_reason(report: ValidationReport) -> str:
    if report.conclusion is Conclusion.UNSUPPORTED_FORMAT:
        return "SUPPLEMENT-FORMAT"
    for finding in report.findings:
        if finding.code in _UNREADABLE:
            return _UNREADABLE[finding.code]
    return "SUPPLEMENT-DAMAGED"


def _worst(report: ValidationReport, indication: Indication) -> SignatureVerdict | None:
    """The first verdict of that indication, people's signatures before time stamps."""
    found = [verdict for verdict in report.verdicts if verdict.indication is indication]
    found.sort(key=lambda verdict: verdict.facts.kind is not SignatureKind.SIGNATURE)
    return found[0] if found else None


def _failed_reason(report: ValidationReport) -> str:
    verdict = _worst(report, Indication.TOTAL_FAILED)
    findings = () if verdict is None else verdict.findings
    if verdict is not None and report.format is DocumentFormat.XML and verdict.sub_indication in _CONTENT:
        return "SUPPLEMENT-FILE-OF-ANOTHER"  # an invoice or a notice: its maker signs it, not the applicant
    match None if verdict is None else verdict.sub_indication:
        case SubIndication.HASH_FAILURE | SubIndication.FORMAT_FAILURE if _has(findings, "RESAVED-AFTER-SIGNING"):
            return "SUPPLEMENT-RESAVED"
        case SubIndication.HASH_FAILURE:
            return "SUPPLEMENT-CHANGED"
        case SubIndication.SIG_CRYPTO_FAILURE if _has(findings, "SIGNED-ATTRIBUTES-NOT-DER"):
            return "SUPPLEMENT-SIGNED-WRONGLY"
        case SubIndication.FORMAT_FAILURE:
            if _has(findings, "CHANGED-AFTER-SIGNING"):
                return "SUPPLEMENT-CHANGED"
            return "SUPPLEMENT-PARTLY-SIGNED" if _has(findings, "COVERAGE-PARTIAL") else "SUPPLEMENT-SIGNATURE-DAMAGED"
        case SubIndication.REVOKED:
            suspended = verdict is not None and _has(verdict.findings, "SUSPENDED")
            return "SUPPLEMENT-SUSPENDED" if suspended else "SUPPLEMENT-REVOKED"
        case SubIndication.EXPIRED:
            return "SUPPLEMENT-EXPIRED"
        case SubIndication.NOT_YET_VALID:
            return "SUPPLEMENT-NOT-YET-VALID"
        case _:
            return "SUPPLEMENT-SIGNATURE-WRONG"


_CONTENT = frozenset({SubIndication.HASH_FAILURE, SubIndication.SIG_CRYPTO_FAILURE, SubIndication.FORMAT_FAILURE})


def _has(findings: tuple[Finding, ...], code: str) -> bool:
    return any(finding.code == code for finding in findings)


_RETRIED = frozenset({SubIndication.TRY_LATER, SubIndication.REVOCATION_OUT_OF_BOUNDS_NO_POE})

_INDETERMINATE = {
    SubIndication.TRY_LATER: "OFFICER-STATUS-UNKNOWN",
    SubIndication.REVOCATION_OUT_OF_BOUNDS_NO_POE: "OFFICER-STATUS-UNKNOWN",
    SubIndication.NO_CERTIFICATE_CHAIN_FOUND: "OFFICER-NOT-RECOGNISED",
    SubIndication.NO_CERTIFICATE_CHAIN_FOUND_NO_POE: "OFFICER-NOT-RECOGNISED",
    SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE: "OFFICER-NOT-RECOGNISED",
    SubIndication.CHAIN_CONSTRAINTS_FAILURE: "OFFICER-NOT-RECOGNISED",
    SubIndication.NO_SIGNING_CERTIFICATE_FOUND: "OFFICER-NOT-RECOGNISED",
    SubIndication.REVOKED_NO_POE: "OFFICER-TIME-NOT-PROVEN",
    SubIndication.REVOKED_CA_NO_POE: "OFFICER-TIME-NOT-PROVEN",
    SubIndication.OUT_OF_BOUNDS_NO_POE: "OFFICER-TIME-NOT-PROVEN",
    SubIndication.OUT_OF_BOUNDS_NOT_REVOKED: "OFFICER-TIME-NOT-PROVEN",
    SubIndication.NO_POE: "OFFICER-TIME-NOT-PROVEN",
    SubIndication.TIMESTAMP_ORDER_FAILURE: "OFFICER-TIME-NOT-PROVEN",
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE: "OFFICER-OLD-ALGORITHM",
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: "OFFICER-OLD-ALGORITHM",
    SubIndication.SIG_CONSTRAINTS_FAILURE: "OFFICER-CHANGED-UNSEEN",
    SubIndication.SIGNED_DATA_NOT_FOUND: "OFFICER-NOT-JUDGED",
    SubIndication.POLICY_PROCESSING_ERROR: "OFFICER-NOT-JUDGED",
    SubIndication.SIGNATURE_POLICY_NOT_AVAILABLE: "OFFICER-NOT-JUDGED",
}
"""Every indeterminate sub-indication (a test proves the table complete) → the officer's sentence."""


def _indeterminate_reason(report: ValidationReport) -> str:
    verdict = _worst(report, Indication.INDETERMINATE)
    if verdict is None or verdict.sub_indication is None:
        return "OFFICER-NOT-JUDGED"
    if verdict.sub_indication is SubIndication.SIG_CONSTRAINTS_FAILURE:
        added = any(_has(verdict.findings, code) for code in _AFTERWARDS)
        return "OFFICER-CHANGED-UNSEEN" if added else "OFFICER-RULE-BROKEN"
    if _has(verdict.findings, "SUSPENDED-NO-PROOF-OF-TIME"):
        return "OFFICER-SUSPENDED"
    return _INDETERMINATE[verdict.sub_indication]


_AFTERWARDS = ("CHANGED-AFTER-SIGNING-INVISIBLE", "CHANGED-AFTER-SIGNING-FOR-OFFICER", "CHANGES-UNKNOWN")


def _worth_retrying(report: ValidationReport) -> bool:
    return any(verdict.sub_indication in _RETRIED for verdict in report.verdicts)
