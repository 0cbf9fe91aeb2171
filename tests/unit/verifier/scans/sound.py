"""Kinds of scans as scanners and character recognition make them: none of them is an alarm."""

from __future__ import annotations

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image, ImageDraw

from tests.unit.verifier.scans.scan_maker import (
    DPI,
    PAGE,
    add_page,
    add_scan,
    font,
    form,
    inline,
    jpeg,
    jpeg_image,
    paper,
    paper_jpeg,
    place,
    raw_image,
    resource,
    then,
    unparsed,
)

WIDTH, HEIGHT = PAGE
OCR = "BT 3 Tr /F1 12 Tf 60 400 Td (Uy ban nhan dan) Tj 0 -20 Td (xac nhan) Tj ET"


def plain(pdf: Pdf, seed: int) -> None:
    add_scan(pdf, seed)


def strips(pdf: Pdf, seed: int) -> None:
    whole = paper(seed)
    count, table, content = 6, Dictionary(), []
    edges = [round(whole.height * n / count) for n in range(count + 1)]
    for n in range(count):
        part = whole.crop((0, edges[n], whole.width, edges[n + 1]))
        table[f"/S{n}"] = jpeg_image(pdf, jpeg(part))
        high = HEIGHT * part.height / whole.height
        content.append(place(WIDTH, high, 0, HEIGHT * (1 - edges[n + 1] / whole.height), f"S{n}"))
    add_page(pdf, "\n".join(content), XObject=table)


def margins(pdf: Pdf, seed: int) -> None:
    image = jpeg_image(pdf, jpeg(paper(seed).crop((60, 60, 1100, 1590))))
    add_page(pdf, place(1040 / DPI * 72, 1530 / DPI * 72, 20, 24), XObject=Dictionary(Im0=image))


def turned_page(pdf: Pdf, seed: int) -> None:
    """Sideways either way; a page that stands on its head is said (test_sound)."""
    add_scan(pdf, seed).obj["/Rotate"] = (0, 90, 270)[seed % 3]


def turned_picture(pdf: Pdf, seed: int) -> None:
    image = jpeg_image(pdf, jpeg(paper(seed).transpose(Image.Transpose.ROTATE_90)))
    content = f"q 0 {-HEIGHT:.4f} {WIDTH:.4f} 0 0 {HEIGHT:.4f} cm /Im0 Do Q"
    add_page(pdf, content, XObject=Dictionary(Im0=image))


def in_a_form(pdf: Pdf, seed: int) -> None:
    image = Dictionary(XObject=Dictionary(Im0=jpeg_image(pdf, paper_jpeg(seed))))
    inner = form(pdf, "q 1 0 0 1 0 0 cm /Im0 Do Q", image, BBox=Array([0, 0, 1, 1]))
    inner["/Matrix"] = Array([WIDTH / 2, 0, 0, HEIGHT / 2, 0, 0])
    add_page(pdf, "q 2 0 0 2 0 0 cm /Fm0 Do Q", XObject=Dictionary(Fm0=inner))


def long_unit(pdf: Pdf, seed: int) -> None:
    image = jpeg_image(pdf, paper_jpeg(seed))
    page = add_page(pdf, place(WIDTH / 2, HEIGHT / 2), XObject=Dictionary(Im0=image))
    page.obj["/MediaBox"] = Array([0, 0, WIDTH / 2, HEIGHT / 2])
    page.obj["/UserUnit"] = 2
    pdf.Root["/Extensions"] = Dictionary()


def crop_box(pdf: Pdf, seed: int) -> None:
    page = add_scan(pdf, seed)
    page.obj["/MediaBox"] = Array([-20, -30, WIDTH + 20, HEIGHT + 30])
    page.obj["/CropBox"] = Array([0, 0, WIDTH, HEIGHT])


def inline_picture(pdf: Pdf, seed: int) -> None:
    operations = [
        ([], pikepdf.Operator("q")),
        ([WIDTH, 0, 0, HEIGHT, 0, 0], pikepdf.Operator("cm")),
        *inline(paper(seed)),
        ([], pikepdf.Operator("Q")),
    ]
    add_page(pdf, unparsed(operations))


def stencil(pdf: Pdf, seed: int) -> None:
    black = paper(seed).convert("L").point(lambda level: 255 if level > 150 else 0).convert("1")
    add_page(pdf, "0 0 0 rg " + place(WIDTH, HEIGHT), XObject=Dictionary(Im0=raw_image(pdf, black)))


def recognised(pdf: Pdf, seed: int) -> None:
    then(pdf, add_scan(pdf, seed), OCR)


def recognised_below(pdf: Pdf, seed: int) -> None:
    image = jpeg_image(pdf, paper_jpeg(seed))
    visible = OCR.replace("3 Tr", "0 Tr")
    add_page(pdf, f"{visible}\n{place(*PAGE)}", XObject=Dictionary(Im0=image), Font=Dictionary(F1=font()))


def recognised_in_a_form(pdf: Pdf, seed: int) -> None:
    page = add_scan(pdf, seed)
    resource(page, "/XObject", "Fm1", form(pdf, OCR))
    then(pdf, page, "q /Fm1 Do Q")


def empty_glyphs(pdf: Pdf, seed: int) -> None:
    page = add_scan(pdf, seed)
    glyph = pdf.make_stream(b"600 0 0 0 750 750 d1")
    empty = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type3,
        FontBBox=Array([0, 0, 750, 750]),
        FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]),
        CharProcs=Dictionary(a=glyph),
        Encoding=Dictionary(Type=Name.Encoding, Differences=Array([97, Name.a])),
        FirstChar=97,
        LastChar=97,
        Widths=Array([600]),
    )
    resource(page, "/Font", "F3", empty)
    then(pdf, page, "BT /F3 12 Tf 60 300 Td (aaaa) Tj ET")


def layers(pdf: Pdf, seed: int) -> None:
    """Mixed raster content: a coarse background without letters, and the letters as a stencil."""
    whole = paper(seed)
    background = Image.new("RGB", (whole.width // 2, whole.height // 2), (246, 244, 238))
    letters = whole.convert("L").point(lambda level: 255 if level > 150 else 0).convert("1")
    table = Dictionary(Bg=jpeg_image(pdf, jpeg(background)), Fg=raw_image(pdf, letters))
    add_page(pdf, place(*PAGE, name="Bg") + " 0.1 0.1 0.1 rg " + place(*PAGE, name="Fg"), XObject=table)


def layers_with_mask(pdf: Pdf, seed: int) -> None:
    """Mixed raster content: the letters' colours with a soft mask."""
    whole = paper(seed)
    background = Image.new("RGB", whole.size, (246, 244, 238))
    mask = raw_image(pdf, whole.convert("L").point(lambda level: 255 if level < 150 else 0))
    table = Dictionary(Bg=jpeg_image(pdf, jpeg(background)), Fg=jpeg_image(pdf, paper_jpeg(seed), SMask=mask))
    add_page(pdf, place(*PAGE, name="Bg") + " " + place(*PAGE, name="Fg"), XObject=table)


def regions(pdf: Pdf, seed: int) -> None:
    """Mixed raster content: a stencil for each block of letters, on the background's grid."""
    whole = paper(seed)
    letters = whole.convert("L").point(lambda level: 255 if level > 150 else 0).convert("1")
    background = Image.new("RGB", whole.size, (246, 244, 238))
    table, content = Dictionary(Bg=jpeg_image(pdf, jpeg(background))), [place(*PAGE, name="Bg")]
    for n in range(4):
        top = whole.height * n // 4
        part = letters.crop((80, top, whole.width - 80, whole.height * (n + 1) // 4))
        table[f"/R{n}"] = raw_image(pdf, part)
        low = HEIGHT - (top + part.height) / DPI * 72
        content.append("0 g " + place(part.width / DPI * 72, part.height / DPI * 72, 80 / DPI * 72, low, f"R{n}"))
    add_page(pdf, "\n".join(content), XObject=table)


def blank(pdf: Pdf, seed: int) -> None:
    page = Image.new("RGB", paper(seed).size, (246, 244, 238))
    ImageDraw.Draw(page).point((5, 5), (0, 0, 0))
    add_page(pdf, place(*PAGE), XObject=Dictionary(Im0=jpeg_image(pdf, jpeg(page))))


SOUND = (
    plain,
    strips,
    margins,
    turned_page,
    turned_picture,
    in_a_form,
    long_unit,
    crop_box,
    inline_picture,
    stencil,
    recognised,
    recognised_below,
    recognised_in_a_form,
    empty_glyphs,
    layers,
    layers_with_mask,
    regions,
    blank,
)
