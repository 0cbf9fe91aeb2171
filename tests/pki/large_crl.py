"""A CRL of any length in no time: its entries are written as bytes, not through a builder."""

from __future__ import annotations

from datetime import datetime

from asn1crypto import core
from asn1crypto import crl as asn1_crl
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from demo.issuing import Authority, build_crl

FIRST_SERIAL = 7 << 120
"""Serial numbers count up from here: none of them belongs to the demo."""


def large_crl(authority: Authority, entries: int, stated: datetime, until: datetime) -> bytes:
    """A CRL by this authority that lists so many strangers."""
    empty = asn1_crl.CertificateList.load(build_crl(authority, stated, until, {}))
    tbs = empty["tbs_cert_list"]
    revoked_at = core.UTCTime(stated).dump()
    rows = b"".join(_tlv(0x30, core.Integer(FIRST_SERIAL + n).dump() + revoked_at) for n in range(entries))
    before = [tbs[name].dump() for name in ("version", "signature", "issuer", "this_update", "next_update")]
    signed = _tlv(0x30, b"".join([*before, _tlv(0x30, rows) if entries else b"", tbs["crl_extensions"].dump()]))
    signature = authority.key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    return _tlv(0x30, signed + empty["signature_algorithm"].dump() + _tlv(0x03, b"\x00" + signature))


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content
