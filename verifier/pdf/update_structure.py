"""Are the bytes after a signed revision proper incremental updates (ISO 32000-2 §7.5.6)?

A proper update ends in ``startxref`` and ``%%EOF``, its newest cross-reference section lies behind the signed bytes,
and the chain of ``/Prev`` leads from there back to the section that the signed revision ends with. Anything else is
read differently by different viewers (incremental saving attacks of Mladenov et al. 2019).
"""

from __future__ import annotations

import re
from enum import StrEnum

MAX_SECTIONS = 2_000
_STARTXREF = re.compile(rb"startxref[\s\x00]+(\d{1,12})")
_PREV = re.compile(rb"/Prev[\s\x00]+(\d{1,12})(?![\s\x00]+\d+[\s\x00]+R)")
_TAIL_WINDOW = 2_048
_DICTIONARY_WINDOW = 16_384
_WHITESPACE = b"\x00\t\n\x0c\r "
_LINE_END_BYTES = 2


class Tail(StrEnum):
    """What stands after the signed bytes."""

    NOTHING = "nothing"
    """Nothing, or one end-of-line marker."""
    BLANK = "blank"
    """White space that no writer of updates puts there: no viewer shows it, but it was not signed."""
    UPDATES = "updates"
    """Proper incremental updates."""
    IMPROPER = "improper"
    """Bytes that are no proper incremental update."""


def classify_tail(data: bytes, end: int) -> Tail:
    """Say what the bytes from ``end`` on are."""
    tail = data[end : end + _LINE_END_BYTES + 1]
    if len(data) - end <= _LINE_END_BYTES and tail in (b"", b"\r", b"\n", b"\r\n"):
        return Tail.NOTHING
    if not data[end:].strip(_WHITESPACE):
        return Tail.BLANK
    newest, signed = _last_startxref(data, len(data)), _last_startxref(data, end)
    if newest is None or signed is None or newest < end or b"%%EOF" not in data[-_TAIL_WINDOW:]:
        return Tail.IMPROPER
    return Tail.UPDATES if _leads_to(data, newest, signed, end) else Tail.IMPROPER


def _last_startxref(data: bytes, end: int) -> int | None:
    found = list(_STARTXREF.finditer(data, max(0, end - _TAIL_WINDOW), end))
    return int(found[-1][1]) if found else None


def _leads_to(data: bytes, newest: int, signed: int, end: int) -> bool:
    """Follow ``/Prev`` from the newest section: every section behind ``end``, until the signed revision's own."""
    section, seen = newest, set[int]()
    while section not in seen and len(seen) < MAX_SECTIONS:
        if section == signed:
            return True
        if not end <= section < len(data):
            return False
        seen.add(section)
        previous = _previous_section(data, section)
        if previous is None:
            return False
        section = previous
    return False


def _previous_section(data: bytes, section: int) -> int | None:
    """``/Prev`` of the cross-reference table or stream at this offset; None where there is none."""
    while section < len(data) and data[section : section + 1] in (b"\r", b"\n", b" "):
        section += 1
    stop = data.find(b"startxref", section)
    if data[section : section + 4] == b"xref":
        start = data.find(b"trailer", section, stop if stop > 0 else len(data))
    else:
        start = section
        stream = data.find(b"stream", section, section + _DICTIONARY_WINDOW)
        stop = stream if stream > 0 else stop
    if start < 0 or stop < 0:
        return None
    found = _PREV.search(data, start, stop)
    return int(found[1]) if found else None
