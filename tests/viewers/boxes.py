"""Where the file may show something else than a signed revision.

Newer signatures' fields, fields filled later, icons of notes where the signed revision permits annotations (ISO 32000-2
table 257, P = 3; each viewer draws them in its own manner, §12.5.6.4), and fields that viewers are told to draw anew.

Read here anew with qpdf, not taken from the verifier: a box that it would allow wrongly is then a difference.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pikepdf

from verifier.pdf.reading import open_pdf
from verifier.pdf.signatures import list_signatures

Box = tuple[float, float, float, float]
"""(left, top, right, bottom) as fractions of the displayed page, origin top left."""

Ref = tuple[int, int]

MAX_SIGNATURES = 100
MAX_PARENTS = 20
LARGEST_ICON = 48.0
"""Points of a side; a larger note is a text on the page."""


def allowed_boxes(data: bytes, end: int, password: str | None) -> dict[int, list[Box]]:
    """By page from 0: the fields of signatures made after byte ``end``, empty fields of that revision that have a value
    in the file, filled ones where viewers are told otherwise whether to draw them anew, and permitted notes."""
    newer = {
        listed.object_ref
        for listed in list_signatures(open_pdf(data, password), MAX_SIGNATURES).signatures
        if listed.revision_end > end and listed.object_ref is not None
    }
    found: dict[int, list[Box]] = {}
    with (
        closing(pikepdf.open(io.BytesIO(data), password=password or "")) as viewed,
        closing(pikepdf.open(io.BytesIO(data[:end]), password=password or "")) as signed,
    ):
        empty = {widget.objgen for _, _, widget in _widgets(signed) if _is_empty(_inherited(widget, "/V"))}
        anew = _drawn_anew(viewed) is not _drawn_anew(signed)
        for index, page, widget in _widgets(viewed):
            value = _inherited(widget, "/V")
            is_newer = value is not None and value.objgen in newer
            may_differ = widget.objgen in empty or (anew and _inherited(widget, "/FT") in ("/Tx", "/Ch"))
            if is_newer or (may_differ and not _is_empty(value)):
                found.setdefault(index, []).append(_displayed(page, [float(x) for x in widget.Rect]))
        if _permits_annotations(signed):
            for index, page, rectangle in _icons(signed, viewed):
                found.setdefault(index, []).append(_displayed(page, rectangle))
    return found


def _widgets(pdf: pikepdf.Pdf) -> Iterator[tuple[int, pikepdf.Page, pikepdf.Object]]:
    return ((index, page, one) for index, page, one in _annotations(pdf) if one.get("/Subtype") == "/Widget")


def _annotations(pdf: pikepdf.Pdf) -> Iterator[tuple[int, pikepdf.Page, pikepdf.Object]]:
    for index, page in enumerate(pdf.pages):
        annotations = page.obj.get("/Annots")
        for annotation in list(annotations) if isinstance(annotations, pikepdf.Array) else ():
            if isinstance(annotation, pikepdf.Dictionary):
                yield index, page, annotation


def _drawn_anew(pdf: pikepdf.Pdf) -> bool:
    form = pdf.Root.get("/AcroForm")
    return isinstance(form, pikepdf.Dictionary) and bool(form.get("/NeedAppearances", False))


def _permits_annotations(signed: pikepdf.Pdf) -> bool:
    """Whether its certification has P = 3 (table 257)."""
    certification = signed.Root.get("/Perms", pikepdf.Dictionary()).get("/DocMDP")
    references: Any = certification.get("/Reference", []) if isinstance(certification, pikepdf.Dictionary) else []
    return any(one.get("/TransformParams", pikepdf.Dictionary()).get("/P") == 3 for one in references)


def _icons(signed: pikepdf.Pdf, viewed: pikepdf.Pdf) -> Iterator[tuple[int, pikepdf.Page, list[float]]]:
    """Where notes of an icon's size stand in one of the two only."""
    notes = [_notes(pdf) for pdf in (signed, viewed)]
    for mine, others in (notes, notes[::-1]):
        for ref, (index, page, rectangle) in mine.items():
            left, bottom, right, top = _sorted(rectangle)
            if ref not in others and max(right - left, top - bottom) <= LARGEST_ICON:
                yield index, page, rectangle


def _notes(pdf: pikepdf.Pdf) -> dict[Ref, tuple[int, pikepdf.Page, list[float]]]:
    found = ((index, page, one) for index, page, one in _annotations(pdf) if one.get("/Subtype") == "/Text")
    return {one.objgen: (index, page, [float(number) for number in one.Rect]) for index, page, one in found}


def _inherited(node: pikepdf.Object, key: str) -> pikepdf.Object | None:
    for _ in range(MAX_PARENTS):
        if key in node:
            return node[key]
        if not isinstance(node.get("/Parent"), pikepdf.Dictionary):
            break
        node = node.Parent
    return None


def _is_empty(value: pikepdf.Object | None) -> bool:
    """No value, an empty one, ``/Off``, or a list of options of which none is chosen."""
    if isinstance(value, pikepdf.Array):
        return not len(value)
    return value is None or (not isinstance(value, pikepdf.Dictionary) and str(value) in ("", "/Off"))


def _displayed(page: pikepdf.Page, rectangle: list[float]) -> Box:
    """A rectangle of the page's own coordinates on the page as it is shown (crop box, ``/Rotate``)."""
    media, crop = _sorted(page.mediabox), _sorted(page.cropbox)
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    width, height = min(media[2], crop[2]) - left, min(media[3], crop[3]) - bottom
    x0, y0, x1, y1 = _sorted(rectangle)
    x0, x1 = (x0 - left) / width, (x1 - left) / width
    y0, y1 = (y0 - bottom) / height, (y1 - bottom) / height
    turned = _inherited(page.obj, "/Rotate")
    match int(float(str(turned))) % 360 if turned is not None else 0:
        case 90:
            return y0, x0, y1, x1
        case 180:
            return 1 - x1, y0, 1 - x0, y1
        case 270:
            return 1 - y1, 1 - x1, 1 - y0, 1 - x0
        case _:
            return x0, 1 - y1, x1, 1 - y0


def _sorted(rectangle: pikepdf.Object | list[float]) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(number) for number in rectangle)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
