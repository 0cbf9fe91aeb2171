"""Signatures by a key that is elsewhere: a token on the desk, a citizen's remote certificate (two steps)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from asn1crypto import x509

from api.codes import VerificationCode
from api.letter_sealing import LetterSealing
from api.refused import RefusalKind, Refused
from api.seal_refusals import key_unavailable, refused_by_signer
from api.sealing_values import OutsideOrder, Signed, with_evidence
from certs.certificate import display_name, read_certificates
from signer.agencies import PERSON_FIELD, AgenciesError
from signer.external import OutsideKey, PreparedOutside, finish_outside, prepare_outside
from signer.keys import DIGEST, KeyUnavailable
from signer.keys_remote import value_fits
from signer.refusal import RefusalCode, SealRefused
from signer.request import Appearance, Role, SealLevel, SigningRequest, SignStep
from verifier.process.workers import WorkerFailedError, WorkersUnavailableError

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class OutsideSealing:
    """The two steps of such a signature; ``letters`` knows the agencies, and letters that wait for their number."""

    letters: LetterSealing

    def check_signatory(self, agency_id: str, signatory: str, certificate: bytes) -> None:
        """Is this the certificate on record of a signatory whose key is elsewhere.

        Raises:
            Refused: UNKNOWN_AGENCY, UNKNOWN_SIGNATORY, INVALID_REQUEST (the certificate), TEMPORARILY_UNAVAILABLE,
                SEAL_REFUSED with SIGNATORY-NOT-THIS-CERTIFICATE.
        """
        agency = self.letters.agencies.get(agency_id)
        if agency is None:
            raise Refused(RefusalKind.UNKNOWN_AGENCY, agency=agency_id)
        person = next((one for one in agency.signatories if one.id == signatory), None)
        if person is None:
            raise Refused(RefusalKind.UNKNOWN_SIGNATORY, agency=agency_id, signatory=signatory)
        try:
            known = None if person.signs_here else self.letters.keys.certificate(person.key)
        except KeyUnavailable as error:
            raise key_unavailable(error) from error
        if known is None or known.dump() != _certificate(certificate).dump():
            named = (("signatory", signatory),)
            raise refused_by_signer(SealRefused(RefusalCode.SIGNATORY_NOT_THIS_CERTIFICATE, named))

    def prepare(self, order: OutsideOrder, at: datetime) -> PreparedOutside:
        """First step of a signature by a key that is elsewhere.

        Raises:
            Refused: INVALID_REQUEST (the certificates), SEAL_REFUSED, TEMPORARILY_UNAVAILABLE.
        """
        return self._answered(lambda: prepare_outside(self._request(order), self.letters.environment(), at))

    def finish(self, order: OutsideOrder, prepared: Mapping[str, Any], value: bytes, at: datetime) -> Signed:
        """Second step: embed the value, judge the result.

        Raises:
            Refused: as ``prepare``.
        """
        waiting = PreparedOutside(**prepared)
        request = self._request(order)
        signed = self._answered(lambda: finish_outside(request, waiting, value, self.letters.environment(), at))
        return Signed(signed.data, with_evidence(signed), order.level)

    def value_fits(self, certificate: bytes, value: bytes, digest: bytes) -> bool:
        """Is this the signature value of a SHA-256 digest by the certificate's key."""
        return value_fits(_certificate(certificate), value, digest, DIGEST)

    def _answered(self, work: Callable[[], Answer]) -> Answer:
        try:
            return work()
        except SealRefused as refused:
            raise refused_by_signer(refused) from refused
        except AgenciesError as error:
            raise Refused(RefusalKind.SEALING_NOT_CONFIGURED) from error
        except WorkerFailedError as error:
            code = RefusalCode.DOCUMENT_TOO_COSTLY.value
            raise Refused(RefusalKind.SEAL_REFUSED, refusal=code, detail=error.code) from error
        except WorkersUnavailableError as error:
            raise refused_by_signer(SealRefused(RefusalCode.WORKERS_UNAVAILABLE)) from error

    def _request(self, order: OutsideOrder) -> SigningRequest:
        certificate, *chain = (_certificate(der) for der in order.certificates)
        key = OutsideKey(certificate, tuple(chain))
        shown = Appearance(order.name or display_name(certificate), order.title)
        step = SignStep(key, Role.AUTHORISED_PERSON, PERSON_FIELD, shown)
        request = SigningRequest(order.document, (step,), SealLevel(order.level), self.letters.wording)
        if order.seal is None:
            return request
        agency = self.letters.agencies[order.seal.agency]
        shown = agency.person_appearance(order.seal.signatory)
        request = replace(request, steps=(replace(step, appearance=shown),), placement=agency.placement)
        code = None if order.seal.issue is None else order.seal.issue.verification_code
        if code is None:
            return request
        mark = self.letters.mark(VerificationCode(code), None)
        return replace(request, mark=mark, certify=agency.certifies_first)


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
