"""Drawing in PDF operators: lines, shapes, Vietnamese text and transparent pictures, and the resources they need."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from signer.fonts import FontFiles, Typeface, clean, embed, load_typeface
from signer.geometry import Matrix, Rect
from signer.output import ANY_PDF, OutputRules, calibrated_rgb
from signer.pictures import inked_part, write_picture
from signer.refusal import RefusalCode, SealRefused

Colour = tuple[float, float, float]

BLACK: Colour = (0, 0, 0)
WHITE: Colour = (1, 1, 1)
INK_BLUE: Colour = (0.06, 0.2, 0.55)
"""The authorised person's signature is blue (NĐ 30/2020 Phụ lục I)."""
SEAL_RED: Colour = (0.82, 0.07, 0.1)
"""The agency's seal is red (NĐ 30/2020 Phụ lục I)."""

LEADING = 1.24
"""Line height in font sizes; room for the double accents of Vietnamese capitals."""

BLEND_STATE = "AnTinInk"

SEPARATORS = "-./@"
"""A code or an address may be broken after one of these."""

FontObjects = tuple[tuple[str, int, int], ...]
"""Fonts that an earlier revision of the same document holds: tag, object number, generation."""


@dataclass(frozen=True)
class Run:
    """Some words in one face; ``whole`` ones (a code to be typed) are broken inside a word only if all else fails."""

    text: str
    bold: bool = False
    whole: bool = False


Paragraph = Sequence[Run]


@dataclass(frozen=True)
class Typed:
    """Digits as they are typed into a line: where their base line begins, their size in points, upright or slanted."""

    text: str
    x: float
    y: float
    size: float
    italic: bool


class Canvas:
    """Collects operators; ``stream`` and ``resources`` give what a form or a page needs."""

    def __init__(self, fonts: FontFiles, output: OutputRules = ANY_PDF) -> None:
        self._fonts = fonts
        self._output = output
        self._operators: list[bytes] = []
        self._faces: dict[str, Typeface] = {}
        self._pictures: dict[str, bytes] = {}
        self._blends = False

    @property
    def stream(self) -> bytes:
        """What was drawn so far, as a content stream (ISO 32000-2 §7.8.2)."""
        return b"\n".join(self._operators)

    def face(self, text: str, bold: bool = False) -> Typeface:
        """The face that can print ``text``."""
        return load_typeface(self._fonts.bold if bold else self._fonts.regular, text)

    def blend(self) -> None:
        """Lay what follows over what is there as ink lies over ink: what is below stays readable."""
        if self._output.transparency:
            self._blends = True
            self._operators.append(b"/%s gs" % BLEND_STATE.encode())

    def transform(self, matrix: Matrix) -> None:
        """Draw in other coordinates from here on, inside a saved graphics state; ends with ``restore``."""
        self._operators.append(b"q " + b" ".join(_number(value) for value in matrix) + b" cm")

    def restore(self) -> None:
        """End what ``transform`` began."""
        self._operators.append(b"Q")

    def rectangles(self, rects: Iterable[Rect], colour: Colour) -> None:
        """Fill rectangles."""
        self._operators.append(_colour(colour) + b" rg")
        number = _number
        self._operators += [
            b"%s %s %s %s re" % (number(r.x0), number(r.y0), number(r.x1 - r.x0), number(r.y1 - r.y0)) for r in rects
        ]
        self._operators.append(b"f")

    def frame(self, rect: Rect, colour: Colour, width: float) -> None:
        """Stroke a rectangle."""
        self._operators += [
            _colour(colour) + b" RG " + _number(width) + b" w",
            _join(rect.x0, rect.y0, rect.width, rect.height) + b" re S",
        ]

    def circle(self, x: float, y: float, radius: float, colour: Colour, width: float) -> None:
        """Stroke a circle (four Bézier quarters; 0.5523 is 4/3·(√2-1))."""
        k = radius * 0.5523
        r = radius
        self._operators += [
            _colour(colour) + b" RG " + _number(width) + b" w",
            _join(x + r, y) + b" m",
            _join(x + r, y + k, x + k, y + r, x, y + r) + b" c",
            _join(x - k, y + r, x - r, y + k, x - r, y) + b" c",
            _join(x - r, y - k, x - k, y - r, x, y - r) + b" c",
            _join(x + k, y - r, x + r, y - k, x + r, y) + b" c h S",
        ]

    def star(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Fill a five-pointed star, one point up."""
        points = []
        for index in range(10):
            distance = radius if index % 2 == 0 else radius * 0.382
            angle = math.pi / 2 + index * math.pi / 5
            points.append(_join(x + distance * math.cos(angle), y + distance * math.sin(angle)))
        path = points[0] + b" m " + b" ".join(point + b" l" for point in points[1:])
        self._operators.append(_colour(colour) + b" rg " + path + b" h f")

    def text(self, x: float, y: float, runs: Paragraph, size: float, colour: Colour) -> None:
        """Show one line of text from its base line's left end."""
        self._operators.append(b"BT " + _colour(colour) + b" rg " + _join(x, y) + b" Td")
        for run in runs:
            face = self.face(run.text, run.bold)
            self._faces[face.tag] = face
            self._operators.append(b"/%s %s Tf %s Tj" % (face.tag.encode(), _number(size), face.encode(run.text)))
        self._operators.append(b"ET")

    def digits(self, typed: Typed) -> None:
        """Show digits in black in the face of their line."""
        face = load_typeface(self._fonts.italic if typed.italic else self._fonts.regular, typed.text)
        self._faces[face.tag] = face
        where = (face.tag.encode(), _number(typed.size), _join(typed.x, typed.y), face.encode(typed.text))
        self._operators.append(b"BT " + _colour(BLACK) + b" rg /%s %s Tf %s Td %s Tj ET" % where)

    def text_on_circle(self, x: float, y: float, radius: float, text: str, size: float, colour: Colour) -> None:
        """Draw a text clockwise around the top of a circle, as shapes: it is decoration, not text to be read out."""
        face = self.face(text, bold=True)
        angle = math.pi / 2 + face.width(text, size) / radius / 2
        self._operators.append(b"q " + _colour(colour) + b" rg")
        for character in text:
            half = face.width(character, size) / radius / 2
            middle = angle - half
            px, py = x + radius * math.cos(middle), y + radius * math.sin(middle)
            turn = middle - math.pi / 2
            cos, sin = math.cos(turn) * size / 1000, math.sin(turn) * size / 1000
            shift = face.widths[character] / 2
            matrix = (cos, sin, -sin, cos, px - shift * cos, py - shift * sin)
            outline = face.outline(character)
            if outline:
                self._operators.append(b"q %s cm %s f Q" % (b" ".join(_number(v, 5) for v in matrix), outline))
            angle -= 2 * half
        self._operators.append(b"Q")

    def picture(self, png: bytes, box: Rect) -> None:
        """Draw a picture's ink centred in a box, its proportions kept, transparent where it is transparent."""
        image = inked_part(png)
        name = "P" + hashlib.sha256(png).hexdigest()[:12]
        self._pictures[name] = png
        scale = min(box.width / image.width, box.height / image.height)
        width, height = image.width * scale, image.height * scale
        x, y = box.x0 + (box.width - width) / 2, box.y0 + (box.height - height) / 2
        self._operators.append(b"q %s cm /%s Do Q" % (_join(width, 0, 0, height, x, y), name.encode()))

    def paragraphs(self, box: Rect, texts: Sequence[Paragraph], sizes: tuple[float, float], colour: Colour) -> None:
        """Set paragraphs into a box, vertically centred, as large as they fit between the two sizes.

        Raises:
            SealRefused: TEXT-DOES-NOT-FIT at the smaller size.
        """
        size, lines = self._fit(box, texts, sizes)
        y = (box.y0 + box.y1 + len(lines) * size * LEADING) / 2
        for line in lines:
            y -= size * LEADING
            self.text(box.x0, y + size * (LEADING - 1), line, size, colour)

    def wrapped(self, paragraph: Paragraph, width: float, size: float) -> list[list[Run]]:
        """The lines of a paragraph within a width; a word that is wider than the line and cannot be broken stays so."""
        return self._wrap(paragraph, width, size)

    def width(self, line: Paragraph, size: float) -> float:
        """Width of a line in points."""
        return sum(self.face(run.text, run.bold).width(run.text, size) for run in line)

    def resources(self, writer: BasePdfFileWriter, known: FontObjects) -> tuple[generic.DictionaryObject, FontObjects]:
        """Write what the operators refer to; fonts that the document already holds are not written again."""
        held = {tag: (number, generation) for tag, number, generation in known}
        fonts = generic.DictionaryObject()
        for tag, face in self._faces.items():
            if tag not in held:
                reference = embed(face, writer)
                held[tag] = (reference.idnum, reference.generation)
            fonts[pdf_name("/" + tag)] = generic.IndirectObject(*held[tag], writer)
        pictures = generic.DictionaryObject(
            {
                pdf_name("/" + name): write_picture(png, writer, transparency=self._output.transparency)
                for name, png in self._pictures.items()
            }
        )
        resources = generic.DictionaryObject({pdf_name("/Font"): fonts})
        if pictures:
            resources[pdf_name("/XObject")] = pictures
        if self._blends:
            multiply = generic.DictionaryObject({pdf_name("/BM"): pdf_name("/Multiply")})
            resources[pdf_name("/ExtGState")] = generic.DictionaryObject({pdf_name("/" + BLEND_STATE): multiply})
        if self._output.calibrated:
            resources[pdf_name("/ColorSpace")] = generic.DictionaryObject({pdf_name("/DefaultRGB"): calibrated_rgb()})
        return resources, tuple((tag, *where) for tag, where in held.items())

    def _fit(self, box: Rect, texts: Sequence[Paragraph], sizes: tuple[float, float]) -> tuple[float, list[list[Run]]]:
        """The largest size at which the lines fit, with whole words whole, else with them broken too."""
        broken = [[replace(run, whole=False) for run in paragraph] for paragraph in texts]
        for paragraphs in (texts, broken):
            size = sizes[0]
            while size >= sizes[1]:
                lines = [line for paragraph in paragraphs for line in self._wrap(paragraph, box.width, size)]
                widest = max((self.width(line, size) for line in lines), default=0.0)
                if len(lines) * size * LEADING <= box.height and widest <= box.width:
                    return size, lines
                size -= 0.25
        raise SealRefused(RefusalCode.TEXT_DOES_NOT_FIT, (("text", _plain(texts)),))

    def _wrap(self, paragraph: Paragraph, width: float, size: float) -> list[list[Run]]:
        """Break at spaces; a word wider than the line (an address, a code) after its last fitting separator."""
        words = [Run(word, run.bold, run.whole) for run in paragraph for word in clean(run.text).split(" ") if word]
        lines: list[list[Run]] = [[]]
        for word in words:
            line = lines[-1]
            joined = [*line, Run(" " + word.text, word.bold, word.whole) if line else word]
            if line and self.width(joined, size) > width:
                lines.append([])
                joined = [word]
            rest = word
            while len(joined) == 1 and (head := self._fitting_part(rest, width, size)):
                lines[-1:] = [[replace(rest, text=head)], []]
                rest = replace(rest, text=rest.text[len(head) :])
                joined = [rest]
            lines[-1] = joined
        return lines

    def _fitting_part(self, word: Run, width: float, size: float) -> str:
        """The longest start of a too wide word that ends with a separator and fits; empty where nothing is to do."""
        if word.whole or self.width([word], size) <= width:
            return ""
        ends = [index + 1 for index, character in enumerate(word.text[:-1]) if character in SEPARATORS]
        fitting = [end for end in ends if self.width([Run(word.text[:end], word.bold)], size) <= width]
        return word.text[: max(fitting, default=0)]


def _plain(texts: Sequence[Paragraph]) -> str:
    return " / ".join("".join(run.text for run in paragraph) for paragraph in texts)


@lru_cache(maxsize=4096)
def _number(value: float, digits: int = 3) -> bytes:
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return (text if text not in ("-0", "") else "0").encode("ascii")


def _join(*values: float) -> bytes:
    return b" ".join(_number(value) for value in values)


def _colour(colour: Colour) -> bytes:
    return _join(*colour)
