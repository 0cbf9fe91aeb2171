"""Where the fields of one signature stand: pages and rectangles, by what their widgets say and the pages have."""

from __future__ import annotations

import pikepdf

from verifier.changes.comparison import dictionary_of
from verifier.changes.history import DocumentHistory
from verifier.changes.revision_objects import items, reading, rectangle_of, ref_of
from verifier.changes.vocabulary import Place
from verifier.guard import Failure
from verifier.pdf.signatures import ListedSignature


def own_places(history: DocumentHistory, listed: ListedSignature) -> tuple[Place, ...]:
    """The places of a signature's fields in the viewed file; none where it cannot be read, or they have no size."""
    viewed = history.objects
    if isinstance(viewed, Failure):
        return ()
    found = []
    with reading():
        for widget in (viewed.get(ref) for ref in listed.field_refs):
            page, rectangle = _page_of(viewed.pdf, widget), rectangle_of(dictionary_of(widget).get("/Rect"))
            if page is not None and rectangle is not None and _has_size(rectangle):
                found.append(Place(page, rectangle, listed.object_ref))
    return tuple(found)


def _has_size(rectangle: tuple[float, float, float, float]) -> bool:
    return rectangle[2] > rectangle[0] and rectangle[3] > rectangle[1]


def _page_of(pdf: pikepdf.Pdf, widget: pikepdf.Object | None) -> int | None:
    """The page that a widget names as its own, and that has it among its annotations."""
    page = widget.get("/P") if isinstance(widget, pikepdf.Dictionary) else None
    if not isinstance(page, pikepdf.Dictionary) or ref_of(page) is None:
        return None
    if ref_of(widget) not in [ref_of(one) for one in items(page.get("/Annots"))]:
        return None
    return next((n for n, one in enumerate(pdf.pages) if ref_of(one.obj) == ref_of(page)), None)
