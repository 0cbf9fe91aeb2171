"""The textual forms of a CMS file, PEM (RFC 7468) and bare base64: nothing but the encoding, in one spelling."""

from __future__ import annotations

import base64
import binascii
import re

PEM_START = re.compile(rb"\s*-----BEGIN (PKCS7|CMS|PKCS #7 SIGNED DATA)-----")
_PEM = re.compile(
    rb"[\r\n]{0,4}-----BEGIN (?P<label>PKCS7|CMS|PKCS #7 SIGNED DATA)-----\r?\n(?P<body>(?:[A-Za-z0-9+/=]+\r?\n)+)"
    rb"-----END (?P=label)-----[\r\n]{0,4}"
)
_PEM_END = b"-----END"
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\r\n]+")


class NotAloneError(ValueError):
    """Something stands beside the encoding: header lines, words outside the armour, a second block, stray signs."""


def decoded(data: bytes) -> bytes:
    """The DER or BER of a CMS file in any of its forms.

    Raises:
        NotAloneError: a textual form that holds more than the encoding.
        ValueError: no form of one.
    """
    if data[:1] == b"\x30":
        return data
    if PEM_START.match(data):
        if _PEM_END not in data:
            raise ValueError("a PEM file without its end")
        match = _PEM.fullmatch(data)
        if match is None:
            raise NotAloneError("not a PEM file by RFC 7468")
        return _base64(match["body"])
    if not _BASE64.fullmatch(data):
        raise NotAloneError("not base64 alone")
    return _base64(data)


def _base64(text: bytes) -> bytes:
    """RFC 4648 §3.5: the one encoding of these bytes, line ends left out."""
    joined = text.replace(b"\r", b"").replace(b"\n", b"")
    try:
        value = base64.b64decode(joined, validate=True)
    except binascii.Error as error:
        raise NotAloneError("not base64") from error
    if base64.b64encode(value) != joined:
        raise NotAloneError("not the one base64 form of its bytes")
    return value
