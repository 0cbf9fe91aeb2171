"""What the clerk writes when a letter is issued: its number in the year's series and its date (NĐ 30/2020 Đ.15)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from verifier.drawing.placed.heads import DIGITS, BlankKind

MONTHS_WITH_ZERO = (1, 2)
"""NĐ 30/2020 Phụ lục I: "đối với những số thể hiện ngày nhỏ hơn 10 và tháng 1, 2 phải ghi thêm số 0 phía trước"."""


@dataclass(frozen=True)
class HeadEntry:
    """Number and date of a letter; the symbol after the number's slash is printed in the letter.

    Raises:
        ValueError: the number is not one to six digits, or is zero.
    """

    number: str
    issued_on: date

    def __post_init__(self) -> None:
        digits = self.number.isascii() and self.number.isdigit() and len(self.number) <= DIGITS[BlankKind.NUMBER]
        if not digits or int(self.number) == 0:
            raise ValueError(f"a letter's number is 1 to 999999, not {self.number!r}")

    @property
    def day(self) -> str:
        """As it is written: with a 0 before one digit."""
        return f"{self.issued_on.day:02d}"

    @property
    def month(self) -> str:
        """As it is written: only January and February have a 0."""
        month = self.issued_on.month
        return f"{month:02d}" if month in MONTHS_WITH_ZERO else str(month)

    @property
    def year(self) -> str:
        """As the letter has it printed."""
        return str(self.issued_on.year)

    @property
    def texts(self) -> Mapping[BlankKind, str]:
        """What belongs into which blank."""
        return {BlankKind.NUMBER: self.number, BlankKind.DAY: self.day, BlankKind.MONTH: self.month}
