"""Things that do not belong to a scan, each put onto a plain scanned page, as editors and forgers put them there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image, ImageDraw, ImageFont

from tests.unit.verifier.scans.scan_maker import (
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
TEXT = "BT 0 g /F1 11 Tf 120 320 Td (Nguyen Van Binh) Tj ET"
DIGIT = "BT 0 g /F1 8 Tf 200 300 Td (8) Tj ET"
BOX = "1 1 1 rg 80 300 200 14 re f"

# --- drawn over the scan ---


def _content(content: str) -> Callable[[Pdf, pikepdf.Page], None]:
    def add(pdf: Pdf, page: pikepdf.Page) -> None:
        then(pdf, page, content)

    return add


def text_in_the_same_stream(pdf: Pdf, page: pikepdf.Page) -> None:
    stream = page.obj["/Contents"][0]
    stream.write(stream.read_bytes() + b"\n" + TEXT.encode())


def text_in_a_form(pdf: Pdf, page: pikepdf.Page) -> None:
    resource(page, "/XObject", "Fm9", form(pdf, TEXT))
    then(pdf, page, "q /Fm9 Do Q")


def text_in_nested_forms(pdf: Pdf, page: pikepdf.Page) -> None:
    inner = form(pdf, TEXT)
    for _ in range(3):
        inner = form(pdf, "q 1 0 0 1 1 1 cm /Fm Do Q", Dictionary(XObject=Dictionary(Fm=inner)))
    resource(page, "/XObject", "Fm9", inner)
    then(pdf, page, "/Fm9 Do")


def text_in_a_turned_form(pdf: Pdf, page: pikepdf.Page) -> None:
    turned = form(pdf, TEXT, Matrix=Array([0, 1, -1, 0, 400, 0]))
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
    content = f"/Pattern cs /P3 scn 0 0 {WIDTH} {HEIGHT} re f {TEXT}"
    page.obj["/Contents"] = Array([pdf.make_stream(content.encode())])


def box_under_a_soft_mask(pdf: Pdf, page: pikepdf.Page) -> None:
    """The graphics state lets half of a box through (ISO 32000-2 11.6.5)."""
    light = form(pdf, f"0.5 g 0 0 {WIDTH} {HEIGHT} re f", Group=Dictionary(S=Name.Transparency, CS=Name.DeviceGray))
    resource(page, "/ExtGState", "Soft", Dictionary(SMask=Dictionary(Type=Name.Mask, S=Name.Luminosity, G=light)))
    then(pdf, page, f"q /Soft gs {BOX} Q")


def text_in_a_transparency_group(pdf: Pdf, page: pikepdf.Page) -> None:
    group = Dictionary(S=Name.Transparency, I=True, K=True)
    resource(page, "/XObject", "Gr", form(pdf, TEXT, Group=group))
    then(pdf, page, "/Gr Do")


def text_under_a_multiplied_scan(pdf: Pdf, page: pikepdf.Page) -> None:
    resource(page, "/ExtGState", "Mul", Dictionary(BM=Name.Multiply))
    image = place(WIDTH, HEIGHT)
    page.obj["/Contents"] = Array([pdf.make_stream(f"{TEXT} q /Mul gs {image} Q".encode())])


def line_stroked_with_a_pattern(pdf: Pdf, page: pikepdf.Page) -> None:
    tiling_pattern(pdf, page)
    page.obj["/Contents"] = Array([page.obj["/Contents"][0]])
    then(pdf, page, "/Pattern CS /P1 SCN 6 w 100 290 m 190 290 l S")


# --- layers that can be switched ---


def _group(pdf: Pdf, page: pikepdf.Page, *, off: bool) -> None:
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="Lớp 1"))
    if "/OCProperties" not in pdf.Root:
        pdf.Root["/OCProperties"] = Dictionary(OCGs=Array([]), D=Dictionary(OFF=Array([])))
    pdf.Root["/OCProperties"]["/OCGs"].append(group)
    if off:
        pdf.Root["/OCProperties"]["/D"]["/OFF"].append(group)
    resource(page, "/Properties", "L1", group)
    then(pdf, page, f"/OC /L1 BDC {TEXT} EMC")


def layer_shown(pdf: Pdf, page: pikepdf.Page) -> None:
    _group(pdf, page, off=False)


def layer_hidden(pdf: Pdf, page: pikepdf.Page) -> None:
    _group(pdf, page, off=True)


def form_in_a_hidden_layer(pdf: Pdf, page: pikepdf.Page) -> None:
    _group(pdf, page, off=True)
    group = page.obj["/Resources"]["/Properties"]["/L1"]
    page.obj["/Contents"] = Array([page.obj["/Contents"][0]])
    resource(page, "/XObject", "Fm9", form(pdf, TEXT, OC=group))
    then(pdf, page, "/Fm9 Do")


def stamp_in_a_hidden_layer(pdf: Pdf, page: pikepdf.Page) -> None:
    """Switched by the picture's own entry, not by marked content."""
    _group(pdf, page, off=True)
    page.obj["/Contents"] = Array([page.obj["/Contents"][0]])
    stamp = raw_image(pdf, Image.new("RGB", (60, 60), (200, 20, 20)), OC=page.obj["/Resources"]["/Properties"]["/L1"])
    resource(page, "/XObject", "St", stamp)
    then(pdf, page, place(80, 80, 100, 280, "St"))


def text_of_a_hidden_membership(pdf: Pdf, page: pikepdf.Page) -> None:
    _group(pdf, page, off=True)
    groups = page.obj["/Resources"]["/Properties"]
    groups["/L1"] = pdf.make_indirect(Dictionary(Type=Name.OCMD, OCGs=Array([groups["/L1"]])))


def text_for_print_only(pdf: Pdf, page: pikepdf.Page) -> None:
    """Off on the screen, on in print, by the group's usage (ISO 32000-2 8.11.4.4)."""
    _group(pdf, page, off=True)
    group = page.obj["/Resources"]["/Properties"]["/L1"]
    group["/Usage"] = Dictionary(Print=Dictionary(PrintState=Name.ON), View=Dictionary(ViewState=Name.OFF))
    automatic = Dictionary(Event=Name.Print, Category=Array([Name.Print]), OCGs=Array([group]))
    pdf.Root["/OCProperties"]["/D"]["/AS"] = Array([automatic])


def picture_to_be_printed_instead(pdf: Pdf, page: pikepdf.Page) -> None:
    other = Dictionary(Image=jpeg_image(pdf, paper_jpeg(77)), DefaultForPrinting=True)
    page.obj["/Resources"]["/XObject"]["/Im0"]["/Alternates"] = Array([other])


# --- annotations ---


def annotation(subtype: str, **more: Any) -> Callable[[Pdf, pikepdf.Page], None]:
    """One that shows something, with an appearance as programs write it."""

    def add(pdf: Pdf, page: pikepdf.Page) -> None:
        look = form(pdf, "1 1 0 rg 0 0 120 30 re f 0 g BT /F1 12 Tf 4 8 Td (moi) Tj ET")
        look["/BBox"] = Array([0, 0, 120, 30])
        entry = Dictionary(
            Type=Name.Annot,
            Subtype=Name(f"/{subtype}"),
            Rect=Array([100, 280, 220, 310]),
            Contents="moi",
            F=4,
            AP=Dictionary(N=look),
            **more,
        )
        if "/Annots" not in page.obj:
            page.obj["/Annots"] = Array([])
        page.obj["/Annots"].append(pdf.make_indirect(entry))
        if subtype == "Widget":
            if "/AcroForm" not in pdf.Root:
                pdf.Root["/AcroForm"] = Dictionary(Fields=Array([]))
            pdf.Root["/AcroForm"]["/Fields"].append(page.obj["/Annots"][-1])

    return add


def annotation_for_print_only(pdf: Pdf, page: pikepdf.Page) -> None:
    annotation("FreeText")(pdf, page)
    page.obj["/Annots"][-1]["/F"] = 4 | 32


def annotation_hidden(pdf: Pdf, page: pikepdf.Page) -> None:
    annotation("Stamp")(pdf, page)
    page.obj["/Annots"][-1]["/F"] = 2


def annotation_drawn_by_the_viewer(pdf: Pdf, page: pikepdf.Page) -> None:
    """Without an appearance of its own: PDFium draws none, other viewers do."""
    annotation("Line", L=Array([100, 280, 220, 310]), C=Array([1, 0, 0]))(pdf, page)
    del page.obj["/Annots"][-1]["/AP"]


def signature_field_never_signed(pdf: Pdf, page: pikepdf.Page) -> None:
    annotation("Widget", FT=Name.Sig, T="Chu ky")(pdf, page)


OVERLAYS: dict[str, Callable[[Pdf, pikepdf.Page], None]] = {
    "text": _content(TEXT),
    "one small digit": _content(DIGIT),
    "white box": _content(BOX),
    "white box and text": _content(f"{BOX} {TEXT}"),
    "thin line": _content("0.5 w 0 0 0.6 RG 90 300 m 210 300 l S"),
    "filled curve": _content("0.1 g 100 300 m 120 340 160 340 180 300 c f"),
    "text outlined": _content(TEXT.replace("0 g", "1 Tr 0 G")),
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
    "text outlined and clipping": _content(TEXT.replace("0 g", "5 Tr 0 G")),
    "box under a soft mask": box_under_a_soft_mask,
    "text in a transparency group": text_in_a_transparency_group,
    "text under a multiplied scan": text_under_a_multiplied_scan,
    "line stroked with a pattern": line_stroked_with_a_pattern,
    "stamp in a hidden layer": stamp_in_a_hidden_layer,
    "text of a hidden membership": text_of_a_hidden_membership,
    "text for print only": text_for_print_only,
    "layer shown": layer_shown,
    "layer hidden": layer_hidden,
    "form in a hidden layer": form_in_a_hidden_layer,
    "picture to be printed instead": picture_to_be_printed_instead,
    "free text": annotation("FreeText"),
    "stamp annotation": annotation("Stamp", Name=Name.Approved),
    "square": annotation("Square", IC=Array([1, 1, 0])),
    "highlight": annotation("Highlight", QuadPoints=Array([100, 310, 220, 310, 100, 280, 220, 280])),
    "ink": annotation("Ink", InkList=Array([Array([100, 280, 200, 300])])),
    "redaction": annotation("Redact"),
    "note": annotation("Text"),
    "link with a look": annotation("Link"),
    "form field": annotation("Widget", FT=Name.Tx, T="ten"),
    "annotation for print only": annotation_for_print_only,
    "watermark annotation": annotation("Watermark"),
    "hidden annotation": annotation_hidden,
    "annotation drawn by the viewer": annotation_drawn_by_the_viewer,
    "signature field never signed": signature_field_never_signed,
}


def scan_with(kind: str, pages: int) -> Pdf:
    """A file of plain scans, each with the same thing added."""
    pdf = Pdf.new()
    for seed in range(1, pages + 1):
        OVERLAYS[kind](pdf, add_scan(pdf, seed))
    return pdf


# --- active content ---


def _action(pdf: Pdf, **action: Any) -> pikepdf.Object:
    return pdf.make_indirect(Dictionary(Type=Name.Action, **action))


def _attached(pdf: Pdf) -> pikepdf.Object:
    stream = pdf.make_stream(b"MZ")
    stream["/Type"] = Name.EmbeddedFile
    return pdf.make_indirect(Dictionary(Type=Name.Filespec, F="a.exe", EF=Dictionary(F=stream)))


def open_script(pdf: Pdf) -> None:
    pdf.Root["/OpenAction"] = _action(pdf, S=Name.JavaScript, JS="app.alert(1)")


def named_script(pdf: Pdf) -> None:
    script = _action(pdf, S=Name.JavaScript, JS=pdf.make_stream(b"app.alert(1)"))
    pdf.Root["/Names"] = Dictionary(JavaScript=Dictionary(Names=Array(["a", script])))


def page_script(pdf: Pdf) -> None:
    pdf.pages[0].obj["/AA"] = Dictionary(O=Dictionary(S=Name.JavaScript, JS="app.alert(1)"))


def launch(pdf: Pdf) -> None:
    pdf.Root["/OpenAction"] = _action(pdf, S=Name.Launch, F="cmd.exe")


def chained_launch(pdf: Pdf) -> None:
    follow = Dictionary(S=Name.Launch, F="cmd.exe")
    pdf.Root["/OpenAction"] = Dictionary(S=Name.GoTo, D=Array([pdf.pages[0].obj, Name.Fit]), Next=Array([follow]))


def submit(pdf: Pdf) -> None:
    pdf.Root["/AA"] = Dictionary(WC=Dictionary(S=Name.SubmitForm, F="http://example.org/"))


def remote(pdf: Pdf) -> None:
    pdf.Root["/OpenAction"] = _action(pdf, S=Name.GoToR, F="other.pdf")


def link(pdf: Pdf) -> None:
    entry = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Link,
        Rect=Array([10, 10, 90, 30]),
        Border=Array([0, 0, 0]),
        A=Dictionary(S=Name.URI, URI="http://example.org/"),
    )
    pdf.pages[0].obj["/Annots"] = Array([pdf.make_indirect(entry)])


def attachment(pdf: Pdf) -> None:
    pdf.Root["/Names"] = Dictionary(EmbeddedFiles=Dictionary(Names=Array(["a", _attached(pdf)])))


def attachment_by_annotation(pdf: Pdf) -> None:
    entry = Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=Array([10, 10, 30, 30]), FS=_attached(pdf))
    pdf.pages[0].obj["/Annots"] = Array([pdf.make_indirect(entry)])


def associated_file(pdf: Pdf) -> None:
    pdf.Root["/AF"] = Array([_attached(pdf)])


def form_fields(pdf: Pdf) -> None:
    field = pdf.make_indirect(Dictionary(FT=Name.Tx, T="ten", V="x"))
    pdf.Root["/AcroForm"] = Dictionary(Fields=Array([field]))


def dynamic_form(pdf: Pdf) -> None:
    pdf.Root["/AcroForm"] = Dictionary(Fields=Array([]), XFA=pdf.make_stream(b"<xdp/>"))


ACTIVE: dict[str, tuple[Callable[[Pdf], None], str]] = {
    "script when opened": (open_script, "SCAN-SCRIPT"),
    "script by name": (named_script, "SCAN-SCRIPT"),
    "script of a page": (page_script, "SCAN-SCRIPT"),
    "program started": (launch, "SCAN-ACTION"),
    "program started afterwards": (chained_launch, "SCAN-ACTION"),
    "form sent": (submit, "SCAN-ACTION"),
    "other file opened": (remote, "SCAN-ACTION"),
    "link": (link, "SCAN-LINK"),
    "attachment": (attachment, "SCAN-ATTACHMENT"),
    "attachment by annotation": (attachment_by_annotation, "SCAN-ATTACHMENT"),
    "associated file": (associated_file, "SCAN-ATTACHMENT"),
    "form fields": (form_fields, "SCAN-FORM"),
    "dynamic form": (dynamic_form, "SCAN-XFA"),
}
"""What is put into the file as a whole → the finding that must name it."""
