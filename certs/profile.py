"""May this certificate sign, may it time-stamp? Only what the certificate itself excludes is refused.

TT 15/2025 Phụ lục II asks that a certificate be used within its scope and leaves KU/EKU checks optional; real leaves
range from no EKU to nine critical ones. So nothing is required that could be absent, and an explicit exclusion counts.
"""

from __future__ import annotations

from certs.certificate import MALFORMED, Certificate

_SIGNING_USAGES = frozenset({"digital_signature", "non_repudiation"})

DOCUMENT_PURPOSES = frozenset(
    {
        "any_extended_key_usage",
        "email_protection",
        "pdf_signing",
        "microsoft_document_signing",
        "1.3.6.1.5.5.7.3.36",
        "1.2.840.113583.1.1.5",
        "2.16.840.1.114027.40.11",
    }
)
"""Extended key usages under which documents are signed: any, S/MIME, and document signing by RFC 9336, Adobe,
Microsoft, Entrust."""


def may_sign(cert: Certificate) -> bool:
    """False for a CA, for a key usage without any signing bit, and for a certificate made for something else.

    Made for something else: a critical extended key usage (RFC 5280 §4.2.1.12) without any for documents, and an
    OCSP responder's certificate, by its one purpose or its mark (RFC 6960 §4.2.2.2.1): its key answers whoever asks.
    A self-signed certificate without basic constraints is no CA.
    """
    try:
        if cert.ca or cert.ocsp_no_check_value is not None:
            return False
        usage = cert.key_usage_value
        if usage is not None and not (usage.native & _SIGNING_USAGES):
            return False
        extended = cert.extended_key_usage_value
        if extended is None:
            return True
        purposes = set(extended.native)
        if "extended_key_usage" in cert.critical_extensions:
            return bool(purposes & DOCUMENT_PURPOSES)
        return purposes != {"ocsp_signing"}
    except MALFORMED:
        return False


def may_time_stamp(cert: Certificate) -> bool:
    """True where time-stamping is the one purpose of the certificate, critical (RFC 3161 §2.3), and it is no CA.

    Some CAs write time-stamping among a list of purposes into every signer's certificate: whoever holds one would
    otherwise date his own signatures.
    """
    try:
        usage, extended = cert.key_usage_value, cert.extended_key_usage_value
        if cert.ca or (usage is not None and not (usage.native & _SIGNING_USAGES)) or extended is None:
            return False
        return set(extended.native) == {"time_stamping"} and "extended_key_usage" in cert.critical_extensions
    except MALFORMED:
        return False
