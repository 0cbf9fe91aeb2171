"""What a sealed page looks like: before and after as pictures, its rows of ink, what is red and what is blue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from demo.documents import MOTTO, Line
from signer.fields import prepare_signature
from signer.fonts import FontFiles
from signer.layout import Layout
from tests.unit.signer.papers import picture

DPI = 120.0
Mask = npt.NDArray[np.bool_]
HEAD = (*MOTTO, Line("QUYẾT ĐỊNH", "centre", bold=True, size=15, space_after=20))
BODY = Line("Điều 1. Giám đốc Sở và bà Phạm Thị Mẫu chịu trách nhiệm thi hành Quyết định này./.", space_after=26)


@dataclass(frozen=True)
class Look:
    """Input and output as pictures, and pixels in a millimetre."""

    before: npt.NDArray[np.uint8]
    after: npt.NDArray[np.uint8]
    per_mm: float

    @property
    def ink(self) -> Mask:
        return np.asarray(self.before.min(axis=2) < 140)

    @property
    def added(self) -> Mask:
        return np.asarray(np.abs(self.before.astype(np.int16) - self.after).max(axis=2) > 40)

    def hued(self, channel: int, other: int) -> Mask:
        """Added pixels in which one channel leads the other, without lone ones: letters have edges of colour."""
        shown = self.after.astype(np.int16)
        found = self.added & (shown[..., channel] - shown[..., other] > 60)
        beside = np.zeros_like(found)
        beside[:, 1:] |= found[:, :-1]
        beside[:, :-1] |= found[:, 1:]
        return np.asarray(found & beside)

    @property
    def red(self) -> Mask:
        return self.hued(0, 2)

    @property
    def blue(self) -> Mask:
        return self.hued(2, 0)


def drawn(layout: Layout, fonts: FontFiles) -> bytes:
    data, known = layout.data, layout.fonts
    for plan in layout.fields:
        prepared = prepare_signature(data, plan, 64, fonts, known)
        data, known = prepared.fill(b"\x30\x00"), prepared.fonts
    return data


def look(before: bytes, after: bytes, page: int = 0, user_unit: float = 1.0) -> Look:
    """PDFium leaves UserUnit alone, so a pixel is ``user_unit`` times as large."""
    dpi = DPI * user_unit
    return Look(picture(before, page, dpi), picture(after, page, dpi), DPI / 25.4)


def span(mask: Mask, axis: int) -> tuple[int, int]:
    """First and last row (axis 1) or column (axis 0) with anything."""
    places = np.flatnonzero(mask.any(axis=axis))
    return int(places[0]), int(places[-1])


def bands(ink: Mask) -> list[tuple[int, int]]:
    """The rows of text: first and last line of pixels of each."""
    rows = np.flatnonzero(ink.any(axis=1))
    breaks = np.flatnonzero(np.diff(rows) > 3)
    starts, ends = [0, *(breaks + 1)], [*breaks, len(rows) - 1]
    return [(int(rows[start]), int(rows[end])) for start, end in zip(starts, ends, strict=True)]


def assert_nothing_is_covered(shown: Look) -> None:
    assert shown.ink.any()
    apart = np.abs(shown.before.astype(np.int16) - shown.after)[shown.ink]
    assert apart.max() <= 8
