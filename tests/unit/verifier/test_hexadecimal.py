"""Hexadecimal strings are read as pyHanko reads them, in one step."""

from __future__ import annotations

import io

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

import verifier.pdf.reading  # noqa: F401 - puts it in its place
from tests.attacks.making import paper, sign
from verifier.pdf import hexadecimal


class Counted(io.BytesIO):
    """A stream that counts how often it is read from."""

    reads = 0

    def read(self, size: int | None = -1) -> bytes:
        self.reads += 1
        return super().read(size)


LONG = b"0123456789abcdefABCDEF" * 1500
ODD = {
    "empty": b"<>",
    "an odd digit": b"<abc>",
    "white space of every kind": b"< 4\n1\r\t4\x0c2\x00 >",
    "a comment between digits": b"<41 % six > seven\n42>",
    "longer than one piece": b"<" + LONG + b">",
    "an end between two pieces": b"<" + b"4" * (hexadecimal.CHUNK_BYTES - 1) + b">",
    "UTF-16": b"<FEFF1EA4006E>",
    "a letter that is no digit": b"<41G2>",
    "a letter after a whole piece": b"<" + LONG + b"g>",
    "an end without a bracket": b"<4142",
    "a whole piece without a bracket": b"<" + LONG,
    "an opening bracket": b"<41<42>",
    "a vertical tab, no white space of PDF": b"<41\x0b42>",
    "nothing": b"",
}


def outcome(read: object, data: bytes) -> tuple[object, ...]:
    stream = io.BytesIO(b"xx" + data + b" 1 0 R /Next (text) <00>")
    if not data.endswith(b">"):
        stream = io.BytesIO(b"xx" + data)
    stream.seek(2)
    try:
        value = read(stream)  # type: ignore[operator]
    except Exception as error:  # pyHanko's own, whatever they are
        return type(error), str(error), stream.tell()
    return type(value), value, value.original_bytes, stream.tell()


@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
def test_value_error_and_place_are_those_of_pyhanko(data: bytes) -> None:
    expected = outcome(hexadecimal._digit_by_digit, data)
    assert outcome(hexadecimal.read_hexadecimal, data) == expected


def test_a_signatures_contents_are_not_read_digit_by_digit() -> None:
    assert generic.read_hex_string_from_stream is hexadecimal.read_hexadecimal  # since verifier.pdf.reading was loaded
    stream = Counted(sign(paper()))
    value = PdfFileReader(stream).embedded_signatures[0].sig_object.raw_get("/Contents")
    assert stream.reads < 2 * len(value.original_bytes)  # the whole file, with its digits read in one
