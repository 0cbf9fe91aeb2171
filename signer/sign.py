"""From a request to a signed document, or a refusal: nothing is handed out that our own verifier does not pass.

START HERE for the signer. The numbered steps of ``sign_document``; the PDF is parsed and written in the limited worker
process (see ``signer.update``), keys and time stamps are used here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from certs.certificate import fingerprint
from certs.revocation import ArchivedSource
from signer.appearance import SealDrawing
from signer.archive import add_evidence
from signer.canvas import FontObjects
from signer.environment import SigningEnvironment
from signer.evidence import CheckedPath, EvidenceBundle, bundle, check_stamp
from signer.fields import FieldPlan, Prepared, prepare_signature, prepare_timestamp
from signer.input_check import judge_input, weak_ones
from signer.issuing.preparing import prepare_fields
from signer.issuing.reading_back import check_written
from signer.keys import KeyAnswerWrong, KeySigner, KeyUnavailable
from signer.layout import Act, Layout, SealWish, lay_out, lay_out_and_prepare
from signer.refusal import RefusalCode, SealRefused
from signer.request import Role, SealLevel, SigningRequest, SignStep, check_order
from signer.timestamp import CheckedStamp, PoolTimeStamper
from verifier.inputs import Environment, VerificationInput
from verifier.report import (
    Conclusion,
    Indication,
    SignatureKind,
    SignatureLevel,
    SignatureVerdict,
    ValidationReport,
)

TIMESTAMP_FIELD = "AnTin-ThoiGian"

CMS_OVERHEAD_BYTES = 2560
"""Room for signed attributes, two names, the signature value (up to RSA 4096) and ASN.1 around them."""

LEVELS = {
    SealLevel.B_B: SignatureLevel.PADES_B,
    SealLevel.B_T: SignatureLevel.PADES_T,
    SealLevel.B_LT: SignatureLevel.PADES_LT,
    SealLevel.B_LTA: SignatureLevel.PADES_LTA,
}


NO_STAMP = frozenset({RefusalCode.TIMESTAMP_UNAVAILABLE, RefusalCode.TIMESTAMP_REJECTED, RefusalCode.TIMESTAMP_QUOTA})
"""Why there is no time stamp now; another day there will be."""


@dataclass(frozen=True)
class SignedDocument:
    """A signed document with the report of its self-check; it cannot be built without a passed one.

    ``evidence`` is what was checked before and during signing (TT 15/2025 Đ.5), ``level`` the level reached.

    Raises:
        ValueError: the report is not TOTAL-PASSED or is about other bytes.
    """

    data: bytes
    sha256: str
    report: ValidationReport
    evidence: EvidenceBundle
    stamped_at: tuple[datetime, ...] = ()
    level: SealLevel = SealLevel.B_B

    def __post_init__(self) -> None:
        if self.report.conclusion is not Conclusion.TOTAL_PASSED:
            raise ValueError(f"the self-check says {self.report.conclusion}")
        if not self.sha256 == self.report.sha256 == hashlib.sha256(self.data).hexdigest():
            raise ValueError("the report is about another document")


@dataclass
class Sealing:
    """One document on its way through the steps."""

    request: SigningRequest
    environment: SigningEnvironment
    at: datetime
    data: bytes
    fonts: FontObjects = ()
    stamper: PoolTimeStamper | None = None
    checked: list[CheckedPath] = field(default_factory=list)
    ready: Prepared | None = None
    """The first signature's field, where the worker wrote it together with the mark."""

    def continues(self, data: bytes) -> bytes:
        """What a worker made of the document, if all that was there before is its exact beginning.

        Raises:
            SealRefused: PREFIX-CHANGED; no key is used on such a document.
        """
        if not data.startswith(self.data):
            raise SealRefused(RefusalCode.PREFIX_CHANGED)
        return data


def sign_document(
    request: SigningRequest,
    environment: SigningEnvironment,
    at: datetime,
    checkpoint: Callable[[str], None] = lambda name: None,
) -> SignedDocument:
    """Sign, seal and stamp a document.

    0 open it within limits and judge its earlier signatures · 1 certificates still good? · 2 mark · 3 the authorised
    person signs · 4 the agency seals · 5 evidence and document time stamp · 6 the input is an exact prefix ·
    7 the verifier passes the result and every earlier signature in it.

    ``checkpoint`` is told the name of each step that is done: certificates-checked, marked, signed-person,
    signed-agency, evidence-added, self-checked.

    Where the request allows it and no authority gives a time stamp, the document is signed at B-B: what was signed
    until then is thrown away.

    Raises:
        SealRefused: with the reason; nothing is handed out.
    """
    check_order(request)
    without = replace(request, level=SealLevel.B_B)
    may_do_without = request.stamps_may_follow and request.level.time_stamped
    if may_do_without and environment.timestamps is not None and not environment.timestamps.ready:
        return _sign_document(without, environment, at, checkpoint)
    try:
        return _sign_document(request, environment, at, checkpoint)
    except SealRefused as refused:
        if not (may_do_without and refused.code in NO_STAMP):
            raise
        return _sign_document(without, environment, at, checkpoint)


def _sign_document(
    request: SigningRequest, environment: SigningEnvironment, at: datetime, checkpoint: Callable[[str], None]
) -> SignedDocument:
    at = at.replace(microsecond=0)
    earlier = open_input(request, environment, at)  # 0
    sealing = Sealing(request, environment, at, request.document, stamper=stamper_of(request, environment, at))
    for step in request.steps:  # 1
        sealing.checked.append(environment.check_signer(step.key, at))
    checkpoint("certificates-checked")
    layout = mark_and_place(sealing, _room(sealing, sealing.checked[0]))  # 2
    checkpoint("marked")
    signatures = _signatures(request, layout)
    for step, plan in signatures:  # 3, 4
        _sign(sealing, step, plan, sealing.checked[request.steps.index(step)])
        checkpoint("signed-person" if step.role is Role.AUTHORISED_PERSON else "signed-agency")
    preserve(sealing)  # 5
    checkpoint("evidence-added")
    if not sealing.data.startswith(request.document):  # 6
        raise SealRefused(RefusalCode.PREFIX_CHANGED)
    signed = self_check(sealing, [(step, plan.name) for step, plan in signatures], earlier)  # 7
    checkpoint("self-checked")
    return signed


def _signatures(request: SigningRequest, layout: Layout) -> list[tuple[SignStep, FieldPlan]]:
    """Each signature with its field: the agency's step writes number and date besides sealing, all in one act."""
    more = len(layout.fields) - len(request.steps)
    return list(zip([*request.steps, *[request.steps[-1]] * more], layout.fields, strict=True))


def check_before_signing(request: SigningRequest, environment: SigningEnvironment, at: datetime) -> None:
    """Steps 0 and 1 of ``sign_document`` alone: may it be signed, are the certificates good; no key is used.

    Raises:
        SealRefused: as ``sign_document`` for these steps.
    """
    check_order(request)
    at = at.replace(microsecond=0)
    open_input(request, environment, at)
    stamper_of(request, environment, at)
    for step in request.steps:
        environment.check_signer(step.key, at)


def open_input(request: SigningRequest, environment: SigningEnvironment, at: datetime) -> ValidationReport:
    """Step 0: the verifier opens the input in its limited process; what it cannot read or pass is not signed."""
    report = judge_input(request.document, environment, at)
    alone = request.steps[0].role is Role.AGENCY and request.copy is None and request.attachment is None
    if alone and not _signed_by(request.authorised, report):
        raise SealRefused(RefusalCode.NOT_SIGNED_BY_AUTHORISED_PERSON)
    return report


def _signed_by(authorised: frozenset[str], report: ValidationReport) -> bool:
    """Has one of these certificates signed the document, and does that signature pass (NĐ 30/2020 Đ.32.2.d)."""
    return any(
        verdict.indication is Indication.TOTAL_PASSED
        and verdict.facts.kind is SignatureKind.SIGNATURE
        and verdict.facts.signer is not None
        and verdict.facts.signer.certificate_sha256 in authorised
        for verdict in report.verdicts
    )


def stamper_of(request: SigningRequest, environment: SigningEnvironment, at: datetime) -> PoolTimeStamper | None:
    """Who stamps the signatures of this request; None where its level has no time stamps.

    Raises:
        SealRefused: TIMESTAMP-NOT-CONFIGURED.
    """
    if not request.level.time_stamped:
        return None
    if environment.timestamps is None:
        raise SealRefused(RefusalCode.TIMESTAMP_NOT_CONFIGURED, (("level", request.level),))
    return PoolTimeStamper(environment.timestamps, at)


def mark_and_place(sealing: Sealing, room: int | None = None) -> Layout:
    """Step 2: examine the document, find the places, write code and QR; with ``room``, the first field as well.

    Where a letter is written into, or certified for several signers, all fields are there before the first signature.
    """
    request, environment = sealing.request, sealing.environment
    wished = (_wishes(sealing), request.mark, request.wording, environment.fonts, request.placement)
    if request.entry is not None or (request.certify and len(request.steps) > 1):
        ready = environment.work(prepare_fields, sealing.data, *wished, request.entry is not None)
        sealing.data = sealing.continues(ready.data)
    given, act = (sealing.data, *wished), Act(request.entry, request.certify)
    if room is None:
        layout = environment.work(lay_out, *given, act)
    else:
        layout, sealing.ready = environment.work(lay_out_and_prepare, *given, act, room)
    sealing.data, sealing.fonts = sealing.continues(layout.data), layout.fonts
    return layout


def _wishes(sealing: Sealing) -> tuple[SealWish, ...]:
    request = sealing.request
    return tuple(
        SealWish(
            step.field,
            SealDrawing(
                step.role,
                step.appearance,
                request.wording,
                sealing.at,
                note=_note(request, step, sealing.at),
                reason=None if request.copy is None else request.copy.transfer_note,
            ),
        )
        for step in request.steps
    )


def _note(request: SigningRequest, step: SignStep, at: datetime) -> tuple[tuple[str, ...], ...]:
    if request.attachment is not None:
        return request.attachment.note(at)
    return () if request.copy is None else request.copy.note(step.role, at)


def _sign(sealing: Sealing, step: SignStep, plan: FieldPlan, checked: CheckedPath) -> None:
    """Steps 3 and 4: the worker prepares the field, the key signs the digest here, the gap is filled here."""
    signer = KeySigner(step.key, checked.path[1:-1])

    def prepare(room: int) -> Prepared:
        ready, sealing.ready = sealing.ready, None
        if ready is not None:
            return ready
        work, fonts = sealing.environment.work, sealing.environment.fonts
        return work(prepare_signature, sealing.data, plan, room, fonts, sealing.fonts)

    def contents(prepared: Prepared) -> bytes:
        try:
            return sealing.environment.cms.make(signer, prepared.digest, sealing.stamper)
        except KeyAnswerWrong as error:
            raise SealRefused(RefusalCode.KEY_ANSWER_WRONG) from error
        except KeyUnavailable as error:
            raise SealRefused(RefusalCode.KEY_UNAVAILABLE, (("detail", str(error)),)) from error

    sealing.fonts = _fill(sealing, prepare, contents, _room(sealing, checked))


def _room(sealing: Sealing, checked: CheckedPath) -> int:
    room = CMS_OVERHEAD_BYTES + sum(len(certificate.dump()) for certificate in checked.path[:-1])  # no root
    return room if sealing.stamper is None else room + sealing.stamper.pool.token_bytes


def _fill(
    sealing: Sealing, prepare: Callable[[int], Prepared], contents: Callable[[Prepared], bytes], room: int
) -> FontObjects:
    """Leave room, make the contents, and put them in; once more with more room where they turn out larger."""
    prepared = prepare(room)
    sealing.continues(prepared.data)
    der = contents(prepared)
    if len(der) > prepared.room:
        prepared = prepare(len(der) + CMS_OVERHEAD_BYTES)
        sealing.continues(prepared.data)
        der = contents(prepared)
    sealing.data = sealing.continues(prepared.fill(der))
    return prepared.fonts


def preserve(sealing: Sealing) -> None:
    """Step 5: from B-LT on the evidence for both signers and the authority; at B-LTA a document time stamp over all."""
    level, stamper = sealing.request.level, sealing.stamper
    if not level.long_term or stamper is None:
        return
    known = _add_evidence(sealing, stamper.stamps, sealing.checked)
    if level is not SealLevel.B_LTA:
        return
    work = sealing.environment.work

    def contents(prepared: Prepared) -> bytes:
        return bytes(stamper.stamp(prepared.digest).token.dump())

    def prepare(room: int) -> Prepared:
        return work(prepare_timestamp, sealing.data, TIMESTAMP_FIELD, room)

    _fill(sealing, prepare, contents, stamper.pool.token_bytes)
    if stamper.stamps[-1].path[0].dump() not in known:  # another authority of the pool answered this time
        _add_evidence(sealing, stamper.stamps[-1:], ())


def _add_evidence(sealing: Sealing, stamps: Sequence[CheckedStamp], signers: Sequence[CheckedPath]) -> frozenset[bytes]:
    """Write the evidence of stamps and signers into the document; answers the certificates written."""
    sources = sealing.environment.verification.sources
    authorities = {stamp.path[0].dump(): stamp for stamp in stamps}
    checked = [check_stamp(stamp.path, sources, stamp.time) for stamp in authorities.values()]
    sealing.checked += checked
    found = bundle([*signers, *checked])
    work = sealing.environment.work
    sealing.data = sealing.continues(work(add_evidence, sealing.data, found.certificates, found.crls, found.ocsps))
    return frozenset(found.certificates)


def self_check(sealing: Sealing, own: Sequence[tuple[SignStep, str]], earlier: ValidationReport) -> SignedDocument:
    """Step 7: the verifier judges the output as it would anybody's; the question is asked after the last stamp."""
    environment = sealing.environment
    stamps = [stamp.time for stamp in sealing.stamper.stamps] if sealing.stamper is not None else []
    at = max([sealing.at, *stamps])
    report = environment.verify(VerificationInput(sealing.data), _with_answers(sealing), at)
    verdicts = {verdict.facts.field: verdict for verdict in report.verdicts}
    for before in earlier.verdicts:
        after = verdicts.get(before.facts.field)
        if after is None or after.indication.weight > before.indication.weight:
            weak = weak_ones([after]) if after is not None else str(before.facts.field)
            raise SealRefused(RefusalCode.EARLIER_SIGNATURE_HARMED, (("signatures", weak),))
    if report.conclusion is not Conclusion.TOTAL_PASSED:
        detail = weak_ones(report.verdicts) or ", ".join(finding.code for finding in report.findings)
        raise SealRefused(RefusalCode.SELF_CHECK_FAILED, (("detail", f"{report.conclusion}: {detail}"),))
    for step, name in own:
        _check_own(verdicts.get(name), step, sealing.request.level)
    if sealing.request.entry is not None:
        check_written(report, sealing.request.entry)
    return SignedDocument(
        sealing.data, report.sha256, report, bundle(sealing.checked), tuple(stamps), sealing.request.level
    )


def _with_answers(sealing: Sealing) -> Environment:
    """The verifier is handed the statements that this very sealing obtained, and judges them itself; what they leave
    open it asks for. Asking the same authorities once more would bring the same statements.
    """
    verification, found = sealing.environment.verification, bundle(sealing.checked)
    return replace(verification, sources=(ArchivedSource(found.crls, found.ocsps), *verification.sources))


def _check_own(verdict: SignatureVerdict | None, step: SignStep, level: SealLevel) -> None:
    """Our signature is there, by the key that was asked for, at the level that was asked for."""
    facts = None if verdict is None else verdict.facts
    if facts is None or facts.signer is None or facts.signer.certificate_sha256 != fingerprint(step.key.certificate):
        raise SealRefused(RefusalCode.SELF_CHECK_FAILED, (("detail", f"{step.role}: signature missing"),))
    reached = list(LEVELS.values())
    if facts.level not in reached or reached.index(facts.level) < reached.index(LEVELS[level]):
        raise SealRefused(RefusalCode.SELF_CHECK_FAILED, (("detail", f"{step.role}: level {facts.level}"),))
