"""Streams that the file's own structure needs: inflated in full, PNG predictors undone, nothing repaired."""

from __future__ import annotations

import zlib

from verifier.pdf.updates.defects import DefectError, Rule
from verifier.pdf.updates.grammar import Dictionary, IndirectObject, Name, Value

MAX_INFLATED_BYTES = 64 << 20
"""A cross-reference stream of 100,000 objects is a megabyte."""
_END_OF_LINE = (b"", b"\n", b"\r", b"\r\n")
_PNG = range(10, 16)


def inflated(text: bytes, stream: IndirectObject) -> bytes:
    """The content of a stream without a filter or with FlateDecode (§7.4.4).

    Raises:
        DefectError: another filter, or data that do not end where the stream does.
    """
    if stream.data is None:
        raise DefectError(Rule.OBJECT, stream.start)
    raw = text[stream.data[0] : stream.data[1]]
    return decoded(raw, stream.value, stream.start)


def decoded(raw: bytes, dictionary: Dictionary, at: int) -> bytes:
    """The same from the raw bytes and the stream's dictionary.

    Raises:
        DefectError: as ``inflated``.
    """
    names, parameters = _single(dictionary.get(b"Filter")), _single(dictionary.get(b"DecodeParms"))
    if names is None:
        return raw
    if names != Name(b"FlateDecode"):
        raise DefectError(Rule.OBJECT, at)
    engine = zlib.decompressobj()
    try:
        content = engine.decompress(raw, MAX_INFLATED_BYTES)
    except zlib.error:
        raise DefectError(Rule.OBJECT, at) from None
    if not engine.eof or engine.unused_data not in _END_OF_LINE:
        raise DefectError(Rule.OBJECT, at)
    if not isinstance(parameters, dict) or parameters.get(b"Predictor", 1) == 1:
        return content
    if parameters[b"Predictor"] not in _PNG:
        raise DefectError(Rule.OBJECT, at)
    return _without_predictor(content, parameters, at)


def _single(value: Value) -> Value:
    """A filter, or the only one of a list."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value or None


def _without_predictor(content: bytes, parameters: Dictionary, at: int) -> bytes:
    """PNG's filters of one byte a pixel (RFC 2083 §6): what writers of cross-reference streams use."""
    columns = parameters.get(b"Columns", 1)
    if parameters.get(b"Colors", 1) != 1 or parameters.get(b"BitsPerComponent", 8) != 8:
        raise DefectError(Rule.OBJECT, at)
    if not isinstance(columns, int) or columns < 1 or len(content) % (columns + 1):
        raise DefectError(Rule.OBJECT, at)
    above, rows = bytes(columns), []
    for start in range(0, len(content), columns + 1):
        above = _row(content[start], content[start + 1 : start + 1 + columns], above, at)
        rows.append(above)
    return b"".join(rows)


def _row(kind: int, row: bytes, above: bytes, at: int) -> bytes:
    match kind:
        case 0:
            return row
        case 2:  # Up: the one that everybody writes
            return bytes((a + b) & 255 for a, b in zip(row, above, strict=True))
        case 1 | 3 | 4:
            return _from_the_left(kind, row, above)
        case _:
            raise DefectError(Rule.OBJECT, at)


def _from_the_left(kind: int, row: bytes, above: bytes) -> bytes:
    """Sub, Average and Paeth."""
    out = bytearray()
    left = corner = 0
    for byte, up in zip(row, above, strict=True):
        guess = left if kind == 1 else (left + up) // 2 if kind == 3 else _paeth(left, up, corner)
        left, corner = (byte + guess) & 255, up
        out.append(left)
    return bytes(out)


def _paeth(left: int, up: int, corner: int) -> int:
    estimate = left + up - corner
    return min((left, up, corner), key=lambda value: abs(estimate - value))
