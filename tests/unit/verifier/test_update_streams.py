"""Streams that the file's structure needs: object streams, PNG's predictors; nothing repaired."""

from __future__ import annotations

import io
import zlib
from typing import Any

import pytest
from PIL import Image

from verifier.pdf.updates.defects import DefectError, Rule
from verifier.pdf.updates.grammar import IndirectObject, Name, parse_object
from verifier.pdf.updates.object_streams import check_object_stream, compressed_value
from verifier.pdf.updates.sections import COMPRESSED, FREE, IN_USE, Entry
from verifier.pdf.updates.streams import MAX_INFLATED_BYTES, decoded, inflated

FLATE = {b"Filter": Name(b"FlateDecode")}


def refused(raw: bytes, dictionary: dict[bytes, Any]) -> bool:
    with pytest.raises(DefectError) as error:
        decoded(raw, dictionary, 7)
    assert (error.value.defect.rule, error.value.defect.offset) == (Rule.OBJECT, 7)
    return True


def test_content_without_filter_or_with_one() -> None:
    packed = zlib.compress(b"abc")
    assert decoded(b"abc", {}, 0) == b"abc"
    assert decoded(b"abc", {b"Filter": []}, 0) == b"abc"
    assert decoded(packed, FLATE, 0) == b"abc"
    assert decoded(packed, {b"Filter": [Name(b"FlateDecode")], b"DecodeParms": [{b"Predictor": 1}]}, 0) == b"abc"
    assert decoded(packed, {**FLATE, b"DecodeParms": None}, 0) == b"abc"
    assert decoded(packed, {**FLATE, b"DecodeParms": {b"Columns": 9}}, 0) == b"abc"


def test_another_filter_or_two() -> None:
    assert refused(b"abc", {b"Filter": Name(b"LZWDecode")})
    assert refused(zlib.compress(b"abc"), {b"Filter": [Name(b"FlateDecode")] * 2})


def test_data_end_where_the_stream_does() -> None:
    packed = zlib.compress(b"abc" * 40)
    for end in (b"", b"\n", b"\r", b"\r\n"):
        assert decoded(packed + end, FLATE, 0) == b"abc" * 40
    for wrong in (b"", b"abc", packed[:-5], packed + b"x", packed + b"\n\n"):
        assert refused(wrong, FLATE)


def test_no_more_than_a_structure_needs() -> None:
    assert len(decoded(zlib.compress(bytes(MAX_INFLATED_BYTES)), FLATE, 0)) == MAX_INFLATED_BYTES
    assert refused(zlib.compress(bytes(MAX_INFLATED_BYTES + 1)), FLATE)


def test_an_object_without_a_stream_has_no_content() -> None:
    with pytest.raises(DefectError):
        inflated(b"", IndirectObject(4, 0, {}, 0, 9))


def predicted(rows: bytes, columns: Any = 4, predictor: Any = 15, **more: Any) -> tuple[bytes, dict[bytes, Any]]:
    parameters = {b"Predictor": predictor, b"Columns": columns, **{key.encode(): value for key, value in more.items()}}
    return zlib.compress(rows), {**FLATE, b"DecodeParms": parameters}


def paeth(left: int, up: int, corner: int) -> int:
    """RFC 2083 §6.6, as it is written there."""
    estimate = left + up - corner
    pa, pb, pc = abs(estimate - left), abs(estimate - up), abs(estimate - corner)
    if pa <= pb and pa <= pc:
        return left
    return up if pb <= pc else corner


def filtered(kind: int, row: bytes, above: bytes) -> bytes:
    out = bytearray([kind])
    for index, byte in enumerate(row):
        left, corner = (row[index - 1], above[index - 1]) if index else (0, 0)
        guesses = (0, left, above[index], (left + above[index]) // 2, paeth(left, above[index], corner))
        out.append((byte - guesses[kind]) % 256)
    return bytes(out)


@pytest.mark.parametrize("kind", range(5))
def test_png_predictors(kind: int) -> None:
    rows = [bytes((7 * x * x + 91 * y * x + 13 * y) % 256 for x in range(40)) for y in range(12)]
    text = b"".join(filtered(kind, row, above) for row, above in zip(rows, [bytes(40), *rows], strict=False))
    for predictor in range(10, 16):
        assert decoded(*predicted(text, 40, predictor), 0) == b"".join(rows)


def test_what_another_program_filtered() -> None:
    made = bytes((x * y + 3 * x) % 256 for y in range(30) for x in range(50))
    out = io.BytesIO()
    Image.frombytes("L", (50, 30), made).save(out, "PNG")
    png, packed, at = out.getvalue(), b"", 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        packed += png[at + 8 : at + 8 + length] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += 12 + length
    assert decoded(packed, predicted(b"", 50)[1], 0) == made


def test_predictors_that_no_structure_needs() -> None:
    row = b"\x00abcd"
    assert decoded(*predicted(row), 0) == b"abcd"
    packed, said = predicted(b"\x00a\x00b")
    del said[b"DecodeParms"][b"Columns"]
    assert decoded(packed, said, 0) == b"ab"
    for changes in ({"predictor": 2}, {"predictor": 9}, {"predictor": 16}, {"columns": 3}, {"columns": 0}):
        assert refused(*predicted(row, **changes))
    assert refused(*predicted(row, columns=-1))
    assert refused(*predicted(row, columns=4.0))
    assert refused(*predicted(row, Colors=3))
    assert refused(*predicted(row, BitsPerComponent=1))
    assert refused(*predicted(b"\x05abcd"))
    assert refused(*predicted(row + b"\x00ab"))


# Object streams (§7.5.7)

PAIRS = b"5 0 6 4 "
CONTENT = PAIRS + b"(a) [1]"


def object_stream(
    content: bytes = CONTENT, said: bytes = b"/Type /ObjStm /N 2 /First 8"
) -> tuple[bytes, IndirectObject]:
    text = b"9 0 obj << %s /Length %d >> stream\n%s\nendstream endobj" % (said, len(content), content)
    return text, parse_object(text, 0, lambda _: None)


NAMED = {5: Entry(COMPRESSED, 9, 0), 6: Entry(COMPRESSED, 9, 1)}


def test_every_object_of_a_stream_is_named_and_no_other() -> None:
    others = {7: Entry(IN_USE, 9, 0), 8: Entry(COMPRESSED, 10, 2), 4: Entry(FREE, 9, 0)}
    assert check_object_stream(*object_stream(), {**NAMED, **others}, None) == {5: b"a", 6: [1]}
    for entries in (
        {5: NAMED[5]},
        {**NAMED, 7: Entry(COMPRESSED, 9, 2)},
        {**NAMED, 6: Entry(COMPRESSED, 9, 0)},
        {**NAMED, 6: Entry(COMPRESSED, 10, 1)},
        {**NAMED, 6: Entry(IN_USE, 9, 1)},
    ):
        with pytest.raises(DefectError) as error:
            check_object_stream(*object_stream(), entries, None)
        assert error.value.defect.rule is Rule.OBJECT_STREAM


def test_an_empty_object_stream() -> None:
    assert check_object_stream(*object_stream(b"", b"/Type /ObjStm /N 0 /First 0"), {}, None) == {}


def test_one_object_of_a_stream() -> None:
    assert compressed_value(*object_stream(), 5, None) == b"a"
    assert compressed_value(*object_stream(), 6, None) == [1]
    assert compressed_value(*object_stream(b"sealed"), 6, lambda number: CONTENT if number == 9 else b"") == [1]
    with pytest.raises(DefectError):
        compressed_value(*object_stream(), 7, None)
    assert check_object_stream(*object_stream(b"sealed"), NAMED, lambda number: CONTENT if number == 9 else b"")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (CONTENT, b"/N 2 /First 8"),
        (CONTENT, b"/Type /ObjStms /N 2 /First 8"),
        (CONTENT, b"/Type /ObjStm /First 8"),
        (CONTENT, b"/Type /ObjStm /N 2"),
        (CONTENT, b"/Type /ObjStm /N 2.0 /First 8"),
        (CONTENT, b"/Type /ObjStm /N 2 /First 8.0"),
        (CONTENT, b"/Type /ObjStm /N 2 /First -7"),
        (CONTENT, b"/Type /ObjStm /N 1 /First 8"),
        (CONTENT, b"/Type /ObjStm /N 3 /First 8"),
        (CONTENT, b"/Type /ObjStm /N 2 /First 8 /Extends 3 0 R"),
        (b"", b"/Type /ObjStm /N 1 /First 1"),
        (b"5 0 ", b"/Type /ObjStm /N true /First 4"),
        (b"5 0 5 4 (a) [1]", b"/Type /ObjStm /N 2 /First 8"),
        (b"5 4 6 0 (a) [1]", b"/Type /ObjStm /N 2 /First 8"),
        (b"5 0 6 0 (a) [1]", b"/Type /ObjStm /N 2 /First 8"),
        (b"5 0 +6 4(a) [1]", b"/Type /ObjStm /N 2 /First 8"),
        (b"5 0 6 4 (a) x 1", b"/Type /ObjStm /N 2 /First 8"),
        (b"5 0 6 4 (a) [1] 2", b"/Type /ObjStm /N 2 /First 8"),
        (b"5 0 6 2 (a) [1]", b"/Type /ObjStm /N 2 /First 8"),
        (b"5 0 6 4 (a) <</Type/Sig>>", b"/Type /ObjStm /N 2 /First 8"),
        (b"5 0 6 4 (a) <</Type/DocTimeStamp>>", b"/Type /ObjStm /N 2 /First 8"),
        (b"5 0 6 4 (a) <</ByteRange 1>>", b"/Type /ObjStm /N 2 /First 8"),
    ],
)
def test_an_object_stream_that_some_viewer_reads_otherwise(content: bytes, said: bytes) -> None:
    for answer in (check_object_stream, lambda data, stream, _, decrypt: compressed_value(data, stream, 6, decrypt)):
        with pytest.raises(DefectError) as error:
            answer(*object_stream(content, said), NAMED, None)
        assert error.value.defect.offset == 0


def test_between_two_objects_stands_white_space() -> None:
    with pytest.raises(DefectError):
        check_object_stream(*object_stream(b"5 0 6 4 (a)x[1]"), NAMED, None)
    assert check_object_stream(*object_stream(b"5 0 6 4 (a)\0[1]\f"), NAMED, None) == {5: b"a", 6: [1]}


def test_a_number_that_stands_twice_in_an_object_stream() -> None:
    """Some viewers take the first, others the last."""
    with pytest.raises(DefectError):
        compressed_value(*object_stream(b"5 0 5 4 (a) [1]"), 5, None)


def test_objects_of_a_stream_stand_in_order() -> None:
    with pytest.raises(DefectError):
        compressed_value(*object_stream(b"5 4 6 0 (a) "), 6, None)
