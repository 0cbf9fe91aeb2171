"""The content of a form as stored without a filter or with Flate, to its last byte: others repair what is cut off."""

from __future__ import annotations

import base64
import zlib

import pikepdf

from verifier.changes.revision_objects import items, name_of

_ASCII85, _FLATE = ("/ASCII85Decode", "/A85"), ("/FlateDecode", "/Fl")
_BEHIND = (b"", b"\n", b"\r", b"\r\n")


def filters_of(stream: pikepdf.Object) -> list[str]:
    """The names of its filters, in order."""
    value = stream.get("/Filter")
    return [name_of(one) for one in (items(value) if isinstance(value, pikepdf.Array) else [value]) if one is not None]


def content_of(stream: pikepdf.Object, limit: int) -> bytes | None:
    """The content of a stream; None where it is longer than ``limit``, or not stored in the plain way."""
    if not isinstance(stream, pikepdf.Stream) or any(items(stream.get("/DecodeParms"))):
        return None
    if isinstance(stream.get("/DecodeParms"), pikepdf.Dictionary) and len(stream.DecodeParms):
        return None
    try:
        data = bytes(stream.read_raw_bytes())
        names = filters_of(stream)
        if len(names) == 2 and names[0] in _ASCII85:
            data, names = base64.a85decode(data.strip().removesuffix(b"~>")), names[1:]
        if len(names) == 1 and names[0] in _FLATE:
            engine = zlib.decompressobj()
            data, names = engine.decompress(data, limit + 1), []
            if len(data) <= limit and (not engine.eof or engine.unused_data not in _BEHIND):
                return None
    except (pikepdf.PdfError, zlib.error, ValueError):
        return None
    return data if not names and len(data) <= limit else None
