"""Changes that break files: of bytes, of DER elements, of XML, of PDF. Every choice comes from the given ``Random``."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

Mutation = Callable[[bytes, random.Random], bytes]

MAX_BYTES = 2_000_000
"""What a mutation may grow a file to."""

_NUMBERS = (b"0", b"-1", b"1", b"65536", b"2147483647", b"2147483648", b"4294967296", b"99999999999999999999", b"1e9")
_PDF_WORDS = re.compile(
    rb"/[A-Za-z]{2,20}|\b\d{1,6} 0 R\b|\b\d{1,10}\b|endobj|stream|xref|trailer|startxref|\[|\]|<<|>>"
)
_XML_WORDS = re.compile(rb"<[^<>]{1,300}>|\"[^\"<>]{0,200}\"|>[^<>]{1,200}<")
_XML_EVIL = (
    b'<!DOCTYPE x [<!ENTITY e "e">]>',
    b"&e;",
    b"<!--x-->",
    b"<![CDATA[x]]>",
    b"<?x y?>",
    b"<a>" * 300,
    b"\xef\xbb\xbf",
    b"\x00",
    b"]]>",
    b' Id="data"',
    b' xmlns=""',
    b' xml:id="data"',
    b'<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>',
)


def flip(data: bytes, seed: random.Random) -> bytes:
    """One to eight bytes become others."""
    changed = bytearray(data)
    for _ in range(seed.choice((1, 1, 1, 2, 4, 8))):
        changed[seed.randrange(len(changed))] ^= seed.randrange(1, 256)
    return bytes(changed)


def cut(data: bytes, seed: random.Random) -> bytes:
    """The end, the beginning, or a slice is missing."""
    first, last = sorted((seed.randrange(len(data)), seed.randrange(len(data))))
    return seed.choice((data[:last], data[first:], data[:first] + data[last:], data[: -seed.randrange(1, 40)]))


def repeat(data: bytes, seed: random.Random) -> bytes:
    """A slice stands twice, or many times."""
    start = seed.randrange(len(data))
    piece = data[start : start + seed.choice((1, 4, 30, 300, 5000))]
    return data[:start] + piece * seed.choice((2, 2, 3, 50)) + data[start:]


def noise(data: bytes, seed: random.Random) -> bytes:
    """A slice becomes random, zero or 0xFF."""
    start, length = seed.randrange(len(data)), seed.choice((1, 2, 8, 64, 1000))
    filler = seed.choice((seed.randbytes(length), bytes(length), b"\xff" * length))
    return data[:start] + filler + data[start + seed.choice((0, length)) :]


def move(data: bytes, seed: random.Random) -> bytes:
    """Two slices change places."""
    first, middle, last = sorted(seed.randrange(len(data)) for _ in range(3))
    return data[:first] + data[middle:last] + data[first:middle] + data[last:]


def der(data: bytes, seed: random.Random) -> bytes:
    """An element of the DER is dropped, doubled, emptied, renamed, given another length, or wrapped deeply."""
    spans = _elements(data, seed)
    if not spans:
        return flip(data, seed)
    start, inside, end = seed.choice(spans)
    element, content = data[start:end], data[inside:end]
    choice = seed.randrange(9)
    match choice:
        case 0:
            new = b""
        case 1:
            new = element * seed.choice((2, 40))
        case 2:
            new = element[:1] + b"\x00"
        case 3:
            new = bytes([seed.randrange(256)]) + element[1:]
        case 4:
            new = element[:1] + b"\x80" + content + b"\x00\x00"
        case 5:
            new = (
                element[:1] + seed.choice((b"\x84\xff\xff\xff\xff", b"\x88" + b"\x7f" * 8, b"\xff", b"\x7f")) + content
            )
        case 6:
            new = _wrapped(element, seed.choice((1, 50, 2000)))
        case 7:
            new = element[:1] + _length(len(content)) + seed.randbytes(len(content))
        case _:
            other = seed.choice(spans)
            new = data[other[0] : other[2]]
    return _with_lengths(data, start, end, new, spans) if seed.random() < 0.7 else data[:start] + new + data[end:]


def pdf(data: bytes, seed: random.Random) -> bytes:
    """Words and numbers of the syntax become others of the same file, or absurd."""
    words = list(_PDF_WORDS.finditer(data))
    if not words:
        return flip(data, seed)
    for _ in range(seed.choice((1, 1, 2, 5))):
        word = seed.choice(words)
        new = seed.choice(_NUMBERS) if word[0].isdigit() and seed.random() < 0.6 else seed.choice(words)[0]
        if len(new) <= len(word[0]) and seed.random() < 0.7:
            new = new.ljust(len(word[0]))  # the offsets stay right, so that the parser comes further
        data = data[: word.start()] + new + data[word.end() :]
        words = [one for one in words if one.end() <= word.start()] or list(_PDF_WORDS.finditer(data))
    return data


def xml(data: bytes, seed: random.Random) -> bytes:
    """Tags, values and texts become others of the same file; hostile constructs appear."""
    words = list(_XML_WORDS.finditer(data))
    if not words:
        return flip(data, seed)
    word = seed.choice(words)
    other = seed.choice(words)[0]
    kind = seed.randrange(4)
    if kind == 0:
        same = [one[0] for one in words if one[0][:1] == word[0][:1]]
        return data[: word.start()] + seed.choice(same) + data[word.end() :]
    if kind == 1:
        return data[: word.start()] + seed.choice(_XML_EVIL) + data[word.start() :]
    if kind == 2:
        return data[: word.start()] + data[word.end() :]
    return data[: word.start()] + other + data[word.start() :]


BYTES: tuple[Mutation, ...] = (flip, flip, flip, cut, repeat, noise, move)


def mutated(data: bytes, mutations: Sequence[Mutation], seed: random.Random) -> bytes:
    """One to three changes, after each other; never the file as it was."""
    changed = data
    for _ in range(seed.choice((1, 1, 1, 2, 3))):
        if changed:
            changed = seed.choice(mutations)(changed, seed)[:MAX_BYTES]
    return changed if changed != data else flip(data, seed)


def _elements(data: bytes, seed: random.Random, limit: int = 400) -> list[tuple[int, int, int]]:
    """(start, begin of content, end) of DER elements, outermost first; ends where the structure does."""
    found: list[tuple[int, int, int]] = []
    waiting = [(0, len(data))]
    while waiting and len(found) < limit:
        at, end = waiting.pop(seed.randrange(len(waiting)))
        while at + 2 <= end and len(found) < limit:
            span = _element(data, at, end)
            if span is None:
                break
            found.append(span)
            if data[at] & 0x20 or data[at] == 0x04:
                waiting.append((span[1], span[2]))
            at = span[2]
    return found


def _element(data: bytes, at: int, end: int) -> tuple[int, int, int] | None:
    length, inside = data[at + 1], at + 2
    if length >= 0x80:
        size = length & 0x7F
        if not 1 <= size <= 4:
            return None
        length, inside = int.from_bytes(data[inside : inside + size], "big"), inside + size
    return (at, inside, inside + length) if inside + length <= end else None


def _with_lengths(data: bytes, start: int, end: int, new: bytes, spans: Sequence[tuple[int, int, int]]) -> bytes:
    """Put ``new`` in the place and mend the lengths of all that stands around it."""
    around = sorted((one for one in spans if one[0] < start and one[1] <= start and one[2] >= end), reverse=True)
    for outer_start, inside, outer_end in around:
        content = data[inside:start] + new + data[end:outer_end]
        start, end, new = outer_start, outer_end, data[outer_start : outer_start + 1] + _length(len(content)) + content
    return data[:start] + new + data[end:]


def _wrapped(element: bytes, times: int) -> bytes:
    for _ in range(times):
        element = b"\x30" + _length(len(element)) + element
        if len(element) > MAX_BYTES:
            break
    return element


def _length(size: int) -> bytes:
    if size < 0x80:
        return bytes([size])
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets
