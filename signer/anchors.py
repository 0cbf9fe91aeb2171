"""The place where the authorised person signs by hand: between the title and the name (NĐ 30/2020 Phụ lục I).

Both are looked for in the text of the page. Of several places the lowest on the last page counts, of two side by side
the right one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from signer.geometry import MM, Rect
from signer.page_text import Found, PageText

MAX_BESIDE_NAME = 16
"""Letters that may stand with the name: academic degrees, not a sentence."""

MAX_BESIDE_TITLE = 40
"""Letters that may stand with the title: whose director it is."""

SHORT_TITLE = 5
"""Letters of a title on the page that begins the one of the agency's file ("GIÁM ĐỐC" of "Giám đốc Sở …")."""

LEAST_GAP = 12.0 * MM
MOST_GAP = 100.0 * MM
"""Between the title's foot and the name's head."""

MOST_ASIDE = 35.0 * MM
"""Between the middles of title and name."""

SAME_HEIGHT = 5.0 * MM


@dataclass(frozen=True)
class Anchor:
    """Title and name of one signature, displayed boxes."""

    title: Rect
    name: Rect

    @property
    def middle(self) -> float:
        """Where the column's middle is."""
        return (self.title.x0 + self.title.x1 + self.name.x0 + self.name.x1) / 4


def find_anchor(text: PageText, name: str, title: str | None) -> Anchor | None:
    """The place on this page; None where name and title do not stand over each other with room between them."""
    if not title:
        return None
    names = [found for found in text.find(name) if found.beside <= MAX_BESIDE_NAME]
    titles = [found for found in text.find(title) if found.beside <= MAX_BESIDE_TITLE]
    titles = titles or text.begins(title, SHORT_TITLE)
    anchors = [anchor for found in names if (anchor := _under(found, titles)) is not None]
    if not anchors:
        return None
    lowest = min(anchor.name.y0 for anchor in anchors)
    level = [anchor for anchor in anchors if anchor.name.y0 <= lowest + SAME_HEIGHT]
    return max(level, key=lambda anchor: anchor.middle)


def _under(name: Found, titles: Iterable[Found]) -> Anchor | None:
    """The name with the nearest title above it."""
    fitting = [
        found.box
        for found in titles
        if LEAST_GAP <= found.box.y0 - name.box.y1 <= MOST_GAP
        and abs(found.box.x0 + found.box.x1 - name.box.x0 - name.box.x1) / 2 <= MOST_ASIDE
    ]
    return Anchor(min(fitting, key=lambda box: box.y0), name.box) if fitting else None
