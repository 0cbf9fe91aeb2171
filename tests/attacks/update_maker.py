"""Updates written by hand, byte by byte, as a forger writes them: each part can be made wrong by itself."""

from __future__ import annotations

import functools
import io
import re
import struct
import zlib
from dataclasses import dataclass, field

import pikepdf

from tests.attacks.making import paper, sign
from verifier.pdf.updates.reading import StrictReading, UpdateReader
from verifier.report import ChangesAfter

GREEN = (ChangesAfter.NONE, ChangesAfter.EXTENSION, ChangesAfter.PERMITTED)
METADATA = b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>"


def last_section(data: bytes) -> int:
    """The offset that the file's last ``startxref`` gives."""
    return int(re.findall(rb"startxref\s+(\d+)", data)[-1])


@dataclass
class Paper:
    """A signed file, and what an update of it needs to know."""

    data: bytes
    root: int = 0
    size: int = 0
    catalog: bytes = b""
    content: int = 0
    page: int = 0
    page_text: bytes = b""

    def __post_init__(self) -> None:
        with pikepdf.open(io.BytesIO(self.data)) as pdf:
            self.root, self.size = pdf.Root.objgen[0], int(pdf.trailer.Size)
            self.catalog = pdf.Root.unparse(resolved=True)
            first = pdf.pages[0].obj
            self.page, self.page_text = first.objgen[0], first.unparse(resolved=True)
            self.content = first.Contents.objgen[0]

    def with_metadata(self, number: int) -> bytes:
        """The catalog's text with other metadata."""
        without = re.sub(rb"/Metadata \d+ 0 R", b"", self.catalog)
        return without.replace(b"<<", b"<< /Metadata %d 0 R" % number, 1)


def body(number: int | bytes, text: bytes, generation: int | bytes = 0) -> bytes:
    """An indirect object."""
    one, two = (part if isinstance(part, bytes) else b"%d" % part for part in (number, generation))
    return one + b" " + two + b" obj\n" + text + b"\nendobj\n"


def stream(content: bytes, entries: bytes = b"", length: int | None = None, before: bytes = b"\n") -> bytes:
    """A stream object's text; ``before`` stands between the keyword and the data."""
    told = len(content) if length is None else length
    return b"<< %s /Length %d >>\nstream%s" % (entries, told, before) + content + b"\nendstream"


@dataclass
class HandUpdate:
    """An update that only adds metadata, until it is tampered with.

    ``parts`` are (number, bytes) in the order in which they stand; number None is what no entry names. ``entries``
    replaces the line of an object; ``more_lines`` follow at the table's end.
    """

    paper: Paper
    parts: list[tuple[int | None, bytes]] = field(default_factory=list)
    entries: dict[int, bytes] = field(default_factory=dict)
    more_lines: bytes = b""
    size: int | None = None
    prev: int | None = None
    trailer: bytes = b""
    root: bytes = b""
    before_table: bytes = b""
    before_start: bytes = b""
    start: int | None = None
    before_end: bytes = b"\n"
    end: bytes = b"%%EOF\n"
    shift: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.parts:
            added = self.paper.size
            catalog = self.paper.with_metadata(added)
            self.parts = [
                (self.paper.root, body(self.paper.root, catalog)),
                (added, body(added, stream(METADATA, b"/Type /Metadata /Subtype /XML"))),
            ]

    def placed(self) -> tuple[bytes, dict[int, int]]:
        """The objects' bytes and where each stands in the file."""
        text, offsets = b"", dict[int, int]()
        for number, part in self.parts:
            if number is not None:
                offsets[number] = len(self.paper.data) + len(text) + self.shift.get(number, 0)
            text += part
        return text + self.before_table, offsets

    def with_table(self) -> bytes:
        """The file with the update, its cross-reference a table."""
        text, offsets = self.placed()
        table = len(self.paper.data) + len(text)
        lines = b""
        for number in sorted({*offsets, *self.entries}):
            line = self.entries.get(number, b"%010d 00000 n \n" % offsets.get(number, 0))
            lines += b"%d 1\n" % number + line if line else b""
        size = max([self.paper.size, *(number + 1 for number in offsets)]) if self.size is None else self.size
        prev = last_section(self.paper.data) if self.prev is None else self.prev
        root = self.root or b"%d 0 R" % self.paper.root
        trailer = b"trailer\n<< /Size %d /Root %s /Prev %d %s >>\n" % (size, root, prev, self.trailer)
        text += b"xref\n" + lines + self.more_lines + trailer + self.before_start
        start = table if self.start is None else self.start
        return self.paper.data + text + b"startxref\n%d" % start + self.before_end + self.end

    def with_stream(
        self,
        compressed: dict[int, bytes] | None = None,
        header: bytes | None = None,
        lies: dict[int, tuple[int, int, int]] | None = None,
        entries: bytes = b"",
    ) -> bytes:
        """The same with a cross-reference stream, and an object stream of the ``compressed`` ones before it.

        ``header`` replaces the object stream's pairs, ``lies`` entries by number; ``entries`` go into its dictionary.
        """
        text, offsets = self.placed()
        rows = {number: (1, at, 0) for number, at in offsets.items()}
        taken = max([self.paper.size, *(number + 1 for number in offsets), *((n + 1) for n in compressed or {})])
        if compressed:
            container = taken
            taken += 1
            rows[container] = (1, len(self.paper.data) + len(text), 0)
            text += body(container, _object_stream(compressed, header, entries))
            rows.update({number: (2, container, index) for index, number in enumerate(compressed)})
        own, at = taken, len(self.paper.data) + len(text)
        rows[own] = (1, at, 0)
        rows.update(lies or {})
        packed = zlib.compress(b"".join(struct.pack(">BIH", *rows[number]) for number in sorted(rows)))
        index = b" ".join(b"%d 1" % number for number in sorted(rows))
        prev = last_section(self.paper.data) if self.prev is None else self.prev
        said = b"/Type /XRef /Size %d /W [1 4 2] /Index [%s] /Root %d 0 R /Prev %d /Filter /FlateDecode"
        text += body(own, stream(packed, said % (own + 1, index, self.paper.root, prev)))
        return self.paper.data + text + b"startxref\n%d\n%%%%EOF\n" % at


def _object_stream(compressed: dict[int, bytes], header: bytes | None, entries: bytes) -> bytes:
    pairs, content = b"", b""
    for number, text in compressed.items():
        pairs += b"%d %d " % (number, len(content))
        content += text + b"\n"
    first = pairs if header is None else header
    said = b"/Type /ObjStm /N %d /First %d /Filter /FlateDecode " % (len(compressed), len(first)) + entries
    return stream(zlib.compress(first + content), said)


@functools.cache
def signed() -> Paper:
    """A signed paper, made once in a test process."""
    return Paper(sign(paper()))


def strict(data: bytes) -> StrictReading:
    """What the strict reader finds behind the signed paper."""
    return UpdateReader(data).read(len(signed().data))


def line_of(offset: int, generation: int = 0, kind: bytes = b"n") -> bytes:
    """A line of a cross-reference table."""
    return b"%010d %05d %s \n" % (offset, generation, kind)
