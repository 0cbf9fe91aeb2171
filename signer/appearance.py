"""What a visible signature looks like: the person's in blue, the agency's in red, inside the signature's own field.

NĐ 30/2020 Phụ lục I: picture of the handwritten signature, blue; picture of the seal, red, in real size, over a third
of the signature; both transparent PNG. Words stand beside them only where the page does not say the same with title and
name. Without a picture a plain drawing takes its place. The printed time is Vietnam's.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

from signer.canvas import BLACK, INK_BLUE, SEAL_RED, Canvas, Colour, Paragraph, Run, Typed
from signer.fonts import clean
from signer.geometry import MM, Rect
from signer.pictures import Ink, check_picture, inked_part
from signer.qr import MarkShape, draw_mark, encode
from signer.request import Appearance, ResultMark, Role, SealWording

VIETNAM = timezone(timedelta(hours=7))

TEXT_SIZES = (9.0, 6.0)
"""Largest and smallest type in a seal, in points."""

NOTE_SIZE = 10.0
"""Type of the text on copies and attachments, in points (NĐ 30/2020 Phụ lục I)."""

PERSON_WORDS_MM = (64.0, 24.0)
AGENCY_WORDS_MM = 58.0
BAR = 0.6 * MM
PADDING = 1.5 * MM
GAP = 2.0 * MM

MARK_IN_FIELD = MarkShape(22.0, beside=False)
"""The mark inside our own field, where an earlier signature forbids it on the page."""


@dataclass(frozen=True)
class Parts:
    """What stands where in a field; boxes from the field's lower left corner, ``size`` its width and height."""

    size: tuple[float, float]
    picture: Rect | None = None
    words: Rect | None = None
    mark: Rect | None = None


@dataclass(frozen=True)
class SealDrawing:
    """Everything needed to draw one visible signature; plain values, so it can cross to another process.

    ``note`` is text in place of picture and words (a copy, an attachment): ways to set it in lines, the best first;
    ``typed`` are digits in a blank of the letter's head in place of all.
    Without ``parts`` it stands alone. ``reason`` is not drawn: it goes into the signature's dictionary.
    """

    role: Role
    appearance: Appearance
    wording: SealWording
    at: datetime
    mark: ResultMark | None = None
    parts: Parts | None = None
    note: tuple[tuple[str, ...], ...] = ()
    reason: str | None = None
    typed: Typed | None = None

    @property
    def layout(self) -> Parts:
        """What stands where."""
        return self.parts or standing_alone(self)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points."""
        return self.layout.size

    def placed(self, parts: Parts) -> SealDrawing:
        """The same, laid out so."""
        return replace(self, parts=parts)


def standing_alone(drawing: SealDrawing, signature_mm: tuple[float, float] = (45.0, 22.0)) -> Parts:
    """A seal with its words on its right, and the mark, if any, on the right of these."""
    picture = picture_size(drawing, signature_mm)
    words = PERSON_WORDS_MM if drawing.role is Role.AUTHORISED_PERSON else (AGENCY_WORDS_MM, 0.0)
    width, height = words[0] * MM, words[1] * MM
    if picture is None:
        return with_mark(drawing, Parts((width, height), words=Rect(0, 0, width, height)))
    border = PADDING if drawing.role is Role.AGENCY else 0.0
    tall = max(height, picture[1] + 2 * border)
    low = (tall - picture[1]) / 2
    left = picture[0] + GAP
    box = Rect(
        left, (tall - (height or tall - 2 * PADDING)) / 2, left + width, (tall + (height or tall - 2 * PADDING)) / 2
    )
    return with_mark(drawing, Parts((left + width, tall), Rect(0, low, picture[0], low + picture[1]), box))


def with_mark(drawing: SealDrawing, parts: Parts) -> Parts:
    """The parts with room for the mark on their right."""
    if drawing.mark is None:
        return parts
    width, height = mark_size(drawing.mark)
    left, tall = parts.size[0] + GAP, max(parts.size[1], height)
    lift = (tall - parts.size[1]) / 2
    mark = Rect(left, (tall - height) / 2, left + width, (tall + height) / 2)
    return Parts((left + width, tall), _lifted(parts.picture, lift), _lifted(parts.words, lift), mark)


def _lifted(box: Rect | None, by: float) -> Rect | None:
    return None if box is None else box.moved(0, by)


def mark_size(mark: ResultMark) -> tuple[float, float]:
    """Width and height of the mark inside a field."""
    return MARK_IN_FIELD.size(len(encode(mark.url)))


def picture_size(drawing: SealDrawing, signature_mm: tuple[float, float]) -> tuple[float, float] | None:
    """Size of the picture as it is printed: the seal in real size, the signature as large as allowed; None without one.

    Raises:
        SealRefused: PICTURE-UNUSABLE.
    """
    png = drawing.appearance.picture
    if drawing.role is Role.AGENCY:
        return drawing.appearance.diameter_mm * MM, drawing.appearance.diameter_mm * MM
    if png is None:
        return None
    image = inked_part(png)
    scale = min(signature_mm[0] * MM / image.width, signature_mm[1] * MM / image.height)
    return image.width * scale, image.height * scale


def check_pictures(drawings: Iterable[SealDrawing]) -> None:
    """Refuse a picture that is not what the law asks for.

    Raises:
        SealRefused: PICTURE-UNUSABLE, PICTURE-NOT-TRANSPARENT, PICTURE-COLOUR.
    """
    for drawing in drawings:
        if drawing.appearance.picture is not None and not drawing.note and drawing.typed is None:
            ink = Ink.BLUE if drawing.role is Role.AUTHORISED_PERSON else Ink.RED
            check_picture(drawing.appearance.picture, ink)


def printed_time(at: datetime) -> str:
    """``dd.MM.yyyy HH:mm:ss +07:00`` (NĐ 30/2020)."""
    return at.astimezone(VIETNAM).strftime("%d.%m.%Y %H:%M:%S +07:00")


def draw_seal(canvas: Canvas, drawing: SealDrawing) -> None:
    """Draw the seal with its lower left corner at the origin.

    Raises:
        SealRefused: a text does not fit or cannot be printed, or a picture is unusable.
    """
    parts = drawing.layout
    if drawing.typed is not None:
        canvas.digits(drawing.typed)
        return
    if parts.mark is not None and drawing.mark is not None:
        draw_mark(canvas, parts.mark, MARK_IN_FIELD, drawing.mark, drawing.wording)
    if drawing.note:
        _draw_note(canvas, drawing.note[0], parts.size)
        return
    colour = INK_BLUE if drawing.role is Role.AUTHORISED_PERSON else SEAL_RED
    if parts.words is not None:
        _draw_words(canvas, drawing, parts.words, colour)
    if parts.picture is not None:
        canvas.blend()
        if drawing.appearance.picture is not None:
            canvas.picture(drawing.appearance.picture, parts.picture)
        else:
            _draw_ring(canvas, parts.picture, drawing.appearance.name)


def _draw_words(canvas: Canvas, drawing: SealDrawing, box: Rect, colour: Colour) -> None:
    """The words, a person's beside a bar of ink."""
    if drawing.role is Role.AUTHORISED_PERSON:
        canvas.rectangles([Rect(box.x0, box.y0, box.x0 + BAR, box.y1)], colour)
        box = Rect(box.x0 + BAR + PADDING, box.y0, box.x1, box.y1)
    canvas.paragraphs(box, seal_lines(drawing), TEXT_SIZES, colour)


def note_size(canvas: Canvas, lines: tuple[str, ...]) -> tuple[float, float]:
    """Width and height of a note."""
    width = max(canvas.width([Run(clean(line))], NOTE_SIZE) for line in lines)
    return width, NOTE_SIZE * 1.24 * len(lines)


def _draw_note(canvas: Canvas, lines: tuple[str, ...], size: tuple[float, float]) -> None:
    """Black upright text of 10 pt, flush right as it stands at the right edge."""
    y = size[1]
    for line in lines:
        y -= NOTE_SIZE * 1.24
        run = [Run(clean(line))]
        canvas.text(size[0] - canvas.width(run, NOTE_SIZE), y + NOTE_SIZE * 0.26, run, NOTE_SIZE, BLACK)


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
    size = min(radius * 0.19, 0.917 * 2 * math.pi * base / max(face.width(text, 1.0), 1e-6))
    canvas.text_on_circle(x, y, base, text, size, SEAL_RED)


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
