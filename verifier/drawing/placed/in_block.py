"""Who draws what in a signature block: the person whose name it prints signs, the letter's agency sets its seal.

A seal is told by its colour, red (NĐ 30/2020 Phụ lục I mục II.8), and its size; a stroke of another colour that an
agency's certificate draws is a signature by hand that nobody answers for.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from verifier.changes.vocabulary import Place
from verifier.drawing.placed.blocks import Block
from verifier.drawing.placed.clerk import SEAL_POINTS
from verifier.drawing.placed.marks import Mark
from verifier.drawing.placed.page import Letter
from verifier.drawing.placed.window import PlaceWindow

RED = 40
"""Levels of 255 by which the red of a seal's ink stands above its green and blue."""
MOSTLY = 0.5
"""Of a mark's ink that is red where it is a seal, or not where it is a signature by hand."""
STROKE_POINTS = 24.0
"""Width or height from which a mark is a stroke by hand and no letter of what is written beside a seal."""


def out_of_place(
    window: PlaceWindow, mark: Mark, blocks: Sequence[Block], letter: Letter, places: Sequence[Place]
) -> list[Place]:
    """Those of the places whose signer may not draw this mark in these blocks.

    Neither the person whose name is printed nor the agency · the agency alone, where it is no seal · the person alone,
    on a certified letter, where it is one. A seal across a signature by hand is one mark of both.
    """
    persons = [one for one in places if any(letter.is_named_in(block, one) for block in blocks)]
    agencies = [one for one in places if letter.is_own_agency(one) and one not in persons]
    wrong = [one for one in places if one not in persons and one not in agencies]
    if not persons and agencies and _is_stroke(window, mark) and not _is_red(window, mark):
        wrong.extend(agencies)
    if not agencies and letter.certified and _is_large(window, mark) and _is_red(window, mark):
        wrong.extend(persons)
    return wrong


def _is_stroke(window: PlaceWindow, mark: Mark) -> bool:
    return max(mark.box.width, mark.box.height) >= STROKE_POINTS * window.scale


def _is_large(window: PlaceWindow, mark: Mark) -> bool:
    return min(mark.box.width, mark.box.height) >= SEAL_POINTS * window.scale


def _is_red(window: PlaceWindow, mark: Mark) -> bool:
    """Whether most of a mark's ink is red."""
    page = window.page
    drawn = page.viewed.picture(page.index, page.fine, window=window.part)[mark.box.part].astype(np.int16)
    above = drawn[:, :, 0] - np.maximum(drawn[:, :, 1], drawn[:, :, 2])
    return float((above[mark.pixels] > RED).mean()) > MOSTLY
