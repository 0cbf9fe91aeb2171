"""How the seals of one document stand to each other: the agency's over a third of the person's signature, on its left.

NĐ 30/2020 Phụ lục I. Pure geometry, in points; a group's origin is its lower left corner.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from signer.appearance import GAP, PADDING, PERSON_WORDS_MM, Parts, SealDrawing, mark_size, picture_size, standing_alone
from signer.geometry import MM, Rect
from signer.placement import FreeSpace
from signer.request import Role

THIRD = 1 / 3
LAPS = (THIRD, 0.31, 0.35, 0.29, 0.36)
"""Shares of the signature's width that the seal may reach over, as near to a third as there is room."""

COVERED = (0.24, 0.37)
"""Share of the signature's area under the seal: about a third, of which a round seal leaves the corners free."""

SHIFT = 1.0 * MM
MOST_SHIFT = 0.7
"""Of the seal's radius: how far its middle may be above or below the signature's."""

WORDS_BELOW_MM = 17.0
STRIPS = 24


@dataclass(frozen=True)
class Group:
    """Fields that go together: for each its box in the group, and what stands where in it."""

    size: tuple[float, float]
    members: tuple[tuple[Rect, Parts], ...]

    @property
    def boxes(self) -> list[Rect]:
        """Where each field stands in the group, points from its lower left corner."""
        return [box for box, _ in self.members]


def groups(drawings: Sequence[SealDrawing], signature_mm: tuple[float, float]) -> Iterator[Group]:
    """Every way in which these seals may stand together, the best first."""
    if [drawing.role for drawing in drawings] == [Role.AUTHORISED_PERSON, Role.AGENCY]:
        picture = picture_size(drawings[0], signature_mm)
        if picture is not None:
            yield _overlapping(drawings, picture, beside=True)
            yield _overlapping(drawings, picture, beside=False)
            yield _overlapping(drawings, picture, beside=None)
            return
        seal, _ = picture_size(drawings[1], signature_mm) or (0.0, 0.0)
        bare = drawings[1].placed(_marked(drawings[1], Parts((seal, seal), Rect(0, 0, seal, seal))))
        yield _in_a_row([drawings[0], bare], signature_mm)
    yield _in_a_row(drawings, signature_mm)
    if len(drawings) == 1 and drawings[0].role is Role.AUTHORISED_PERSON:
        picture = picture_size(drawings[0], signature_mm)
        if picture is not None and drawings[0].mark is None:
            box = Rect(0, 0, *picture)
            yield Group(picture, ((box, Parts(picture, box)),))


def may_part(drawings: Sequence[SealDrawing]) -> bool:
    """May the seals stand apart from each other: not where one belongs on the other's signature."""
    return len(drawings) > 1 and drawings[0].appearance.picture is None


def alone(drawing: SealDrawing, signature_mm: tuple[float, float]) -> Group:
    """One seal by itself, with its words."""
    parts = standing_alone(drawing, signature_mm)
    return Group(parts.size, ((Rect(0, 0, *parts.size), parts),))


def covered(signature: Rect, x: float, y: float, radius: float) -> float:
    """The share of the signature's area under a round seal."""
    share = 0.0
    for index in range(STRIPS):
        away = signature.y0 + signature.height * (index + 0.5) / STRIPS - y
        half = max(radius**2 - away**2, 0.0) ** 0.5
        share += max(min(x + half, signature.x1) - max(x - half, signature.x0), 0.0)
    return share / signature.width / STRIPS


def seal_over(space: FreeSpace, signature: Rect, diameter: float, field: Rect | None = None) -> Rect | None:
    """Where the seal lies over a third of the signature and over nothing else; None where it would.

    ``field`` is the empty field that the signature is about to stand in, if the document has one.
    """
    radius, middle = diameter / 2, (signature.y0 + signature.y1) / 2
    shifts = [0.0]
    for step in range(1, int(MOST_SHIFT * radius / SHIFT) + 1):
        shifts += [step * SHIFT, -step * SHIFT]
    for lap in LAPS:
        x = signature.x0 + lap * signature.width - radius
        for shift in shifts:
            y = middle + shift
            if COVERED[0] <= covered(signature, x, y, radius) <= COVERED[1] and space.is_disc_free(x, y, radius, field):
                return Rect(x - radius, y - radius, x + radius, y + radius)
    return None


def _overlapping(drawings: Sequence[SealDrawing], picture: tuple[float, float], *, beside: bool | None) -> Group:
    """Seal over signature, the person's words beside, below (False) or left out (None)."""
    agency = drawings[1]
    seal = agency.appearance.diameter_mm * MM
    left, mark = 0.0, (0.0, 0.0)
    if agency.mark is not None:
        mark = mark_size(agency.mark)
        left = mark[0] + GAP
    words = {True: (PERSON_WORDS_MM[0] * MM, PERSON_WORDS_MM[1] * MM), None: (0.0, 0.0)}.get(beside)
    below = 0.0
    if words is None:
        words = (max(PERSON_WORDS_MM[0] * MM, left + seal + picture[0] * (1 - THIRD)), WORDS_BELOW_MM * MM)
        below = words[1] + GAP
    tall = max(seal, picture[1], mark[1], words[1] if beside else 0.0)
    middle = below + tall / 2
    start = left + seal - picture[0] * THIRD
    sign = Rect(start, middle - picture[1] / 2, start + picture[0], middle + picture[1] / 2)
    ring = Rect(left, middle - seal / 2, left + seal, middle + seal / 2)
    text = None
    if beside:
        text = Rect(sign.x1 + GAP, middle - words[1] / 2, sign.x1 + GAP + words[0], middle + words[1] / 2)
    elif beside is False:
        text = Rect(0, 0, words[0], words[1])
    of_person = sign if text is None else sign.around(text)
    code = None if agency.mark is None else Rect(0, middle - mark[1] / 2, mark[0], middle + mark[1] / 2)
    of_agency = ring if code is None else ring.around(code)
    whole = of_person.around(of_agency)
    return Group(
        (whole.x1, whole.y1),
        (
            (of_person, _within(of_person, picture=sign, words=text)),
            (of_agency, _within(of_agency, picture=ring, mark=code)),
        ),
    )


def field_parts(field: Rect, picture: Rect | None, words: Rect | None = None, mark: Rect | None = None) -> Parts:
    """Boxes on the page as parts of a field."""
    return _within(field, picture, words, mark)


def _within(field: Rect, picture: Rect | None = None, words: Rect | None = None, mark: Rect | None = None) -> Parts:
    def inside(box: Rect | None) -> Rect | None:
        return None if box is None else box.moved(-field.x0, -field.y0)

    return Parts((field.width, field.height), inside(picture), inside(words), inside(mark))


def _marked(drawing: SealDrawing, parts: Parts) -> Parts:
    """A bare seal with the mark on its left, away from the signature."""
    if drawing.mark is None or parts.picture is None:
        return parts
    width, height = mark_size(drawing.mark)
    tall = max(height, parts.size[1])
    code = Rect(0, (tall - height) / 2, width, (tall + height) / 2)
    picture = parts.picture.moved(width + GAP, (tall - parts.size[1]) / 2)
    return Parts((picture.x1, tall), picture, None, code)


def _in_a_row(drawings: Sequence[SealDrawing], signature_mm: tuple[float, float]) -> Group:
    """Side by side on one middle line, the first at the right."""
    layouts = [drawing.parts or standing_alone(drawing, signature_mm) for drawing in drawings]
    tallest = max(parts.size[1] for parts in layouts)
    width = sum(parts.size[0] for parts in layouts) + (len(layouts) - 1) * (GAP + PADDING)
    members, right = [], width
    for parts in layouts:
        low = (tallest - parts.size[1]) / 2
        members.append((Rect(right - parts.size[0], low, right, low + parts.size[1]), parts))
        right -= parts.size[0] + GAP + PADDING
    return Group((width, tallest), tuple(members))
