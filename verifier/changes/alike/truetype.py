"""A TrueType font in the file: does every way that viewers go from a code to a glyph end at the same one (§9.6.5.4)?

A font may hold several tables, by Unicode, by Mac codes, by codes of its own, and glyphs by names; which of them counts,
by flags and encoding, viewers decide unlike. One could show a digit where another one shows a blank.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pikepdf
from fontTools.ttLib import TTFont, TTLibError

from verifier.changes.comparison import dictionary_of
from verifier.changes.equality import decoded
from verifier.changes.font_reading import characters_of
from verifier.changes.revision_objects import number_of

MAX_FONT_BYTES = 16 << 20
_SYMBOLIC, _NONSYMBOLIC = 1 << 2, 1 << 5
_PRIVATE = 0xF000
_CODES = range(0x20, 0x100)
_NAMES = 2.0
"""Format of the ``post`` table that names glyphs."""


@dataclass(frozen=True)
class _Tables:
    """The maps of a font: by Unicode, by the font's own codes, by Mac codes; None where it has none."""

    unicode: Mapping[int, str] | None
    own: Mapping[int, str] | None
    mac: Mapping[int, str] | None
    names: frozenset[str]

    def glyphs(self, code: int, said: str | None) -> Iterator[str | None]:
        """Where each way leads from a code whose character the encoding says (None: it says nothing)."""
        if self.own is not None:
            yield from {self.own.get(_PRIVATE + code), self.own.get(code)} - {None} or {None}
        if self.mac is not None:
            yield self.mac.get(code)
        if self.unicode is not None:
            yield self.unicode.get(ord(said) if said and len(said) == 1 else code)


def is_one_font(font: pikepdf.Object) -> bool:
    """Whether a simple TrueType font with its program in the file shows one glyph for a code, however it is looked up."""
    entries = dictionary_of(font)
    descriptor = dictionary_of(entries.get("/FontDescriptor"))
    tables = _read(descriptor.get("/FontFile2"))
    if tables is None:
        return False
    flags = int(number_of(descriptor.get("/Flags")) or 0)
    encoding = characters_of(font) if "/Encoding" in entries else {}
    if encoding is None:
        return False
    plain = flags & _NONSYMBOLIC and not flags & _SYMBOLIC
    if plain and encoding:
        return tables.unicode is not None and not _is_named_otherwise(font, tables)
    if plain or (tables.unicode is None and tables.own is None and encoding):
        return False
    return all(len(set(tables.glyphs(code, encoding.get(code)))) <= 1 for code in _CODES)


def _is_named_otherwise(font: pikepdf.Object, tables: _Tables) -> bool:
    """Whether the encoding names a glyph that has this name in the font and is not the one of its character."""
    differences = dictionary_of(dictionary_of(font).get("/Encoding")).get("/Differences")
    named = [
        str(one)[1:]
        for one in (differences.as_list() if isinstance(differences, pikepdf.Array) else ())
        if isinstance(one, pikepdf.Name)
    ]
    found = set((tables.unicode or {}).values())
    return any(name in tables.names and name not in found for name in named)


def _read(stream: pikepdf.Object | None) -> _Tables | None:
    data = decoded(stream, MAX_FONT_BYTES) if isinstance(stream, pikepdf.Stream) else None
    if data is None:
        return None
    try:
        font = TTFont(io.BytesIO(data), lazy=True)
        if "cmap" not in font or "glyf" not in font:
            return None
        return _tables(font)
    except (TTLibError, struct.error, ValueError, KeyError, IndexError, AssertionError, AttributeError, TypeError):
        return None


def _tables(font: TTFont) -> _Tables | None:
    """None where two tables of one kind differ."""
    kinds: dict[str, Mapping[int, str]] = {}
    for table in font["cmap"].tables:
        kind = _kind(table.platformID, table.platEncID)
        known = kinds.get(kind)
        if known is not None and any(known[code] != glyph for code, glyph in table.cmap.items() if code in known):
            return None
        kinds[kind] = {**(known or {}), **table.cmap}
    named = "post" in font and font["post"].formatType == _NAMES
    names = frozenset(font.getGlyphOrder()) if named else frozenset()
    return _Tables(kinds.get("unicode"), kinds.get("own"), kinds.get("mac"), names)


def _kind(platform: int, encoding: int) -> str:
    if platform == 0 or (platform, encoding) in ((3, 1), (3, 10)):
        return "unicode"
    return {(3, 0): "own", (1, 0): "mac"}.get((platform, encoding), "other")
