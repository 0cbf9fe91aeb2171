"""Object streams of an update (ISO 32000-2 §7.5.7): each object once, in its place, named by the cross-reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from verifier.pdf.updates.defects import DefectError, Rule
from verifier.pdf.updates.grammar import IndirectObject, Name, Value, is_count, parse_value
from verifier.pdf.updates.sections import COMPRESSED, Entry
from verifier.pdf.updates.streams import inflated

_SPACE = b"\0\t\n\f\r "
Decrypt = Callable[[int], bytes]
"""The decoded content of an object stream of an encrypted file, by its number.

Raises:
    DefectError: it cannot be read.
"""
_SIGNATURE_TYPES = (Name(b"Sig"), Name(b"DocTimeStamp"))


def check_object_stream(
    data: bytes, stream: IndirectObject, entries: Mapping[int, Entry], decrypt: Decrypt | None
) -> dict[int, Value]:
    """Every object of the stream is read alike and stands where its entry says; what each says is the answer.

    Raises:
        DefectError: a header that lies, an object that is not named or read differently, a signature inside.
    """
    at = stream.start
    content = inflated(data, stream) if decrypt is None else decrypt(stream.number)
    found: dict[int, Value] = {}
    for index, (number, start, stop) in enumerate(_places(content, stream)):
        if entries.get(number) != Entry(COMPRESSED, stream.number, index):
            raise DefectError(Rule.OBJECT_STREAM, at)
        found[number] = _value(content, start, stop, at)
    if sum(entry.kind == COMPRESSED and entry.first == stream.number for entry in entries.values()) != len(found):
        raise DefectError(Rule.OBJECT_STREAM, at)
    return found


def compressed_value(data: bytes, stream: IndirectObject, number: int, decrypt: Decrypt | None) -> Value:
    """One object of a stream.

    Raises:
        DefectError: the stream does not have it, or it is not read alike.
    """
    content = inflated(data, stream) if decrypt is None else decrypt(stream.number)
    for named, start, stop in _places(content, stream):
        if named == number:
            return _value(content, start, stop, stream.start)
    raise DefectError(Rule.OBJECT_STREAM, stream.start)


def _places(content: bytes, stream: IndirectObject) -> list[tuple[int, int, int]]:
    """Number, begin and end of each object, by the stream's header (§7.5.7: ``/N`` pairs before ``/First``)."""
    dictionary, at = stream.value, stream.start
    count, first = dictionary.get(b"N"), dictionary.get(b"First")
    if dictionary.get(b"Type") != Name(b"ObjStm"):  # PDFium loads nothing from any other
        raise DefectError(Rule.OBJECT_STREAM, at)
    if not is_count(count) or not is_count(first) or b"Extends" in dictionary:
        raise DefectError(Rule.OBJECT_STREAM, at)
    header = content[:first].split()
    if len(header) != 2 * count or not all(word.isdigit() for word in header):
        raise DefectError(Rule.OBJECT_STREAM, at)
    numbers, offsets = [int(word) for word in header[::2]], [first + int(word) for word in header[1::2]]
    if len(set(numbers)) != count or offsets != sorted(set(offsets)):
        raise DefectError(Rule.OBJECT_STREAM, at)
    stops = [*offsets[1:], len(content)][: len(offsets)]
    return list(zip(numbers, offsets, stops, strict=True))


def _value(content: bytes, start: int, stop: int, at: int) -> Value:
    try:
        value, end = parse_value(content, start, stop)
    except DefectError as error:
        raise DefectError(error.defect.rule, at) from None
    if content[end:stop].strip(_SPACE):
        raise DefectError(Rule.OBJECT_STREAM, at)
    if isinstance(value, dict) and (value.get(b"Type") in _SIGNATURE_TYPES or b"ByteRange" in value):
        raise DefectError(Rule.OBJECT_STREAM, at)
    return value
