"""Purpose: comments beside the page, where a certification permits annotations (ISO 32000-2 table 257, P = 3)."""

from __future__ import annotations

from verifier.changes.comparison import Comparison, Difference, dictionary_of
from verifier.changes.revision_objects import name_of, rectangle_of
from verifier.changes.signing import Changes
from verifier.changes.vocabulary import Change, ChangeKind, Place

MAX_ICON_SIDE = 48.0
"""Points; icons of notes are about 20 wide. A larger one is a text on the page."""
_COMMENTS = (ChangeKind.ANNOTATION_ADDED, ChangeKind.ANNOTATION_CHANGED, ChangeKind.ANNOTATION_REMOVED)


def explain_note(_: Comparison, difference: Difference) -> Changes | None:
    """A note added, changed or removed, with the place of its icon where it has the size of one."""
    if difference.kind not in _COMMENTS or difference.page is None:
        return None
    entries = dictionary_of(difference.before if difference.after is None else difference.after)
    rectangle = rectangle_of(entries.get("/Rect"))
    if name_of(entries.get("/Subtype")) != "/Text" or rectangle is None:
        return (Change(difference.kind, difference.where),)
    if difference.kind is ChangeKind.ANNOTATION_CHANGED:
        return (Change(difference.kind, difference.where),)
    small = max(rectangle[2] - rectangle[0], rectangle[3] - rectangle[1]) <= MAX_ICON_SIDE
    return (Change(difference.kind, difference.where, (Place(difference.page, rectangle),) if small else ()),)
