"""Hexadecimal strings of a PDF read in one step: pyHanko asks its stream for every digit, 10 ms for each signature.

``install`` puts the reading in place of pyHanko's own, in this process. What is not digits, white space and the closing
bracket goes to pyHanko's: comments between digits, errors and their words stay its own.
"""

from __future__ import annotations

import re
from typing import BinaryIO, TypeAlias

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PDF_WHITESPACE

PdfString: TypeAlias = generic.ByteStringObject | generic.TextStringObject

CHUNK_BYTES = 1 << 14
"""Read at a time: a signature's string is about as long."""

_digit_by_digit = generic.read_hex_string_from_stream
_STRING = re.compile(rb"<([0-9a-fA-F \n\r\t\f\x00]*)(>?)")
_MORE = re.compile(rb"([0-9a-fA-F \n\r\t\f\x00]*)(>?)")


def install() -> None:
    """Let pyHanko read hexadecimal strings this way from now on."""
    generic.read_hex_string_from_stream = read_hexadecimal


def read_hexadecimal(stream: BinaryIO) -> PdfString:
    """The hexadecimal string that begins at the stream's position (``<``); the stream stands behind it afterwards.

    Raises:
        PdfStreamError: as pyHanko's own reading.
    """
    start = stream.tell()
    parts: list[bytes] = []
    pattern = _STRING
    while chunk := stream.read(CHUNK_BYTES):
        found = pattern.match(chunk)
        if found is None or (not found[2] and found.end() < len(chunk)):
            break
        parts.append(found[1])
        if found[2]:
            stream.seek(found.end() - len(chunk), 1)
            digits = b"".join(parts).translate(None, PDF_WHITESPACE)
            return generic.pdf_string(bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii")))
        pattern = _MORE
    stream.seek(start)
    return _digit_by_digit(stream)
