"""The picture of the signed revision beside that of the file, both by one program: equal outside the allowed boxes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from tests.viewers.boxes import Box
from tests.viewers.programs import Drawn, Program

NOISE = 40
"""Levels of 255 by which one program may draw the same content otherwise, when a transparent seal stands elsewhere on
the page and it mixes all colours in another way."""
GROWN_PX = 2
"""Pixels around a box that its antialiased rim may reach; programs round the size of a page otherwise."""


@dataclass(frozen=True)
class Difference:
    """A program shows the file otherwise than what was signed; ``page`` counts from 1, 0 means the document."""

    program: Program
    page: int
    why: str


def differences(program: Program, signed: Drawn, viewed: Drawn, boxes: Mapping[int, Sequence[Box]]) -> list[Difference]:
    """All differences of one program; none where it can open neither."""
    if signed.failure is not None and viewed.failure is not None:
        return []
    if signed.failure is not None or viewed.failure is not None:
        which = "the signed revision" if signed.failure is not None else "the file"
        return [Difference(program, 0, f"cannot draw {which}: {signed.failure or viewed.failure}")]
    if signed.count != viewed.count:
        return [Difference(program, 0, f"{signed.count} pages signed, {viewed.count} shown")]
    found = []
    for index, (before, after) in enumerate(zip_longest(signed.pages, viewed.pages, fillvalue=b"")):
        why = None if before == after else _unlike(before, after, boxes.get(index, ()))
        if why is not None:
            found.append(Difference(program, index + 1, why))
    return found


def _unlike(before: bytes, after: bytes, boxes: Sequence[Box]) -> str | None:
    if not before or not after:
        return "drawn in one only"
    first, second = pixels(before), pixels(after)
    if first.shape != second.shape:
        return f"size {first.shape[1::-1]} signed, {second.shape[1::-1]} shown"
    mask = (np.abs(first.astype(np.int16) - second) > NOISE).any(axis=2)
    height, width = mask.shape
    for left, top, right, bottom in boxes:
        rows = slice(max(0, int(top * height) - GROWN_PX), max(0, int(bottom * height) + GROWN_PX + 1))
        columns = slice(max(0, int(left * width) - GROWN_PX), max(0, int(right * width) + GROWN_PX + 1))
        mask[rows, columns] = False
    if not mask.any():
        return None
    rows_at, columns_at = np.nonzero(mask)
    box = tuple(round(float(at), 3) for at in (
        columns_at.min() / width, rows_at.min() / height, columns_at.max() / width, rows_at.max() / height,
    ))  # fmt: skip
    return f"{int(mask.sum())} pixels within {box}"


def pixels(pixmap: bytes) -> NDArray[np.uint8]:
    """A portable pixmap (P6, 255 levels) as height × width × 3."""
    header = re.match(rb"P6\s+(?:#[^\n]*\s+)*(\d+)\s+(\d+)\s+255\s", pixmap)
    if header is None:
        raise ValueError("not a portable pixmap of 255 levels")
    width, height = int(header[1]), int(header[2])
    return np.frombuffer(pixmap, np.uint8, offset=header.end()).reshape(height, width, 3)
