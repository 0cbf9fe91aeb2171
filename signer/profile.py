"""Where and how large an agency's seals stand: a profile, as data of each agency (``[agency.….placement]``).

::

    [agency.so-tnmt.placement]
    methods = ["text", "field", "corner", "free-space", "margin"]   # tried in this order
    signature_mm = [45.0, 22.0]      # largest width and height of the signature's picture
    person_field = "NguoiKy"         # names of empty signature fields in the agency's templates
    agency_field = "CoQuan"
    corner = "bottom-right"          # and how far from the page's edges
    corner_mm = [20.0, 20.0]

What is left out has the value of ``PlacementProfile()``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Method(StrEnum):
    """A way to find the seals' places."""

    TEXT = "text"
    """Between the signer's title and name, found in the page's text (NĐ 30/2020 Phụ lục I)."""
    FIELD = "field"
    """In the empty signature fields of these names."""
    CORNER = "corner"
    """At a fixed distance from a corner of the last page."""
    FREE_SPACE = "free-space"
    """The lowest free place on the last page."""
    MARGIN = "margin"
    """As free space, but out into the page's margins."""


class Corner(StrEnum):
    """A corner of the displayed page."""

    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"


SIGNATURE_RANGE_MM = (10.0, 90.0)
CORNER_RANGE_MM = (3.0, 150.0)


@dataclass(frozen=True)
class PlacementProfile:
    """How an agency's seals are placed; lengths in millimetres.

    Raises:
        ValueError: no method, one twice, or a length out of range.
    """

    methods: tuple[Method, ...] = (Method.TEXT, Method.FIELD, Method.CORNER, Method.FREE_SPACE, Method.MARGIN)
    signature_mm: tuple[float, float] = (45.0, 22.0)
    person_field: str | None = None
    agency_field: str | None = None
    corner: Corner | None = None
    corner_mm: tuple[float, float] = (20.0, 20.0)

    def __post_init__(self) -> None:
        if not self.methods or len(set(self.methods)) != len(self.methods):
            raise ValueError("methods: name each at most once, and one at least")
        for name, pair, (least, most) in (
            ("signature_mm", self.signature_mm, SIGNATURE_RANGE_MM),
            ("corner_mm", self.corner_mm, CORNER_RANGE_MM),
        ):
            if not all(least <= value <= most for value in pair):
                raise ValueError(f"{name}: between {least:g} and {most:g} mm")


NO_WISHES = PlacementProfile()
"""The law's own place where the page shows it, else wherever there is room."""


def placement_profile(entry: Mapping[str, Any]) -> PlacementProfile:
    """Read a profile's table.

    Raises:
        ValueError: an unknown name or value.
    """
    known: dict[str, Callable[[Any], Any]] = {
        "methods": lambda value: tuple(Method(item) for item in value),
        "signature_mm": _pair,
        "person_field": str,
        "agency_field": str,
        "corner": Corner,
        "corner_mm": _pair,
    }
    unknown = sorted(set(entry) - set(known))
    if unknown:
        raise ValueError(f"placement has no {unknown[0]}")
    return PlacementProfile(**{name: known[name](value) for name, value in entry.items()})


def _pair(value: Any) -> tuple[float, float]:
    width, height = value
    return float(width), float(height)
