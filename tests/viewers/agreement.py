"""Do the programs show the same in a new signature's field? Nobody compares there what only one of them draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tests.viewers.boxes import Box
from tests.viewers.comparison import NOISE, Difference, pixels
from tests.viewers.programs import Drawn, Program

NEAR_PX = 3
"""Pixels by which programs may set the same ink elsewhere: other fonts, other rounding."""
FEW_PX = 14
"""Pixels of ink that may be one program's own: thin strokes, corners."""
DARKER = 70
"""Levels of 255 between a program's ink and another's ground."""


def disagreements(
    signed: Mapping[Program, Drawn], viewed: Mapping[Program, Drawn], boxes: Mapping[int, Sequence[Box]]
) -> list[Difference]:
    """What a program draws into the boxes that PDFium does not, or the other way round."""
    found = []
    for index, page_boxes in boxes.items():
        inks = {
            program: _added(signed[program].pages[index], viewed[program].pages[index])
            for program in signed
            if index < min(len(signed[program].pages), len(viewed[program].pages))
        }
        usual = inks.get(Program.PDFIUM)
        for program, ink in inks.items():
            if usual is None or program is Program.PDFIUM:
                continue
            for box in page_boxes:
                one, other = _within(ink, box), _within(usual, box)
                more, less = _alone(one, other), _alone(other, one)
                if max(more, less) > FEW_PX:
                    why = f"in a new field: {more} pixels that PDFium does not show, {less} that it alone shows"
                    found.append(Difference(program, index + 1, why))
    return found


def _added(before: bytes, after: bytes) -> NDArray[np.int16]:
    """By how many levels each pixel changed."""
    if not before or not after:
        return np.zeros((1, 1), np.int16)
    first, second = pixels(before).astype(np.int16), pixels(after).astype(np.int16)
    return np.abs(first - second).max(axis=2) if first.shape == second.shape else np.zeros((1, 1), np.int16)


def _within(ink: NDArray[np.int16], box: Box) -> NDArray[np.int16]:
    height, width = ink.shape
    rows = slice(max(0, round(box[1] * height)), max(0, round(box[3] * height)))
    return ink[rows, max(0, round(box[0] * width)) : max(0, round(box[2] * width))]


def _alone(one: NDArray[np.int16], other: NDArray[np.int16]) -> int:
    """Pixels of strong ink in one that have nothing near them in the other."""
    height, width = min(one.shape[0], other.shape[0]), min(one.shape[1], other.shape[1])
    strong, there = one[:height, :width] > DARKER, other[:height, :width] > NOISE // 2
    near = np.zeros_like(there)
    for down in range(-NEAR_PX, NEAR_PX + 1):
        for across in range(-NEAR_PX, NEAR_PX + 1):
            near |= np.roll(np.roll(there, down, 0), across, 1)
    return int((strong & ~near).sum())
