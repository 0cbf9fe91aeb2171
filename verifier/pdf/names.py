"""Names of a PDF (``/Type``) read and written in one step: pyHanko asks its stream for every letter, and writes so too.

``install`` puts both in place of pyHanko's own, in this process. A name with an escape or with bytes that would need
one, and one at the end of the file, go to pyHanko's: values, errors and their words stay its own.
"""

from __future__ import annotations

import re
from typing import Any, BinaryIO

from pyhanko.pdf_utils.generic import NameObject

CHUNK_BYTES = 64
"""Read at a time: a name is some ten letters, and a limit of old readers was 127."""

_letter_by_letter_read = NameObject.read_from_stream
_letter_by_letter_write = NameObject.write_to_stream

_REGULAR = r"[!\"$&'*+,\-.0-9:;=?@A-Z\\^_`a-z|~]"
"""Printable ASCII without delimiters and ``#`` (ISO 32000-2 7.2.3, 7.3.5)."""

_READ = re.compile(rf"/({_REGULAR}*)[ \n\r\t\f\x00()<>\[\]{{}}/%]".encode("ascii"))
_WRITTEN = re.compile(rf"/{_REGULAR}*")


def install() -> None:
    """Let pyHanko read and write names this way from now on."""
    NameObject.read_from_stream = staticmethod(read_name)  # type: ignore[method-assign]
    NameObject.write_to_stream = write_name  # type: ignore[method-assign,assignment]


def read_name(stream: BinaryIO) -> NameObject:
    """The name that begins at the stream's position (``/``); the stream stands behind it afterwards.

    Raises:
        PdfReadError: as pyHanko's own reading.
    """
    chunk = stream.read(CHUNK_BYTES)
    found = _READ.match(chunk)
    if found is None:
        stream.seek(-len(chunk), 1)
        name: NameObject = _letter_by_letter_read(stream)  # type: ignore[no-untyped-call]
        return name
    stream.seek(found.end(1) - len(chunk), 1)
    return NameObject("/" + found[1].decode("ascii"))


def write_name(name: NameObject, stream: BinaryIO, handler: Any = None, container_ref: Any = None) -> None:
    """Write the name to the stream.

    Raises:
        PdfWriteError: as pyHanko's own writing, where it does not begin with ``/``.
    """
    if _WRITTEN.fullmatch(name):
        stream.write(name.encode("ascii"))
    else:
        _letter_by_letter_write(name, stream, handler, container_ref)
