"""Is there anything after a signed revision at all? What it is, ``updates/reading.py`` says."""

from __future__ import annotations

from enum import StrEnum

_WHITESPACE = b"\x00\t\n\x0c\r "
_LINE_END_BYTES = 2


class Tail(StrEnum):
    """What stands after the signed bytes."""

    NOTHING = "nothing"
    """Nothing, or one end-of-line marker."""
    BLANK = "blank"
    """White space that no writer of updates puts there: no viewer shows it, but it was not signed."""
    MORE = "more"
    """Incremental updates, or what is to pass for them."""


def classify_tail(data: bytes, end: int) -> Tail:
    """Say what the bytes from ``end`` on are."""
    tail = data[end : end + _LINE_END_BYTES + 1]
    if len(data) - end <= _LINE_END_BYTES and tail in (b"", b"\r", b"\n", b"\r\n"):
        return Tail.NOTHING
    return Tail.MORE if data[end:].strip(_WHITESPACE) else Tail.BLANK
