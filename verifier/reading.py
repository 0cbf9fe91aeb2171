"""Step 1: open an untrusted PDF for reading, or say why it cannot be read."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import pikepdf
from pyhanko.pdf_utils.crypt import AuthStatus
from pyhanko.pdf_utils.reader import PdfFileReader

from verifier.guard import Failure, attempt, describe
from verifier.report import Finding, Severity


class UnreadableError(Exception):
    """The document cannot be read at all; ``finding`` says why."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        parameters = (("detail", detail),) if detail else ()
        self.finding = Finding(code, Severity.ERROR, parameters)


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

    Raises:
        UnreadableError: no parser sees a document in it, or the password is missing or wrong.
    """
    reader = attempt("open", lambda: _open_reader(data, password))
    if isinstance(reader, Failure):
        repaired = _open_repaired(data, password)
        pages = attempt("pages", lambda: len(repaired.pages))
        if not isinstance(pages, int) or pages == 0:
            raise UnreadableError("PDF-DAMAGED", reader.detail)
        finding = Finding("STRUCTURE-DAMAGED", Severity.WARNING, (("detail", reader.detail),))
        return OpenedPdf(data, None, repaired, pages, (finding,))
    counted = attempt("pages", lambda: _count_pages(reader))
    return OpenedPdf(data, reader, None, counted if isinstance(counted, int) else None)


def _open_reader(data: bytes, password: str | None) -> PdfFileReader:
    reader = PdfFileReader(io.BytesIO(data), strict=False)
    if reader.encrypted:
        _authenticate(reader, password)
    reader.root["/Pages"]
    return reader


def _authenticate(reader: PdfFileReader, password: str | None) -> None:
    result = reader.decrypt("")
    if result.status is AuthStatus.FAILED and password is not None:
        result = reader.decrypt(password)
    if result.status is AuthStatus.FAILED:
        raise PermissionError("password")


def _open_repaired(data: bytes, password: str | None) -> Any:
    """Open with qpdf's repair.

    Raises:
        UnreadableError: qpdf sees no document either, or wants a password that was not given.
    """
    for candidate in dict.fromkeys(("", password or "")):
        try:
            return pikepdf.open(io.BytesIO(data), password=candidate, suppress_warnings=True)
        except pikepdf.PasswordError:
            continue
        except MemoryError:
            raise
        except Exception as error:  # qpdf and its binding raise RuntimeError, ValueError, OverflowError … on bad files
            raise UnreadableError("PDF-DAMAGED", describe(error)) from error
    raise UnreadableError("PASSWORD-NEEDED" if password is None else "PASSWORD-WRONG")


def _count_pages(reader: PdfFileReader) -> int:
    return int(reader.root["/Pages"]["/Count"])
