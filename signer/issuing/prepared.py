"""The fields of a letter before anybody has signed it: leader, number, day, month, seal, each empty in its place.

A certification with DocMDP P = 2 lets others sign in fields that are there, in every reader (ADR 0016). Runs in the
limited worker process (see ``signer.update``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from signer.agencies import AGENCY_FIELD, PERSON_FIELD
from signer.appearance import SealDrawing
from signer.arrangement import field_parts
from signer.earlier import EmptyField, empty_fields
from signer.fields import FieldPlan
from signer.fonts import FontFiles
from signer.geometry import MM, Rect, entry, page_geometry
from signer.issuing.entry import HeadEntry
from signer.issuing.head import FoundHead
from signer.issuing.typed import field_box, typed_in
from signer.output import OutputRules
from signer.placement import annotation_boxes
from signer.places import Pages, Placed
from signer.profile import PlacementProfile
from signer.refusal import RefusalCode, SealRefused
from signer.request import Role
from signer.update import array, dictionary
from verifier.drawing.placed.heads import BlankKind

HEAD_FIELDS = {BlankKind.NUMBER: "AnTin-So", BlankKind.DAY: "AnTin-Ngay", BlankKind.MONTH: "AnTin-Thang"}
OWN_FIELDS = frozenset({PERSON_FIELD, AGENCY_FIELD, *HEAD_FIELDS.values()})

SAME_SIZE = 0.5 * MM
"""By which a prepared field may differ from its seal."""


def field_names(pages: Pages) -> frozenset[str]:
    """The names of the form's top fields, signed or empty."""
    form = dictionary(entry(pages.writer.prev.root, "/AcroForm"))
    return frozenset(str(entry(dictionary(field), "/T")) for field in array(entry(form, "/Fields")))


def ready_fields(pages: Pages) -> dict[str, EmptyField]:
    """The empty fields of a letter that this service has prepared; none where it has not."""
    if not OWN_FIELDS & field_names(pages):
        return {}
    return empty_fields(pages.writer.prev, pages.count, pages.geometry)


def in_ready_fields(
    ready: dict[str, EmptyField], names: Sequence[str], drawings: Sequence[SealDrawing], profile: PlacementProfile
) -> list[Placed] | None:
    """The seals in the fields that were prepared for them; None where one is missing."""
    templates = {Role.AUTHORISED_PERSON: profile.person_field, Role.AGENCY: profile.agency_field}
    placed = []
    for name, drawing in zip(names, drawings, strict=True):
        found = ready.get(name) or ready.get(templates[drawing.role] or "")
        if found is None or not _fits(drawing, found.box):
            return None
        box = found.box
        shown = drawing.role is Role.AGENCY or drawing.appearance.picture is not None
        parts = field_parts(box, box if shown else None, None if shown else box)
        placed.append(Placed(found.page, box, drawing.placed(parts), found.name))
    return placed


def _fits(drawing: SealDrawing, box: Rect) -> bool:
    """A seal in its real size only."""
    diameter = drawing.appearance.diameter_mm * MM
    return drawing.role is not Role.AGENCY or min(box.width, box.height) >= diameter - SAME_SIZE


def head_plans(
    pages: Pages, found: FoundHead, written: HeadEntry, by: SealDrawing, fonts: FontFiles, rules: OutputRules
) -> list[FieldPlan]:
    """The agency's signatures in the blanks of the head.

    Raises:
        SealRefused: HEAD-SAYS-OTHERWISE, HEAD-WRITTEN-ALREADY, HEAD-BLANK-TOO-NARROW.
    """
    found.head.agrees(written)
    ready, names, index = ready_fields(pages), field_names(pages), found.head.page
    plans = []
    for place in found.places:
        name, box = HEAD_FIELDS[place.kind], field_box(place)
        waiting = ready.get(name)
        if waiting is not None and waiting.page == index:
            box = waiting.box
        elif name in names:
            raise SealRefused(RefusalCode.HEAD_WRITTEN_ALREADY)
        typed = typed_in(place, written.texts[place.kind], box, fonts)
        drawing = replace(by, typed=typed, mark=None, parts=field_parts(box, None))
        plans.append(FieldPlan(name, index, box, drawing, existing=waiting is not None, rules=rules))
    return plans


def check_untouched(pages: Pages, found: FoundHead) -> None:
    """Nothing but the fields prepared for it stands on a blank.

    Raises:
        SealRefused: HEAD-WRITTEN-ALREADY.
    """
    index = found.head.page
    own = [field.box for name, field in ready_fields(pages).items() if name in HEAD_FIELDS.values()]
    page = pages.writer.find_page_for_modification(index)[0].get_object()
    taken = [box for box in annotation_boxes(page, pages.geometry(index)) if box not in own]
    for place in found.places:
        inner = replace(place.box, y0=place.setting.base, y1=place.setting.base + place.setting.size / 2)
        if any(box.overlaps(inner) for box in taken):
            raise SealRefused(RefusalCode.HEAD_WRITTEN_ALREADY)


def keep_free(pages: Pages, found: FoundHead) -> None:
    """Let no mark and no seal stand where number and date belong."""
    for place in found.places:
        pages.space(found.head.page).take(field_box(place))


def add_empty(writer: IncrementalPdfFileWriter, plans: Sequence[FieldPlan], found: FoundHead | None) -> None:
    """Write the fields of these seals and of the head's blanks, empty."""
    boxes = [(plan.name, plan.page, _bare(plan)) for plan in plans if not plan.existing]
    if found is not None:
        boxes += [(HEAD_FIELDS[place.kind], found.head.page, field_box(place)) for place in found.places]
    for name, page, box in boxes:
        rect = page_geometry(writer.find_page_for_modification(page)[0].get_object()).to_user(box)
        corners = (rect.x0, rect.y0, rect.x1, rect.y1)
        append_signature_field(writer, SigFieldSpec(name, on_page=page, box=corners))  # type: ignore[arg-type]


def _bare(plan: FieldPlan) -> Rect:
    """The picture's place alone, where words would stand beside it: the letter itself says who signs."""
    parts = plan.drawing.layout
    inner = parts.picture or parts.words
    return plan.box if inner is None else inner.moved(plan.box.x0, plan.box.y0)
