"""The seals' places on a document's pages, by the ways that the agency's profile lists.

Between title and name · in named empty fields · in a corner · in free space · out in the margins · else a refusal with
the reason. Runs in the limited worker process (see ``signer.update``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signer.anchors import Anchor, find_anchor
from signer.appearance import GAP, PERSON_WORDS_MM, SealDrawing, mark_size, picture_size
from signer.arrangement import Group, alone, field_parts, groups, may_part, seal_over
from signer.earlier import EarlierPicture, EmptyField, earlier_picture, empty_fields
from signer.geometry import MM, PageGeometry, Rect, page_geometry
from signer.page_text import PageText, read_page_text
from signer.placement import CLEARANCE, EDGE, MARGIN_EDGE, FreeSpace, annotation_boxes, free_space, opened
from signer.profile import Corner, Method, PlacementProfile
from signer.refusal import RefusalCode, SealRefused
from signer.request import Role
from verifier.drawing.rendering import RenderedDocument

MAX_TEXT_PAGES = 60
"""Pages from the last one upwards that are read for title and name: appendices may follow the signature."""

SCALES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
LEAST_SIGNATURE = 14.0 * MM
"""Narrower, a signature is no picture of one."""

COLUMN = 10.0 * MM
"""On each side of the column's middle: where nothing may be drawn between title and name."""

LEAST_WORDS = 10.0 * MM
WANDER = 1.5 * MM
WANDERINGS = 6

MAX_FIELD_SHARE = 0.45
"""Of a page that a field may take up: our own checker calls a field over half a page a covered page."""


@dataclass(frozen=True)
class Placed:
    """One seal in its place; ``field`` is the empty field of the document that it takes, if any."""

    page: int
    box: Rect
    drawing: SealDrawing
    field: str | None = None


class Pages:
    """The pages of one document, each rendered and read at most once; places found are taken from then on.

    Close it when done (``with Pages(…) as pages``).
    """

    def __init__(self, writer: IncrementalPdfFileWriter, document: bytes, count: int) -> None:
        self.writer, self.count = writer, count
        self._document = document
        self._opened: RenderedDocument | None = None
        self.geometry = cache(self._geometry)
        self.space = cache(self._space)
        self.text = cache(self._text)

    def __enter__(self) -> Pages:
        return self

    def __exit__(self, *_: object) -> None:
        if self._opened is not None:
            self._opened.close()

    @property
    def rendered(self) -> RenderedDocument:
        """The document as PDFium has it open."""
        if self._opened is None:
            self._opened = opened(self._document)
        return self._opened

    def _page(self, index: int) -> generic.DictionaryObject:
        page = self.writer.find_page_for_modification(index)[0].get_object()
        assert isinstance(page, generic.DictionaryObject)
        return page

    def _geometry(self, index: int) -> PageGeometry:
        return page_geometry(self._page(index))

    def _space(self, index: int) -> FreeSpace:
        geometry = self.geometry(index)
        return free_space(self.rendered, index, geometry.size, annotation_boxes(self._page(index), geometry))

    def _text(self, index: int) -> PageText:
        return read_page_text(self.rendered.page(index), self.geometry(index))

    def space_without(self, index: int, field: Rect) -> FreeSpace:
        """The page as if the field at this place were not there: what the page itself shows beneath it counts."""
        geometry = self.geometry(index)
        taken = [box for box in annotation_boxes(self._page(index), geometry) if box != field]
        rect = geometry.to_user(field)
        without = ((rect.x0, rect.y0, rect.x1, rect.y1),)
        with opened(self._document) as apart:
            return free_space(apart, index, geometry.size, taken, without)


def place(pages: Pages, drawings: Sequence[SealDrawing], profile: PlacementProfile) -> tuple[list[Placed], Method]:
    """Find the places, and say by which way they were found.

    Raises:
        SealRefused: NO-FREE-SPACE (what was needed at least), SEAL-PLACE-NOT-FOUND (which ways were tried).
    """
    for method in profile.methods:
        found = _by(method, pages, drawings, profile)
        if found is not None:
            for placed in found:
                pages.space(placed.page).take(placed.box)
            return found, method
    if not {Method.FREE_SPACE, Method.MARGIN} & set(profile.methods):
        ways = ", ".join(method.value for method in profile.methods)
        raise SealRefused(RefusalCode.SEAL_PLACE_NOT_FOUND, (("methods", ways),))
    least = min(_least(drawings, profile), key=lambda size: size[0] * size[1])
    width_mm, height_mm = f"{least[0] / MM:.0f}", f"{least[1] / MM:.0f}"
    raise SealRefused(RefusalCode.NO_FREE_SPACE, (("width_mm", width_mm), ("height_mm", height_mm)))


def _least(drawings: Sequence[SealDrawing], profile: PlacementProfile) -> list[tuple[float, float]]:
    if may_part(drawings):
        return [max((alone(drawing, profile.signature_mm).size for drawing in drawings), key=lambda s: s[0] * s[1])]
    return [group.size for group in groups(drawings, profile.signature_mm)]


def _by(
    method: Method, pages: Pages, drawings: Sequence[SealDrawing], profile: PlacementProfile
) -> list[Placed] | None:
    match method:
        case Method.TEXT if drawings[0].role is Role.AUTHORISED_PERSON:
            return _between_title_and_name(pages, drawings, profile)
        case Method.TEXT:
            return _over_earlier(pages, drawings)
        case Method.FIELD:
            return _in_fields(pages, drawings, profile)
        case Method.CORNER:
            return _in_corner(pages, drawings, profile)
        case Method.FREE_SPACE:
            return _anywhere(pages, drawings, profile, EDGE)
        case Method.MARGIN:
            return _anywhere(pages, drawings, profile, MARGIN_EDGE)


def _between_title_and_name(
    pages: Pages, drawings: Sequence[SealDrawing], profile: PlacementProfile
) -> list[Placed] | None:
    shown = drawings[0].appearance
    for index in range(pages.count - 1, max(pages.count - 1 - MAX_TEXT_PAGES, -1), -1):
        anchor = find_anchor(pages.text(index), shown.name, shown.title)
        if anchor is not None:
            return _at(pages, index, anchor, drawings, profile)
    return None


def _at(
    pages: Pages, index: int, anchor: Anchor, drawings: Sequence[SealDrawing], profile: PlacementProfile
) -> list[Placed] | None:
    """The signature in the middle between title and name, smaller or a little off where there is no room."""
    space, middle = pages.space(index), anchor.middle
    low, high = space.blank_band(middle - COLUMN, middle + COLUMN, anchor.name.y1, anchor.title.y0)
    room = high - low - 2 * CLEARANCE
    picture = picture_size(drawings[0], profile.signature_mm)
    full = picture or (PERSON_WORDS_MM[0] * MM, min(PERSON_WORDS_MM[1] * MM, room))
    if picture is None and room < LEAST_WORDS:
        return None
    centre = (anchor.name.y1 + anchor.title.y0) / 2
    for scale in SCALES if picture else SCALES[:1]:
        width, height = full[0] * scale, full[1] * scale
        if height > room or width < LEAST_SIGNATURE:
            continue
        for step in range(2 * WANDERINGS + 1):
            y = centre + (step + 1) // 2 * WANDER * (-1 if step % 2 else 1)
            y = min(max(y, low + CLEARANCE + height / 2), high - CLEARANCE - height / 2)
            box = Rect(middle - width / 2, y - height / 2, middle + width / 2, y + height / 2)
            if not space.is_free(box):
                continue
            parts = field_parts(box, box if picture else None, None if picture else box)
            person = Placed(index, box, drawings[0].placed(parts))
            others = _agency_beside(pages, index, box, drawings[1:], bool(picture))
            if others is not None:
                return [person, *others]
    return None


def _agency_beside(
    pages: Pages, index: int, signature: Rect, drawings: Sequence[SealDrawing], over: bool
) -> list[Placed] | None:
    """The agency's seal over the signature's third, or on its left where words stand in the signature's place."""
    if not drawings:
        return []
    drawing, space = drawings[0], pages.space(index)
    diameter = drawing.appearance.diameter_mm * MM
    if over:
        ring = seal_over(space, signature, diameter)
    else:
        x, y = signature.x0 - GAP - diameter, (signature.y0 + signature.y1 - diameter) / 2
        near = [Rect(x - aside * WANDER, y, x - aside * WANDER + diameter, y + diameter) for aside in range(WANDERINGS)]
        ring = next((box for box in near if space.is_disc_free(*_middle(box), diameter / 2)), None)
    return None if ring is None else _with_mark(pages, index, ring, drawing, signature)


def _with_mark(
    pages: Pages, index: int, ring: Rect, drawing: SealDrawing, signature: Rect | None
) -> list[Placed] | None:
    """The seal's field: around the ring, and the mark near it where the page cannot carry one any more."""
    if drawing.mark is None:
        return [Placed(index, ring, drawing.placed(field_parts(ring, ring)))]
    space, (width, height) = pages.space(index), mark_size(drawing.mark)
    whole = ring if signature is None else ring.around(signature)
    y = (ring.y0 + ring.y1 - height) / 2
    near = (
        (ring.x0 - GAP - width, y),
        (whole.x1 + GAP, y),
        (ring.x0, whole.y0 - GAP - height),
        (ring.x0 - GAP - width, whole.y0 - height),
        (ring.x0 - GAP - width, whole.y1),
        (ring.x0, whole.y1 + GAP),
    )
    for x, low in near:
        code = Rect(x, low, x + width, low + height)
        field = ring.around(code)
        if space.is_free(code) and field.width * field.height <= MAX_FIELD_SHARE * space.width * space.height:
            return [Placed(index, field, drawing.placed(field_parts(field, ring, None, code)))]
    return None


def _over_earlier(pages: Pages, drawings: Sequence[SealDrawing]) -> list[Placed] | None:
    """The agency's seal over the signature that the authorised person made with this service before."""
    earlier: EarlierPicture | None = earlier_picture(pages.writer.prev, pages.count, pages.geometry)
    if earlier is None or len(drawings) != 1:
        return None
    diameter = drawings[0].appearance.diameter_mm * MM
    ring = seal_over(pages.space_without(earlier.page, earlier.field), earlier.picture, diameter)
    return None if ring is None else _with_mark(pages, earlier.page, ring, drawings[0], earlier.field)


def _in_fields(pages: Pages, drawings: Sequence[SealDrawing], profile: PlacementProfile) -> list[Placed] | None:
    """In the named empty fields; the agency's seal over the signature where it has none of its own."""
    names = {Role.AUTHORISED_PERSON: profile.person_field, Role.AGENCY: profile.agency_field}
    if not any(names[drawing.role] for drawing in drawings):
        return None
    empty = empty_fields(pages.writer.prev, pages.count, pages.geometry)
    placed: list[Placed] = []
    for drawing in drawings:
        found = empty.get(names[drawing.role] or "")
        if found is not None:
            one = _in_field(pages, found, drawing, profile)
        elif placed and placed[0].drawing.layout.picture is not None:
            box = placed[0].drawing.layout.picture.moved(placed[0].box.x0, placed[0].box.y0)
            ring = seal_over(pages.space(placed[0].page), box, drawing.appearance.diameter_mm * MM, placed[0].box)
            around = None if ring is None else _with_mark(pages, placed[0].page, ring, drawing, box)
            one = around[0] if around else None
        else:
            one = None
        if one is None:
            return None
        placed.append(one)
    return placed


def _in_field(pages: Pages, found: EmptyField, drawing: SealDrawing, profile: PlacementProfile) -> Placed | None:
    """A picture as large as the field and the profile allow; a seal only in its real size."""
    box, space = found.box, pages.space(found.page)
    if box.x0 < 0 or box.y0 < 0 or box.x1 > space.width or box.y1 > space.height:
        return None
    size = picture_size(drawing, profile.signature_mm)
    if drawing.mark is not None or not space.is_blank(box):
        return None
    if size is None:
        parts = field_parts(box, None, box)
    else:
        scale = min(1.0, box.width / size[0], box.height / size[1])
        if scale < 1.0 and (drawing.role is Role.AGENCY or size[0] * scale < LEAST_SIGNATURE):
            return None
        x, y = _middle(box)
        half = (size[0] * scale / 2, size[1] * scale / 2)
        parts = field_parts(box, Rect(x - half[0], y - half[1], x + half[0], y + half[1]))
    return Placed(found.page, box, drawing.placed(parts), found.name)


def _in_corner(pages: Pages, drawings: Sequence[SealDrawing], profile: PlacementProfile) -> list[Placed] | None:
    if profile.corner is None:
        return None
    space = pages.space(pages.count - 1)
    across, up = (value * MM for value in profile.corner_mm)
    for group in groups(drawings, profile.signature_mm):
        left = profile.corner in (Corner.TOP_LEFT, Corner.BOTTOM_LEFT)
        low = profile.corner in (Corner.BOTTOM_LEFT, Corner.BOTTOM_RIGHT)
        x = across if left else space.width - across - group.size[0]
        y = up if low else space.height - up - group.size[1]
        if all(space.is_free(box.moved(x, y)) for box in group.boxes):
            return _members(pages.count - 1, group, drawings, x, y)
    return None


def _anywhere(
    pages: Pages, drawings: Sequence[SealDrawing], profile: PlacementProfile, edge: float
) -> list[Placed] | None:
    """The lowest free place of the last page; seals that need not lie over each other may stand apart."""
    index = pages.count - 1
    space = pages.space(index)
    for group in groups(drawings, profile.signature_mm):
        corner = space.first_free(group.boxes, group.size, edge)
        if corner is not None:
            return _members(index, group, drawings, *corner)
    if not may_part(drawings):
        return None
    placed: list[Placed] = []
    for drawing in drawings:
        group = alone(drawing, profile.signature_mm)
        corner = space.first_free([*group.boxes], group.size, edge)
        if corner is None:
            space.release(len(placed))
            return None
        placed += _members(index, group, [drawing], *corner)
        space.take(placed[-1].box)
    space.release(len(placed))
    return placed


def _members(index: int, group: Group, drawings: Sequence[SealDrawing], x: float, y: float) -> list[Placed]:
    return [
        Placed(index, box.moved(x, y), replace(drawing, parts=parts))
        for (box, parts), drawing in zip(group.members, drawings, strict=True)
    ]


def _middle(box: Rect) -> tuple[float, float]:
    return (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
