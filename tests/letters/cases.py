"""Letters of this practice, honest ones and forgeries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.attacks.ink_making import text_width
from tests.letters.making import (
    AGENCY,
    AMOUNT,
    AMOUNT_Y,
    COLLEAGUE,
    DATE_X,
    DRAFTER,
    GUEST,
    HEAD_Y,
    LEADER,
    NUMBER_X,
    STRANGE_AGENCY,
    STRANGER,
    Act,
    day,
    initials,
    leader,
    month,
    number,
    stamp,
    words,
)


@dataclass(frozen=True)
class Letter:
    """A letter's head, whether it is a scan, its acts and the first signature's DocMDP level."""

    name: str
    acts: tuple[Act, ...]
    level: int | None
    head: str = "blanks"
    scan: bool = False
    warned: str = ""
    """The warning that a forgery on a letter without certification gets, where it may pass."""


HEADS = (("blanks", False), ("leaders", False), ("blanks", True))
ALL = (initials(), leader(), number(), day(), month(), stamp())


def honest() -> Iterator[Letter]:
    """Orders, heads and levels as they come from the state's tool."""
    orders: tuple[tuple[str, tuple[Act, ...]], ...] = (
        ("the usual six", ALL),
        ("seven, with two drafters", (initials(), initials(COLLEAGUE, 3, 38), *ALL[1:])),
        ("without initials", ALL[1:]),
        ("number after the date", (leader(), day("05"), month("12"), number("7"), stamp())),
        ("sealed before the number", (leader(), stamp(), number("118"), day(), month())),
        ("no picture of a seal", (*ALL[:5], stamp(picture=False))),
        ("leader alone", (leader(),)),
        ("leader and seal", (leader(), stamp())),
        ("the leader of another body, by name", (leader(GUEST), initials(), stamp())),
    )
    for name, acts in orders:
        for level in (None, 2, 3):
            for head, scan in HEADS:
                if scan and name.startswith(("seven", "the leader of")):
                    continue
                if name.startswith("the leader of") and level is not None:
                    continue
                yield Letter(f"{name}, P={level}, {head}{' scanned' * scan}", acts, level, head, scan)
    for level in (None, 2):
        yield Letter(f"no blanks, P={level}", (initials(), leader(), stamp()), level, "written")
        yield Letter(f"a guest signs where his name is printed, P={level}", (initials(), leader(GUEST)), level)
    yield Letter("one signature, P=1", (leader(),), 1)
    yield Letter("one signature, P=1, scanned", (leader(),), 1, scan=True)


def forged() -> Iterator[Letter]:
    """Each kind of forgery, at each level."""
    for level in (None, 2, 3):
        yield from _forged_at(level)
    for name, act in (("number", number()), ("seal", stamp()), ("leader", leader()), ("a dot", words(".", 300, 100))):
        yield Letter(f"{name} after P=1", (initials(), act), 1)


def _forged_at(level: int | None) -> Iterator[Letter]:
    before: Sequence[Act] = (leader(),)
    sign = text_width("Số: 118", 13)
    written_day = DATE_X + text_width("Lai Châu, ngày 24", 13, "italic")
    for scan in (False, True):
        ground = f"P={level}{' scanned' * scan}"
        more = words("9", NUMBER_X + sign - 0.5, HEAD_Y)
        yield Letter(f"a digit more in a written number, {ground}", (*before, more), level, "written", scan)
        more = words("1", DATE_X + text_width("Lai Châu, ngày ", 13, "italic") - 5, HEAD_Y, font="italic")
        yield Letter(f"a digit before a written day, {ground}", (*before, more), level, "written", scan)
        for who in (STRANGE_AGENCY, STRANGER, LEADER, DRAFTER, COLLEAGUE):
            yield Letter(f"number by {who}, {ground}", (*before, number(who=who)), level, "blanks", scan)
        money = words(".000", 85 + text_width(AMOUNT, 13) + 0.5, AMOUNT_Y)
        yield Letter(f"amount completed by the agency, {ground}", (*before, stamp(), money), level, "blanks", scan)
    again = (*before, number(), day("2"), month(), words("9", day().rect[0] + 11, HEAD_Y, font="italic"))
    yield Letter(f"day changed after issue, P={level}", again, level)
    yield Letter(f"day after a written one, P={level}", (*before, words("1", written_day, HEAD_Y)), level, "written")
    for who in (COLLEAGUE, STRANGER, DRAFTER):
        yield Letter(f"leader's picture by {who}, P={level}", (initials(), leader(who)), level)
    for who in (AGENCY, COLLEAGUE):
        clause = words("Bên B trả thêm 5 triệu đồng", 100, 420, who)
        warned = "" if level else "WORDS-ADDED-BY-SIGNATURE"
        yield Letter(f"a clause by {who}, P={level}", (*before, clause), level, warned=warned)
