"""Is this signature, over these bytes, by that key? For certificates, CRLs and OCSP responses alike."""

from __future__ import annotations

from asn1crypto import algos, keys, x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from pyhanko_certvalidator.sig_validate import (
    DEFAULT_VALIDATION_CONTEXT,
    DefaultSignatureValidator,
    SignatureValidationContext,
)

from certs.certificate import MALFORMED, fingerprint
from certs.memo import BoundedMemo
from certs.public_keys import holds_without_null, readable_key


def signature_holds(
    public_key: keys.PublicKeyInfo, algorithm: algos.SignedDigestAlgorithm, signature: bytes, signed: bytes
) -> bool:
    """True only if the signature value verifies; a key or algorithm that cannot be used counts as no."""
    try:
        FORMS_IN_USE.validate_signature(signature, signed, public_key, algorithm)
    except (InvalidSignature, UnsupportedAlgorithm, AssertionError, *MALFORMED):  # the engine asserts the kind of key
        return False
    return True


class _FormsInUse(DefaultSignatureValidator):
    """The engine's check, and the forms that it does not know (``certs.public_keys``)."""

    def validate_signature(
        self,
        signature: bytes,
        signed_data: bytes,
        public_key_info: keys.PublicKeyInfo,
        signature_algorithm: algos.SignedDigestAlgorithm,
        context: SignatureValidationContext = DEFAULT_VALIDATION_CONTEXT,
    ) -> None:
        """As the engine's.

        Raises:
            InvalidSignature: it holds in no form.
        """
        key = readable_key(public_key_info)
        try:
            super().validate_signature(signature, signed_data, key, signature_algorithm, context)
        except InvalidSignature:
            if not _holds_in_older_form(key, signature_algorithm, signature, signed_data):
                raise


FORMS_IN_USE = _FormsInUse()
"""Holds no state."""


def _holds_in_older_form(
    public_key: keys.PublicKeyInfo, algorithm: algos.SignedDigestAlgorithm, signature: bytes, signed: bytes
) -> bool:
    try:
        if algorithm.signature_algo != "rsassa_pkcs1v15":
            return False
        return holds_without_null(public_key, str(algorithm.hash_algo), signature, signed)
    except MALFORMED:
        return False


_MAX_ANSWERS = 4096

_answers: BoundedMemo[tuple[str, str], bool] = BoundedMemo(_MAX_ANSWERS)
"""By the fingerprints of both: two certificates of these bytes have always the same answer."""


def issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Do the names chain and does the issuer's key verify the certificate's signature (RFC 5280 6.1.3 a.1, a.4)."""
    try:
        both = (fingerprint(certificate), fingerprint(issuer))
    except MALFORMED:
        return False
    answer = _answers.get(both)
    if answer is None:
        answer = _issued_by(certificate, issuer)
        _answers.keep(both, answer, 1)
    return answer


def _issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        return bool(certificate.issuer == issuer.subject) and signature_holds(
            issuer.public_key,
            certificate["signature_algorithm"],
            certificate["signature_value"].native,
            certificate["tbs_certificate"].dump(),
        )
    except MALFORMED:
        return False
