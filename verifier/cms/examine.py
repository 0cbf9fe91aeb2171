"""Signed CMS files (RFC 5652, CAdES of ETSI EN 319 122-1): attached, or detached with the signed file beside them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from verifier.cms.armour import decoded
from verifier.cms.cades import is_archived
from verifier.cms.container import CmsSignature, CmsUnreadableError, named_by, read_cms_signers
from verifier.cms.foreign_content import is_of_another_protocol
from verifier.cms.other_stamps import false_stamps, other_stamps
from verifier.cms.rules import (
    Content,
    IntegrityFacts,
    SigningCertificate,
    attributes_sha256,
    check_integrity,
    signing_certificate,
)
from verifier.cms.shell import Shell, shell_of
from verifier.guard import Failure, UnreadableError, attempt
from verifier.inputs import Environment, VerificationInput
from verifier.report import (
    ChangesAfter,
    Coverage,
    Finding,
    Integrity,
    Severity,
    SignatureFacts,
    SignatureKind,
    SignatureLevel,
    SubIndication,
)
from verifier.signature.assessment import (
    Assessor,
    Examined,
    ExaminedFile,
    cms_algorithms_hold,
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
from verifier.signature.levels import CADES, StatusIndex, rung
from verifier.signature.made_with import cms_made_with
from verifier.signature.timestamps import StampFacts, judge_token
from verifier.signature.trust import CertificateJudge

_BLANK = b"\0\r\n\t "
_FORM: Mapping[str, Callable[[Shell], bool]] = {
    "CMS-TRAILING-DATA": lambda shell: bool(shell.trailing),
    "CMS-STRUCTURE": lambda shell: shell.strange is not None,
}
"""What keeps a file from passing, by the finding that says so."""


def examine_cms(document: VerificationInput, environment: Environment, at: datetime) -> ExaminedFile:
    """Steps 1, 2, 4 and 5 for a CMS file; nothing can be added to it afterwards but unsigned attributes.

    Raises:
        UnreadableError: no SignedData with a signer, in DER, PEM or base64.
    """
    limit = environment.policy.max_signatures
    try:
        contents = decoded(document.data)
        parsed = read_cms_signers(contents, limit + 1)
    except (CmsUnreadableError, ValueError) as error:
        raise UnreadableError("CMS-FILE-UNREADABLE", str(error)[:200]) from error
    readable = [one for one in parsed if isinstance(one, CmsSignature)]
    shell = shell_of(contents) if readable else Shell(b"", ())
    engine = _CmsEngine(document, readable, environment, at, shell)
    findings = [*engine.findings, *_beside(shell)]
    if len(parsed) > limit:
        findings.append(Finding("TOO-MANY-SIGNATURES", Severity.WARNING, (("limit", str(limit)),)))
    examined = [engine.examine(one, number) for number, one in enumerate(parsed[:limit], 1)]
    inside = readable[0].encapsulated if readable else None
    return ExaminedFile(tuple(examined), tuple(findings), inside)


def _beside(shell: Shell) -> list[Finding]:
    """What there is to say of a file that holds more than its signature and its content."""
    findings = []
    if shell.formats:
        formats = (("formats", ", ".join(["PKCS #7", *shell.formats])),)
        findings.append(Finding("TWO-FORMATS", Severity.ERROR, formats))
    if shell.trailing:
        rest = (("bytes", str(len(shell.trailing))),)
        findings.append(Finding("CMS-TRAILING-DATA", Severity.WARNING, rest))
    if shell.strange:
        findings.append(Finding("CMS-STRUCTURE", Severity.WARNING, (("structure", shell.strange),)))
    return findings


class _CmsEngine:
    """Examines the signers of one SignedData."""

    def __init__(
        self,
        document: VerificationInput,
        readable: Sequence[CmsSignature],
        environment: Environment,
        at: datetime,
        shell: Shell,
    ) -> None:
        self._document = document
        says_more = shell.formats or shell.trailing.strip(_BLANK)
        self._coverage = Coverage.PARTIAL if says_more else Coverage.WHOLE_FILE  # a CMS signature covers all content
        self._says_odd = [code for code, odd in _FORM.items() if odd(shell)]
        self._environment = environment
        self._at = at
        self._received_at = receipt(document.received_at, at)
        tokens = [token for parsed in readable for token in readable_tokens(parsed.time_stamp_tokens())]
        self._evidence = gather([pieces_of(one) for one in (*readable, *tokens)], environment.policy)
        self._judge = CertificateJudge(environment, self._evidence, at)
        self._assessor = Assessor(self._judge, environment, at)
        self._status_index = StatusIndex(self._evidence)
        self.findings = self._evidence.findings

    def examine(self, parsed: CmsSignature | Failure, number: int) -> Examined:
        """The facts of one signer; what cannot be read is a fact too."""
        if isinstance(parsed, Failure):
            return self._failed(parsed, number)
        examined = attempt("examine", partial(self._signature, parsed, number))
        return self._failed(examined, number) if isinstance(examined, Failure) else examined

    def _base(self, number: int) -> SignatureFacts:
        return SignatureFacts(
            kind=SignatureKind.SIGNATURE,
            field=f"SignerInfo {number}",
            validation_time=self._at,
            coverage=self._coverage,
            changes_after=ChangesAfter.NONE,
            revocation_required=self._environment.policy.revocation_required,
        )

    def _failed(self, failure: Failure, number: int) -> Examined:
        return unexamined(self._base(number), failure, "cms", "CMS-UNREADABLE")

    def _signature(self, parsed: CmsSignature, number: int) -> Examined:
        """1 certificate 2 integrity 3 times 4 path and status at the best time 5 claims 6 level."""
        candidates = parsed.candidates or tuple(named_by(parsed.signer_info, self._judge.known))
        chosen = signing_certificate(parsed, candidates)
        content, missing = self._content(parsed)
        intact = missing or check_integrity(parsed, chosen.certificate, content, parsed.content_type)
        stamps = self._stamps(parsed)
        false, words = false_stamps(other_stamps(parsed, content), self._judge_token)
        facts = dataclasses.replace(
            self._base(number),
            integrity=intact.integrity,
            integrity_failure=intact.failure,
            violations=(*intact.violations, *self._form(parsed, content), *stamp_violations([*stamps, *false])),
            best_signature_time=earliest_proof(stamps, self._received_at),
            signed_sha256=attributes_sha256(parsed),
            made_with=cms_made_with(parsed),
            findings=(
                *parsed.findings,
                *intact.findings,
                *chosen.findings,
                *stamp_findings([*stamps, *false]),
                *words,
            ),
        )
        if "counter_signature" in parsed.unsigned:
            facts = dataclasses.replace(
                facts, findings=(*facts.findings, Finding("CMS-COUNTER-SIGNATURE", Severity.INFO))
            )
        evidence = {digest: der for stamp in stamps for digest, der in stamp.evidence.items()}
        facts, chain = self._assessor.with_signer(
            facts, evidence, chosen, lambda certificate, at: cms_algorithms_hold(parsed, certificate, at)
        )
        facts = self._assessor.with_claim(facts, parsed.signing_time, stamped=stamped_at(stamps))
        stamped, status = status_complete(self._status_index, chain, stamps)
        archived = stamped and status and attempt("archive", partial(is_archived, parsed, content)) is True
        level = self._level(chosen, stamped, status, archived)
        return Examined(dataclasses.replace(facts, level=level, evidence=tuple(evidence)), evidence)

    def _form(self, parsed: CmsSignature, content: Content) -> tuple[tuple[SubIndication, str], ...]:
        """Rules of the file: it is one structure of the standard's (RFC 5652 §5), and a document is what was signed."""
        rules = [(SubIndication.SIG_CONSTRAINTS_FAILURE, code) for code in self._says_odd]
        if parsed.content_type != "data" or is_of_another_protocol(content):
            rules.append((SubIndication.FORMAT_FAILURE, "CONTENT-OF-ANOTHER-PROTOCOL"))
        return tuple(rules)

    def _content(self, parsed: CmsSignature) -> tuple[Content, IntegrityFacts | None]:
        """What was signed: inside, or given beside; given beside it must be what is inside."""
        inside, given = parsed.encapsulated, self._document.content
        content = given if inside is None else inside
        if content is None:
            finding = Finding("CONTENT-NEEDED", Severity.WARNING)
            return [], IntegrityFacts(Integrity.UNKNOWN, SubIndication.SIGNED_DATA_NOT_FOUND, findings=(finding,))
        if inside is not None and given is not None and inside != given:
            finding = Finding("CONTENT-IS-ANOTHER", Severity.ERROR)
            return [given], IntegrityFacts(Integrity.BROKEN, SubIndication.HASH_FAILURE, findings=(finding,))
        return [content], None

    def _stamps(self, parsed: CmsSignature) -> list[StampFacts]:
        return [self._judge_token(token, [parsed.signature_value]) for token in parsed.time_stamp_tokens()]

    def _judge_token(self, token: bytes, stamped: Content | None) -> StampFacts:
        control = self._received_at or self._at
        return judge_token(token, stamped, control, self._at, self._judge, self._environment.policy)

    def _level(self, chosen: SigningCertificate, stamped: bool, status: bool, archived: bool) -> SignatureLevel:
        if not chosen.designated:
            return SignatureLevel.CMS
        return rung(CADES, stamped, status, archived)
