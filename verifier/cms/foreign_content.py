"""Content that another protocol signs: a value over it says nothing of a document (cross-protocol attacks).

Where a signature is over its content alone (RFC 5652 §5.4, no signed attributes), or somebody shows as a file what a
program hashed on the way, the bytes that verify are another protocol's message. Its signer never saw them as a letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from asn1crypto import crl, ocsp, tsp, x509
from asn1crypto import csr as asn1_csr

from verifier.cms.rules import Content
from verifier.guard import Failure, attempt

_MAX_MESSAGE_BYTES = 32 << 20
"""A CRL of 500,000 entries has about 20 MB; the other messages have some kilobytes."""

_SIGNED_INFO = re.compile(rb"\s*(<\?xml[^>]*>\s*)?<([A-Za-z_][\w.-]*:)?SignedInfo[\s>]")
_BYTE_RANGE = re.compile(rb"/ByteRange[\s\0]*\[" + rb"[\s\0]*\+?(\d{1,20})(?=[\s\0\]])" * 4 + rb"[\s\0]*\]")
_TOKEN = re.compile(rb"(eyJ[A-Za-z0-9_-]+)\.[A-Za-z0-9_-]*")
"""What a JSON Web Signature is over (RFC 7515 §5.1): header and payload in base64url; ``eyJ`` begins an object."""
_HANDSHAKE = re.compile(rb" {64}TLS 1\.3, (client|server) CertificateVerify\0")
"""RFC 8446 §4.4.3: what a key signs to log in."""
_MESSAGES: tuple[Any, ...] = (
    tsp.TSTInfo,
    ocsp.ResponseData,
    crl.TbsCertList,
    x509.TbsCertificate,
    asn1_csr.CertificationRequestInfo,
)


def is_of_another_protocol(content: Content) -> bool:
    """Is it the covered bytes of a PDF, a ``SignedInfo`` of XMLDSig, the signed part of PKIX or of a login."""
    data = content[0] if len(content) == 1 and isinstance(content[0], bytes) else b"".join(content)
    if _SIGNED_INFO.match(data[:1024]) or _HANDSHAKE.match(data) or _TOKEN.fullmatch(data):
        return True
    if data[:1] == b"\x30" and len(data) <= _MAX_MESSAGE_BYTES:
        return any(_parses(data, kind.load) for kind in _MESSAGES)
    return any(_is_cut(match, len(data)) for match in _BYTE_RANGE.finditer(data))


def _is_cut(match: re.Match[bytes], size: int) -> bool:
    """A PDF without the gap that its byte range leaves for the signature: only what was hashed."""
    start, before, after, rest = (int(number) for number in match.groups())
    return start == 0 and after > before > 0 and before + rest == size


def _parses(data: bytes, load: Callable[..., Any]) -> bool:
    """Every part is what that message has there, and nothing is left over."""
    parsed = attempt("message", lambda: load(data, strict=True).native)
    return not isinstance(parsed, Failure)
