"""Step 1: open an untrusted PDF for reading, or say why it cannot be read."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import partial
from typing import Any

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.crypt import AuthStatus, PubKeySecurityHandler
from pyhanko.pdf_utils.reader import PdfFileReader

from verifier.guard import Failure, UnreadableError, attempt
from verifier.pdf import entries, hexadecimal, names
from verifier.report import Finding, Severity

entries.install()
hexadecimal.install()
names.install()

MAX_PAGES = 1_000_000
"""A larger ``/Count`` is a lie."""


@dataclass(frozen=True)
class OpenedPdf:
    """An open document: pyHanko's reader, or only qpdf's repaired reading where pyHanko could not open it.

    ``pages`` is the page count as qpdf sees it, None where it sees none. Lives in the worker process only.
    """

    data: bytes
    reader: PdfFileReader | None
    repaired: Any | None
    pages: int | None
    findings: tuple[Finding, ...] = ()


def open_pdf(data: bytes, password: str | None) -> OpenedPdf:
    """Open with pyHanko; where it fails, with qpdf, which repairs cross-references, and say so.

    Where qpdf finds no page either but the bytes hold signature dictionaries, these are still judged.

    Raises:
        UnreadableError: no parser sees a document in it, or the password is missing or wrong.
    """
    reader = attempt("open", lambda: _open_reader(data, password))
    if not isinstance(reader, Failure):
        counted = attempt("pages", lambda: _count_pages(reader))
        return OpenedPdf(data, reader, None, counted if isinstance(counted, int) else None)
    finding = Finding("STRUCTURE-DAMAGED", Severity.WARNING, (("detail", reader.detail),))
    repaired = _open_repaired(data, password)
    pages = attempt("pages", lambda: len(repaired.pages)) if repaired is not None else None
    signed = _SIGNATURE_DICTIONARY.search(data) is not None
    if not signed and _END_MARKER not in data[-END_MARKER_WINDOW_BYTES:]:
        raise UnreadableError("PDF-DAMAGED", reader.detail)
    if isinstance(pages, int) and pages > 0:
        return OpenedPdf(data, None, repaired, pages, (finding,))
    if not signed:
        raise UnreadableError("PDF-DAMAGED", reader.detail)
    return OpenedPdf(data, None, None, None, (finding,))


_SIGNATURE_DICTIONARY = re.compile(rb"/ByteRange\s*\[\s*\d")

_END_MARKER = b"%%EOF"
END_MARKER_WINDOW_BYTES = 1024
"""Where readers look for the end marker (ISO 32000-2 7.5.5, implementation notes). A damaged file without it lost its
end, and with it perhaps its signature: it must not pass for unsigned."""


STARTXREF_WINDOW_BYTES = 1 << 18
"""Where ``startxref`` must stand: pyHanko walks back over what follows it byte by byte, a second for each megabyte."""


def _open_reader(data: bytes, password: str | None) -> PdfFileReader:
    if b"startxref" not in data[-STARTXREF_WINDOW_BYTES:]:
        raise ValueError("no startxref near the end")
    reader = PdfFileReader(io.BytesIO(data), strict=False)
    if reader.encrypted:
        _authenticate(reader, password)
    if not isinstance(reader.root["/Pages"], generic.DictionaryObject):
        raise TypeError("no page tree")
    return reader


def _authenticate(reader: PdfFileReader, password: str | None) -> None:
    """Try the empty user password, then the given one.

    Raises:
        UnreadableError: neither opens the document, or it is encrypted for certificates.
    """
    if isinstance(reader.security_handler, PubKeySecurityHandler):
        raise UnreadableError("ENCRYPTED-FOR-RECIPIENTS")
    result = reader.decrypt("")
    if result.status is AuthStatus.FAILED and password is not None:
        result = reader.decrypt(password)
    if result.status is AuthStatus.FAILED:
        raise UnreadableError("PASSWORD-NEEDED" if password is None else "PASSWORD-WRONG")


def _open_repaired(data: bytes, password: str | None) -> Any | None:
    """Open with qpdf's repair; None where qpdf sees no document either.

    Raises:
        UnreadableError: qpdf wants a password that was not given.
    """
    for candidate in dict.fromkeys(("", password or "")):
        opened = attempt("repair", partial(_open_with_qpdf, data, candidate))
        if not isinstance(opened, Failure):
            return opened
        if "PasswordError" not in opened.detail:
            return None
    raise UnreadableError("PASSWORD-NEEDED" if password is None else "PASSWORD-WRONG")


def _open_with_qpdf(data: bytes, password: str) -> Any:
    return pikepdf.open(io.BytesIO(data), password=password, suppress_warnings=True)


def _count_pages(reader: PdfFileReader) -> int | None:
    count = reader.root["/Pages"]["/Count"]
    return int(count) if isinstance(count, int) and 0 <= count <= MAX_PAGES else None
