"""What the first signature of a letter drew, where an agency made it: number and date in the blanks, its seal.

Later signatures are compared with what was signed before them (``drawing/pictures.py``); before the first one nothing
was. Its page is drawn without its field and with it, and read by the same rule. It decides nothing: it is only told.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

import numpy as np

from verifier.changes.history import DocumentHistory
from verifier.changes.own_places import own_places
from verifier.changes.vocabulary import Place, Rectangle
from verifier.drawing.picture_difference import differing_pixels
from verifier.drawing.pictures import Pictures
from verifier.drawing.placed.bodies import is_agency
from verifier.drawing.placed.characters import Character
from verifier.drawing.placed.clerk import clerk_work, sealed
from verifier.drawing.placed.page import Letter, PlacedPage
from verifier.drawing.placed.window import PlaceWindow, place_of, windows_of
from verifier.drawing.rendering import Box, Picture, RenderedDocument, Window, comparison_scale
from verifier.pdf.signatures import ListedSignature
from verifier.report import Finding, SignatureVerdict


class _WithoutFields(RenderedDocument):
    """A revision whose pages are drawn without the fields at some rectangles."""

    hidden: tuple[Rectangle, ...] = ()

    def picture(
        self, index: int, scale: float, without: Sequence[Rectangle] = (), window: Window | None = None
    ) -> Picture:
        """Draw a page without them."""
        return super().picture(index, scale, (*self.hidden, *without), window)

    def field_boxes(self, index: int) -> list[Box]:
        """Where the other fields stand."""
        own = [self.displayed_box(index, rectangle) for rectangle in self.hidden]
        return [box for box in super().field_boxes(index) if box not in own]

    def signature_boxes(self, index: int) -> list[Box]:
        """Where the other signature fields stand."""
        own = [self.displayed_box(index, rectangle) for rectangle in self.hidden]
        return [box for box in super().signature_boxes(index) if box not in own]


class _FirstPage(PlacedPage):
    """A page on which nobody wrote before."""

    @functools.cached_property
    def field_characters(self) -> list[Character]:
        """None: what the fields draw is what is asked for."""
        return []


def first_notes(
    history: DocumentHistory, listed: ListedSignature, verdict: SignatureVerdict
) -> tuple[Finding, ...] | None:
    """What the first signature wrote and set as the letter's clerk; None where nobody looked.

    Raises:
        RenderingError: PDFium cannot draw the page.
    """
    signer = verdict.facts.signer
    if signer is None or not is_agency(signer) or listed.object_ref is None:
        return None
    letter = Letter({listed.object_ref: verdict}, (signer,))
    places = own_places(history, listed)
    end, password = listed.revision_end, history.password
    bare = _WithoutFields(history.data, end, password)
    bare.hidden = tuple(place.rectangle for place in places)
    with bare, RenderedDocument(history.data, end, password) as signed:
        pages = [page for page in dict.fromkeys(place.page for place in places) if page < bare.page_count]
        if history.affordable(bare, pages) != tuple(pages):
            return None
        drawn = Pictures(signed)
        return tuple(
            note
            for page in pages
            for note in _notes_on(bare, drawn, page, [one for one in places if one.page == page], letter)
        )


def _notes_on(
    bare: RenderedDocument, drawn: Pictures, index: int, places: Sequence[Place], letter: Letter
) -> Iterator[Finding]:
    scale = comparison_scale(bare.page_size(index))
    before, after = bare.picture(index, scale), drawn.picture(index, scale)
    mask = differing_pixels(before, after)
    if not mask.any():
        return
    boxes = [bare.displayed_box(index, place.rectangle) for place in places]
    page = _FirstPage(bare, drawn, index, before, mask, scale, list(zip(places, boxes, strict=True)))
    for window in windows_of(page):
        yield from _notes_in(window, letter)


def _notes_in(window: PlaceWindow, letter: Letter) -> Iterator[Finding]:
    clerk = clerk_work(window, letter, np.arange(len(window.letters)))
    yield from clerk.notes
    boxes = [window.share(box) for _, box in window.page.places]
    for mark in window.marks:
        number = place_of(window, mark, boxes)
        note = None if number is None else sealed(window, letter, mark, window.page.places[number][0])
        if note is not None and not clerk.holds(mark):
            yield note
