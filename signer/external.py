"""Signing in two steps with a key that is elsewhere: a token on somebody's desk, a citizen's remote certificate.

First the document is prepared and what must be signed goes out: the DER of the **signed attributes** (RFC 5652 §5.4),
never the document's own digest. When a signature value comes back it is verified with the certificate before it is
embedded; then everything that holds for a seal holds here: the same checks of certificates, the input an exact prefix,
the verifier's verdict on the result and on every earlier signature.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

from signer.environment import SigningEnvironment
from signer.evidence import CheckedPath, check_signer
from signer.fields import Prepared, prepare_signature
from signer.keys import DIGEST, KeySigner, signature_mechanism
from signer.keys_remote import value_fits
from signer.refusal import RefusalCode, SealRefused
from signer.request import SigningRequest, check_order
from signer.sign import (
    CMS_OVERHEAD_BYTES,
    Sealing,
    SignedDocument,
    mark_and_place,
    open_input,
    preserve,
    self_check,
    stamper_of,
)

TOKEN_RESERVE = 2
"""Times the usual size of a time stamp: the gap is left before the authority that will answer is known."""


class OutsideKey:
    """Stands for a key that is elsewhere: says which bytes are to be signed, or gives the value that came back.

    ``expected`` are the bytes that the value was given for; nothing else is answered for.
    """

    def __init__(
        self,
        certificate: x509.Certificate,
        chain: tuple[x509.Certificate, ...],
        expected: bytes = b"",
        value: bytes = b"",
    ) -> None:
        self.certificate = certificate
        self.chain = chain
        self.asked = b""
        self._expected = expected
        self._value = value

    def sign(self, data: bytes, digest_algorithm: str) -> bytes:
        """Note what is to be signed; give the value where it was given for exactly that.

        Raises:
            SealRefused: PREFIX-CHANGED, the bytes are not those that were sent out.
        """
        self.asked = data
        if self._value and data != self._expected:
            raise SealRefused(RefusalCode.PREFIX_CHANGED)
        return self._value

    def sign_digest(self, digest: bytes, digest_algorithm: str) -> bytes:
        """Nobody asks this key for a bare digest."""
        raise SealRefused(RefusalCode.KEY_NOT_FOR_HASHES, (("key", "outside"),))


@dataclass(frozen=True)
class PreparedOutside:
    """A document with a gap, and what must be signed for it: plain values that can be stored between the steps.

    ``attributes`` is the DER to be signed, ``algorithm`` the signature algorithm (``sha256_rsa``, ``sha256_ecdsa``).
    """

    data: bytes
    start: int
    end: int
    field: str
    attributes: bytes
    algorithm: str

    @property
    def digest(self) -> bytes:
        """SHA-256 of the signed attributes: what a token or a remote service is given."""
        return hashlib.sha256(self.attributes).digest()


def prepare_outside(request: SigningRequest, environment: SigningEnvironment, at: datetime) -> PreparedOutside:
    """First step: everything up to the use of the key. The request has one step, with an ``OutsideKey``.

    0 open the input and judge its earlier signatures · 1 certificates still good? · 2 place · 3 leave the gap ·
    4 the signed attributes.

    Raises:
        SealRefused: as ``sign_document``.
    """
    check_order(request)
    (step,) = request.steps
    at = at.replace(microsecond=0)
    open_input(request, environment, at)  # 0
    sealing = Sealing(request, environment, at, request.document, stamper=stamper_of(request, environment, at))
    verification = environment.verification
    checked = check_signer(step.key, verification.trust, verification.sources, at)  # 1
    (plan,) = mark_and_place(sealing).fields  # 2
    prepared = environment.work(
        prepare_signature, sealing.data, plan, _room(sealing, checked), environment.fonts, sealing.fonts
    )  # 3
    sealing.continues(prepared.data)
    key = OutsideKey(step.key.certificate, step.key.chain)
    _contents(key, checked, prepared, None)  # 4
    algorithm = signature_mechanism(step.key.certificate, DIGEST)["algorithm"].native
    return PreparedOutside(prepared.data, prepared.start, prepared.end, plan.name, key.asked, algorithm)


def finish_outside(
    request: SigningRequest, waiting: PreparedOutside, value: bytes, environment: SigningEnvironment, at: datetime
) -> SignedDocument:
    """Second step: embed the value and check the result as any seal's.

    1 the value verifies with the certificate · 2 earlier signatures and certificates are still good now · 3 embed,
    with a time stamp where the level asks for one · 4 evidence · 5 the input is an exact prefix · 6 the verifier passes
    the result and every earlier signature.

    Raises:
        SealRefused: KEY-ANSWER-WRONG (1), else as ``sign_document``; nothing is handed out.
    """
    (step,) = request.steps
    certificate = step.key.certificate
    if not value or not value_fits(certificate, value, waiting.digest, DIGEST):  # 1
        raise SealRefused(RefusalCode.KEY_ANSWER_WRONG)
    at = at.replace(microsecond=0)
    earlier = open_input(request, environment, at)  # 2
    sealing = Sealing(request, environment, at, request.document, stamper=stamper_of(request, environment, at))
    verification = environment.verification
    checked = check_signer(step.key, verification.trust, verification.sources, at)
    sealing.checked.append(checked)
    prepared = Prepared(sealing.continues(waiting.data), waiting.start, waiting.end)
    key = OutsideKey(certificate, step.key.chain, waiting.attributes, value)
    der = _contents(key, checked, prepared, sealing)  # 3
    if len(der) > prepared.room:
        raise SealRefused(RefusalCode.TIMESTAMP_REJECTED, (("detail", "the time stamp is larger than its room"),))
    sealing.data = sealing.continues(prepared.fill(der))
    preserve(sealing)  # 4
    if not sealing.data.startswith(request.document):  # 5
        raise SealRefused(RefusalCode.PREFIX_CHANGED)
    return self_check(sealing, [(step, waiting.field)], earlier)  # 6


def _room(sealing: Sealing, checked: CheckedPath) -> int:
    room = CMS_OVERHEAD_BYTES + sum(len(certificate.dump()) for certificate in checked.path)
    if sealing.stamper is not None:
        room += TOKEN_RESERVE * sealing.stamper.pool.token_bytes
    return room


def _contents(key: OutsideKey, checked: CheckedPath, prepared: Prepared, sealing: Sealing | None) -> bytes:
    """The CMS object; the same inputs give the same signed attributes, so both steps speak of one thing."""
    signing = KeySigner(key, checked.path[1:-1]).async_sign(
        prepared.digest,
        DIGEST,
        use_pades=True,
        timestamper=None if sealing is None else sealing.stamper,
        signed_attr_settings=PdfCMSSignedAttributes(),
    )
    return bytes(asyncio.run(signing).dump())
