"""Names are read and written as pyHanko reads and writes them, in one step."""

from __future__ import annotations

import io

import pytest
from pyhanko.pdf_utils.generic import NameObject

import verifier.pdf.reading  # noqa: F401 - puts both in their place
from tests.unit.verifier.test_hexadecimal import Counted
from verifier.pdf import names

READ = {
    "a name": b"/Type /Page",
    "every letter that needs no escape": bytes(range(0x21, 0x7F)).translate(None, b"()<>[]{}/%#").join([b"/", b" "]),
    "no letters": b"/ 1",
    "an escape": b"/A#42#20c 1",
    "a broken escape": b"/A#4",
    "an escape that is none": b"/A#4G ",
    "bytes beyond ASCII": "/Tên ".encode(),
    "a control character": b"/A\x0bB ",
    "the end of the file": b"/Type",
    "longer than one piece": b"/" + b"A" * 200 + b" ",
    "an end between two pieces": b"/" + b"A" * (names.CHUNK_BYTES - 1) + b" ",
    "no name": b"(Type)",
    "nothing": b"",
} | {f"before {end!r}": b"/Type" + bytes([end]) + b"1" for end in b" \n\r\t\f\x00()<>[]{}/%"}
WRITTEN = [
    "/Type",
    "/",
    "/A B",
    "/A#B",
    "/Tên",
    "/A\x0bB",
    "/A(B)",
    "Type",
    "/%",
    "/A\nB",
    "/A\n",
    "/~!\"$&'*+,-.:;=?@\\^_`|",
]


def outcome(read: object, data: bytes) -> tuple[object, ...]:
    stream = io.BytesIO(b"xx" + data)
    stream.seek(2)
    try:
        value = read(stream)  # type: ignore[operator]
    except Exception as error:  # pyHanko's own, whatever they are
        return type(error), str(error), stream.tell()
    return type(value), value, stream.tell()


@pytest.mark.parametrize("data", READ.values(), ids=READ)
def test_value_error_and_place_are_those_of_pyhanko(data: bytes) -> None:
    assert outcome(names.read_name, data) == outcome(names._letter_by_letter_read, data)


def written(write: object, name: NameObject) -> object:
    stream = io.BytesIO()
    try:
        write(name, stream)  # type: ignore[operator]
    except Exception as error:  # as above
        return type(error), str(error)
    return stream.getvalue()


@pytest.mark.parametrize("name", WRITTEN)
def test_bytes_written_are_those_of_pyhanko(name: str) -> None:
    expected = written(names._letter_by_letter_write, NameObject(name))
    assert written(names.write_name, NameObject(name)) == expected


def read_by_pyhanko(stream: io.BytesIO) -> object:
    return NameObject.read_from_stream(stream)  # type: ignore[no-untyped-call]


def test_a_name_is_read_in_one_step() -> None:
    stream = Counted(b"/AnyNameOfSomeLength 1")
    assert read_by_pyhanko(stream) == "/AnyNameOfSomeLength"
    assert stream.reads == 1


def test_names_of_two_objects_are_not_one_object() -> None:
    one, other = (read_by_pyhanko(io.BytesIO(b"/Type ")) for _ in range(2))
    assert one is not other  # pyHanko notes on a name in which object it stands
