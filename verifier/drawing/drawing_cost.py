"""What a page costs to draw, counted before PDFium draws it: a clock would say something else beside other work.

Forms, patterns, glyphs and soft masks count as often as the content uses them, so that ten calls in each of ten levels
are ten thousand million; nothing is drawn and no picture is decoded for it. Runs in the worker process only.

Measured with PDFium on A4 at 72 dpi, one core: a path that fills the page takes 0.23 ms, a line across it 0.07 ms, a
picture over the page 0.9 ms and 3 ns for each of its own pixels, a shading 1 ms, a group over the page 0.24 ms, with a
blend mode and transparency 290 ms, a cell of a pattern 0.08 µs, a byte of content that paints nothing 8 ns. Where every
one of them fills the page, a page at a limit takes one to three minutes; real ones take a hundredth of that.
"""

from __future__ import annotations

import io
import math
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf

from verifier.guard import Failure, attempt

MAX_CONTENT_BYTES = 64 << 20
"""Of decoded content of one page; a dense map has ten."""
MAX_PAINTED = 300_000
"""Painting operators and letters of one page, a picture or a shading as four; a dense map has 100,000."""
MAX_IMAGE_PIXELS = 1_500_000_000
"""Of pictures of one page; A0 at 600 dpi has 560 million."""
MAX_GROUPS = 500
"""Transparency groups and soft masks of one page: each may be as large as the page."""
MAX_TILES = 100_000_000
"""Cells of tiling patterns of one page, were the whole page filled with each."""
USE_BYTES = 60
"""What one use of a form, picture, pattern or annotation counts at least."""

_NAME = rb"/([^\s/<>\[\](){}%]*)\s+"
_USES = re.compile(_NAME + rb"(?:[-+.\d]+\s+)?(Do|gs|sh|scn|SCN|Tf)\b")
_SHOWN = re.compile(rb"\(((?:[^()\\]|\\.)*)\)|<([0-9A-Fa-f\s]*)>")
_PAINTING = re.compile(rb"(?<!\S)(?:f\*?|F|B\*?|b\*?|S|s)(?!\S)")
_INLINE = tuple(re.compile(rb"(?<!\S)%s(?!\S)" % word) for word in (b"BI", b"ID", b"EI"))
"""Where an inline picture begins, where its data do, where it ends (ISO 32000-2 §8.9.7)."""
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_KINDS = {
    b"Do": "/XObject",
    b"gs": "/ExtGState",
    b"sh": "/Shading",
    b"scn": "/Pattern",
    b"SCN": "/Pattern",
    b"Tf": "/Font",
}


class PageCosts:
    """The pages of a document's first ``end`` bytes as qpdf reads them. Close it when done."""

    def __init__(self, data: bytes, end: int, password: str | None) -> None:
        self._opened_as = (data, end, password or "")
        self._pdf: pikepdf.Pdf | Failure | None = None
        self._known: dict[int, bool] = {}

    def close(self) -> None:
        """Give the memory back."""
        if isinstance(self._pdf, pikepdf.Pdf):
            self._pdf.close()

    def too_much(self, index: int) -> bool:
        """Whether a page costs too much to be drawn; what qpdf cannot read is left to the worker's own limits."""
        if index not in self._known:
            self._known[index] = self._weigh(index)
        return self._known[index]

    def _weigh(self, index: int) -> bool:
        if self._pdf is None:
            data, end, password = self._opened_as
            source = io.BytesIO(memoryview(data)[:end])
            self._pdf = attempt("open", lambda: pikepdf.open(source, password=password, suppress_warnings=True))
        pdf = self._pdf
        if isinstance(pdf, Failure):
            return False
        cost = attempt("cost", lambda: page_cost(pdf.pages[index]))
        return not isinstance(cost, Failure) and cost.too_much


@dataclass(frozen=True)
class DrawingCost:
    """Counts of one page, or of one stream of it."""

    content_bytes: int = 0
    painted: int = 0
    image_pixels: int = 0
    groups: int = 0
    tiles: int = 0

    @property
    def too_much_content(self) -> bool:
        """Whether already reading the content costs too much."""
        return self.content_bytes > MAX_CONTENT_BYTES or self.painted > MAX_PAINTED

    @property
    def too_much(self) -> bool:
        """Whether one of the limits is exceeded."""
        return (
            self.too_much_content
            or self.image_pixels > MAX_IMAGE_PIXELS
            or self.groups > MAX_GROUPS
            or self.tiles > MAX_TILES
        )

    def plus(self, other: DrawingCost, times: int = 1) -> DrawingCost:
        """Both together, the other one so many times."""
        return DrawingCost(
            self.content_bytes + times * other.content_bytes,
            self.painted + times * other.painted,
            self.image_pixels + times * other.image_pixels,
            self.groups + times * other.groups,
            self.tiles + times * other.tiles,
        )


def page_cost(page: pikepdf.Page) -> DrawingCost:
    """The counts of a page with its annotations; what cannot be read counts nothing, for it is not drawn either."""
    weigher = _Weigher(page)
    resources = attempt("resources", lambda: page.resources)
    cost = weigher.content(_contents(page), pikepdf.Dictionary() if isinstance(resources, Failure) else resources)
    for appearance in _appearances(page):
        cost = cost.plus(weigher.stream(appearance), 1)
    return cost


def _contents(page: pikepdf.Page) -> bytes:
    contents = page.obj.get("/Contents")
    parts = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    return b"\n".join(_decoded(part) for part in parts if isinstance(part, pikepdf.Stream))


def _appearances(page: pikepdf.Page) -> Iterator[Any]:
    for annotation in page.obj.get("/Annots") or ():
        normal = attempt("appearance", lambda one=annotation: one["/AP"]["/N"])  # type: ignore[misc]
        if isinstance(normal, pikepdf.Stream):
            yield normal
        elif isinstance(normal, pikepdf.Dictionary):
            yield from (state for state in normal.values() if isinstance(state, pikepdf.Stream))


def _decoded(stream: pikepdf.Stream) -> bytes:
    """The stream's bytes, a little more than the limit at most where it is packed as most are."""
    if stream.get("/Filter") != pikepdf.Name.FlateDecode:
        found = attempt("decode", stream.read_bytes)
        return b"" if isinstance(found, Failure) else found
    raw = stream.read_raw_bytes()
    unpacked = attempt("unpack", lambda: zlib.decompressobj().decompress(raw, MAX_CONTENT_BYTES + 1))
    return b"" if isinstance(unpacked, Failure) else unpacked


def _without_inline_pictures(data: bytes) -> bytes:
    """Content without its inline pictures, whose data are no operators: PDFium too goes on behind the next ``EI``."""
    if b"BI" not in data:
        return data
    pieces, at = [], 0
    while (begun := _INLINE[0].search(data, at)) is not None:
        filled = _INLINE[1].search(data, begun.end())
        ended = _INLINE[2].search(data, filled.end()) if filled is not None else None
        if ended is None:
            break
        pieces.append(data[at : begun.start()])
        at = ended.end()
    return b"\n".join([*pieces, data[at:]])


class _Weigher:
    """Weighs each stream once; one that is inside itself weighs nothing there, as PDFium does not enter it."""

    def __init__(self, page: pikepdf.Page) -> None:
        self._known: dict[tuple[int, int], DrawingCost] = {}
        self._entered: set[tuple[int, int]] = set()
        box = attempt("box", lambda: [float(value) for value in page.mediabox])
        self._size = (612.0, 792.0) if isinstance(box, Failure) else (abs(box[2] - box[0]), abs(box[3] - box[1]))

    def stream(self, stream: Any) -> DrawingCost:
        """A form, a pattern's cell, a glyph or an image, used once."""
        key = stream.objgen
        if key in self._known:
            return self._known[key]
        if key in self._entered and key != (0, 0):
            return DrawingCost()
        self._entered.add(key)
        found = attempt("weigh", lambda: self._weighed(stream))
        self._entered.discard(key)
        cost = DrawingCost(USE_BYTES) if isinstance(found, Failure) else found
        if key != (0, 0):
            self._known[key] = cost
        return cost

    def content(self, data: bytes, resources: Any) -> DrawingCost:
        """Content with what it uses."""
        read = _without_inline_pictures(data)
        shown = sum(len(text) + len(digits) // 2 for text, digits in _SHOWN.findall(read))
        cost = DrawingCost(len(data), len(_PAINTING.findall(read)) + shown)
        for (name, operator), times in Counter(_USES.findall(read)).items():
            used = attempt("use", lambda n=name, o=operator: resources[_KINDS[o]]["/" + _plain(n)])  # type: ignore[misc]
            if not isinstance(used, Failure):
                cost = cost.plus(self._used(used, operator, shown), times)
        return cost

    def _used(self, used: Any, operator: bytes, shown: int) -> DrawingCost:
        if operator == b"gs":
            mask = used.get("/SMask")
            masked = isinstance(mask, pikepdf.Dictionary)
            return self.stream(mask["/G"]).plus(DrawingCost(groups=1)) if masked else DrawingCost()
        if operator == b"sh":
            return self._shading(used)
        if operator == b"Tf":
            return self._glyphs(used, shown)
        if "/Shading" in used:
            return self._shading(used["/Shading"])
        return self.stream(used)

    def _weighed(self, stream: Any) -> DrawingCost:
        if stream.get("/Subtype") == pikepdf.Name.Image:
            pixels = int(stream.get("/Width", 0)) * int(stream.get("/Height", 0))
            mask = stream.get("/SMask")
            masked = self.stream(mask) if isinstance(mask, pikepdf.Stream) else DrawingCost()
            return masked.plus(DrawingCost(USE_BYTES, painted=4, image_pixels=max(pixels, 0)))
        inside = self.content(_decoded(stream), stream.get("/Resources") or pikepdf.Dictionary())
        tiles = self._tiles(stream) if "/PatternType" in stream else 0
        return inside.plus(DrawingCost(USE_BYTES, groups=int("/Group" in stream), tiles=tiles))

    def _tiles(self, pattern: Any) -> int:
        a, b, c, d = (float(value) for value in list(pattern.get("/Matrix", (1, 0, 0, 1)))[:4])
        steps = abs(float(pattern["/XStep"])) * math.hypot(a, b), abs(float(pattern["/YStep"])) * math.hypot(c, d)
        across, down = (side / max(step, 1e-6) for side, step in zip(self._size, steps, strict=True))
        return math.ceil(across) * math.ceil(down)

    def _shading(self, shading: Any) -> DrawingCost:
        mesh = len(_decoded(shading)) if isinstance(shading, pikepdf.Stream) else 0
        return DrawingCost(USE_BYTES + mesh, painted=4)

    def _glyphs(self, font: Any, shown: int) -> DrawingCost:
        """A Type 3 font: whatever is shown might be its dearest glyph."""
        if font.get("/Subtype") != pikepdf.Name.Type3:
            return DrawingCost()
        dearest = DrawingCost()
        for glyph in font["/CharProcs"].values():
            cost = self.stream(glyph)
            dearest = max(dearest, cost, key=lambda one: (one.painted, one.content_bytes, one.groups))
        return DrawingCost().plus(dearest, shown)


def _plain(name: bytes) -> str:
    written = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), name) if b"#" in name else name
    return written.decode("utf-8", "surrogateescape")
