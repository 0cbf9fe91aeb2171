"""Names that the signed pages print in signature blocks, by the place that a later signature takes."""

from __future__ import annotations

from verifier.changes.vocabulary import Place
from verifier.drawing.placed.blocks import Block, blocks_of
from verifier.drawing.placed.characters import page_text, visible_characters
from verifier.drawing.placed.reading import lines_of, pieces_of, share
from verifier.drawing.rendering import Box, RenderedDocument, comparison_scale


def printed_names(document: RenderedDocument, place: Place) -> tuple[str, ...]:
    """The names of the blocks in which a place stands; none on a scan.

    Raises:
        RenderingError: PDFium cannot draw the page.
    """
    size = document.page_size(place.page)
    picture = document.picture(place.page, comparison_scale(size))
    pieces = pieces_of(lines_of(visible_characters(page_text(document, place.page), size, picture)))
    there = document.displayed_box(place.page, place.rectangle)
    return tuple(dict.fromkeys(block.name for block in blocks_of(pieces) if _stands_in(there, block, size)))


def _stands_in(there: Box, block: Block, size: tuple[float, float]) -> bool:
    """Whether a place and a block are one: the middle of the one lies in the other."""
    box = share(block.box, size)
    return _holds(box, there) or _holds(there, box)


def _holds(box: Box, other: Box) -> bool:
    across, down = (other[0] + other[2]) / 2, (other[1] + other[3]) / 2
    return box[0] <= across <= box[2] and box[1] <= down <= box[3]
