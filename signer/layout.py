"""Before the first signature: may this document be signed, where do mark and seals go, and the mark written.

Runs in the limited worker process (see ``signer.update``).
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm

from signer.appearance import SealDrawing, check_pictures, note_size
from signer.arrangement import field_parts
from signer.canvas import Canvas, FontObjects
from signer.fields import FieldPlan, Prepared, free_names, prepare_signature
from signer.fonts import FontFiles
from signer.geometry import MM, PageGeometry, Rect, entry
from signer.issuing.entry import HeadEntry
from signer.issuing.head import find_head
from signer.issuing.prepared import check_untouched, head_plans, in_ready_fields, keep_free, ready_fields
from signer.output import OutputRules, output_rules
from signer.places import Pages, Placed, place
from signer.profile import NO_WISHES, Method, PlacementProfile
from signer.qr import draw_mark, encode
from signer.refusal import RefusalCode, SealRefused
from signer.request import ResultMark, SealWording
from signer.update import array, dictionary, form_of, guarded, open_update, written
from verifier.pdf.active_content import (
    ACTING,
    ELSEWHERE,
    HIDING,
    ActiveContent,
    TooManyObjectsError,
    find_active_content,
)

MAX_PAGES = 5000
"""A result has some dozens of pages; more would make every later reader slow."""

MAX_FIELDS = 10_000
"""Fields looked at; a form of more, or one that contains itself, is taken for one that can be filled."""


@dataclass(frozen=True)
class Layout:
    """The document with its mark, and what each signature's field will be; fonts that the document holds by now.

    ``method`` is the way in which the seals' places were found; None for notes, which have one place only.
    """

    data: bytes
    fields: tuple[FieldPlan, ...]
    fonts: FontObjects
    method: Method | None = None


@dataclass(frozen=True)
class Act:
    """What is done besides sealing: number and date written by the last step, the first signature certifying."""

    entry: HeadEntry | None = None
    certify: bool = False


SEALS_ALONE = Act()


@dataclass(frozen=True)
class SealWish:
    """A visible signature to find a place for, and the field name it would like to have."""

    field: str
    drawing: SealDrawing


def lay_out(
    document: bytes,
    wishes: tuple[SealWish, ...],
    mark: ResultMark | None,
    wording: SealWording,
    fonts: FontFiles,
    profile: PlacementProfile = NO_WISHES,
    act: Act = SEALS_ALONE,
) -> Layout:
    """Examine the document, find the places, and write the mark where no signature forbids it.

    1 refuse what must not be signed · 2 a signature there already: the mark moves into our own last field, for on the
    page it would break that signature · 3 else find the mark's place on the first page and write it there ·
    4 find the signatures' places: the fields that were prepared for them, else by the ways that the profile lists;
    notes go top right on the first page · 5 number and date in the blanks of the head, before the seal.

    Raises:
        SealRefused: DOCUMENT-…, CERTIFIED-NO-CHANGES, NO-FREE-SPACE, SEAL-PLACE-NOT-FOUND, NO-FREE-SPACE-FOR-CODE, a
            text or a picture problem; 5: HEAD-….
    """

    def work() -> Layout:
        check_pictures(wish.drawing for wish in wishes)
        writer = open_update(document)
        with Pages(writer, document, examine(writer.prev, document)) as pages:
            layout = laid_out(document, pages, wishes, mark, wording, fonts, profile, act.entry)
            certifies = act.certify and not writer.prev.embedded_signatures
        first, *others = layout.fields
        return replace(layout, fields=(replace(first, certifies=certifies), *others))

    return guarded(work)


def lay_out_and_prepare(
    document: bytes,
    wishes: tuple[SealWish, ...],
    mark: ResultMark | None,
    wording: SealWording,
    fonts: FontFiles,
    profile: PlacementProfile,
    act: Act,
    room: int,
) -> tuple[Layout, Prepared]:
    """``lay_out``, and at once the first signature's field with a gap of ``room`` bytes (``prepare_signature``).

    Raises:
        SealRefused: as both.
    """
    layout = lay_out(document, wishes, mark, wording, fonts, profile, act)
    return layout, prepare_signature(layout.data, layout.fields[0], room, fonts, layout.fonts)


def laid_out(
    document: bytes,
    pages: Pages,
    wishes: tuple[SealWish, ...],
    mark: ResultMark | None,
    wording: SealWording,
    fonts: FontFiles,
    profile: PlacementProfile,
    clerk: HeadEntry | None = None,
) -> Layout:
    """Steps 2 to 5 of ``lay_out`` on an examined document; ``clerk`` is what goes into the blanks of its head.

    Raises:
        SealRefused: as ``lay_out`` for these steps.
    """
    writer = pages.writer
    rules = output_rules(writer.prev.root)
    names = free_names([wish.field for wish in wishes], writer.prev)
    drawings = [wish.drawing for wish in wishes]
    data = document
    held: FontObjects = ()
    found = None if clerk is None else find_head(pages)
    if found is not None:
        check_untouched(pages, found)
        keep_free(pages, found)
    prepared = in_ready_fields(ready_fields(pages), [wish.field for wish in wishes], drawings, profile)
    if mark is None or prepared is not None:
        pass  # a prepared letter shows it already
    elif writer.prev.embedded_signatures and any(drawing.note for drawing in drawings):
        pass  # a copy's field holds its text alone, and the page is signed: such a copy is checked by its file
    elif writer.prev.embedded_signatures:
        drawings[-1] = replace(drawings[-1], mark=mark)
    else:
        box, shape = pages.space(0).place_mark(len(encode(mark.url)))
        canvas = Canvas(fonts, rules)
        draw_mark(canvas, Rect(0, 0, box.width, box.height), shape, mark, wording)
        data, held = _write_mark(writer, document, pages.geometry(0), box, canvas)
    method: Method | None = None
    if any(drawing.note for drawing in drawings):
        placed = _place_notes(pages, drawings, Canvas(fonts))
    elif prepared is not None:
        placed = prepared
    else:
        placed, method = place(pages, drawings, profile)
    fields = [_planned(one, name, rules) for one, name in zip(placed, names, strict=True)]
    if clerk is not None and found is not None:
        fields[-1:] = [*head_plans(pages, found, clerk, wishes[-1].drawing, fonts, rules), fields[-1]]
    return Layout(data, tuple(fields), held, method)


def _planned(placed: Placed, name: str, rules: OutputRules) -> FieldPlan:
    taken = placed.field is not None
    return FieldPlan(placed.field or name, placed.page, placed.box, placed.drawing, existing=taken, rules=rules)


def _place_notes(pages: Pages, drawings: list[SealDrawing], canvas: Canvas) -> list[Placed]:
    """Each note at the top right of the first page, under the one before (NĐ 30/2020 Phụ lục I)."""
    placed = []
    for drawing in drawings:
        sizes = [note_size(canvas, lines) for lines in drawing.note]
        found = pages.space(0).place_note(sizes)
        if found is None:
            width_mm, height_mm = f"{sizes[-1][0] / MM:.0f}", f"{sizes[-1][1] / MM:.0f}"
            raise SealRefused(RefusalCode.NO_SPACE_TOP_RIGHT, (("width_mm", width_mm), ("height_mm", height_mm)))
        index, box = found
        parts = field_parts(box, None)
        placed.append(Placed(0, box, replace(drawing, note=(drawing.note[index],), parts=parts)))
    return placed


def examine(reader: PdfFileReader, document: bytes) -> int:
    """Refuse what must not be signed; answer the number of pages."""
    if reader.encrypted:
        raise SealRefused(RefusalCode.DOCUMENT_ENCRYPTED)
    if reader.xrefs.hybrid_xrefs_present:
        raise SealRefused(RefusalCode.DOCUMENT_HYBRID)
    if "/XFA" in dictionary(entry(reader.root, "/AcroForm")):
        raise SealRefused(RefusalCode.DOCUMENT_XFA)
    if _can_be_filled(reader):
        raise SealRefused(RefusalCode.DOCUMENT_FILLABLE)
    _refuse_active_content(document)
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


def _refuse_active_content(document: bytes) -> None:
    """A seal vouches for what is seen: nothing may run, come along unseen or be switched on later."""
    try:
        found = find_active_content(document)
    except TooManyObjectsError:
        raise SealRefused(RefusalCode.DOCUMENT_TOO_COSTLY) from None
    for code, kinds in (
        (RefusalCode.DOCUMENT_SCRIPT, ACTING),
        (RefusalCode.DOCUMENT_EMBEDDED_FILES, {ActiveContent.EMBEDDED_FILES}),
        (RefusalCode.DOCUMENT_HIDDEN_CONTENT, HIDING | ELSEWHERE),
    ):
        if found & kinds:
            raise SealRefused(code)


def _can_be_filled(reader: PdfFileReader) -> bool:
    """Is there a field without a value, but for signatures: whoever fills it in later breaks no signature."""
    form = dictionary(entry(reader.root, "/AcroForm"))
    left = [(dictionary(field), "", "") for field in array(entry(form, "/Fields"))]
    for field, above, inherited in left:  # grows on the way
        kind, value = str(entry(field, "/FT") or above), str(entry(field, "/V") or inherited).strip()
        kids = array(entry(field, "/Kids"))
        if len(left) > MAX_FIELDS or (not kids and kind not in ("", "/Sig") and value in ("", "/Off")):
            return True
        left.extend((dictionary(kid), kind, value) for kid in kids)
    return False


def _write_mark(
    writer: IncrementalPdfFileWriter, document: bytes, geometry: PageGeometry, box: Rect, canvas: Canvas
) -> tuple[bytes, FontObjects]:
    """Add the mark to the first page's content, in a graphics state that the page's own content cannot disturb."""
    form, fonts = form_of(writer, canvas, box, (1, 0, 0, 1, 0, 0), ())
    reference, inherited = writer.find_page_for_modification(0)
    page = reference.get_object()
    resources = generic.DictionaryObject(dictionary(inherited))
    pictures = generic.DictionaryObject(dictionary(entry(resources, "/XObject")))
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
    return written(writer), fonts


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
