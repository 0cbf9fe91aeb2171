"""What was drawn after a revision: boxes of the ink that is new, in points from the page's lower left."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from signer.geometry import Rect
from verifier.drawing.rendering import RenderedDocument

DPI = 200
NEW = 60
"""Levels of grey by which a pixel is darker."""

Shown = NDArray[np.uint8]


def drawn(document: bytes, page: int = 0) -> Shown:
    """A page by PDFium."""
    with RenderedDocument(document) as rendered:
        return rendered.picture(page, DPI / 72)


def from_ppm(data: bytes) -> Shown:
    """A page as a viewer gave it."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def new_ink(before: Shown, after: Shown, within: Rect) -> list[Rect]:
    """Boxes of the pieces of ink that came to a part of the page, from left to right."""
    darker = before.min(axis=2).astype(int) - after.min(axis=2).astype(int) > NEW
    scale, height = DPI / 72, before.shape[0]
    part = np.zeros_like(darker)
    top, bottom = round(height - within.y1 * scale), round(height - within.y0 * scale)
    part[top:bottom, round(within.x0 * scale) : round(within.x1 * scale)] = True
    count, _, stats, _ = cv2.connectedComponentsWithStats((darker & part).astype(np.uint8), connectivity=8)
    boxes = []
    for left, head, width, tall, _ in stats[1:count]:
        boxes.append(Rect(left, height - head - tall, left + width, height - head))
    shares = [Rect(box.x0 / scale, box.y0 / scale, box.x1 / scale, box.y1 / scale) for box in boxes]
    return sorted(shares, key=lambda box: box.x0)


def lost_ink(before: Shown, after: Shown) -> int:
    """Pixels that are lighter than before: ink that was signed and is not seen any more."""
    return int((after.min(axis=2).astype(int) - before.min(axis=2).astype(int) > NEW).sum())
