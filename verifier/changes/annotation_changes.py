"""What a later revision did to the annotations of the pages; the widgets of fields are compared with the form."""

from __future__ import annotations

import pikepdf

from verifier.changes.comparison import Comparison, entry_of
from verifier.changes.revision_objects import entries, items, name_of, rectangle_of, ref_of
from verifier.changes.vocabulary import ChangeKind, Place

MAX_ICON_SIDE = 48.0
"""Points; icons of notes are about 20 wide. A larger one is a text on the page."""
_NOTES = frozenset({"/Text", "/Popup"})
"""Comments beside the page; every other kind is drawn on it, by some viewers even without an appearance."""
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
            _note(comparison, kind, index, item)
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
    _note(comparison, ChangeKind.FIELD_ADDED if subtype == "/Widget" else kind, index, item)


def _compare_annotation(comparison: Comparison, index: int, item: pikepdf.Object) -> None:
    ref, page = ref_of(item), str(index + 1)
    known = len(comparison.changes)
    if ref is None:
        comparison.strict(item.unparse(), ChangeKind.ANNOTATION_CHANGED, page)
    else:
        before, after = entries(item), entries(comparison.new.get(ref))
        for key in sorted((before.keys() | after.keys()) - {"/P", "/Parent"}):
            kind = ChangeKind.SCRIPT if key in ("/A", "/AA") else ChangeKind.ANNOTATION_CHANGED
            comparison.compare_entry(before.get(key), after.get(key), kind, page)
    changed = len(comparison.changes) > known
    if changed and (_draws(item) or (ref is not None and _draws(comparison.new.get(ref)))):
        comparison.add(ChangeKind.ANNOTATION_DRAWS, page)


def _note(comparison: Comparison, kind: ChangeKind, index: int, item: pikepdf.Object) -> None:
    """Note what happened to an annotation; a note may show its icon."""
    comparison.add(kind, str(index + 1), _places(index, item) if _subtype(item) == "/Text" else ())
    if kind in (ChangeKind.ANNOTATION_ADDED, ChangeKind.ANNOTATION_REMOVED) and _draws(item):
        comparison.add(ChangeKind.ANNOTATION_DRAWS, str(index + 1))


def _draws(item: object) -> bool:
    """Whether an annotation is part of what the page shows, so that no certification (P = 3: comments) covers it."""
    subtype = _subtype(item)
    drawn_popup = subtype == "/Popup" and isinstance(item, pikepdf.Dictionary) and "/AP" in item
    return subtype not in _NOTES or drawn_popup


def _subtype(item: object) -> str:
    return name_of(item.get("/Subtype")) if isinstance(item, pikepdf.Dictionary) else ""


def _places(index: int, item: pikepdf.Object) -> tuple[Place, ...]:
    """The place of a note's icon, where it has the size of one."""
    rectangle = rectangle_of(item.get("/Rect")) if isinstance(item, pikepdf.Dictionary) else None
    if rectangle is None or max(rectangle[2] - rectangle[0], rectangle[3] - rectangle[1]) > MAX_ICON_SIDE:
        return ()
    return (Place(index, rectangle),)
