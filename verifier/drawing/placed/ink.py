"""Ink and ground of two pictures of one place: what was signed, what of it is gone, what is new.

Ground is what most of a neighbourhood shows: white, a tint, a scan's grey, an opaque background that came later. Ink is
what stands out from it, in whatever colour. Both pictures are drawn by the same program through the same window, so a
pixel that differs was drawn otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from verifier.drawing.picture_difference import grown_window
from verifier.drawing.rendering import Picture, Window

Mask = NDArray[np.bool_]
Channel = NDArray[np.uint8]
_WHOLE: Window = (slice(None), slice(None))

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
    channels = _channels(before)
    ground_before = _ground_of(channels, _WHOLE)
    contrast_before = _largest(channels, ground_before)
    signed, traces = contrast_before > STRONG, contrast_before > FAINT
    difference = apart(before, after)
    lost, added, hidden = (np.zeros(signed.shape, dtype=bool) for _ in range(3))
    strength = np.zeros(signed.shape, dtype=np.uint8)
    part = _part_of(difference > CHANGED)
    if part is not None:  # what follows asks only for what changed: often a corner of the window
        changed, contrast = difference[part] > CHANGED, contrast_before[part]
        channels = _channels(after)
        seen = [channel[part] for channel in channels]
        strength[part] = stands_out = _largest(seen, _ground_of(channels, part))
        as_before = _largest(seen, [channel[part] for channel in ground_before])
        paled = signed[part] & changed & (cv2.min(stands_out, as_before).astype(np.float32) < KEPT_CONTRAST * contrast)
        new = changed & (difference[part] > FAINT) & (stands_out > FAINT) & ~paled
        edge = _near(new & (stands_out > STRONG))
        lost[part] = without_specks(paled & ~edge, MIN_LOST)
        added[part] = new
        hidden[part] = signed[part] & new & (difference[part] > HIDING * contrast)
    return Ink(signed, traces, lost, added, hidden, strength)


def contrast_of(picture: Picture) -> NDArray[np.uint8]:
    """How much each pixel stands out from the ground around it: the largest difference of a channel."""
    channels = _channels(picture)
    return _largest(channels, _ground_of(channels, _WHOLE))


def apart(one: Picture, other: Picture) -> NDArray[np.uint8]:
    """The largest difference of a channel, pixel by pixel."""
    red, green, blue = cv2.split(cv2.absdiff(one, other))
    return np.asarray(cv2.max(cv2.max(red, green), blue), dtype=np.uint8)


def _channels(picture: Picture) -> list[Channel]:
    return [np.asarray(channel, dtype=np.uint8) for channel in cv2.split(picture)]


def _largest(channels: Sequence[Channel], grounds: Sequence[Channel]) -> Channel:
    red, green, blue = (cv2.absdiff(one, other) for one, other in zip(channels, grounds, strict=True))
    return np.asarray(cv2.max(cv2.max(red, green), blue), dtype=np.uint8)


def _ground_of(channels: Sequence[Channel], part: Window) -> list[Channel]:
    """What a part of a picture shows around each pixel, ink left out.

    The median of a neighbourhood wider than strokes, channel by channel.
    """
    rows, columns = (slice(*side.indices(length)) for side, length in zip(part, channels[0].shape, strict=True))
    coarse = [np.ascontiguousarray(channel[::COARSE, ::COARSE]) for channel in channels]
    found: list[Channel] = []
    for number, channel in enumerate(coarse):
        same = number > 0 and np.array_equal(channel, coarse[number - 1])
        found.append(found[-1] if same else _spread(_median(channel), rows, columns))
    return found


def _median(channel: Channel) -> Channel:
    """The median around each pixel: what most of the neighbourhood is; elsewhere it is looked for."""
    usual = int(np.bincount(channel.ravel()).argmax())
    square = (NEIGHBOURHOOD, NEIGHBOURHOOD)
    count = cv2.boxFilter(
        (channel == usual).astype(np.uint8), cv2.CV_16U, square, normalize=False, borderType=cv2.BORDER_REPLICATE
    )
    found = np.full_like(channel, usual)
    part = _part_of(count <= NEIGHBOURHOOD**2 // 2)
    if part is not None:
        around = grown_window(part, NEIGHBOURHOOD // 2)
        smooth = cv2.medianBlur(np.ascontiguousarray(channel[around]), NEIGHBOURHOOD)
        top, left = (inner.start - outer.start for inner, outer in zip(part, around, strict=True))
        target = found[part]
        target[:] = smooth[top : top + target.shape[0], left : left + target.shape[1]]
    return found


def _spread(coarse: Channel, rows: slice, columns: slice) -> Channel:
    """The fine pixels of these rows and columns, each as its coarse one."""
    cells = tuple(slice(side.start // COARSE, -(-side.stop // COARSE)) for side in (rows, columns))
    part = np.ascontiguousarray(coarse[cells])
    size = (part.shape[1] * COARSE, part.shape[0] * COARSE)
    fine = cv2.resize(part, size, interpolation=cv2.INTER_NEAREST)
    top, left = rows.start % COARSE, columns.start % COARSE
    return np.asarray(fine[top : top + rows.stop - rows.start, left : left + columns.stop - columns.start])


def one_ground(picture: Picture, levels: int) -> bool:
    """Whether no channel differs by more than so many levels from one pixel to any other."""
    ends = [cv2.minMaxLoc(channel)[:2] for channel in cv2.split(picture)]
    return all(high - low <= levels for low, high in ends)


def without_specks(mask: Mask, smallest: int) -> Mask:
    """The mask without connected parts of fewer pixels."""
    if not mask.any():
        return mask
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    kept = np.zeros(count, dtype=bool)
    kept[1:] = stats[1:, cv2.CC_STAT_AREA] >= smallest
    return np.asarray(kept[labels])


def _near(mask: Mask) -> Mask:
    """The mask and the pixels that touch it: where the edge of a stroke is blended."""
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def _part_of(mask: Mask) -> Window | None:
    """The rows and columns that hold all of a mask; None where it is empty."""
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    return (slice(top, top + height), slice(left, left + width)) if width else None
