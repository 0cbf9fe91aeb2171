"""What a later revision changed in the objects of a signed one: catalog, pages, annotations, tags, everything reached.

The rule is a whitelist: an object of the signed revision that differs later must be reached only through places where
a change is expected (an empty field, validation data, metadata); reached in any other way it is a change of its own
kind. Pages, annotations and fields are compared each in its own role and by identity everywhere else, so one walk over
the object graph is enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pikepdf

from verifier.changes import Change, ChangeKind, Place
from verifier.form_changes import Form, compare_forms
from verifier.revision_objects import (
    Ref,
    RevisionObjects,
    entries,
    items,
    name_of,
    rectangle_of,
    ref_of,
    refs_in,
    same_text,
)

MAX_PAGES = 50_000

_TRAILER_OWN = frozenset(
    {"/Size", "/Prev", "/Root", "/Info", "/ID", "/XRefStm", "/Type", "/W", "/Index"}
    | {"/Length", "/Filter", "/DecodeParms", "/Encrypt"}
)
_PAGE_KINDS = {
    "/Contents": ChangeKind.PAGE_CONTENT,
    "/Resources": ChangeKind.PAGE_CONTENT,
    "/Group": ChangeKind.PAGE_CONTENT,
    "/MediaBox": ChangeKind.PAGE_GEOMETRY,
    "/CropBox": ChangeKind.PAGE_GEOMETRY,
    "/Rotate": ChangeKind.PAGE_GEOMETRY,
    "/UserUnit": ChangeKind.PAGE_GEOMETRY,
    "/AA": ChangeKind.SCRIPT,
}
_CATALOG_KINDS = {
    "/OCProperties": ChangeKind.OPTIONAL_CONTENT,
    "/OpenAction": ChangeKind.SCRIPT,
    "/AA": ChangeKind.SCRIPT,
    "/AF": ChangeKind.EMBEDDED_FILES,
    "/Collection": ChangeKind.EMBEDDED_FILES,
    "/Perms": ChangeKind.CERTIFICATION,
}
_CATALOG_FREE = {
    "/DSS": ChangeKind.VALIDATION_DATA,
    "/Extensions": ChangeKind.METADATA,
    "/Version": ChangeKind.METADATA,
    "/Metadata": ChangeKind.METADATA,
    "/MarkInfo": ChangeKind.METADATA,
}
_NAMES_KINDS = {"/EmbeddedFiles": ChangeKind.EMBEDDED_FILES, "/JavaScript": ChangeKind.SCRIPT}
_OBJECT_KINDS = {
    "/Font": ChangeKind.FONT,
    "/FontDescriptor": ChangeKind.FONT,
    "/OCG": ChangeKind.OPTIONAL_CONTENT,
    "/OCMD": ChangeKind.OPTIONAL_CONTENT,
    "/Filespec": ChangeKind.EMBEDDED_FILES,
    "/EmbeddedFile": ChangeKind.EMBEDDED_FILES,
    "/Action": ChangeKind.SCRIPT,
}
_MARKUP = frozenset(
    {"/Text", "/Popup", "/Highlight", "/Underline", "/Squiggly", "/StrikeOut", "/FreeText", "/Line", "/Square"}
    | {"/Circle", "/Polygon", "/PolyLine", "/Ink", "/Stamp", "/Caret"}
)


class Comparison:
    """A signed revision beside a later one, and the changes found so far."""

    def __init__(self, old: RevisionObjects, new: RevisionObjects) -> None:
        self.old, self.new = old, new
        self.dirty = old.differing(new)
        self.changes: list[Change] = []
        self.old_tree, self.new_tree = PageTree(old), PageTree(new)
        self.old_form, self.new_form = Form(old), Form(new)
        self.anchors = self._anchors()
        self._strict_seen: set[Ref] = set()
        self._redrawn: dict[Ref, str] = {}
        self._clean: set[Ref] = set()

    def _anchors(self) -> frozenset[Ref]:
        """Objects that are compared in a role of their own, and by identity wherever else they are named."""
        found = {*self.old_tree.nodes, *self.old_tree.pages, *self.old_form.fields}
        for page in self.old_tree.pages:
            found |= {ref for ref in map(ref_of, items(_entry(self.old, page, "/Annots"))) if ref is not None}
        for single in (ref_of(self.old.root), ref_of(self.old.root.get("/AcroForm"))):
            if single is not None:
                found.add(single)
        return frozenset(found)

    def add(self, kind: ChangeKind, where: str = "", places: Iterable[Place] = ()) -> None:
        """Note a change."""
        change = Change(kind, where, tuple(places))
        if change not in self.changes:
            self.changes.append(change)

    def strict(self, text: bytes, kind: ChangeKind, where: str) -> None:
        """Nothing that this text leads to may differ; whatever does is a change of ``kind`` or of its own."""
        for ref in self.old.reach(refs_in(text), self.anchors, self._strict_seen, self.dirty):
            own = _OBJECT_KINDS.get(name_of(_entry(self.old, ref, "/Type")))
            self.add(own or kind, where)

    def differs(self, before: bytes | None, after: bytes | None) -> bool:
        """Whether a value changed, itself or anything it leads to (outside the objects with a role of their own)."""
        if not same_text(before, after):
            return True
        if before is None:
            return False
        seen: set[Ref] = set()
        start = [ref for ref in refs_in(before) if ref not in self._clean]
        if self.old.reach(start, self.anchors, seen, self.dirty):
            return True
        self._clean |= seen
        return False

    def redrawn(self, appearance: bytes | None, field: str) -> None:
        """A field that was empty gets another appearance; its old one must have been its own (``find_shared``)."""
        for ref in refs_in(appearance or b""):
            self._redrawn.setdefault(ref, field)

    def find_shared(self) -> None:
        """An appearance dictionary that something else in the document leads to is no field's own: suspicious."""
        for ref, field in self._redrawn.items():
            if ref in self._strict_seen and not isinstance(self.old.get(ref), pikepdf.Stream):
                self.add(ChangeKind.FIELD_APPEARANCE, field)

    def compare_entry(self, before: bytes | None, after: bytes | None, kind: ChangeKind, where: str) -> None:
        """One dictionary entry that must stay as it is."""
        if not same_text(before, after):
            self.add(kind, where)
        if before is not None:
            self.strict(before, kind, where)


class PageTree:
    """The page tree of a revision: inner nodes, pages in order, and the texts of every node's kids."""

    def __init__(self, objects: RevisionObjects) -> None:
        self.nodes: list[Ref] = []
        self.pages: list[Ref] = []
        self.kids: dict[Ref, list[bytes]] = {}
        front = [objects.root.get("/Pages")]
        seen: set[Ref] = set()
        while front and len(self.pages) < MAX_PAGES:
            node = front.pop()
            ref = ref_of(node)
            if ref is None or ref in seen or not isinstance(node, pikepdf.Dictionary):
                continue
            seen.add(ref)
            if "/Kids" in node:
                children = items(node["/Kids"])
                self.nodes.append(ref)
                self.kids[ref] = [child.unparse() for child in children]
                front.extend(reversed(children))
            else:
                self.pages.append(ref)


def compare_objects(old: RevisionObjects, new: RevisionObjects) -> tuple[Change, ...]:
    """Every change between a signed revision and a later one.

    1 trailer and catalog · 2 page tree and pages · 3 annotations · 4 form fields · 5 tags. Strict places first reach
    what they share with places that may change, so sharing does not hide a change.
    """
    comparison = Comparison(old, new)
    if comparison.dirty or old.root.unparse(resolved=True) != new.root.unparse(resolved=True):
        _compare_pages(comparison)
        _compare_catalog(comparison)
        _compare_annotations(comparison)
        compare_forms(comparison)
        _compare_tags(comparison)
    _compare_trailer(comparison)
    comparison.find_shared()
    return tuple(comparison.changes)


def _compare_trailer(comparison: Comparison) -> None:
    before, after = entries(comparison.old.pdf.trailer), entries(comparison.new.pdf.trailer)
    if ref_of(comparison.old.root) != ref_of(comparison.new.root):
        comparison.add(ChangeKind.CATALOG, "/Root")
    if before.get("/Encrypt") != after.get("/Encrypt"):
        comparison.add(ChangeKind.TRAILER, "/Encrypt")
    comparison.strict(before.get("/Encrypt", b""), ChangeKind.TRAILER, "/Encrypt")
    for key in after.keys() - _TRAILER_OWN - {"/AdditionalStreams"}:
        comparison.compare_entry(before.get(key), after[key], ChangeKind.TRAILER, key)
    for ref in refs_in(after.get("/AdditionalStreams", b"")):
        if ref in comparison.dirty and isinstance(comparison.new.get(ref), pikepdf.Stream):
            comparison.add(ChangeKind.TRAILER, "/AdditionalStreams")  # the document LibreOffice opens instead


def _compare_catalog(comparison: Comparison) -> None:
    before, after = entries(comparison.old.root), entries(comparison.new.root)
    for key in sorted(before.keys() | after.keys()):
        old_value, new_value = before.get(key), after.get(key)
        if key in ("/Pages", "/AcroForm", "/StructTreeRoot"):
            continue
        if key in _CATALOG_FREE:
            if comparison.differs(old_value, new_value):
                removed = key == "/DSS" and new_value is None
                comparison.add(ChangeKind.VALIDATION_DATA_REMOVED if removed else _CATALOG_FREE[key], key)
        elif key == "/Names":
            _compare_names(comparison)
        else:
            comparison.compare_entry(old_value, new_value, _CATALOG_KINDS.get(key, ChangeKind.CATALOG), key)


def _compare_names(comparison: Comparison) -> None:
    before, after = (entries(objects.root.get("/Names")) for objects in (comparison.old, comparison.new))
    for key in sorted(before.keys() | after.keys()):
        kind = _NAMES_KINDS.get(key, ChangeKind.CATALOG)
        comparison.compare_entry(before.get(key), after.get(key), kind, f"/Names{key}")


def _compare_pages(comparison: Comparison) -> None:
    old, new = comparison.old_tree, comparison.new_tree
    if old.kids != new.kids or old.nodes != new.nodes:
        _name_tree_change(comparison, old.pages, new.pages)
    for node in old.nodes:
        _compare_keys(comparison, node, frozenset({"/Kids"}), "")
    for number, page in enumerate(old.pages, 1):
        _compare_keys(comparison, page, frozenset({"/Annots", "/Tabs", "/StructParents"}), str(number))


def _name_tree_change(comparison: Comparison, before: Sequence[Ref], after: Sequence[Ref]) -> None:
    added = [number for number, ref in enumerate(after, 1) if ref not in before]
    removed = [number for number, ref in enumerate(before, 1) if ref not in after]
    if added:
        comparison.add(ChangeKind.PAGES_ADDED, ", ".join(map(str, added)))
    if removed:
        comparison.add(ChangeKind.PAGES_REMOVED, ", ".join(map(str, removed)))
    if not added and not removed:
        comparison.add(ChangeKind.PAGE_TREE if list(before) == list(after) else ChangeKind.PAGES_REORDERED)


def _compare_keys(comparison: Comparison, ref: Ref, ignored: frozenset[str], page: str) -> None:
    """The entries of a page or a node of the page tree, by kind."""
    before, after = entries(comparison.old.get(ref)), entries(comparison.new.get(ref))
    for key in sorted((before.keys() | after.keys()) - ignored):
        kind = _PAGE_KINDS.get(key, ChangeKind.PAGE_OTHER)
        comparison.compare_entry(before.get(key), after.get(key), kind, page)


def _compare_annotations(comparison: Comparison) -> None:
    for index, page in enumerate(comparison.old_tree.pages):
        if page not in comparison.new_tree.pages:
            continue
        before = items(_entry(comparison.old, page, "/Annots"))
        after = items(_entry(comparison.new, page, "/Annots"))
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


def _compare_tags(comparison: Comparison) -> None:
    """The structure tree may only grow, and only by elements that lead to the new signature fields' widgets."""
    key = "/StructTreeRoot"
    before, after = entries(comparison.old.root).get(key), entries(comparison.new.root).get(key)
    if before is None and after is None:
        return
    if before is None or before != after:
        comparison.add(ChangeKind.TAGS)
        return
    for ref in comparison.old.reach(refs_in(before), comparison.anchors, set(), comparison.dirty):
        grown = _only_grew(comparison.old.get(ref), comparison.new.get(ref))
        comparison.add(ChangeKind.TAGS_ADDED if grown else ChangeKind.TAGS)


def _only_grew(before: object, after: object) -> bool:
    if isinstance(before, pikepdf.Array) and isinstance(after, pikepdf.Array):
        return _is_within([item.unparse() for item in items(before)], [item.unparse() for item in items(after)])
    if not (isinstance(before, pikepdf.Dictionary) and isinstance(after, pikepdf.Dictionary)):
        return False
    old_entries, new_entries = entries(before), entries(after)
    for key in old_entries.keys() | new_entries.keys():
        if key in ("/ParentTreeNextKey", "/Limits") or old_entries.get(key) == new_entries.get(key):
            continue
        if key not in ("/K", "/Kids", "/Nums", "/Names") or key not in new_entries:
            return False
        if not _is_within(_texts(before.get(key)), _texts(after.get(key))):
            return False
    return True


def _texts(value: object) -> list[bytes]:
    if isinstance(value, pikepdf.Array):
        return [item.unparse() for item in items(value)]
    return [value.unparse()] if isinstance(value, pikepdf.Object) else []


def _is_within(before: list[bytes], after: list[bytes]) -> bool:
    """Whether ``after`` is ``before`` with items put in, every added reference an indirect one or a number."""
    rest = iter(after)
    return all(item in rest for item in before)


def _entry(objects: RevisionObjects, ref: Ref, key: str) -> pikepdf.Object | None:
    holder = objects.get(ref)
    if isinstance(holder, pikepdf.Stream):
        holder = holder.stream_dict
    return holder.get(key) if isinstance(holder, pikepdf.Dictionary) else None


def _subtype(item: pikepdf.Object) -> str:
    return name_of(item.get("/Subtype")) if isinstance(item, pikepdf.Dictionary) else ""


def _places(index: int, item: pikepdf.Object) -> tuple[Place, ...]:
    rectangle = rectangle_of(item.get("/Rect")) if isinstance(item, pikepdf.Dictionary) else None
    return () if rectangle is None else (Place(index, rectangle),)
