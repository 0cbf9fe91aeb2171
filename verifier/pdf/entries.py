"""Cross-reference entries counted while pyHanko reads them: beyond a number that no paper has the reading stops.

``install`` puts the counting readers in place of pyHanko's own, in this process. A reader makes an object of each entry
of each section; a stream of some kilobytes can hold millions of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from pyhanko.pdf_utils import xref

from verifier.guard import UnreadableError

MAX_ENTRIES = 1_000_000
"""Of all sections of a file together; pyHanko takes 4 s for them. A book of 2,000 pages has 100,000."""

Parser = Callable[..., Iterator[xref.XRefEntry]]


class _Count:
    """Of the file that is being read; a worker process reads one at a time."""

    entries = 0


def install() -> None:
    """Let pyHanko count from now on, each file from 0."""
    if not hasattr(xref.XRefBuilder.read_xrefs, "__wrapped__"):
        xref.parse_xref_table = _counting(xref.parse_xref_table)
        xref.parse_xref_stream = _counting(xref.parse_xref_stream)
        xref.XRefBuilder.read_xrefs = _from_zero(xref.XRefBuilder.read_xrefs)  # type: ignore[method-assign]


def _counting(parse: Parser) -> Parser:
    @wraps(parse)
    def counted(*args: Any, **kwargs: Any) -> Iterator[xref.XRefEntry]:
        for entry in parse(*args, **kwargs):
            _Count.entries += 1
            if _Count.entries > MAX_ENTRIES:
                raise UnreadableError("TOO-COSTLY", "cross-reference entries")
            yield entry

    return counted


def _from_zero(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @wraps(read)
    def counted(builder: Any) -> Any:
        _Count.entries = 0
        return read(builder)

    return counted
