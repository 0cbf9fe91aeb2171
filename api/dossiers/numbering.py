"""How outgoing letters are numbered: what is printed, what comes next, which numbers nobody has explained. Pure.

A number of a register has one state::

    (free) ── given to an order ──→ given ── the letter is out ──→ issued
       │                              └───── voided ─────────────→ void
       ├───── used on paper ────────→ paper ── voided ───────────→ void
       └───── never used: a reason ─→ void

A register only goes up: the next number is above every number that was ever recorded, so none is given twice. Numbers
below the highest that nobody recorded are gaps, until they are recorded as used on paper or voided with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

MAX_NUMBER = 999_999
MAX_JUMP = 100
"""A number so far above the last one is more likely a slip of the keyboard: it is taken only if it was meant."""


class NumberState(StrEnum):
    """What became of a number."""

    GIVEN = "given"
    ISSUED = "issued"
    PAPER = "paper"
    VOID = "void"


class NumberOrigin(StrEnum):
    """Who gave a number."""

    SERVICE = "service"
    PORTAL = "portal"
    PAPER = "paper"
    NOBODY = "nobody"
    """It was never used: a gap that was voided."""


def printed_number(number: int) -> str:
    """The digits as they stand on paper: below 10 with a 0 before (NĐ 30/2020 Phụ lục I, phần I, mục II.3.a)."""
    return f"{number:02d}"


def paper_number(number: int, sign: str) -> str:
    """Number and sign as they are quoted: ``05/QĐ-UBND``."""
    return f"{printed_number(number)}/{sign}"


def next_number(last: int, first: int) -> int:
    """What comes after the highest number recorded; ``first`` is where the year begins."""
    return max(last + 1, first)


def gaps(recorded: Iterable[int], first: int) -> tuple[tuple[int, int], ...]:
    """The numbers from ``first`` to the highest recorded one that nobody recorded: ranges, both ends included."""
    found, expected = [], first
    for number in sorted(set(recorded)):
        if number > expected:
            found.append((expected, number - 1))
        expected = max(expected, number + 1)
    return tuple(found)
