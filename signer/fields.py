"""A signature's field, appearance and dictionary, with a gap where the CMS object will stand.

Runs in the limited worker process (see ``signer.update``); only ``Prepared`` is also used by the parent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from dataclasses import dataclass
from functools import partial
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp, PdfSignedData, SignatureObject

from signer.appearance import VIETNAM, SealDrawing, draw_seal
from signer.canvas import Canvas, FontObjects
from signer.earlier import PICTURE_ENTRY
from signer.fonts import FontFiles
from signer.geometry import Rect, entry, page_geometry
from signer.keys import DIGEST
from signer.output import ANY_PDF, OutputRules, output_rules
from signer.request import Role
from signer.update import array, declare_pades, dictionary, floats, form_of, guarded, open_update

CERTIFICATION = SigMDPSetup(md_algorithm=DIGEST, certify=True, docmdp_perms=MDPPerm.FILL_FORMS)
"""P = 2: others may sign in the fields that are there (ISO 32000-2 table 257)."""


@dataclass(frozen=True)
class FieldPlan:
    """A visible signature in its place: field name, page index, displayed box and what is drawn there.

    ``existing``: the document has this field already, empty. ``certifies``: with DocMDP, signing allowed.
    """

    name: str
    page: int
    box: Rect
    drawing: SealDrawing
    existing: bool = False
    certifies: bool = False
    rules: OutputRules = ANY_PDF


@dataclass(frozen=True)
class Prepared:
    """A document with a gap for a CMS object: ``data[start:end]`` is the hexadecimal string with its brackets."""

    data: bytes
    start: int
    end: int
    fonts: FontObjects = ()

    @property
    def digest(self) -> bytes:
        """SHA-256 of the bytes around the gap, computed where it is asked for: a worker's word is not signed."""
        around = hashlib.new(DIGEST, self.data[: self.start])
        around.update(self.data[self.end :])
        return around.digest()

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


def prepare_signature(document: bytes, plan: FieldPlan, room: int, fonts: FontFiles, known: FontObjects) -> Prepared:
    """Write the signature's field, appearance and dictionary, and leave a gap of ``room`` bytes for the CMS.

    Raises:
        SealRefused: the text does not fit, or the document is damaged.
    """
    return guarded(partial(_prepare_signature, document, plan, room, fonts, known))


def prepare_timestamp(document: bytes, field: str, room: int) -> Prepared:
    """Write the invisible field of a document time stamp (ISO 32000-2 12.8.5) with a gap for its token.

    Raises:
        SealRefused: DOCUMENT-DAMAGED.
    """
    return guarded(partial(_prepare_timestamp, document, field, room))


def free_names(wanted: list[str], reader: PdfFileReader) -> tuple[str, ...]:
    """The wanted field names, with a number where the document has such a field already."""
    fields = array(entry(dictionary(entry(reader.root, "/AcroForm")), "/Fields"))
    taken = {str(entry(dictionary(field), "/T")) for field in fields}
    names: list[str] = []
    for base in wanted:
        name, number = base, 1
        while name in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name)
        names.append(name)
    return tuple(names)


def _prepare_signature(document: bytes, plan: FieldPlan, room: int, fonts: FontFiles, known: FontObjects) -> Prepared:
    writer = open_update(document)
    declare_pades(writer)
    geometry = page_geometry(writer.find_page_for_modification(plan.page)[0].get_object())
    canvas = Canvas(fonts, plan.rules)
    draw_seal(canvas, plan.drawing)
    form, held = form_of(writer, canvas, plan.box, geometry.turn, known)
    picture = plan.drawing.layout.picture
    if picture is not None and plan.drawing.role is Role.AUTHORISED_PERSON:
        form.get_object()[pdf_name(PICTURE_ENTRY)] = floats((picture.x0, picture.y0, picture.x1, picture.y1))
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
        reason=plan.drawing.reason,
    )
    maker = PdfCMSEmbedder(new_field_spec=None if plan.existing else spec)
    embedder = maker.write_cms(plan.name, writer, existing_fields_only=plan.existing)
    field = next(embedder).get_object()
    kids = array(entry(field, "/Kids"))
    widget = dictionary(kids[0]) if kids else field
    widget[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): form})
    writer.update_container(widget)
    return _leave_gap(embedder, placeholder, held, CERTIFICATION if plan.certifies else None)


def _prepare_timestamp(document: bytes, field: str, room: int) -> Prepared:
    writer = open_update(document)
    declare_pades(writer)
    (name,) = free_names([field], writer.prev)
    embedder = PdfCMSEmbedder(new_field_spec=SigFieldSpec(name)).write_cms(name, writer)
    widget = next(embedder).get_object()
    if output_rules(writer.prev.root).every_field_shown:
        empty = generic.StreamObject(
            {
                pdf_name("/Type"): pdf_name("/XObject"),
                pdf_name("/Subtype"): pdf_name("/Form"),
                pdf_name("/BBox"): floats((0, 0, 0, 0)),
            },
            stream_data=b"",
        )
        widget[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(empty)})
    return _leave_gap(embedder, DocumentTimestamp(bytes_reserved=2 * room), ())


def _leave_gap(
    embedder: Generator[Any, Any, None],
    placeholder: PdfSignedData,
    fonts: FontObjects,
    certification: SigMDPSetup | None = None,
) -> Prepared:
    embedder.send(SigObjSetup(sig_placeholder=placeholder, mdp_setup=certification))
    prepared, output = embedder.send(SigIOSetup(md_algorithm=DIGEST))
    embedder.close()
    data = output.getvalue()
    return Prepared(data, prepared.reserved_region_start, prepared.reserved_region_end, fonts)
