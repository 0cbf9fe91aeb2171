"""Everything that is written into the PDF: bytes in, bytes out, plain values only, no key.

These functions parse untrusted bytes, so ``sign_document`` runs them in the limited worker process; the private key
stays in the parent, which only sees a digest to sign and a gap to fill. pyHanko writes incremental updates: the input
is always an exact prefix of what comes out.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import pikepdf
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp, PdfSignedData, SignatureObject
from pyhanko.sign.validation.dss import DocumentSecurityStore

from signer.appearance import VIETNAM, SealDrawing, draw_seal
from signer.canvas import Canvas, FontObjects
from signer.fonts import FontFiles
from signer.geometry import PageGeometry, Rect, entry, page_geometry
from signer.keys import DIGEST
from signer.placement import FreeSpace, free_space
from signer.qr import draw_mark, encode
from signer.refusal import RefusalCode, SealRefused
from signer.request import ResultMark, SealWording
from verifier.guard import Failure, attempt

MAX_PAGES = 5000
"""A result has some dozens of pages; more would make every later reader slow."""

T = TypeVar("T")


@dataclass(frozen=True)
class Layout:
    """The document with its mark, and what each signature's field will be; fonts that the document holds by now."""

    data: bytes
    fields: tuple[FieldPlan, ...]
    fonts: FontObjects


@dataclass(frozen=True)
class SealWish:
    """A visible signature to find a place for, and the field name it would like to have."""

    field: str
    drawing: SealDrawing


@dataclass(frozen=True)
class FieldPlan:
    """A visible signature in its place: field name, page index, displayed box and what is drawn there."""

    name: str
    page: int
    box: Rect
    drawing: SealDrawing


@dataclass(frozen=True)
class Prepared:
    """A document with a gap for a CMS object: ``data[start:end]`` is the hexadecimal string with its brackets."""

    data: bytes
    digest: bytes
    start: int
    end: int
    fonts: FontObjects = ()

    @property
    def room(self) -> int:
        """Bytes of DER that fit into the gap."""
        return (self.end - self.start - 2) // 2

    def fill(self, der: bytes) -> bytes:
        """The document with the CMS object in its gap, zero-padded.

        Raises:
            ValueError: it does not fit.
        """
        if len(der) > self.room:
            raise ValueError(f"{len(der)} bytes do not fit into {self.room}")
        contents = der.hex().upper().encode("ascii").ljust(2 * self.room, b"0")
        return b"".join((self.data[: self.start + 1], contents, self.data[self.end - 1 :]))


def lay_out(
    document: bytes, wishes: tuple[SealWish, ...], mark: ResultMark | None, wording: SealWording, fonts: FontFiles
) -> Layout:
    """Examine the document, find the places, and write the mark where no signature forbids it.

    1 refuse what must not be signed · 2 a signature there already: the mark moves into our own last field, for on the
    page it would break that signature · 3 else find the mark's place on the first page and write it there ·
    4 find the signatures' places on the last page.

    Raises:
        SealRefused: DOCUMENT-…, CERTIFIED-NO-CHANGES, NO-FREE-SPACE, NO-FREE-SPACE-FOR-CODE or a text problem.
    """
    return _guarded(partial(_lay_out, document, wishes, mark, wording, fonts))


def prepare_signature(document: bytes, plan: FieldPlan, room: int, fonts: FontFiles, known: FontObjects) -> Prepared:
    """Write the signature's field, appearance and dictionary, and leave a gap of ``room`` bytes for the CMS.

    Raises:
        SealRefused: the text does not fit, or the document is damaged.
    """
    return _guarded(partial(_prepare_signature, document, plan, room, fonts, known))


def prepare_timestamp(document: bytes, field: str, room: int) -> Prepared:
    """Write the invisible field of a document time stamp (ISO 32000-2 12.8.5) with a gap for its token.

    Raises:
        SealRefused: DOCUMENT-DAMAGED.
    """
    return _guarded(partial(_prepare_timestamp, document, field, room))


def add_evidence(
    document: bytes, certificates: tuple[bytes, ...], crls: tuple[bytes, ...], ocsps: tuple[bytes, ...]
) -> bytes:
    """Add DER certificates, CRLs and OCSP responses to the document security store (ISO 32000-2 12.8.4.3).

    Written by us because pyHanko's own way leaves out CRLs whose distribution point names a cRLIssuer.

    Raises:
        SealRefused: DOCUMENT-DAMAGED.
    """
    return _guarded(partial(_add_evidence, document, certificates, crls, ocsps))


def _guarded(work: Callable[[], T]) -> T:
    """Our refusals pass through; whatever else a hostile document makes the parsers raise means it is damaged."""

    def run() -> T | SealRefused:
        try:
            return work()
        except SealRefused as refusal:
            return refusal

    result = attempt("sign", run)
    if isinstance(result, Failure):
        raise SealRefused(RefusalCode.DOCUMENT_DAMAGED, (("detail", result.detail),))
    if isinstance(result, SealRefused):
        raise result
    return result


def _open(document: bytes) -> IncrementalPdfFileWriter:
    return IncrementalPdfFileWriter(io.BytesIO(document), strict=False)


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def _lay_out(
    document: bytes, wishes: tuple[SealWish, ...], mark: ResultMark | None, wording: SealWording, fonts: FontFiles
) -> Layout:
    writer = _open(document)
    pages = _examine(writer.prev, document)
    names = _free_names([wish.field for wish in wishes], writer.prev)
    drawings = [wish.drawing for wish in wishes]
    first, space = _space(writer, document, 0)
    data = document
    held: FontObjects = ()
    if mark is not None and writer.prev.embedded_signatures:
        drawings[-1] = replace(drawings[-1], mark=mark)
    elif mark is not None:
        box, shape = space.place_mark(len(encode(mark.url)))
        canvas = Canvas(fonts)
        draw_mark(canvas, Rect(0, 0, box.width, box.height), shape, mark, wording)
        data, held = _write_mark(writer, document, first, box, canvas)
    if pages > 1:
        _, space = _space(writer, document, pages - 1)
    boxes = space.place_seals([drawing.size for drawing in drawings])
    fields = (FieldPlan(*parts) for parts in zip(names, [pages - 1] * len(names), boxes, drawings, strict=True))
    return Layout(data, tuple(fields), held)


def _examine(reader: PdfFileReader, document: bytes) -> int:
    """Refuse what must not be signed; answer the number of pages."""
    if reader.encrypted:
        raise SealRefused(RefusalCode.DOCUMENT_ENCRYPTED)
    if reader.xrefs.hybrid_xrefs_present:
        raise SealRefused(RefusalCode.DOCUMENT_HYBRID)
    if "/XFA" in _dictionary(entry(reader.root, "/AcroForm")):
        raise SealRefused(RefusalCode.DOCUMENT_XFA)
    for signature in reader.embedded_signatures:
        if signature.docmdp_level is MDPPerm.NO_CHANGES:
            raise SealRefused(RefusalCode.CERTIFIED_NO_CHANGES)
    with pikepdf.open(io.BytesIO(document), suppress_warnings=True) as second:
        pages = len(second.pages)
    if pages != int(reader.root["/Pages"]["/Count"]) or pages == 0:
        raise SealRefused(RefusalCode.DOCUMENT_DAMAGED, (("detail", "two parsers count different pages"),))
    if pages > MAX_PAGES:
        raise SealRefused(RefusalCode.DOCUMENT_TOO_MANY_PAGES, (("pages", str(pages)), ("limit", str(MAX_PAGES))))
    return pages


def _space(writer: IncrementalPdfFileWriter, document: bytes, index: int) -> tuple[PageGeometry, FreeSpace]:
    page = writer.find_page_for_modification(index)[0].get_object()
    geometry = page_geometry(page)
    return geometry, free_space(document, index, geometry.size, _annotation_boxes(page, geometry))


def _annotation_boxes(page: generic.DictionaryObject, geometry: PageGeometry) -> Iterable[Rect]:
    """Where annotations are or will be (an empty signature field shows nothing yet)."""
    for annotation in _array(entry(page, "/Annots")):
        rect = _array(entry(_dictionary(annotation), "/Rect"))
        if len(rect) == 4:
            x0, y0, x1, y1 = (float(value) for value in rect)
            yield geometry.to_displayed(Rect(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))


def _free_names(wanted: list[str], reader: PdfFileReader) -> tuple[str, ...]:
    """The wanted field names, with a number where the document has such a field already."""
    fields = _array(entry(_dictionary(entry(reader.root, "/AcroForm")), "/Fields"))
    taken = {str(entry(_dictionary(field), "/T")) for field in fields}
    names: list[str] = []
    for base in wanted:
        name, number = base, 1
        while name in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name)
        names.append(name)
    return tuple(names)


def _write_mark(
    writer: IncrementalPdfFileWriter, document: bytes, geometry: PageGeometry, box: Rect, canvas: Canvas
) -> tuple[bytes, FontObjects]:
    """Add the mark to the first page's content, in a graphics state that the page's own content cannot disturb."""
    form, fonts = _form(writer, canvas, box, (1, 0, 0, 1, 0, 0), ())
    reference, inherited = writer.find_page_for_modification(0)
    page = reference.get_object()
    resources = generic.DictionaryObject(_dictionary(inherited))
    pictures = generic.DictionaryObject(_dictionary(entry(resources, "/XObject")))
    name = next(f"/AnTin{number}" for number in range(1, 1_000_000) if f"/AnTin{number}" not in pictures)
    pictures[pdf_name(name)] = form
    resources[pdf_name("/XObject")] = pictures
    page[pdf_name("/Resources")] = resources
    opened, closed = _saved_states(document)
    matrix = b" ".join(b"%.5f" % value for value in geometry.matrix)
    drawing = b"\n%s q %s cm q 1 0 0 1 %.3f %.3f cm %s Do Q Q\n" % (
        b"Q " * closed,
        matrix,
        box.x0,
        box.y0,
        name.encode("ascii"),
    )
    contents = page.raw_get("/Contents") if "/Contents" in page else generic.ArrayObject()
    if isinstance(contents, generic.IndirectObject) and isinstance(contents.get_object(), generic.ArrayObject):
        contents = contents.get_object()
    old = list(contents) if isinstance(contents, generic.ArrayObject) else [contents]
    before = writer.add_object(generic.StreamObject(stream_data=b"q " * opened + b"\n"))
    after = writer.add_object(generic.StreamObject(stream_data=drawing))
    page[pdf_name("/Contents")] = generic.ArrayObject([before, *old, after])
    writer.mark_update(reference)
    return _written(writer), fonts


def _saved_states(document: bytes) -> tuple[int, int]:
    """How often to save the graphics state before the first page's content and to restore it after.

    Content may restore more often than it saves, or leave states saved: both happen in the field.
    """
    depth = lowest = 0
    with pikepdf.open(io.BytesIO(document), suppress_warnings=True) as opened:
        for instruction in pikepdf.parse_content_stream(opened.pages[0], operators="q Q"):
            depth += 1 if str(instruction.operator) == "q" else -1
            lowest = min(lowest, depth)
    saved = 1 - lowest
    return saved, saved + depth


def _dictionary(value: object) -> generic.DictionaryObject:
    """A dictionary, its reference followed; an empty one in place of anything else."""
    resolved = value.get_object() if isinstance(value, generic.IndirectObject) else value
    return resolved if isinstance(resolved, generic.DictionaryObject) else generic.DictionaryObject()


def _array(value: object) -> list[Any]:
    """The elements of an array, references followed; none in place of anything else."""
    if not isinstance(value, generic.ArrayObject):
        return []
    return [item.get_object() if isinstance(item, generic.IndirectObject) else item for item in value]


def _form(
    writer: IncrementalPdfFileWriter,
    canvas: Canvas,
    box: Rect,
    matrix: tuple[float, ...],
    known: FontObjects,
) -> tuple[generic.IndirectObject, FontObjects]:
    """What the canvas holds as a form XObject of the box's size (ISO 32000-2 8.10)."""
    resources, fonts = canvas.resources(writer, known)
    form = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): _floats((0, 0, box.width, box.height)),
            pdf_name("/Matrix"): _floats(matrix),
            pdf_name("/Resources"): resources,
        },
        stream_data=canvas.stream,
    )
    form.compress()
    return writer.add_object(form), fonts


def _floats(values: Iterable[float]) -> generic.ArrayObject:
    return generic.ArrayObject([generic.FloatObject(round(value, 4)) for value in values])


def _prepare_signature(document: bytes, plan: FieldPlan, room: int, fonts: FontFiles, known: FontObjects) -> Prepared:
    writer = _open(document)
    _declare_pades(writer)
    geometry = page_geometry(writer.find_page_for_modification(plan.page)[0].get_object())
    canvas = Canvas(fonts)
    draw_seal(canvas, plan.drawing)
    form, held = _form(writer, canvas, plan.box, geometry.turn, known)
    rect = geometry.to_user(plan.box)
    spec = SigFieldSpec(
        plan.name,
        on_page=plan.page,
        box=(rect.x0, rect.y0, rect.x1, rect.y1),  # type: ignore[arg-type]  # annotated as integers, written as reals
        readable_field_name=plan.drawing.appearance.name,
    )
    placeholder = SignatureObject(
        bytes_reserved=2 * room,
        subfilter=SigSeedSubFilter.PADES,
        timestamp=plan.drawing.at.astimezone(VIETNAM),
        name=plan.drawing.appearance.name,
    )
    embedder = PdfCMSEmbedder(new_field_spec=spec).write_cms(plan.name, writer)
    field = next(embedder).get_object()
    field[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): form})
    return _leave_gap(embedder, placeholder, held)


def _prepare_timestamp(document: bytes, field: str, room: int) -> Prepared:
    writer = _open(document)
    _declare_pades(writer)
    (name,) = _free_names([field], writer.prev)
    embedder = PdfCMSEmbedder(new_field_spec=SigFieldSpec(name)).write_cms(name, writer)
    next(embedder)
    return _leave_gap(embedder, DocumentTimestamp(bytes_reserved=2 * room), ())


def _leave_gap(embedder: Generator[Any, Any, None], placeholder: PdfSignedData, fonts: FontObjects) -> Prepared:
    embedder.send(SigObjSetup(sig_placeholder=placeholder))
    prepared, output = embedder.send(SigIOSetup(md_algorithm=DIGEST))
    embedder.close()
    data = output.getvalue()
    return Prepared(data, prepared.document_digest, prepared.reserved_region_start, prepared.reserved_region_end, fonts)


def _declare_pades(writer: IncrementalPdfFileWriter) -> None:
    """EN 319 142-1 §5.1: a PDF 1.7 file with PAdES structures declares ETSI's extension."""
    writer.ensure_output_version((1, 7))
    if writer.output_version < (2, 0):
        writer.register_extension(ESIC_EXTENSION_1)


def _add_evidence(
    document: bytes, certificates: tuple[bytes, ...], crls: tuple[bytes, ...], ocsps: tuple[bytes, ...]
) -> bytes:
    writer = _open(document)
    _declare_pades(writer)
    parts = {
        "certs": [x509.Certificate.load(der) for der in certificates],
        "crls": [asn1_crl.CertificateList.load(der) for der in crls],
        "ocsps": [asn1_ocsp.OCSPResponse.load(der) for der in ocsps],
    }
    if "/DSS" in writer.root:
        store = DocumentSecurityStore.read_dss(writer)
        store.register_vri(None, **parts)
        store.as_pdf_object()
    else:
        store = DocumentSecurityStore(writer)
        store.register_vri(None, **parts)
        writer.root[pdf_name("/DSS")] = writer.add_object(store.as_pdf_object())
        writer.update_root()
    return _written(writer)


def digest_of(data: bytes) -> str:
    """Hex SHA-256."""
    return hashlib.sha256(data).hexdigest()


def seal_time(at: datetime) -> datetime:
    """The time of signing as it is printed and recorded: whole seconds."""
    return at.replace(microsecond=0)
