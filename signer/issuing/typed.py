"""Digits in a blank of the head: in the type of its line, on its base line, off everything that stands beside it."""

from __future__ import annotations

from signer.canvas import Typed
from signer.fonts import FontFiles, Typeface, load_typeface
from signer.geometry import Rect
from signer.issuing.head import BlankPlace
from signer.refusal import RefusalCode, SealRefused
from verifier.drawing.placed.heads import BlankKind

CLEAR = 0.07
"""Ems between the digits and the words beside them."""
LEAST_SHARE = 0.8
"""Of the line's size to which digits may shrink: two spaces are a narrow blank, and a smaller number looks patched."""
OVER_LEADERS = 0.08
"""Ems between dots and the digits above them: signed ink stays what it is, and both can be read."""
HIGHEST_LEADER = 0.3
"""Ems above the base line beyond which a box that a program tells for a dot is not the dot's own."""
LEAST_DIGITS = {BlankKind.NUMBER: "000", BlankKind.DAY: "00", BlankKind.MONTH: "00"}
"""For which a blank has to have room before the letter is signed: after that it can only be signed anew."""
DOT = 0.12
"""Ems that a dot is high."""
HEAD, FOOT = 0.9, 0.25
"""Ems of the field above and below the base line."""


def field_box(place: BlankPlace) -> Rect:
    """The field over a blank, whatever will be written there."""
    size, base = place.setting.size, place.setting.base + _lift(place)
    return Rect(place.box.x0, base - FOOT * size, place.box.x1, base + HEAD * size)


def typed_in(place: BlankPlace, text: str, field: Rect, fonts: FontFiles) -> Typed:
    """The text in the middle of its blank; a number without leaders against its slash, as it is typed.

    Raises:
        SealRefused: HEAD-BLANK-TOO-NARROW.
    """
    setting = place.setting
    face = load_typeface(fonts.italic if setting.italic else fonts.regular, text)
    left, right = _ink(face, text)
    size = min(setting.size, place.box.width / (right - left + 2 * CLEAR))
    if size < LEAST_SHARE * setting.size:
        raise SealRefused(RefusalCode.HEAD_BLANK_TOO_NARROW, (("text", text),))
    room = place.box.width - (right - left) * size
    before = room - CLEAR * size if place.kind is BlankKind.NUMBER and place.leaders is None else room / 2
    x = place.box.x0 + before - left * size
    return Typed(text, x - field.x0, setting.base + _lift(place) - field.y0, size, setting.italic)


def check_room(place: BlankPlace, fonts: FontFiles) -> None:
    """A blank is wide enough for what will be written some day.

    Raises:
        SealRefused: HEAD-BLANK-TOO-NARROW.
    """
    typed_in(place, LEAST_DIGITS[place.kind], field_box(place), fonts)


def _lift(place: BlankPlace) -> float:
    """How far above the base line the digits stand, over dots; a drawn line is below it anyway."""
    if place.leaders is None:
        return 0.0
    size, high = place.setting.size, place.leaders.y1 - place.setting.base
    if high > HIGHEST_LEADER * size:
        high = DOT * size
    return high + OVER_LEADERS * size if high > OVER_LEADERS * size else 0.0


def _ink(face: Typeface, text: str) -> tuple[float, float]:
    """Where the ink of a text begins and ends, in ems from its origin."""
    per_em = 1 / face.tables["head"].unitsPerEm
    names, glyphs = face.tables.getBestCmap(), face.tables["glyf"]
    first, last = (glyphs[names[ord(character)]] for character in (text[0], text[-1]))
    return first.xMin * per_em, face.width(text[:-1], 1.0) + last.xMax * per_em
