"""What differs in the annotations of the pages; the widgets of fields are compared with the form."""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf

from verifier.changes.actions import only_leads
from verifier.changes.comparison import Comparison, Difference, Part, dictionary_of, entry_of
from verifier.changes.revision_objects import Ref, RevisionObjects, items, name_of, ref_of
from verifier.changes.vocabulary import ChangeKind

NOTES = frozenset({"/Text", "/Popup"})
"""Comments beside the page; every other kind is drawn on it, by some viewers even without an appearance."""
_MARKUP = frozenset(
    {"/Text", "/Popup", "/Highlight", "/Underline", "/Squiggly", "/StrikeOut", "/FreeText", "/Line", "/Square"}
    | {"/Circle", "/Polygon", "/PolyLine", "/Ink", "/Stamp", "/Caret"}
)
_LEADING = frozenset({"/A", "/PA", "/Dest"})
_ACTIONS = _LEADING | {"/AA"}
_Item = pikepdf.Object


def annotation_differences(comparison: Comparison) -> Iterator[Difference]:
    """Annotations added, removed, changed or drawn in another order, page by page."""
    for index, page in enumerate(comparison.old_tree.pages):
        later = comparison.page_pairs[page]
        listed = any(b"/Annots" in objects.texts.get(ref, b"") for objects, ref in _both(comparison, page, later))
        if listed and later in comparison.new_tree.inherited:
            before = items(entry_of(comparison.old, page, "/Annots"))
            after = items(entry_of(comparison.new, later, "/Annots"))
            yield from _PageLists(comparison, index, before, after).differences()


def _both(comparison: Comparison, page: Ref, later: Ref) -> tuple[tuple[RevisionObjects, Ref], ...]:
    return (comparison.old, page), (comparison.new, later)


class _PageLists:
    """The annotations of one page before and after, matched by number, direct ones by what they say."""

    def __init__(self, comparison: Comparison, index: int, before: list[_Item], after: list[_Item]) -> None:
        self.comparison, self.index = comparison, index
        paired = comparison.equality.paired
        self.before = {_key(item, paired.get(ref, ref) if (ref := ref_of(item)) else None): item for item in before}
        self.after = {_key(item, ref_of(item)): item for item in after}
        self.doubled = len(self.after) != len(after) and len(self.before) == len(before)

    def differences(self) -> Iterator[Difference]:
        """Annotations added, gone, changed or put in another order; those that are fields are the form's affair."""
        fields = self.comparison.new_form.fields
        for key, item in self.after.items():
            if key not in self.before and ref_of(item) not in fields:
                yield from self._added(item)
        for key, item in self.before.items():
            if key not in self.after:
                kind = ChangeKind.FIELD_REMOVED if _subtype(item) == "/Widget" else ChangeKind.ANNOTATION_REMOVED
                yield from self._told(kind, item, None)
            elif ref_of(item) not in self.comparison.old_form.fields:
                yield from self._changed(item, self.after[key])
        kept = [[key for key in one if key in other] for one, other in self._both_ways()]
        if kept[0] != kept[1] or self.doubled:
            yield Difference(Part.PAGE, ChangeKind.PAGE_OTHER, str(self.index + 1))

    def _both_ways(self) -> tuple[tuple[dict[object, _Item], dict[object, _Item]], ...]:
        return (self.before, self.after), (self.after, self.before)

    def _added(self, item: _Item) -> Iterator[Difference]:
        harmless = _subtype(item) in _MARKUP and "/A" not in item and "/AA" not in item
        kind = ChangeKind.ANNOTATION_ADDED if harmless else ChangeKind.SCRIPT
        if _subtype(item) == "/Link" and "/AA" not in item and only_leads(dictionary_of(item).get("/A")):
            kind = ChangeKind.ANNOTATION_LINK
        yield from self._told(ChangeKind.FIELD_ADDED if _subtype(item) == "/Widget" else kind, None, item)

    def _changed(self, before: _Item, after: _Item) -> Iterator[Difference]:
        keys = self.comparison.differing_keys(before, after)
        if not keys:
            return
        first, second = dictionary_of(before), dictionary_of(after)
        for key in sorted(keys - _ACTIONS):
            for kind in self.comparison.kinds(first.get(key), ChangeKind.ANNOTATION_CHANGED):
                yield Difference(Part.ANNOTATION, kind, str(self.index + 1), key, before, after, page=self.index)
        for key in sorted(keys & _ACTIONS):
            value, later = first.get(key), second.get(key)
            link = key in _LEADING and only_leads(value) and only_leads(later)
            kind = ChangeKind.ANNOTATION_LINK if link else ChangeKind.SCRIPT
            yield Difference(Part.ANNOTATION, kind, str(self.index + 1), key, value, later)
        if keys - _ACTIONS and (draws_on_page(before) or draws_on_page(after)):
            yield Difference(Part.ANNOTATION, ChangeKind.ANNOTATION_DRAWS, str(self.index + 1))

    def _told(self, kind: ChangeKind, before: _Item | None, after: _Item | None) -> Iterator[Difference]:
        yield Difference(Part.ANNOTATION, kind, str(self.index + 1), "", before, after, page=self.index)
        comment = kind in (ChangeKind.ANNOTATION_ADDED, ChangeKind.ANNOTATION_REMOVED)
        if comment and draws_on_page(before if after is None else after):
            yield Difference(Part.ANNOTATION, ChangeKind.ANNOTATION_DRAWS, str(self.index + 1))


def _key(item: _Item, later: Ref | None) -> object:
    return later if later is not None else item.unparse()


def draws_on_page(item: object) -> bool:
    """Whether an annotation is part of what the page shows, so that no certification (P = 3: comments) covers it."""
    subtype = _subtype(item)
    drawn_popup = subtype == "/Popup" and "/AP" in dictionary_of(item)
    return subtype not in NOTES or drawn_popup


def _subtype(item: object) -> str:
    return name_of(dictionary_of(item).get("/Subtype"))
