"""How this installation seals: agencies, their keys, the words and the mark. Built once, where agencies are configured.

This module, the ones it is put together from (``hash_sealing``, ``outside_sealing``, ``key_ledger``, …) and
``report_sealing`` are all of ``api`` that imports ``signer``; a verify-only deployment never imports them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlsplit

from api.clock import system_clock
from api.codes import ResultCode, VerificationCode
from api.copy_words import copy_text
from api.hash_sealing import HashSealing
from api.i18n.texts import Language, load_texts
from api.key_ledger import KeyLedger, refuse_development_keys
from api.letter_sealing import LetterSealing
from api.outside_sealing import OutsideSealing
from api.refused import RefusalKind, Refused
from api.seal_refusals import key_unavailable, refused_by_signer
from api.sealing_values import CopyFacts, MainFacts, OriginalFacts, Paper, PreviewedPaper, Signed, with_evidence
from api.settings import Settings, SettingsError
from api.validation import Validation
from certs.catalogue import Regime
from signer.agencies import AGENCY_FIELD, PERSON_FIELD, AgenciesError, Agency, load_agencies
from signer.appearance import SealDrawing
from signer.attachments import AttachmentText, MainDocument, check_main
from signer.authorities import AuthorityHealth, MemoryLedger, StampAuthority, StampLedger
from signer.cms import CmsMaker
from signer.copies import CopyForm, CopySource, Original, check_direction, check_original
from signer.environment import SigningEnvironment
from signer.evidence import RecentChecks
from signer.fonts import FontFiles
from signer.key_rules import KeyUse, Purpose
from signer.keyring import KeyRing
from signer.keys import KeyUnavailable
from signer.layout import SealWish
from signer.preserve import preserve_document
from signer.preview import SealPreview, preview_seals
from signer.refusal import RefusalCode, SealRefused
from signer.request import ResultMark, Role, SealLevel, SealWording, SigningRequest, SignStep, plan_digest
from signer.sign import check_before_signing, sign_document
from signer.timestamp import TimeStampPool
from verifier.process.workers import WorkerFailedError, WorkersUnavailableError
from verifier.scans.check import check_scan
from verifier.scans.report import ScanKind

Answer = TypeVar("Answer")

STAMP_TIMEOUT_S = 5.0
"""An authority answers within a second; whoever waits for a seal would rather have another one asked."""

SPECIMEN_CODE = "-".join(("XXXX",) * 4 + ("XX",))
"""As long as a verification code and never one: its check characters do not fit."""


class Sealing:
    """Makes signing requests of orders and has them signed. Thread-safe.

    ``outside``: signatures by keys that are elsewhere. ``hashes``: digests signed for other software.
    """

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
        self.letters = LetterSealing(self._wording, self._environment, agencies, keys, self._printed_url)
        self.outside = OutsideSealing(self.letters)
        self.hashes = HashSealing(validation, agencies, keys, ledger)

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
        if paper.copy is not None and paper.copy.certified and not agency.signatory(paper.signatory).signs_here:
            raise refused_by_signer(SealRefused(RefusalCode.CERTIFIER_ELSEWHERE))
        alone = paper.attachment_of is not None or (paper.copy is not None and not paper.copy.certified)
        signed_before = paper.issue is not None and paper.issue.signed_sha256 is not None
        if alone or signed_before:  # its own copy (NĐ 30/2020 Đ.32.2.d), an attachment (Phụ lục I); or the leader has
            steps = steps[-1:]
        marked_before = paper.issue is not None and paper.issue.verification_code is not None
        request = SigningRequest(
            document=paper.document,
            steps=steps,
            level=SealLevel(paper.level),
            wording=self._wording,
            mark=self.letters.mark(code, None if marked_before else result_code),
            authorised=self._authorised(agency, paper.signatory),
            placement=agency.placement,
            stamps_may_follow=agency.stamps_may_follow,
            copy=None if paper.copy is None else copy_text(agency, paper.signatory, paper.copy),
            attachment=None if paper.attachment_of is None else AttachmentText(paper.number),
        )
        return self.letters.issuing(request, paper)

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
            raise refused_by_signer(refused) from refused
        if source is CopySource.PAPER:
            kind = check_scan(self._validation.workers, paper.document).kind
            if kind is ScanKind.DIGITAL:
                raise refused_by_signer(SealRefused(RefusalCode.COPY_NOT_A_SCAN))

    def check_original(self, copy: CopyFacts, found: OriginalFacts | None) -> None:
        """Is it a direction that the law knows, and is the electronic original worth a copy; None: it is not on file.

        Raises:
            Refused: SEAL_REFUSED with COPY-DIRECTION, COPY-CONVERTER-… or COPY-ORIGINAL-….
        """
        original = None if found is None else Original(found.report.conclusion, found.weak, found.in_force)
        try:
            check_direction(CopyForm(copy.form), CopySource(copy.source), copy.converter)
            check_original(CopySource(copy.source), copy.original_sha256, original, certified=copy.certified)
        except SealRefused as refused:
            raise refused_by_signer(refused) from refused

    def check_attachment(self, named: str, number: str, main: MainFacts | None) -> None:
        """May an attachment with this number be sealed to a main document; None: it is not on record.

        Raises:
            Refused: SEAL_REFUSED with ATTACHMENT-….
        """
        known = None if main is None else MainDocument(main.number, main.is_result, main.in_force)
        try:
            check_main(named, number, known)
        except SealRefused as refused:
            raise refused_by_signer(refused) from refused

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
            raise refused_by_signer(refused) from refused

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
            raise refused_by_signer(refused) from refused

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
            raise refused_by_signer(refused) from refused
        except WorkerFailedError as error:
            code = RefusalCode.DOCUMENT_TOO_COSTLY.value
            raise Refused(RefusalKind.SEAL_REFUSED, refusal=code, detail=error.code) from error
        except WorkersUnavailableError as error:
            raise refused_by_signer(SealRefused(RefusalCode.WORKERS_UNAVAILABLE)) from error
        return Signed(signed.data, with_evidence(signed), signed.level.value)

    def preserve(self, document: bytes, level: str, at: datetime, checkpoint: Callable[[str], None]) -> Signed:
        """Raise a sealed document to a level, or renew its archive time stamp; uses no key.

        Raises:
            Refused: as ``sign``.
        """
        try:
            signed = preserve_document(document, SealLevel(level), self._environment(background=True), at, checkpoint)
        except SealRefused as refused:
            raise refused_by_signer(refused) from refused
        except WorkersUnavailableError as error:
            raise refused_by_signer(SealRefused(RefusalCode.WORKERS_UNAVAILABLE)) from error
        return Signed(signed.data, with_evidence(signed), signed.level.value)

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
            raise refused_by_signer(refused) from refused

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
            raise key_unavailable(error) from error
        except AgenciesError as error:
            raise Refused(RefusalKind.SEALING_NOT_CONFIGURED, agency=agency.id) from error

    def _authorised(self, agency: Agency, signatory: str) -> frozenset[str]:
        try:
            return agency.authorised(self.keys, signatory)
        except KeyUnavailable as error:
            raise key_unavailable(error) from error

    def _environment(self, *, background: bool = False, of_batch: bool = False) -> SigningEnvironment:
        """With the trust store as it is now; the items of batches share what was asked about their signers."""
        validation, authorities, pool = self._validation, self.authorities, None
        if authorities:
            fetcher = validation.fetcher
            patient = replace(fetcher, timeout_s=min(fetcher.timeout_s, STAMP_TIMEOUT_S))
            remembered = (self._stamps, self._health)
            pool = TimeStampPool(authorities, patient, validation.trust, *remembered, background=background)
        workers = validation.workers.patient()  # what was begun is ended: after a signature nobody is sent away
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


def _installed_fonts() -> FontFiles:
    try:
        return FontFiles.installed()
    except FileNotFoundError as error:
        raise SettingsError(str(error)) from error


def _wording() -> SealWording:
    texts = load_texts()
    return SealWording(**{word.name: texts.say(f"seal.{word.name}", Language.VI) for word in fields(SealWording)})
