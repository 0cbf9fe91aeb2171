"""Is it a proper scan: the file, then its pages a few at a time. Runs in a worker process; ``check.py`` calls it.

A file: 1 what format · 2 can it be opened · 3 version, revisions, active content. A page: 4 take it apart ·
5 draw it and its scan alone, and compare · 6 measure the capture · 7 findings.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pikepdf

from verifier.drawing.drawing_cost import page_cost
from verifier.drawing.rendering import Picture, RenderedDocument, RenderingError
from verifier.formats import sniff
from verifier.guard import Failure, UnreadableError, attempt
from verifier.report import DocumentFormat, Finding, Severity
from verifier.scans import overlay, picture_files, quality, rules
from verifier.scans.active import active_content
from verifier.scans.layers import HiddenContent
from verifier.scans.report import Colour, PageScan, ScanKind, finding
from verifier.scans.revisions import read_revisions
from verifier.scans.structure import PageStructure, is_camera_picture, read_page
from verifier.scans.walk import Thing

MAX_PAGES = 1_000
"""Of a file: a scan of a thousand pages is no single paper."""
_ADDED = {Thing.TEXT: "SCAN-TEXT-ADDED", Thing.DRAWING: "SCAN-DRAWING-ADDED", Thing.IMAGE: "SCAN-PICTURE-ADDED"}


@dataclass(frozen=True)
class FileFacts:
    """What is known of the file as a whole; ``pages`` is 0 where it cannot be read, and a finding says why."""

    pages: int
    findings: tuple[Finding, ...] = ()


def read_file(data: bytes, password: str | None) -> FileFacts:
    """Steps 1 to 3; whatever is in the file, there is an answer."""
    try:
        facts = attempt("file", lambda: _read_file(data, password))
    except UnreadableError as error:
        return FileFacts(0, (error.finding,))
    return FileFacts(0, (finding("SCAN-DAMAGED", Severity.ERROR),)) if isinstance(facts, Failure) else facts


def _read_file(data: bytes, password: str | None) -> FileFacts:
    sniffed = sniff(data)
    if sniffed.format is DocumentFormat.PDF and sniffed.answer is None:
        return _read_pdf_file(data, password)
    if sniffed.format is DocumentFormat.IMAGE:
        count = picture_files.frame_count(data)
        return _within_limits(count, (finding("SCAN-NOT-PDF", Severity.ERROR),))
    code = sniffed.findings[0].code if sniffed.findings else "SCAN-FORMAT"
    return FileFacts(0, (finding(code, Severity.ERROR),))


def read_pages(data: bytes, password: str | None, first: int, most: int) -> tuple[PageScan, ...]:
    """Steps 4 to 7 for ``most`` pages from ``first`` on, or as many as there are."""
    if sniff(data).format is DocumentFormat.PDF:
        return tuple(_pdf_pages(data, password, first, most))
    return tuple(_picture_page(data, index) for index in range(first, first + most))


# --- the file ---


def _read_pdf_file(data: bytes, password: str | None) -> FileFacts:
    with _opened(data, password) as pdf:
        pages = attempt("pages", lambda: len(pdf.pages))
        if isinstance(pages, Failure) or pages == 0:
            return FileFacts(0, (finding("SCAN-NO-PAGES", Severity.ERROR),))
        version = attempt("version", lambda: str(pdf.pdf_version))
        findings = (
            *rules.version_findings("?" if isinstance(version, Failure) else version),
            *_revision_findings(data),
            *active_content(pdf),
        )
        return _within_limits(pages, findings)


def _within_limits(pages: int, findings: tuple[Finding, ...]) -> FileFacts:
    if pages > MAX_PAGES:
        return FileFacts(0, (finding("SCAN-TOO-MANY-PAGES", Severity.ERROR, pages=pages, limit=MAX_PAGES),))
    return FileFacts(pages, findings)


def _opened(data: bytes, password: str | None) -> pikepdf.Pdf:
    """Open with qpdf.

    Raises:
        UnreadableError: the password is missing or wrong, or it is no document.
    """
    try:
        return pikepdf.open(io.BytesIO(data), password=password or "", suppress_warnings=True)
    except pikepdf.PasswordError as error:
        raise UnreadableError("PASSWORD-NEEDED" if password is None else "PASSWORD-WRONG") from error
    except (pikepdf.PdfError, ValueError, RuntimeError, KeyError, TypeError) as error:
        raise UnreadableError("PDF-DAMAGED") from error


def _revision_findings(data: bytes) -> tuple[Finding, ...]:
    revisions = read_revisions(data)
    if revisions.later == 0:
        return ()
    values = {"revisions": revisions.later, "signatures": revisions.signatures}
    if revisions.unexplained:
        return (finding("SCAN-REVISED", Severity.ERROR, **values),)
    return (finding("SCAN-REVISED-SIGNED", Severity.INFO, **values),)


# --- pages of a PDF ---


def _pdf_pages(data: bytes, password: str | None, first: int, most: int) -> Iterator[PageScan]:
    with _opened(data, password) as pdf:
        indexes = range(first, min(first + most, len(pdf.pages)))
        hidden = HiddenContent(pdf.Root)
        try:
            document = RenderedDocument(data, None, password)
        except RenderingError:
            yield from (unreadable_page(index + 1, "SCAN-PAGE-NOT-DRAWN") for index in indexes)
            return
        with document:
            for index in indexes:
                yield _pdf_page(pdf, document, hidden, index)


def _pdf_page(pdf: pikepdf.Pdf, document: RenderedDocument, hidden: HiddenContent, index: int) -> PageScan:
    number = index + 1
    page = pdf.pages[index]
    cost = attempt("cost", lambda: page_cost(page))
    if isinstance(cost, Failure):
        return unreadable_page(number, "SCAN-PAGE-DAMAGED")
    if cost.too_much_content:
        return unreadable_page(number, "SCAN-PAGE-TOO-COSTLY")
    structure = attempt("structure", lambda: read_page(page, hidden))
    if isinstance(structure, Failure):
        return unreadable_page(number, "SCAN-PAGE-DAMAGED")
    known = PageScan(structure.kind, structure.dpi, structure.colour, structure.frame.size_mm)
    if max(known.size_mm) > rules.MAX_SIDE_MM:
        size = f"{known.size_mm[0]:.0f} × {known.size_mm[1]:.0f}"
        return _refused(known, finding("SCAN-PAGE-TOO-LARGE", Severity.ERROR, page=number, size=size))
    if structure.too_large:
        return _refused(known, finding("SCAN-PICTURE-TOO-LARGE", Severity.ERROR, detail=f"{number}"))
    if cost.too_much:
        return _refused(known, finding("SCAN-PAGE-TOO-COSTLY", Severity.ERROR, page=number))
    drawn = attempt("drawing", lambda: overlay.draw_page(document, index, page, structure))
    if isinstance(drawn, Failure):
        return _refused(known, finding("SCAN-PAGE-NOT-DRAWN", Severity.ERROR, page=number))
    return _judged(known, structure, drawn, number)


def _judged(known: PageScan, structure: PageStructure, drawn: overlay.Drawn, number: int) -> PageScan:
    foreign = foreign_findings(structure, drawn, number)
    kind = known.kind
    if kind is ScanKind.DIGITAL:
        digital = finding("SCAN-DIGITAL", Severity.INFO, page=number)
        return replace(known, findings=(*_kept_for_digital(foreign), digital))
    if drawn.boxes or drawn.layered_over:
        kind = ScanKind.MIXED
    elif kind is not ScanKind.MIXED and all(is_camera_picture(picture) for picture in structure.paper):
        kind = ScanKind.PHOTO
    dpi = drawn.picture.shape[1] / max(structure.frame.size_mm[0], 1.0) * 25.4
    skew, captured = capture_findings(drawn.picture, dpi, number)
    page = replace(known, kind=kind, skew_degrees=skew)
    return replace(page, findings=(*rules.law_findings(number, page), *foreign, *_noted(structure, number), *captured))


def foreign_findings(structure: PageStructure, drawn: overlay.Drawn, number: int) -> tuple[Finding, ...]:
    """What a page has that is not the scan, in the order: content, layers, what only the drawing shows, annotations."""
    found = [
        finding(_ADDED[thing], Severity.ERROR, page=number) for thing in dict.fromkeys(t.thing for t in structure.added)
    ]
    if structure.patterned:
        found.append(finding("SCAN-AS-PATTERN", Severity.ERROR, page=number))
    if drawn.layered_over:
        found.append(finding("SCAN-LAYER-ADDED", Severity.ERROR, page=number))
    if drawn.boxes:
        found.append(finding("SCAN-PAINTED-OVER", Severity.ERROR, page=number, places=len(drawn.boxes)))
    if structure.annotations.kinds:
        kinds = ", ".join(structure.annotations.kinds)
        found.append(finding("SCAN-ANNOTATION", Severity.ERROR, page=number, kinds=kinds))
    if structure.hidden:
        found.append(finding("SCAN-HIDDEN-LAYER", Severity.ERROR, page=number))
    elif structure.switchable:
        found.append(finding("SCAN-SWITCHABLE-LAYER", Severity.WARNING, page=number))
    if drawn.signature_boxes:
        found.append(finding("SCAN-SIGNATURE-SHOWN", Severity.WARNING, page=number))
    if structure.failures:
        found.append(finding("SCAN-CONTENT-DAMAGED", Severity.WARNING, page=number))
    return tuple(found)


def _kept_for_digital(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """A page that was never on paper has nothing added to it, but may hide something."""
    return tuple(one for one in found if one.code in ("SCAN-HIDDEN-LAYER", "SCAN-CONTENT-DAMAGED"))


def _noted(structure: PageStructure, number: int) -> tuple[Finding, ...]:
    if structure.paper and all(picture.bilevel for picture in structure.paper):
        return (finding("SCAN-BILEVEL", Severity.INFO, page=number),)
    return ()


# --- pages of picture files ---


def _picture_page(data: bytes, index: int) -> PageScan:
    number = index + 1
    try:
        frame = attempt("frame", lambda: picture_files.read_frame(data, index))
    except UnreadableError as error:
        return replace(unreadable_page(number, "SCAN-PAGE-NOT-DRAWN"), findings=(error.finding,))
    if isinstance(frame, Failure):
        return unreadable_page(number, "SCAN-PAGE-NOT-DRAWN")
    skew, captured = capture_findings(frame.drawn, frame.drawn_dpi, number)
    page = PageScan(frame.kind, frame.dpi, frame.colour, frame.size_mm, skew)
    photo = _photo_findings(frame, number) if frame.kind is ScanKind.PHOTO else ()
    return replace(page, findings=(*rules.law_findings(number, page), *photo, *captured))


def _photo_findings(frame: picture_files.Frame, number: int) -> tuple[Finding, ...]:
    """A photo, or a picture that says neither of a camera nor of a scanner's scale."""
    code = "SCAN-PHOTO" if frame.camera else "SCAN-ORIGIN-UNKNOWN"
    found = [finding(code, Severity.WARNING, page=number)]
    washed = attempt("glare", lambda: quality.glare(frame.drawn, frame.drawn_dpi))
    if washed is True:
        found.append(finding("SCAN-GLARE", Severity.WARNING, page=number))
    return tuple(found)


# --- both ---


def capture_findings(picture: Picture, dpi: float, number: int) -> tuple[float, tuple[Finding, ...]]:
    """The skew, and what is weak in the capture."""
    measured = attempt("quality", lambda: quality.measure(picture, dpi))
    if isinstance(measured, Failure):
        return 0.0, (finding("SCAN-QUALITY-UNKNOWN", Severity.INFO, page=number),)
    if measured.blank:
        return 0.0, (finding("SCAN-BLANK", Severity.WARNING, page=number),)
    found = []
    skew = measured.skew_degrees or 0.0
    if abs(skew) > quality.MAX_SKEW_DEGREES:
        found.append(finding("SCAN-SKEWED", Severity.WARNING, page=number, degrees=f"{abs(skew):.1f}"))
    if measured.rise_mm is not None and measured.rise_mm > quality.MAX_RISE_MM:
        found.append(finding("SCAN-BLURRED", Severity.WARNING, page=number, advised=rules.ADVISED_DPI))
    if measured.upside_down:
        found.append(finding("SCAN-UPSIDE-DOWN", Severity.WARNING, page=number))
    if measured.cut:
        found.append(finding("SCAN-EDGE-CUT", Severity.WARNING, page=number))
    return skew, tuple(found)


def unreadable_page(number: int, code: str) -> PageScan:
    """A page that cannot be looked at."""
    page = PageScan(ScanKind.UNREADABLE, None, Colour.COLOUR, (0.0, 0.0))
    return _refused(page, finding(code, Severity.ERROR, page=number))


def _refused(page: PageScan, why: Finding) -> PageScan:
    return replace(page, kind=ScanKind.UNREADABLE, findings=(*page.findings, why))
