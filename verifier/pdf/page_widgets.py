"""Signature fields that only the list of a page names: some programs forget that of the form (ISO 32000-2 §12.7.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyhanko.pdf_utils import generic

from verifier.guard import Failure, attempt

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader

MAX_NODES = 5_000
"""Nodes of the page tree and annotations looked at."""
Ref = tuple[int, int]


def widget_of(reader: PdfFileReader, signature: Ref) -> tuple[generic.DictionaryObject, Ref] | None:
    """The widget of a signature field, on any page, whose value is this dictionary; None where there is none."""
    found = attempt("widgets", lambda: _search(reader, signature))
    return None if isinstance(found, Failure) else found


def _search(reader: PdfFileReader, signature: Ref) -> tuple[generic.DictionaryObject, Ref] | None:
    front: list[Any] = [reader.root["/Pages"]]
    seen = 0
    while front and seen < MAX_NODES:
        node = front.pop()
        seen += 1
        if not isinstance(node, generic.DictionaryObject):
            continue
        for entry in node.get("/Annots", ()):
            seen += 1
            widget = entry.get_object()
            if isinstance(entry, generic.IndirectObject) and _has_value(widget, signature):
                return widget, (int(entry.idnum), int(entry.generation))
        front.extend(entry.get_object() for entry in node.get("/Kids", ()))
    return None


def _has_value(widget: object, signature: Ref) -> bool:
    if not isinstance(widget, generic.DictionaryObject) or "/V" not in widget:
        return False
    kinds = (widget.get("/Subtype"), widget.get("/FT"))
    value = widget.raw_get("/V")
    is_ref = isinstance(value, generic.IndirectObject) and (int(value.idnum), int(value.generation)) == signature
    return is_ref and kinds == ("/Widget", "/Sig")
