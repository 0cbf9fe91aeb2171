"""Signatures by a key that is elsewhere: a token on the desk, a citizen's remote certificate (two steps)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from asn1crypto import x509

from api.refused import RefusalKind, Refused
from api.seal_refusals import refused_by_signer
from api.sealing_values import OutsideOrder, Signed, with_evidence
from certs.certificate import display_name, read_certificates
from signer.agencies import PERSON_FIELD
from signer.external import OutsideKey, PreparedOutside, finish_outside, prepare_outside
from signer.keys import DIGEST
from signer.keys_remote import value_fits
from signer.refusal import RefusalCode, SealRefused
from signer.request import Appearance, Role, SealLevel, SealWording, SigningRequest, SignStep
from signer.sign import SigningEnvironment
from verifier.opening import WorkerFailedError

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class OutsideSealing:
    """The two steps of such a signature. ``environment`` gives the signer's as it is now."""

    wording: SealWording
    environment: Callable[[], SigningEnvironment]

    def prepare(self, order: OutsideOrder, at: datetime) -> PreparedOutside:
        """First step of a signature by a key that is elsewhere.

        Raises:
            Refused: INVALID_REQUEST (the certificates), SEAL_REFUSED, TEMPORARILY_UNAVAILABLE.
        """
        return self._answered(lambda: prepare_outside(self._request(order), self.environment(), at))

    def finish(self, order: OutsideOrder, prepared: Mapping[str, Any], value: bytes, at: datetime) -> Signed:
        """Second step: embed the value, judge the result.

        Raises:
            Refused: as ``prepare``.
        """
        waiting = PreparedOutside(**prepared)
        request = self._request(order)
        signed = self._answered(lambda: finish_outside(request, waiting, value, self.environment(), at))
        return Signed(signed.data, with_evidence(signed), order.level)

    def value_fits(self, certificate: bytes, value: bytes, digest: bytes) -> bool:
        """Is this the signature value of a SHA-256 digest by the certificate's key."""
        return value_fits(_certificate(certificate), value, digest, DIGEST)

    def _answered(self, work: Callable[[], Answer]) -> Answer:
        try:
            return work()
        except SealRefused as refused:
            raise refused_by_signer(refused) from refused
        except WorkerFailedError as error:
            code = RefusalCode.DOCUMENT_TOO_COSTLY.value
            raise Refused(RefusalKind.SEAL_REFUSED, refusal=code, detail=error.code) from error

    def _request(self, order: OutsideOrder) -> SigningRequest:
        certificate, *chain = (_certificate(der) for der in order.certificates)
        key = OutsideKey(certificate, tuple(chain))
        shown = Appearance(order.name or display_name(certificate), order.title)
        step = SignStep(key, Role.AUTHORISED_PERSON, PERSON_FIELD, shown)
        return SigningRequest(order.document, (step,), SealLevel(order.level), self.wording)


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
