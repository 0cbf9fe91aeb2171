"""How this installation seals: agencies, their keys, the words and the mark. Built once, where agencies are configured.

With ``report_sealing`` and ``key_ledger`` the only module of ``api`` that imports ``signer``; a verify-only
deployment never imports it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from asn1crypto import x509

from api.clock import system_clock
from api.codes import ResultCode, VerificationCode, check_url
from api.i18n.texts import Language, load_texts
from api.key_ledger import KeyLedger, refuse_development_keys
from api.refused import RefusalKind, Refused
from api.settings import Settings, SettingsError
from api.validation import Validation
from certs.catalogue import Regime
from certs.certificate import display_name, read_certificates, valid_at
from signer.agencies import AGENCY_FIELD, PERSON_FIELD, AgenciesError, Agency, load_agencies
from signer.appearance import SealDrawing
from signer.authorities import AuthorityHealth, MemoryLedger, StampAuthority, StampLedger
from signer.cms import CmsMaker
from signer.copies import CopyForm, CopySource, CopyText, check_direction
from signer.evidence import RecentChecks, check_signer
from signer.external import OutsideKey, PreparedOutside, finish_outside, prepare_outside
from signer.fonts import FontFiles
from signer.key_rules import KeyUse, Purpose
from signer.key_use import sign_digest_checked
from signer.keyring import KeyRing
from signer.keys import DIGEST, KeyAnswerWrong, KeyUnavailable, SigningKey
from signer.keys_remote import value_fits
from signer.layout import SealWish
from signer.preserve import preserve_document
from signer.preview import SealPreview, preview_seals
from signer.refusal import RefusalCode, SealRefused
from signer.request import Appearance, ResultMark, Role, SealLevel, SealWording, SigningRequest, SignStep, plan_digest
from signer.sign import SignedDocument, SigningEnvironment, check_before_signing, sign_document
from signer.timestamp import TimeStampPool
from verifier.opening import WorkerFailedError
from verifier.report import ValidationReport
from verifier.scans.check import check_scan
from verifier.scans.report import ScanKind

PASSING = frozenset(
    {
        RefusalCode.KEY_UNAVAILABLE,
        RefusalCode.KEY_OUTSIDE_HOURS,
        RefusalCode.KEY_QUOTA_REACHED,
        RefusalCode.TIMESTAMP_UNAVAILABLE,
        RefusalCode.TIMESTAMP_REJECTED,
        RefusalCode.TIMESTAMP_QUOTA,
        RefusalCode.CERTIFICATE_STATUS_UNKNOWN,
        RefusalCode.EVIDENCE_INCOMPLETE,
    }
)
"""Refusals that come from a service that does not answer, not from the order: asking again later makes sense."""

RETRY_AFTER_S = 30

Answer = TypeVar("Answer")

STAMP_TIMEOUT_S = 5.0
"""An authority answers within a second; whoever waits for a seal would rather have another one asked."""

SPECIMEN_CODE = "-".join(("XXXX",) * 4 + ("XX",))
"""As long as a verification code and never one: its check characters do not fit."""


class CopyFacts(Protocol):
    """What of a copy (``api.actions.copy_order.CopyWish``) the signer needs to know."""

    @property
    def form(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def certified(self) -> bool: ...
    @property
    def converter(self) -> str | None: ...
    @property
    def converted_on(self) -> date | None: ...
    @property
    def register_number(self) -> int | None: ...
    @property
    def register_year(self) -> int | None: ...


class Paper(Protocol):
    """What of an order (``api.actions.seal_order.SealOrder``) the signer needs to know."""

    @property
    def agency(self) -> str: ...
    @property
    def signatory(self) -> str: ...
    @property
    def document(self) -> bytes: ...
    @property
    def level(self) -> str: ...
    @property
    def copy(self) -> CopyFacts | None: ...


class PreviewedPaper(Protocol):
    """What of a preview's order the signer needs to know."""

    @property
    def agency(self) -> str: ...
    @property
    def signatory(self) -> str: ...
    @property
    def document(self) -> bytes: ...


@dataclass(frozen=True)
class Signed:
    """A sealed document that passed its self-check; the report's evidence holds what was checked for signing too.

    ``level`` is the level reached: lower than asked for where time stamps are to follow.
    """

    data: bytes
    report: ValidationReport
    level: str


class OutsideOrder(Protocol):
    """What of a session's order (``api.actions.signing_sessions.SessionOrder``) the signer needs to know."""

    @property
    def document(self) -> bytes: ...
    @property
    def certificates(self) -> tuple[bytes, ...]: ...
    @property
    def level(self) -> str: ...
    @property
    def name(self) -> str | None: ...
    @property
    def title(self) -> str | None: ...


@dataclass(frozen=True)
class Credential:
    """An agency's key as other software sees it: name, certificate and issuers (DER), is it within its period."""

    name: str
    certificate: bytes
    chain: tuple[bytes, ...]
    valid: bool


class Sealing:
    """Makes signing requests of orders and has them signed. Thread-safe."""

    def __init__(
        self,
        settings: Settings,
        validation: Validation,
        agencies: Mapping[str, Agency],
        keys: KeyRing,
        ledger: KeyLedger,
        stamps: StampLedger,
    ) -> None:
        self._stamps = stamps
        self._health = AuthorityHealth()
        self.agencies = agencies
        self.keys = keys
        self._ledger = ledger
        self._settings = settings
        self._validation = validation
        self._printed_url = _printed_url(settings)
        self._fonts = _installed_fonts()
        self._wording = _wording()
        self._recent = RecentChecks()
        self._cms = CmsMaker()

    def open_keys(self, agency: str, signatory: str) -> None:
        """Open the keys that an order needs, before anything is recorded.

        Raises:
            Refused: UNKNOWN_AGENCY, UNKNOWN_SIGNATORY, TEMPORARILY_UNAVAILABLE.
        """
        self._steps(self._agency(agency, signatory), signatory)

    def request(self, paper: Paper, result_code: ResultCode, code: VerificationCode) -> SigningRequest:
        """What is asked of the signer for a paper under its allotted codes.

        Raises:
            Refused: as ``open_keys``.
        """
        agency = self._agency(paper.agency, paper.signatory)
        steps = self._steps(agency, paper.signatory)
        if paper.copy is not None and not paper.copy.certified:
            steps = steps[-1:]  # the agency's own copy (NĐ 30/2020 Đ.32.2.d)
        mark = ResultMark(
            url=check_url(self._printed_url, code),
            verification_code=str(code),
            check_at=f"{self._printed_url.removeprefix('https://')}/kiem-tra",
            result_code=str(result_code),
        )
        return SigningRequest(
            document=paper.document,
            steps=steps,
            level=SealLevel(paper.level),
            wording=self._wording,
            mark=mark,
            authorised=agency.authorised(self.keys),
            placement=agency.placement,
            stamps_may_follow=agency.stamps_may_follow,
            copy=None if paper.copy is None else _copy_text(agency, paper.signatory, paper.copy),
        )

    def check_copy(self, paper: Paper) -> None:
        """Is it a copy that the law knows, and is what came from paper a scan; nothing to say of other papers.

        Raises:
            Refused: SEAL_REFUSED with COPY-DIRECTION, COPY-CONVERTER-MISSING, COPY-CONVERTER-WITHOUT-PAPER,
                COPY-NOT-A-SCAN.
        """
        if paper.copy is None:
            return
        form, source = CopyForm(paper.copy.form), CopySource(paper.copy.source)
        try:
            check_direction(form, source, paper.copy.converter)
        except SealRefused as refused:
            raise _refused(refused) from refused
        if source is CopySource.PAPER:
            kind = check_scan(self._validation.workers, paper.document).kind
            if kind is ScanKind.DIGITAL:
                raise _refused(SealRefused(RefusalCode.COPY_NOT_A_SCAN))

    def preview(self, paper: PreviewedPaper, at: datetime, width_px: int, language: Language) -> SealPreview:
        """The page with its seals as a picture, under a specimen code; opens no key.

        Raises:
            Refused: UNKNOWN_AGENCY, UNKNOWN_SIGNATORY, SEALING_NOT_CONFIGURED, SEAL_REFUSED.
        """
        agency = self._agency(paper.agency, paper.signatory)
        try:
            shown = (
                (Role.AUTHORISED_PERSON, PERSON_FIELD, agency.person_appearance(paper.signatory)),
                (Role.AGENCY, AGENCY_FIELD, agency.appearance()),
            )
        except AgenciesError as error:
            raise Refused(RefusalKind.SEALING_NOT_CONFIGURED, agency=agency.id) from error
        wishes = tuple(
            SealWish(field, SealDrawing(role, look, self._wording, at.replace(microsecond=0)))
            for role, field, look in shown
        )
        mark = ResultMark(
            url=f"{self._printed_url}/kiem-tra/{SPECIMEN_CODE}",
            verification_code=SPECIMEN_CODE,
            check_at=f"{self._printed_url.removeprefix('https://')}/kiem-tra",
        )
        band = load_texts().say("seal.preview", language)
        try:
            return self._environment().work(
                preview_seals,
                paper.document,
                wishes,
                mark,
                self._wording,
                self._fonts,
                agency.placement,
                width_px,
                band,
            )
        except SealRefused as refused:
            raise _refused(refused) from refused

    def plan_sha256(self, request: SigningRequest) -> str:
        """The digest that an intent records before a key is used."""
        return plan_digest(request).hex()

    def use(self, caller: str, agency: str, subject: str) -> KeyUse:
        """How the uses of keys for a seal are recorded: ordered by whom, for which result."""
        return KeyUse(caller, agency, Purpose.SEAL, subject)

    def check_rules(self, paper: Paper, caller: str) -> None:
        """May the keys be used for an order now: said early, before anything is recorded; asked again at each use.

        Raises:
            Refused: as ``sign``.
        """
        agency = self._agency(paper.agency, paper.signatory)
        use = KeyUse(caller, agency.id, Purpose.SEAL, "")
        try:
            for rules in {agency.signatory(paper.signatory).rules, agency.seal_rules}:
                self._ledger.check(rules, use)
        except SealRefused as refused:
            raise _refused(refused) from refused

    def sign(
        self,
        request: SigningRequest,
        use: KeyUse,
        at: datetime,
        checkpoint: Callable[[str], None],
        *,
        of_batch: bool = False,
    ) -> Signed:
        """Sign and seal; each use of a key is recorded as ``use``; ``checkpoint`` is told the signer's steps.

        Raises:
            Refused: SEAL_REFUSED, or TEMPORARILY_UNAVAILABLE where a service did not answer; ``refusal`` says why.
        """
        try:
            signed = sign_document(self._recorded(request, use), self._environment(of_batch=of_batch), at, checkpoint)
        except SealRefused as refused:
            raise _refused(refused) from refused
        except WorkerFailedError as error:
            code = RefusalCode.DOCUMENT_TOO_COSTLY.value
            raise Refused(RefusalKind.SEAL_REFUSED, refusal=code, detail=error.code) from error
        return Signed(signed.data, _with_evidence(signed), signed.level.value)

    def preserve(self, document: bytes, level: str, at: datetime, checkpoint: Callable[[str], None]) -> Signed:
        """Raise a sealed document to a level, or renew its archive time stamp; uses no key.

        Raises:
            Refused: as ``sign``.
        """
        try:
            signed = preserve_document(document, SealLevel(level), self._environment(background=True), at, checkpoint)
        except SealRefused as refused:
            raise _refused(refused) from refused
        return Signed(signed.data, _with_evidence(signed), signed.level.value)

    def stamps_last_until(self) -> datetime | None:
        """Until when a time stamp of now would hold; None where that is not known lately."""
        return self._health.lasts_until(self.authorities)

    @property
    def authorities(self) -> tuple[StampAuthority, ...]:
        """The time stamp authorities, in the order in which they are asked."""
        settings = self._settings
        named = (*(StampAuthority(**one) for one in settings.tsa), *map(StampAuthority, settings.tsa_urls))
        official = self._validation.catalogue.time_stamping_addresses(Regime.OFFICIAL)
        return named or tuple(map(StampAuthority, official))

    def check_signatory(self, agency: str, signatory: str) -> None:
        """Is there such an agency and such a person; no key is opened.

        Raises:
            Refused: UNKNOWN_AGENCY, UNKNOWN_SIGNATORY.
        """
        self._agency(agency, signatory)

    def check(self, request: SigningRequest, at: datetime) -> None:
        """What is checked before a signature: may the document be signed, are the certificates good. No key is used.

        Raises:
            Refused: as ``sign``.
        """
        try:
            check_before_signing(request, self._environment(of_batch=True), at)
        except SealRefused as refused:
            raise _refused(refused) from refused

    def prepare_outside(self, order: OutsideOrder, at: datetime) -> PreparedOutside:
        """First step of a signature by a key that is elsewhere.

        Raises:
            Refused: INVALID_REQUEST (the certificates), SEAL_REFUSED, TEMPORARILY_UNAVAILABLE.
        """
        return self._outside(lambda: prepare_outside(self._outside_request(order), self._environment(), at))

    def finish_outside(self, order: OutsideOrder, prepared: Mapping[str, Any], value: bytes, at: datetime) -> Signed:
        """Second step: embed the value, judge the result.

        Raises:
            Refused: as ``prepare_outside``.
        """
        waiting = PreparedOutside(**prepared)
        request = self._outside_request(order)
        signed = self._outside(lambda: finish_outside(request, waiting, value, self._environment(), at))
        return Signed(signed.data, _with_evidence(signed), order.level)

    def value_fits(self, certificate: bytes, value: bytes, digest: bytes) -> bool:
        """Is this the signature value of a SHA-256 digest by the certificate's key."""
        return value_fits(_certificate(certificate), value, digest, DIGEST)

    def _outside(self, work: Callable[[], Answer]) -> Answer:
        try:
            return work()
        except SealRefused as refused:
            raise _refused(refused) from refused
        except WorkerFailedError as error:
            code = RefusalCode.DOCUMENT_TOO_COSTLY.value
            raise Refused(RefusalKind.SEAL_REFUSED, refusal=code, detail=error.code) from error

    def _outside_request(self, order: OutsideOrder) -> SigningRequest:
        certificate, *chain = (_certificate(der) for der in order.certificates)
        key = OutsideKey(certificate, tuple(chain))
        shown = Appearance(order.name or display_name(certificate), order.title)
        step = SignStep(key, Role.AUTHORISED_PERSON, PERSON_FIELD, shown)
        return SigningRequest(order.document, (step,), SealLevel(order.level), self._wording)

    def remote_agencies(self) -> list[str]:
        """The agencies whose seal key may sign digests for other software."""
        return [agency.id for agency in self.agencies.values() if agency.seal_rules.remote_hash_signing]

    def credential(self, agency_id: str, at: datetime) -> Credential:
        """An agency's seal key, by its certificate.

        Raises:
            Refused: TEMPORARILY_UNAVAILABLE.
        """
        agency = self.agencies[agency_id]
        key = self._seal_key(agency)
        issuers = tuple(bytes(issuer.dump()) for issuer in key.chain)
        return Credential(agency.name, bytes(key.certificate.dump()), issuers, valid_at(key.certificate, at))

    def check_hash_rules(self, agency_id: str, caller: str) -> None:
        """May the agency's key sign digests for a caller now; asked again at each use.

        Raises:
            Refused: SEAL_REFUSED, TEMPORARILY_UNAVAILABLE.
        """
        try:
            use = KeyUse(caller, agency_id, Purpose.REMOTE_HASH, "")
            self._ledger.check(self.agencies[agency_id].seal_rules, use)
        except SealRefused as refused:
            raise _refused(refused) from refused

    def sign_digests(
        self, agency_id: str, digests: Sequence[bytes], algorithm: str, caller: str, subject: str, at: datetime
    ) -> list[bytes]:
        """Sign digests with an agency's seal key: the certificate and its CAs are good, each use is admitted and
        recorded, each value verifies with the certificate before it is handed out.

        Raises:
            Refused: SEAL_REFUSED, TEMPORARILY_UNAVAILABLE; then no value is handed out.
        """
        agency = self.agencies[agency_id]
        use = KeyUse(caller, agency_id, Purpose.REMOTE_HASH, subject)
        key = self._ledger.recorded(self._seal_key(agency), agency.seal_rules, use)
        environment = self._validation.environment()
        try:
            check_signer(key, environment.trust, environment.sources, at)
            return [sign_digest_checked(key, digest, algorithm) for digest in digests]
        except KeyAnswerWrong as error:
            raise _refused(SealRefused(RefusalCode.KEY_ANSWER_WRONG)) from error
        except KeyUnavailable as error:
            raise _key_unavailable(error) from error
        except SealRefused as refused:
            raise _refused(refused) from refused

    def _seal_key(self, agency: Agency) -> SigningKey:
        try:
            return self.keys.open(agency.seal_key)
        except KeyUnavailable as error:
            raise _key_unavailable(error) from error

    def _recorded(self, request: SigningRequest, use: KeyUse) -> SigningRequest:
        """The request with keys whose every use is admitted by their rules and recorded.

        Raises:
            RuntimeError: a step names no rules; a key without rules is used for nothing.
        """
        steps = []
        for step in request.steps:
            if step.rules is None:
                raise RuntimeError(f"{step.role}: a key without rules")
            steps.append(replace(step, key=self._ledger.recorded(step.key, step.rules, use)))
        return replace(request, steps=tuple(steps))

    def _agency(self, agency_id: str, signatory: str) -> Agency:
        agency = self.agencies.get(agency_id)
        if agency is None:
            raise Refused(RefusalKind.UNKNOWN_AGENCY, agency=agency_id)
        if signatory not in {person.id for person in agency.signatories}:
            raise Refused(RefusalKind.UNKNOWN_SIGNATORY, agency=agency_id, signatory=signatory)
        return agency

    def _steps(self, agency: Agency, signatory: str) -> tuple[SignStep, ...]:
        try:
            return agency.steps(self.keys, signatory)
        except KeyUnavailable as error:
            raise _key_unavailable(error) from error
        except AgenciesError as error:
            raise Refused(RefusalKind.SEALING_NOT_CONFIGURED, agency=agency.id) from error

    def _environment(self, *, background: bool = False, of_batch: bool = False) -> SigningEnvironment:
        """With the trust store as it is now; the items of batches share what was asked about their signers."""
        validation, authorities, pool = self._validation, self.authorities, None
        if authorities:
            fetcher = validation.fetcher
            patient = replace(fetcher, timeout_s=min(fetcher.timeout_s, STAMP_TIMEOUT_S))
            remembered = (self._stamps, self._health)
            pool = TimeStampPool(authorities, patient, validation.trust, *remembered, background=background)
        workers = validation.workers
        recent = self._recent if of_batch else None
        return SigningEnvironment(
            validation.environment(), workers.verify, workers.run, self._fonts, pool, recent, self._cms
        )


def build_sealing(
    settings: Settings,
    validation: Validation,
    environ: Mapping[str, str],
    ledger: KeyLedger,
    stamps: StampLedger | None = None,
) -> Sealing:
    """Read the agencies; keys are opened at their first use. Without ``stamps`` their quotas are counted in here.

    Raises:
        SettingsError: the agencies, the fonts or the public address cannot be used.
    """
    try:
        agencies = load_agencies(settings.agencies_path)
    except AgenciesError as error:
        raise SettingsError(str(error)) from error
    if settings.production:
        for agency in agencies.values():
            references = [agency.seal_key, *(person.key for person in agency.signatories)]
            refuse_development_keys(f"agency {agency.id}", references)
    return Sealing(settings, validation, agencies, KeyRing(environ), ledger, stamps or MemoryLedger(system_clock))


def _printed_url(settings: Settings) -> str:
    """The public address as papers carry it: always https, so that nobody can be led elsewhere on the way.

    A loopback address is one to try the service out with; its papers say https all the same.
    """
    scheme, _, rest = settings.public_url.partition("://")
    if scheme != "https" and urlsplit(settings.public_url).hostname not in ("127.0.0.1", "localhost", "::1"):
        raise SettingsError(f"public_url: sealed papers carry an https address, got {settings.public_url!r}")
    return f"https://{rest}"


def _copy_text(agency: Agency, signatory: str, copy: CopyFacts) -> CopyText:
    """The words of a copy, in Vietnamese as the law has them."""
    texts, person = load_texts(), agency.signatory(signatory)

    def say(word: str, **values: str) -> str:
        return texts.say(f"seal.copy.{word}", Language.VI, **values)

    conversion = None
    if copy.converter is not None:
        on = None if copy.converted_on is None else copy.converted_on.strftime("%d.%m.%Y")
        word = "converted" if on is None else "converted-on"
        conversion = say(word, converter=copy.converter, on=on or "")
    named = person.name if person.title is None else f"{person.name}, {person.title}"
    return CopyText(
        form=CopyForm(copy.form),
        source=CopySource(copy.source),
        title=say(copy.form),
        agency=agency.name,
        conversion=conversion,
        certifier=say("certifier", person=named) if copy.certified else None,
        register=say("register", number=f"{copy.register_number}/{copy.register_year}") if copy.certified else None,
    )


def _with_evidence(signed: SignedDocument) -> ValidationReport:
    """The self-check's report with what was checked before signing beside it (TT 15/2025 Đ.5: keep both)."""
    found = signed.evidence
    pieces = {hashlib.sha256(der).hexdigest(): der for der in (*found.certificates, *found.crls, *found.ocsps)}
    return replace(signed.report, evidence=pieces | signed.report.evidence)


def _certificate(der: bytes) -> x509.Certificate:
    """A certificate that somebody sent.

    Raises:
        Refused: INVALID_REQUEST.
    """
    try:
        (found,) = read_certificates(der)
    except ValueError as error:
        raise Refused(RefusalKind.INVALID_REQUEST, field="certificates", reason="malformed") from error
    return found


def _key_unavailable(error: KeyUnavailable) -> Refused:
    """The key's own message stays inside: it names devices and places."""
    code = RefusalCode.KEY_UNAVAILABLE.value
    kind = RefusalKind.TEMPORARILY_UNAVAILABLE
    return Refused(kind, retry_after_s=RETRY_AFTER_S, refusal=code, detail=type(error).__name__)


def _refused(cause: SealRefused) -> Refused:
    if cause.code in PASSING:
        kind, retry_after_s = RefusalKind.TEMPORARILY_UNAVAILABLE, RETRY_AFTER_S
        refused = Refused(kind, retry_after_s=retry_after_s, refusal=cause.code.value)
    else:
        refused = Refused(RefusalKind.SEAL_REFUSED, refusal=cause.code.value)
    refused.parameters.update((name, text) for name, text in cause.parameters if name != "refusal")
    return refused


def _installed_fonts() -> FontFiles:
    try:
        return FontFiles.installed()
    except FileNotFoundError as error:
        raise SettingsError(str(error)) from error


def _wording() -> SealWording:
    texts = load_texts()
    return SealWording(**{word.name: texts.say(f"seal.{word.name}", Language.VI) for word in fields(SealWording)})
