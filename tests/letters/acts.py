"""What one signature does on a letter: whose it is, and what its field shows where."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.attacks.ink_making import Drawn, Item, Pixels, Rect, Text, handwriting, seal, text_width
from tests.letters.papers import (
    END,
    END_X,
    END_Y,
    HEADS,
    LANDSCAPE,
    RECIPIENTS_END,
    RECIPIENTS_Y,
)
from tests.letters.signers import AGENCY, COLLEAGUE, DRAFTER, LEADER

NUMBER, DAY, MONTH, YEAR = range(4)


@dataclass(frozen=True)
class Act:
    """One signature: whose, and what its field shows in which rectangle of which page (from 0)."""

    who: str
    rect: Rect
    items: tuple[Item, ...]
    page: int = 0

    def on(self, page: int) -> Act:
        """The same on another page."""
        return replace(self, page=page)


def initials(who: str = DRAFTER, seed: int = 1, shift: float = 0) -> Act:
    """By hand, after the letter's end."""
    left = END_X + text_width(END, 13) + 4 + shift
    return Act(who, (left, END_Y - 4, left + 34, END_Y + 13), (Pixels(handwriting(seed), (left, 538, left + 34, 552)),))


def checker(who: str = COLLEAGUE, seed: int = 4) -> Act:
    """By hand, after "Lưu: VT"."""
    left, y = END_X + text_width(RECIPIENTS_END, 11) + 4, RECIPIENTS_Y
    return Act(who, (left, y - 6, left + 30, y + 12), (Pixels(handwriting(seed), (left, y - 4, left + 30, y + 9)),))


def leader(who: str = LEADER, seed: int = 2) -> Act:
    """By hand, between title and name."""
    return Act(who, (355, 228, 470, 300), (Pixels(handwriting(seed), (360, 236, 460, 292)),))


def stamp(who: str = AGENCY, picture: bool = True) -> Act:
    """The seal over the left of the leader's signature, or no picture: a field of no size."""
    if not picture:
        return Act(who, (0, 0, 0, 0), ())
    return Act(who, (310, 215, 410, 315), (Pixels(seal(), (312, 217, 408, 313)),))


def hung(who: str = AGENCY, landscape: bool = False) -> Act:
    """The seal over the top of the annex on the second page, across its title."""
    top = (LANDSCAPE[1] if landscape else 842.0) - 30
    return Act(who, (110, top - 100, 210, top), (Pixels(seal(), (112, top - 98, 208, top - 2)),), 1)


def hung_turned(who: str = AGENCY) -> Act:
    """The same on a page that is turned: its top is the left side of the sheet, from above."""
    return Act(who, (30, 110, 130, 210), (Pixels(seal(), (32, 112, 128, 208)),), 1)


def across_edges(who: str = AGENCY, page: int = 0) -> Act:
    """The seal on the right margin ("giáp lai")."""
    return Act(who, (515, 400, 593, 478), (Pixels(seal(), (517, 402, 591, 476)),), page)


def written(part: int, text: str, who: str = AGENCY, head: str = "blanks", shift: float = 3.0) -> Act:
    """Text into a blank of a head: number, day, month or year."""
    of = HEADS[head]
    left, wide = of.place(part)
    font = of.font if part == NUMBER else of.slanted
    shown = Text(left + shift, of.y, text, of.size, font)
    return Act(who, (left, of.y - 4, left + max(wide, shown.width + 2 * shift), of.y + of.size - 1), (shown,))


def number(text: str = "2118", who: str = AGENCY, head: str = "blanks") -> Act:
    """Into the number's blank."""
    return written(NUMBER, text, who, head)


def day(text: str = "24", who: str = AGENCY, head: str = "blanks") -> Act:
    """Into the day's blank."""
    return written(DAY, text, who, head)


def month(text: str = "06", who: str = AGENCY, head: str = "blanks") -> Act:
    """Into the month's blank."""
    return written(MONTH, text, who, head)


def year(text: str = "26", who: str = AGENCY, head: str = "year blank") -> Act:
    """Into the year's blank."""
    return written(YEAR, text, who, head, 1.5)


def words(text: str, x: float, y: float, who: str = AGENCY, font: str = "regular", size: float = 13) -> Act:
    """Words at a place."""
    wide = text_width(text, size, font)
    return Act(who, (x - 2, y - 5, x + wide + 4, y + 14), (Text(x, y, text, size, font),))


def drawn(operators: str, rect: Rect, who: str = AGENCY) -> Act:
    """Strokes or areas, in page coordinates."""
    return Act(who, rect, (Drawn(operators, below=False),))
