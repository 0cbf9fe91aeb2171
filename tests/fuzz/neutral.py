"""Mutations that change nothing: the same update as another program would have written it.

At least three in ten of each run stay green, or the verifier refuses what honest programs write.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from tests.fuzz.pdf_syntax import Body, Ref, Value
from tests.fuzz.updates import Base, Layout, Update, free_number, read_base, redirected, write_update

Mutation = Callable[[Base, Update, random.Random], bytes]


def written_again(base: Base, update: Update, _: random.Random) -> bytes:
    """By a plain writer: objects in order, one space between, the base's kind of cross-reference."""
    return write_update(base, update, Layout(base.as_stream))


def white_space(base: Base, update: Update, chance: random.Random) -> bytes:
    """Blank lines between objects and before the cross-reference section."""
    return write_update(base, update, Layout(base.as_stream, between=lambda: b"\n" * chance.randrange(4)))


def comments(base: Base, update: Update, chance: random.Random) -> bytes:
    """A comment line between objects, as iText and qpdf write them."""
    words = (b"%iText-Core-9.1.0", b"% written by demo", b"%%", b"%\xe2\xe3\xcf\xd3")
    return write_update(base, update, Layout(base.as_stream, between=lambda: chance.choice(words) + b"\n"))


def reordered(base: Base, update: Update, chance: random.Random) -> bytes:
    """Objects in another order; the cross-reference says where they are."""

    def shuffled(numbers: Sequence[int]) -> Sequence[int]:
        return chance.sample(list(numbers), len(numbers))

    return write_update(base, update, Layout(base.as_stream, order=shuffled))


def carriage_returns(base: Base, update: Update, _: random.Random) -> bytes:
    """Lines that end as on Windows."""
    return write_update(base, update, Layout(base.as_stream, line_end=b"\r\n"))


def keys_reordered(base: Base, update: Update, chance: random.Random) -> bytes:
    """Entries of dictionaries in another order, each on a line of its own."""

    def shuffled(body: Body) -> Body:
        entries = list(body.dictionary.items())
        return Body(dict(chance.sample(entries, len(entries))), body.stream) if entries else body

    objects = {number: shuffled(body) for number, body in update.objects.items()}
    return write_update(base, replace(update, objects=objects), Layout(base.as_stream, inside=b"\n"))


def other_cross_reference(base: Base, update: Update, _: random.Random) -> bytes:
    """A cross-reference stream where the signed file has a table; the other way round Ghostscript opens nothing."""
    return write_update(base, update, Layout(as_stream=True))


def predicted(base: Base, update: Update, _: random.Random) -> bytes:
    """A cross-reference stream with a predictor, as Acrobat and qpdf write it (ISO 32000-2 §7.4.4.4)."""

    def section(body: Body) -> Body:
        rows = _rows(body)
        above, lines = bytes(len(rows[0])), b""
        for row in rows:
            lines += b"\x02" + bytes((one - over) % 256 for one, over in zip(row, above, strict=True))
            above = row
        packed = zlib.compress(lines)
        parameters: Value = {b"/Predictor": b"12", b"/Columns": b"%d" % len(rows[0])}
        return Body(body.having(DecodeParms=parameters, Length=b"%d" % len(packed)).value, packed)

    return write_update(base, update, Layout(as_stream=True, section=section))


def narrow(base: Base, update: Update, _: random.Random) -> bytes:
    """A cross-reference stream with columns as narrow as its numbers allow."""

    def section(body: Body) -> Body:
        rows = [row[:1] + row[2:5] + row[6:] for row in _rows(body)]
        packed = zlib.compress(b"".join(rows))
        return Body(body.having(W=[b"1", b"3", b"1"], Length=b"%d" % len(packed)).value, packed)

    return write_update(base, update, Layout(as_stream=True, section=section))


def subsections(base: Base, update: Update, _: random.Random) -> bytes:
    """Each entry of the table as a subsection of its own; a stream has them in its index."""
    return write_update(base, update, Layout(base.as_stream, split=True))


def object_zero(base: Base, update: Update, _: random.Random) -> bytes:
    """The update's section begins with the free entry of object 0, as many programs write it."""
    return write_update(base, update, Layout(base.as_stream, zero_entry=True))


def in_object_stream(base: Base, update: Update, _: random.Random) -> bytes:
    """Objects that are no streams inside an object stream, but for the signature."""
    packed = frozenset(
        number
        for number, body in update.objects.items()
        if body.stream is None and b"/ByteRange" not in body.dictionary
    )
    return write_update(base, update, Layout(as_stream=True, packed=packed))


def renumbered(base: Base, update: Update, chance: random.Random) -> bytes:
    """The appended objects under other numbers."""
    new = [number for number in update.objects if number >= base.size]
    others = [base.size + place for place in chance.sample(range(len(new)), len(new))]
    return write_update(base, redirected(update, dict(zip(new, others, strict=True))), Layout(base.as_stream))


def recompressed(base: Base, update: Update, chance: random.Random) -> bytes:
    """Appended streams compressed at another level, or not at all."""

    def again(body: Body) -> Body:
        if body.stream is None or body.dictionary.get(b"/Filter", b"/FlateDecode") != b"/FlateDecode":
            return body
        plain = zlib.decompress(body.stream) if b"/Filter" in body.dictionary else body.stream
        bare = body.having(Filter=None, DecodeParms=None, Length=b"%d" % len(plain))
        if chance.random() < 0.3:
            return Body(bare.value, plain)
        packed = zlib.compress(plain, chance.randrange(1, 10))
        return Body(bare.having(Filter=b"/FlateDecode", Length=b"%d" % len(packed)).value, packed)

    objects = {number: again(body) for number, body in update.objects.items()}
    return write_update(base, replace(update, objects=objects), Layout(base.as_stream))


def equal_copy(base: Base, update: Update, chance: random.Random) -> bytes:
    """A signed object written again as it was, under its own number."""
    untouched = [number for number in _copied(base) if number not in update.objects]
    copied = chance.sample(untouched, min(len(untouched), chance.choice((1, 1, 2, 3))))
    return write_update(
        base, update.with_objects({number: base.objects[number] for number in copied}), Layout(base.as_stream)
    )


def equal_copy_elsewhere(base: Base, update: Update, chance: random.Random) -> bytes:
    """The page's resources, or its font, as an equal copy under another number (iText, OpenPDF)."""
    pages = [number for number, body in base.objects.items() if body.dictionary.get(b"/Type") == b"/Page"]
    number = chance.choice(pages)
    page = update.objects.get(number, base.objects[number])
    free = free_number(base, update)
    resources = page.dictionary.get(b"/Resources")
    copied = base.objects[resources.number] if isinstance(resources, Ref) else Body(resources or {})
    objects = {number: page.having(Resources=Ref(free)), free: copied}
    return write_update(base, update.with_objects(objects), Layout(base.as_stream))


def numbers_respelled(base: Base, update: Update, _: random.Random) -> bytes:
    """Numbers of boxes with decimals: 30 as 30.0."""

    def respelled(value: Value) -> Value:
        match value:
            case list() if value and all(isinstance(item, bytes) and _is_number(item) for item in value):
                return [item if b"." in item else item + b".0" for item in value if isinstance(item, bytes)]
            case list():
                return [respelled(item) for item in value]
            case dict():
                kept = (b"/ByteRange", b"/Index", b"/W")
                return {key: item if key in kept else respelled(item) for key, item in value.items()}
            case _:
                return value

    objects = {n: Body(respelled(body.value), body.stream) for n, body in update.objects.items()}
    return write_update(base, replace(update, objects=objects), Layout(base.as_stream))


def empty_update_before(base: Base, update: Update, _: random.Random) -> bytes:
    """An update without objects before it, as programs write that save without a change."""
    kept = {key: value for key, value in update.trailer.items() if key in (b"/Root", b"/Info", b"/ID")}
    root = Update({}, kept)
    if base.as_stream:
        return write_update(read_base(write_update(base, root, Layout(True))), update, Layout(True))
    return write_update(read_base(write_update(base, root, Layout(False, zero_entry=True))), update, Layout(False))


def lengths_indirect(base: Base, update: Update, _: random.Random) -> bytes:
    """The length of a new stream as an object of its own."""
    free = free_number(base, update)
    objects: dict[int, Body] = {}
    for number, body in update.objects.items():
        if body.stream is None:
            objects[number] = body
            continue
        objects[number] = body.having(Length=Ref(free))
        objects[free] = Body(b"%d" % len(body.stream))
        free += 1
    return write_update(base, replace(update, objects=objects), Layout(base.as_stream))


NEUTRAL: tuple[Mutation, ...] = (
    written_again, white_space, comments, reordered, carriage_returns, keys_reordered, other_cross_reference,
    predicted, narrow, subsections, object_zero, in_object_stream, renumbered, recompressed, equal_copy,
    equal_copy_elsewhere,
    numbers_respelled, empty_update_before, lengths_indirect,
)  # fmt: skip


def _copied(base: Base) -> list[int]:
    """Objects that programs write again without a change: no object streams, no cross-references, no signatures."""
    left_out = (b"/ObjStm", b"/XRef", b"/Sig", b"/DocTimeStamp")
    return [
        number for number, body in base.objects.items()
        if body.dictionary.get(b"/Type") not in left_out and b"/ByteRange" not in body.dictionary
        and b"/Linearized" not in body.dictionary
    ]  # fmt: skip


def _rows(body: Body) -> list[bytes]:
    """Entries of a cross-reference stream as ``write_update`` makes it: seven bytes each."""
    data = zlib.decompress(body.stream or b"")
    return [data[at : at + 7] for at in range(0, len(data), 7)]


def _is_number(token: bytes) -> bool:
    return token.replace(b".", b"", 1).removeprefix(b"-").isdigit()
