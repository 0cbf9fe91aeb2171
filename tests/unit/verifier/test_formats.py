"""What bytes are taken for, and the answer where they cannot be checked."""

from __future__ import annotations

import base64
import io
import zipfile

import pytest

from verifier.formats import sniff
from verifier.report import Conclusion, DocumentFormat


def archive(**members: bytes) -> bytes:
    """A ZIP file with these members (``__`` in a name stands for ``/``)."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as zipped:
        for name, data in members.items():
            zipped.writestr(name.replace("__", "/"), data)
    return output.getvalue()


def office() -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as zipped:
        zipped.writestr("[Content_Types].xml", b"<Types/>")
    return output.getvalue()


ASIC = archive(mimetype=b"application/vnd.etsi.asic-e+zip", document=b"x")
ODT = archive(mimetype=b"application/vnd.oasis.opendocument.text", content=b"x")
SIGNED_DATA = bytes.fromhex("3080 06092a864886f70d010702 a080")

CASES: list[tuple[str, bytes, DocumentFormat, Conclusion | None, str | None]] = [
    ("pdf", b"%PDF-1.7\n...", DocumentFormat.PDF, None, None),
    ("pdf after some bytes", b"\xef\xbb\xbf" + b" " * 900 + b"%PDF-1.4", DocumentFormat.PDF, None, None),
    ("empty", b"", DocumentFormat.UNKNOWN, Conclusion.UNREADABLE, "EMPTY-FILE"),
    ("words", b"hello", DocumentFormat.UNKNOWN, Conclusion.UNREADABLE, "NOT-A-DOCUMENT"),
    (
        "pdf without its header",
        b"#G 1 0 obj <</Type/Catalog>> endobj startxref 9",
        DocumentFormat.PDF,
        Conclusion.UNREADABLE,
        "PDF-HEADER-MISSING",
    ),
    ("jpeg", b"\xff\xd8\xff\xe0abc", DocumentFormat.IMAGE, Conclusion.NO_SIGNATURE, "IMAGE-NO-SIGNATURE"),
    ("png", b"\x89PNG\r\n\x1a\n", DocumentFormat.IMAGE, Conclusion.NO_SIGNATURE, "IMAGE-NO-SIGNATURE"),
    ("tiff", b"II*\x00\x08\x00", DocumentFormat.IMAGE, Conclusion.NO_SIGNATURE, "IMAGE-NO-SIGNATURE"),
    ("heic", b"\0\0\0\x18ftypheic", DocumentFormat.IMAGE, Conclusion.NO_SIGNATURE, "IMAGE-NO-SIGNATURE"),
    ("webp", b"RIFF\0\0\0\0WEBP", DocumentFormat.IMAGE, Conclusion.NO_SIGNATURE, "IMAGE-NO-SIGNATURE"),
    ("docx", office(), DocumentFormat.OFFICE, Conclusion.UNSUPPORTED_FORMAT, "OFFICE-NOT-SUPPORTED"),
    ("odt", ODT, DocumentFormat.OFFICE, Conclusion.UNSUPPORTED_FORMAT, "OFFICE-NOT-SUPPORTED"),
    (
        "doc",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest",
        DocumentFormat.OFFICE,
        Conclusion.UNSUPPORTED_FORMAT,
        "OFFICE-NOT-SUPPORTED",
    ),
    ("asic", ASIC, DocumentFormat.UNKNOWN, Conclusion.UNSUPPORTED_FORMAT, "ASIC-NOT-SUPPORTED"),
    (
        "asic without mimetype",
        archive(**{"META-INF__signatures.p7s": b"x", "a.txt": b"x"}),
        DocumentFormat.UNKNOWN,
        Conclusion.UNSUPPORTED_FORMAT,
        "ASIC-NOT-SUPPORTED",
    ),
    ("zip", archive(a=b"x"), DocumentFormat.UNKNOWN, Conclusion.UNSUPPORTED_FORMAT, "ARCHIVE-NOT-SUPPORTED"),
    ("cut zip", ASIC[:40], DocumentFormat.UNKNOWN, Conclusion.UNREADABLE, "ARCHIVE-DAMAGED"),
    ("xml", b'<?xml version="1.0"?><HDon/>', DocumentFormat.XML, None, None),
    (
        "xml in utf-16",
        b"\xff\xfe" + "<HDon></HDon>".encode("utf-16-le"),
        DocumentFormat.XML,
        None,
        None,
    ),
    (
        "html",
        b"<!DOCTYPE html><html></html>",
        DocumentFormat.UNKNOWN,
        Conclusion.UNSUPPORTED_FORMAT,
        "FORMAT-NOT-SUPPORTED",
    ),
    ("cms", SIGNED_DATA, DocumentFormat.CMS, None, None),
    ("cms in base64", base64.b64encode(SIGNED_DATA + bytes(40)), DocumentFormat.CMS, None, None),
    (
        "cms in pem",
        b"-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----\n",
        DocumentFormat.CMS,
        None,
        None,
    ),
]


@pytest.mark.parametrize(("data", "kind", "answer", "code"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_formats(data: bytes, kind: DocumentFormat, answer: Conclusion | None, code: str | None) -> None:
    sniffed = sniff(data)
    assert (sniffed.format, sniffed.answer) == (kind, answer)
    assert [finding.code for finding in sniffed.findings] == ([] if code is None else [code])
