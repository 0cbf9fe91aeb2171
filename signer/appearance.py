"""What a visible signature looks like: the person's in blue, the agency's in red, inside the signature's own field.

NĐ 30/2020 Phụ lục I: picture of the handwritten signature, blue; picture of the seal, red, in real size; both
transparent PNG. Without a picture a plain drawing takes its place. The printed time is Vietnam's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from signer.canvas import INK_BLUE, SEAL_RED, Canvas, Colour, Paragraph, Run
from signer.fonts import clean
from signer.geometry import MM, Rect
from signer.qr import MarkShape, draw_mark, encode
from signer.request import Appearance, ResultMark, Role, SealWording

VIETNAM = timezone(timedelta(hours=7))

TEXT_SIZES = (9.0, 6.0)
"""Largest and smallest type in a seal, in points."""

PERSON_SIZE_MM = (64.0, 24.0)
PERSON_PICTURE_MM = 20.0
"""Height that a handwritten signature's picture adds above the text."""
AGENCY_TEXT_MM = 58.0
PADDING = 1.5 * MM
GAP = 2.0 * MM

MARK_IN_FIELD = MarkShape(22.0, beside=False)
"""The mark inside our own field, where an earlier signature forbids it on the page."""


@dataclass(frozen=True)
class SealDrawing:
    """Everything needed to draw one visible signature; plain values, so it can cross to another process."""

    role: Role
    appearance: Appearance
    wording: SealWording
    at: datetime
    mark: ResultMark | None = None

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points."""
        match self.role:
            case Role.AUTHORISED_PERSON:
                extra = PERSON_PICTURE_MM if self.appearance.picture else 0.0
                width, height = PERSON_SIZE_MM[0] * MM, (PERSON_SIZE_MM[1] + extra) * MM
            case Role.AGENCY:
                diameter = self.appearance.diameter_mm * MM
                width, height = diameter + GAP + AGENCY_TEXT_MM * MM, diameter + 2 * PADDING
        if self.mark is None:
            return width, height
        mark_width, mark_height = MARK_IN_FIELD.size(len(encode(self.mark.url)))
        return width + GAP + mark_width, max(height, mark_height)


def printed_time(at: datetime) -> str:
    """``dd.MM.yyyy HH:mm:ss +07:00`` (NĐ 30/2020)."""
    return at.astimezone(VIETNAM).strftime("%d.%m.%Y %H:%M:%S +07:00")


def draw_seal(canvas: Canvas, drawing: SealDrawing) -> None:
    """Draw the seal with its lower left corner at the origin.

    Raises:
        SealRefused: a text does not fit or cannot be printed, or a picture is unusable.
    """
    width, height = drawing.size
    if drawing.mark is not None:
        mark_width, mark_height = MARK_IN_FIELD.size(len(encode(drawing.mark.url)))
        middle = height / 2
        box = Rect(width - mark_width, middle - mark_height / 2, width, middle + mark_height / 2)
        draw_mark(canvas, box, MARK_IN_FIELD, drawing.mark, drawing.wording)
        width -= mark_width + GAP
    match drawing.role:
        case Role.AUTHORISED_PERSON:
            _draw_person(canvas, drawing, Rect(0, 0, width, height))
        case Role.AGENCY:
            _draw_agency(canvas, drawing, Rect(0, 0, width, height))


def _draw_person(canvas: Canvas, drawing: SealDrawing, box: Rect) -> None:
    """Picture above (if any), text below, beside a bar of ink."""
    picture = drawing.appearance.picture
    top = box.y1
    if picture is not None:
        top -= PERSON_PICTURE_MM * MM
        canvas.picture(picture, Rect(box.x0, top, box.x1, box.y1))
    canvas.rectangles([Rect(box.x0, box.y0, box.x0 + 0.6 * MM, top)], INK_BLUE)
    _lines(canvas, drawing, Rect(box.x0 + 0.6 * MM + PADDING, box.y0, box.x1, top), INK_BLUE)


def _draw_agency(canvas: Canvas, drawing: SealDrawing, box: Rect) -> None:
    """The seal in real size on the left, text on its right."""
    diameter = drawing.appearance.diameter_mm * MM
    middle = (box.y0 + box.y1) / 2
    seal = Rect(box.x0, middle - diameter / 2, box.x0 + diameter, middle + diameter / 2)
    if drawing.appearance.picture is not None:
        canvas.picture(drawing.appearance.picture, seal)
    else:
        _draw_ring(canvas, seal, drawing.appearance.name)
    _lines(canvas, drawing, Rect(seal.x1 + GAP, box.y0 + PADDING, box.x1, box.y1 - PADDING), SEAL_RED)


def _draw_ring(canvas: Canvas, box: Rect, name: str) -> None:
    """A seal for an agency that has given no picture of its own: two rings, its name, a star."""
    x, y, radius = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2, box.width / 2
    canvas.circle(x, y, radius - 0.9, SEAL_RED, 1.8)
    canvas.circle(x, y, radius - 3.2, SEAL_RED, 0.5)
    canvas.circle(x, y, radius * 0.58, SEAL_RED, 0.7)
    canvas.star(x, y, radius * 0.36, SEAL_RED)
    text = clean(name).upper()
    face = canvas.face(text, bold=True)
    # The name fills at most 330 degrees; its base line leaves room for the accents above and below the capitals.
    base = radius * 0.69
    size = min(radius * 0.19, 0.917 * 2 * 3.14159 * base / max(face.width(text, 1.0), 1e-6))
    canvas.text_on_circle(x, y, base, text, size, SEAL_RED)


def _lines(canvas: Canvas, drawing: SealDrawing, box: Rect, colour: Colour) -> None:
    canvas.paragraphs(box, seal_lines(drawing), TEXT_SIZES, colour)


def seal_lines(drawing: SealDrawing) -> list[Paragraph]:
    """The text of a seal: who, as what, of which agency, when."""
    shown, wording = drawing.appearance, drawing.wording
    lines: list[Paragraph] = []
    match drawing.role:
        case Role.AUTHORISED_PERSON:
            lines.append([Run(wording.signed_by + ":"), Run(shown.name, bold=True)])
            if shown.title is not None:
                lines.append([Run(wording.title + ":"), Run(shown.title)])
            if shown.organization is not None:
                lines.append([Run(wording.agency + ":"), Run(shown.organization)])
        case Role.AGENCY:
            lines.append([Run(wording.agency + ":"), Run(shown.organization or shown.name, bold=True)])
    lines.append([Run(wording.signed_at + ":"), Run(printed_time(drawing.at))])
    return lines
