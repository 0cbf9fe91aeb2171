"""Functions and shadings that every viewer computes alike (ISO 32000-2 §7.10, §8.7.4.5)."""

from __future__ import annotations

import itertools

import pikepdf

from verifier.changes.alike.colours import components
from verifier.changes.alike.exponential import is_plain_exponential
from verifier.changes.comparison import dictionary_of
from verifier.changes.revision_objects import items, number_of

MAX_PIECES = 64
_UNIT = [0.0, 1.0]
_COORDINATES = {2: 4, 3: 6}
"""Along a line, between circles: how many numbers."""


def is_plain_function(function: pikepdf.Object | None) -> bool:
    """An exponential one, or some of them one after the other with their bounds in order within."""
    entries = dictionary_of(function)
    if number_of(entries.get("/FunctionType")) != 3 or isinstance(function, pikepdf.Stream):
        return is_plain_exponential(function)
    pieces = items(entries.get("/Functions"))
    bounds = [number_of(one) or 0.0 for one in items(entries.get("/Bounds"))]
    encoded = _numbers(entries.get("/Encode"))
    marks = [0.0, *bounds, 1.0]
    return (
        _numbers(entries.get("/Domain")) == _UNIT
        and 0 < len(pieces) <= MAX_PIECES
        and len(bounds) == len(pieces) - 1
        and all(low < high for low, high in itertools.pairwise(marks))
        and len(encoded) == 2 * len(pieces)
        and all(sorted(pair) == _UNIT for pair in zip(encoded[::2], encoded[1::2], strict=True))
        and all(map(is_plain_exponential, pieces))
    )


def is_plain_shading(shading: pikepdf.Object | None) -> bool:
    """Along a line or between two circles that differ, without a ground of its own."""
    entries = dictionary_of(shading)
    kind = int(number_of(entries.get("/ShadingType")) or 0)
    place = _numbers(entries.get("/Coords"))
    if isinstance(shading, pikepdf.Stream) or len(place) != _COORDINATES.get(kind) or "/Background" in entries:
        return False
    half = len(place) // 2
    functions = entries.get("/Function")
    every = items(functions) if isinstance(functions, pikepdf.Array) else [functions]
    return (
        place[:half] != place[half:]
        and "/BBox" not in entries
        and ("/Domain" not in entries or _numbers(entries["/Domain"]) == _UNIT)
        and bool(components(entries.get("/ColorSpace")))
        and all(map(is_plain_function, every))
    )


def _numbers(value: pikepdf.Object | None) -> list[float]:
    """The numbers of an array; none where one of its items is something else."""
    found = [number_of(one) for one in items(value)]
    return [] if None in found else [one for one in found if one is not None]
