"""Annotations put over a scan, shown, hidden or drawn by the viewer itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

from tests.unit.verifier.scans.scan_maker import (
    form,
)


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


ANNOTATIONS: dict[str, Callable[[Pdf, pikepdf.Page], None]] = {
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
