"""Places beside signed text where later ink is expected: labelled cells and lines, drawn fields, a copy's text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from verifier.changes.vocabulary import Place
from verifier.drawing.placed.labels import is_copy_text, is_label
from verifier.drawing.placed.lines import ROW_HEIGHT
from verifier.drawing.placed.marks import Mark, PixelBox
from verifier.drawing.placed.reading import Piece, lines_of, pieces_of
from verifier.drawing.placed.window import PlaceWindow
from verifier.drawing.rendering import Box

COPY_CORNER = (0.4, 0.22)
"""Right of this share of the width and above this share of the height: top right, where a copy's text stands."""
SAME_BOX = 0.004
"""Of the page's side by which the box of one field may be told otherwise."""
DRAWN_SHARE = 0.6
"""Of a field's width that its frame or its line takes up where the signed file drew it."""
DIGIT_DISTANCE = 2.0
"""Text heights around a drawn field in which no digit stands."""


def beside_explained(window: PlaceWindow, mark: Mark, near: NDArray[np.intp], place: tuple[Place, Box] | None) -> bool:
    """Whether a mark may stand beside these letters."""
    return (
        _in_labelled_cell(window, mark)
        or _only_labels(window, near)
        or _after_the_end(window, mark, near)
        or (place is not None and (_is_copy_text(window, place[1]) or _in_drawn_field(window, place[1])))
    )


def _after_the_end(window: PlaceWindow, mark: Mark, near: NDArray[np.intp]) -> bool:
    """Whether a mark stands after "./." or "Lưu: VT", where initials stand, one after another."""
    letters = window.letters
    ends = [(window.pixels(piece.box), piece) for piece in window.page.pieces]
    pictures = [window.share(box) for box in window.page.signature_boxes]
    for number in near:
        point = (
            float(letters.left[number] + letters.right[number]) / 2,
            float(letters.top[number] + letters.bottom[number]) / 2,
        )
        holding = [(box, piece) for box, piece in ends if box.holds(point, 2)]
        if not holding and any(picture.holds(point) for picture in pictures):  # the initials before
            holding = [
                (box, piece) for box, piece in ends if box.right <= point[0] and box.top <= point[1] <= box.bottom
            ]
        if not holding or not all(_ends(piece) and mark.box.left >= box.right - 1 for box, piece in holding):
            return False
    return True


def _ends(piece: Piece) -> bool:
    return piece.ends_letter or piece.ends_recipients


def _only_labels(window: PlaceWindow, near: NDArray[np.intp]) -> bool:
    """Whether every line piece to which these letters belong is a label, and no title or name of a block."""
    letters = window.letters
    pieces = [(window.pixels(piece.box), piece) for piece in window.page.pieces]
    titles = {line for block in window.page.blocks for line in (block.lines[0], block.lines[-1])}
    for number in near:
        point = (
            float(letters.left[number] + letters.right[number]) / 2,
            float(letters.top[number] + letters.bottom[number]) / 2,
        )
        holding = [piece for box, piece in pieces if box.holds(point, 2)]
        if not holding or not all(is_label(piece.text) and piece not in titles for piece in holding):
            return False
    return True


def _in_labelled_cell(window: PlaceWindow, mark: Mark) -> bool:
    """Whether a mark stands in a cell whose only text is a label, or an empty one under a label alone."""
    row = window.rulings.row(mark.box.centre, ROW_HEIGHT * window.scale)
    if row is None:
        return False
    cell = window.rulings.cell(row, mark.box.centre[0], window.rulings.extent(row, mark.box.centre[0]))
    if not (cell.left <= mark.box.left and mark.box.right <= cell.right):
        return False
    letters = window.letters
    across, down = (letters.left + letters.right) / 2, (letters.top + letters.bottom) / 2
    inside = np.flatnonzero((across > cell.left) & (across < cell.right) & (down > cell.top) & (down < cell.bottom))
    if inside.size:
        return _only_labels(window, inside) and _text_is_label(window, cell)
    return _header_is_label(window, cell)


def _text_is_label(window: PlaceWindow, cell: PixelBox) -> bool:
    lines = [line for line in window.page.pieces if cell.holds(window.pixels(line.box).centre)]
    return is_label(" ".join(line.text for line in lines))


def _header_is_label(window: PlaceWindow, cell: PixelBox) -> bool:
    """Whether the nearest text above an empty cell, in its column, is a label alone."""
    above = [
        (box, piece)
        for piece in window.page.pieces
        if cell.left <= (box := window.pixels(piece.box)).centre[0] <= cell.right and box.bottom <= cell.top + 2
    ]
    if not above:
        return False
    nearest = max(box.bottom for box, _ in above)
    last = [piece for box, piece in above if box.top >= nearest - 2.5 * (box.height + 1)]
    crossing = window.rulings.across[max(0, nearest) : cell.top + 1, int((cell.left + cell.right) / 2)]
    return bool(crossing.any()) and is_label(" ".join(piece.text for piece in last))


def _is_copy_text(window: PlaceWindow, box: Box) -> bool:
    """Whether a place top right holds the law's text of a copy (NĐ 30/2020 Đ.25, Phụ lục I)."""
    if (box[0] + box[2]) / 2 < COPY_CORNER[0] or box[3] > COPY_CORNER[1]:
        return False
    there = window.share(box)
    added = [one for one in window.page.added_characters if there.holds(window.pixels(one.box).centre)]
    pieces = pieces_of(lines_of(added))
    return bool(pieces) and is_copy_text(pieces[0].text)


def _in_drawn_field(window: PlaceWindow, box: Box) -> bool:
    """Whether a place is a field that the signed file has and visibly drew, with no digit near it."""
    fields = window.page.field_boxes
    if not any(all(abs(a - b) < SAME_BOX for a, b in zip(box, other, strict=True)) for other in fields):
        return False
    there = window.share(box)
    edge = max(2, round(1.5 * window.scale))
    if not any(_lined(window, there, row, edge) for row in (there.bottom, there.top)):
        return False
    letters = window.letters
    reach = DIGIT_DISTANCE * letters.height
    close = (
        (letters.left < there.right + reach)
        & (letters.right > there.left - reach)
        & (letters.top < there.bottom + reach)
        & (letters.bottom > there.top - reach)
    )
    return not any(_is_digit(window, int(number)) for number in np.flatnonzero(close))


def _lined(window: PlaceWindow, there: PixelBox, row: int, edge: int) -> bool:
    """Whether a stroke or leaders run along the field at this row."""
    part = window.ink.traces[max(0, row - 2 * edge) : row + edge, max(0, there.left) : there.right]
    return bool(part.size) and float(part.any(axis=0).mean()) > DRAWN_SHARE


def _is_digit(window: PlaceWindow, number: int) -> bool:
    """Whether a letter is a digit, or cannot be read."""
    letters = window.letters
    point = (
        float(letters.left[number] + letters.right[number]) / 2,
        float(letters.top[number] + letters.bottom[number]) / 2,
    )
    for line in window.page.lines:
        for character in line.characters:
            if window.pixels(character.box).holds(point, 1.5):
                return character.text.isdigit()
    return True
