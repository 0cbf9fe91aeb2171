"""One cross-reference section: a table with its trailer, or a stream (ISO 32000-2 §7.5.4, §7.5.8).

PDFium takes entries of a table by 20 bytes each, poppler and pdf.js by words; only what both read alike is an entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from verifier.pdf.updates.defects import Defect, DefectError, Rule
from verifier.pdf.updates.grammar import (
    AHEAD,
    WHITE,
    Dictionary,
    IndirectObject,
    Name,
    Ref,
    behind_line_ends,
    is_count,
    parse_dictionary,
    parse_object,
)
from verifier.pdf.updates.streams import inflated

FREE, IN_USE, COMPRESSED = 0, 1, 2
ENTRY_BYTES = 20
MAX_NUMBER = 8_388_607
"""Object numbers above it are refused by some viewers (annex C)."""
_TABLE = re.compile(AHEAD.pattern + rb"xref[ \t]*(?:\r\n|\n|\r)")
_SUBSECTION = re.compile(rb"(\d{1,10}) (\d{1,10})[ \t]*(?:\r\n|\n|\r)")
_ENTRIES = re.compile(rb"(?:\d{10} \d{5} [nf](?: \n| \r|\r\n))*")
_TRAILER = re.compile(rb"[" + WHITE + rb"]*trailer(?=[" + WHITE + rb"<])")
_PLAIN_NUMBER = re.compile(rb"[" + WHITE + rb"]*(\d{1,10})[" + WHITE + rb"]+endobj")
_KINDS = {0x6E: IN_USE, 0x66: FREE}


class Entry(NamedTuple):
    """Where an object is: ``kind``, then offset and generation, or the object stream's number and the index in it."""

    kind: int
    first: int
    second: int


State = dict[int, Entry]
"""Where each object is, as one revision has it."""


@dataclass(frozen=True)
class Section:
    """One section; ``end`` is the offset behind its trailer or stream. Its defects do not keep it from being read."""

    start: int
    end: int
    entries: dict[int, Entry]
    trailer: Dictionary
    stream: IndirectObject | None = None
    hybrid: Section | None = None
    """The stream beside a table (``/XRefStm``, §7.5.8.4)."""
    defects: tuple[Defect, ...] = field(default=(), repr=False)

    @property
    def prev(self) -> int | None:
        """Offset of the section before; None for the first.

        Raises:
            DefectError: ``/Prev`` is no offset.
        """
        value = self.trailer.get(b"Prev")
        if value is None:
            return None
        if not is_count(value) or value == 0:
            raise DefectError(Rule.CHAIN, self.start)
        return int(value)

    @property
    def merged(self) -> dict[int, Entry]:
        """What the section says of each object: what a table frees, the stream beside it may define."""
        if self.hybrid is None:
            return self.entries
        return {**self.entries, **self.hybrid.entries}


def read_section(data: bytes, at: int) -> Section:
    """The section at this very offset.

    Raises:
        DefectError: there is none of the proper form.
    """
    if not 0 <= at < len(data):
        raise DefectError(Rule.CHAIN, at)
    if data.startswith(b"xref", behind_line_ends(data, at)):
        return _read_table(data, at)
    return _read_stream(data, at)


def plain_number(data: bytes, state: State, ref: Ref) -> int | None:
    """The value of a plain object that is a number, as an indirect ``/Length`` is; None where it is none."""
    entry = state.get(ref.number)
    if entry is None or entry.kind != IN_USE or entry.second != ref.generation:
        return None
    head = b"%d %d obj" % ref
    start = behind_line_ends(data, entry.first)
    found = _PLAIN_NUMBER.match(data, start + len(head)) if data.startswith(head, start) else None
    return int(found[1]) if found else None


def _read_table(data: bytes, at: int) -> Section:
    head = _TABLE.match(data, at)
    if head is None:
        raise DefectError(Rule.SECTION, at)
    entries: dict[int, Entry] = {}
    defects: list[Defect] = []
    position = head.end()
    while (subsection := _SUBSECTION.match(data, position)) is not None:
        first, count = int(subsection[1]), int(subsection[2])
        start, position = subsection.end(), subsection.end() + count * ENTRY_BYTES
        _add(entries, _table_entries(data, first, start, position), start, defects)
        if first == 1 and count and entries[1].kind == FREE:
            defects.append(Defect(Rule.OBJECT_ZERO, start))  # pdf.js and qpdf take it for object 0
    trailer = _TRAILER.match(data, position)
    if trailer is None:
        raise DefectError(Rule.SECTION, position)
    dictionary, end = parse_dictionary(data, trailer.end())
    _check_entries(entries, dictionary, at, defects)
    hybrid = _read_hybrid(data, dictionary, entries, defects)
    return Section(at, end, entries, dictionary, None, hybrid, tuple(defects))


def _table_entries(data: bytes, first: int, start: int, stop: int) -> Iterator[tuple[int, Entry]]:
    lines = data[start:stop]
    if _ENTRIES.fullmatch(lines) is None:
        raise DefectError(Rule.SECTION, start)
    for number, offset in enumerate(range(0, len(lines), ENTRY_BYTES), first):
        kind = _KINDS[lines[offset + 17]]
        yield number, Entry(kind, int(lines[offset : offset + 10]), int(lines[offset + 11 : offset + 16]))


def _read_hybrid(data: bytes, trailer: Dictionary, entries: dict[int, Entry], defects: list[Defect]) -> Section | None:
    """The stream beside the table: it may define what the table leaves out or frees, and says the same otherwise."""
    if b"XRefStm" not in trailer:
        return None
    at = trailer[b"XRefStm"]
    if not is_count(at):
        raise DefectError(Rule.HYBRID)
    hybrid = _read_stream(data, at)
    defects.extend(hybrid.defects)
    for number, entry in hybrid.entries.items():
        told = entries.get(number)
        if told is not None and told.kind != FREE and told != entry:
            defects.append(Defect(Rule.HYBRID, at))
            break
    if any(hybrid.trailer.get(key, trailer.get(key)) != trailer.get(key) for key in (b"Root", b"Encrypt")):
        defects.append(Defect(Rule.HYBRID, at))
    return hybrid


def _read_stream(data: bytes, at: int) -> Section:
    found = parse_object(data, at, lambda _: None)
    trailer = found.value
    if found.data is None or trailer.get(b"Type") != Name(b"XRef"):
        raise DefectError(Rule.SECTION, at)
    entries: dict[int, Entry] = {}
    defects: list[Defect] = []
    for first, rows in _stream_rows(data, found):
        _add(entries, enumerate(rows, first), at, defects)
    _check_entries(entries, trailer, at, defects)
    return Section(at, found.end, entries, trailer, found, None, tuple(defects))


def _stream_rows(data: bytes, stream: IndirectObject) -> Iterator[tuple[int, Iterator[Entry]]]:
    """The subsections of a cross-reference stream (tables 17 and 18)."""
    trailer = stream.value
    widths, size = trailer.get(b"W"), trailer.get(b"Size")
    index = trailer.get(b"Index", [0, size])
    if not _are_numbers(widths, 3) or max(widths) > 8 or not _are_numbers(index, None) or len(index) % 2:
        raise DefectError(Rule.SECTION, stream.start)
    content, width = inflated(data, stream), sum(widths)
    if not width or len(content) != width * sum(index[1::2]):
        raise DefectError(Rule.SECTION, stream.start)
    position = 0
    for first, count in zip(index[::2], index[1::2], strict=True):
        yield first, _rows(content, position, count, widths, stream.start)
        position += count * width


def _rows(content: bytes, position: int, count: int, widths: list[int], at: int) -> Iterator[Entry]:
    one, two, width = widths[0], widths[0] + widths[1], sum(widths)
    for start in range(position, position + count * width, width):
        kind = int.from_bytes(content[start : start + one], "big") if one else IN_USE
        if kind > COMPRESSED:
            raise DefectError(Rule.ENTRY, at)
        middle, last = content[start + one : start + two], content[start + two : start + width]
        yield Entry(kind, int.from_bytes(middle, "big"), int.from_bytes(last, "big"))


def _are_numbers(value: object, count: int | None) -> bool:
    if not isinstance(value, list) or (count is not None and len(value) != count):
        return False
    return all(is_count(item) and item <= MAX_NUMBER for item in value)


def _add(entries: dict[int, Entry], found: Iterator[tuple[int, Entry]], at: int, defects: list[Defect]) -> None:
    before = len(entries)
    told = 0
    for number, entry in found:
        told += 1
        entries[number] = entry
    if len(entries) - before != told:
        defects.append(Defect(Rule.ENTRY_TWICE, at))


def _check_entries(entries: dict[int, Entry], trailer: Dictionary, at: int, defects: list[Defect]) -> None:
    """Object 0 is free, and ``/Size`` greater than every number (§7.5.4, table 15)."""
    size = trailer.get(b"Size")
    if 0 in entries and entries[0].kind != FREE:
        defects.append(Defect(Rule.OBJECT_ZERO, at))
    if not is_count(size) or size > MAX_NUMBER + 1 or max(entries, default=0) >= size:
        defects.append(Defect(Rule.SIZE, at))
    if not isinstance(trailer.get(b"Root", Ref(1, 0)), Ref):
        defects.append(Defect(Rule.TRAILER, at))
