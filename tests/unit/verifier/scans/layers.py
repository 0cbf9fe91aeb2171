"""Things put over a scan in layers and alternates that a viewer can switch, or that only print."""

from __future__ import annotations

from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image

from tests.unit.verifier.scans.scan_maker import (
    ADDED_TEXT,
    form,
    jpeg_image,
    paper_jpeg,
    place,
    raw_image,
    resource,
    then,
)


def _group(pdf: Pdf, page: pikepdf.Page, *, off: bool) -> None:
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="Lớp 1"))
    if "/OCProperties" not in pdf.Root:
        pdf.Root["/OCProperties"] = Dictionary(OCGs=Array([]), D=Dictionary(OFF=Array([])))
    pdf.Root["/OCProperties"]["/OCGs"].append(group)
    if off:
        pdf.Root["/OCProperties"]["/D"]["/OFF"].append(group)
    resource(page, "/Properties", "L1", group)
    then(pdf, page, f"/OC /L1 BDC {ADDED_TEXT} EMC")


def layer_shown(pdf: Pdf, page: pikepdf.Page) -> None:
    _group(pdf, page, off=False)


def layer_hidden(pdf: Pdf, page: pikepdf.Page) -> None:
    _group(pdf, page, off=True)


def form_in_a_hidden_layer(pdf: Pdf, page: pikepdf.Page) -> None:
    _group(pdf, page, off=True)
    group = page.obj["/Resources"]["/Properties"]["/L1"]
    page.obj["/Contents"] = Array([page.obj["/Contents"][0]])
    resource(page, "/XObject", "Fm9", form(pdf, ADDED_TEXT, OC=group))
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


LAYERS: dict[str, Callable[[Pdf, pikepdf.Page], None]] = {
    "stamp in a hidden layer": stamp_in_a_hidden_layer,
    "text of a hidden membership": text_of_a_hidden_membership,
    "text for print only": text_for_print_only,
    "layer shown": layer_shown,
    "layer hidden": layer_hidden,
    "form in a hidden layer": form_in_a_hidden_layer,
    "picture to be printed instead": picture_to_be_printed_instead,
}
