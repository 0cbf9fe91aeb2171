"""May this certificate sign, may it time-stamp? Only what the certificate itself excludes is refused.

TT 15/2025 Phụ lục II asks that a certificate be used within its scope and leaves KU/EKU checks optional; real leaves
range from no EKU to nine critical ones. So nothing is required that could be absent, and an explicit exclusion counts.
"""

from __future__ import annotations

from certs.certificate import MALFORMED, Certificate

_SIGNING_USAGES = frozenset({"digital_signature", "non_repudiation"})


def may_sign(cert: Certificate) -> bool:
    """False for a CA, for a key usage without any signing bit, and for a certificate that only time-stamps.

    A self-signed certificate without basic constraints is no CA. EN 319 422 §4: a time-stamping certificate has that
    one EKU, critical.
    """
    try:
        if cert.ca:
            return False
        usage = cert.key_usage_value
        if usage is not None and not (usage.native & _SIGNING_USAGES):
            return False
        extended = cert.extended_key_usage_value
        only_stamps = extended is not None and set(extended.native) == {"time_stamping"}
        return not (only_stamps and "extended_key_usage" in cert.critical_extensions)
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
