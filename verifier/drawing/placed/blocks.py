"""Signature blocks: a listed heading (TM., KT., a title) down to the nearest name in its column (NĐ 30/2020)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.drawing.placed.labels import is_label, is_name, is_title
from verifier.drawing.placed.reading import Piece
from verifier.drawing.rendering import Box

MAX_DEPTH = 220.0
"""Points between a heading and the name below: room for a signature, a seal and their words."""
MIN_SHARED = 0.3
"""Of the narrower of two lines that stands under the other, where they are one column."""


@dataclass(frozen=True)
class Block:
    """The lines of one signature block, heading first, name last; ``box`` in points of the displayed page."""

    lines: tuple[Piece, ...]
    box: Box

    @property
    def name(self) -> str:
        """Whose name is printed in it."""
        return self.lines[-1].text


def blocks_of(pieces: Sequence[Piece]) -> list[Block]:
    """The blocks that these pieces of lines form; a line with a number belongs to none."""
    found = []
    for heading in pieces:
        if not is_title(heading.text):
            continue
        below = sorted(
            (
                piece
                for piece in pieces
                if heading.box[1] < piece.box[1] < heading.box[3] + MAX_DEPTH and _one_column(heading.box, piece.box)
            ),
            key=lambda piece: piece.box[1],
        )
        lines = [heading]
        for piece in below:
            if is_title(piece.text) or is_label(piece.text):
                lines.append(piece)
            elif is_name(piece.text):
                lines.append(piece)
                found.append(Block(tuple(lines), _around(lines)))
                break
    return found


def _one_column(one: Box, other: Box) -> bool:
    shared = min(one[2], other[2]) - max(one[0], other[0])
    return shared > MIN_SHARED * min(one[2] - one[0], other[2] - other[0])


def _around(lines: Sequence[Piece]) -> Box:
    boxes = [line.box for line in lines]
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
