"""A TrueType font in the file: does every way that viewers go from a code to a glyph end at the same one (§9.6.5.4)?

A font may hold several tables, by Unicode, by Mac codes, by codes of its own, and names of glyphs. Which counts, by
flags and encoding, viewers decide unlike: one could show a digit where another one shows a blank.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pikepdf
from fontTools.ttLib import TTFont, TTLibError

from verifier.changes.comparison import dictionary_of
from verifier.changes.equality import decoded
from verifier.changes.font_reading import characters_of
from verifier.changes.revision_objects import number_of

MAX_FONT_BYTES = 16 << 20
MAX_CODES = 400_000
"""Of all tables of a font together; the largest fonts have some 100,000 by Unicode, in two tables."""
_SYMBOLIC, _NONSYMBOLIC = 1 << 2, 1 << 5
_PRIVATE = 0xF000
_BASIC, _LARGE = (3, 1), (3, 10)
_KINDS = {(3, 0): "own", (1, 0): "mac"}
_CODES = range(0x20, 0x100)


@dataclass(frozen=True)
class _Tables:
    """The maps of a font: by Unicode, by the font's own codes, by Mac codes; None where it has none."""

    unicode: Mapping[int, str] | None
    own: Mapping[int, str] | None
    mac: Mapping[int, str] | None

    def glyphs(self, code: int) -> Iterator[str | None]:
        """Where each way leads from a code."""
        if self.own is not None:
            yield from {self.own.get(_PRIVATE + code), self.own.get(code)} - {None} or {None}
        if self.mac is not None:
            yield self.mac.get(code)
        if self.unicode is not None:
            yield self.unicode.get(code)


def is_one_font(font: pikepdf.Object) -> bool:
    """Whether a simple TrueType font with its program in the file shows one glyph for a code, however it is looked up.

    A text font by Unicode under an encoding, or one of its own codes whose tables agree.
    """
    entries = dictionary_of(font)
    descriptor = dictionary_of(entries.get("/FontDescriptor"))
    tables = _read(descriptor.get("/FontFile2"))
    if tables is None:
        return False
    symbolic, plain = (bool(int(number_of(descriptor.get("/Flags")) or 0) & bit) for bit in (_SYMBOLIC, _NONSYMBOLIC))
    if symbolic is plain:  # one of the two, says table 121
        return False
    if plain:
        return tables.unicode is not None and characters_of(font) is not None and "/Encoding" in entries
    return "/Encoding" not in entries and all(len(set(tables.glyphs(code))) <= 1 for code in _CODES)


def _read(stream: pikepdf.Object | None) -> _Tables | None:
    data = decoded(stream, MAX_FONT_BYTES) if isinstance(stream, pikepdf.Stream) else None
    if data is None:
        return None
    try:
        font = TTFont(io.BytesIO(data), lazy=True)
        if "cmap" not in font or "glyf" not in font or codes_mapped(font.reader["cmap"]) > MAX_CODES:
            return None
        return _tables(font)
    except (TTLibError, struct.error, ValueError, KeyError, IndexError, AssertionError, AttributeError, TypeError):
        return None


def codes_mapped(table: bytes) -> int:
    """How many codes the subtables of a ``cmap`` name, counted before they are read: a few bytes may name billions.

    Raises:
        struct.error: the table is cut off.
    """
    (count,) = struct.unpack_from(">H", table, 2)
    offsets = {struct.unpack_from(">L", table, 8 + 8 * number)[0] for number in range(count)}
    return sum(_codes_of(table, offset) for offset in offsets)


def _codes_of(table: bytes, offset: int) -> int:
    (kind,) = struct.unpack_from(">H", table, offset)
    match kind:
        case 0:
            return 256
        case 4:
            size = struct.unpack_from(">H", table, offset + 6)[0] // 2
            ends = struct.unpack_from(f">{size}H", table, offset + 14)
            starts = struct.unpack_from(f">{size}H", table, offset + 16 + 2 * size)
            return sum(end - start + 1 for start, end in zip(starts, ends, strict=True) if start <= end)
        case 6:
            return int(struct.unpack_from(">H", table, offset + 8)[0])
        case 12:
            (groups,) = struct.unpack_from(">L", table, offset + 12)
            flat = struct.unpack_from(f">{3 * groups}L", table, offset + 16) if 12 * groups <= len(table) else ()
            if not flat:
                return MAX_CODES + 1 if groups else 0
            return sum(end - start + 1 for start, end in zip(flat[::3], flat[1::3], strict=True) if start <= end)
        case _:  # no writer of PDF has another
            return MAX_CODES + 1


def _tables(font: TTFont) -> _Tables | None:
    """None where two tables of one kind differ, or the one by Unicode that all viewers read is missing."""
    kinds: dict[str, Mapping[int, str]] = {}
    by_unicode = {(table.platformID, table.platEncID) for table in font["cmap"].tables if _is_unicode(table)}
    if by_unicode and _BASIC not in by_unicode:
        return None
    for table in font["cmap"].tables:
        kind = "unicode" if _is_unicode(table) else _KINDS.get((table.platformID, table.platEncID), "other")
        known = kinds.get(kind)
        if known is not None and any(known[code] != glyph for code, glyph in table.cmap.items() if code in known):
            return None
        kinds[kind] = {**(known or {}), **table.cmap}
    return _Tables(kinds.get("unicode"), kinds.get("own"), kinds.get("mac"))


def _is_unicode(table: Any) -> bool:
    return table.platformID == 0 or (table.platformID, table.platEncID) in (_BASIC, _LARGE)
