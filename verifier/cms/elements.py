"""BER elements by their offsets (X.690 §8.1), without decoding what stands in them: where does each begin and end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MAX_ELEMENTS = 1_000_000
"""Looked at in one file: a content of 1 GB in pieces of 1 kB has as many; more is no signature file."""

_CONSTRUCTED = 0x20
_INDEFINITE = 0x80
_LONG_TAG = 0x1F


class MalformedError(ValueError):
    """These bytes are no BER element, or there are too many of them."""


@dataclass(frozen=True)
class Element:
    """One element: its identifier octet, where it begins and ends, and where its contents do."""

    tag: int
    start: int
    inside: int
    inside_end: int
    end: int

    @property
    def is_constructed(self) -> bool:
        """Whether its contents are elements."""
        return bool(self.tag & _CONSTRUCTED)


class Elements:
    """Reads the elements of one file; counts how many were looked at."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = MAX_ELEMENTS

    def at(self, start: int, limit: int | None = None) -> Element:
        """The element that begins at an offset.

        Args:
            start: where it begins.
            limit: where what is around it ends; None: the end of the data.

        Raises:
            MalformedError: there is none that ends before the limit.
        """
        limit = len(self._data) if limit is None else limit
        tag, inside, size = self._header(start, limit)
        if size is not None:
            return Element(tag, start, inside, inside + size, inside + size)
        inside_end = self._end_of_contents(inside, limit)
        return Element(tag, start, inside, inside_end, inside_end + 2)

    def children(self, parent: Element) -> Iterator[Element]:
        """The elements in a constructed one, in their order.

        Raises:
            MalformedError: it holds anything else, or is none.
        """
        if not parent.is_constructed:
            raise MalformedError("not constructed")
        at = parent.inside
        while at < parent.inside_end:
            child = self.at(at, parent.inside_end)
            yield child
            at = child.end

    def _header(self, start: int, limit: int) -> tuple[int, int, int | None]:
        """Identifier octet, where the contents begin, and their size (None: up to the end-of-contents octets)."""
        self._left -= 1
        if self._left < 0:
            raise MalformedError("too many elements")
        head = self._data[start : min(start + 2, limit)]
        if len(head) < 2 or head[0] & _LONG_TAG == _LONG_TAG:
            raise MalformedError("no element")
        tag, first = head
        if first < _INDEFINITE:
            inside, size = start + 2, first
        elif first == _INDEFINITE:
            if not tag & _CONSTRUCTED:
                raise MalformedError("a primitive element without a length")
            return tag, start + 2, None
        else:
            inside = start + 2 + (first & 0x7F)
            size = int.from_bytes(self._data[start + 2 : min(inside, limit)])
        if inside + size > limit:
            raise MalformedError("longer than what is around it")
        return tag, inside, size

    def _end_of_contents(self, at: int, limit: int) -> int:
        """Where the contents of an element of indefinite length end, those inside it of the same kind included."""
        open_elements = 1
        while True:
            if self._data[at : at + 2] == b"\0\0" and at + 2 <= limit:
                open_elements -= 1
                if open_elements == 0:
                    return at
                at += 2
                continue
            _, inside, size = self._header(at, limit)
            open_elements += size is None
            at = inside if size is None else inside + size
