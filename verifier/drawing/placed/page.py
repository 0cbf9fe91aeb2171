"""One page on which later signatures or filled fields draw: what the rule asks of it, each found out once."""

from __future__ import annotations

import functools
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from verifier.changes.vocabulary import Place
from verifier.drawing.picture_difference import slices_of
from verifier.drawing.placed.blocks import Block, blocks_of
from verifier.drawing.placed.bodies import is_agency, same_body, same_person
from verifier.drawing.placed.characters import Character, PageText, field_characters, page_text, visible_characters
from verifier.drawing.placed.heads import Blank, blanks_of
from verifier.drawing.placed.ink import CHANGED, FAINT, contrast_of, one_ground
from verifier.drawing.placed.lines import ROW_HEIGHT, Rulings, rulings_of
from verifier.drawing.placed.reading import Line, Piece, lines_of, pieces_of
from verifier.drawing.rendering import Box, Picture, RenderedDocument, Window
from verifier.report import Integrity, PathOutcome, SignatureVerdict, Signer

FINE_DPI = 150
"""Of the windows in which ink is told: a digit of 6 pt type is eight pixels high."""
SAMPLES = 5
"""Columns of a box at which rulings above and below it are looked for."""
MAX_FINE_PIXELS = 8_000_000
"""Of a page at that resolution: a poster is drawn coarser."""


class DrawnPages(Protocol):
    """The viewed file's pages, kept by ``Pictures``."""

    document: RenderedDocument

    def picture(self, index: int, scale: float, window: Window | None = None) -> Picture:
        """Draw a page or a part of it."""

    def field_characters(self, index: int, own: Collection[Character]) -> Sequence[Character]:
        """The characters that the fields of a page draw: those that are not the page's ``own``."""


@dataclass(frozen=True)
class Letter:
    """Who signed: ``later`` by the dictionaries of their signatures, ``earlier`` those that were there before."""

    later: Mapping[tuple[int, int], SignatureVerdict]
    earlier: tuple[Signer, ...]
    certified: bool = False
    """The first signer had certified it with P = 2 or 3: what may be added is little (docs/divergences.md 16)."""

    def signer_of(self, place: Place) -> Signer | None:
        """Whose field a place is, where the signature names somebody."""
        verdict = None if place.signature is None else self.later.get(place.signature)
        return None if verdict is None else verdict.facts.signer

    def field_of(self, place: Place) -> str:
        """The name of the field that a place is, where the signature has one."""
        verdict = None if place.signature is None else self.later.get(place.signature)
        return "" if verdict is None else verdict.facts.field or ""

    def is_own_body(self, place: Place) -> bool:
        """Whether somebody of the letter's own agency signed here: intact, trusted, the same O or MST."""
        verdict = None if place.signature is None else self.later.get(place.signature)
        if verdict is None or verdict.facts.signer is None:
            return False
        facts, signer = verdict.facts, verdict.facts.signer
        if facts.integrity is not Integrity.INTACT or facts.path is not PathOutcome.TRUSTED:
            return False
        return any(same_body(signer, other) for other in self.earlier)

    def is_own_agency(self, place: Place) -> bool:
        """Whether the letter's own agency signed here, with an agency's certificate."""
        signer = self.signer_of(place)
        return signer is not None and is_agency(signer) and self.is_own_body(place)

    def is_named_in(self, block: Block, place: Place) -> bool:
        """Whether a place's signer is the person whose name the block prints."""
        signer = self.signer_of(place)
        return signer is not None and same_person(signer.name, block.name)


class PlacedPage:
    """A page of the signed revision and of the viewed file, and the places where later ink is expected."""

    def __init__(
        self,
        signed: RenderedDocument,
        viewed: DrawnPages,
        index: int,
        before: Picture,
        mask: NDArray[np.bool_],
        scale: float,
        places: Sequence[tuple[Place, Box]],
    ) -> None:
        """``before`` is the signed page drawn whole, ``scale`` pixels a point, ``mask`` where the viewed one differs.

        Boxes are fractions of the displayed page.
        """
        self.signed = signed
        self.viewed = viewed
        self.index = index
        self.before = before
        self.mask = mask
        self.scale = scale
        self.places = tuple(places)
        self.size = signed.page_size(index)

    @functools.cached_property
    def fine(self) -> float:
        """Pixels a point at which ink is told."""
        return min(FINE_DPI / 72, math.sqrt(MAX_FINE_PIXELS / max(self.size[0] * self.size[1], 1.0)))

    @functools.cached_property
    def text(self) -> PageText:
        """The characters of the signed page itself, seen or not, its fields' left out."""
        return page_text(self.signed, self.index)

    @functools.cached_property
    def lines(self) -> list[Line]:
        """The lines of the signed page that can be read and are seen."""
        return lines_of(visible_characters(self.text, self.size, self.before))

    @functools.cached_property
    def pieces(self) -> list[Piece]:
        """The pieces of those lines."""
        return pieces_of(self.lines)

    @functools.cached_property
    def blocks(self) -> list[Block]:
        """The signature blocks of the signed page."""
        return blocks_of(self.pieces)

    @functools.cached_property
    def blanks(self) -> list[Blank]:
        """The blanks of administrative heads on the signed page."""
        return blanks_of(self.lines)

    @functools.cached_property
    def own_characters(self) -> frozenset[Character]:
        """The characters of the signed page itself, seen or not, its fields' left out."""
        return frozenset(self.text.characters())

    @functools.cached_property
    def field_characters(self) -> list[Character]:
        """The characters that the fields of the signed page draw, seen or not."""
        return field_characters(self.signed, self.index, self.own_characters)

    @functools.cached_property
    def added_characters(self) -> list[Character]:
        """The characters that the later signatures and fillings draw, seen or not."""
        drawn = self.viewed.field_characters(self.index, self.own_characters)
        there = frozenset(self.field_characters) if drawn else frozenset()
        return [one for one in drawn if one not in there]

    @functools.cached_property
    def signature_boxes(self) -> list[Box]:
        """Where earlier signatures stand on the signed page."""
        return self.signed.signature_boxes(self.index)

    @functools.cached_property
    def field_boxes(self) -> list[Box]:
        """Where the signed page has fields."""
        return self.signed.field_boxes(self.index)

    @functools.cached_property
    def _rulings(self) -> tuple[Rulings, int]:
        """The rulings within a row's height of what differs, and the row of the picture at which they begin."""
        rows = np.flatnonzero(self.mask.any(axis=1))
        reach = round(ROW_HEIGHT * self.scale)
        top = max(0, int(rows[0]) - reach)
        part = self.before[top : int(rows[-1]) + reach]
        return rulings_of(contrast_of(part) > FAINT // 2, self.scale), top

    def in_row(self, box: Box) -> bool:
        """Whether a box stands between two rulings, as in a row of a table."""
        rulings, top = self._rulings
        if not rulings.across.any():
            return False
        height, width = self.before.shape[:2]
        middle = (box[1] + box[3]) / 2 * height - top
        columns = np.linspace(box[0] * width, box[2] * width - 1, SAMPLES)
        return any(rulings.row((float(column), middle), ROW_HEIGHT * self.scale) is not None for column in columns)

    def is_blank(self, box: Box, across: float, down: float) -> bool:
        """Whether the signed page shows one plain ground in a box and so many points around it."""
        width, height = self.size
        around = (
            max(0.0, box[0] - across / width),
            max(0.0, box[1] - down / height),
            min(1.0, box[2] + across / width),
            min(1.0, box[3] + down / height),
        )
        part = self.before[slices_of(self.before.shape, around)]
        return bool(part.size) and one_ground(part, CHANGED)
