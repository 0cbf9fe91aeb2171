"""A page as a person sees it: rotation, crop box and user unit applied, and the way back to PDF's own coordinates.

Displayed coordinates: points (1/72 inch), origin at the lower left corner of the page as displayed, y upwards.
User space: what the PDF's content and annotations are written in (ISO 32000-2 8.3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from pyhanko.pdf_utils import generic

MM = 72 / 25.4
"""Points in a millimetre."""

Matrix = tuple[float, float, float, float, float, float]

NUMBER = (int, float, Decimal)
"""PDF numbers as pyHanko reads them: its reals are decimals."""

DEFAULT_BOX = (0.0, 0.0, 612.0, 792.0)
"""A page without a media box; viewers show US Letter."""


@dataclass(frozen=True)
class Rect:
    """Lower left and upper right corner."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """From left to right, in points."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """From bottom to top, in points."""
        return self.y1 - self.y0

    def grown(self, by: float) -> Rect:
        """The same rectangle with a border of ``by`` around it."""
        return Rect(self.x0 - by, self.y0 - by, self.x1 + by, self.y1 + by)

    def moved(self, x: float, y: float) -> Rect:
        """The same rectangle elsewhere."""
        return Rect(self.x0 + x, self.y0 + y, self.x1 + x, self.y1 + y)

    def around(self, other: Rect) -> Rect:
        """The smallest rectangle around both."""
        return Rect(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))

    def overlaps(self, other: Rect) -> bool:
        """Do the two share more than an edge."""
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1


@dataclass(frozen=True)
class PageGeometry:
    """Visible box in user space, clockwise rotation in degrees (0, 90, 180, 270) and user unit of one page."""

    box: Rect
    rotation: int
    user_unit: float

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as displayed, in points."""
        width, height = self.box.width * self.user_unit, self.box.height * self.user_unit
        return (height, width) if self.rotation in (90, 270) else (width, height)

    @property
    def turn(self) -> Matrix:
        """The rotation alone, from displayed to user space: the matrix of an upright appearance."""
        a, b = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[self.rotation]
        return (a, b, -b, a, 0, 0)

    @property
    def matrix(self) -> Matrix:
        """From displayed coordinates to user space, as the operands of ``cm``."""
        a, b, c, d, _, _ = (value / self.user_unit for value in self.turn)
        # The displayed origin is the corner of the box that the rotation brings to the lower left.
        x = self.box.x1 if self.rotation in (90, 180) else self.box.x0
        y = self.box.y1 if self.rotation in (180, 270) else self.box.y0
        return (a, b, c, d, x, y)

    def to_user(self, rect: Rect) -> Rect:
        """A displayed rectangle in user space."""
        a, b, c, d, e, f = self.matrix
        corners = [(a * x + c * y + e, b * x + d * y + f) for x, y in ((rect.x0, rect.y0), (rect.x1, rect.y1))]
        return _ordered(corners)

    def to_displayed(self, rect: Rect) -> Rect:
        """A user space rectangle as displayed."""
        point = self.displaying()
        return _ordered([point(rect.x0, rect.y0), point(rect.x1, rect.y1)])

    def displaying(self) -> Callable[[float, float], tuple[float, float]]:
        """What brings points of user space to where they are displayed: for thousands of them."""
        a, b, c, d, e, f = self.matrix
        determinant = a * d - b * c

        def displayed(x: float, y: float) -> tuple[float, float]:
            x, y = x - e, y - f
            return (d * x - c * y) / determinant, (-b * x + a * y) / determinant

        return displayed


def page_geometry(page: generic.DictionaryObject) -> PageGeometry:
    """Read a page's geometry, inherited entries included (ISO 32000-2 7.7.3.4); a malformed one counts as absent."""
    media = _box(_inherited(page, "/MediaBox")) or Rect(*DEFAULT_BOX)
    crop = _box(_inherited(page, "/CropBox")) or media
    visible = Rect(max(media.x0, crop.x0), max(media.y0, crop.y0), min(media.x1, crop.x1), min(media.y1, crop.y1))
    if visible.width <= 0 or visible.height <= 0:
        visible = media
    rotation = _inherited(page, "/Rotate")
    unit = entry(page, "/UserUnit")
    return PageGeometry(
        box=visible,
        rotation=int(rotation) % 360 // 90 * 90 if isinstance(rotation, NUMBER) else 0,
        user_unit=float(unit) if isinstance(unit, NUMBER) and unit > 0 else 1.0,
    )


def entry(dictionary: generic.DictionaryObject, name: str) -> object:
    """An entry with its reference followed, None where there is none (``get`` of pyHanko follows none)."""
    return dictionary[name] if name in dictionary else None  # noqa: SIM401 - [] follows references, get does not


def _inherited(page: generic.DictionaryObject, name: str) -> object:
    node: object = page
    for _ in range(64):  # deeper than any real page tree; stops at cycles
        if not isinstance(node, generic.DictionaryObject):
            return None
        if name in node:
            return entry(node, name)
        node = entry(node, "/Parent")
    return None


def _box(value: object) -> Rect | None:
    if not isinstance(value, generic.ArrayObject) or len(value) != 4:
        return None
    numbers = [item.get_object() if isinstance(item, generic.IndirectObject) else item for item in value]
    if not all(isinstance(number, NUMBER) for number in numbers):
        return None
    rect = _ordered([(float(numbers[0]), float(numbers[1])), (float(numbers[2]), float(numbers[3]))])
    return rect if rect.width > 0 and rect.height > 0 else None


def _ordered(corners: list[tuple[float, float]]) -> Rect:
    (x0, y0), (x1, y1) = corners
    return Rect(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
