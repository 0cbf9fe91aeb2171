"""Things that do not belong to a scan, each put onto a plain scanned page, as editors and forgers put them there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image, ImageDraw, ImageFont

from tests.unit.verifier.scans.annotations import ANNOTATIONS
from tests.unit.verifier.scans.layers import LAYERS
from tests.unit.verifier.scans.scan_maker import (
    ADDED_TEXT,
    PAGE,
    TINOS,
    add_scan,
    form,
    inline,
    jpeg,
    jpeg_image,
    paper,
    paper_jpeg,
    place,
    raw_image,
    resource,
    ring_mask,
    stamp,
    then,
    unparsed,
)

WIDTH, HEIGHT = PAGE
DIGIT = "BT 0 g /F1 8 Tf 200 300 Td (8) Tj ET"
BOX = "1 1 1 rg 80 300 200 14 re f"

# --- drawn over the scan ---


def _content(content: str) -> Callable[[Pdf, pikepdf.Page], None]:
    def add(pdf: Pdf, page: pikepdf.Page) -> None:
        then(pdf, page, content)

    return add


def text_in_the_same_stream(pdf: Pdf, page: pikepdf.Page) -> None:
    stream = page.obj["/Contents"][0]
    stream.write(stream.read_bytes() + b"\n" + ADDED_TEXT.encode())


def text_in_a_form(pdf: Pdf, page: pikepdf.Page) -> None:
    resource(page, "/XObject", "Fm9", form(pdf, ADDED_TEXT))
    then(pdf, page, "q /Fm9 Do Q")


def text_in_nested_forms(pdf: Pdf, page: pikepdf.Page) -> None:
    inner = form(pdf, ADDED_TEXT)
    for _ in range(3):
        inner = form(pdf, "q 1 0 0 1 1 1 cm /Fm Do Q", Dictionary(XObject=Dictionary(Fm=inner)))
    resource(page, "/XObject", "Fm9", inner)
    then(pdf, page, "/Fm9 Do")


def text_in_a_turned_form(pdf: Pdf, page: pikepdf.Page) -> None:
    turned = form(pdf, ADDED_TEXT, Matrix=Array([0, 1, -1, 0, 400, 0]))
    resource(page, "/XObject", "Fm9", turned)
    then(pdf, page, "/Fm9 Do")


def text_by_glyph_procedures(pdf: Pdf, page: pikepdf.Page, mode: int = 0) -> None:
    glyph = pdf.make_stream(b"700 0 0 0 700 700 d1 0 0 600 600 re f")
    boxes = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type3,
        FontBBox=Array([0, 0, 700, 700]),
        FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]),
        CharProcs=Dictionary(a=glyph),
        Encoding=Dictionary(Type=Name.Encoding, Differences=Array([97, Name.a])),
        FirstChar=97,
        LastChar=97,
        Widths=Array([700]),
    )
    resource(page, "/Font", "F3", boxes)
    then(pdf, page, f"BT {mode} Tr 0 g /F3 14 Tf 90 310 Td (aaa) Tj ET")


def glyph_procedures_in_mode_3(pdf: Pdf, page: pikepdf.Page) -> None:
    text_by_glyph_procedures(pdf, page, 3)


def stamp_picture(pdf: Pdf, page: pikepdf.Page) -> None:
    resource(page, "/XObject", "St", raw_image(pdf, stamp()))
    then(pdf, page, place(85, 85, 250, 60, "St"))


def stamp_at_page_resolution(pdf: Pdf, page: pikepdf.Page) -> None:
    resource(page, "/XObject", "St", raw_image(pdf, stamp(200)))
    then(pdf, page, place(72, 72, 250, 60, "St"))


def stamp_see_through(pdf: Pdf, page: pikepdf.Page) -> None:
    red = Image.new("RGB", (90, 90), (200, 20, 20))
    resource(page, "/XObject", "St", raw_image(pdf, red, SMask=raw_image(pdf, ring_mask())))
    then(pdf, page, place(85, 85, 250, 60, "St"))


def stamp_as_stencil(pdf: Pdf, page: pikepdf.Page) -> None:
    resource(page, "/XObject", "St", raw_image(pdf, ring_mask(200).point(lambda v: 255 - v).convert("1")))
    then(pdf, page, "0.8 0.1 0.1 rg " + place(72, 72, 250, 60, "St"))


def stamp_inline(pdf: Pdf, page: pikepdf.Page) -> None:
    operations: list[Any] = [
        ([], pikepdf.Operator("q")),
        ([60, 0, 0, 60, 250, 60], pikepdf.Operator("cm")),
        *inline(stamp(60)),
        ([], pikepdf.Operator("Q")),
    ]
    page.obj["/Contents"].append(pdf.make_stream(unparsed(operations)))


def page_sized_transparent_picture(pdf: Pdf, page: pikepdf.Page) -> None:
    mask = Image.new("L", (600, 850), 0)
    ImageDraw.Draw(mask).ellipse([380, 640, 480, 740], outline=255, width=6)
    red = Image.new("RGB", mask.size, (200, 20, 20))
    resource(page, "/XObject", "St", raw_image(pdf, red, SMask=raw_image(pdf, mask)))
    then(pdf, page, place(WIDTH, HEIGHT, name="St"))


def page_covered_by_another(pdf: Pdf, page: pikepdf.Page) -> None:
    resource(page, "/XObject", "Other", jpeg_image(pdf, paper_jpeg(77)))
    then(pdf, page, place(WIDTH, HEIGHT, name="Other"))


def page_covered_by_itself_changed(pdf: Pdf, page: pikepdf.Page) -> None:
    seed = len(pdf.pages)
    changed = paper(seed).copy()
    ImageDraw.Draw(changed).rectangle([150, 260, 420, 300], fill=(246, 244, 238))
    resource(page, "/XObject", "Other", jpeg_image(pdf, jpeg(changed)))
    then(pdf, page, place(WIDTH, HEIGHT, name="Other"))


def page_covered_by_itself_with_another_digit(pdf: Pdf, page: pikepdf.Page) -> None:
    changed = paper(len(pdf.pages)).copy()
    draw = ImageDraw.Draw(changed)
    draw.rectangle([300, 332, 318, 362], fill=(246, 244, 238))
    draw.text((300, 330), "8", (40, 38, 42), ImageFont.truetype(str(TINOS), 33))
    resource(page, "/XObject", "Other", jpeg_image(pdf, jpeg(changed)))
    then(pdf, page, place(WIDTH, HEIGHT, name="Other"))


def tiling_pattern(pdf: Pdf, page: pikepdf.Page) -> None:
    cell = pdf.make_stream(b"0.2 0.2 0.2 rg 0 0 3 3 re f")
    for name, value in {
        "/PatternType": 1,
        "/PaintType": 1,
        "/TilingType": 1,
        "/BBox": Array([0, 0, 5, 5]),
        "/XStep": 5,
        "/YStep": 5,
        "/Resources": Dictionary(),
    }.items():
        cell[name] = value
    resource(page, "/Pattern", "P1", cell)
    then(pdf, page, "/Pattern cs /P1 scn 100 280 90 30 re f")


def _axial() -> Dictionary:
    function = Dictionary(FunctionType=2, Domain=Array([0, 1]), C0=Array([1, 1, 1]), C1=Array([0, 0, 0.4]), N=1)
    return Dictionary(
        ShadingType=2,
        ColorSpace=Name.DeviceRGB,
        Coords=Array([100, 0, 200, 0]),
        Function=function,
        Extend=Array([True, True]),
    )


def shading(pdf: Pdf, page: pikepdf.Page) -> None:
    resource(page, "/Shading", "Sh1", _axial())
    then(pdf, page, "q 100 280 90 30 re W n /Sh1 sh Q")


def shading_pattern(pdf: Pdf, page: pikepdf.Page) -> None:
    resource(page, "/Pattern", "P2", Dictionary(PatternType=2, Shading=_axial()))
    then(pdf, page, "/Pattern cs /P2 scn 100 280 90 30 re f")


def multiplied(pdf: Pdf, page: pikepdf.Page) -> None:
    resource(page, "/ExtGState", "Mul", Dictionary(BM=Name.Multiply, ca=0.7))
    then(pdf, page, "q /Mul gs 0.9 0.2 0.2 rg 100 280 90 30 re f Q")


def picture_through_letters(pdf: Pdf, page: pikepdf.Page) -> None:
    resource(page, "/XObject", "Dark", raw_image(pdf, Image.new("RGB", (20, 20), (20, 20, 90))))
    letters = "BT 7 Tr /F1 24 Tf 100 300 Td (1987) Tj ET"
    then(pdf, page, f"q {letters} {place(200, 40, 90, 290, 'Dark')} Q")


def part_clipped_away(pdf: Pdf, page: pikepdf.Page) -> None:
    image = place(WIDTH, HEIGHT)
    content = f"q 0 0 {WIDTH} 280 re 0 330 {WIDTH} {HEIGHT - 330} re W n {image} Q"
    page.obj["/Contents"] = Array([pdf.make_stream(content.encode())])


def scan_as_pattern_with_text(pdf: Pdf, page: pikepdf.Page) -> None:
    cell = pdf.make_stream(place(WIDTH, HEIGHT).encode())
    for name, value in {
        "/PatternType": 1,
        "/PaintType": 1,
        "/TilingType": 1,
        "/BBox": Array([0, 0, WIDTH, HEIGHT]),
        "/XStep": WIDTH,
        "/YStep": HEIGHT,
        "/Resources": Dictionary(XObject=page.obj["/Resources"]["/XObject"]),
    }.items():
        cell[name] = value
    resource(page, "/Pattern", "P3", cell)
    content = f"/Pattern cs /P3 scn 0 0 {WIDTH} {HEIGHT} re f {ADDED_TEXT}"
    page.obj["/Contents"] = Array([pdf.make_stream(content.encode())])


def box_under_a_soft_mask(pdf: Pdf, page: pikepdf.Page) -> None:
    """The graphics state lets half of a box through (ISO 32000-2 11.6.5)."""
    light = form(pdf, f"0.5 g 0 0 {WIDTH} {HEIGHT} re f", Group=Dictionary(S=Name.Transparency, CS=Name.DeviceGray))
    resource(page, "/ExtGState", "Soft", Dictionary(SMask=Dictionary(Type=Name.Mask, S=Name.Luminosity, G=light)))
    then(pdf, page, f"q /Soft gs {BOX} Q")


def text_in_a_transparency_group(pdf: Pdf, page: pikepdf.Page) -> None:
    group = Dictionary(S=Name.Transparency, I=True, K=True)
    resource(page, "/XObject", "Gr", form(pdf, ADDED_TEXT, Group=group))
    then(pdf, page, "/Gr Do")


def text_under_a_multiplied_scan(pdf: Pdf, page: pikepdf.Page) -> None:
    resource(page, "/ExtGState", "Mul", Dictionary(BM=Name.Multiply))
    image = place(WIDTH, HEIGHT)
    page.obj["/Contents"] = Array([pdf.make_stream(f"{ADDED_TEXT} q /Mul gs {image} Q".encode())])


def line_stroked_with_a_pattern(pdf: Pdf, page: pikepdf.Page) -> None:
    tiling_pattern(pdf, page)
    page.obj["/Contents"] = Array([page.obj["/Contents"][0]])
    then(pdf, page, "/Pattern CS /P1 SCN 6 w 100 290 m 190 290 l S")


OVERLAYS: dict[str, Callable[[Pdf, pikepdf.Page], None]] = {
    "text": _content(ADDED_TEXT),
    "one small digit": _content(DIGIT),
    "white box": _content(BOX),
    "white box and text": _content(f"{BOX} {ADDED_TEXT}"),
    "thin line": _content("0.5 w 0 0 0.6 RG 90 300 m 210 300 l S"),
    "filled curve": _content("0.1 g 100 300 m 120 340 160 340 180 300 c f"),
    "text outlined": _content(ADDED_TEXT.replace("0 g", "1 Tr 0 G")),
    "text over the margin": _content("BT 0 g /F1 9 Tf 20 580 Td (So 12) Tj ET"),
    "paper-coloured box": _content("0.9647 0.9569 0.9333 rg 60 380 260 60 re f"),
    "text in the same stream": text_in_the_same_stream,
    "text in a form": text_in_a_form,
    "text in nested forms": text_in_nested_forms,
    "text in a turned form": text_in_a_turned_form,
    "Type 3 text": text_by_glyph_procedures,
    "Type 3 text said to be invisible": glyph_procedures_in_mode_3,
    "stamp": stamp_picture,
    "stamp at the page's resolution": stamp_at_page_resolution,
    "stamp, see-through": stamp_see_through,
    "stamp as stencil": stamp_as_stencil,
    "stamp inline": stamp_inline,
    "page-sized transparent picture": page_sized_transparent_picture,
    "page covered by another": page_covered_by_another,
    "page covered by itself, changed": page_covered_by_itself_changed,
    "page covered by itself with another digit": page_covered_by_itself_with_another_digit,
    "tiling pattern": tiling_pattern,
    "shading": shading,
    "shading pattern": shading_pattern,
    "multiplied colour": multiplied,
    "picture through letters": picture_through_letters,
    "part clipped away": part_clipped_away,
    "scan as a pattern, with text": scan_as_pattern_with_text,
    "text outlined and clipping": _content(ADDED_TEXT.replace("0 g", "5 Tr 0 G")),
    "box under a soft mask": box_under_a_soft_mask,
    "text in a transparency group": text_in_a_transparency_group,
    "text under a multiplied scan": text_under_a_multiplied_scan,
    "line stroked with a pattern": line_stroked_with_a_pattern,
    **LAYERS,
    **ANNOTATIONS,
}


def scan_with(kind: str, pages: int) -> Pdf:
    """A file of plain scans, each with the same thing added."""
    pdf = Pdf.new()
    for seed in range(1, pages + 1):
        OVERLAYS[kind](pdf, add_scan(pdf, seed))
    return pdf
