"""A path that is being made: where viewers agree on what it shows (ISO 32000-2 §8.5).

A line without length, a filled piece without area, a clip by a line: one viewer draws a dot or a hair, another nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_Point = tuple[float, float]
MAKES = frozenset({"m", "l", "c", "v", "y", "h", "re"})
STROKES = frozenset({"S", "s", "B", "B*", "b", "b*"})
FILLS = frozenset({"f", "F", "f*", "B", "B*", "b", "b*"})
CLIPS = frozenset({"W", "W*"})
PAINTS = STROKES | FILLS
ENDS = PAINTS | {"n"}


@dataclass
class Path:
    """The pieces made so far, each by its points."""

    pieces: list[list[_Point]] = field(default_factory=list)
    clips: bool = False
    closed: bool = False
    """Whether the last piece was closed: what goes on from it begins a new one at its start."""

    @property
    def open(self) -> bool:
        """Whether a path was begun and neither painted nor given up."""
        return bool(self.pieces) or self.clips

    def takes(self, operator: str, numbers: Sequence[float]) -> bool:
        """Whether an operator that makes, clips by or ends a path is one that viewers take alike."""
        if operator in MAKES:
            return self._make(operator, numbers)
        if operator in CLIPS:
            self.clips = True
            return bool(self.pieces) and all(_has_area(piece) for piece in self._drawn())
        if operator in ENDS:
            good = self._is_plainly_painted(operator)
            self.pieces, self.clips, self.closed = [], False, False
            return good
        return True

    def _make(self, operator: str, numbers: Sequence[float]) -> bool:
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        if operator == "re":
            (x, y), (width, height) = points
            self.pieces.append([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])
            self.closed = True
        elif operator == "m":
            self.pieces.append(points)
            self.closed = False
        elif not self.pieces or (operator == "h" and len(self.pieces[-1]) < 2):
            return False
        elif operator == "h":
            self.closed = True
        elif self.closed:
            self.pieces.append([self.pieces[-1][0], *points])
            self.closed = False
        else:
            self.pieces[-1].extend(points)
        return True

    def _drawn(self) -> Iterator[list[_Point]]:
        """The pieces that are more than a place to begin at."""
        return (piece for piece in self.pieces if len(piece) > 1)

    def _is_plainly_painted(self, operator: str) -> bool:
        if operator in FILLS and not all(_has_area(piece) for piece in self._drawn()):
            return False
        return operator not in STROKES or all(_has_length(piece) for piece in self._drawn())


def _has_length(piece: Sequence[_Point]) -> bool:
    return any(point != piece[0] for point in piece)


def _has_area(piece: Sequence[_Point]) -> bool:
    """Whether not all points lie on one line."""
    x, y = piece[0]
    far = max(piece, key=lambda point: abs(point[0] - x) + abs(point[1] - y))
    across, down = far[0] - x, far[1] - y
    return any(across * (point[1] - y) != down * (point[0] - x) for point in piece)
