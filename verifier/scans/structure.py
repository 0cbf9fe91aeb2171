"""What a PDF page is made of: the pictures of the scan, and what lies beside, over or under them.

Runs in the worker process only.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pikepdf
from PIL import Image

from verifier.guard import Failure, attempt
from verifier.scans.active import Annotations, annotations_of
from verifier.scans.geometry import PageFrame, area, common
from verifier.scans.layers import HiddenContent
from verifier.scans.report import Colour, ScanKind
from verifier.scans.walk import OPAQUE, Painted, Thing, Walk, page_box, walk_page

PAGE_SIZED = 0.5
"""Share of the page from which a picture is the paper itself and not something on it."""
SCANNED = 0.25
"""Share of the page that pictures must take up to be a scan of a small paper."""
STRIP_TOLERANCE = 0.05
"""By which the resolutions of strips of one scan may differ."""
STRIP_OVERLAP = 0.1
"""Share of a strip's own area that may lie over the others: they are cut at whole pixels."""
LETTERS_LEAST = 3
"""So many small stencils make a layer of letters; one alone is a stamp."""
DUST_POINTS = 1.5
"""A picture no larger than this paints a dot: half a millimetre."""
MAX_PIXELS = 80_000_000
"""Declared by one picture: A3 at 600 dpi has 70 million."""
_GREY_SPACES = frozenset({"/DeviceGray", "/CalGray", "/G"})
_CAMERA_TAGS = (0x829A, 0x829D, 0x920A)
"""Exposure time, aperture, focal length: a scanner writes none of them."""


@dataclass(frozen=True)
class Picture:
    """A picture on a page with its facts."""

    painted: Painted
    pixels: tuple[int, int]
    dpi: tuple[float, float] | None
    colour: Colour
    bilevel: bool
    stencil: bool
    see_through: bool
    share: float


@dataclass(frozen=True)
class PageStructure:
    """A page taken apart.

    ``paper`` are the pictures that make up the scan, bottom first; ``added`` are visible things that are not part of
    it; ``patterned``: a page-sized picture is painted as a pattern or a glyph, as no scanner does. Lives in the worker
    process only.
    """

    frame: PageFrame
    paper: tuple[Picture, ...]
    added: tuple[Painted, ...]
    ocr: bool
    text: bool
    patterned: bool
    hidden: bool
    switchable: bool
    annotations: Annotations
    failures: tuple[str, ...]
    too_large: bool

    @property
    def layers(self) -> int:
        """Page-sized pictures over each other; strips are one layer."""
        return sum(picture.share >= PAGE_SIZED for picture in self.paper) + any(
            picture.stencil and picture.share < PAGE_SIZED for picture in self.paper if len(self.paper) > LETTERS_LEAST
        )

    @property
    def kind(self) -> ScanKind:
        """What the page is, before it was drawn."""
        if self.patterned:
            return ScanKind.MIXED
        share = sum(picture.share for picture in self.paper)
        if not self.paper or (self.added and share < SCANNED):
            return ScanKind.DIGITAL
        if self.added:
            return ScanKind.MIXED
        if self.ocr:
            return ScanKind.SCAN_WITH_TEXT
        return ScanKind.LAYERED_SCAN if self.layers > 1 else ScanKind.SCAN

    @property
    def dpi(self) -> tuple[float, float] | None:
        """Of the coarsest layer: the law's least resolution holds for everything on the paper."""
        found = [picture.dpi for picture in self.paper if picture.dpi is not None and not _is_letters(picture)]
        return min(found, key=min) if found else None

    @property
    def colour(self) -> Colour:
        """Of the most colourful picture."""
        order = (Colour.BILEVEL, Colour.GREY, Colour.COLOUR)
        return max((picture.colour for picture in self.paper), key=order.index, default=Colour.COLOUR)


def read_page(page: Any, hidden: HiddenContent) -> PageStructure:
    """Take one page apart."""
    frame = _frame(page)
    walk = walk_page(page, hidden)
    shown = [thing for thing in walk.painted if not thing.hidden and thing.alpha > OPAQUE]
    pictures = [_picture(thing, frame) for thing in shown if thing.thing is Thing.IMAGE and not thing.in_pattern]
    seen = [picture for picture in pictures if picture.share > 0]
    paper = _paper(seen)
    return PageStructure(
        frame=frame,
        paper=paper,
        added=_added(shown, paper, frame),
        ocr=any(thing.thing is Thing.INVISIBLE_TEXT for thing in walk.painted) or _has_covered_text(shown, paper),
        text=any(thing.thing is Thing.TEXT for thing in shown),
        patterned=any(thing.in_pattern and _share(thing, frame) >= SCANNED for thing in shown),
        hidden=any(thing.hidden or _has_alternate(thing) for thing in walk.painted),
        switchable=any(thing.switchable for thing in walk.painted),
        annotations=annotations_of(page),
        failures=_failures(walk),
        too_large=any(picture.pixels[0] * picture.pixels[1] > MAX_PIXELS for picture in pictures),
    )


def _share(thing: Painted, frame: PageFrame) -> float:
    return frame.covered_by(thing.box) if thing.thing is Thing.IMAGE and thing.box is not None else 0.0


def _has_alternate(thing: Painted) -> bool:
    """Does a picture name another one, to be printed or shown elsewhere (ISO 32000-2 8.9.5.4)."""
    return isinstance(thing.source, pikepdf.Object) and "/Alternates" in thing.source


def _failures(walk: Walk) -> tuple[str, ...]:
    return tuple(dict.fromkeys(walk.failures))[:3]


def _frame(page: Any) -> PageFrame:
    rotation = attempt("rotation", lambda: int(_inherited(page.obj, "/Rotate", 0)))
    unit = attempt("unit", lambda: float(page.obj.get("/UserUnit", 1)))
    scale = unit if isinstance(unit, float) and unit > 0 else 1.0
    return PageFrame(page_box(page), 0 if isinstance(rotation, Failure) else rotation % 360, scale)


def _inherited(node: Any, key: str, default: Any) -> Any:
    for _ in range(50):
        if node.get(key) is not None:
            return node.get(key)
        node = node.get("/Parent")
        if not isinstance(node, pikepdf.Dictionary):
            break
    return default


# --- pictures ---


def _picture(thing: Painted, frame: PageFrame) -> Picture:
    facts = attempt("picture", lambda: _facts(thing.source))
    pixels, colour, bilevel, stencil, see_through = (
        ((1, 1), Colour.COLOUR, False, False, True) if isinstance(facts, Failure) else facts
    )
    box = thing.box or (0.0, 0.0, 0.0, 0.0)
    dpi = frame.resolution(thing.matrix, pixels)
    return Picture(thing, pixels, dpi, colour, bilevel, stencil, see_through, frame.covered_by(box))


def _facts(source: Any) -> tuple[tuple[int, int], Colour, bool, bool, bool]:
    """Pixels, colour, whether one bit, whether a stencil, whether what lies below shows through."""
    if isinstance(source, pikepdf.ContentStreamInlineImage):
        inline = source.iimage
        stencil = bool(inline.image_mask)
        space = None if stencil else str(inline.colorspace or "/DeviceGray")
        bits = 1 if stencil else int(inline.bits_per_component or 8)
        return (int(inline.width), int(inline.height)), _colour(space, bits, None), bits == 1, stencil, stencil
    stencil = bool(source.get("/ImageMask", False))
    bits = 1 if stencil else int(source.get("/BitsPerComponent", 8))
    pixels = int(source.get("/Width", 0)), int(source.get("/Height", 0))
    space = source.get("/ColorSpace")
    family = _family(space, 0)
    see_through = stencil or "/SMask" in source or "/Mask" in source or int(source.get("/SMaskInData", 0)) > 0
    colour = Colour.BILEVEL if stencil else _colour(family, bits, space)
    if space is None and not stencil:
        colour = _colour_within(source)
    return pixels, colour, bits == 1, stencil, see_through


def _family(space: Any, depth: int) -> str | None:
    """The name of a colour space's family, an ICC profile by its number of components, an indexed one by its base."""
    if space is None or depth > 3:
        return None
    if isinstance(space, pikepdf.Name):
        return str(space)
    name = str(space[0])
    if name == "/ICCBased":
        return "/DeviceGray" if int(space[1].get("/N", 3)) == 1 else "/DeviceRGB"
    if name in ("/Separation", "/DeviceN"):
        return _family(space[2], depth + 1) if name == "/Separation" else "/DeviceRGB"
    return name


def _colour(family: str | None, bits: int, space: Any) -> Colour:
    if family in _GREY_SPACES:
        return Colour.GREY
    if family in ("/Indexed", "/I"):
        palette = attempt("palette", lambda: _palette_is_grey(space))
        if palette is True:
            return Colour.BILEVEL if bits == 1 else Colour.GREY
        return Colour.COLOUR
    return Colour.BILEVEL if family is None else Colour.COLOUR


def _palette_is_grey(space: Any) -> bool:
    base = _family(space[1], 0)
    if base in _GREY_SPACES:
        return True
    table = space[3].read_bytes() if isinstance(space[3], pikepdf.Stream) else bytes(space[3])
    if base not in ("/DeviceRGB", "/CalRGB"):
        return False
    return all(max(table[i : i + 3]) - min(table[i : i + 3]) <= 8 for i in range(0, len(table) - 2, 3))


def _colour_within(source: Any) -> Colour:
    """A JPEG 2000 picture may leave its colour space to its own header (ISO 32000-2 7.4.9)."""
    mode = attempt("header", lambda: Image.open(io.BytesIO(source.read_raw_bytes()), formats=["JPEG2000"]).mode)
    return Colour.GREY if mode in ("L", "LA", "1", "I;16") else Colour.COLOUR


def is_camera_picture(picture: Picture) -> bool:
    """Does a JPEG in the file carry the exposure data of a camera."""
    source = picture.painted.source
    if isinstance(source, pikepdf.ContentStreamInlineImage):
        return False
    filters = source.get("/Filter")
    if isinstance(filters, pikepdf.Array):
        filters = filters[0] if len(filters) == 1 else None
    if filters != "/DCTDecode":
        return False
    found = attempt("exif", lambda: has_camera_data(Image.open(io.BytesIO(source.read_raw_bytes()), formats=["JPEG"])))
    return found is True


def has_camera_data(image: Image.Image) -> bool:
    """Does a picture carry exposure data."""
    exposure = image.getexif().get_ifd(0x8769)
    return any(tag in exposure for tag in _CAMERA_TAGS)


# --- which pictures are the paper ---


def _paper(pictures: Sequence[Picture]) -> tuple[Picture, ...]:
    """The pictures of the scan: page-sized layers, strips side by side, stencils of letters over them."""
    sized = [picture for picture in pictures if picture.share >= PAGE_SIZED]
    base = sized or _strips(pictures)
    if not base:
        return ()
    rest = [picture for picture in pictures if not any(picture is kept for kept in base)]
    letters = [p for p in rest if p.stencil and not p.painted.in_pattern and _fits_grid(p, base)]
    kept = [*base, *(letters if len(letters) >= LETTERS_LEAST else ()), *(p for p in rest if _is_dust(p))]
    return tuple(picture for picture in pictures if any(picture is other for other in kept))


def _strips(pictures: Sequence[Picture]) -> list[Picture]:
    """The largest picture and those of its resolution that lie beside it."""
    if not pictures:
        return []
    largest = max(pictures, key=lambda picture: picture.share)
    strips = [largest]
    for picture in pictures:
        if picture is not largest and _same_resolution(picture, largest) and not _overlaps(picture, strips):
            strips.append(picture)
    return strips


def _same_resolution(first: Picture, second: Picture) -> bool:
    if first.dpi is None or second.dpi is None or first.stencil != second.stencil:
        return False
    return all(abs(a / b - 1) <= STRIP_TOLERANCE for a, b in zip(first.dpi, second.dpi, strict=True))


def _overlaps(picture: Picture, others: Iterable[Picture]) -> bool:
    box = picture.painted.box
    assert box is not None, "an image has a box"
    whole = area(box) or 1.0
    return any(area(common(box, o.painted.box)) / whole > STRIP_OVERLAP for o in others if o.painted.box is not None)


def _fits_grid(picture: Picture, base: Sequence[Picture]) -> bool:
    """Is a stencil on the pixel grid of a layer: at its resolution or a whole multiple of it."""
    if picture.dpi is None:
        return False
    for layer in base:
        if layer.dpi is not None:
            ratios = [a / b for a, b in zip(picture.dpi, layer.dpi, strict=True)]
            if all(ratio > 0.9 and abs(ratio - round(ratio)) < 0.02 * ratio for ratio in ratios):
                return True
    return False


def _is_letters(picture: Picture) -> bool:
    return picture.share < PAGE_SIZED and (picture.stencil or _is_dust(picture))


def _is_dust(picture: Picture) -> bool:
    box = picture.painted.box
    return box is not None and box[2] - box[0] <= DUST_POINTS and box[3] - box[1] <= DUST_POINTS


# --- what is not the paper ---


def _added(shown: Sequence[Painted], paper: Sequence[Picture], frame: PageFrame) -> tuple[Painted, ...]:
    """Visible things that are not the scan, in order; what a later opaque page-sized picture covers is left out."""
    if not paper:
        return ()
    own = [picture.painted for picture in paper]
    covering = [p.painted for p in paper if p.share >= 0.98 and not p.see_through and p.painted.alpha >= 1]
    last = max((_index(shown, cover) for cover in covering), default=-1)
    rest = [thing for n, thing in enumerate(shown) if n > last and not any(thing is kept for kept in own)]
    return tuple(t for t in rest if t.thing is not Thing.INVISIBLE_TEXT and _on_page(t, frame))


def _has_covered_text(shown: Sequence[Painted], paper: Sequence[Picture]) -> bool:
    """Text painted before an opaque scan: character recognition that hides below it."""
    covering = [p.painted for p in paper if p.share >= 0.98 and not p.see_through and p.painted.alpha >= 1]
    last = max((_index(shown, cover) for cover in covering), default=-1)
    return any(thing.thing is Thing.TEXT for thing in shown[: max(0, last)])


def _index(things: Sequence[Painted], thing: Painted) -> int:
    return next(n for n, other in enumerate(things) if other is thing)


def _on_page(thing: Painted, frame: PageFrame) -> bool:
    if thing.box is None:
        return True
    shared = common(thing.box, frame.box)
    return shared[2] - shared[0] > 0 or shared[3] - shared[1] > 0
