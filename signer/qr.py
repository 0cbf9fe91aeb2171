"""The mark of a result: QR (ISO/IEC 18004) with the address to check it, and the same in letters beside it.

TT 01/2023/TT-VPCP puts it top left on the first page.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import segno

from signer.canvas import BLACK, WHITE, Canvas, Run
from signer.geometry import MM, Rect
from signer.request import ResultMark, SealWording

QUIET_ZONE_MODULES = 4
"""ISO/IEC 18004 §6.3.8: four modules of white on each side."""

SIZES_MM = (25.0, 22.0, 20.0, 18.0)
"""Side of the QR without its quiet zone, the largest that fits; under 18 mm old phones fail on a photocopy."""

TEXT_SIZES = (8.0, 5.5)
"""Largest and smallest type of the letters beside the QR, in points."""

ROW_TEXT_MM = 44.0
"""Width of the letters beside the QR."""

COLUMN_TEXT_MM = 25.0
"""Height of the letters under the QR."""

Modules = tuple[tuple[bool, ...], ...]


@dataclass(frozen=True)
class MarkShape:
    """A way to set the mark: side of the QR in mm, letters beside it or under it."""

    qr_mm: float
    beside: bool

    def size(self, modules: int) -> tuple[float, float]:
        """Width and height of the whole mark in points, quiet zone included."""
        side = self.side(modules)
        return (side + ROW_TEXT_MM * MM, side) if self.beside else (side, side + COLUMN_TEXT_MM * MM)

    def side(self, modules: int) -> float:
        """Side of the QR with its quiet zone, in points."""
        return self.qr_mm * MM * (modules + 2 * QUIET_ZONE_MODULES) / modules


SHAPES = tuple(MarkShape(size, beside) for size in SIZES_MM for beside in (True, False))
"""In the order in which they are tried."""


@lru_cache(maxsize=16)
def encode(url: str) -> Modules:
    """The QR's modules for an address; error correction M or, where it costs no room, better."""
    code = segno.make(url, error="m", micro=False)
    return tuple(tuple(bool(module) for module in row) for row in code.matrix)


def draw_mark(canvas: Canvas, box: Rect, shape: MarkShape, mark: ResultMark, wording: SealWording) -> None:
    """Draw the mark into its box (``shape.size``).

    Raises:
        SealRefused: TEXT-DOES-NOT-FIT.
    """
    modules = encode(mark.url)
    side = shape.side(len(modules))
    draw_qr(canvas, Rect(box.x0, box.y1 - side, box.x0 + side, box.y1), modules)
    quiet = side * QUIET_ZONE_MODULES / (len(modules) + 2 * QUIET_ZONE_MODULES)
    if shape.beside:
        letters = Rect(box.x0 + side, box.y0 + quiet, box.x1, box.y1 - quiet)
    else:
        letters = Rect(box.x0 + quiet / 2, box.y0, box.x1 - quiet / 2, box.y1 - side)
    canvas.paragraphs(letters, mark_lines(mark, wording), TEXT_SIZES, BLACK)


def mark_lines(mark: ResultMark, wording: SealWording) -> list[list[Run]]:
    """What a person types or compares when there is no camera."""
    lines = [
        [Run(wording.verification_code + ":"), Run(mark.verification_code, bold=True, whole=True)],
        [Run(wording.check_at + ":"), Run(mark.check_at)],
    ]
    if mark.result_code is not None:
        lines.append([Run(wording.result_code + ":"), Run(mark.result_code)])
    return lines


def draw_qr(canvas: Canvas, box: Rect, modules: Modules) -> None:
    """Draw the QR with its quiet zone into a square box, dark runs as one rectangle each."""
    canvas.rectangles([box], WHITE)
    step = box.width / (len(modules) + 2 * QUIET_ZONE_MODULES)
    runs = []
    for row, line in enumerate(modules):
        y = box.y1 - (QUIET_ZONE_MODULES + row + 1) * step
        start: int | None = None
        for column, dark in enumerate((*line, False)):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                x = box.x0 + (QUIET_ZONE_MODULES + start) * step
                runs.append(Rect(x, y, x + (column - start) * step, y + step))
                start = None
    canvas.rectangles(runs, BLACK)
