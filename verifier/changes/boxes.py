"""A page's boxes (ISO 32000-2 §14.11.2), written anew with fewer decimals: poppler writes ten."""

from __future__ import annotations

from decimal import Decimal

import pikepdf

from verifier.changes.revision_objects import items, number_of

BOXES = frozenset({"/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox"})
MAX_DIFFERENCE = Decimal("1e-9")
"""Of a point, 0.35 mm: a thousandth of the width of an atom, and a millionth of a pixel at any size of a page."""


def same_box(before: pikepdf.Object | None, after: pikepdf.Object | None) -> bool:
    """Whether two boxes differ by nothing but the rounding of their numbers."""
    first, second = _numbers(before), _numbers(after)
    if first is None or second is None:
        return False
    return all(abs(one - other) <= MAX_DIFFERENCE for one, other in zip(first, second, strict=True))


def _numbers(box: pikepdf.Object | None) -> list[Decimal] | None:
    """The four numbers of a rectangle; None where it is none."""
    if not isinstance(box, pikepdf.Array) or len(box) != 4:
        return None
    sides = items(box)
    if any(number_of(side) is None for side in sides):
        return None
    return [Decimal(side.unparse(resolved=True).decode("ascii")) for side in sides]
