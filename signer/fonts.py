"""Tinos in the document: a subset with the whole Vietnamese repertoire, made once per process and embedded as it is.

pyHanko's default font turns Vietnamese into garbage without an error, and its OpenType engine makes a new subset for
every document: 140 ms for each font. Vietnamese in NFC needs no shaping (one glyph for each letter), so one subset of
about 270 glyphs, 10 kB in the file, serves all documents and costs nothing per seal.
"""

from __future__ import annotations

import hashlib
import io
import unicodedata
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from fontTools import subset, ttLib
from fontTools.pens.basePen import BasePen
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from signer.refusal import RefusalCode, SealRefused

FOLDERS = (Path("/usr/share/fonts/truetype/croscore"), Path("/usr/share/fonts/croscore"))
"""Where Debian and Fedora put the croscore fonts; Tinos has the metrics of Times New Roman (NĐ 30/2020 Phụ lục I)."""

REPERTOIRE = (
    "".join(map(chr, range(0x20, 0x7F)))
    + "".join(map(chr, range(0xA0, 0x100)))
    + "ĂăĐđĨĩŨũƠơƯư"
    + "".join(map(chr, range(0x1EA0, 0x1EFA)))
    + "–—‘’“”•…‰€№"
)
"""Latin 1, all Vietnamese letters and the punctuation of documents; anything else is added when a text needs it."""

_REPERTOIRE = frozenset(REPERTOIRE)


ITALIC = 1 << 6
"""ISO 32000-2 table 121."""


@dataclass(frozen=True)
class FontFiles:
    """The faces that seals are printed in; ``italic`` is that of a letter's date."""

    regular: Path
    bold: Path
    italic: Path

    @classmethod
    def installed(cls) -> FontFiles:
        """Tinos as the system has it.

        Raises:
            FileNotFoundError: it is not installed (Debian: ``fonts-croscore``).
        """
        for folder in FOLDERS:
            files = cls(folder / "Tinos-Regular.ttf", folder / "Tinos-Bold.ttf", folder / "Tinos-Italic.ttf")
            if files.regular.is_file() and files.bold.is_file() and files.italic.is_file():
                return files
        raise FileNotFoundError("the font Tinos is not installed (Debian: fonts-croscore)")


@dataclass(frozen=True)
class Typeface:
    """One face, ready to embed. Metrics are in thousandths of an em; glyph ids are those of the subset."""

    tag: str
    name: str
    program: bytes
    program_length: int
    glyphs: Mapping[str, int]
    widths: Mapping[str, float]
    ascent: float
    descent: float
    cap_height: float
    box: tuple[float, float, float, float]
    weight: int
    slant: float
    """Degrees from upright against the clock: 0, or less for an italic."""
    tables: ttLib.TTFont
    to_unicode: bytes
    glyph_set: bytes
    width_array: bytes
    """``/W`` as it is written: some 250 numbers, the same in every document."""

    def width(self, text: str, size: float) -> float:
        """Width of a text in points."""
        return sum(map(self.widths.__getitem__, text)) * size / 1000

    def encode(self, text: str) -> bytes:
        """The text as the hexadecimal string that ``Tj`` shows."""
        return b"<" + b"".join(b"%04X" % self.glyphs[character] for character in text) + b">"

    def outline(self, character: str) -> bytes:
        """The character's shape as path operators, one em being 1000 units: text as a drawing, not as text."""
        glyph_set = self.tables.getGlyphSet()
        pen = _PathPen(glyph_set, 1000 / self.tables["head"].unitsPerEm)
        glyph_set[self.tables.getBestCmap()[ord(character)]].draw(pen)
        return b" ".join(pen.operators)


@lru_cache(maxsize=1024)
def clean(text: str) -> str:
    """A text as it is printed: NFC, one line, no invisible characters."""
    composed = unicodedata.normalize("NFC", text)
    printable = "".join(" " if c.isspace() else c for c in composed if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(printable.split())


@lru_cache(maxsize=1024)
def load_typeface(path: Path, text: str) -> Typeface:
    """The face with the whole repertoire and every character of ``text``.

    Raises:
        SealRefused: CHARACTER-NOT-PRINTABLE, the font has no glyph for a character.
    """
    extra = "".join(sorted(set(text) - _REPERTOIRE))
    face = _load(path, extra)
    missing = [character for character in text if character not in face.glyphs]
    if missing:
        name = unicodedata.name(missing[0], f"U+{ord(missing[0]):04X}")
        raise SealRefused(RefusalCode.CHARACTER_NOT_PRINTABLE, (("character", missing[0]), ("name", name)))
    return face


def printable(path: Path, text: str) -> str:
    """A stranger's text with ``?`` for each character that the face cannot print, instead of no page at all."""
    known = _characters(path)
    return "".join(c if c in _REPERTOIRE or ord(c) in known else "?" for c in clean(text))


@lru_cache(maxsize=4)
def _characters(path: Path) -> frozenset[int]:
    return frozenset(ttLib.TTFont(io.BytesIO(path.read_bytes())).getBestCmap())


@lru_cache(maxsize=16)
def _load(path: Path, extra: str) -> Typeface:
    font = ttLib.TTFont(io.BytesIO(path.read_bytes()))
    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True, name_IDs=[])
    options.drop_tables += ["GPOS", "GDEF", "GSUB", "DSIG", "kern", "FFTM"]
    subsetter = subset.Subsetter(options=options)
    subsetter.populate(unicodes=[ord(character) for character in REPERTOIRE + extra])
    family = font["name"].getDebugName(6) or path.stem
    subsetter.subset(font)
    buffer = io.BytesIO()
    font.save(buffer)
    return _typeface(buffer.getvalue(), family)


def _typeface(program: bytes, family: str) -> Typeface:
    font = ttLib.TTFont(io.BytesIO(program))
    scale = 1000 / font["head"].unitsPerEm
    metrics, os2, head = font["hmtx"], font["OS/2"], font["head"]
    names = {chr(code): name for code, name in font.getBestCmap().items()}
    tag = "".join(chr(ord("A") + byte % 26) for byte in hashlib.sha256(program).digest()[:6])
    glyphs = {character: font.getGlyphID(name) for character, name in names.items()}
    widths = {character: metrics[name][0] * scale for character, name in names.items()}
    return Typeface(
        tag=tag,
        name=f"{tag}+{family}",
        program=zlib.compress(program, 9),
        program_length=len(program),
        glyphs=glyphs,
        widths=widths,
        ascent=font["hhea"].ascent * scale,
        descent=font["hhea"].descent * scale,
        cap_height=os2.sCapHeight * scale,
        box=(head.xMin * scale, head.yMin * scale, head.xMax * scale, head.yMax * scale),
        weight=os2.usWeightClass,
        slant=font["post"].italicAngle,
        tables=font,
        to_unicode=zlib.compress(_to_unicode(glyphs), 9),
        glyph_set=zlib.compress(_glyph_set(font["maxp"].numGlyphs), 9),
        width_array=_widths(glyphs, widths),
    )


class _PathPen(BasePen):  # type: ignore[misc]  # fontTools ships no types
    """Writes a glyph as PDF path operators; the base class turns TrueType's quadratic curves into cubic ones."""

    def __init__(self, glyph_set: Any, scale: float) -> None:
        super().__init__(glyph_set)
        self.operators: list[bytes] = []
        self._scale = scale

    def _point(self, point: tuple[float, float]) -> bytes:
        return b"%.1f %.1f" % (point[0] * self._scale, point[1] * self._scale)

    def _moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802 - fontTools' protocol
        self.operators.append(self._point(point) + b" m")

    def _lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self.operators.append(self._point(point) + b" l")

    def _curveToOne(  # noqa: N802
        self, first: tuple[float, float], second: tuple[float, float], end: tuple[float, float]
    ) -> None:
        self.operators.append(b" ".join(self._point(p) for p in (first, second, end)) + b" c")

    def _closePath(self) -> None:  # noqa: N802
        self.operators.append(b"h")


def embed(face: Typeface, writer: BasePdfFileWriter) -> generic.IndirectObject:
    """Write the face as a Type 0 font with identity encoding and a ToUnicode map (ISO 32000-2 9.7, 9.10.3)."""
    program = _deflated(face.program, Length1=generic.NumberObject(face.program_length))
    descriptor = _dictionary(
        Type=pdf_name("/FontDescriptor"),
        FontName=pdf_name("/" + face.name),
        Flags=generic.NumberObject(0b110 | (ITALIC if face.slant else 0)),  # serif; symbolic: an encoding of its own
        FontBBox=_numbers(face.box),
        Ascent=_number(face.ascent),
        Descent=_number(face.descent),
        CapHeight=_number(face.cap_height),
        ItalicAngle=_number(face.slant),
        StemV=_number(10 + 220 * (face.weight - 50) / 900),
        FontFile2=writer.add_object(program),
        CIDSet=writer.add_object(_deflated(face.glyph_set)),  # PDF/A-1
    )
    cid_font = _dictionary(
        Type=pdf_name("/Font"),
        Subtype=pdf_name("/CIDFontType2"),
        BaseFont=pdf_name("/" + face.name),
        CIDSystemInfo=_dictionary(
            Registry=pdf_string("Adobe"), Ordering=pdf_string("Identity"), Supplement=generic.NumberObject(0)
        ),
        FontDescriptor=writer.add_object(descriptor),
        CIDToGIDMap=pdf_name("/Identity"),
        W=_Written(face.width_array),
    )
    font = _dictionary(
        Type=pdf_name("/Font"),
        Subtype=pdf_name("/Type0"),
        BaseFont=pdf_name("/" + face.name),
        Encoding=pdf_name("/Identity-H"),
        DescendantFonts=generic.ArrayObject([writer.add_object(cid_font)]),
        ToUnicode=writer.add_object(_deflated(face.to_unicode)),
    )
    return writer.add_object(font)


def _deflated(data: bytes, **entries: generic.PdfObject) -> generic.StreamObject:
    """A stream that was compressed when the face was made."""
    return generic.StreamObject(_dictionary(Filter=pdf_name("/FlateDecode"), **entries), encoded_data=data)


def _glyph_set(count: int) -> bytes:
    """Every glyph of the subset as a bit (ISO 19005-1 6.3.5 asks for it)."""
    return bytes((0xFF00 >> min(count - start, 8)) & 0xFF for start in range(0, count, 8))


class _Written(generic.PdfObject):
    """An object whose text is known."""

    def __init__(self, text: bytes) -> None:
        self._text = text

    def write_to_stream(self, stream: Any, handler: Any = None, container_ref: Any = None) -> None:
        """Write the text."""
        stream.write(self._text)


def _widths(glyphs: Mapping[str, int], widths: Mapping[str, float]) -> bytes:
    """Each run of glyphs as its first and their widths (ISO 32000-2 9.7.4.3)."""
    by_glyph = {glyphs[character]: width for character, width in widths.items()}
    array, run, last = generic.ArrayObject(), generic.ArrayObject(), None
    for glyph in sorted(by_glyph):
        if last is None or glyph != last + 1:
            run = generic.ArrayObject()
            array += [generic.NumberObject(glyph), run]
        run.append(_number(by_glyph[glyph]))
        last = glyph
    text = io.BytesIO()
    array.write_to_stream(text)
    return text.getvalue()


def _to_unicode(glyphs: Mapping[str, int]) -> bytes:
    """Glyph to character. Where two characters share a glyph (space and no-break space) the lower one is meant."""
    by_glyph: dict[int, str] = {}
    for character in sorted(glyphs, reverse=True):
        by_glyph[glyphs[character]] = character
    entries = [f"<{glyph:04X}> <{by_glyph[glyph].encode('utf-16be').hex().upper()}>" for glyph in sorted(by_glyph)]
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <0000> <FFFF> endcodespacerange",
    ]
    for start in range(0, len(entries), 100):  # at most 100 entries in one block (Adobe Technical Note 5014)
        block = entries[start : start + 100]
        lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    lines.append("endcmap CMapName currentdict /CMap defineresource pop end end")
    return "\n".join(lines).encode("ascii")


def _dictionary(**entries: generic.PdfObject) -> generic.DictionaryObject:
    return generic.DictionaryObject({pdf_name("/" + name): value for name, value in entries.items()})


def _number(value: float) -> generic.PdfObject:
    return generic.NumberObject(round(value))


def _numbers(values: tuple[float, ...]) -> generic.ArrayObject:
    return generic.ArrayObject([_number(value) for value in values])
