"""What the bytes of a shown string say, by its font's encoding, else by ``/ToUnicode`` (ISO 32000-2 §9.6.5, §9.10).

The encoding of a simple font leads where it has one, for the glyphs follow it; ``/ToUnicode`` is what the font says of
itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pikepdf
from fontTools import agl
from fontTools.encodings.StandardEncoding import StandardEncoding

from verifier.changes.comparison import dictionary_of
from verifier.changes.equality import decoded
from verifier.changes.revision_objects import items, name_of, number_of

MAX_CMAP_BYTES = 1 << 20
MAX_RANGE = 0x10000
_SECTION = re.compile(rb"begin(bfchar|bfrange)(.*?)end(?:bfchar|bfrange)", re.DOTALL)
_CHARACTER = re.compile(rb"<([0-9A-Fa-f\s]+)>\s*<([0-9A-Fa-f\s]*)>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?:<([0-9A-Fa-f\s]*)>|\[([^\]]*)\])")
_CODECS = {"/WinAnsiEncoding": "cp1252", "/MacRomanEncoding": "mac_roman", "/PDFDocEncoding": "pdfdoc"}
Reader = Callable[[bytes], str]


def reader_of(font: pikepdf.Object) -> Reader | None:
    """How to read strings shown in this font; None where nobody can say."""
    entries = dictionary_of(font)
    subtype = name_of(entries.get("/Subtype"))
    if subtype == "/Type0":
        mapped = _to_unicode(entries.get("/ToUnicode"))
        return _by_table(mapped, 2) if mapped else None
    if subtype not in ("/Type1", "/TrueType", "/MMType1"):
        return None
    encoded = _encoding(entries)
    if encoded is not None:
        return _by_table(encoded, 1)
    mapped = _to_unicode(entries.get("/ToUnicode"))
    return _by_table(mapped, 1) if mapped else None


def _by_table(table: dict[int, str], width: int) -> Reader:
    def read(shown: bytes) -> str:
        codes = [int.from_bytes(shown[at : at + width], "big") for at in range(0, len(shown), width)]
        return "".join(table.get(code, "\ufffd") for code in codes)

    return read


def characters_of(font: pikepdf.Object) -> dict[int, str] | None:
    """What the encoding of a simple font says of each code; None where a glyph's name says nothing."""
    return _encoding(dictionary_of(font))


def _encoding(font: dict[str, pikepdf.Object]) -> dict[int, str] | None:
    """The characters of a simple font's codes; None where a glyph's name says nothing."""
    encoding = font.get("/Encoding")
    base = name_of(encoding) or name_of(dictionary_of(encoding).get("/BaseEncoding"))
    if not base and name_of(font.get("/BaseFont")) in ("/Symbol", "/ZapfDingbats"):
        return None
    embedded = {"/FontFile", "/FontFile2", "/FontFile3"} & dictionary_of(font.get("/FontDescriptor")).keys()
    if not base and embedded and encoding is None:
        return None  # the font's own
    table = _named(base)
    if table is None:
        return None
    code = 0
    for item in items(dictionary_of(encoding).get("/Differences")):
        if isinstance(item, pikepdf.Name):
            said = agl.toUnicode(name_of(item).removeprefix("/"))
            if not said and name_of(item) != "/.notdef":
                return None
            table[code] = said
            code += 1
        else:
            code = int(number_of(item) or 0)
    return table


def _named(base: str) -> dict[int, str] | None:
    if base in _CODECS:
        decoded_codes = ((code, bytes([code]).decode(_CODECS[base], "ignore")) for code in range(256))
        return {code: said for code, said in decoded_codes if said}
    if base in ("", "/StandardEncoding"):
        return {code: agl.toUnicode(name) for code, name in enumerate(StandardEncoding) if name != ".notdef"}
    return None


def _to_unicode(stream: pikepdf.Object | None) -> dict[int, str] | None:
    data = decoded(stream, MAX_CMAP_BYTES) if isinstance(stream, pikepdf.Stream) else None
    if data is None:
        return None
    found: dict[int, str] = {}
    for kind, body in _SECTION.findall(data):
        if kind == b"bfchar":
            found |= {int(code, 16): _utf16(said) for code, said in _CHARACTER.findall(body)}
            continue
        for first, last, start, listed in _RANGE.findall(body):
            low, high = int(first, 16), min(int(last, 16), int(first, 16) + MAX_RANGE)
            words = re.findall(rb"<([0-9A-Fa-f\s]*)>", listed)
            for at, code in enumerate(range(low, high + 1)):
                if listed:
                    found[code] = _utf16(words[at]) if at < len(words) else ""
                else:
                    said = _utf16(start)
                    found[code] = said[:-1] + chr(ord(said[-1]) + at) if said else ""
    return found


def _utf16(digits: bytes) -> str:
    return bytes.fromhex(b"".join(digits.split()).decode("ascii")).decode("utf-16-be", "replace")
