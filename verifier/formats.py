"""What the bytes are, by their content, never by a name or a declared type."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from dataclasses import dataclass

from verifier.cms.armour import PEM_START, NotAloneError, decoded
from verifier.report import Conclusion, DocumentFormat, Finding, Severity
from verifier.second_format import HEADER_WINDOW, PDF_MARK, besides_pdf, besides_xml, is_image

MAX_ARCHIVE_NAMES = 2000
"""Names looked at in a ZIP directory; an Office file or ASiC container shows itself in the first few."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_XML_START = re.compile(rb"(?:\s|\xef\xbb\xbf)*(<\?xml[\s?]|<!DOCTYPE\s|<!--|<[A-Za-z_][\w.:-]*[\s>/])")
_HTML = re.compile(rb"\s*(<!doctype\s+html|<html[\s>])", re.IGNORECASE)
_BASE64_CMS = re.compile(rb"\s*(M[A-Za-z0-9+/\r\n]{27,})")
"""A DER or BER SEQUENCE in base64 begins with M."""

MAIL_HEAD_BYTES = 16_384
_SIGNED_MAIL = re.compile(
    rb"^content-type:\s*(multipart/signed|application/(x-)?pkcs7-(mime|signature))\b", re.IGNORECASE | re.MULTILINE
)
"""S/MIME (RFC 8551 §3.5): a message around a signature."""

_OID_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_OID_WINDOW = 24
"""Its own header has two octets in DER, and some more where a length is written long."""


@dataclass(frozen=True)
class Sniffed:
    """The format and, where nothing can be checked, the answer with its way out.

    ``answer`` is None for a format that the service checks.
    """

    format: DocumentFormat
    answer: Conclusion | None = None
    findings: tuple[Finding, ...] = ()


def sniff(data: bytes) -> Sniffed:
    """Name the format of ``data`` and, where it ends the verification, the conclusion with its finding."""
    if not data:
        return _unreadable(DocumentFormat.UNKNOWN, "EMPTY-FILE")
    if data.startswith(_OLE):
        return _unsupported(DocumentFormat.OFFICE, "OFFICE-NOT-SUPPORTED")
    if data.startswith(b"PK\x03\x04"):
        return _archive(data)
    if _is_cms(data):  # before PDF: the header of a PDF inside an attached signature stands within the window
        return _cms(data)
    if PDF_MARK in data[:HEADER_WINDOW] and (_HTML.match(data) or not _is_xml(data)):
        return _alone(DocumentFormat.PDF, besides_pdf(data))
    if is_image(data):
        return Sniffed(DocumentFormat.IMAGE, Conclusion.NO_SIGNATURE, (Finding("IMAGE-NO-SIGNATURE", Severity.INFO),))
    if _HTML.match(data[:HEADER_WINDOW]):
        return _unsupported(DocumentFormat.UNKNOWN, "FORMAT-NOT-SUPPORTED")
    if _is_xml(data):
        return _alone(DocumentFormat.XML, besides_xml(data))
    if _SIGNED_MAIL.search(data[:MAIL_HEAD_BYTES]):
        return _unsupported(DocumentFormat.UNKNOWN, "SMIME-NOT-SUPPORTED")
    if _resembles_pdf(data):
        return _unreadable(DocumentFormat.PDF, "PDF-HEADER-MISSING")
    return _unreadable(DocumentFormat.UNKNOWN, "NOT-A-DOCUMENT")


def _unreadable(kind: DocumentFormat, code: str) -> Sniffed:
    return Sniffed(kind, Conclusion.UNREADABLE, (Finding(code, Severity.ERROR),))


def _unsupported(kind: DocumentFormat, code: str) -> Sniffed:
    return Sniffed(kind, Conclusion.UNSUPPORTED_FORMAT, (Finding(code, Severity.WARNING),))


def _alone(kind: DocumentFormat, others: tuple[str, ...]) -> Sniffed:
    """A file that programs can open in two ways is refused: a signature in it speaks for one of them at most."""
    if not others:
        return Sniffed(kind)
    formats = ", ".join([kind.value.upper(), *others])
    return Sniffed(kind, Conclusion.UNREADABLE, (Finding("TWO-FORMATS", Severity.ERROR, (("formats", formats),)),))


def _cms(data: bytes) -> Sniffed:
    """What stands beside the content inside of a CMS file is looked at with its signatures."""
    try:
        decoded(data)
    except ValueError as error:
        if PDF_MARK in data:
            return _alone(DocumentFormat.CMS, ("PDF",))
        if isinstance(error, NotAloneError):
            return _unreadable(DocumentFormat.CMS, "CMS-NOT-ALONE")
    return Sniffed(DocumentFormat.CMS)  # what cannot be read of it is told when it is


def _archive(data: bytes) -> Sniffed:
    """Tell OOXML, ODF and ASiC apart by their ZIP directory; no member is unpacked but the short ``mimetype``."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()[:MAX_ARCHIVE_NAMES]
            mimetype = _stored_mimetype(archive)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return _unreadable(DocumentFormat.UNKNOWN, "ARCHIVE-DAMAGED")
    if mimetype.startswith(b"application/vnd.etsi.asic"):
        return _unsupported(DocumentFormat.UNKNOWN, "ASIC-NOT-SUPPORTED")
    if "[Content_Types].xml" in names or mimetype.startswith(b"application/vnd.oasis.opendocument"):
        return _unsupported(DocumentFormat.OFFICE, "OFFICE-NOT-SUPPORTED")
    if any(name.upper().startswith("META-INF/") and name.lower().endswith((".p7s", ".tst", ".xml")) for name in names):
        return _unsupported(DocumentFormat.UNKNOWN, "ASIC-NOT-SUPPORTED")
    return _unsupported(DocumentFormat.UNKNOWN, "ARCHIVE-NOT-SUPPORTED")


def _stored_mimetype(archive: zipfile.ZipFile) -> bytes:
    try:
        with archive.open("mimetype") as member:
            return member.read(100)
    except KeyError:
        return b""


def _is_cms(data: bytes) -> bool:
    """A ContentInfo of type signedData, DER or indefinite-length BER, or its PEM or bare base64 form."""
    if PEM_START.match(data[:HEADER_WINDOW]):
        return True
    start = data[:HEADER_WINDOW]
    if match := _BASE64_CMS.match(start):
        letters = b"".join(match[1].split())
        start = base64.b64decode(letters[: len(letters) // 4 * 4])
    if start[:1] != b"\x30" or len(start) < 2:
        return False
    length_octets = start[1] & 0x7F if start[1] > 0x80 else 0  # X.690 §8.1.3: as many as somebody likes
    inside = start[2 + length_octets :]
    return inside[:1] == b"\x06" and _OID_SIGNED_DATA in inside[:_OID_WINDOW]


def _is_xml(data: bytes) -> bool:
    start = data[:HEADER_WINDOW]
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if start.startswith(mark):
            text = start[len(mark) :]
            start = text[: len(text) // 2 * 2].decode(encoding, "replace").encode("utf-8", "replace")
    return _XML_START.match(start) is not None


def _resembles_pdf(data: bytes) -> bool:
    """A PDF whose header is damaged: objects and a trailer are there."""
    return b"startxref" in data[-2048:] or (b" 0 obj" in data and b"/Catalog" in data)
