"""What a later revision did to the annotations of the pages; the widgets of fields are compared with the form."""

from __future__ import annotations

import pikepdf

from verifier.changes import ChangeKind, Place
from verifier.comparison import Comparison, entry_of
from verifier.revision_objects import entries, items, name_of, rectangle_of, ref_of

_MARKUP = frozenset(
    {"/Text", "/Popup", "/Highlight", "/Underline", "/Squiggly", "/StrikeOut", "/FreeText", "/Line", "/Square"}
    | {"/Circle", "/Polygon", "/PolyLine", "/Ink", "/Stamp", "/Caret"}
)


def compare_annotations(comparison: Comparison) -> None:
    """Annotations added, removed, changed or drawn in another order, page by page."""
    for index, page in enumerate(comparison.old_tree.pages):
        if page not in comparison.new_tree.pages:
            continue
        before = items(entry_of(comparison.old, page, "/Annots"))
        after = items(entry_of(comparison.new, page, "/Annots"))
        _compare_annotation_lists(comparison, index, before, after)


def _compare_annotation_lists(
    comparison: Comparison, index: int, before: list[pikepdf.Object], after: list[pikepdf.Object]
) -> None:
    old_texts, new_texts = [item.unparse() for item in before], [item.unparse() for item in after]
    old_set, new_set = set(old_texts), set(new_texts)
    for item, text in zip(after, new_texts, strict=True):
        if text not in old_set:
            _added_annotation(comparison, index, item)
    for item, text in zip(before, old_texts, strict=True):
        if text not in new_set:
            kind = ChangeKind.FIELD_REMOVED if _subtype(item) == "/Widget" else ChangeKind.ANNOTATION_REMOVED
            comparison.add(kind, str(index + 1), _places(index, item))
        elif ref_of(item) not in comparison.old_form.fields:
            _compare_annotation(comparison, index, item)
    if [t for t in old_texts if t in new_set] != [t for t in new_texts if t in old_set]:
        comparison.add(ChangeKind.PAGE_OTHER, str(index + 1))


def _added_annotation(comparison: Comparison, index: int, item: pikepdf.Object) -> None:
    ref, subtype = ref_of(item), _subtype(item)
    if ref is not None and ref in comparison.new_form.fields:
        return  # compared with the form's fields
    harmless = subtype in _MARKUP and "/A" not in item and "/AA" not in item
    kind = ChangeKind.ANNOTATION_ADDED if harmless else ChangeKind.SCRIPT
    if subtype == "/Widget":
        kind = ChangeKind.FIELD_ADDED
    comparison.add(kind, str(index + 1), _places(index, item) if subtype == "/Text" else ())


def _compare_annotation(comparison: Comparison, index: int, item: pikepdf.Object) -> None:
    ref = ref_of(item)
    if ref is None:
        comparison.strict(item.unparse(), ChangeKind.ANNOTATION_CHANGED, str(index + 1))
        return
    before, after = entries(item), entries(comparison.new.get(ref))
    for key in sorted((before.keys() | after.keys()) - {"/P", "/Parent"}):
        kind = ChangeKind.SCRIPT if key in ("/A", "/AA") else ChangeKind.ANNOTATION_CHANGED
        comparison.compare_entry(before.get(key), after.get(key), kind, str(index + 1))


def _subtype(item: pikepdf.Object) -> str:
    return name_of(item.get("/Subtype")) if isinstance(item, pikepdf.Dictionary) else ""


def _places(index: int, item: pikepdf.Object) -> tuple[Place, ...]:
    rectangle = rectangle_of(item.get("/Rect")) if isinstance(item, pikepdf.Dictionary) else None
    return () if rectangle is None else (Place(index, rectangle),)
