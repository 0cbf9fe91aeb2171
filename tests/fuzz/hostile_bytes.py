"""How a forger's update may be written so that two programs read two documents: cross-references, duplicates, shadows.

Each gives a layout for an update; what is spoilt lies behind the signed bytes.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from tests.fuzz.hostile_objects import EVIL, body_of, of_type, pages
from tests.fuzz.pdf_syntax import Body, Ref, Value, numbers, spelled, stream
from tests.fuzz.updates import Base, Entry, Layout, Update, free_number, redirected, write_update

Writing = Callable[[Base, Update, random.Random], bytes]


def _raw(number: int, body: Body, generation: int = 0) -> bytes:
    """An object as bytes."""
    content = b"" if body.stream is None else b"stream\n" + body.stream + b"\nendstream\n"
    length = body.having(Length=b"%d" % len(body.stream)).value if body.stream is not None else body.value
    return b"%d %d obj\n%s\n%sendobj\n" % (number, generation, spelled(length), content)


def _shadow(base: Base, update: Update, chance: random.Random) -> tuple[int, Body]:
    """A signed object that shows something, and what a forger wants in its place."""
    page = chance.choice(pages(base, update))
    content = body_of(base, update, page).dictionary.get(b"/Contents")
    forms = of_type(base, update, b"/Subtype", b"/Form")
    choices: list[tuple[int, Body]] = [(page, body_of(base, update, page).having(MediaBox=numbers(0, 0, 320, 150)))]
    if isinstance(content, Ref):
        choices += [(content.number, stream(EVIL))] * 3
    if forms:
        choices.append((forms[0], Body(body_of(base, update, forms[0]).having(Filter=None).value, EVIL)))
    return chance.choice(choices)


def object_unlisted(base: Base, update: Update, chance: random.Random) -> bytes:
    """A signed object once more in the update, which no cross-reference names (programs that repair take it)."""
    number, body = _shadow(base, update, chance)
    raw = _raw(number, body, chance.choice((0, 0, 1, 65535)))
    return write_update(base, update, Layout(base.as_stream, more_objects=(raw,)))


def object_twice(base: Base, update: Update, chance: random.Random) -> bytes:
    """An object of the update twice with unlike content; the cross-reference names one of them."""
    number = chance.choice(sorted(update.objects) or [1])
    _, body = _shadow(base, update, chance)
    first = chance.random() < 0.5

    def spell(one: int, text: bytes) -> bytes:
        return text + _raw(number, body) if one == number and not first else text

    more = (_raw(number, body),) if first else ()
    return write_update(base, update, Layout(base.as_stream, more_objects=more, spell=spell))


def entry_twice(base: Base, update: Update, chance: random.Random) -> bytes:
    """A number twice in one cross-reference section: the object of the signed file, and the forger's."""
    number, body = _shadow(base, update, chance)
    update = update.with_objects({number: body})
    old = _offset(base, number)
    last = chance.random() < 0.5

    def entries(rows: list[Entry]) -> list[Entry]:
        other = Entry(number, old if old is not None else 15)
        found: list[Entry] = []
        for row in rows:
            found += ([row, other] if last else [other, row]) if row.number == number else [row]
        return found if chance.random() < 0.7 else [*rows, other]

    return write_update(base, update, Layout(base.as_stream, entries=entries, split=chance.random() < 0.5))


def offsets_off(base: Base, update: Update, chance: random.Random) -> bytes:
    """An offset by some bytes too small or large, or that of another object."""

    def entries(rows: list[Entry]) -> list[Entry]:
        at = chance.randrange(len(rows)) if rows else 0
        off = chance.choice((-20, -5, -2, -1, 1, 2, 3, 9, 500))
        return [replace(row, offset=row.offset + off) if place == at else row for place, row in enumerate(rows)]

    number, body = _shadow(base, update, chance)
    more = (_raw(number, body),) if chance.random() < 0.5 else ()
    return write_update(base, update, Layout(base.as_stream, entries=entries, more_objects=more))


def generations(base: Base, update: Update, chance: random.Random) -> bytes:
    """A generation in the cross-reference that the object or the reference does not have."""

    def entries(rows: list[Entry]) -> list[Entry]:
        at = chance.randrange(len(rows)) if rows else 0
        wrong = chance.choice((1, 2, 65535))
        return [replace(row, generation=wrong) if place == at else row for place, row in enumerate(rows)]

    number, body = _shadow(base, update, chance)
    update = update.with_objects({number: body}) if chance.random() < 0.4 else update
    return write_update(base, update, Layout(base.as_stream, entries=entries))


def freed(base: Base, update: Update, chance: random.Random) -> bytes:
    """A signed object in the list of free ones, object 0 in use, a free object that points anywhere."""
    number, body = _shadow(base, update, chance)
    kinds = [Entry(number, 0, chance.choice((0, 1, 65535)), 0), Entry(number, number, 1, 0), Entry(0, 15, 0, 1)]
    extra = chance.choice(kinds)
    more = (_raw(number, body),) if chance.random() < 0.5 else ()

    def entries(rows: list[Entry]) -> list[Entry]:
        return sorted([*(row for row in rows if row.number != extra.number), extra], key=lambda one: one.number)

    return write_update(base, update, Layout(base.as_stream, entries=entries, more_objects=more))


def previous(base: Base, update: Update, chance: random.Random) -> bytes:
    """``/Prev`` to nowhere, to itself, by some bytes off, missing, twice, as a reference, or negative."""
    values: list[Value] = [
        b"0", b"%d" % (base.startxref + chance.choice((-1, 1, 3, 20))), b"%d" % len(base.data), b"-5", Ref(1),
        b"%d.0" % base.startxref, b"%d /Prev 15" % base.startxref, b"15 /Prev %d" % base.startxref, b"null",
    ]  # fmt: skip
    number, body = _shadow(base, update, chance)
    update = update.with_objects({number: body}) if chance.random() < 0.3 else update
    return write_update(base, update, Layout(base.as_stream, extra={b"/Prev": chance.choice(values)}))


def sizes(base: Base, update: Update, chance: random.Random) -> bytes:
    """``/Size`` too small or large, or no number."""
    top = max([base.size, *update.objects])
    value = chance.choice((b"1", b"%d" % (top - 1), b"%d" % (top + 500), b"0", b"-1", b"(9)", b"%d.5" % top))
    more = (_raw(*_shadow(base, update, chance)),) if chance.random() < 0.3 else ()
    return write_update(base, update, Layout(base.as_stream, extra={b"/Size": value}, more_objects=more))


def subsections_spoilt(base: Base, update: Update, chance: random.Random) -> bytes:
    """Heads of subsections with another first number or count, entries of 19 bytes, letters in capitals."""
    edits: list[tuple[bytes, Callable[[re.Match[bytes]], bytes]]] = [
        (rb"(?<=xref\n)(\d+) (\d+)\n", lambda m: b"%d %s\n" % (max(int(m[1]) - 1, 0), m[2])),
        (rb"(?<=xref\n)(\d+) (\d+)\n", lambda m: b"%s %d\n" % (m[1], int(m[2]) + 1)),
        (rb"(\d{10} \d{5} n) \n", lambda m: m[1] + b"\n"),
        (rb"(\d{10} \d{5}) n \n", lambda m: m[1] + b" N \n"),
        (rb"(?<=xref\n)(\d+) (\d+)\n", lambda m: b"%s   %s \n" % (m[1], m[2])),
        (rb"\nxref\n", lambda _: b"\n xref\n"),
        (rb"trailer\n", lambda _: b"trailer\ntrailer\n"),
    ]
    pattern, new = chance.choice(edits)

    def finish(tail: bytes) -> bytes:
        return re.sub(pattern, new, tail, count=1)

    number, body = _shadow(base, update, chance)
    update = update.with_objects({number: body}) if chance.random() < 0.3 else update
    return write_update(base, update, Layout(as_stream=False, finish=finish, split=chance.random() < 0.3))


def hybrid(base: Base, update: Update, chance: random.Random) -> bytes:
    """A table with ``/XRefStm``: readers of PDF 1.4 and later ones see two updates (ISO 32000-2 §7.5.8.4)."""
    number, body = _shadow(base, update, chance)
    place = free_number(base, update)
    offset = len(base.data) + (0 if base.data.endswith((b"\n", b"\r")) else 1)  # where the first object stands
    evil = _raw(number, body)
    row = bytes([1]) + offset.to_bytes(4, "big") + b"\0\0"
    data = zlib.compress(row)
    values: Mapping[str, Value] = {
        "Type": b"/XRef", "W": [b"1", b"4", b"2"], "Index": [b"%d" % number, b"1"], "Size": b"%d" % (place + 1),
        "Filter": b"/FlateDecode", "Length": b"%d" % len(data), "Root": update.trailer.get(b"/Root", Ref(1)),
    }  # fmt: skip
    section = _raw(place, Body({b"/" + key.encode(): value for key, value in values.items()}, data))
    extra: dict[bytes, Value] = {b"/XRefStm": b"%d" % (offset + len(evil))}
    return write_update(base, update, Layout(False, more_objects=(evil + section,), extra=extra))


def table_over_stream(base: Base, update: Update, chance: random.Random) -> bytes:
    """A table whose ``/Prev`` is a cross-reference stream: ISO 32000-2 knows none, and Ghostscript opens nothing."""
    return write_update(base, update, Layout(as_stream=False, zero_entry=chance.random() < 0.5))


def packed_shadow(base: Base, update: Update, chance: random.Random) -> bytes:
    """An object of the update in an object stream and outside it, with unlike content."""
    candidates = [number for number in pages(base, update) if number in base.objects]
    number = chance.choice(candidates)
    page = body_of(base, update, number)
    update = update.with_objects({number: page})
    other = page.having(MediaBox=numbers(0, 0, 320, 150), Rotate=b"180")
    both = Layout(True, packed=frozenset({number}), more_objects=(_raw(number, other),))
    return write_update(base, update, both)


def stream_details(base: Base, update: Update, chance: random.Random) -> bytes:
    """A cross-reference stream with odd columns, index, type, filter or length, or with entries more."""
    number, body = _shadow(base, update, chance)
    update = update.with_objects({number: body}) if chance.random() < 0.5 else update

    def section(stream_: Body) -> Body:
        rows = zlib.decompress(stream_.stream or b"")
        index = stream_.dictionary[b"/Index"]
        assert isinstance(index, list)
        entries: list[dict[str, Value | None]] = [
            {"W": [b"1", b"4", b"3"]}, {"W": [b"0", b"4", b"2"]}, {"W": [b"1", b"4"]}, {"W": [b"1", b"4", b"2", b"0"]},
            {"Index": None}, {"Index": [*index, *index]}, {"Index": index[:1]}, {"Index": [b"0", b"500"]},
            {"Type": None}, {"Type": b"/ObjStm"}, {"Length": b"3"}, {"Length": b"99999"}, {"Filter": b"/LZWDecode"},
            {"Size": b"%d" % number}, {"DecodeParms": {b"/Predictor": b"12", b"/Columns": b"7"}}, {},
        ]  # fmt: skip
        more = rows + bytes([1]) + (15).to_bytes(4, "big") + b"\0\0" if chance.random() < 0.3 else rows
        packed = zlib.compress(more)
        changed_ = stream_.having(Length=b"%d" % len(packed))
        return Body(changed_.having(**chance.choice(entries)).value, packed)

    return write_update(base, update, Layout(as_stream=True, section=section))


def container_details(base: Base, update: Update, chance: random.Random) -> bytes:
    """An object stream with a wrong first, count or number, a number twice, an extension, or a wrong place in it."""
    number = chance.choice(pages(base, update))
    page = body_of(base, update, number)
    update = update.with_objects({number: page.having(Tabs=b"/S") if chance.random() < 0.3 else page})
    other = spelled(page.having(MediaBox=numbers(0, 0, 320, 150)).value)

    def container(stream_: Body) -> Body:
        data = zlib.decompress(stream_.stream or b"")
        twice = b"%d %d " % (number, len(data) + 1 - _stated(stream_, b"/First"))
        shifted = b"%d" % (_stated(stream_, b"/First") + len(twice))
        more = b"%d" % (_stated(stream_, b"/N") + 1)
        choices: list[tuple[dict[str, Value | None], bytes]] = [
            ({"First": b"3"}, data), ({"N": b"1"}, data), ({"N": b"9"}, data), ({"Extends": Ref(number)}, data),
            ({"Type": None}, data), ({"Length": b"5"}, data), ({"First": shifted}, twice + data),
            ({"First": shifted, "N": more}, twice + data + b" " + other),
        ]  # fmt: skip
        entries, new = chance.choice(choices)
        packed = zlib.compress(new)
        return Body(stream_.having(**{"Length": b"%d" % len(packed), **entries}).value, packed)

    def entries_of(rows: list[Entry]) -> list[Entry]:
        return [replace(row, generation=row.generation + 1) if row.kind == 2 else row for row in rows]

    packed_numbers = frozenset(n for n, body in update.objects.items() if b"/ByteRange" not in body.dictionary)
    wrong_place = chance.random() < 0.3
    layout = Layout(True, packed=packed_numbers, container=container, entries=entries_of if wrong_place else list)
    return write_update(base, update, layout)


def forged_beneath(base: Base, update: Update, chance: random.Random) -> bytes:
    """A forged update, and the honest one over it, which puts the signed object back or leaves it so."""
    number, body = _shadow(base, update, chance)
    root = {key: value for key, value in update.trailer.items() if key in (b"/Root", b"/Info", b"/ID")}
    below = write_update(base, Update({number: body}, root), Layout(base.as_stream))
    start = below.rfind(b"startxref")
    section = int(below[start + 9 :].split()[0])
    size = free_number(base, update) + 2
    over = replace(base, data=below, startxref=section, size=size)
    moved = {n: n + size for n in update.objects if n >= base.size}
    honest = redirected(update, moved)
    if chance.random() < 0.5 and number in base.objects:
        honest = honest.with_objects({number: base.objects[number]})
    return write_update(over, honest, Layout(base.as_stream))


def stray_words(base: Base, update: Update, chance: random.Random) -> bytes:
    """Keywords where none belong: a second trailer, another startxref, a header, an end of file, half an object."""
    number, body = _shadow(base, update, chance)
    raw = _raw(number, body)
    words = chance.choice((
        b"%%EOF\n", b"startxref\n%d\n%%%%EOF\n" % base.startxref, b"%PDF-1.4\n", b"trailer\n<< /Size 3 >>\n",
        b"xref\n0 1\n0000000000 65535 f \n", b"% " + raw.replace(b"\n", b" ") + b"\n", raw.removesuffix(b"endobj\n"),
        b"endobj\n", b"(" + raw + b")\n", b"%%EOF\n" + raw, b"\x00" * 200, b"x" * 50 + b"\n", raw[:-9],
    ))  # fmt: skip
    where = chance.choice(("between", "behind"))
    if where == "between":
        return write_update(base, update, Layout(base.as_stream, more_objects=(words,)))
    return write_update(base, update, Layout(base.as_stream)) + words


def dictionaries_spoilt(base: Base, update: Update, chance: random.Random) -> bytes:
    """A key twice, spelt with ``#``, a wrong length, a filter more, a comment or an end inside an object."""
    edits: list[tuple[bytes, bytes]] = [
        (rb"/Subtype ", b"/Subtype /FreeText /Subtype "), (rb"/Type /Annot", b"/Type /Annot /#53ubtype /Stamp"),
        (rb"/Rect ", b"/Rect [0 0 320 240] /Rect "), (rb"/Rect ", b"/#52ect [0 0 320 240] /Rect "),
        (rb"/Contents ", b"/Contents 5 0 R /Contents "), (rb"/AP ", b"/AP << /N 5 0 R >> /AP "),
        (rb"/Length (\d+)", rb"/Length 1\1"), (rb"/Length (\d+)", rb"/Length 3"), (rb"/Length (\d+)", rb"/Length -1"),
        (rb">>\nstream\n", b">>\nstream\r"), (rb">>\nstream\n", b">> stream\n"), (rb" obj\n", b" obj%x\n"),
        (rb"/Kids ", b"/Kids [] /Kids "), (rb"/Annots ", b"/Annots [] /Annots "), (rb"/V ", b"/V null /V "),
        (rb"endobj\n", b"endobj"), (rb"endobj\n", b"\n"), (rb"/F 4", b"/F 4 /F 2"),
        (rb"/FT /Sig", b"/FT /Sig /FT /Btn"), (rb"/N ", b"/N 5 0 R /N "), (rb"/Filter ", b"/Filter null /Filter "),
        (rb"/MediaBox ", b"/MediaBox [0 0 320 120] /MediaBox "),
    ]  # fmt: skip
    if chance.random() < 0.5:
        number = chance.choice(pages(base, update))
        update = update.with_objects({number: body_of(base, update, number)})
    pattern, new = chance.choice(edits)

    def spell(_: int, text: bytes) -> bytes:
        return re.sub(pattern, new, text, count=1)

    return write_update(base, update, Layout(base.as_stream, spell=spell))


def _stated(container: Body, key: bytes) -> int:
    value = container.dictionary[key]
    return int(value) if isinstance(value, bytes) else 0


WRITINGS: tuple[Writing, ...] = (
    object_unlisted, object_twice, entry_twice, offsets_off, generations, freed, previous, sizes, subsections_spoilt,
    hybrid, packed_shadow, table_over_stream, stream_details, container_details, forged_beneath,
    stray_words, dictionaries_spoilt, dictionaries_spoilt,
)  # fmt: skip


def _offset(base: Base, number: int) -> int | None:
    found = re.search(rb"(?:^|[\r\n])(%d 0 obj)\b" % number, base.data)
    return found.start(1) if found is not None else None
