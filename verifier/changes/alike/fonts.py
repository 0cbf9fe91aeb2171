"""Fonts of what came later that every viewer has, or finds in the file (ISO 32000-2 §9.6 to §9.8).

A font that is not in the file is replaced: for a text font by another one with the same letters, for symbols, glyphs by
number or by names of a program's own by whatever a viewer has. Type 3 glyphs are programs that each viewer clips, sets
and colours in its own way.
"""

from __future__ import annotations

import re

import pikepdf

from verifier.changes.alike.truetype import is_one_font
from verifier.changes.comparison import dictionary_of
from verifier.changes.equality import decoded
from verifier.changes.font_reading import reader_of
from verifier.changes.revision_objects import items, name_of, number_of

MAX_WIDTH = 5000.0
MAX_MAP_BYTES = 1 << 17
"""Two bytes for each of the codes that two bytes can say."""
_CODED = re.compile(r"/u(?:ni)?[0-9A-F]{4,6}")
_PRINTED = (0x21, 0x7E)
_BY_NUMBER = frozenset({"/Identity-H", "/Identity-V"})
_PROGRAMS = frozenset({"/FontFile", "/FontFile2", "/FontFile3"})
_SUBSET = re.compile(r"^/(?:[A-Z]{6}\+)?")
_SYMBOLS = re.compile(r"symbol|dingbat|wingding|webding|marlett|barcode|code128|code39|^\.?v[nk]|icon", re.IGNORECASE)
"""Names of fonts whose codes mean no letters, or others: pictures, bars, the fonts of Vietnam before Unicode."""


def is_plain_font(font: pikepdf.Object | None) -> bool:
    """Whether viewers show the same letters by it."""
    entries = dictionary_of(font)
    subtype = name_of(entries.get("/Subtype"))
    if subtype == "/Type0":
        below = items(entries.get("/DescendantFonts"))
        by_number = name_of(entries.get("/Encoding")) in _BY_NUMBER
        return by_number and len(below) == 1 and _is_plain_descendant(dictionary_of(below[0]))
    if font is None or subtype not in ("/Type1", "/TrueType", "/MMType1") or not _has_widths(entries):
        return False
    programs = _programs(entries)
    if not programs:
        return _is_text_font(font, entries)
    if subtype == "/TrueType":
        return programs == {"/FontFile2"} and is_one_font(font)
    return programs == {"/FontFile"} or (programs == {"/FontFile3"} and _kind_of_program(entries) == "/Type1C")


def _is_plain_descendant(entries: dict[str, pikepdf.Object]) -> bool:
    """A font in the file whose glyphs are named by their numbers; without a map by themselves (table 115)."""
    programs, map_of_glyphs = _programs(entries), entries.get("/CIDToGIDMap", pikepdf.Name("/Identity"))
    match name_of(entries.get("/Subtype")):
        case "/CIDFontType2":
            mapped = isinstance(map_of_glyphs, pikepdf.Stream) or name_of(map_of_glyphs) == "/Identity"
            return programs == {"/FontFile2"} and mapped and _has_widths(entries)
        case "/CIDFontType0":
            return programs == {"/FontFile3"} and _kind_of_program(entries) in ("/CIDFontType0C", "/OpenType")
        case _:
            return False


def has_codes(font: pikepdf.Object | None, shown: bytes) -> bool:
    """Whether a composite font's map of glyphs goes as far as the codes that are shown: beyond it viewers guess."""
    below = items(dictionary_of(font).get("/DescendantFonts"))[:1]
    table = dictionary_of(below[0]).get("/CIDToGIDMap") if below else None
    if below and len(shown) % 2:
        return False
    if not isinstance(table, pikepdf.Stream):
        return True
    mapped = decoded(table, MAX_MAP_BYTES)
    last = max((int.from_bytes(shown[at : at + 2], "big") for at in range(0, len(shown), 2)), default=0)
    return mapped is not None and 2 * last + 1 < len(mapped)


def _programs(entries: dict[str, pikepdf.Object]) -> frozenset[str]:
    return _PROGRAMS & dictionary_of(entries.get("/FontDescriptor")).keys()


def _kind_of_program(entries: dict[str, pikepdf.Object]) -> str:
    program = dictionary_of(entries.get("/FontDescriptor")).get("/FontFile3")
    return name_of(dictionary_of(program).get("/Subtype"))


def _is_text_font(font: pikepdf.Object, entries: dict[str, pikepdf.Object]) -> bool:
    name = _SUBSET.sub("", name_of(entries.get("/BaseFont")))
    glyphs = items(dictionary_of(entries.get("/Encoding")).get("/Differences"))
    if not name or _SYMBOLS.search(name) is not None or not _are_usual(glyphs):
        return False
    return reader_of(font) is not None


def _are_usual(glyphs: list[pikepdf.Object]) -> bool:
    """No name that is a code (``uni0039``), which some viewers do not look up; no letter or digit without a glyph."""
    code = 0
    for glyph in glyphs:
        if not isinstance(glyph, pikepdf.Name):
            code = int(number_of(glyph) or 0)
            continue
        name = name_of(glyph)
        if _CODED.fullmatch(name) or (name == "/.notdef" and _PRINTED[0] <= code <= _PRINTED[1]):
            return False
        code += 1
    return True


def _has_widths(entries: dict[str, pikepdf.Object]) -> bool:
    """No letter goes back, or leaps."""
    widths = [number_of(one) for one in items(entries.get("/Widths"))]
    return all(one is not None and 0 <= one <= MAX_WIDTH for one in widths)
