"""Object streams of an update (ISO 32000-2 §7.5.7): each object once, in its place, and named by the cross-reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from verifier.pdf.updates.defects import DefectError, Rule
from verifier.pdf.updates.grammar import IndirectObject, Name, parse_value
from verifier.pdf.updates.sections import COMPRESSED, Entry
from verifier.pdf.updates.streams import inflated

_SPACE = b"\0\t\n\f\r "
_SIGNATURE_TYPES = (Name(b"Sig"), Name(b"DocTimeStamp"))


def check_object_stream(
    data: bytes, stream: IndirectObject, entries: Mapping[int, Entry], decrypt: Callable[[int], bytes] | None
) -> None:
    """Every object of the stream is read alike and stands where its entry says.

    Raises:
        DefectError: a header that lies, an object that is not named or read differently, a signature inside.
    """
    at, dictionary = stream.start, stream.value
    content = inflated(data, stream) if decrypt is None else decrypt(stream.number)
    count, first = dictionary.get(b"N"), dictionary.get(b"First")
    if not isinstance(count, int) or not isinstance(first, int) or b"Extends" in dictionary or first > len(content):
        raise DefectError(Rule.OBJECT_STREAM, at)
    header = content[:first].split()
    if len(header) != 2 * count or not all(word.isdigit() for word in header):
        raise DefectError(Rule.OBJECT_STREAM, at)
    numbers, offsets = [int(word) for word in header[::2]], [int(word) for word in header[1::2]]
    if len(set(numbers)) != count or offsets != sorted(set(offsets)):
        raise DefectError(Rule.OBJECT_STREAM, at)
    stops = [*offsets[1:], len(content) - first]
    for index, number in enumerate(numbers):
        if entries.get(number) != Entry(COMPRESSED, stream.number, index):
            raise DefectError(Rule.OBJECT_STREAM, at)
        _check_value(content, first + offsets[index], first + stops[index], at)
    if sum(entry.kind == COMPRESSED and entry.first == stream.number for entry in entries.values()) != count:
        raise DefectError(Rule.OBJECT_STREAM, at)


def _check_value(content: bytes, start: int, stop: int, at: int) -> None:
    try:
        value, end = parse_value(content, start, stop)
    except DefectError as error:
        raise DefectError(error.defect.rule, at) from None
    if end > stop or content[end:stop].strip(_SPACE):
        raise DefectError(Rule.OBJECT_STREAM, at)
    if isinstance(value, dict) and (value.get(b"Type") in _SIGNATURE_TYPES or b"ByteRange" in value):
        raise DefectError(Rule.OBJECT_STREAM, at)
