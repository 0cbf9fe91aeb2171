"""What a later revision changed in a signed one: trailer, catalog and pages.

Annotations, the form and the tags have files of their own. A whitelist: what is not expected to change and differs is
a change that nothing allows (``comparison.py``).
"""

from __future__ import annotations

from collections.abc import Sequence

import pikepdf

from verifier.changes.annotation_changes import compare_annotations
from verifier.changes.comparison import Comparison
from verifier.changes.extension_changes import compare_declarations
from verifier.changes.form_changes import compare_forms
from verifier.changes.revision_objects import Ref, RevisionObjects, entries, name_of, ref_of, refs_in
from verifier.changes.tag_changes import compare_tags
from verifier.changes.vocabulary import Change, ChangeKind

_TRAILER_OWN = frozenset(
    {"/Size", "/Prev", "/Root", "/Info", "/ID", "/XRefStm", "/Type", "/W", "/Index"}
    | {"/Length", "/Filter", "/DecodeParms", "/Encrypt"}
    | {"/DocChecksum"}  # LibreOffice writes it, nothing reads it, and the next writer may drop or repeat it
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


def compare_objects(
    old: RevisionObjects, new: RevisionObjects, judged: frozenset[Ref] | None = None
) -> tuple[Change, ...]:
    """Every change between a signed revision and a later one; ``judged`` as in ``Comparison``.

    1 trailer and catalog · 2 page tree and pages · 3 annotations · 4 form fields · 5 tags. Strict places first reach
    what they share with places that may change, so sharing does not hide a change.
    """
    comparison = Comparison(old, new, judged)
    if comparison.dirty or old.root.unparse(resolved=True) != new.root.unparse(resolved=True):
        _compare_pages(comparison)
        _compare_catalog(comparison)
        compare_annotations(comparison)
        compare_forms(comparison)
        compare_tags(comparison)
        compare_declarations(comparison)
    _compare_trailer(comparison)
    comparison.find_shared()
    if not comparison.changes and _only_unused(comparison):
        comparison.add(ChangeKind.UNUSED_OBJECTS)
    return comparison.changes


def _only_unused(comparison: Comparison) -> bool:
    """Whether nothing leads to what the update brought; objects of the file's own structure are no content."""
    new = comparison.new
    brought = frozenset(ref for ref in comparison.dirty if new.has(ref) and not _is_structure(new.get(ref)))
    trailer = new.pdf.trailer.unparse(resolved=True)
    return bool(brought) and not new.reach(refs_in(trailer), frozenset(), set(), brought)


def _is_structure(value: object) -> bool:
    """A cross-reference stream, an object stream, or the dictionary of a linearised file (annex F)."""
    holder = value.stream_dict if isinstance(value, pikepdf.Stream) else value
    if not isinstance(holder, pikepdf.Dictionary):
        return False
    return name_of(holder.get("/Type")) in ("/XRef", "/ObjStm") or "/Linearized" in holder


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
        _compare_tab_order(comparison, page, str(number))


def _compare_tab_order(comparison: Comparison, page: Ref, number: str) -> None:
    """Whoever adds a widget to a tagged page sets its order to the structure's (ISO 14289-1 §7.18.3); no more."""
    before, after = (entries(objects.get(page)).get("/Tabs") for objects in (comparison.old, comparison.new))
    if before != after and not (before is None and after == b"/S"):
        comparison.add(ChangeKind.TAB_ORDER, number)


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
