"""What differs between a signed revision and a later one, and what of it a purpose explains (``purposes.py``).

Trailer, catalog and pages are compared here; annotations, form and tags have files of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pikepdf

from verifier.changes.actions import only_leads
from verifier.changes.annotation_changes import annotation_differences
from verifier.changes.boxes import BOXES, same_box
from verifier.changes.comparison import INHERITED, Comparison, Difference, Part, dictionary_of
from verifier.changes.form_changes import form_differences
from verifier.changes.grown_resources import grown_resources
from verifier.changes.page_defaults import means_the_same
from verifier.changes.purposes import explain
from verifier.changes.revision_objects import Ref, RevisionObjects, items, name_of, ref_of, refs_in
from verifier.changes.tag_changes import tag_differences
from verifier.changes.vocabulary import Change, ChangeKind

_TRAILER_OWN = frozenset(
    {"/Size", "/Prev", "/Root", "/ID", "/XRefStm", "/Type", "/W", "/Index", "/Length", "/Filter", "/DecodeParms"}
)
"""What a cross-reference section says of itself (ISO 32000-2 tables 15 and 17)."""
_PAGE_KINDS = {
    "/Contents": ChangeKind.PAGE_CONTENT,
    "/Resources": ChangeKind.PAGE_CONTENT,
    "/Group": ChangeKind.PAGE_CONTENT,
    "/MediaBox": ChangeKind.PAGE_GEOMETRY,
    "/CropBox": ChangeKind.PAGE_GEOMETRY,
    "/Rotate": ChangeKind.PAGE_GEOMETRY,
    "/UserUnit": ChangeKind.PAGE_GEOMETRY,
    "/AA": ChangeKind.SCRIPT,
    "/Tabs": ChangeKind.TAB_ORDER,
    "/StructParents": ChangeKind.TAGS,
}
_CATALOG_KINDS = {
    "/OCProperties": ChangeKind.OPTIONAL_CONTENT,
    "/OpenAction": ChangeKind.SCRIPT,
    "/AA": ChangeKind.SCRIPT,
    "/AF": ChangeKind.EMBEDDED_FILES,
    "/Collection": ChangeKind.EMBEDDED_FILES,
    "/Perms": ChangeKind.CERTIFICATION,
    "/Version": ChangeKind.EXTENSIONS,
    "/Extensions": ChangeKind.EXTENSIONS,
    "/Metadata": ChangeKind.DESCRIPTION,
}
_NAMES_KINDS = {"/EmbeddedFiles": ChangeKind.EMBEDDED_FILES, "/JavaScript": ChangeKind.SCRIPT}
_IN_ROLES = frozenset({"/Pages", "/AcroForm", "/StructTreeRoot"})


def compare_objects(
    old: RevisionObjects, new: RevisionObjects, judged: frozenset[Ref] | None = None
) -> tuple[Change, ...]:
    """Every change between a signed revision and a later one; ``judged`` as in ``Comparison``.

    1 trailer and catalog · 2 page tree and pages · 3 annotations · 4 form · 5 tags.
    """
    comparison = Comparison(old, new, judged)
    comparison.equality.grown = grown_resources(old, new, comparison.dirty, comparison.same)
    found = dict.fromkeys(change for difference in _trailer(comparison) for change in explain(comparison, difference))
    if comparison.dirty or old.root.unparse(resolved=True) != new.root.unparse(resolved=True):
        for part in (_catalog, _pages, annotation_differences, form_differences, tag_differences):
            found |= dict.fromkeys(
                change for difference in part(comparison) for change in explain(comparison, difference)
            )
    if not found and _only_unused(comparison):
        return (Change(ChangeKind.UNUSED_OBJECTS),)
    return tuple(found)


def _only_unused(comparison: Comparison) -> bool:
    """Whether nothing leads to what the update brought; objects of the file's own structure are no content."""
    new = comparison.new
    brought = frozenset(ref for ref in comparison.dirty if new.has(ref) and not _is_structure(new.get(ref)))
    trailer = new.pdf.trailer.unparse(resolved=True)
    return bool(brought) and not new.reach(refs_in(trailer), frozenset(), set(), brought)


def _is_structure(value: object) -> bool:
    """A cross-reference stream, an object stream, or the dictionary of a linearised file (annex F)."""
    holder = dictionary_of(value)
    return name_of(holder.get("/Type")) in ("/XRef", "/ObjStm") or "/Linearized" in holder


def _trailer(comparison: Comparison) -> Iterator[Difference]:
    before, after = (dictionary_of(objects.pdf.trailer) for objects in (comparison.old, comparison.new))
    if ref_of(comparison.old.root) != ref_of(comparison.new.root):
        yield Difference(Part.TRAILER, ChangeKind.CATALOG, "/Root", "/Root")
    for key in sorted((after.keys() | ({"/Encrypt"} & before.keys())) - _TRAILER_OWN):
        if not comparison.same(before.get(key), after.get(key)):
            kind = ChangeKind.DESCRIPTION if key == "/Info" else ChangeKind.TRAILER
            yield Difference(Part.TRAILER, kind, key, key, before.get(key), after.get(key))


def _catalog(comparison: Comparison) -> Iterator[Difference]:
    before, after = dictionary_of(comparison.old.root), dictionary_of(comparison.new.root)
    for key in sorted((before.keys() | after.keys()) - _IN_ROLES):
        if comparison.same(before.get(key), after.get(key)):
            continue
        if key == "/Names":
            for name in sorted(comparison.differing_keys(before.get(key), after.get(key))):
                yield Difference(Part.CATALOG, _NAMES_KINDS.get(name, ChangeKind.CATALOG), f"/Names{name}", key)
        else:
            for kind in comparison.kinds(before.get(key), _catalog_kind(key, before.get(key), after.get(key))):
                yield Difference(Part.CATALOG, kind, key, key, before.get(key), after.get(key))


def _catalog_kind(key: str, before: pikepdf.Object | None, after: pikepdf.Object | None) -> ChangeKind:
    """As what an entry is told; the page at which a document opens is no script."""
    if key == "/OpenAction" and only_leads(before) and only_leads(after):
        return ChangeKind.CATALOG
    return _CATALOG_KINDS.get(key, ChangeKind.CATALOG)


def _pages(comparison: Comparison) -> Iterator[Difference]:
    old, new = comparison.old_tree, comparison.new_tree
    pairs = comparison.page_pairs
    kept = [(pairs.get(ref), kids) for ref, kids in old.shape] == new.shape
    if not kept:
        yield from _tree_differences(old.pages, new.pages)
    for node in old.nodes:
        if comparison.equality.is_untouched(node):
            continue
        before, after = comparison.old.get(node), comparison.new.get(pairs[node])
        if kept and not _same_kids(comparison, before, after):
            yield Difference(Part.PAGE, ChangeKind.PAGE_TREE)
        for key in sorted(comparison.differing_keys(before, after) - {"/Kids"}):
            yield Difference(Part.PAGE, _PAGE_KINDS.get(key, ChangeKind.PAGE_OTHER), key=key)
    for index, page in enumerate(old.pages):
        if comparison.equality.is_untouched(page):
            continue
        found = list(_page_differences(comparison, index, page))
        yield from found
        if found and pairs[page] != page:
            yield Difference(Part.PAGE, ChangeKind.PAGES_ADDED, str(index + 1))
            yield Difference(Part.PAGE, ChangeKind.PAGES_REMOVED, str(index + 1))


def _same_kids(comparison: Comparison, before: object, after: object) -> bool:
    """Whether the kids of a node are the same ones; one that is no object of its own has no role, only content."""
    first, second = (items(dictionary_of(node).get("/Kids")) for node in (before, after))
    pairs = comparison.page_pairs
    return len(first) == len(second) and all(
        pairs[ref] == ref_of(other) if (ref := ref_of(one)) in pairs else comparison.same(one, other)
        for one, other in zip(first, second, strict=True)
    )


def _page_differences(comparison: Comparison, index: int, page: Ref) -> Iterator[Difference]:
    """The entries of a page that differ; one that it had from above may stand in it now (§7.7.3.4)."""
    later = comparison.page_pairs[page]
    before = _with_inherited(comparison.old, page, comparison.old_tree.inherited[page])
    after = _with_inherited(comparison.new, later, comparison.new_tree.inherited.get(later, {}))
    for key in sorted((before.keys() | after.keys()) - {"/Annots"}):
        first, second = before.get(key), after.get(key)
        alike = comparison.same(first, second) or means_the_same(key, before, after)
        if not alike and not (key in BOXES and same_box(first, second)):
            for kind in comparison.kinds(first, _PAGE_KINDS.get(key, ChangeKind.PAGE_OTHER)):
                yield Difference(Part.PAGE, kind, str(index + 1), key, first, second, page=index)


def _with_inherited(
    objects: RevisionObjects, page: Ref, above: Mapping[str, pikepdf.Object]
) -> dict[str, pikepdf.Object]:
    """The entries of a page, and of the nodes above it those that it does not have."""
    return {**{key: above[key] for key in INHERITED if key in above}, **dictionary_of(objects.get(page))}


def _tree_differences(before: Sequence[Ref], after: Sequence[Ref]) -> Iterator[Difference]:
    added = [number for number, ref in enumerate(after, 1) if ref not in before]
    removed = [number for number, ref in enumerate(before, 1) if ref not in after]
    if added:
        yield Difference(Part.PAGE, ChangeKind.PAGES_ADDED, ", ".join(map(str, added)))
    if removed:
        yield Difference(Part.PAGE, ChangeKind.PAGES_REMOVED, ", ".join(map(str, removed)))
    if not added and not removed:
        kind = ChangeKind.PAGE_TREE if list(before) == list(after) else ChangeKind.PAGES_REORDERED
        yield Difference(Part.PAGE, kind)
