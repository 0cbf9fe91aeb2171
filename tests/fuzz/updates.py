"""An update of a signed PDF taken apart, and written again in many layouts (ISO 32000-2 §7.5.4 to §7.5.8).

Where the update holds a signature or a time stamp of its own, that is made anew over the bytes as they are written: who
adds it has a key.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pikepdf

from tests.fuzz.pdf_syntax import Body, Ref, Value, mapped, parsed, spelled

Seal = Callable[[bytes], bytes]
"""Makes the CMS or time stamp over the covered bytes."""

RESERVED = 12_000
"""Hexadecimal digits kept for a signature."""
_EMPTY_SEAL = b"<" + b"0" * RESERVED + b">"
_EMPTY_RANGE = b"[0 " + b" ".join([b"0" * 10] * 3) + b"]"
_OBJECT = re.compile(rb"(?:^|[\r\n])(\d+) (\d+) obj\b")
_NOT_IN_TRAILER = (
    b"/Prev", b"/Size", b"/W", b"/Index", b"/Type", b"/Length", b"/Filter", b"/DecodeParms", b"/XRefStm",
)  # fmt: skip


@dataclass(frozen=True)
class Update:
    """What a revision adds: objects by number, entries of the trailer, and who seals it (None: nobody)."""

    objects: dict[int, Body]
    trailer: dict[bytes, Value]
    seal: Seal | None = None

    def with_objects(self, objects: Mapping[int, Body]) -> Update:
        """With these objects added or replaced."""
        return replace(self, objects={**self.objects, **objects})


@dataclass(frozen=True)
class Base:
    """A signed file to be updated: its objects, and where its last cross-reference section stands."""

    data: bytes
    objects: dict[int, Body]
    size: int
    startxref: int
    as_stream: bool


@dataclass(frozen=True)
class Entry:
    """One entry of a cross-reference section: in use at an offset, free, or in an object stream."""

    number: int
    offset: int
    generation: int = 0
    kind: int = 1


@dataclass(frozen=True)
class Layout:
    """How an update is written. ``entries``, ``last`` and ``written`` may spoil what they are given.

    ``between`` stands before each object and the cross-reference section; ``split`` writes each entry of a table as a
    subsection of its own; ``packed`` are objects that go into an object stream.
    """

    as_stream: bool
    order: Callable[[Sequence[int]], Sequence[int]] = sorted
    between: Callable[[], bytes] = bytes
    line_end: bytes = b"\n"
    inside: bytes = b" "
    split: bool = False
    zero_entry: bool = False
    packed: frozenset[int] = frozenset()
    entries: Callable[[list[Entry]], list[Entry]] = list
    extra: Mapping[bytes, Value] = field(default_factory=dict)
    more_objects: tuple[bytes, ...] = ()
    """Raw bytes written between the objects, which no cross-reference names."""
    spell: Callable[[int, bytes], bytes] = lambda _number, text: text
    section: Callable[[Body], Body] = lambda body: body
    """Changes the cross-reference stream before it is written."""
    container: Callable[[Body], Body] = lambda body: body
    """Changes the object stream before it is written."""
    finish: Callable[[bytes], bytes] = bytes
    """Changes the update's bytes before they are sealed; must keep the length before the seal's place or seal anew."""


def read_base(data: bytes) -> Base:
    """The signed file's objects as qpdf reads them."""
    objects: dict[int, Body] = {}
    with pikepdf.open(io.BytesIO(data)) as pdf:
        every: list[Any] = list(pdf.objects)
        for item in every:
            if item is None:
                continue  # null: a number that nothing uses
            number = item.objgen[0]
            if isinstance(item, pikepdf.Stream):
                raw = item.read_raw_bytes()
                values = {str(key).encode(): parsed(_unparsed(item[key]))[0] for key in item.keys()}  # noqa: SIM118
                objects[number] = Body({**values, b"/Length": b"%d" % len(raw)}, raw)
            else:
                objects[number] = Body(parsed(item.unparse(resolved=True))[0])
    start = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    section = data[start : start + 4] == b"xref"
    sizes = [int(size) for size in re.findall(rb"/Size (\d+)", data)]
    return Base(data, objects, max([*sizes, *(number + 1 for number in objects)]), start, not section)


def _unparsed(value: object) -> bytes:
    if isinstance(value, pikepdf.Object):
        number, generation = value.objgen
        return b"%d %d R" % (number, generation) if value.is_indirect else value.unparse()
    return pikepdf.Array([value]).unparse()[1:-1]


def read_update(data: bytes, end: int, seal: Seal | None) -> Update:
    """The update after byte ``end`` of a file that pyHanko wrote: every object in full, none in an object stream."""
    objects: dict[int, Body] = {}
    trailer: dict[bytes, Value] = {}
    at = end - 1  # the line end before the first object
    while (found := _OBJECT.search(data, at)) is not None:
        value, at = parsed(data, found.end())
        body = Body(value)
        opened = re.compile(rb"\s*stream\r?\n").match(data, at)
        if opened is not None and isinstance(value, dict):
            length = int(_atom(value[b"/Length"]))
            body = Body(value, data[opened.end() : opened.end() + length])
            at = opened.end() + length
        if isinstance(value, dict) and value.get(b"/Type") == b"/XRef":
            trailer = value
        else:
            objects[int(found[1])] = body
    table = data.find(b"trailer", at)
    if table >= 0:
        trailer = _as_dict(parsed(data, table + len(b"trailer"))[0])
    kept = {key: value for key, value in trailer.items() if key not in _NOT_IN_TRAILER}
    return Update(objects, kept, seal)


def write_update(base: Base, update: Update, layout: Layout) -> bytes:
    """The signed bytes and the update behind them, sealed where somebody seals it."""
    start = len(base.data)
    out = bytearray(base.data if base.data.endswith((b"\n", b"\r")) else base.data + b"\n")
    entries: list[Entry] = [Entry(0, 0, 65535, 0)] if layout.zero_entry else []
    bodies = dict(update.objects)
    packed = {n: bodies.pop(n) for n in layout.packed if n in bodies and bodies[n].stream is None}
    top = max([base.size - 1, *update.objects])
    if packed:
        top += 1
        bodies[top] = layout.container(_object_stream(packed))
        entries.extend(Entry(number, top, index, 2) for index, number in enumerate(packed))
    stray = list(layout.more_objects)
    for number in layout.order(list(bodies)):
        out += layout.between()
        if stray:
            out += stray.pop() + layout.line_end
        entries.append(Entry(number, len(out)))
        out += layout.spell(number, _written(number, bodies[number], update.seal is not None, layout))
    out += b"".join(one + layout.line_end for one in stray) + layout.between()
    trailer: dict[bytes, Value] = {**update.trailer, b"/Prev": b"%d" % base.startxref}
    place = len(out)
    if layout.as_stream:
        top += 1
        entries.append(Entry(top, place))
        rows = layout.entries(sorted(entries, key=lambda one: one.number))
        section = {**trailer, b"/Size": b"%d" % (top + 1), **layout.extra}
        out += _written(top, layout.section(_cross_reference_stream(rows, section)), False, layout)
    else:
        section = {**trailer, b"/Size": b"%d" % (top + 1), **layout.extra}
        out += _table(layout.entries(sorted(entries, key=lambda one: one.number)), layout)
        out += b"trailer" + layout.line_end + spelled(section, layout.inside) + layout.line_end
    out += b"startxref" + layout.line_end + b"%d" % place + layout.line_end + b"%%EOF" + layout.line_end
    whole = bytes(out[:start]) + layout.finish(bytes(out[start:]))
    return _sealed(whole, start, update.seal)


def _written(number: int, body: Body, sealing: bool, layout: Layout) -> bytes:
    value = body.value
    if sealing and isinstance(value, dict) and b"/ByteRange" in value:
        value = {**value, b"/ByteRange": _EMPTY_RANGE, b"/Contents": _EMPTY_SEAL}
    if body.stream is not None and isinstance(value, dict):
        value = {b"/Length": b"%d" % len(body.stream), **value}  # one that is given may be wrong
        content = b"stream\n" + body.stream + b"\nendstream" + layout.line_end
    else:
        content = b""
    head = b"%d 0 obj" % number + layout.line_end
    return head + spelled(value, layout.inside) + layout.line_end + content + b"endobj" + layout.line_end


def _object_stream(packed: Mapping[int, Body]) -> Body:
    texts = [spelled(body.value) for body in packed.values()]
    places, at = [], 0
    for number, text in zip(packed, texts, strict=True):
        places.append(b"%d %d" % (number, at))
        at += len(text) + 1
    head = b" ".join(places) + b"\n"
    data = zlib.compress(head + b"\n".join(texts))
    values: dict[bytes, Value] = {
        b"/Type": b"/ObjStm", b"/N": b"%d" % len(packed), b"/First": b"%d" % len(head),
        b"/Filter": b"/FlateDecode", b"/Length": b"%d" % len(data),
    }  # fmt: skip
    return Body(values, data)


def _cross_reference_stream(rows: Sequence[Entry], section: Mapping[bytes, Value]) -> Body:
    rows = sorted(rows, key=lambda one: one.number)
    index: list[Value] = []
    for first, count in _runs([row.number for row in rows]):
        index += [b"%d" % first, b"%d" % count]
    packed = b"".join(
        bytes([row.kind & 0xFF])
        + (row.offset & 0xFFFFFFFF).to_bytes(4, "big")
        + (row.generation & 0xFFFF).to_bytes(2, "big")
        for row in rows
    )
    data = zlib.compress(packed)
    values: dict[bytes, Value] = {
        b"/Type": b"/XRef", b"/W": [b"1", b"4", b"2"], b"/Index": index, **section,
        b"/Filter": b"/FlateDecode", b"/Length": b"%d" % len(data),
    }  # fmt: skip
    return Body(values, data)


def _table(rows: Sequence[Entry], layout: Layout) -> bytes:
    runs = [(row.number, 1) for row in rows] if layout.split else _runs([row.number for row in rows])
    out, at = b"xref" + layout.line_end, 0
    for first, count in runs:
        out += b"%d %d" % (first, count) + layout.line_end
        for row in rows[at : at + count]:
            kind = b"n" if row.kind else b"f"
            out += b"%010d %05d %s \n" % (max(row.offset, 0), max(row.generation, 0), kind)
        at += count
    return out


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Consecutive numbers as (first, how many)."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][0] + runs[-1][1] == number:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((number, 1))
    return runs


def _sealed(whole: bytes, start: int, seal: Seal | None) -> bytes:
    at = whole.find(_EMPTY_SEAL, start)
    if seal is None or at < 0:
        return whole
    after = at + len(_EMPTY_SEAL)
    covered = b"[0 %010d %010d %010d]" % (at, after, len(whole) - after)
    whole = whole[:start] + whole[start:].replace(_EMPTY_RANGE, covered, 1)
    made = seal(whole[:at] + whole[after:]).hex().encode()
    return whole[:at] + b"<" + made.ljust(RESERVED, b"0") + b">" + whole[after:]


def _as_dict(value: Value) -> dict[bytes, Value]:
    return value if isinstance(value, dict) else {}


def _atom(value: Value) -> bytes:
    return value if isinstance(value, bytes) else b"0"


def free_number(base: Base, update: Update) -> int:
    """An object number that neither the signed file nor the update uses."""
    return max([base.size, *(number + 1 for number in update.objects)])


def redirected(update: Update, numbers: Mapping[int, int]) -> Update:
    """The update with its objects under other numbers, and what points to them."""

    def change(ref: Ref) -> Ref:
        return Ref(numbers.get(ref.number, ref.number), ref.generation)

    objects = {
        numbers.get(number, number): Body(mapped(body.value, change), body.stream)
        for number, body in update.objects.items()
    }
    trailer = {key: mapped(value, change) for key, value in update.trailer.items()}
    return replace(update, objects=objects, trailer=trailer)
