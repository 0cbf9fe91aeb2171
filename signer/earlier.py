"""The fields that a document has: empty ones to be signed in, and pictures of signatures that this service made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from signer.geometry import PageGeometry, Rect, entry
from signer.update import array, dictionary

PICTURE_ENTRY = "/AnTinPicture"
"""In the appearance of a person's signature: where in it the picture stands, for the seal that comes later."""

MAX_FIELDS = 2000
MAX_PAGES = 300
"""Pages looked through for a field's widget."""


@dataclass(frozen=True)
class EmptyField:
    """A signature field without a signature, where it is displayed."""

    name: str
    page: int
    box: Rect


@dataclass(frozen=True)
class EarlierPicture:
    """The picture of a signature in the document, and the field it belongs to."""

    page: int
    picture: Rect
    field: Rect


def empty_fields(reader: PdfFileReader, pages: int, geometry: Callable[[int], PageGeometry]) -> dict[str, EmptyField]:
    """Signature fields of the form's top level with one visible widget and no value, by name."""
    found = {}
    for name, page, widget in _widgets(reader, pages, signed=False):
        box = _displayed(widget, geometry(page))
        if box is not None:
            found[name] = EmptyField(name, page, box)
    return found


def earlier_picture(
    reader: PdfFileReader, pages: int, geometry: Callable[[int], PageGeometry]
) -> EarlierPicture | None:
    """The picture of the last signature that this service made of a person; None where there is none."""
    found = None
    for _, page, widget in _widgets(reader, pages, signed=True):
        shown = entry(dictionary(entry(widget, "/AP")), "/N")
        place = array(entry(dictionary(shown), PICTURE_ENTRY))
        field = _displayed(widget, geometry(page))
        if field is not None and len(place) == 4:
            x0, y0, x1, y1 = (float(value) for value in place)
            picture = Rect(x0, y0, x1, y1).moved(field.x0, field.y0)
            if (
                picture.around(field) == field and picture.width > 0 and picture.height > 0
            ):  # anybody can write the entry
                found = EarlierPicture(page, picture, field)
    return found


def _widgets(reader: PdfFileReader, pages: int, *, signed: bool) -> Iterator[tuple[str, int, generic.DictionaryObject]]:
    """Signature fields with one widget: name, page index, widget."""
    form = dictionary(entry(reader.root, "/AcroForm"))
    fields = entry(form, "/Fields")
    wanted: dict[int, tuple[str, generic.DictionaryObject]] = {}
    for raw in list(fields)[:MAX_FIELDS] if isinstance(fields, generic.ArrayObject) else ():
        field = dictionary(raw)
        if str(entry(field, "/FT")) != "/Sig" or (entry(field, "/V") is not None) is not signed:
            continue
        kids = entry(field, "/Kids")
        widgets = list(kids) if isinstance(kids, generic.ArrayObject) else [raw]
        if len(widgets) == 1 and isinstance(widgets[0], generic.IndirectObject):
            wanted[widgets[0].idnum] = (str(entry(field, "/T")), dictionary(widgets[0]))
    if not wanted:
        return
    for index, page in enumerate(_leaves(dictionary(entry(reader.root, "/Pages")))):
        if index >= min(pages, MAX_PAGES):
            return
        annotations = entry(page, "/Annots")
        for raw in annotations if isinstance(annotations, generic.ArrayObject) else ():
            if isinstance(raw, generic.IndirectObject) and raw.idnum in wanted:
                name, widget = wanted[raw.idnum]
                yield name, index, widget


def _leaves(node: generic.DictionaryObject, depth: int = 0) -> Iterator[generic.DictionaryObject]:
    kids = entry(node, "/Kids")
    if not isinstance(kids, generic.ArrayObject) or depth > 32:
        yield node
        return
    for kid in kids:
        yield from _leaves(dictionary(kid), depth + 1)


def _displayed(widget: generic.DictionaryObject, geometry: PageGeometry) -> Rect | None:
    rect = array(entry(widget, "/Rect"))
    if len(rect) != 4:
        return None
    x0, y0, x1, y1 = (float(value) for value in rect)
    if abs(x1 - x0) < 1 or abs(y1 - y0) < 1:
        return None
    return geometry.to_displayed(Rect(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
