"""Ink and ground of two pictures of one place: what was signed, what of it is gone, what is new.

Ground is what most of a neighbourhood shows: white, a tint, a scan's grey, an opaque background that came later. Ink is
what stands out from it, in whatever colour. Both pictures are drawn by the same program through the same window, so a
pixel that differs was drawn otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from verifier.drawing.rendering import Picture

Mask = NDArray[np.bool_]

CHANGED = 8
"""Levels of 255 by which a channel differs where something else was drawn."""
FAINT = 28
"""Levels of 255 between ground and ink that an eye sees; new ink counts from here."""
STRONG = 64
"""Levels of 255 of ink that is read; its edges are paler."""
KEPT_CONTRAST = 0.6
"""Of its contrast that signed ink keeps where it can still be read as it was."""
HIDING = 0.6
"""Of its contrast by which signed ink shows another colour where new ink hides it; less shows through."""
COARSE = 4
"""Pixels of which one is looked at to find the ground."""
NEIGHBOURHOOD = 11
"""Of those, the side of the square whose median is the ground: 44 pixels, a third of an inch, wider than any stroke."""
MIN_LOST = 3
"""Connected pixels (at 150 dpi a tenth of a square millimetre) that are more than another drawing of an edge."""


@dataclass(frozen=True)
class Ink:
    """The masks of one window: ``signed`` ink, what of it is ``lost``, what is ``added``, and how strongly."""

    signed: Mask
    """Ink of the signed picture that can be read."""
    traces: Mask
    """Ink of the signed picture, pale lines included."""
    lost: Mask
    added: Mask
    hidden: Mask
    """Signed ink that shows new ink instead."""
    strength: NDArray[np.uint8]
    """Of the viewed picture's ink, in levels."""


def ink_of(before: Picture, after: Picture) -> Ink:
    """Tell what of two pictures of one window is ink, and what became of it."""
    ground_before, ground_after = ground(before), ground(after)
    contrast_before = apart(before, ground_before)
    contrast_after = apart(after, ground_after)
    difference = apart(before, after)
    changed = difference > CHANGED
    signed = contrast_before > STRONG
    as_before = apart(after, ground_before)
    left = np.minimum(contrast_after, as_before).astype(np.float32)
    paled = signed & changed & (left < KEPT_CONTRAST * contrast_before)
    added = changed & (difference > FAINT) & (contrast_after > FAINT) & ~paled
    edge = _near(added & (contrast_after > STRONG))
    return Ink(
        signed=signed,
        traces=contrast_before > FAINT,
        lost=without_specks(paled & ~edge, MIN_LOST),
        added=added,
        hidden=signed & added & (difference > HIDING * contrast_before),
        strength=contrast_after,
    )


def ground(picture: Picture) -> Picture:
    """What a picture shows around each pixel, ink left out: the median of a neighbourhood wider than strokes."""
    height, width = picture.shape[:2]
    coarse = np.ascontiguousarray(picture[::COARSE, ::COARSE])
    if (coarse == coarse[0, 0]).all():
        return np.broadcast_to(coarse[0, 0], picture.shape).copy()
    smooth = cv2.medianBlur(coarse, NEIGHBOURHOOD)
    spread = cv2.resize(smooth, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(spread, dtype=np.uint8)


def without_specks(mask: Mask, smallest: int) -> Mask:
    """The mask without connected parts of fewer pixels."""
    if not mask.any():
        return mask
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    kept = np.zeros(count, dtype=bool)
    kept[1:] = stats[1:, cv2.CC_STAT_AREA] >= smallest
    return np.asarray(kept[labels])


def apart(one: Picture, other: Picture) -> NDArray[np.uint8]:
    """The largest difference of a channel, pixel by pixel."""
    red, green, blue = cv2.split(cv2.absdiff(one, other))
    return np.asarray(cv2.max(cv2.max(red, green), blue), dtype=np.uint8)


def _near(mask: Mask) -> Mask:
    """The mask and the pixels that touch it: where the edge of a stroke is blended."""
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
